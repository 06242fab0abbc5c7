package reference

import (
	"sync"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Client is one Engine.IO session with the sockets that it carries, at most one for each namespace. Applications use
// its sockets; it is exported for Departures.
type Client struct {
	server  *Server
	session *engineio.Session
	decoder packet.Decoder // of the session's goroutine

	mu      sync.Mutex
	sockets map[string]*Socket // those that are joining too
	closed  bool
	timer   *time.Timer
}

func newClient(s *Server, session *engineio.Session) {
	c := &Client{server: s, session: session, sockets: map[string]*Socket{}}
	timeout := s.options.ConnectTimeout
	if departure := s.options.Departures.ConnectTimeout; departure != nil {
		timeout = departure(timeout)
	}
	c.timer = time.AfterFunc(timeout, session.Close)
	session.Handle(c.onMessage, c.onClose)
	if departure := s.options.Departures.Opened; departure != nil {
		departure(c)
	}
}

// Session gives the session.
func (c *Client) Session() *engineio.Session { return c.session }

// Namespaces gives the names of the namespaces that the client has joined or is joining.
func (c *Client) Namespaces() []string {
	var names []string
	for _, socket := range c.all() {
		names = append(names, socket.namespaceName)
	}
	return names
}

// Handle does what a packet of the client asks for.
func (c *Client) Handle(p *packet.Packet) {
	if p.Type == packet.Connect {
		c.connect(p)
		return
	}
	socket := c.find(p.Namespace)
	if socket == nil {
		c.violate(p, NotConnected)
		return
	}
	switch p.Type {
	case packet.Event, packet.BinaryEvent:
		socket.queue.add(func() { socket.dispatch(p) })
	case packet.Ack, packet.BinaryAck:
		socket.acknowledge(p)
	case packet.Disconnect:
		c.forget(socket)
		socket.left("client namespace disconnect")
	default:
		c.violate(p, NotOfAClient)
	}
}

// Abort ends the session at once because the client broke a rule.
func (c *Client) Abort() { c.session.Abort("forced close") }

// Disarm lets the client stay as long as it likes without joining a namespace.
func (c *Client) Disarm() { c.timer.Stop() }

func (c *Client) onMessage(message engineio.Message) {
	if departure := c.server.options.Departures.Received; departure != nil {
		for _, message := range departure(c, message) {
			c.decode(message)
		}
		return
	}
	c.decode(message)
}

func (c *Client) decode(message engineio.Message) {
	decode := c.decoder.Text
	if message.Binary {
		decode = c.decoder.Binary
	}
	p, err := decode(message.Data)
	departures := &c.server.options.Departures
	switch {
	case err != nil:
		if departures.Malformed == nil || !departures.Malformed(c, message, err) {
			c.Abort()
		}
	case p == nil: // attachments follow
	case departures.Incoming != nil:
		for _, p := range departures.Incoming(c, p) {
			c.Handle(p)
		}
	default:
		c.Handle(p)
	}
}

func (c *Client) onClose(reason string) {
	c.mu.Lock()
	c.closed = true
	c.timer.Stop()
	c.mu.Unlock()
	for _, socket := range c.all() {
		socket.left(reason)
	}
}

// violate ends the session of a client that sent what it must not send.
func (c *Client) violate(p *packet.Packet, violation Violation) {
	if tolerate := c.server.options.Departures.Violation; tolerate == nil || !tolerate(c, p, violation) {
		c.Abort()
	}
}

// connect answers a CONNECT packet. The namespace's queue does so, as middlewares may take their time.
func (c *Client) connect(p *packet.Packet) {
	auth := packet.Raw([]byte(`{}`))
	if len(p.Data) > 0 {
		auth = p.Data[0]
	}
	if departure := c.server.options.Departures.Auth; departure != nil {
		auth = departure(c, p.Namespace, auth)
	}
	if c.find(p.Namespace) != nil {
		c.violate(p, AlreadyConnected)
		return
	}
	socket := newSocket(c, p.Namespace, auth)
	c.mu.Lock()
	c.sockets[p.Namespace] = socket
	c.mu.Unlock()
	socket.queue.add(socket.join)
}

// joined disarms the connect timeout. It is false where the session has ended.
func (c *Client) joined(namespace string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if keep := c.server.options.Departures.KeepConnectTimer; keep == nil || !keep(namespace) {
		c.timer.Stop()
	}
	return !c.closed
}

// encode gives the messages of a packet.
func (c *Client) encode(p *packet.Packet) []engineio.Message {
	departures := &c.server.options.Departures
	packets := []*packet.Packet{p}
	if departures.Outgoing != nil {
		packets = departures.Outgoing(c, p)
	}
	var messages []engineio.Message
	for _, p := range packets {
		text, attachments := packet.Encode(p)
		encoded := make([]engineio.Message, 1, 1+len(attachments))
		encoded[0] = engineio.Message{Data: text}
		for _, attachment := range attachments {
			encoded = append(encoded, engineio.Message{Data: attachment, Binary: true})
		}
		if departures.Encoded != nil {
			encoded = departures.Encoded(c, p, encoded)
		}
		messages = append(messages, encoded...)
	}
	return messages
}

func (c *Client) find(namespace string) *Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sockets[namespace]
}

func (c *Client) forget(socket *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sockets[socket.namespaceName] == socket {
		delete(c.sockets, socket.namespaceName)
	}
}

func (c *Client) all() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	sockets := make([]*Socket, 0, len(c.sockets))
	for _, socket := range c.sockets {
		sockets = append(sockets, socket)
	}
	return sockets
}

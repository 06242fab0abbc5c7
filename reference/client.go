package reference

import (
	"sync"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Client is one Engine.IO session and its sockets, at most one for each namespace. Applications use its sockets; [Rules]
// see it.
type Client struct {
	server  *Server
	session *engineio.Session
	decoder packet.Decoder // used by the session's goroutine only

	mu      sync.Mutex
	sockets map[string]*Socket // including those that are still joining
	closed  bool
	timer   *time.Timer
}

// serveClient handles a session that has opened, until it ends.
func serveClient(s *Server, session *engineio.Session) {
	c := &Client{server: s, session: session, sockets: map[string]*Socket{}}
	c.timer = time.AfterFunc(s.rules.Connect.Timeout(s.options.ConnectTimeout), session.Close)
	session.Handle(c.onMessage, c.onClose)
	s.rules.Connect.Opened(c)
}

// Session returns the session.
func (c *Client) Session() *engineio.Session { return c.session }

// Namespaces returns the names of the namespaces that the client has joined or is joining.
func (c *Client) Namespaces() []string {
	var names []string
	for _, socket := range c.all() {
		names = append(names, socket.namespaceName)
	}
	return names
}

// Abort ends the session at once because the client broke a rule.
func (c *Client) Abort() { c.session.Abort("forced close") }

// Disarm stops the connect timeout: the client may stay connected without joining a namespace.
func (c *Client) Disarm() { c.timer.Stop() }

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

package reference

import (
	"errors"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// ConnectRules decide how a client joins a namespace.
type ConnectRules interface {
	// Opened sees each session when it opens.
	Opened(c *Client)
	// Timeout is how long a session may stay without joining a namespace.
	Timeout(timeout time.Duration) time.Duration
	// StopsTimer reports whether joining a namespace stops that timer.
	StopsTimer(namespace string) bool
	// Auth returns the auth object of a socket, given the one that the client sent.
	Auth(c *Client, namespace string, sent Value) Value
	// SocketID returns the ID of a socket, given the one that was generated for it.
	SocketID(c *Client, namespace, made string) string
	// Middlewares returns those of the namespace's middlewares that run for a socket.
	Middlewares(s *Socket, all []Middleware) []Middleware
}

// DefaultConnect has the rules of the protocol document, section "Connection to a namespace".
type DefaultConnect struct{}

// Opened does nothing: a session is in no namespace until its client asks for one.
func (DefaultConnect) Opened(*Client) {}

// Timeout is the one from the server's options.
func (DefaultConnect) Timeout(timeout time.Duration) time.Duration { return timeout }

// StopsTimer is true for each namespace.
func (DefaultConnect) StopsTimer(string) bool { return true }

// Auth is what the client sent.
func (DefaultConnect) Auth(_ *Client, _ string, sent Value) Value { return sent }

// SocketID is the generated one: a different ID for each namespace, and never the session's.
func (DefaultConnect) SocketID(_ *Client, _, made string) string { return made }

// Middlewares are all, in the order in which they were added.
func (DefaultConnect) Middlewares(_ *Socket, all []Middleware) []Middleware { return all }

// connect handles a CONNECT packet. The answer comes from the socket's queue, since middlewares may take a while.
func (c *Client) connect(p *packet.Packet) {
	auth := packet.Raw([]byte(`{}`))
	if len(p.Data) > 0 {
		auth = p.Data[0]
	}
	auth = c.server.rules.Connect.Auth(c, p.Namespace, auth)
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

// joined stops the connect timeout. It returns false if the session has ended.
func (c *Client) joined(namespace string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server.rules.Connect.StopsTimer(namespace) {
		c.timer.Stop()
	}
	return !c.closed
}

// join is the first thing that runs on the socket's queue: it finds the namespace, runs the middlewares, and answers the
// CONNECT packet.
func (s *Socket) join() {
	ns := s.client.server.enter(s.namespaceName, s.auth)
	if ns == nil {
		s.refuse(&Refusal{Message: "Invalid namespace"})
		return
	}
	s.namespace = ns
	ns.mu.RLock()
	middlewares := ns.middlewares
	ns.mu.RUnlock()
	for _, middleware := range ns.server.rules.Connect.Middlewares(s, middlewares) {
		if err := middleware(s); err != nil {
			s.refuse(err)
			return
		}
	}

	s.mu.Lock()
	if s.state != joining || !s.client.joined(ns.name) {
		s.state = gone
		s.mu.Unlock()
		return
	}
	s.state = settling
	s.held = s.client.encode(&packet.Packet{Type: packet.Connect, Namespace: ns.name, Data: []Value{s.sid()}})
	s.mu.Unlock()

	ns.mu.Lock()
	ns.sockets[s] = struct{}{}
	listeners := ns.onConnection
	ns.mu.Unlock()
	for _, listener := range listeners {
		listener(s)
	}
	s.settle(true)
}

func (s *Socket) sid() Value {
	value, _ := packet.Of(map[string]any{"sid": s.id})
	return value
}

// settle sends what was held back. If the connection listeners have returned, it also leaves the settling state.
func (s *Socket) settle(returned bool) {
	s.mu.Lock()
	if s.held != nil {
		s.client.session.Send(s.held...)
		s.held = nil
	}
	dismissing := returned && s.state == dismissed
	switch {
	case dismissing:
		s.state = gone
	case returned && s.state == settling:
		s.state = connected
	}
	s.mu.Unlock()
	if dismissing {
		s.endByServer(s.afterwards)
	}
}

// refuse answers a CONNECT packet with a CONNECT_ERROR packet. The session stays usable.
func (s *Socket) refuse(err error) {
	fields := map[string]any{"message": err.Error()}
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Data != nil {
		fields["data"] = refusal.Data
	}
	s.mu.Lock()
	s.state = refused
	s.mu.Unlock()
	s.client.forget(s)
	s.client.session.Occasion(engineio.ClientRefused)
	value, err := packet.Of(fields)
	if err != nil {
		value, _ = packet.Of(map[string]any{"message": fields["message"]})
	}
	s.client.session.Send(s.client.encode(&packet.Packet{Type: packet.ConnectError, Namespace: s.namespaceName, Data: []Value{value}})...)
}

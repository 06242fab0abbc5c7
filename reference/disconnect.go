package reference

import (
	"slices"

	"example.test/conformance/reference/packet"
)

// DisconnectRules decide which disconnect events a client that leaves a namespace causes.
type DisconnectRules interface {
	// Reasons returns the reasons of the disconnect events to raise when a socket leaves for the given reason.
	Reasons(s *Socket, reason string) []string
}

// DefaultDisconnect has the rules of the protocol document, section "Disconnection from a namespace".
type DefaultDisconnect struct{}

// Reasons returns just that reason: listeners are called once for each socket that leaves.
func (DefaultDisconnect) Reasons(_ *Socket, reason string) []string { return []string{reason} }

func (c *Client) onClose(reason string) {
	c.mu.Lock()
	c.closed = true
	c.timer.Stop()
	c.mu.Unlock()
	for _, socket := range c.all() {
		socket.left(reason)
	}
}

// Disconnect takes the client out of the namespace. With closeSession, all its other sockets leave too, and the session
// ends once everything sent so far has gone out.
func (s *Socket) Disconnect(closeSession bool) {
	if !closeSession {
		s.dismiss(nil)
		return
	}
	others := slices.DeleteFunc(s.client.all(), func(other *Socket) bool { return other == s })
	s.dismiss(func() {
		for _, other := range others {
			other.dismiss(nil)
		}
		s.client.session.Close()
	})
}

// left ends the socket because the client or the session has gone. Packets that came before are handled first.
func (s *Socket) left(reason string) {
	s.finish()
	s.queue.addNow(func() {
		s.mu.Lock()
		was := s.state
		if was == settling || was == connected {
			s.state = gone
		}
		s.mu.Unlock()
		if was == settling || was == connected {
			s.end(reason)
		}
	})
}

// dismiss ends the socket because the application asked for it, then calls after, which may be nil.
func (s *Socket) dismiss(after func()) {
	var afterwards []func()
	if after != nil {
		afterwards = append(afterwards, after)
	}
	s.mu.Lock()
	was := s.state
	switch was {
	case settling:
		s.state = dismissed
		s.afterwards = afterwards
	case dismissed:
		s.afterwards = append(s.afterwards, afterwards...)
	case connected:
		s.state = gone
	}
	s.mu.Unlock()
	switch was {
	case connected:
		s.client.forget(s)
		s.endByServer(afterwards)
	case settling:
		s.client.forget(s)
	case joining, refused, gone:
		for _, after := range afterwards {
			after()
		}
	}
}

// endByServer ends the socket. It sends the DISCONNECT packet when the listeners have returned.
func (s *Socket) endByServer(afterwards []func()) {
	s.end("server namespace disconnect")
	s.client.session.Send(s.client.encode(&packet.Packet{Type: packet.Disconnect, Namespace: s.namespaceName})...)
	for _, after := range afterwards {
		after()
	}
}

// end tells the listeners that the socket has left.
func (s *Socket) end(reason string) {
	s.finish()
	s.namespace.mu.Lock()
	delete(s.namespace.sockets, s)
	s.namespace.mu.Unlock()
	s.mu.Lock()
	listeners := s.onDisconnect
	s.mu.Unlock()
	for _, reason := range s.client.server.rules.Disconnect.Reasons(s, reason) {
		for _, listener := range listeners {
			listener(reason)
		}
	}
}

// finish releases whoever waits for the client.
func (s *Socket) finish() { s.finished.Do(func() { close(s.done) }) }

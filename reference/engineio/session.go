package engineio

import (
	"net/http"
	"sync"
	"time"
)

// SessionRules decide how long a session lasts, and which packets it carries.
type SessionRules interface {
	// Ends reports whether a session ends on an occasion.
	Ends(s *Session, on Occasion) bool
	// Forgets reports whether a session is unknown after it ended for the given reason.
	Forgets(reason string) bool
	// LastPacket returns the packet that answers the poll of a session that ends for the given reason.
	LastPacket(reason string) Packet
	// MaxPayload is how many bytes a POST's body or a WebSocket message may have, given the limit told in the handshake.
	MaxPayload(told int64) int64
	// Outgoing returns the packets to send over a transport when the given ones are due.
	Outgoing(s *Session, transport string, packets []Packet) []Packet
	// Incoming returns the packets to act on when the given ones came over a transport.
	Incoming(s *Session, transport string, packets []Packet) []Packet
}

// DefaultSession has the protocol document's rules for sessions, most of them from its sections "HTTP long-polling" and
// "Heartbeat".
type DefaultSession struct{}

// Ends is true when the client closes the session or aborts one of its requests, when it has two requests of a kind under
// way ("the server MUST return an HTTP 400 error status and close the session"), when it sends something that is not a
// packet, when it sends a ping, which only the server may do, when it does not answer a ping, and when the session's
// WebSocket is gone. A POST that is too large, a method that is not served, an unsolicited pong, and a failed upgrade do not
// affect the session.
func (DefaultSession) Ends(_ *Session, on Occasion) bool {
	switch on {
	case ClientClose, SecondPoll, SecondPost, BrokenOffPoll, BrokenOffPost, BrokenPayload, BrokenMessage, ClientPing,
		PingTimeout, SocketLost, UpgradedSocketLost:
		return true
	}
	return false
}

// Forgets is true: a session that has ended is unknown, whatever the reason.
func (DefaultSession) Forgets(string) bool { return true }

// LastPacket returns a close packet, which tells a polling client that the session has ended. A client that closed the
// session itself gets a noop.
func (DefaultSession) LastPacket(reason string) Packet {
	if reason == "transport close" {
		return Packet{Type: Noop}
	}
	return Packet{Type: Close}
}

// MaxPayload is the limit told in the handshake: "The maximum number of bytes per chunk" (section "Handshake").
func (DefaultSession) MaxPayload(told int64) int64 { return told }

// Outgoing returns all packets: each is sent once, and in order (section "Message").
func (DefaultSession) Outgoing(_ *Session, _ string, packets []Packet) []Packet { return packets }

// Incoming returns all packets: each is acted on once, and in order (section "Message").
func (DefaultSession) Incoming(_ *Session, _ string, packets []Packet) []Packet { return packets }

// Session is one Engine.IO session. Its methods may be called from any goroutine.
type Session struct {
	server  *Server
	id      string
	request *http.Request

	mu        sync.Mutex
	transport string
	state     state
	out       []Packet // packets that wait for the transport
	outSize   int      // bytes in out
	timer     *time.Timer
	awaiting  bool // a ping waits for its pong
	upgraded  bool

	// polling
	waiting chan []Packet // the poll under way
	posting bool
	cutPost func() // ends the reading of the POST under way

	// WebSocket
	socket  *socket // the session's
	probing *socket // the one that probes for an upgrade
	probed  bool
	noops   int // how many answered polls during the upgrade

	// what to tell the application, in order
	told      *sync.Cond
	events    []event
	untold    int // bytes in events
	onMessage func(Message)
	onClose   func(string)
}

type state int

const (
	opening state = iota
	established
	closing // waiting packets go out, then the session ends
	ended
)

// event is a message for the application, or the session's end.
type event struct {
	message Message
	end     string
}

// maxWaiting is how many messages of a client may wait for the application before the server stops reading from the client.
// It also stops when they have Options.MaxPayload bytes altogether; the last of them may exceed that.
const maxWaiting = 1024

// maxUnsent is how many bytes a client may leave unfetched or unread before the server ends the session.
const maxUnsent = 64 << 20

func newSession(server *Server, id string, r *http.Request, transport string) *Session {
	s := &Session{server: server, id: id, request: r, transport: transport}
	s.told = sync.NewCond(&s.mu)
	return s
}

// ID returns the session's ID.
func (s *Session) ID() string { return s.id }

// Request returns the request that opened the session.
func (s *Session) Request() *http.Request { return s.request }

// Transport returns the transport that the session uses at present: Polling or WebSocket.
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transport
}

// Handle sets the functions that get the client's messages and the reason of the session's end. They are called one at a
// time, in the order of events. Call Handle within Options.OnConnection.
func (s *Session) Handle(onMessage func(Message), onClose func(reason string)) {
	s.onMessage, s.onClose = onMessage, onClose
}

// Send sends messages together and in order. It never waits. After the session's end it does nothing.
func (s *Session) Send(messages ...Message) {
	packets := make([]Packet, len(messages))
	for i, m := range messages {
		packets[i] = Packet{Type: Text, Data: m.Data, Binary: m.Binary}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send(packets...)
}

// send is [Session.Send] for packets. s.mu is held.
func (s *Session) send(packets ...Packet) {
	if s.state != opening && s.state != established {
		return
	}
	s.out = append(s.out, packets...)
	for _, p := range packets {
		s.outSize += len(p.Data)
	}
	s.flush()
	if s.outSize > maxUnsent {
		s.finish("transport error")
	}
}

// flush passes the waiting packets to the transport. s.mu is held.
func (s *Session) flush() {
	if len(s.out) == 0 {
		return
	}
	switch {
	case s.transport == WebSocket && s.socket != nil:
		s.socket.send(s.outgoing(WebSocket, s.take()))
	case s.transport == Polling && s.waiting != nil:
		s.waiting <- s.take()
		s.waiting = nil
		if s.state == closing {
			s.finish("")
		}
	case s.probed && s.probing != nil && s.server.rules.Upgrade.ProbingCarries():
		s.probing.send(s.outgoing(WebSocket, s.take()))
	}
}

// take returns the waiting packets, which then wait no longer. s.mu is held.
func (s *Session) take() []Packet {
	packets := s.out
	s.out, s.outSize = nil, 0
	return packets
}

func (s *Session) outgoing(transport string, packets []Packet) []Packet {
	return s.server.rules.Session.Outgoing(s, transport, packets)
}

// tell calls the application until the session's end.
func (s *Session) tell() {
	defer s.server.running.Done()
	for {
		s.mu.Lock()
		for len(s.events) == 0 {
			s.told.Wait()
		}
		all := s.events
		s.events, s.untold = nil, 0
		s.told.Broadcast()
		s.mu.Unlock()
		for _, e := range all {
			if e.end != "" {
				s.onClose(e.end)
				return
			}
			s.onMessage(e.message)
		}
	}
}

// receive acts on packets from the client.
func (s *Session) receive(transport string, packets []Packet) {
	packets = s.server.rules.Session.Incoming(s, transport, packets)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range packets {
		if s.state != established {
			return
		}
		switch p.Type {
		case Text:
			for s.state == established && (len(s.events) >= maxWaiting || int64(s.untold) >= s.server.options.MaxPayload) {
				s.told.Wait()
			}
			if s.state != established {
				return
			}
			s.events = append(s.events, event{message: Message{p.Data, p.Binary}})
			s.untold += len(p.Data)
			s.told.Broadcast()
		case Pong:
			s.pong()
		case Ping:
			s.happens(ClientPing, "transport error")
		case Close:
			s.happens(ClientClose, "transport close")
		}
	}
}

// Close ends the session once everything sent before has gone out: with a close packet over polling, a close frame over
// WebSocket.
func (s *Session) Close() {
	s.server.occasion(ClosedByServer, s.request)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state == closing || s.state == ended:
	case s.transport == WebSocket:
		s.finish("forced close")
	default:
		if s.probing != nil {
			s.out = s.server.rules.Upgrade.Buffered(ClosedByServer, s.out)
		}
		s.out = append(s.out, s.server.rules.Session.LastPacket("forced close"))
		s.state = closing
		if s.timer != nil {
			s.timer.Stop()
		}
		s.timer = time.AfterFunc(s.server.options.PingInterval+s.server.options.PingTimeout, func() { s.end("forced close") })
		s.flush()
	}
}

// Abort ends the session at once; reason goes to the close handler.
func (s *Session) Abort(reason string) {
	s.server.occasion(AbortedByServer, s.request)
	s.end(reason)
}

// happened is like happens, for a session that is not locked.
func (s *Session) happened(on Occasion, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happens(on, reason)
}

// happens ends the session if the occasion ends one. s.mu is held.
func (s *Session) happens(on Occasion, reason string) {
	if s.server.rules.Session.Ends(s, on) {
		s.finish(reason)
	}
}

func (s *Session) end(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(reason)
}

// finish ends the session. Only the last calls of the application remain. s.mu is held.
func (s *Session) finish(reason string) {
	if s.state == ended {
		return
	}
	if reason == "" {
		reason = "forced close"
	}
	s.state = ended
	if s.timer != nil {
		s.timer.Stop()
	}
	if s.waiting != nil {
		s.waiting <- []Packet{s.server.rules.Session.LastPacket(reason)}
		s.waiting = nil
	}
	if s.cutPost != nil {
		s.cutPost()
	}
	if s.socket != nil && (!s.upgraded || s.server.rules.Upgrade.ClosesUpgraded(reason)) {
		s.socket.close()
	}
	if s.probing != nil && s.server.rules.Upgrade.ClosesProbing() {
		s.probing.close()
	}
	s.events = append(s.events, event{end: reason})
	s.told.Broadcast()
	if s.server.rules.Session.Forgets(reason) {
		s.server.forget(s)
	}
}

// cut closes the session's connections at once.
func (s *Session) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, socket := range []*socket{s.socket, s.probing} {
		if socket != nil {
			_ = socket.conn.Close()
		}
	}
}

package engineio

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Session is one Engine.IO session. Its methods may be called from any goroutine.
type Session struct {
	server  *Server
	id      string
	request *http.Request

	mu        sync.Mutex
	transport string
	state     state
	out       []Packet // waits for the transport
	outSize   int      // bytes in out
	timer     *time.Timer
	awaiting  bool // a pong
	early     bool // a pong has come that was not awaited
	upgraded  bool

	// polling
	waiting chan []Packet // the poll under way
	posting bool
	cutPost func() // ends the reading of the POST under way

	// WebSocket
	socket  *socket // the session's
	probing *socket // beside it
	probed  bool
	noops   int // in answer to polls during the upgrade

	// what the application is told, in order
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
	closing // what waits goes out, then the session ends
	ended
)

// event is a message for the application, or the session's end.
type event struct {
	message Message
	end     string
}

// maxWaiting is how many messages of a client may wait for the application before the client is not read any more.
// They may have Options.MaxPayload bytes altogether, and the last of them more.
const maxWaiting = 1024

// maxUnsent is how many bytes a client may leave unfetched, or unread, before it is given up.
const maxUnsent = 64 << 20

func newSession(server *Server, id string, r *http.Request, transport string) *Session {
	s := &Session{server: server, id: id, request: r, transport: transport}
	s.told = sync.NewCond(&s.mu)
	return s
}

// ID of the session.
func (s *Session) ID() string { return s.id }

// Request that opened the session.
func (s *Session) Request() *http.Request { return s.request }

// Transport that the session uses at present: Polling or WebSocket.
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transport
}

// Handle says who gets the client's messages, and who is told of the session's end and its reason. Both are called
// one after the other, in the order of events. To be called inside of Options.OnConnection.
func (s *Session) Handle(onMessage func(Message), onClose func(reason string)) {
	s.onMessage, s.onClose = onMessage, onClose
}

// Send sends messages, which stay together and in order. It never waits. After the session's end it does nothing.
func (s *Session) Send(messages ...Message) {
	packets := make([]Packet, len(messages))
	for i, m := range messages {
		packets[i] = Packet{Type: Text, Data: m.Data, Binary: m.Binary}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send(packets...)
}

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

// flush hands over to the transport what waits for it.
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
	}
}

func (s *Session) take() []Packet {
	packets := s.out
	s.out, s.outSize = nil, 0
	return packets
}

func (s *Session) outgoing(transport string, packets []Packet) []Packet {
	if f := s.server.options.Departures.Outgoing; f != nil {
		return f(s, transport, packets)
	}
	return packets
}

// open tells the application of the session and sends the open packet.
func (s *Session) open(transport string) Packet {
	upgrades := []string{}
	if transport == Polling {
		for _, other := range s.server.options.Transports {
			if other == WebSocket {
				upgrades = append(upgrades, other)
			}
		}
	}
	options := &s.server.options
	text, _ := json.Marshal(struct {
		SID          string   `json:"sid"`
		Upgrades     []string `json:"upgrades"`
		PingInterval int64    `json:"pingInterval"`
		PingTimeout  int64    `json:"pingTimeout"`
		MaxPayload   int64    `json:"maxPayload"`
	}{s.id, upgrades, options.PingInterval.Milliseconds(), options.PingTimeout.Milliseconds(), options.MaxPayload})
	packet := Packet{Type: Open, Data: text}
	if f := options.Departures.OpenPacket; f != nil {
		packet = f(s, transport, string(text))
	}
	options.OnConnection(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == opening { // and not over already
		s.state = established
		s.timer = time.AfterFunc(changed(options.Departures.PingInterval, options.PingInterval), s.ping)
	}
	go s.tell()
	return packet
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

// receive acts on packets of the client.
func (s *Session) receive(transport string, packets []Packet) {
	d := &s.server.options.Departures
	if d.Incoming != nil {
		packets = d.Incoming(s, transport, packets)
	}
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
			if !d.IgnorePing {
				s.finish("transport error")
			}
		case Close:
			if !d.IgnoreClose {
				s.closeByClient()
			}
		}
	}
}

// closeByClient ends the session at the client's wish: a poll under way gets a noop.
func (s *Session) closeByClient() {
	if s.waiting != nil {
		s.waiting <- []Packet{{Type: Noop}}
		s.waiting = nil
	}
	s.finish("transport close")
}

// ping asks the client for a pong.
func (s *Session) ping() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != established || s.upgraded && s.server.options.Departures.NoHeartbeatAfter {
		return
	}
	if s.probing != nil && s.server.options.Departures.HeartbeatPauses {
		s.timer.Reset(s.server.options.PingInterval)
		return
	}
	s.awaiting = true
	timeout := changed(s.server.options.Departures.PingTimeout, s.server.options.PingTimeout)
	s.timer = time.AfterFunc(timeout, s.timeOut)
	if s.transport == WebSocket || s.waiting != nil || !s.server.options.Departures.PingsNeedPoll {
		s.send(Packet{Type: Ping})
	}
	if s.early && s.server.options.Departures.EarlyPongsCount {
		s.pong()
	}
}

func (s *Session) timeOut() {
	s.server.occasion(PingTimeout, s.request)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.awaiting { // and the pong did not come while this waited for the lock
		s.finish("ping timeout")
	}
}

func (s *Session) pong() {
	if !s.awaiting && s.server.options.Departures.UnaskedPongEnds {
		s.finish("transport error")
	}
	s.early = !s.awaiting
	if s.awaiting {
		s.awaiting = false
		s.timer.Stop()
		s.timer = time.AfterFunc(changed(s.server.options.Departures.PingInterval, s.server.options.PingInterval), s.ping)
	}
}

// Close ends the session when what was sent before has gone out: with a close packet over polling, a close frame over
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
		if s.probing != nil && s.server.options.Departures.CloseDropsBuffer {
			s.out = nil
		}
		s.out = append(s.out, Packet{Type: Close})
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
	if s.server.options.Departures.RaiseForAborts {
		s.server.raise(ConnectionError{Request: s.request, Code: BadRequest, Message: messages[BadRequest]})
	}
	s.end(reason)
}

func (s *Session) end(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(reason)
}

// finish ends the session: nothing of it is left but the application's last calls.
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
		s.waiting <- []Packet{{Type: Close}}
		s.waiting = nil
	}
	if s.cutPost != nil {
		s.cutPost()
	}
	if s.socket != nil {
		s.socket.close()
	}
	if s.probing != nil && !s.server.options.Departures.ProbingOutlives {
		s.probing.close()
	}
	s.events = append(s.events, event{end: reason})
	s.told.Broadcast()
	if !s.server.options.Departures.SessionOutlives {
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

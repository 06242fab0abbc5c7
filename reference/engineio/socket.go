package engineio

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Time limits of a WebSocket.
const (
	writeTimeout = 10 * time.Second
	closeTimeout = time.Second // for the client's answer to a close frame
)

// socket is one WebSocket connection. Packets wait in a queue for a goroutine that writes them.
type socket struct {
	conn    *websocket.Conn
	d       *Departures
	mu      sync.Mutex
	wake    *sync.Cond
	queue   []Packet
	unsent  int
	closing bool
	broken  bool
}

func newSocket(conn *websocket.Conn, d *Departures) *socket {
	k := &socket{conn: conn, d: d}
	k.wake = sync.NewCond(&k.mu)
	return k
}

func (k *socket) send(packets []Packet) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range packets {
		k.unsent += len(p.Data)
	}
	if k.unsent > maxUnsent {
		k.broken = true
		_ = k.conn.Close()
	}
	if !k.broken && !k.closing {
		k.queue = append(k.queue, packets...)
	}
	k.wake.Signal()
}

// close closes the connection when what waits has gone out.
func (k *socket) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closing = true
	k.wake.Signal()
}

// write writes the packets, each in a message of its own, until the connection closes.
func (k *socket) write() {
	for {
		k.mu.Lock()
		for len(k.queue) == 0 && !k.closing && !k.broken {
			k.wake.Wait()
		}
		packets := k.queue
		k.queue, k.unsent = nil, 0
		over := len(packets) == 0
		k.mu.Unlock()
		if over {
			break
		}
		for _, p := range packets {
			_ = k.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
			if k.writePacket(p) != nil {
				k.mu.Lock()
				k.broken = true
				k.mu.Unlock()
				_ = k.conn.Close()
				return
			}
		}
	}
	if k.d.NoCloseFrame {
		_ = k.conn.Close()
		return
	}
	_ = k.conn.WriteControl(websocket.CloseMessage, nil, time.Now().Add(closeTimeout))
	time.AfterFunc(closeTimeout, func() { _ = k.conn.Close() })
	_ = k.conn.SetReadDeadline(time.Now().Add(closeTimeout))
}

func (k *socket) writePacket(p Packet) error {
	if p.Binary {
		return k.conn.WriteMessage(websocket.BinaryMessage, p.Data)
	}
	return k.conn.WriteMessage(websocket.TextMessage, p.Encode())
}

// read hands over each message, and calls over when there are no more.
func (k *socket) read(take func(text bool, data []byte) (more bool), over func()) {
	for {
		kind, data, err := k.conn.ReadMessage()
		if err != nil || !take(kind == websocket.TextMessage, data) {
			break
		}
	}
	over()
	// A connection that is closing is read on: closing it with bytes unread would reset it, and take from the client
	// what was written last.
	for err := error(nil); err == nil; {
		_, _, err = k.conn.NextReader()
	}
	k.drain()
	k.mu.Lock()
	k.broken = true
	k.wake.Signal()
	k.mu.Unlock()
	_ = k.conn.Close()
}

// drain reads what comes after the close frame.
func (k *socket) drain() {
	conn := k.conn.NetConn()
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = conn.SetReadDeadline(time.Now().Add(closeTimeout))
	_, _ = io.Copy(io.Discard, io.LimitReader(conn, maxUnsent))
}

// run serves a connection to its end.
func (k *socket) run(take func(text bool, data []byte) (more bool), over func()) {
	var writer sync.WaitGroup
	writer.Go(k.write)
	k.read(take, over)
	writer.Wait()
}

// overWebSocket serves a session that was opened over WebSocket.
func (s *Session) overWebSocket(conn *websocket.Conn) {
	k := newSocket(conn, &s.server.options.Departures)
	packet := s.open(WebSocket)
	s.mu.Lock()
	s.socket = k
	k.send(s.outgoing(WebSocket, []Packet{packet}))
	s.flush()
	if s.state == ended {
		k.close()
	}
	s.mu.Unlock()
	k.run(s.message, func() { s.end("transport close") })
}

// message acts on a WebSocket message of the session.
func (s *Session) message(text bool, data []byte) (more bool) {
	d := &s.server.options.Departures
	if d.Body != nil && text {
		data = d.Body(WebSocket, data)
	}
	packets := []Packet{{Type: Text, Data: data, Binary: true}}
	var err error
	switch {
	case text && d.FramesAsPayload:
		packets, err = decodePayload(data)
	case text:
		packets[0], err = decodePacket(data)
	}
	if err != nil {
		if d.BrokenPacket != nil && d.BrokenPacket(WebSocket, data) {
			return true
		}
		s.end("parse error")
		return false
	}
	if d.HookMessages {
		s.server.hooks(http.Header{}, s.request, PollAnswer)
	}
	s.receive(WebSocket, packets)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == established
}

// beside serves a WebSocket for a session that exists: an upgrade, where the session is on polling.
func (s *Server) beside(w http.ResponseWriter, r *http.Request, session *Session) {
	conn := s.upgrade(w, r, UpgradeAnswer)
	if conn == nil {
		return
	}
	if !s.enter(session, false) {
		_ = conn.Close()
		return
	}
	defer s.running.Done()
	d := &s.options.Departures
	k := newSocket(conn, d)
	session.mu.Lock()
	switch taken := session.transport == WebSocket || session.probing != nil; {
	case session.state != established, taken && !d.SecondSocketReplace && !d.SecondSocketLives:
		session.mu.Unlock()
		s.occasion(SecondSocket, r)
		k.close()
		k.run(func(bool, []byte) bool { return true }, func() {})
		return
	case taken && d.SecondSocketReplace && session.socket != nil:
		session.socket.close()
		session.socket = k
	case !taken:
		session.probing = k
	}
	session.mu.Unlock()
	timeout := time.AfterFunc(changed(d.UpgradeTimeout, s.options.UpgradeTimeout), func() { session.giveUp(k) })
	defer timeout.Stop()
	k.run(func(text bool, data []byte) bool { return session.probe(k, text, data) }, func() { session.lose(k) })
}

// lose ends what a connection was for: the session, or an upgrade of it.
func (s *Session) lose(k *socket) {
	if !s.server.options.Departures.RefusedBlocksNext || s.wasProbed() {
		s.giveUp(k)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket == k && !(s.upgraded && s.server.options.Departures.UpgradedOutlives) {
		s.finish("transport close")
	}
}

// giveUp ends an upgrade that did not come about: the session stays on polling.
func (s *Session) giveUp(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.probing == k {
		s.probing, s.probed = nil, s.probed && s.server.options.Departures.NoopsGoOn
		k.close()
		if s.server.options.Departures.FailedProbeEnds {
			s.finish("transport error")
		}
	}
}

// probe acts on a message of a WebSocket beside the session, until that WebSocket is the session's own.
func (s *Session) probe(k *socket, text bool, data []byte) (more bool) {
	d := &s.server.options.Departures
	s.mu.Lock()
	mine, probing := s.socket == k, s.probing == k
	s.mu.Unlock()
	switch {
	case mine:
		return s.message(text, data)
	case text && bytes.Equal(data, []byte("2probe")) && (probing || d.SecondSocketLives):
		k.send(s.outgoing(WebSocket, []Packet{{Type: Pong, Data: []byte("probe")}}))
		if !probing {
			return true
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.probed = true
		if s.waiting != nil && s.noop() {
			s.waiting <- []Packet{{Type: Noop}}
			s.waiting = nil
		}
		if d.ProbeIsUpgrade {
			s.move(k)
		}
		return true
	case text && bytes.Equal(data, []byte{Upgrade}) && probing && (d.UpgradeWithoutProbe || s.wasProbed()):
		s.mu.Lock()
		defer s.mu.Unlock()
		s.move(k)
		return true
	case d.AnyFirstPacket || d.SecondSocketLives && !probing:
		return true
	}
	if !d.RefusedBlocksNext {
		s.giveUp(k)
	}
	k.close()
	return true // until the client has closed, too
}

func (s *Session) wasProbed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.probed
}

// move makes a WebSocket the session's own; what was buffered goes out over it.
func (s *Session) move(k *socket) {
	s.socket, s.probing, s.probed, s.upgraded = k, nil, false, true
	if s.state == ended {
		k.close()
		return
	}
	if s.waiting != nil {
		s.waiting <- []Packet{{Type: Noop}}
		s.waiting = nil
	}
	s.transport = WebSocket
	if s.server.options.Departures.HeartbeatRestarts && !s.awaiting {
		s.timer.Reset(s.server.options.PingInterval)
	}
	if s.state == closing { // here the close frame says it
		s.out = slices.DeleteFunc(s.out, func(p Packet) bool { return p.Type == Close })
		s.flush()
		s.finish("")
		return
	}
	if s.server.options.Departures.KeepBuffer {
		s.out = nil
	}
	s.flush()
}

package engineio

import (
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// WebSocketRules decide how many WebSockets a session has, and how the WebSocket protocol is spoken.
type WebSocketRules interface {
	// Second says what happens to a WebSocket for a session that already has one, or for which another one probes.
	Second(s *Session) Second
	// AnswersPings reports whether ping frames are answered.
	AnswersPings() bool
	// SendsCloseFrame reports whether a WebSocket is closed with a close frame, whichever side closes it.
	SendsCloseFrame() bool
}

// Second is what happens to a second WebSocket.
type Second int

// What happens to a second WebSocket.
const (
	SecondCloses   Second = iota
	SecondReplaces        // it becomes the session's own
	SecondStays           // it stays open, and its probes are answered
)

// DefaultWebSocket has the rules of the protocol document, section "WebSocket", and of RFC 6455.
type DefaultWebSocket struct{}

// Second closes it: "A client MUST NOT open more than one WebSocket connection per session. Should it happen, the server
// MUST close the WebSocket connection."
func (DefaultWebSocket) Second(*Session) Second { return SecondCloses }

// AnswersPings is true: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response" (RFC 6455, section
// 5.5.2).
func (DefaultWebSocket) AnswersPings() bool { return true }

// SendsCloseFrame is true: a session ends over WebSocket with a close frame, not with a close packet.
func (DefaultWebSocket) SendsCloseFrame() bool { return true }

// Time limits of a WebSocket.
const (
	writeTimeout = 10 * time.Second
	closeTimeout = time.Second // for the client's answer to a close frame
)

// socket is one WebSocket connection. A goroutine writes the packets in its queue.
type socket struct {
	conn    *websocket.Conn
	rules   WebSocketRules
	mu      sync.Mutex
	wake    *sync.Cond
	queue   []Packet
	unsent  int
	closing bool
	broken  bool
}

func newSocket(conn *websocket.Conn, rules WebSocketRules) *socket {
	k := &socket{conn: conn, rules: rules}
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

// close closes the connection when the queued packets have gone out.
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
	if !k.rules.SendsCloseFrame() {
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

// read passes each message to take, and calls over when there are no more.
func (k *socket) read(take func(text bool, data []byte) (more bool), over func()) {
	for {
		kind, data, err := k.conn.ReadMessage()
		if err != nil || !take(kind == websocket.TextMessage, data) {
			break
		}
	}
	over()
	// Keep reading from a connection that is closing: closing it with unread bytes would reset it, and the client could
	// lose what was written last.
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

// message acts on a WebSocket message of the session.
func (s *Session) message(text bool, data []byte) (more bool) {
	packets := []Packet{{Type: Text, Data: data, Binary: true}}
	if text {
		var err error
		if packets, err = s.server.rules.Encoding.Decode(WebSocket, data); err != nil {
			s.happened(BrokenMessage, "parse error")
			return false
		}
	}
	s.server.occasion(SocketMessage, s.request)
	s.receive(WebSocket, packets)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == established
}

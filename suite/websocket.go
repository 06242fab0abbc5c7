package suite

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/suite/wire"
)

// Message is one WebSocket message, with the time at which it came.
type Message = wire.Message

// End says how a WebSocket connection ended.
type End = wire.End

// WebSocket is an open WebSocket connection to a target. It answers pings by itself, unless it was
// opened [WithoutPongs].
type WebSocket struct {
	t     *T
	conn  *wire.WebSocket
	Open  *OpenPacket // of a session that this connection opened
	SID   string      // of the session
	quiet atomic.Bool
	asked atomic.Bool // the client has asked to join a namespace
	since time.Time
	pings atomic.Int64
	parts sync.Mutex // held while a message is sent in parts

	recovery *recovery
	pulse    atomic.Pointer[pulse]
	received *queue
	over     chan struct{}
	mu       sync.Mutex
	end      *End
}

// Upgrade asks for a WebSocket with that query and returns what came: the connection where it was
// opened, the response where there was one.
func (t *T) Upgrade(path string, given ...Option) (*WebSocket, *Response) {
	w, r, err := t.upgrade(path, given)
	if err != nil {
		t.Failf("Expected\n    an answer to the WebSocket handshake %s\nbut\n    %v", path, err)
	}
	return w, r
}

func (t *T) upgrade(path string, given []Option) (*WebSocket, *Response, error) {
	o := t.options(given)
	header := http.Header{}
	for _, h := range o.request.Header {
		header[h[0]] = append(header[h[0]], h[1])
	}
	ctx, cancel := context.WithTimeoutCause(t.ctx, t.Tolerance().Patience,
		fmt.Errorf("none came within %d ms", t.Tolerance().Patience.Milliseconds()))
	defer cancel()
	conn, response, err := t.target(o.target).Upgrade(ctx, t.recorder, path, header)
	if conn == nil {
		if response != nil {
			return nil, response, nil
		}
		if t.ctx.Err() != nil {
			t.cut()
		}
		return nil, nil, err
	}
	w := &WebSocket{t: t, conn: conn, recovery: cmp.Or(o.recovery, &recovery{}), received: newQueue(t.target(o.target).Limit()), over: make(chan struct{}), since: time.Now()}
	w.quiet.Store(o.quiet)
	t.Cleanup(w.Close)
	go w.read()
	return w, response, nil
}

// WebSocket opens a session over WebSocket alone.
func (t *T) WebSocket(given ...Option) *WebSocket {
	var w *WebSocket
	t.Given(OpensOverWebSocket, func() {
		t.act("opens a session over WebSocket")
		o := t.options(given)
		asked := time.Now()
		var r *Response
		w, r = t.Upgrade(query("websocket", o), given...)
		if w == nil {
			t.Failf("Expected\n    a WebSocket session\nbut\n    the handshake was refused: %v", r)
		}
		m, ok := w.next(t.Tolerance().Patience)
		if !ok {
			t.Failf("Expected\n    an open packet over the new WebSocket\nbut\n    %s", w.silence(t.Tolerance().Patience))
		}
		open, err := ParseOpen(m.Data)
		if err != nil {
			t.Failf("Expected\n    %q\nto be an open packet\nbut\n    %v", m.Data, err)
		}
		w.Open, w.SID = open, open.SID
		w.pulse.Store(t.follow(open, asked, o.quiet))
	})
	return w
}

func (w *WebSocket) read() {
	defer close(w.over)
	for {
		m, end := w.conn.Receive()
		if end != nil {
			w.mu.Lock()
			w.end = end
			w.mu.Unlock()
			w.pulse.Load().end(end.At)
			return
		}
		if !m.Binary && m.Data == "2" {
			w.pings.Add(1)
			if !w.quiet.Load() {
				from := time.Now()
				w.Unbroken(func() { _ = w.conn.Send(Message{Data: "3"}) })
				w.pulse.Load().beat(from, time.Now())
				continue
			}
		}
		if !m.Binary {
			m.Data = w.recovery.seen(m.Data)
		}
		if !w.received.put(m) {
			w.conn.Break()
			w.mu.Lock()
			w.end = &End{Err: wire.ErrFlood, At: time.Now()}
			w.mu.Unlock()
			return
		}
	}
}

// AnswerPings says whether pings are answered, or handed to the case.
func (w *WebSocket) AnswerPings(answer bool) { w.quiet.Store(!answer) }

// Pings is the number of pings that have come.
func (w *WebSocket) Pings() int { return int(w.pings.Load()) }

// Send sends a text message. That the connection may be closed already is not judged here.
func (w *WebSocket) Send(text string) {
	if asksToJoin(text) {
		w.asked.Store(true)
	}
	_ = w.conn.Send(Message{Data: text})
}

// SendBinary sends a binary message.
func (w *WebSocket) SendBinary(data string) { _ = w.conn.Send(Message{Data: data, Binary: true}) }

// SendRaw sends bytes past the WebSocket library: whole frames, made by [wire.Frame], or none.
func (w *WebSocket) SendRaw(p []byte) { _ = w.conn.Raw(p) }

// Unbroken lets a case send a message in parts: no answer to a ping comes between them, which would break the message.
func (w *WebSocket) Unbroken(send func()) {
	w.parts.Lock()
	defer w.parts.Unlock()
	send()
}

// ReceiveMessage waits for the next message, text or binary.
func (w *WebSocket) ReceiveMessage() Message { return w.ReceiveWithin(w.t.Tolerance().Patience) }

// ReceiveWithin waits for the next message that long.
func (w *WebSocket) ReceiveWithin(d time.Duration) Message {
	m, ok := w.next(d)
	if !ok {
		w.t.Failf("Expected\n    a message over WebSocket\nbut\n    %s", w.silence(d))
	}
	return m
}

// Receive waits for the next message, which must be a text message.
func (w *WebSocket) Receive() string {
	m := w.ReceiveMessage()
	if m.Binary {
		w.t.Failf("Expected\n    a text message\nbut\n    a binary one came: % x", clip(m.Data, 64))
	}
	return m.Data
}

// ReceiveBinary waits for the next message, which must be a binary message.
func (w *WebSocket) ReceiveBinary() string {
	m := w.ReceiveMessage()
	if !m.Binary {
		w.t.Failf("Expected\n    a binary message\nbut\n    a text message came: %q", clip(m.Data, 200))
	}
	return m.Data
}

// ReceiveOrEnd waits for the next message, or for the connection's end: then the end is not nil.
func (w *WebSocket) ReceiveOrEnd() (Message, *End) {
	m, ok := w.next(w.t.Tolerance().Patience)
	if ok {
		return m, nil
	}
	end := w.ended()
	if end == nil {
		w.t.Failf("Expected\n    a message over WebSocket, or the connection's end\nbut\n    %s", w.silence(w.t.Tolerance().Patience))
	}
	return m, end
}

func (w *WebSocket) next(d time.Duration) (Message, bool) {
	return w.received.next(w.t, d, w.over)
}

// silence says why nothing came.
func (w *WebSocket) silence(d time.Duration) string {
	if end := w.ended(); end != nil {
		return "the connection ended: " + end.String()
	}
	return fmt.Sprintf("none came within %d ms", d.Milliseconds())
}

func (w *WebSocket) ended() *End {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.end
}

// Closed waits until the server closes the connection, and says how it did. Pings are answered
// meanwhile, so that it cannot be the heartbeat that closes it; and a client that has joined no
// namespace is waited for well within the time that the server gives it for that.
func (w *WebSocket) Closed() End {
	return w.ClosedWithin(w.t.unjoined(w.asked.Load(), w.since))
}

// asksToJoin reports whether a packet is a well-formed CONNECT.
func asksToJoin(packet string) bool {
	return packet == "40" || strings.HasPrefix(packet, "40/") || strings.HasPrefix(packet, `40{"`)
}

// unjoined is the run's patience with what ends a session, or less where the server will end it
// anyway because the client has joined no namespace.
func (t *T) unjoined(asked bool, since time.Time) time.Duration {
	d := t.Tolerance().Patience
	if left := time.Until(since.Add(t.Timings().ConnectTimeout * 3 / 4)); !asked && left < d {
		return max(left, t.Tolerance().Early)
	}
	return d
}

// ClosedWithin is Closed with a deadline.
func (w *WebSocket) ClosedWithin(d time.Duration) End {
	w.t.act("waits until the server closes the connection")
	if _, ok := await(w.t, (<-chan struct{})(w.over), d); !ok {
		w.t.Failf("Expected\n    the server to close the WebSocket connection\nbut\n    it is still open after %d ms, its pings answered", d.Milliseconds())
	}
	if !w.quiet.Load() {
		w.t.notByHeartbeat(w.pulse.Load())
	}
	return *w.ended()
}

// StaysOpen sees that the connection is alive: the server answers a WebSocket ping (the control
// frame, RFC 6455, section 5.5.2), which it must do whatever the application does.
func (w *WebSocket) StaysOpen() {
	w.t.act("sees that the connection is open")
	payload := word()
	w.SendRaw(wire.Frame(wire.Ping, true, []byte(payload)))
	deadline := time.NewTimer(w.t.Tolerance().Patience)
	defer deadline.Stop()
	for {
		select {
		case pong := <-w.conn.Pongs:
			if pong == payload {
				return
			}
		case <-w.over:
			w.t.Failf("Expected\n    the WebSocket connection to stay open\nbut\n    it ended: %s", w.ended())
		case <-deadline.C:
			w.t.Failf("Expected\n    the WebSocket connection to stay open\nbut\n    it answers no WebSocket ping within %d ms", w.t.Tolerance().Patience.Milliseconds())
		case <-w.t.ctx.Done():
			w.t.cut()
		}
	}
}

// Drain returns all that has come and was not read, without waiting.
func (w *WebSocket) Drain() (all []Message) {
	for {
		m, ok := w.received.take()
		if !ok {
			return all
		}
		all = append(all, m)
	}
}

// Close closes the connection with a close frame.
func (w *WebSocket) Close() { w.conn.Close(); <-w.over }

// Break closes the TCP connection without a close frame.
func (w *WebSocket) Break() { w.conn.Break(); <-w.over }

// ResponseHeader is the head of the response that opened the connection.
func (w *WebSocket) ResponseHeader() http.Header { return w.conn.Header }

// IsOpen reports whether the connection has not ended so far.
func (w *WebSocket) IsOpen() bool { return w.ended() == nil }

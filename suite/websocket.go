package suite

import (
	"cmp"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Message is one WebSocket message, with the time at which it arrived.
type Message = wire.Message

// End says how a WebSocket connection ended.
type End = wire.End

// WebSocket is an open WebSocket connection to a target. It answers pings itself, unless it was opened [WithoutPongs].
type WebSocket struct {
	t *T
	*webSocket
}

// webSocket is the state that the handles of one connection share.
type webSocket struct {
	target       int
	conn         *wire.WebSocket
	Open         *protocol.OpenPacket // of a session opened over this connection
	SID          string               // of the session
	ignoresPings atomic.Bool
	asked        atomic.Bool // the client has asked to join a namespace
	since        time.Time
	upgraded     atomic.Int64 // when the upgrade packet was sent, in nanoseconds since since; 0 if it was not
	pings        atomic.Int64
	noops        atomic.Int64
	parts        sync.Mutex // held while a message is sent in parts

	recovery  *recovery
	heartbeat atomic.Pointer[heartbeat]
	received  *queue
	over      chan struct{}
	mu        sync.Mutex
	end       *End
}

// Upgrade asks for a WebSocket with that query and returns what came: the connection if it was opened, and the response if
// there was one.
func (t *T) Upgrade(path string, given ...Option) (*WebSocket, *Response) {
	asked := time.Now()
	w, r, err := t.upgrade(path, given)
	if err != nil {
		t.unanswered("the answer to the WebSocket handshake", err, asked, t.knows(path))
	}
	t.saw(seen{response: r, session: t.knows(path)})
	return w, r
}

// Opened asks for a WebSocket with that query, which must be opened.
func (t *T) Opened(path string, given ...Option) (*WebSocket, *Response) {
	w, r := t.Upgrade(path, given...)
	if w == nil {
		t.refused("the answer to the WebSocket handshake", describes("a WebSocket"), r, t.knows(path))
	}
	return w, r
}

func (t *T) upgrade(path string, given []Option) (*WebSocket, *Response, error) {
	o := t.options(given)
	t.requiresFor(o.target, path)
	header := http.Header{}
	for _, h := range o.request.Header {
		header[h[0]] = append(header[h[0]], h[1])
	}
	ctx, cancel := t.patience(t.paced(o.target, path), 0)
	defer cancel()
	conn, response, err := t.target(o.target).Upgrade(t.ahead(ctx, o.target), t.recorder, path, header)
	if conn == nil {
		if response != nil {
			return nil, response, nil
		}
		if t.ctx.Err() != nil {
			t.cut()
		}
		return nil, nil, err
	}
	w := &WebSocket{t, &webSocket{target: o.target, conn: conn, recovery: cmp.Or(o.recovery, &recovery{}), received: newQueue(t.target(o.target)), over: make(chan struct{}), since: time.Now()}}
	w.ignoresPings.Store(o.ignoresPings)
	t.Cleanup(func() {
		w.Close()
		w.received.drop()
	})
	go w.read()
	return w, response, nil
}

// WebSocket opens a session directly over WebSocket. It takes for granted that the server opens one.
func (t *T) WebSocket(given ...Option) (w *WebSocket) {
	t.Given(OpensOverWebSocket, func(t *T) { w = t.OpenWebSocket(given...) })
	return w.as(t)
}

// OpenWebSocket is WebSocket for a case that is about the handshake.
func (t *T) OpenWebSocket(given ...Option) *WebSocket {
	o := t.options(given)
	t.requires(o.target, WebSocketTransport)
	t.seat()
	t.act("opens a session over WebSocket")
	asked := time.Now()
	w, r := t.Upgrade(query("websocket", o), given...)
	if w == nil {
		t.refused("the answer to the WebSocket handshake", describes("a WebSocket"), r, false)
	}
	m, ok := w.next(t.Tolerance().Patience)
	if !ok {
		w.silent("the open packet over the new WebSocket", comes, asked)
	}
	open := t.OpenPacket(m.Data)
	w.Open, w.SID = open, open.SID
	w.heartbeat.Store(t.follow(open, asked, o.ignoresPings, true))
	return w
}

// as returns the same connection for another T of the case.
func (w *WebSocket) as(t *T) *WebSocket {
	if w == nil {
		return nil
	}
	return &WebSocket{t, w.webSocket}
}

func (w *WebSocket) read() {
	defer close(w.over)
	for {
		m, end := w.conn.Receive()
		if end != nil {
			w.mu.Lock()
			w.end = end
			w.mu.Unlock()
			w.heartbeat.Load().end(end.At)
			return
		}
		w.heartbeat.Load().heard(m.At)
		if !m.Binary && strings.HasPrefix(m.Data, "40") {
			w.heartbeat.Load().join()
		}
		if !m.Binary && m.Data == "6" {
			w.noops.Add(1)
			continue
		}
		if !m.Binary && m.Data == "2" {
			w.pings.Add(1)
			w.heartbeat.Load().ping(m.At)
			if !w.ignoresPings.Load() {
				from := time.Now()
				w.Unbroken(func() { _ = w.conn.Send(Message{Data: "3"}) })
				w.heartbeat.Load().beat(from, time.Now())
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

// probed returns for how long a WebSocket beside a session over polling probed, if it ended before the server can have seen
// the upgrade packet, which takes up to an exchange; zero otherwise.
func (w *webSocket) probed(exchange time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.end == nil {
		return 0
	}
	lived := w.end.At.Sub(w.since)
	if sent := time.Duration(w.upgraded.Load()); sent > 0 && sent+exchange < lived {
		return 0
	}
	return lived
}

// AnswerPings sets whether pings are answered or handed to the case.
func (w *WebSocket) AnswerPings(answer bool) { w.ignoresPings.Store(!answer) }

// Noops returns the number of noops received. They mean nothing, and cases never see them.
func (w *WebSocket) Noops() int { return int(w.noops.Load()) }

// Pings returns the number of pings received.
func (w *WebSocket) Pings() int { return int(w.pings.Load()) }

// Send sends a text message. It does not report whether the connection is already closed.
func (w *WebSocket) Send(text string) {
	if w.Open != nil {
		w.t.fits(w.Open.MaxPayload, len(text))
	}
	w.SendAnySize(text)
}

// SendAnySize sends a text message that may be larger than the target accepts.
func (w *WebSocket) SendAnySize(text string) {
	text = w.t.withAuth(w.target, text)
	if asksToJoin(text) {
		w.asked.Store(true)
	}
	if text == "5" {
		w.upgraded.Store(int64(time.Since(w.since)))
	}
	from := time.Now()
	_ = w.conn.Send(Message{Data: text})
	if text == "3" {
		w.heartbeat.Load().beat(from, time.Now())
	}
}

// SendBinary sends a binary message.
func (w *WebSocket) SendBinary(data string) {
	if w.Open != nil {
		w.t.fits(w.Open.MaxPayload, len(data))
	}
	_ = w.conn.Send(Message{Data: data, Binary: true})
}

// SendRaw sends bytes past the WebSocket library. They may be frames, made by [wire.Frame], or not.
func (w *WebSocket) SendRaw(p []byte) { _ = w.conn.Raw(p) }

// Unbroken lets a case send a message in parts: no pong is sent between them, which would break the message.
func (w *WebSocket) Unbroken(send func()) {
	w.parts.Lock()
	defer w.parts.Unlock()
	send()
}

// ReceiveMessage waits for the next message, text or binary.
func (w *WebSocket) ReceiveMessage() Message { return w.ReceiveWithin(w.t.Tolerance().Patience) }

// ReceiveWithin is ReceiveMessage with a time limit.
func (w *WebSocket) ReceiveWithin(d time.Duration) Message {
	since := time.Now()
	m, ok := w.next(d)
	if !ok {
		w.silent("the next message over WebSocket", comes, since)
	}
	return m
}

// Receive waits for the next message, which must be a text message.
func (w *WebSocket) Receive() string {
	m := w.ReceiveMessage()
	if m.Binary {
		w.t.contradicted("the next message", describes("text"), valueOf(m))
	}
	return m.Data
}

// ReceiveBinary waits for the next message, which must be a binary message.
func (w *WebSocket) ReceiveBinary() string {
	m := w.ReceiveMessage()
	if !m.Binary {
		w.t.contradicted("the next message", describes("binary"), valueOf(m))
	}
	return m.Data
}

// ReceiveOrEnd waits for the next message, or for the end of the connection: the end is then not nil.
func (w *WebSocket) ReceiveOrEnd() (Message, *End) {
	since := time.Now()
	m, ok := w.next(w.t.Tolerance().Patience)
	if ok {
		return m, nil
	}
	end := w.ended()
	if end == nil {
		w.silent("a message over WebSocket, or the connection's end,", comes, since)
	}
	return m, end
}

func (w *WebSocket) next(d time.Duration) (Message, bool) {
	m, ok := w.received.next(w.t, d, w.over)
	if ok {
		w.t.saw(seen{message: m.Data, events: []int{m.Seq}})
	}
	return m, ok
}

// silent ends the case: nothing has come since that time, or the connection ended.
func (w *WebSocket) silent(subject string, expected result.Expectation, since time.Time) {
	if end := w.ended(); end != nil {
		w.t.over(subject, expected, *end, since)
	}
	w.t.absent(subject, expected, nothing, since)
}

func (w *WebSocket) ended() *End {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.end
}

// Closed waits until the server closes the connection, and says how it did. Pings are answered meanwhile, so the heartbeat
// cannot be what closes it. If the client has joined no namespace, the wait ends well before connectTimeout.
func (w *WebSocket) Closed() End {
	since, pongs := time.Now(), w.heartbeat.Load().beats()
	end := w.ClosedWithin(w.t.unjoined(w.asked.Load(), w.since))
	w.t.endedAtOnce(w.heartbeat.Load(), since, pongs)
	return end
}

// asksToJoin reports whether a packet is a well-formed CONNECT.
func asksToJoin(packet string) bool {
	return packet == "40" || strings.HasPrefix(packet, "40/") || strings.HasPrefix(packet, `40{"`)
}

// unjoined returns how long to wait for a session to end: the run's patience, or less if the server will end it anyway
// because the client has joined no namespace.
func (t *T) unjoined(asked bool, since time.Time) time.Duration {
	d := t.Tolerance().Patience
	if left := time.Until(since.Add(beforeConnectTimeout(t.Timings()))); !asked && left < d {
		return max(left, t.Tolerance().Early)
	}
	return d
}

// beforeConnectTimeout returns a time within which connectTimeout surely ends no session.
func beforeConnectTimeout(t Timings) time.Duration { return t.ConnectTimeout * 3 / 4 }

// ClosedWithin is Closed with a deadline.
func (w *WebSocket) ClosedWithin(d time.Duration) End {
	w.t.act("waits until the server closes the connection")
	since := time.Now()
	if _, ok := await(w.t, (<-chan struct{})(w.over), d); !ok {
		w.t.absent("the WebSocket connection", result.Expectation{Relation: result.Ends}, result.Value{Form: result.Open}, since)
	}
	if !w.ignoresPings.Load() {
		w.t.notByHeartbeat(w.heartbeat.Load())
	}
	return *w.ended()
}

// StaysOpen checks that the connection is alive: the server answers a WebSocket ping (the control frame, RFC 6455, section
// 5.5.2), which it must do whatever the application does.
func (w *WebSocket) StaysOpen() {
	w.t.act("checks that the connection is open")
	w.AnswersPing(w.t.drawWord())
}

// AnswersPing checks that the server answers a WebSocket ping with a pong that has the same data, at most 125 bytes.
func (w *WebSocket) AnswersPing(payload string) {
	w.SendRaw(wire.Frame(wire.Ping, true, []byte(payload)))
	since, open := time.Now(), result.Expectation{Relation: result.StaysOpen}
	clock := w.t.clock(w.t.Tolerance().Patience)
	defer clock.stop()
	for {
		select {
		case pong := <-w.conn.Pongs:
			if pong == payload {
				return
			}
		case <-w.over:
			w.t.over("the WebSocket connection", open, *w.ended(), since)
		case <-clock.timer.C:
			if clock.over() {
				w.t.absent("the answer to a WebSocket ping", comes, nothing, since)
			}
		case <-w.t.ctx.Done():
			w.t.cut()
		}
	}
}

// Drain returns the messages that have come but were not read, without waiting.
func (w *WebSocket) Drain() (all []Message) {
	for {
		m, ok := w.received.take()
		if !ok {
			return all
		}
		all = append(all, m)
	}
}

// closeWait is how long the suite waits for the server's part of the closing handshake.
const closeWait = 100 * time.Millisecond

// Close closes the connection as RFC 6455 says (section 7.1.1): it sends a close frame, and closes TCP once the server's
// close frame has come, or if it does not come soon. A server treats an end of TCP without a close frame as an error.
func (w *WebSocket) Close() {
	w.conn.SendClose()
	select {
	case <-w.over:
	case <-time.After(closeWait):
	}
	w.Break()
}

// Break closes the TCP connection without a close frame.
func (w *WebSocket) Break() { w.conn.Break(); <-w.over }

// ResponseHeader returns the header of the response that opened the connection.
func (w *WebSocket) ResponseHeader() http.Header { return w.conn.Header }

// IsOpen reports whether the connection is still open.
func (w *WebSocket) IsOpen() bool { return w.ended() == nil }

package wire

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Message is one WebSocket message.
type Message struct {
	Binary bool
	Data   string
	// At is when its last frame was complete on the connection.
	At time.Time
	// Seq is the number of that frame in the trace; 0 if it is in none.
	Seq int
}

// WebSocket is an open WebSocket connection.
type WebSocket struct {
	conn *Conn
	ws   *websocket.Conn
	mu   sync.Mutex // of writing
	late [][]byte   // control frames that wait until the frame being written is complete
	// Pongs gets the payload of every WebSocket pong (the control frame).
	Pongs chan string
	// Header is the header of the response that opened it.
	Header http.Header
}

// End says how a connection ended.
type End struct {
	// Code is the code of the close frame: 1005 if it had none, 0 if no close frame came.
	Code int
	Text string
	// Err is what broke the connection, if no close frame came.
	Err error
	At  time.Time
	// About holds the number of the trace event that shows the end: the close frame if one came, otherwise the end of the
	// connection.
	About []int
}

// Forbidden reports whether the connection ended because the server sent what RFC 6455 forbids.
func (e End) Forbidden() bool {
	if e.Err == nil || errors.Is(e.Err, io.EOF) || errors.Is(e.Err, io.ErrUnexpectedEOF) || errors.Is(e.Err, websocket.ErrReadLimit) || errors.Is(e.Err, ErrFlood) {
		return false
	}
	_, network := errors.AsType[net.Error](e.Err)
	return !network && strings.HasPrefix(e.Err.Error(), "websocket: ") // the library has no type for these
}

func (e End) String() string {
	switch {
	case e.Code == websocket.CloseNoStatusReceived:
		return "a close frame without code"
	case e.Code != 0:
		return strings.TrimSpace(fmt.Sprintf("a close frame with code %d %s", e.Code, e.Text))
	case errors.Is(e.Err, io.EOF) || errors.Is(e.Err, io.ErrUnexpectedEOF):
		return "the TCP connection was closed without a close frame"
	}
	return "the connection broke off: " + Reason(e.Err)
}

// Upgrade asks for a WebSocket. It returns the response if the server sent one, and the WebSocket if it was opened. An error
// alone means that there was neither.
func (t *Target) Upgrade(ctx context.Context, recorder *Recorder, path string, header http.Header) (*WebSocket, *Response, error) {
	ctx, err := t.Await(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	path = t.location(path)
	conn, err := t.DialWebSocket(ctx, recorder)
	if err != nil {
		return nil, nil, err
	}
	conn.in.follows = true
	all := t.Header.Clone()
	for name, values := range header {
		all[name] = values
	}
	if all.Get("User-Agent") == "" {
		all.Set("User-Agent", t.agent())
	}
	if t.Name != "" {
		all.Set("Host", t.Name)
	}
	path = oneLine.Replace(path)
	dial := func(context.Context, string, string) (net.Conn, error) { return &finalConn{Conn: conn}, nil }
	// Frames are written past the library, and large messages are read past its buffer.
	dialer := websocket.Dialer{NetDialContext: dial, NetDialTLSContext: dial, ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 8}
	conn.head = &bounded{MaxHead}
	scheme := "ws"
	if t.Secure {
		scheme = "wss"
	}
	stop := context.AfterFunc(ctx, func() { // the dialer heeds the deadline, but not a cancellation
		if errors.Is(ctx.Err(), context.Canceled) {
			_ = conn.Close()
		}
	})
	defer stop()
	ws, raw, err := dialer.DialContext(ctx, scheme+"://"+t.Host+path, all)
	conn.head = nil
	if err != nil {
		_ = conn.Close()
		if raw == nil {
			return nil, nil, err
		}
		body, taken, _ := t.readAll(raw.Body)
		t.Budget.Give(taken)
		response := &Response{Status: raw.StatusCode, Header: raw.Header, Body: body, At: time.Now(), About: conn.About()}
		conn.answered(response)
		return nil, response, err
	}
	about := conn.About()
	ws.SetReadLimit(t.Limit())
	w := &WebSocket{conn: conn, ws: ws, Pongs: make(chan string, 64), Header: raw.Header}
	ws.SetPongHandler(func(payload string) error {
		select {
		case w.Pongs <- payload:
		default:
		}
		return nil
	})
	// gorilla answers pings and close frames itself, with its own writes: keep them apart from ours.
	ws.SetPingHandler(func(payload string) error {
		return w.control(Frame(Pong, true, []byte(payload)))
	})
	ws.SetCloseHandler(func(code int, _ string) error {
		if w.conn.leaving.Load() { // the suite has sent its own
			return nil
		}
		var payload []byte
		if code != websocket.CloseNoStatusReceived {
			payload = websocket.FormatCloseMessage(code, "")
		}
		_ = w.control(Frame(Close, true, payload)) // the server may have closed the connection, but its close frame came
		return nil
	})
	return w, &Response{Status: raw.StatusCode, Header: raw.Header, At: time.Now(), About: about}, nil
}

// Name returns the name of the connection in the trace.
func (w *WebSocket) Name() string { return w.conn.Name() }

// Send sends a message in one frame, whatever its size.
func (w *WebSocket) Send(m Message) error {
	opcode := Text
	if m.Binary {
		opcode = Binary
	}
	return w.Raw(Frame(opcode, true, []byte(m.Data)))
}

// Raw writes bytes to the connection itself, past the WebSocket library.
func (w *WebSocket) Raw(p []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.conn.Write(p)
	for len(w.late) > 0 && err == nil && !w.conn.out.half() {
		p, w.late = w.late[0], w.late[1:]
		_, err = w.conn.Write(p)
	}
	return err
}

// mostLate is how many control frames may wait for a frame to be complete.
const mostLate = 64

// control writes a control frame. It may go between the frames of a message (RFC 6455, section 5.4), but not inside one: if
// a frame is half written, the control frame follows it.
func (w *WebSocket) control(frame []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn.out.half() {
		if len(w.late) < mostLate {
			w.late = append(w.late, frame)
		}
		return nil
	}
	_, err := w.conn.Write(frame)
	return err
}

// Receive waits for the next message. End is not nil if no more will come.
func (w *WebSocket) Receive() (Message, *End) {
	kind, r, err := w.ws.NextReader()
	var data string
	if err == nil {
		var taken int64
		data, taken, err = w.conn.target.readAll(r)
		w.conn.target.Budget.Give(taken) // whoever keeps the message takes it again
	}
	if err == nil {
		m := Message{Binary: kind == websocket.BinaryMessage, Data: data, At: time.Now()}
		// The library reads ahead: the k-th message is the one that the k-th final data frame ended.
		if a, found := w.conn.in.arrival(); found {
			m.Seq, m.At = a.seq, a.at
		}
		return m, nil
	}
	end := &End{Err: err, At: time.Now(), About: []int{int(w.conn.closed.Load())}}
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code != websocket.CloseAbnormalClosure {
		end.Code, end.Text, end.Err = closed.Code, closed.Text, nil
		end.About = w.conn.About()
		end.About = end.About[len(end.About)-1:] // the close frame
	} else if ok {
		end.Err = io.ErrUnexpectedEOF
	}
	return Message{}, end
}

// Close closes the connection with a close frame.
func (w *WebSocket) Close() {
	w.SendClose()
	_ = w.conn.Close()
}

// SendClose sends a close frame. The server answers with its own and closes the TCP connection (RFC 6455, section 7.1.1).
func (w *WebSocket) SendClose() {
	w.conn.leaving.Store(true)
	_ = w.conn.SetWriteDeadline(time.Now().Add(time.Second)) // also ends a write that is under way
	_ = w.Raw(Frame(Close, true, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")))
}

// Break closes the TCP connection without a close frame.
func (w *WebSocket) Break() { _ = w.conn.Close() }

// Handshake returns the headers of a WebSocket handshake (RFC 6455, section 4.1). A case may change them before sending them
// on a connection of its own.
func Handshake() [][2]string {
	var nonce [16]byte
	_, _ = rand.Read(nonce[:])
	return [][2]string{
		{"Connection", "Upgrade"},
		{"Upgrade", "websocket"},
		{"Sec-WebSocket-Version", "13"},
		{"Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(nonce[:])},
	}
}

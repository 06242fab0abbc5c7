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
	At     time.Time
}

// WebSocket is an open WebSocket connection.
type WebSocket struct {
	conn *Conn
	ws   *websocket.Conn
	mu   sync.Mutex // of writing
	// Pongs gets the payload of every WebSocket pong (the control frame).
	Pongs chan string
	// Header of the response that opened it.
	Header http.Header
}

// End says how a connection ended.
type End struct {
	// Code of the close frame: 1005 where it had none, 0 where no close frame came.
	Code int
	Text string
	// Err is what broke the connection where no close frame came.
	Err error
	At  time.Time
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
	return fmt.Sprintf("the connection broke off: %v", e.Err)
}

// Upgrade asks for a WebSocket. The response is there where the server sent one, the WebSocket
// where it was opened; an error alone means that there was neither.
func (t *Target) Upgrade(ctx context.Context, recorder *Recorder, path string, header http.Header) (*WebSocket, *Response, error) {
	if path == "" || strings.HasPrefix(path, "?") {
		path = t.Path + path
	}
	conn, err := t.DialWebSocket(ctx, recorder)
	if err != nil {
		return nil, nil, err
	}
	all := t.Header.Clone()
	for name, values := range header {
		all[name] = values
	}
	dial := func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	// Frames are written past the library, and what is large is read past its buffer.
	dialer := websocket.Dialer{NetDialContext: dial, NetDialTLSContext: dial, ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 8}
	conn.head = &bounded{MaxHead}
	scheme := "ws"
	if t.Secure {
		scheme = "wss"
	}
	ws, raw, err := dialer.DialContext(ctx, scheme+"://"+t.Host+path, all)
	conn.head = nil
	if err != nil {
		_ = conn.Close()
		if raw == nil {
			return nil, nil, err
		}
		body, _ := io.ReadAll(io.LimitReader(raw.Body, t.Limit()))
		return nil, &Response{Status: raw.StatusCode, Header: raw.Header, Body: string(body), At: time.Now()}, err
	}
	ws.SetReadLimit(t.Limit())
	w := &WebSocket{conn: conn, ws: ws, Pongs: make(chan string, 64), Header: raw.Header}
	ws.SetPongHandler(func(payload string) error {
		select {
		case w.Pongs <- payload:
		default:
		}
		return nil
	})
	// gorilla answers pings and close frames by itself, with writes of its own: keep them apart from ours.
	ws.SetPingHandler(func(payload string) error {
		return w.Raw(Frame(Pong, true, []byte(payload)))
	})
	ws.SetCloseHandler(func(code int, _ string) error {
		var payload []byte
		if code != websocket.CloseNoStatusReceived {
			payload = websocket.FormatCloseMessage(code, "")
		}
		return w.Raw(Frame(Close, true, payload))
	})
	return w, &Response{Status: raw.StatusCode, Header: raw.Header, At: time.Now()}, nil
}

// Name of the connection in the trace.
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
	return err
}

// Receive waits for the next message; End is there where none will come any more.
func (w *WebSocket) Receive() (Message, *End) {
	kind, data, err := w.ws.ReadMessage()
	at := time.Now()
	if err == nil {
		return Message{Binary: kind == websocket.BinaryMessage, Data: string(data), At: at}, nil
	}
	end := &End{Err: err, At: at}
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code != websocket.CloseAbnormalClosure {
		end.Code, end.Text, end.Err = closed.Code, closed.Text, nil
	} else if ok {
		end.Err = io.ErrUnexpectedEOF
	}
	return Message{}, end
}

// Close closes the connection with a close frame.
func (w *WebSocket) Close() {
	_ = w.conn.SetWriteDeadline(time.Now().Add(time.Second))
	_ = w.Raw(Frame(Close, true, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")))
	_ = w.conn.Close()
}

// Break closes the TCP connection without a close frame.
func (w *WebSocket) Break() { _ = w.conn.Close() }

// Handshake is the head of a WebSocket handshake that a case may change before it is sent over a
// connection of its own (RFC 6455, section 4.1).
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

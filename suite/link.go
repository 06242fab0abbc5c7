package suite

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// Link is a session over either transport for users other than cases: discovery, the control connection, and the examination
// of an application. Its first message is the open packet. The user of the link answers the pings.
type Link interface {
	// Send sends a packet. Several goroutines may send at once.
	Send(wire.Message) error
	// Receive waits for the next message. One goroutine may receive at a time.
	Receive() (wire.Message, *wire.End)
	// Close ends the session in the way that its transport provides, within a second.
	Close()
	// Break ends the session without notice. Close after Break, and Break after Close, do nothing.
	Break()
}

// Dial opens a session over WebSocket, or over polling if the target refuses WebSockets. The context limits only the
// opening.
func Dial(ctx context.Context, target *wire.Target, recorder *wire.Recorder) (Link, error) {
	socket, response, err := target.Upgrade(ctx, recorder, WebSocketQuery, nil)
	switch {
	case socket != nil:
		return socket, nil
	case response == nil:
		return nil, err
	case !Refuses(response):
		return nil, fmt.Errorf("a WebSocket was answered with %s", shown(target, response))
	}
	polling, err := DialPolling(ctx, target, recorder)
	if err != nil {
		return nil, fmt.Errorf("a WebSocket was answered with %s, and a session over polling was not opened: %w", shown(target, response), err)
	}
	return polling, nil
}

// shown returns the status and the beginning of the body of a response. Secrets are hidden before anything follows the body:
// one that the response's end cuts is known by that end alone.
func shown(target *wire.Target, r *wire.Response) string {
	return fmt.Sprintf("%d %s", r.Status, protocol.Clip(target.Redact(r.Body), 200))
}

// pollingLink is a session over polling.
type pollingLink struct {
	target   *wire.Target
	recorder *wire.Recorder
	query    string
	ctx      context.Context
	cancel   context.CancelFunc
	packets  []string   // received but not read
	posting  sync.Mutex // a server may treat two concurrent POSTs as an error
}

// DialPolling opens a session over polling. Its first packet is the open packet.
func DialPolling(ctx context.Context, target *wire.Target, recorder *wire.Recorder) (*pollingLink, error) {
	response, err := target.Do(ctx, recorder, wire.Request{Method: "GET", Path: PollingQuery})
	if err != nil {
		return nil, err
	}
	packets := protocol.ParsePayload(response.Body)
	open, err := protocol.ParseOpen(packets[0])
	if err != nil {
		return nil, fmt.Errorf("the handshake over polling was answered with %s: %w", shown(target, response), err)
	}
	l := &pollingLink{target: target, recorder: recorder, query: PollingQuery + "&sid=" + Escaped(open.SID), packets: packets}
	l.ctx, l.cancel = context.WithCancel(context.Background()) // it outlives the dial
	return l, nil
}

// Send posts a packet. Only text can be sent.
func (l *pollingLink) Send(m wire.Message) error {
	l.posting.Lock()
	defer l.posting.Unlock()
	response, err := l.target.Do(l.ctx, l.recorder, wire.Request{
		Method: "POST", Path: l.query, Body: []byte(m.Data), Header: [][2]string{{"Content-Type", plainText}},
	})
	if err == nil && response.Status != 200 {
		err = fmt.Errorf("the POST was answered with %s", shown(l.target, response))
	}
	return err
}

// Receive polls for the next packet.
func (l *pollingLink) Receive() (wire.Message, *wire.End) {
	for len(l.packets) == 0 {
		response, err := l.target.Do(l.ctx, l.recorder, wire.Request{Method: "GET", Path: l.query})
		if err == nil && response.Status != 200 {
			err = fmt.Errorf("the poll was answered with %s", shown(l.target, response))
		}
		if err != nil {
			return wire.Message{}, &wire.End{Err: err, At: time.Now()}
		}
		l.packets = protocol.ParsePayload(response.Body)
	}
	packet := l.packets[0]
	l.packets = l.packets[1:]
	if packet == "1" {
		return wire.Message{}, &wire.End{Err: io.EOF, At: time.Now()}
	}
	return wire.Message{Data: packet, At: time.Now()}, nil
}

// Close tells the server that the session is over.
func (l *pollingLink) Close() {
	ctx, cancel := context.WithTimeout(l.ctx, time.Second)
	defer cancel()
	_, _ = l.target.Do(ctx, l.recorder, wire.Request{
		Method: "POST", Path: l.query, Body: []byte("1"), Header: [][2]string{{"Content-Type", plainText}},
	})
	l.cancel()
}

// Break ends the session without notice.
func (l *pollingLink) Break() { l.cancel() }

// PollingQuery and WebSocketQuery are the queries that open sessions.
const (
	PollingQuery   = "?EIO=4&transport=polling"
	WebSocketQuery = "?EIO=4&transport=websocket"
)

// Refuses reports whether an answer is a refusal by the server, and not by something in front of it.
func Refuses(r *wire.Response) bool {
	return r.Status >= 400 && r.Status < 500 && r.Status != http.StatusTooManyRequests && r.Status != http.StatusRequestTimeout && !r.Truncated
}

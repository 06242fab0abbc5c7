package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

const controlNamespace = "/conformance"

// Entry is one record of a target's conformance application (CONTRACT.md, section 3).
type Entry struct {
	Seq       int             `json:"seq"`
	Instance  string          `json:"instance"`
	Type      string          `json:"type"`
	Mark      string          `json:"mark"`
	Code      json.RawMessage `json:"code"`
	Message   string          `json:"message"`
	Context   json.RawMessage `json:"context"`
	Method    string          `json:"method"`
	URL       string          `json:"url"`
	Name      string          `json:"name"`
	Namespace string          `json:"namespace"`
	SID       string          `json:"sid"`
	Reason    string          `json:"reason"`
	Event     string          `json:"event"`
	Args      json.RawMessage `json:"args"`
	Ack       bool            `json:"ack"`
	Raw       string          `json:"-"`
}

func (e Entry) String() string { return e.Raw }

// observer is a connection to the control namespace of one target, shared by all cases of a run.
type observer struct {
	target *wire.Target

	connecting sync.Mutex
	mu         sync.Mutex
	socket     *wire.WebSocket
	recorder   *wire.Recorder
	refused    bool   // there is no control namespace
	ended      *pulse // of the last connection that ended
	over       chan struct{}
	joined     chan string // gets the answer to the CONNECT
	entries    []Entry     // of the present one
	gaps       []string
	nextID     int
	doubled    map[int]bool // commands that were acknowledged more than once
	waiting    map[int]chan reply
}

// reply is the acknowledgement of a command.
type reply struct {
	at    time.Time
	value json.RawMessage
}

// errNoControl says that a target runs no conformance application.
var errNoControl = errors.New("the namespace /conformance is refused: no conformance application")

// connect makes the connection where there is none.
func (o *observer) connect(ctx context.Context) error {
	o.connecting.Lock()
	defer o.connecting.Unlock()
	o.mu.Lock()
	alive, refused := o.socket != nil, o.refused
	o.mu.Unlock()
	if refused {
		return errNoControl
	}
	if alive {
		return nil
	}
	recorder := wire.NewRecorder()
	socket, response, err := o.target.Upgrade(ctx, recorder, "?EIO=4&transport=websocket", nil)
	if socket == nil {
		if response != nil {
			return fmt.Errorf("no WebSocket to the control namespace: %v", response)
		}
		return fmt.Errorf("no WebSocket to the control namespace: %w", err)
	}
	o.mu.Lock()
	o.socket, o.recorder, o.over, o.joined = socket, recorder, make(chan struct{}), make(chan string, 1)
	o.waiting, o.doubled, o.entries, o.gaps = map[int]chan reply{}, map[int]bool{}, nil, nil
	over, joined := o.over, o.joined
	o.mu.Unlock()
	go o.read(socket, over, joined)
	select {
	case answer := <-joined:
		if !strings.HasPrefix(answer, "40"+controlNamespace+",") {
			o.mu.Lock()
			o.refused = true
			o.mu.Unlock()
			socket.Close()
			return errNoControl
		}
		return nil
	case <-over:
		return errors.New("the connection ended before the control namespace answered")
	case <-ctx.Done():
		socket.Break()
		return fmt.Errorf("no answer to the CONNECT to the control namespace: %w", context.Cause(ctx))
	}
}

func (o *observer) read(socket *wire.WebSocket, over chan struct{}, joined chan string) {
	defer close(over)
	defer socket.Close() // a server that stops waits for that
	heart := &pulse{last: time.Now()}
	defer func() {
		heart.end(time.Now())
		o.mu.Lock()
		if o.socket == socket {
			o.socket = nil
		}
		o.ended = heart
		o.mu.Unlock()
	}()
	var kept int64
	for {
		m, end := socket.Receive()
		if end != nil {
			return
		}
		switch {
		case m.Data == "2":
			from := time.Now()
			_ = socket.Send(wire.Message{Data: "3"})
			heart.beat(from, time.Now())
		case strings.HasPrefix(m.Data, "0"):
			if open, err := ParseOpen(m.Data); err == nil {
				heart.limit = open.PingInterval + open.PingTimeout
			}
			_ = socket.Send(wire.Message{Data: "40" + controlNamespace + ","})
		case strings.HasPrefix(m.Data, "40"), strings.HasPrefix(m.Data, "44"):
			select {
			case joined <- m.Data:
			default:
			}
		default:
			if p, err := ParsePacket(m.Data); err == nil && p.Namespace == controlNamespace {
				o.take(p)
			}
			if kept += int64(len(m.Data)); kept > maxRecorded {
				return
			}
		}
	}
}

// maxRecorded is how much of what an application records is kept, in bytes: it may flood. Behind it another
// connection begins, and the cases under way are judged again.
const maxRecorded = 64 << 20

func (o *observer) take(p *Packet) {
	name, args := p.Event()
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case p.Type == Ack:
		id, _ := strconv.Atoi(p.ID)
		c, asked := o.waiting[id]
		if asked && c == nil {
			o.doubled[id] = true
		}
		if c != nil {
			o.waiting[id] = nil
			c <- reply{time.Now(), append(args, json.RawMessage("null"))[0]}
		}
	case p.Type == Event && name == "entry" && len(args) > 0:
		e := Entry{Raw: string(args[0])}
		if err := json.Unmarshal(args[0], &e); err != nil {
			o.gaps = append(o.gaps, fmt.Sprintf("an entry cannot be read: %v: %s", err, clip(e.Raw, 200)))
		}
		if n := len(o.entries); n > 0 && e.Seq != o.entries[n-1].Seq+1 {
			o.gaps = append(o.gaps, fmt.Sprintf("seq %d follows seq %d", e.Seq, o.entries[n-1].Seq))
		}
		o.entries = append(o.entries, e)
	}
}

// command sends a command and waits for its acknowledgement.
func (o *observer) command(ctx context.Context, event string, arg any) (json.RawMessage, error) {
	c, err := o.begin(ctx, event, arg)
	if err != nil {
		return nil, err
	}
	r, err := c.wait(ctx)
	return r.value, err
}

// errControlEnded says that the target ended the observer's connection.
var errControlEnded = errors.New("the connection to the control namespace ended")

// command is a command under way.
type command struct {
	id     int
	event  string
	answer chan reply
	over   chan struct{}
}

// begin sends a command.
func (o *observer) begin(ctx context.Context, event string, arg any) (c command, err error) {
	if err := o.connect(ctx); err != nil {
		return c, err
	}
	args := []any{event}
	if arg != nil {
		args = append(args, arg)
	}
	data, err := json.Marshal(args)
	if err != nil {
		return c, err
	}
	c.event, c.answer = event, make(chan reply, 1)
	o.mu.Lock()
	o.nextID++
	var socket *wire.WebSocket
	c.id, socket, c.over = o.nextID, o.socket, o.over
	o.waiting[c.id] = c.answer
	o.mu.Unlock()
	if socket == nil {
		return c, errControlEnded
	}
	return c, socket.Send(wire.Message{Data: fmt.Sprintf("42%s,%d%s", controlNamespace, c.id, data)})
}

// wait for its acknowledgement.
func (c command) wait(ctx context.Context) (r reply, err error) {
	select {
	case r = <-c.answer: // what is there counts, however late it is looked at
		return r, nil
	default:
	}
	select {
	case r = <-c.answer:
		return r, nil
	case <-c.over:
		return r, errControlEnded
	case <-ctx.Done():
		return r, fmt.Errorf("the command %s was not acknowledged: %w", c.event, context.Cause(ctx))
	}
}

// position is where the entries of the present connection end.
func (o *observer) position() (int, *wire.WebSocket) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.entries), o.socket
}

// since returns the entries from number n on. They are shared: entries are added, but never changed.
func (o *observer) since(n int) []Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clip(o.entries[min(n, len(o.entries)):])
}

func (o *observer) close() {
	o.mu.Lock()
	socket := o.socket
	o.mu.Unlock()
	if socket != nil {
		socket.Close()
	}
}

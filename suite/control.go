package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

const controlNamespace = "/conformance"

// Control is a connection to the control namespace of one target, shared by all cases of a run.
type Control struct {
	target *wire.Target
	auth   string // the payload of the CONNECT

	sending    chan struct{} // limits the commands being written, so that a pong does not wait behind a thousand of them
	connecting chan struct{} // holds one while one goroutine connects
	mu         sync.Mutex
	socket     Link
	recorder   *wire.Recorder
	refused    bool       // the target has no control namespace
	ended      *heartbeat // of the last connection that ended
	over       chan struct{}
	joined     chan string // gets the answer to the CONNECT
	entries    []Entry     // of this connection, and of those before it if nothing was missed between them
	epoch      int         // counts the connections that followed a loss of entries
	last       int         // the number of the last known entry; negative if there is none
	gaps       []string
	held       int64 // what the entries take of the budget
	holds      []int // the entries from these on are held whole
	whole      int   // the entries before this one are shortened
	nextID     int
	doubled    map[int]bool // commands that were acknowledged more than once
	waiting    map[int]chan reply
}

// commandsAtOnce is how many commands may be written at once.
const commandsAtOnce = 4

// reply is the acknowledgement of a command.
type reply struct {
	at    time.Time
	value json.RawMessage
}

// ErrNoControl means that a target runs no conformance application.
var ErrNoControl = errors.New("the namespace /conformance is refused: no conformance application")

// connect opens the connection if there is none.
func (o *Control) connect(ctx context.Context) error {
	select {
	case o.connecting <- struct{}{}:
		defer func() { <-o.connecting }()
	case <-ctx.Done():
		return fmt.Errorf("no connection to the control namespace: %w", context.Cause(ctx))
	}
	o.mu.Lock()
	alive, refused := o.socket != nil, o.refused
	o.mu.Unlock()
	if refused {
		return ErrNoControl
	}
	if alive {
		return nil
	}
	recorder := wire.NewRecorder(o.target)
	socket, err := Dial(ctx, o.target, recorder)
	if err != nil {
		return fmt.Errorf("no connection to the control namespace: %w", err)
	}
	o.mu.Lock()
	again, last, at := o.epoch > 0, o.last, len(o.entries)
	o.socket, o.recorder, o.over, o.joined = socket, recorder, make(chan struct{}), make(chan string, 1)
	o.waiting = map[int]chan reply{}
	if !again {
		o.epoch, o.doubled = 1, map[int]bool{}
	}
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
			return ErrNoControl
		}
		if !again {
			return nil
		}
		return o.resume(ctx, socket, last, at)
	case <-over:
		return errors.New("the connection ended before the control namespace answered")
	case <-ctx.Done():
		socket.Break()
		return fmt.Errorf("no answer to the CONNECT to the control namespace: %w", context.Cause(ctx))
	}
}

// resume finds out what was missed between the last connection and this one. When this one was joined, there were at
// entries, and the last had the number last. If something was missed, or nobody can tell, the earlier entries are dropped.
func (o *Control) resume(ctx context.Context, socket Link, last, at int) error {
	c, err := o.send(socket, "flush", nil)
	var r reply
	if err == nil {
		r, err = c.wait(ctx)
	}
	if err != nil {
		socket.Break()
		return err
	}
	var flushed struct{ Seq int }
	_ = protocol.Unmarshal(r.value, &flushed)
	o.mu.Lock()
	defer o.mu.Unlock()
	at = min(at, len(o.entries))
	next := flushed.Seq + 1
	if len(o.entries) > at {
		next = o.entries[at].Seq
	}
	if last >= 0 && next == last+1 {
		return nil
	}
	o.forget(at)
	o.last = flushed.Seq
	return nil
}

// Flush is a barrier: when it returns, the entries up to the returned number have arrived.
func (o *Control) Flush(ctx context.Context) (seq int, answer json.RawMessage, err error) {
	answer, err = o.Command(ctx, "flush", nil)
	if err != nil {
		return 0, nil, err
	}
	var flushed struct{ Seq int }
	_ = protocol.Unmarshal(answer, &flushed)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = max(o.last, flushed.Seq)
	return flushed.Seq, answer, nil
}

// read answers pings and passes on what else comes, until the connection ends. It does not take packets apart itself: the
// next ping may wait behind large ones.
func (o *Control) read(socket Link, over chan struct{}, joined chan string) {
	defer close(over)
	defer socket.Close() // a server that stops waits for this
	heart := &heartbeat{last: time.Now()}
	defer func() {
		o.mu.Lock()
		if o.socket == socket {
			o.socket = nil
		}
		o.ended = heart
		o.mu.Unlock()
	}()
	unread := newQueue(o.target)
	done, taken := make(chan struct{}), make(chan struct{})
	defer func() {
		heart.end(time.Now())
		close(done)
		<-taken
	}()
	go func() {
		defer close(taken)
		o.takeAll(socket, unread, done)
	}()
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
			if open, err := protocol.ParseOpen(m.Data); err == nil {
				heart.limit = open.PingInterval + open.PingTimeout
			}
			_ = socket.Send(wire.Message{Data: "40" + controlNamespace + "," + o.auth})
		case strings.HasPrefix(m.Data, "40"), strings.HasPrefix(m.Data, "44"):
			select {
			case joined <- m.Data:
			default:
			}
		default:
			for !unread.put(m) {
				select {
				case <-taken:
					return
				case <-time.After(time.Millisecond): // for room
				}
			}
		}
	}
}

// takeAll takes the packets of a connection apart until done is closed and none is left. If there is no room for what they
// carry, it breaks the connection.
func (o *Control) takeAll(socket Link, unread *queue, done <-chan struct{}) {
	defer unread.drop()
	for {
		m, more := unread.take()
		if !more {
			select {
			case <-unread.more:
				continue
			case <-done:
			}
			if m, more = unread.take(); !more {
				return
			}
		}
		if p, err := protocol.ParsePacket(m.Data); err == nil && p.Namespace == controlNamespace && !o.take(p, m.At) {
			socket.Break()
			return
		}
	}
}

// Command sends a command and waits for its acknowledgement.
func (o *Control) Command(ctx context.Context, event string, arg any) (json.RawMessage, error) {
	c, err := o.begin(ctx, event, arg)
	if err != nil {
		return nil, err
	}
	r, err := c.wait(ctx)
	return r.value, err
}

// errControlEnded means that the target ended the observer's connection.
var errControlEnded = errors.New("the connection to the control namespace ended")

// command is a command that was sent.
type command struct {
	id     int
	event  string
	answer chan reply
	over   chan struct{}
}

// begin sends a command.
func (o *Control) begin(ctx context.Context, event string, arg any) (c command, err error) {
	if err := o.connect(ctx); err != nil {
		return c, err
	}
	o.mu.Lock()
	socket := o.socket
	o.mu.Unlock()
	if socket == nil {
		return c, errControlEnded
	}
	return o.send(socket, event, arg)
}

// send sends a command over a connection.
func (o *Control) send(socket Link, event string, arg any) (c command, err error) {
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
	c.id, c.over = o.nextID, o.over
	o.waiting[c.id] = c.answer
	o.mu.Unlock()
	o.sending <- struct{}{}
	defer func() { <-o.sending }()
	return c, socket.Send(wire.Message{Data: fmt.Sprintf("42%s,%d%s", controlNamespace, c.id, data)})
}

// wait waits for the acknowledgement.
func (c command) wait(ctx context.Context) (r reply, err error) {
	select {
	case r = <-c.answer: // an answer that has arrived counts, however late we look
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

// Ended returns a channel that is closed when the current connection has ended, or that is already closed if there is none.
func (o *Control) Ended() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over == nil {
		over := make(chan struct{})
		close(over)
		return over
	}
	return o.over
}

func (o *Control) close() {
	o.mu.Lock()
	socket := o.socket
	o.mu.Unlock()
	if socket != nil {
		socket.Close()
	}
}

// NewControls returns the control connections of the targets, not yet open. Auth is the JSON payload of their CONNECTs;
// empty for none.
func NewControls(targets []*wire.Target, auth string) (all []*Control) {
	for i, target := range targets {
		if target.Index != i { // a connection of an earlier run may still be reading it
			target.Index = i
		}
		all = append(all, &Control{sending: make(chan struct{}, commandsAtOnce), connecting: make(chan struct{}, 1), target: target, auth: auth, last: -1})
	}
	return all
}

// CloseControls closes those that are open.
func CloseControls(all []*Control) {
	for _, o := range all {
		o.close()
	}
}

package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// Observer sees, for one case, what one target's conformance application records.
type Observer struct {
	t      *T
	target int
	shared *observer
	from   int             // the number of the entries that had come before
	socket *wire.WebSocket // whose entries it sees

	mu   sync.Mutex
	sent []int // the numbers of its commands
}

// Observe begins to observe a target: entries made before are not seen.
func (t *T) Observe(target int) *Observer {
	o := &Observer{t: t, target: target, shared: t.flight.observers[target]}
	t.Given(ControlAnswers, func() {
		ctx, cancel := t.patience(0)
		defer cancel()
		if err := o.shared.connect(ctx); err != nil {
			t.Failf("Expected\n    to observe target %d\nbut\n    %v", target+1, err)
		}
	})
	o.from, o.socket = o.shared.position()
	return o
}

func (t *T) patience(more time.Duration) (context.Context, context.CancelFunc) {
	d := t.Tolerance().Patience + more
	return context.WithTimeoutCause(t.ctx, d, fmt.Errorf("nothing came within %d ms", d.Milliseconds()))
}

// Command sends a command to the control namespace and returns what its acknowledgement carries.
func (o *Observer) Command(event string, arg any) json.RawMessage {
	return o.CommandWithin(0, event, arg)
}

// CommandWithin gives the command that much more time, for a timer of the target's.
func (o *Observer) CommandWithin(more time.Duration, event string, arg any) json.RawMessage {
	answer, _ := o.Begin(event, arg)(more)
	return answer
}

// Begin sends a command and returns at once. The function that it returns waits for the acknowledgement,
// with that much time beside the run's patience, and says how long it took from the command on.
func (o *Observer) Begin(event string, arg any) func(more time.Duration) (json.RawMessage, time.Duration) {
	text, _ := json.Marshal(arg)
	o.note("command", fmt.Sprintf("%s %s", event, text))
	ctx, cancel := o.t.patience(0)
	defer cancel()
	begun := time.Now()
	c, err := o.shared.begin(ctx, event, arg)
	o.mu.Lock()
	o.sent = append(o.sent, c.id)
	o.mu.Unlock()
	return func(more time.Duration) (json.RawMessage, time.Duration) {
		var r reply
		if err == nil {
			ctx, cancel := o.t.patience(more)
			defer cancel()
			r, err = c.wait(ctx)
		}
		if err != nil {
			if o.t.ctx.Err() != nil {
				o.t.cut()
			}
			if errors.Is(err, errControlEnded) {
				o.lost()
			}
			o.t.Failf("Expected\n    an acknowledgement of the command %s %s\nbut\n    %v", event, text, err)
		}
		o.note("answer", string(r.value))
		return r.value, r.at.Sub(begun)
	}
}

func (o *Observer) note(kind, text string) {
	direction := wire.Sent
	if kind != "command" {
		direction = wire.Received
	}
	o.t.recorder.Add(wire.Event{
		Connection: "observer-" + strconv.Itoa(o.target+1), Target: o.target, Direction: direction, Kind: "entry", Frame: kind,
	}, []byte(o.shared.target.Redact(text)))
}

// Flush is a barrier: every entry that the target made before has come when it returns. It ends a case whose
// connection was replaced by another one: what the target recorded meanwhile came to nobody, and
// would be taken for what it did not record.
func (o *Observer) Flush() {
	o.t.Given(ControlAnswers, func() {
		o.Command("flush", nil)
		if _, socket := o.shared.position(); socket != o.socket {
			o.lost()
			o.t.Failf("Expected\n    the connection to the control namespace to last\nbut\n    it ended, and what the target recorded meanwhile was not seen")
		}
	})
}

// lost takes note that the observer's connection ended.
func (o *Observer) lost() {
	o.shared.mu.Lock()
	p := o.shared.ended
	o.shared.mu.Unlock()
	if p != nil {
		o.t.mu.Lock()
		defer o.t.mu.Unlock()
		o.t.pulses = append(o.t.pulses, p)
	}
}

// Entries returns, after a flush, the entries since the observer began for which all the conditions hold.
func (o *Observer) Entries(conditions ...func(Entry) bool) []Entry {
	o.t.act("looks at what the application has recorded")
	o.Flush()
	var found []Entry
next:
	for _, e := range o.shared.since(o.from) {
		for _, holds := range conditions {
			if !holds(e) {
				continue next
			}
		}
		found = append(found, e)
		o.note("entry", e.Raw)
	}
	return found
}

// Await asks again and again, within the run's patience, until at least n entries fulfil the conditions;
// it returns those that do. It is for what happens on the target in its own time.
func (o *Observer) Await(n int, conditions ...func(Entry) bool) []Entry {
	deadline := time.Now().Add(o.t.Tolerance().Patience)
	for {
		found := o.Entries(conditions...)
		if len(found) >= n {
			return found
		}
		if time.Now().After(deadline) {
			o.t.Failf("Expected\n    %d entries at least of target %d\nbut\n    %d came within %d ms: %v", n, o.target+1, len(found), o.t.Tolerance().Patience.Milliseconds(), found)
		}
		o.t.Wait(10*time.Millisecond, "for an entry")
	}
}

// Gaps lists where the entries' numbers do not count up by one.
func (o *Observer) Gaps() []string {
	o.Flush()
	o.shared.mu.Lock()
	defer o.shared.mu.Unlock()
	return append([]string(nil), o.shared.gaps...)
}

// AnsweredTwice is the number of the observer's commands that were acknowledged more than once up to now.
func (o *Observer) AnsweredTwice() (n int) {
	o.Flush()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shared.mu.Lock()
	defer o.shared.mu.Unlock()
	for _, id := range o.sent {
		if o.shared.doubled[id] {
			n++
		}
	}
	return n
}

// OfType selects entries of a type.
func OfType(name string) func(Entry) bool { return func(e Entry) bool { return e.Type == name } }

// WithMark selects the entries of the requests with that mark.
func WithMark(mark string) func(Entry) bool { return func(e Entry) bool { return e.Mark == mark } }

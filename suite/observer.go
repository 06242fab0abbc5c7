package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Observer reads what one target's conformance application records, for one case.
type Observer struct {
	t *T
	*observation
}

// observation is the state that the handles of one observer share.
type observation struct {
	target  int
	shared  *Control
	from    position // where its entries begin
	release func()   // of the hold on them

	mu   sync.Mutex
	sent []int // the numbers of its commands
}

// Observe begins to observe a target. Earlier entries are not seen.
func (t *T) Observe(target int) *Observer {
	o := &Observer{t, &observation{target: target, shared: t.env.Controls[target]}}
	t.Given(ControlAnswers, func(t *T) {
		ctx, cancel := t.patience(t.ctx, 0)
		defer cancel()
		asked := time.Now()
		if err := o.shared.connect(ctx); err != nil {
			f := result.Failure{
				Kind: result.ObservationLost, Subject: fmt.Sprintf("the control namespace of target %d", target+1),
				Expected: describes("open to the suite"), Received: valueOf(err), Span: result.Span{From: asked, Until: time.Now()},
			}
			switch {
			case errors.Is(err, ErrNoControl):
				f.Kind = result.Content
			case errors.Is(err, errNothing):
				f.Kind, f.Received = result.Absence, nothing
			}
			t.Fail(f)
		}
	})
	o.from, o.release = t.hold(o.shared)
	return o
}

// Restart begins anew: earlier entries are not seen any more. A case that has the target record much, part by part, keeps
// less in memory that way.
func (o *Observer) Restart() {
	o.release()
	o.from, o.release = o.t.hold(o.shared)
}

// Command sends a command to the control namespace and returns what its acknowledgement carries.
func (o *Observer) Command(event string, arg any) json.RawMessage {
	return o.CommandWithin(0, event, arg)
}

// CommandWithin is Command with that much more time, for a timer of the target.
func (o *Observer) CommandWithin(more time.Duration, event string, arg any) json.RawMessage {
	answer, _ := o.Begin(event, arg)(more)
	return answer
}

// Begin sends a command and returns at once. The function that it returns waits for the acknowledgement, for the run's
// patience and that much more, and says how long the answer took.
func (o *Observer) Begin(event string, arg any) func(more time.Duration) (json.RawMessage, time.Duration) {
	arguments, _ := json.Marshal(arg)
	o.t.fits(o.t.Timings().MaxPayload, len(event)+len(arguments)+commandHead)
	o.note(wire.Command, event, string(arguments))
	ctx, cancel := o.t.patience(o.t.ctx, 0)
	defer cancel()
	begun := time.Now()
	c, err := o.shared.begin(ctx, event, arg)
	o.mu.Lock()
	o.sent = append(o.sent, c.id)
	o.mu.Unlock()
	return func(more time.Duration) (json.RawMessage, time.Duration) {
		var r reply
		if err == nil {
			ctx, cancel := o.t.patience(o.t.ctx, more)
			defer cancel()
			r, err = c.wait(ctx)
		}
		if err != nil {
			if o.t.ctx.Err() != nil {
				o.t.cut()
			}
			subject := fmt.Sprintf("the acknowledgement of the command %s %s", event, protocol.Clip(string(arguments), 200))
			if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errNothing) {
				o.t.absent(subject, comes, nothing, begun)
			}
			o.lost(subject, comes, err, begun)
		}
		o.note(wire.Answer, event, string(r.value))
		o.t.claims(event, arguments, r.value)
		return r.value, r.at.Sub(begun)
	}
}

func (o *Observer) note(kind wire.RecordKind, name, value string) {
	o.t.recorder.Record("observer-"+strconv.Itoa(o.target+1), o.target, kind, name, o.shared.target.Redact(value))
}

// Flush is a barrier: when it returns, every entry that the target made before has arrived. It ends the case if the
// connection was replaced, or if the entries have a gap: a lost entry would look like one that the target did not record.
func (o *Observer) Flush() {
	o.t.Given(ControlAnswers, func(t *T) {
		o := &Observer{t, o.observation}
		seq := o.flush()
		if _, epoch := o.shared.Position(); epoch != o.from.epoch {
			o.lost("the connection to the control namespace", result.Expectation{Relation: result.StaysOpen}, errControlEnded, o.t.begun)
		}
		if t.it.Shows == ControlAnswers { // the case is about the numbers
			return
		}
		if gap := o.shared.gap(o.from.n, seq); gap != "" {
			t.Fail(result.Failure{
				Kind: result.ObservationLost, Subject: fmt.Sprintf("the list of the records of target %d", o.target+1),
				Expected: describes("without gaps"), Received: text(result.Text, gap),
			})
		}
	})
}

// flushes is how often a flush is tried if the connection ends meanwhile.
const flushes = 3

// flush asks for the barrier, and again if the connection ends meanwhile. It returns the number of the last entry.
func (o *Observer) flush() int {
	ctx, cancel := o.t.patience(o.t.ctx, 0)
	defer cancel()
	o.note(wire.Command, "flush", "null")
	begun := time.Now()
	for try := 1; ; try++ {
		seq, answer, err := o.shared.Flush(ctx)
		if err == nil {
			o.note(wire.Answer, "flush", string(answer))
			return seq
		}
		if o.t.ctx.Err() != nil {
			o.t.cut()
		}
		const subject = "the acknowledgement of the command flush"
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errNothing) {
			o.t.absent(subject, comes, nothing, begun)
		}
		if try == flushes {
			o.lost(subject, comes, err, begun)
		}
	}
}

// lost ends the case: the observer's connection ended.
func (o *Observer) lost(subject string, expected result.Expectation, err error, since time.Time) {
	o.shared.mu.Lock()
	p := o.shared.ended
	o.shared.mu.Unlock()
	if p != nil {
		o.t.mu.Lock()
		o.t.heartbeats = append(o.t.heartbeats, p)
		o.t.mu.Unlock()
	}
	received := valueOf(err)
	received.Form = result.End
	o.t.Fail(result.Failure{
		Kind: result.ObservationLost, Subject: subject, Expected: expected, Received: received,
		Span: result.Span{From: since, Until: time.Now()},
	})
}

// Entries flushes and returns the entries since the observer began that meet all the conditions. Use it to expect that there
// are none, or none besides those that have come, and [Observer.Due] where some are expected.
func (o *Observer) Entries(conditions ...func(Entry) bool) []Entry {
	found := o.entries(conditions)
	if len(found) == 0 {
		o.t.looksInVain(o.target, conditions)
	}
	o.t.looksAt(o.observation, found)
	return found
}

// Due returns the entries that meet all the conditions, as Entries does, but waits for n of them first, within the run's
// patience: the target may make a record some time after the answer that it is about. It returns fewer if no more have come
// by then. If it had to wait, it waits once more for as long as that took: another record may be as late.
func (o *Observer) Due(n int, conditions ...func(Entry) bool) []Entry {
	since := time.Now()
	found := o.entries(conditions)
	if len(found) < n {
		if o.come(n, conditions) {
			o.t.pause(min(time.Since(since), o.t.Tolerance().Patience/longestAgain))
		}
		if found = o.entries(conditions); len(found) < n {
			o.t.mu.Lock()
			o.t.due = since
			o.t.mu.Unlock()
		}
	}
	o.t.looksAt(o.observation, found)
	return found
}

// longestAgain is which part of the run's patience Due waits at most for a record too many.
const longestAgain = 10

// come waits, within the run's patience, until at least n entries that have arrived meet the conditions. It reports whether
// they do.
func (o *Observer) come(n int, conditions []func(Entry) bool) bool {
	clock := o.t.clock(o.t.Tolerance().Patience)
	defer clock.stop()
	for {
		if _, epoch := o.shared.Position(); epoch != o.from.epoch {
			return false
		}
		if len(o.arrived(conditions)) >= n {
			return true
		}
		if clock.passed() {
			return false
		}
		o.t.pause(10 * time.Millisecond)
	}
}

// arrived returns the entries that have arrived since the observer began and meet all the conditions.
func (o *Observer) arrived(conditions []func(Entry) bool) (found []Entry) {
	for _, e := range o.shared.Since(o.from.n) {
		if e.Meets(conditions...) {
			found = append(found, e)
		}
	}
	return found
}

func (o *Observer) entries(conditions []func(Entry) bool) []Entry {
	o.t.mu.Lock()
	o.t.due = time.Time{}
	o.t.mu.Unlock()
	o.t.act("reads what the application has recorded")
	o.Flush()
	found := o.arrived(conditions)
	for _, e := range found {
		o.note(wire.Entry, e.Type, e.Raw)
	}
	return found
}

// Await asks repeatedly, within the run's patience, until at least n entries meet the conditions, and returns those entries.
// Use it for what the target does in its own time.
func (o *Observer) Await(n int, conditions ...func(Entry) bool) []Entry {
	since := time.Now()
	clock := o.t.clock(o.t.Tolerance().Patience)
	defer clock.stop()
	for {
		found := o.entries(conditions)
		if len(found) >= n {
			o.t.looksAt(o.observation, found)
			return found
		}
		if clock.passed() {
			expected := withValue(result.Compares, n)
			expected.Comparator = ">="
			received := counted(len(found))
			if len(found) == 0 {
				received = nothing
			}
			o.t.absent(fmt.Sprintf("the number of records of target %d", o.target+1), expected, received, since)
		}
		o.t.Wait(10*time.Millisecond, "for an entry")
	}
}

// Gaps lists the places where the entries' numbers do not increase by one.
func (o *Observer) Gaps() []string {
	o.Flush()
	o.shared.mu.Lock()
	defer o.shared.mu.Unlock()
	return append([]string(nil), o.shared.gaps...)
}

// AnsweredTwice returns how many of the observer's commands were acknowledged more than once so far.
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

// OfType selects the entries of a type.
func OfType(name string) func(Entry) bool { return func(e Entry) bool { return e.Type == name } }

// WithMark selects the entries of the requests with that mark.
func WithMark(mark string) func(Entry) bool { return func(e Entry) bool { return e.Mark == mark } }

package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// corroborateEmits compares the emits that the application reported with those that crossed the broker. It reports whether
// all of them crossed.
func (t *T) corroborateEmits(claimed []claim, looked map[recordKey]Entry) bool {
	told := len(claimed) > 0
	for _, e := range looked {
		told = told || e.Type == serverSideEvent
	}
	if !told {
		return true
	}
	if t.env.crossings == nil {
		return false
	}
	since := time.Now()
	if err := t.awaitCrossings(claimed); err != nil {
		t.recorder.Step("it is not known what crossed the broker: %v", err)
		return false
	}
	agrees := true
	for _, e := range looked {
		if e.Type != serverSideEvent || len(t.env.crossings.same(e.Namespace, e.Event, e.Args, e.Ack)) > 0 {
			continue
		}
		if agrees = false; holdsAny(canonical(e.Args), t.words()) {
			t.uncrossed("what the record "+protocol.Clip(e.Raw, 300)+" is about", result.Failure{})
		}
	}
	for _, c := range claimed {
		same, marked := t.crossed(c), t.marked(c)
		switch {
		case len(same) == 0:
			if agrees = false; marked {
				t.uncrossed("what the command server_side_emit "+c.raw+" reported as emitted", result.Failure{
					Kind: result.Absence, Span: result.Span{From: since, Until: time.Now()}, Calm: t.wasCalm(since),
				})
			}
		case c.Ack && !answeredBy(same, c.answer.Responses):
			if agrees = false; marked {
				var got []string
				for _, one := range c.answer.Responses {
					got = append(got, string(one))
				}
				t.contradict(result.Failure{
					Subject:  "the answers to the command server_side_emit " + c.raw,
					Expected: describes("answers that crossed the broker"), Received: valueOf(got),
				})
			}
		}
	}
	t.unrecorded()
	return agrees
}

const serverSideEvent = "server_side_event"

// uncrossed fails the case for an emit that did not cross the broker. The failure says of which kind that is.
func (t *T) uncrossed(subject string, f result.Failure) {
	f.Subject, f.Expected, f.Received = subject, describes("a server-side emit that crossed the broker"), nothing
	t.contradict(f)
}

// marked reports whether an emit that a command reported is one of the case that crosses the broker.
func (t *T) marked(c claim) bool {
	return holdsAny(canonical(c.Args), t.words()) && listens(c.Namespace)
}

// crossed returns the emits at the broker that are what a command reported.
func (t *T) crossed(c claim) []Emit {
	return t.env.crossings.same(c.Namespace, c.Event, c.Args, c.Ack)
}

// cutShort reports whether the case was ended from outside, and not by its own end.
func (t *T) cutShort() bool {
	return t.ctx.Err() != nil && context.Cause(t.ctx) != context.Canceled
}

// awaitCrossings waits, within the run's patience, until what the commands reported as emitted has crossed the broker: a
// server may answer a command before it has sent the emit. What a record is about has crossed before the record came.
func (t *T) awaitCrossings(claimed []claim) error {
	_, err := t.until(func() (bool, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), t.Tolerance().Patience)
		defer cancel()
		if err := t.env.crossings.update(ctx); err != nil {
			return false, err
		}
		return !slices.ContainsFunc(claimed, func(c claim) bool { return t.marked(c) && len(t.crossed(c)) == 0 }), nil
	})
	return err
}

// unrecorded looks for an emit of the case that crossed the broker but that no target records within the run's patience.
func (t *T) unrecorded() {
	since := time.Now()
	var missing *Emit
	recorded, err := t.until(func() (bool, error) {
		records := map[string]bool{}
		for i, o := range t.env.Controls {
			if _, epoch := o.Position(); epoch != t.began[i].epoch {
				return false, errMissed
			}
			for _, e := range o.Since(t.began[i].n) {
				if e.Type == serverSideEvent {
					records[emitKey(e.Namespace, e.Event, e.Args)] = true
				}
			}
		}
		missing = nil
		for _, e := range t.env.crossings.with(t.words()) {
			if !records[emitKey(e.Namespace, e.Event, e.Args)] {
				missing = &e
				break
			}
		}
		return missing == nil, nil
	})
	if recorded || err != nil || t.cutShort() {
		return
	}
	t.contradict(result.Failure{
		Kind: result.Absence, Span: result.Span{From: since, Until: time.Now()}, Calm: t.wasCalm(since),
		Subject:  fmt.Sprintf("the record of the event %s %s, which crossed the broker", missing.Event, protocol.Clip(string(missing.Args), 200)),
		Expected: comes, Received: nothing,
	})
}

// errMissed means that records of a target may have been missed.
var errMissed = errors.New("records may have been missed")

// until asks repeatedly whether something holds, until it does, for the run's patience at most. The case has ended by now,
// and with it its context. If it was ended from outside, until asks once more and returns.
func (t *T) until(holds func() (bool, error)) (bool, error) {
	over, cancel := t.patience(context.WithoutCancel(t.ctx), 0)
	defer cancel()
	for {
		held, err := holds()
		if held || err != nil || over.Err() != nil || t.cutShort() {
			return held, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// words returns the words that begin the marks of the case.
func (t *T) words() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.drawn
}

// holdAll holds the entries of all targets from now on, if somebody listens at the broker.
func (t *T) holdAll() {
	if t.env.crossings == nil {
		return
	}
	for _, o := range t.env.Controls {
		at, _ := t.hold(o)
		t.began = append(t.began, at)
	}
}

package suite

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Why a case ended before its time.
var (
	// ErrInterrupted is the cause of a context that was ended by the user, who does not wait long.
	ErrInterrupted = errors.New("the run was interrupted")
	errCaseLimit   = errors.New("the case's time was up")
)

// browserLimit is what a case may take beside that which needs a browser, the wait for the browser and for other pages included.
const browserLimit = 4 * time.Minute

// leaveLimit is how long a case may take to its end whose time is up. Nobody waits long for the reports of a run that was
// interrupted.
func leaveLimit(ctx context.Context) time.Duration {
	if errors.Is(context.Cause(ctx), ErrInterrupted) {
		return 300 * time.Millisecond
	}
	return 2 * time.Second
}

// limit is how long a case may take.
func (env *Environment) limit(c *Case) time.Duration {
	limit := c.Longest(env.Capabilities.Timings) + caseLimit + caseExchanges*env.exchange()
	if c.Needs.Restarts {
		limit += LifecycleLimit
	}
	if c.Needs.Browser {
		limit += browserLimit
	}
	return limit
}

// Attempt makes one attempt at a case. What happens on the wire goes to the recorder, which is left open: who keeps the attempt
// says how much of its trace is kept. Idle is called where the case waits long for one message, and may be called often; nil
// where nobody asks. Seen is what a good attempt has seen of the records of the targets; nil where that is nothing.
func (env *Environment) Attempt(ctx context.Context, c *Case, recorder *wire.Recorder, idle func()) (a result.Attempt, seen *Look) {
	t := newT(env, c)
	t.recorder, t.idle = recorder, idle
	ctx, cancel := context.WithTimeoutCause(ctx, env.limit(c), errCaseLimit)
	defer cancel()
	a = env.perform(ctx, t)
	if !a.Failed() && a.Cut+a.Crash+a.Inapplicable+a.Unverified+a.Missed == "" {
		seen = t.look()
	}
	return a, seen
}

// perform runs the case of a T to its end, or to that of the context.
func (env *Environment) perform(ctx context.Context, t *T) result.Attempt {
	var ended atomic.Int64 // when the context did, in nanoseconds since the beginning
	a := result.Attempt{Case: t.it.ID, Span: result.Span{From: time.Now()}}
	stop := context.AfterFunc(ctx, func() { ended.Store(int64(time.Since(a.Span.From))) })
	defer stop()
	over := make(chan struct{})
	go func() {
		defer close(over)
		t.run(ctx)
	}()
	left := false
	select {
	case <-over:
	case <-ctx.Done():
		select { // every wait of a case heeds its context; what does not is left behind
		case <-over:
		case <-time.After(leaveLimit(ctx)):
			left = true
		}
	}
	a.Span.Until = time.Now()
	if deadline, set := ctx.Deadline(); set && !time.Now().Before(deadline) {
		<-ctx.Done() // the timer of a dial may go off a moment before the context's own
	}
	if !left {
		a.Witness = t.corroborate()
	}
	failure := t.seal()
	t.mu.Lock()
	distant := t.distant
	a.Answer = t.answer
	t.mu.Unlock()
	cause := context.Cause(ctx)
	a.Limited = t.recorder.Limited()
	if failure != nil {
		a.Crash, a.Inapplicable, a.Unverified, a.Missed = failure.crash, failure.inapplicable, failure.unverified, failure.missed
		for _, e := range failure.evidence {
			if at := ended.Load(); cause != nil && at > 0 && !e.Span.Until.Before(a.Span.From.Add(time.Duration(at))) {
				continue // it was seen since the suite itself ended the case
			}
			a.Evidence = append(a.Evidence, e)
		}
		if failure.setup != "" {
			a.Evidence = append(a.Evidence, result.Failure{
				Kind: result.Absence, Subject: "what the step needs", Expected: comes, Received: nothing, Given: failure.setup,
				Span: result.Span{From: a.Span.From, Until: a.Span.Until},
			})
		}
		if len(a.Evidence) > 0 {
			a.Distant = t.outlasted()
		}
		if distant != "" && len(a.Evidence) > 0 { // nothing that it saw tells the distance from a broken rule
			a.Evidence, a.Unverified = nil, distant
		}
	}
	if cause != nil && (failure != nil || left || !errors.Is(cause, errCaseLimit)) {
		a.Cut = cause.Error()
	}
	return a
}

// caseLimit is what a case may take beside the target's own timers, and beside as many exchanges with a target far away.
const (
	caseLimit     = time.Minute
	caseExchanges = 60
)

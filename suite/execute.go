package suite

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Why a case was ended early.
var (
	// ErrInterrupted is the cause of a context that the user ended. The user does not wait long.
	ErrInterrupted = errors.New("the run was interrupted")
	errCaseLimit   = errors.New("the case's time was up")
)

// browserLimit is how much longer a case that needs a browser may take, including the wait for the browser and for other
// pages.
const browserLimit = 4 * time.Minute

// leaveLimit returns how long a case may take to end once its time is up. If the run was interrupted, the user does not wait
// long for the reports.
func leaveLimit(ctx context.Context) time.Duration {
	if errors.Is(context.Cause(ctx), ErrInterrupted) {
		return 300 * time.Millisecond
	}
	return 2 * time.Second
}

// limit returns how long a case may take.
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

// Attempt makes one attempt at a case. What happens on the wire goes to the recorder, which stays open: whoever keeps the
// attempt decides how much of its trace to keep. Idle, if not nil, is called when the case waits long for one message,
// perhaps often. Seen is what a good attempt saw of the records of the targets, or nil.
func (env *Environment) Attempt(ctx context.Context, c *Case, recorder *wire.Recorder, idle func()) (a result.Attempt, seen *Look) {
	t := newT(env, c)
	t.recorder, t.idle = recorder, idle
	ctx, cancel := context.WithTimeoutCause(ctx, env.limit(c), errCaseLimit)
	defer cancel()
	a = env.perform(ctx, t)
	if a.Good() {
		seen = t.look()
	}
	return a, seen
}

// perform runs the case of a T until it or the context ends.
func (env *Environment) perform(ctx context.Context, t *T) result.Attempt {
	var ended atomic.Int64 // when the context ended, in nanoseconds since the beginning
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
		select { // every wait of a case heeds its context; a case that does not end is left behind
		case <-over:
		case <-time.After(leaveLimit(ctx)):
			left = true
		}
	}
	a.Span.Until = time.Now()
	if deadline, set := ctx.Deadline(); set && !time.Now().Before(deadline) {
		<-ctx.Done() // the timer of a dial may go off a moment before the context's own
	}
	if left {
		go func() {
			<-over
			t.release()
		}()
	} else {
		a.Witness = t.corroborate()
		defer t.release()
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
				continue // the suite itself had already ended the case
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
		if distant != "" && len(a.Evidence) > 0 { // the distance may explain what it saw
			a.Evidence, a.Unverified = nil, distant
		}
	}
	if cause != nil && (failure != nil || left || !errors.Is(cause, errCaseLimit)) {
		a.Cut = cause.Error()
	}
	return a
}

// caseLimit is how long a case may take in addition to the target's own timers and to caseExchanges exchanges with a distant
// target.
const (
	caseLimit     = time.Minute
	caseExchanges = 60
)

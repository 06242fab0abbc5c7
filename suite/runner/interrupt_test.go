package runner

import (
	"context"
	"errors"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// interrupted returns a scheduler with two cases that was interrupted while one of them waits.
func interrupted(t *testing.T) (*scheduler, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(t.Context())
	begun := make(chan struct{})
	all := []planned{
		{Case: &suite.Case{ID: "events/a", Level: suite.Required, Run: func(t *suite.T) {
			close(begun)
			t.Wait(time.Hour, "for nothing")
		}}},
		{Case: &suite.Case{ID: "events/b", Level: suite.Required, Alone: true, Run: func(t *suite.T) {}}},
	}
	go func() {
		<-begun
		cancel(suite.ErrInterrupted)
	}()
	return newScheduler(ctx, Config{}.withDefaults(), &suite.Capabilities{Timings: suite.DefaultTimings}, nil, all), cancel
}

// An interrupted run does not wait for Ginkgo, which takes seconds to write reports of goroutines.
func TestAnInterruptDoesNotWaitForGinkgo(t *testing.T) {
	f, cancel := interrupted(t)
	defer cancel(nil)
	never := make(chan struct{})
	defer close(never)
	f.beneath(func() {
		f.startCases()
		<-never
	})
	if len(f.results) != 2 {
		t.Fatalf("got %d results", len(f.results))
	}
	for id, r := range f.results {
		if r.Outcome != suite.Unverified || r.Because == nil || r.Because.Cause != result.CauseCut {
			t.Errorf("%s is %s: %s", id, r.Outcome, r.Reason)
		}
	}
}

// If Ginkgo has not started the cases, they are unverified anyway.
func TestAnInterruptBeforeTheFirstCase(t *testing.T) {
	f, cancel := interrupted(t)
	cancel(suite.ErrInterrupted)
	f.beneath(func() {})
	if len(f.results) != 2 {
		t.Fatalf("got %d results", len(f.results))
	}
}

// If a run was interrupted, closing at its end overlaps with its reports; otherwise it comes before them.
func TestAnInterruptDoesNotWaitForTheEnd(t *testing.T) {
	for name, cause := range map[string]error{"interrupted": suite.ErrInterrupted, "its time was up": ErrTimeout} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		hold, over := make(chan struct{}), make(chan struct{})
		waits := !errors.Is(cause, suite.ErrInterrupted)
		if waits {
			close(hold)
		}
		leave(ctx, func() {
			<-hold
			close(over)
		})
		select {
		case <-over:
			if !waits {
				t.Errorf("%s: leave waited for it", name)
			}
		default:
			if waits {
				t.Errorf("%s: leave did not wait for it", name)
			}
		}
		if !waits {
			close(hold)
			<-over
		}
	}
}

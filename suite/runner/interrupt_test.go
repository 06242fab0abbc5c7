package runner

import (
	"context"
	"errors"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// interrupted is a scheduler of two cases that was interrupted while one of them waits.
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

// A run that was interrupted does not wait for Ginkgo, which writes reports of goroutines for seconds.
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
		t.Fatalf("%d results", len(f.results))
	}
	for id, r := range f.results {
		if r.Outcome != suite.Unverified || r.Because == nil || r.Because.Cause != result.CauseCut {
			t.Errorf("%s is %s: %s", id, r.Outcome, r.Reason)
		}
	}
}

// Where Ginkgo has not come to the cases, they are unverified all the same.
func TestAnInterruptBeforeTheFirstCase(t *testing.T) {
	f, cancel := interrupted(t)
	cancel(suite.ErrInterrupted)
	f.beneath(func() {})
	if len(f.results) != 2 {
		t.Fatalf("%d results", len(f.results))
	}
}

// What is closed at the end of a run is closed beside its reports where it was interrupted, and before them else.
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
				t.Errorf("%s: it was waited for", name)
			}
		default:
			if waits {
				t.Errorf("%s: it was not waited for", name)
			}
		}
		if !waits {
			close(hold)
			<-over
		}
	}
}

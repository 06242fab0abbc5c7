package runner

import (
	"context"
	"testing"
	"time"
)

func TestLimiterFollowsThePace(t *testing.T) {
	l := newLimiter(8)
	for range 8 {
		if l.Acquire(t.Context()) != nil {
			t.Fatal("a slot is missing")
		}
	}
	full := func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 20*ms)
		defer cancel()
		return l.Acquire(ctx) != nil
	}
	if !full() {
		t.Fatal("there are more slots than eight")
	}
	l.adapt(true, false, false)
	if l.now() != 4 {
		t.Errorf("%d slots where answers are slow", l.now())
	}
	for range 4 {
		l.Release()
	}
	if !full() {
		t.Error("slots that were taken away are given out")
	}
	l.adapt(false, false, true)
	if l.now() != 6 || full() {
		t.Errorf("%d slots where answers are quick again", l.now())
	}
	for range 3 {
		l.adapt(true, false, false)
	}
	if l.now() != 1 {
		t.Errorf("%d slots at the least", l.now())
	}
	for range 3 {
		l.adapt(true, false, false)
	}
	if l.now() != 4 {
		t.Errorf("%d slots where fewer do not help", l.now())
	}
	for range 3 {
		l.adapt(false, true, false)
	}
	if l.now() != 1 {
		t.Errorf("%d slots where requests are refused", l.now())
	}
}

func TestSlotsAreGivenBackOnce(t *testing.T) {
	l := newLimiter(1)
	_ = l.Acquire(t.Context())
	release := l.hold(time.Millisecond)
	if l.Acquire(t.Context()) != nil { // the time of the first one is up
		t.Fatal("no slot")
	}
	release()
	ctx, cancel := context.WithTimeout(t.Context(), 20*ms)
	defer cancel()
	if l.Acquire(ctx) == nil {
		t.Error("a slot was given back twice")
	}
}

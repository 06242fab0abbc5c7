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
			t.Fatal("there are fewer than eight slots")
		}
	}
	full := func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 20*ms)
		defer cancel()
		return l.Acquire(ctx) != nil
	}
	if !full() {
		t.Fatal("there are more than eight slots")
	}
	l.adapt(true, false, false)
	if l.now() != 4 {
		t.Errorf("got %d slots when answers are slow", l.now())
	}
	for range 4 {
		l.Release()
	}
	if !full() {
		t.Error("slots above the limit were given out")
	}
	l.adapt(false, false, true)
	if l.now() != 6 || full() {
		t.Errorf("got %d slots when answers are quick again", l.now())
	}
	for range 3 {
		l.adapt(true, false, false)
	}
	if l.now() != 1 {
		t.Errorf("got %d slots as the minimum", l.now())
	}
	for range 3 {
		l.adapt(true, false, false)
	}
	if l.now() != 4 {
		t.Errorf("got %d slots when fewer do not help", l.now())
	}
	for range 3 {
		l.adapt(false, true, false)
	}
	if l.now() != 1 {
		t.Errorf("got %d slots when requests are refused", l.now())
	}
}

func TestSlotsAreGivenBackOnce(t *testing.T) {
	l := newLimiter(1)
	_ = l.Acquire(t.Context())
	release := l.hold(time.Millisecond)
	if l.Acquire(t.Context()) != nil { // the time of the first slot is up
		t.Fatal("no slot")
	}
	release()
	ctx, cancel := context.WithTimeout(t.Context(), 20*ms)
	defer cancel()
	if l.Acquire(ctx) == nil {
		t.Error("a slot was released twice")
	}
}

package wire

import (
	"context"
	"net/http"
	"testing"
	"time"
)

func TestPaceObeysRetryAfterWithinBounds(t *testing.T) {
	now := time.Now()
	for value, want := range map[string]time.Duration{
		"": 0, "2": 2 * time.Second, "0": 0, "86400": MaxRetryAfter, "-3": 0, "99999999999999999999": 0, "soon": 0, "1.5": 0,
		now.Add(-time.Hour).UTC().Format(http.TimeFormat): 0, now.Add(time.Hour).UTC().Format(http.TimeFormat): MaxRetryAfter,
	} {
		if d := retryAfter(value, now); d != want {
			t.Errorf("Retry-After: %s is obeyed for %v, want %v", value, d, want)
		}
	}
	p := NewPace(0)
	for range 100 {
		p.answered(http.StatusTooManyRequests, http.Header{"Retry-After": {"3600"}})
	}
	if d := time.Until(p.held); d > MaxRetryAfter || p.obeyed > MaxRetryAfters || p.Refused().IsZero() {
		t.Errorf("for answers at once: held for %v, %v in total", d, p.obeyed)
	}
	for range 100 { // each after the previous one has been obeyed
		p.held = time.Time{}
		p.answered(http.StatusServiceUnavailable, http.Header{"Retry-After": {"3600"}})
	}
	if p.obeyed > MaxRetryAfters {
		t.Errorf("a run waits %v because of Retry-After", p.obeyed)
	}
	q := NewPace(0)
	q.answered(http.StatusBadGateway, http.Header{"Retry-After": {"5"}})
	if !q.held.IsZero() || !q.Refused().IsZero() {
		t.Error("a 502 delays the run")
	}
}

func TestPaceKeepsItsRate(t *testing.T) {
	var none *Pace
	if err := none.Wait(t.Context(), false); err != nil {
		t.Error(err)
	}
	p, begun := NewPace(100), time.Now()
	for range 11 {
		if err := p.Wait(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begun); took < 100*time.Millisecond { // ten intervals
		t.Errorf("11 connections at 100 a second took %v", took)
	}
	slow := NewPace(1)
	_ = slow.Wait(t.Context(), false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if slow.Wait(ctx, true) == nil {
		t.Error("a wait outlasted its context")
	}
}

// A rate is inferred from refusals because of load: half of what was opened, and half again if that is refused, too.
func TestPaceLearnsARate(t *testing.T) {
	p, now := NewPace(0), time.Now()
	if p.Learnt() != 0 {
		t.Error("a rate was inferred from nothing")
	}
	for range 100 {
		if p.take(false) != 0 {
			t.Fatal("a connection waited without a rate")
		}
	}
	at := now
	second := func(p *Pace, answers, refusals int) {
		at = at.Add(learnsEvery)
		for i := range answers {
			p.learn(at.Add(-learnsEvery/2), i < refusals)
		}
		p.learn(at, false)
	}
	second(p, 0, 0) // counting begins
	second(p, 100, 2)
	second(p, 100, 5)
	if got := p.Learnt(); got != 0 {
		t.Errorf("single refusals led to a rate of %d", got)
	}
	for i, want := range []int{50, 25, 12, 10, 10} {
		second(p, 30, 10)
		if got := p.Learnt(); got != want {
			t.Errorf("after %d seconds with refusals, got rate %d, want %d", i+1, got, want)
		}
	}
	slow := NewPace(5)
	second(slow, 30, 30)
	second(slow, 30, 30)
	if got := slow.Learnt(); got != 0 {
		t.Errorf("the requested rate became %d", got)
	}
}

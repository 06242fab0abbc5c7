package suite

import (
	"strings"
	"testing"
	"time"
)

func TestSessionsBeyondTheMostAreNamed(t *testing.T) {
	env := &Environment{MaxSessions: 2, Stalls: &Stalls{}, Tolerance: Tolerance{Patience: 20 * time.Millisecond}}
	run := func(f func(*T)) string {
		c := newT(env, &Case{ID: "robustness/seats", Run: f})
		c.run(t.Context())
		if failure := c.seal(); failure != nil {
			return failure.unverified
		}
		return ""
	}
	two := func(t *T) { t.NeedsSessions(2); t.seat(); t.seat() }
	for range 2 { // a case returns its seats
		if why := run(two); why != "" {
			t.Error(why)
		}
	}
	for name, f := range map[string]func(*T){
		"one after the other": func(t *T) { two(t); t.seat() },
		"said before":         func(t *T) { t.NeedsSessions(3) },
	} {
		if why := run(f); !strings.Contains(why, "--max-sessions") {
			t.Errorf("%s: %q", name, why)
		}
	}
	if len(env.seats) != 0 {
		t.Errorf("%d seats were not returned", len(env.seats))
	}
	env = &Environment{Stalls: &Stalls{}}
	if why := run(func(t *T) { t.NeedsSessions(1000); t.seat() }); why != "" {
		t.Error(why)
	}
}

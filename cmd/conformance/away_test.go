package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
)

// fatal is the case that sends what a mortal server dies of.
const fatal = "polling/put-within-a-session"

// outcomes of a run by their causes.
func causes(t *testing.T, r *suite.Results) (gone, red []string) {
	for _, c := range r.Cases {
		switch {
		case c.Because != nil && c.Because.Cause == result.CauseTargetGone && c.Outcome == suite.Unverified:
			gone = append(gone, c.ID)
		case c.Outcome == suite.Failed || c.Outcome == suite.Warned || c.Outcome == suite.Unstable:
			red = append(red, c.ID)
			if c.ID != fatal {
				t.Logf("%s is %s after %d attempts: %s %+v", c.ID, c.Outcome, c.Attempts, c.Reason, c.Evidence)
			}
		}
	}
	return gone, red
}

func suspects(d result.Departure) (all []string) {
	for _, s := range d.Suspects {
		all = append(all, s.Case)
	}
	return all
}

// A target that goes away in the middle leaves one cause, and names what was under way. Nothing is red for it.
func TestTargetThatGoesAwayLeavesOneCause(t *testing.T) {
	for name, hangs := range map[string]bool{"it refuses connections": false, "it answers nothing": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMortal(t, "PUT ")
			m.hangs = hangs
			r := m.run(t, runner.Config{AwayLimit: time.Second})
			gone, red := causes(t, r)
			if len(red) > 0 || len(gone) < 5 || r.Verdict != suite.Incomplete {
				t.Errorf("%s: red %v, %d for the target", r.Verdict, red, len(gone))
			}
			if len(r.Gone) != 1 || !r.Gone[0].Until.IsZero() {
				t.Fatalf("departures: %+v", r.Gone)
			}
			all := suspects(r.Gone[0])
			if !slices.Contains(all, fatal) {
				t.Errorf("%s is none of the suspects: %v", fatal, all)
			}
			for _, s := range r.Gone[0].Suspects {
				if s.Case == fatal && (len(s.Last) == 0 || !strings.Contains(s.Last[len(s.Last)-1].Content().Text, "PUT ")) {
					t.Errorf("its last packets are %+v", s.Last)
				}
			}
			reasons := map[string]bool{}
			for _, c := range r.Cases {
				if slices.Contains(gone, c.ID) {
					_, reason, _ := strings.Cut(c.Reason, "the target was gone") // behind what an observed case answered
					reasons[reason] = true
				}
			}
			if len(reasons) != 1 {
				t.Errorf("one cause has several reasons: %v", reasons)
			}
		})
	}
}

// A target that can be started again is: the case that ends it again has failed, and no other one.
func TestTargetThatIsStartedAgain(t *testing.T) {
	for name, hangs := range map[string]bool{"it refused connections": false, "it answered nothing": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMortal(t, "PUT ")
			m.hangs = hangs
			r := m.run(t, runner.Config{Revive: m.Revive})
			gone, red := causes(t, r)
			if !slices.Equal(red, []string{fatal}) || len(gone) > 0 || r.Verdict != suite.NotConformant {
				t.Errorf("%s: red %v, for the target %v", r.Verdict, red, gone)
			}
			if len(r.Gone) != 2 || r.Gone[0].Alone || !r.Gone[1].Alone || !slices.Equal(suspects(r.Gone[1]), []string{fatal}) {
				t.Fatalf("departures: %+v", r.Gone)
			}
			for _, d := range r.Gone {
				if !d.Started || d.Until.IsZero() {
					t.Errorf("it was not started again: %+v", d)
				}
			}
			i := slices.IndexFunc(r.Cases, func(c suite.CaseResult) bool { return c.ID == fatal })
			if c := r.Cases[i]; len(c.Evidence) == 0 || c.Evidence[0].Expected.Relation != result.StaysOpen || !strings.Contains(trace(c), "PUT ") {
				t.Errorf("%+v", c.Evidence)
			}
		})
	}
}

// What ends a target once and not again has not failed, nor has anything else.
func TestTargetThatGoesAwayOnce(t *testing.T) {
	thorough(t)
	t.Parallel()
	m := newMortal(t, "PUT ")
	m.most = 1
	r := m.run(t, runner.Config{Revive: m.Revive})
	if gone, red := causes(t, r); len(red)+len(gone) > 0 || len(r.Gone) != 1 {
		t.Errorf("red %v, for the target %v, %d departures", red, gone, len(r.Gone))
	}
}

// Where it comes back of its own accord, the run goes on without the suspects, and never tries them again.
func TestTargetThatComesBack(t *testing.T) {
	t.Parallel()
	m := newMortal(t, "PUT ")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m.returns(ctx)
	r := m.run(t, runner.Config{})
	gone, red := causes(t, r)
	if len(r.Gone) != 1 || r.Gone[0].Until.IsZero() {
		t.Fatalf("departures: %+v", r.Gone)
	}
	all := suspects(r.Gone[0])
	for _, id := range gone {
		if !slices.Contains(all, id) {
			t.Errorf("%s is unverified, and was none of the suspects", id)
		}
	}
	if !slices.Contains(gone, fatal) || len(red) > 0 {
		i := slices.IndexFunc(r.Cases, func(c suite.CaseResult) bool { return c.ID == fatal })
		t.Errorf("red %v, for the target %v; %s is %s: %s", red, gone, fatal, r.Cases[i].Outcome, r.Cases[i].Reason)
	}
}

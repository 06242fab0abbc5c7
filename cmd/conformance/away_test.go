package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
)

// fatal is the case whose bytes end a mortal server.
const fatal = "polling/put-within-a-session"

// outcomes returns the outcomes of a run by their causes.
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

// departures says when targets went away and what was running then, for messages of tests.
func departures(all []result.Departure) string {
	var b strings.Builder
	for _, d := range all {
		fmt.Fprintf(&b, "\n%s to %s: %s; alone %t, started %t %s; suspects %v",
			d.From.Format(clock), d.Until.Format(clock), d.How, d.Alone, d.Started, d.Error, suspects(d))
	}
	return b.String()
}

const clock = "15:04:05.000"

// If a target goes away in the middle, there is one cause, which names the cases that were running. Nothing is red because
// of it.
func TestTargetThatGoesAwayLeavesOneCause(t *testing.T) {
	t.Parallel()
	for name, hangs := range map[string]bool{"it refuses connections": false, "it answers nothing": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMortal(t, "PUT ")
			m.hangs = hangs
			r := m.run(t, runner.Config{AwayLimit: time.Second})
			gone, red := causes(t, r)
			if len(red) > 0 || len(gone) < 5 || r.Verdict != suite.Incomplete {
				t.Errorf("%s: red %v, %d because of the target", r.Verdict, red, len(gone))
			}
			if len(r.Gone) != 1 || !r.Gone[0].Until.IsZero() {
				t.Fatalf("got departures %s", departures(r.Gone))
			}
			all := suspects(r.Gone[0])
			if !slices.Contains(all, fatal) {
				t.Errorf("%s is not a suspect: %v", fatal, all)
			}
			for _, s := range r.Gone[0].Suspects {
				if s.Case == fatal && (len(s.Last) == 0 || !strings.Contains(s.Last[len(s.Last)-1].Content().Text, "PUT ")) {
					t.Errorf("got its last packets %+v", s.Last)
				}
			}
			reasons := map[string]bool{}
			for _, c := range r.Cases {
				if slices.Contains(gone, c.ID) {
					_, reason, _ := strings.Cut(c.Reason, "the target was gone") // after the answer of an observed case
					reasons[reason] = true
				}
			}
			if len(reasons) != 1 {
				t.Errorf("want one reason for the cause, got %v", reasons)
			}
		})
	}
}

// A target that can be restarted is restarted. The case that ends it again has failed, and no other.
func TestTargetThatIsStartedAgain(t *testing.T) {
	t.Parallel()
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
				t.Fatalf("got departures %s", departures(r.Gone))
			}
			for _, d := range r.Gone {
				if !d.Started || d.Until.IsZero() {
					t.Errorf("the target was not restarted: %s", departures(r.Gone))
				}
			}
			i := slices.IndexFunc(r.Cases, func(c suite.CaseResult) bool { return c.ID == fatal })
			if c := r.Cases[i]; len(c.Evidence) == 0 || c.Evidence[0].Expected.Relation != result.StaysOpen || !strings.Contains(trace(c), "PUT ") {
				t.Errorf("%+v", c.Evidence)
			}
		})
	}
}

// A case that ends a target once and not again has not failed, nor has any other.
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

// If the target comes back by itself, the run goes on without the suspects and never tries them again.
func TestTargetThatComesBack(t *testing.T) {
	t.Parallel()
	m := newMortal(t, "PUT ")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m.returns(ctx)
	r := m.run(t, runner.Config{})
	gone, red := causes(t, r)
	if len(r.Gone) != 1 || r.Gone[0].Until.IsZero() {
		t.Fatalf("got departures %s", departures(r.Gone))
	}
	all := suspects(r.Gone[0])
	for _, id := range gone {
		if !slices.Contains(all, id) {
			t.Errorf("%s is unverified but was not a suspect", id)
		}
	}
	if !slices.Contains(gone, fatal) || len(red) > 0 {
		i := slices.IndexFunc(r.Cases, func(c suite.CaseResult) bool { return c.ID == fatal })
		t.Errorf("red %v, for the target %v; %s is %s: %s", red, gone, fatal, r.Cases[i].Outcome, r.Cases[i].Reason)
	}
}

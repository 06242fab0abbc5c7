package runner

import (
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// A record is late if the target had since answered enough probes, over the connection that carries its records.
func TestLateRecordsAreThoseBehindProbes(t *testing.T) {
	ended := time.Now()
	for name, test := range map[string]struct {
		probes, came int // milliseconds
		over         result.Medium
		want         bool
	}{
		"behind many probes":          {12, 2000, result.OverControl, true},
		"behind few":                  {9, 2000, result.OverControl, false},
		"at once":                     {12, 900, result.OverControl, false},
		"behind those of another way": {12, 2000, result.OverPolling, false},
	} {
		p := &probes{}
		p.add(0, test.over, nil)
		for i := range test.probes {
			at := ended.Add(time.Duration(i+1) * 10 * ms)
			p.all[0].answers = append(p.all[0].answers, answered{at, at.Add(ms)})
		}
		f := &scheduler{probes: p}
		if got := f.late(0, ended, ended.Add(time.Duration(test.came)*ms)); got != test.want {
			t.Errorf("%s: late returned %t", name, got)
		}
	}
}

// What the sweep finds is final and needs no further attempt.
func TestWhatTheSweepFindsIsFinal(t *testing.T) {
	ran := 0
	c := &suite.Case{ID: "events/a", Level: suite.Required, Run: func(*suite.T) { ran++ }}
	f := aScheduler(t, c)
	if r := runCase(f, c); r.Outcome != suite.Passed {
		t.Fatal(r.Outcome)
	}
	f.reopen(c.ID, result.Attempt{Case: c.ID, Swept: true, Evidence: []result.Failure{{Kind: result.Content}}})
	if r := f.results[c.ID]; r.Outcome != suite.Failed || ran != 1 || len(r.History) != 2 || !r.History[1].Swept {
		t.Errorf("got %s after %d runs: %+v", r.Outcome, ran, r.History)
	}
}

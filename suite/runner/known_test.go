package runner

import (
	"testing"
	"time"

	"example.test/conformance/suite"
)

func TestExcusesEnd(t *testing.T) {
	versions := func(all ...string) (targets []suite.TargetResult) {
		for _, v := range all {
			info := &suite.Info{}
			info.Implementation.Version = v
			targets = append(targets, suite.TargetResult{Info: info})
		}
		return targets
	}
	day := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		until   string
		now     time.Time
		targets []suite.TargetResult
		over    bool
	}{
		{"", day, versions("4.1.0"), false},
		{"2027-01-31", day.Add(-time.Second), versions("4.1.0"), false},
		{"2027-01-31", day, versions("4.1.0"), true},
		{"4.1.1", day, versions("4.1.0"), false},
		{"4.1.1", day, versions("4.1.1"), true},
		{"4.1.1", day, versions("4.10.0"), true},
		{"4.2", day, versions("4.1.9"), false},
		{"4.2", day, versions("4.2.0"), true},
		{"4.1.1", day, versions("4.1.1", "4.1.0"), false},
		{"4.1.1", day, versions("4.1.1-beta"), false},
		{"4.1.1", day, versions("of tomorrow"), false},
		{"4.1.1", day, []suite.TargetResult{{}}, false},
	} {
		if over := (suite.KnownFailure{Until: c.until}).Over(c.now, c.targets); over != c.over {
			t.Errorf("until %q, on %v, targets %v: Over returned %v", c.until, c.now, c.targets, over)
		}
	}
}

func TestIntermittentFailuresMayPass(t *testing.T) {
	for name, test := range map[string]struct {
		intermittent bool
		until        string
		outcome      suite.Outcome
		want         suite.Outcome
	}{
		"one that must fail, and passes":          {false, "", suite.Passed, suite.Stale},
		"an intermittent one that passes":         {true, "", suite.Passed, suite.Passed},
		"an intermittent one that fails":          {true, "", suite.Failed, suite.Known},
		"an intermittent one that is over":        {true, "2020-01-01", suite.Failed, suite.Failed},
		"an intermittent one that is over passes": {true, "2020-01-01", suite.Passed, suite.Stale},
	} {
		f := &scheduler{config: settings{Config: Config{KnownFailures: []suite.KnownFailure{{Case: "acks/a", Reason: "a race", Intermittent: test.intermittent, Until: test.until}}}}, capabilities: &suite.Capabilities{}, start: time.Now()}
		r := &suite.CaseResult{ID: "acks/a", Outcome: test.outcome}
		if f.applyKnownFailures(r); r.Outcome != test.want || r.KnownFailure == nil {
			t.Errorf("%s: got %s: %s", name, r.Outcome, r.Reason)
		}
	}
}

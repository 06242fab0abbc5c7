package compare_test

import (
	"slices"
	"testing"
	"time"

	"example.test/conformance/reporter/compare"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
)

func TestCompareFindsRegressions(t *testing.T) {
	recommended := func(r *result.Results) *result.Results {
		r.Cases[0].Level = result.Recommended
		return sample.Changed(r, nil)
	}
	other := sample.Green(10, map[int]result.Outcome{0: result.Failed})
	for i := range other.Targets {
		info := *other.Targets[i].Info
		info.Implementation.Name = "another"
		other.Targets[i].Info = &info
	}
	narrower := sample.Green(10, map[int]result.Outcome{0: result.Inapplicable})
	narrower.Profile = result.ProfileWire
	unreachable := &result.Results{Targets: sample.Green(1, nil).Targets, Verdict: result.Unreachable, ExitCode: 3}
	for name, test := range map[string]struct {
		before, after  *result.Results
		regression     bool
		worse, better  int
		implementation bool
	}{
		"nothing":                        {sample.Green(10, nil), sample.Green(10, nil), false, 0, 0, true},
		"a case broke":                   {sample.Green(10, nil), sample.Green(10, map[int]result.Outcome{0: result.Failed}), true, 1, 0, true},
		"a case was mended":              {sample.Green(10, map[int]result.Outcome{0: result.Failed}), sample.Green(10, nil), false, 0, 1, true},
		"one broke, one was mended":      {sample.Green(10, map[int]result.Outcome{0: result.Failed}), sample.Green(10, map[int]result.Outcome{1: result.Failed}), true, 1, 1, true},
		"still broken":                   {sample.Green(10, map[int]result.Outcome{0: result.Failed}), sample.Green(10, map[int]result.Outcome{0: result.Failed}), false, 0, 0, true},
		"not judged any more":            {sample.Green(10, nil), sample.Green(10, map[int]result.Outcome{0: result.Unverified}), true, 1, 0, true},
		"a case no longer applies":       {sample.Green(10, nil), sample.Green(10, map[int]result.Outcome{0: result.Inapplicable}), false, 0, 0, true},
		"it applies again":               {sample.Green(10, map[int]result.Outcome{0: result.Inapplicable}), sample.Green(10, nil), false, 0, 0, true},
		"another profile":                {sample.Green(10, nil), narrower, false, 0, 0, true},
		"a warning":                      {recommended(sample.Green(10, nil)), recommended(sample.Green(10, map[int]result.Outcome{0: result.Warned})), false, 1, 0, true},
		"a new case that fails":          {sample.Green(9, nil), sample.Green(10, map[int]result.Outcome{9: result.Failed}), true, 0, 0, true},
		"another implementation":         {sample.Green(10, nil), other, false, 0, 0, false},
		"no answer where all was passed": {sample.Green(10, nil), unreachable, true, 0, 0, true},
	} {
		c := sample.Compared(t, test.before, test.after)
		if c.Regression != test.regression || len(c.Worse) != test.worse || len(c.Better) != test.better || c.SameImplementation != test.implementation {
			t.Errorf("%s: regression %v, worse %v, better %v, same implementation %v", name, c.Regression, c.Worse, c.Better, c.SameImplementation)
		}
	}
	if c := sample.Compared(t, sample.Green(10, nil), sample.Green(10, map[int]result.Outcome{0: result.Inapplicable})); !slices.Equal(c.NoLonger, []string{c.Cases[0].ID}) ||
		c.Verdict() != "No regression: no case got better or worse. 1 case of 10 differ between 2 runs. 1 of them did apply to the first run and do not to the second." {
		t.Errorf("of a case that no longer applies: %s (%v)", c.Verdict(), c.NoLonger)
	}
	if _, err := compare.Runs([]compare.Run{{Results: sample.Run(2)}}); err == nil {
		t.Error("one run is compared")
	}
}

func TestCompareIsAMatrix(t *testing.T) {
	a, b, c := sample.Run(30), sample.Changed(sample.Run(40), map[int]result.Outcome{0: result.Failed}), sample.Run(20)
	got := sample.Compared(t, a, b, c)
	if len(got.Cases) != 40 || len(got.Runs) != 3 || got.SameImplementation {
		t.Fatalf("it has %d cases and %d runs", len(got.Cases), len(got.Runs))
	}
	for i, r := range []*result.Results{a, b, c} {
		held := map[string]result.Outcome{}
		for _, one := range r.Cases {
			held[one.ID] = one.Outcome
		}
		for _, row := range got.Cases {
			if row.Results[i].Outcome != held[row.ID] {
				t.Errorf("%s is %q in run %d, not %q", row.ID, row.Results[i].Outcome, i, held[row.ID])
			}
			if differs := row.Results[0].Outcome != row.Results[1].Outcome || row.Results[0].Outcome != row.Results[2].Outcome; row.Differs != differs {
				t.Errorf("%s differs: %v", row.ID, row.Differs)
			}
		}
	}
	if got.Runs[0].Name == got.Runs[1].Name {
		t.Error("two runs have one name")
	}
}

// TestCompareNamesRuns gives runs of one implementation the names of their folders and times.
func TestCompareNamesRuns(t *testing.T) {
	one := sample.Green(1, nil)
	one.StartedAt = time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC)
	c := sample.Compared(t, one, one, one)
	var names []string
	for _, run := range c.Runs {
		names = append(names, run.Name)
	}
	if want := []string{"socket.io 4.8.4 (before, 2026-03-04 05:06)", "socket.io 4.8.4 (after, 2026-03-04 05:06) (1)", "socket.io 4.8.4 (after, 2026-03-04 05:06) (2)"}; !slices.Equal(names, want) {
		t.Errorf("the names are %q, want %q", names, want)
	}
}

func TestCompareCountsAreas(t *testing.T) {
	n := 3 * len(result.Areas)
	c := sample.Compared(t, sample.Green(n, nil), sample.Green(n, map[int]result.Outcome{0: result.Failed, 3: result.Inapplicable}))
	if len(c.Areas) != len(result.Areas) {
		t.Fatalf("%d areas", len(c.Areas))
	}
	for i, want := range []string{"66 % (2 of 3)", "100 % (2 of 2)", "100 % (3 of 3)"} {
		if got := c.Areas[i].Shares[1].String(); got != want || c.Areas[i].Shares[0].Percent() != 100 {
			t.Errorf("%s: %s, want %s", c.Areas[i].Area, got, want)
		}
	}
}

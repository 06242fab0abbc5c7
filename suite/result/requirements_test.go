package result

import (
	"strings"
	"testing"
)

// A case that is newer than the requirement set never changes the verdict or the exit code, but the summary says what it
// saw.
func TestNewerCasesDoNotGate(t *testing.T) {
	for name, test := range map[string]struct {
		strict bool
		one    CaseResult
		code   int // with the case in the set
	}{
		"failed":                 {one: CaseResult{Level: Required, Outcome: Failed}, code: 1},
		"warned, strict":         {one: CaseResult{Level: Recommended, Outcome: Warned}, strict: true, code: 1},
		"unverified":             {one: CaseResult{Level: Required, Outcome: Unverified}, code: 5},
		"unverified recommended": {one: CaseResult{Level: Recommended, Outcome: Unverified}, code: 5},
		"unstable, strict":       {one: CaseResult{Level: Required, Outcome: Unstable}, strict: true, code: 5},
	} {
		t.Run(name, func(t *testing.T) {
			for _, newer := range []bool{false, true} {
				seen := test.one
				seen.ID, seen.Newer = "events/b", newer
				r := &Results{Edition: "4.8", Profile: ProfileCluster, Strict: test.strict, Requirements: "1.0.0",
					Cases: []CaseResult{{ID: "events/a", Level: Required, Outcome: Passed}, seen}}
				r.Count()
				r.Judge()
				want := test.code
				if newer {
					want = 0
				}
				if r.ExitCode != want || r.Gates(seen) == newer || r.Spared(seen) != newer {
					t.Errorf("newer %t: exit code %d, gates %t, spared %t: %s", newer, r.ExitCode, r.Gates(seen), r.Spared(seen), r.Summary)
				}
				if said := strings.Contains(r.Summary, "requirement set 1.0.0") && strings.Contains(r.Summary, "1 case was newer than that set"); said != newer {
					t.Errorf("newer %t: the verdict says %q", newer, r.Summary)
				}
			}
		})
	}
}

// An error of the suite and an outdated list of known failures are not the target's fault, but they gate anyway.
func TestNewerCasesThatGate(t *testing.T) {
	for outcome, code := range map[Outcome]int{Errored: 4, Stale: 1} {
		one := CaseResult{ID: "events/b", Level: Required, Outcome: outcome, Newer: true}
		r := &Results{Cases: []CaseResult{{ID: "events/a", Level: Required, Outcome: Passed}, one}}
		r.Count()
		r.Judge()
		if r.ExitCode != code || !r.Gates(one) {
			t.Errorf("%s: exit code %d, gates %t", outcome, r.ExitCode, r.Gates(one))
		}
	}
}

package suite

import "testing"

// What breaks in a step whose rule nobody has judged is tried again: the load may have broken it. Where the rule's own
// case is of the run, that one says whose fault it was.
func TestStepsThatNobodyJudgedAreTriedAgain(t *testing.T) {
	unverified := &CaseResult{ID: "events/a", Outcome: Unverified}
	for name, test := range map[string]struct {
		result  *CaseResult
		attempt *attempt
		judged  bool // the case of the step's rule is of the run
		want    bool
	}{
		"a broken step":                {unverified, &attempt{failure: &failure{setup: Upgrades}}, false, true},
		"a broken step that is judged": {unverified, &attempt{failure: &failure{setup: Upgrades}}, true, false},
		"cut short":                    {unverified, &attempt{cut: errCaseLimit, failure: &failure{setup: Upgrades}}, false, false},
		"unverified by itself":         {unverified, &attempt{failure: &failure{unverified: "x"}}, false, false},
		"passed":                       {&CaseResult{ID: "events/a", Outcome: Passed}, &attempt{}, false, false},
		"failed":                       {&CaseResult{ID: "events/a", Outcome: Failed}, &attempt{failure: &failure{message: "x"}}, false, true},
		"observed":                     {&CaseResult{ID: "events/a", Level: Observed, Outcome: Warned}, &attempt{failure: &failure{message: "x"}}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := &flight{ctx: t.Context(), landed: map[string]chan struct{}{}}
			if test.judged {
				f.landed[Upgrades] = make(chan struct{})
			}
			if got := f.wavers(test.result, test.attempt); got != test.want {
				t.Errorf("another attempt is asked for: %t", got)
			}
		})
	}
}

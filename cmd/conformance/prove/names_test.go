package prove_test

import (
	"testing"

	_ "example.test/conformance/cases"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
)

// TestNamesFitTogether finds gaps without a run: checked rules without a fault, and faults of no rule or of a rule that
// nothing checks.
func TestNamesFitTogether(t *testing.T) {
	checked, broken := map[string][]string{}, map[string]bool{}
	for _, c := range suite.Cases() {
		for _, r := range c.Rules {
			checked[r.ID] = append(checked[r.ID], c.ID)
		}
	}
	for _, f := range fault.All() {
		broken[f.Breaks] = true
		if len(checked[f.Breaks]) == 0 {
			t.Errorf("%s breaks %q, which no case checks", f.Name, f.Breaks)
		}
	}
	for _, r := range suite.AllRules() {
		if ids := checked[r.ID]; len(ids) > 0 && !broken[r.ID] {
			t.Errorf("no fault breaks %s (%s), which %v check", r.ID, r.Sentence, ids)
		}
	}
}

package wording

import (
	"fmt"
	"strings"

	"example.test/conformance/suite/result"
)

// KnownFailure returns what the list of known failures says about a case: the reason, and until when. It is empty for other
// cases.
func KnownFailure(c result.CaseResult) string {
	k := c.KnownFailure
	switch {
	case k == nil:
		return ""
	case k.Until == "":
		return k.Reason
	}
	return fmt.Sprintf("%s (until %s)", k.Reason, k.Until)
}

// NotGating says why a case does not gate: it is a known failure, or newer than the requirement set. The text is a harmless line
// that follows the ID of the case. It is empty for other cases.
func NotGating(r *result.Results, c result.CaseResult) string {
	if r.Spared(c) {
		return ", which does not gate: " + Newer(r)
	}
	if c.KnownFailure == nil {
		return ""
	}
	return ", " + VisibleLine(OneLine(KnownFailure(c), 200))
}

// Newer says that a case does not gate since it is newer than the requirement set of the run.
func Newer(r *result.Results) string {
	return "it is newer than the requirement set " + VisibleLine(Clip(r.Requirements, 40))
}

// Remarked reports whether reports show a case although it does not gate.
func Remarked(r *result.Results, c result.CaseResult) bool {
	switch c.Outcome {
	case result.Warned, result.Known, result.Unstable:
		return true
	}
	return r.Spared(c)
}

// Rates says how often a repeated case had which outcome: "failed 2 of 10, passed 8 of 10".
func Rates(c result.CaseResult) string {
	total := 0
	for _, n := range c.Rounds {
		total += n
	}
	var parts []string
	for _, o := range result.Outcomes {
		if n := c.Rounds[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d of %d", strings.ToLower(Outcome(o)), n, total))
		}
	}
	return strings.Join(parts, ", ")
}

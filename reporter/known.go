package reporter

import (
	"fmt"
	"strings"

	"example.test/conformance/suite/result"
)

// excused is the entry of the list of known failures that names a case: its reason and its end.
func excused(c result.CaseResult) string {
	k := c.KnownFailure
	switch {
	case k == nil:
		return ""
	case k.Until == "":
		return k.Reason
	}
	return fmt.Sprintf("%s (until %s)", k.Reason, k.Until)
}

// excuse is that in a line behind an ID, or that the case is newer than the requirement set.
func excuse(r *result.Results, c result.CaseResult) string {
	if r.Spared(c) {
		return ", which does not gate: " + newer(r)
	}
	if c.KnownFailure == nil {
		return ""
	}
	return ", " + VisibleLine(oneLine(excused(c), 200))
}

// newer says why a case of the run does not gate that is newer than its requirement set.
func newer(r *result.Results) string {
	return "it is newer than the requirement set " + VisibleLine(Clip(r.Requirements, 40))
}

// remarked reports whether a case that does not gate is told all the same.
func remarked(r *result.Results, c result.CaseResult) bool {
	switch c.Outcome {
	case result.Warned, result.Known, result.Unstable:
		return true
	}
	return r.Spared(c)
}

// rates says how often a repeated case came to what: "failed 2 of 10, passed 8 of 10".
func rates(c result.CaseResult) string {
	total := 0
	for _, n := range c.Rounds {
		total += n
	}
	var parts []string
	for _, o := range result.Outcomes {
		if n := c.Rounds[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d of %d", strings.ToLower(word(o)), n, total))
		}
	}
	return strings.Join(parts, ", ")
}

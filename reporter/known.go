package reporter

import (
	"fmt"
	"strings"

	"example.test/conformance/suite"
)

// excused is the entry of the list of known failures that names a case: its reason and its end.
func excused(c suite.CaseResult) string {
	k := c.KnownFailure
	switch {
	case k == nil:
		return ""
	case k.Until == "":
		return k.Reason
	}
	return fmt.Sprintf("%s (until %s)", k.Reason, k.Until)
}

// excuse is that in a line behind an ID.
func excuse(c suite.CaseResult) string {
	if c.KnownFailure == nil {
		return ""
	}
	return ", " + VisibleLine(oneLine(excused(c), 200))
}

// rates says how often a repeated case came to what: "failed 2 of 10, passed 8 of 10".
func rates(c suite.CaseResult) string {
	total := 0
	for _, n := range c.Rounds {
		total += n
	}
	var parts []string
	for _, o := range suite.Outcomes {
		if n := c.Rounds[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d of %d", strings.ToLower(word(o)), n, total))
		}
	}
	return strings.Join(parts, ", ")
}

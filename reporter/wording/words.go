package wording

import (
	"fmt"
	"strings"

	"example.test/conformance/suite/result"
)

// Decisive returns the failure that decides a case. It is empty if the case has no evidence.
func Decisive(c result.CaseResult) result.Failure {
	if len(c.Evidence) == 0 {
		return result.Failure{}
	}
	return c.Evidence[0]
}

// Also says what failed besides the decisive failure, in one line each.
func Also(c result.CaseResult) string {
	const most = 5
	var lines []string
	for i, f := range c.Evidence {
		switch {
		case i == 0:
		case i > most:
			return strings.Join(append(lines, fmt.Sprintf("and %d more", len(c.Evidence)-i)), "\n")
		default:
			lines = append(lines, f.Words())
		}
	}
	return strings.Join(lines, "\n")
}

// Headline says in a line what was wrong with a case.
func Headline(c result.CaseResult) string {
	switch {
	case (c.Outcome == result.Unverified || c.Outcome == result.Stale) && c.Reason != "":
		return c.Reason
	case len(c.Evidence) > 0:
		return OneLine(c.Evidence[0].Words(), 400)
	case c.Message != "":
		return OneLine(c.Message, 400)
	}
	return OneLine(c.Reason, 400)
}

// Rests says what the outcomes rest on, as a list of one sentence or none.
func Rests(r *result.Results) []string {
	if s := r.Rests(); s != "" {
		return []string{s}
	}
	return nil
}

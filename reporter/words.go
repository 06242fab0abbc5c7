package reporter

import (
	"fmt"
	"strings"

	"example.test/conformance/suite/result"
)

// decisive is the failure that counts, of a case with evidence; empty without.
func decisive(c result.CaseResult) result.Failure {
	if len(c.Evidence) == 0 {
		return result.Failure{}
	}
	return c.Evidence[0]
}

// also says in a line each what failed beside the decisive failure.
func also(c result.CaseResult) string {
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

// texts of a case: each of them may be long.
func texts(c result.CaseResult) []string {
	all := []string{c.Reason, c.Message}
	for _, f := range c.Evidence {
		all = append(all, f.Words(), f.Step)
	}
	return all
}

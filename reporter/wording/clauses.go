package wording

import (
	"fmt"
	"strings"

	"example.test/conformance/suite/result"
)

// Bounds of what a report says of the rules of a case.
const (
	mostClauses  = 3
	mostMistakes = 3
)

// Clauses says what the documents say of the rules that a case saw broken, in one harmless line for each rule: the clause in
// quotation marks, and how the rule follows from it.
func Clauses(r *result.Results, c result.CaseResult) (lines []string) {
	for _, one := range r.ClausesOf(c) {
		var parts []string
		if one.Quote != "" {
			parts = append(parts, "“"+one.Quote+"”")
		}
		if one.Derivation != "" {
			parts = append(parts, one.Derivation)
		}
		where := one.Rule
		if one.Source != c.Source {
			where += ", " + strings.Trim(one.Source.Document+", "+one.Source.Section, ", ")
		}
		lines = append(lines, VisibleLine(Clip(fmt.Sprintf("%s (%s)", strings.Join(parts, " "), where), 1000)))
		if len(lines) == mostClauses {
			break
		}
	}
	return lines
}

// Mistakes says what servers get wrong about the rules that a case saw broken, in one harmless line for each mistake: one of
// each rule first, and then further ones. It is empty if nothing is known of them.
func Mistakes(r *result.Results, c result.CaseResult) (all []string) {
	clauses := r.ClausesOf(c)
	for i, found := 0, true; found; i++ {
		found = false
		for _, one := range clauses {
			if i < len(one.Mistakes) {
				found, all = true, append(all, VisibleLine(Clip(one.Mistakes[i], 300)))
			}
		}
	}
	if n := len(all) - mostMistakes; n > 0 {
		all = append(all[:mostMistakes], fmt.Sprintf("and %d more, which `conformance explain %s` lists", n, VisibleLine(c.ID)))
	}
	return all
}

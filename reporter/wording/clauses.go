package wording

import (
	"fmt"
	"regexp"
	"slices"
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
// each rule first, and then further ones. Of each rule, those come first that would show as the case saw it. It is empty if
// nothing is known of them.
func Mistakes(r *result.Results, c result.CaseResult) (all []string) {
	clauses := r.ClausesOf(c)
	for i := range clauses {
		clauses[i].Mistakes = likelyFirst(clauses[i].Mistakes, c.Evidence[0])
	}
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

// Words of a mistake by which something does not come, or comes once more than it should.
var (
	tooLittle = regexp.MustCompile(`(?i)\b(no|not|nothing|nobody|never|none|only|without|lacks?|lost)\b`)
	tooMuch   = regexp.MustCompile(`(?i)\b(twice|again|too)\b`)
)

// likelyFirst returns the mistakes in an order that fits a failure: where nothing came, a mistake that makes too much comes
// last, and where too much came, one by which nothing comes.
func likelyFirst(mistakes []string, f result.Failure) []string {
	first, last := tooLittle, tooMuch
	switch relation := f.Expected.Relation; {
	case f.Kind == result.Absence:
	case f.Kind == result.Content && !f.Expected.Not && (relation == result.HasLength || relation == result.IsEmpty || relation == result.IsZero):
		first, last = last, first
	default:
		return mistakes
	}
	rank := func(mistake string) (n int) {
		if first.MatchString(mistake) {
			n--
		}
		if last.MatchString(mistake) {
			n++
		}
		return n
	}
	mistakes = slices.Clone(mistakes)
	slices.SortStableFunc(mistakes, func(a, b string) int { return rank(a) - rank(b) })
	return mistakes
}

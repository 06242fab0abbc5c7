package runner

import (
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// clauses returns the rules of the cases that have evidence, in the order of the rules.
func clauses(cases []result.CaseResult, mistakes func(rule string) []string) (all []result.Clause) {
	broken := map[string]bool{}
	for _, c := range cases {
		for _, rule := range c.Rules {
			broken[rule] = broken[rule] || len(c.Evidence) > 0
		}
	}
	for _, rule := range suite.AllRules() {
		if !broken[rule.ID] {
			continue
		}
		one := result.Clause{
			Rule: rule.ID, Sentence: rule.Sentence, Source: rule.Source, Basis: string(rule.Basis), Quote: rule.Quote, Derivation: rule.Derivation,
		}
		if mistakes != nil {
			one.Mistakes = mistakes(rule.ID)
		}
		all = append(all, one)
	}
	return all
}

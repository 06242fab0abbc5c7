package cases

import "example.test/conformance/suite"

// rules are those that a case checks, the one that it is most about first.
func rules(all ...*suite.Rule) []*suite.Rule { return all }

// Statement is a rule as lists of rules show it, with the cases that check it. Exactly one of Cases, LeftOut and
// FoldedInto is set.
type Statement struct {
	ID      string `json:"id"` // "<source>/<number>"
	Rule    string `json:"rule"`
	Section string `json:"section"`
	URL     string `json:"url"`
	// Basis says why the rule binds, Quote and Derivation what shows it.
	Basis      suite.Basis `json:"basis"`
	Quote      string      `json:"quote,omitempty"`
	Derivation string      `json:"derivation,omitempty"`
	// Official are the tests of the two official suites that touch the rule: E1 to E25 of Engine.IO's and
	// S1 to S32 of Socket.IO's, in the order of their files.
	Official []string `json:"official,omitempty"`
	// Cases are the IDs of the cases that check the rule.
	Cases []string `json:"cases,omitempty"`
	// LeftOut is the reason why none does.
	LeftOut string `json:"leftOut,omitempty"`
	// FoldedInto is the ID of the rule whose cases check this one, too.
	FoldedInto string `json:"foldedInto,omitempty"`
}

// Rules returns the rules of all sources in the order of their sources and numbers.
func Rules() (all []Statement) {
	checks := map[*suite.Rule][]string{}
	for _, c := range suite.Cases() {
		for _, rule := range c.Rules {
			checks[rule] = append(checks[rule], c.ID)
		}
	}
	for _, rule := range suite.AllRules() {
		one := Statement{
			ID: rule.ID, Rule: rule.Sentence, Section: rule.Source.Section, URL: rule.Source.URL,
			Basis: rule.Basis, Quote: rule.Quote, Derivation: rule.Derivation,
			Official: rule.Official, Cases: checks[rule], LeftOut: rule.LeftOut,
		}
		if rule.FoldedInto != nil {
			one.FoldedInto = rule.FoldedInto.ID
		}
		all = append(all, one)
	}
	return all
}

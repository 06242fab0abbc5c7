package cases

import "example.test/conformance/suite"

// rules lists the rules that a case checks, the most important one first.
func rules(all ...*suite.Rule) []*suite.Rule { return all }

// Statement is a rule in a list of rules, with the cases that check it. Exactly one of Cases, LeftOut and FoldedInto is
// set.
type Statement struct {
	ID      string `json:"id"` // "<source>/<number>"
	Rule    string `json:"rule"`
	Section string `json:"section"`
	URL     string `json:"url"`
	// Basis says why the rule binds. Quote and Derivation show it.
	Basis      suite.Basis `json:"basis"`
	Quote      string      `json:"quote,omitempty"`
	Derivation string      `json:"derivation,omitempty"`
	// Official lists the tests of the two official suites that cover the rule: E1 to E25 for Engine.IO and S1 to S32 for
	// Socket.IO, in the order of their files.
	Official []string `json:"official,omitempty"`
	// Cases lists the IDs of the cases that check the rule.
	Cases []string `json:"cases,omitempty"`
	// LeftOut is the reason why no case checks it.
	LeftOut string `json:"leftOut,omitempty"`
	// FoldedInto is the ID of the rule whose cases also check this one.
	FoldedInto string `json:"foldedInto,omitempty"`
}

// Rules returns all rules, ordered by source and number.
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

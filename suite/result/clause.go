package result

import "slices"

// Clause is a rule as the reader of a report needs it: what its document says, and what servers get wrong about it.
type Clause struct {
	Rule       string   `json:"rule"` // its ID
	Sentence   string   `json:"sentence"`
	Source     Source   `json:"source"`
	Basis      string   `json:"basis"`
	Quote      string   `json:"quote,omitempty"`      // of the document, verbatim
	Derivation string   `json:"derivation,omitempty"` // how the rule follows from it, or what shows it
	Mistakes   []string `json:"mistakes,omitempty"`   // what servers get wrong about it, a sentence each
}

// ClausesOf returns the clauses of the rules that a case checks, the most important one first. It has none for a case that
// did not see a rule broken.
func (r *Results) ClausesOf(c CaseResult) (all []Clause) {
	if len(c.Evidence) == 0 {
		return nil
	}
	for _, rule := range c.Rules {
		if i := slices.IndexFunc(r.Clauses, func(one Clause) bool { return one.Rule == rule }); i >= 0 {
			all = append(all, r.Clauses[i])
		}
	}
	return all
}

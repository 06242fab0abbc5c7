package cases_test

import (
	"fmt"
	"testing"

	"example.test/conformance/cases"
	"example.test/conformance/suite"
)

// statements of the two protocol documents: 124 of Engine.IO, then those of Socket.IO.
const engineStatements, statements = 124, 214

func TestRulesAndCasesFitTogether(t *testing.T) {
	known := map[string]bool{}
	for _, c := range suite.Cases() {
		known[c.ID] = true
	}
	rules, checked := map[string]cases.Rule{}, map[string]bool{}
	for _, r := range cases.Rules() {
		if _, twice := rules[r.ID]; twice {
			t.Errorf("%s is there twice", r.ID)
		}
		rules[r.ID] = r
		ways := 0
		for _, way := range []bool{len(r.Cases) > 0, r.LeftOut != "", r.FoldedInto != ""} {
			if way {
				ways++
			}
		}
		if ways != 1 || r.Rule == "" || r.Section == "" || r.Level == "" {
			t.Errorf("%s is not complete, or not in one of the three ways: %+v", r.ID, r)
		}
		for _, id := range r.Cases {
			checked[id] = true
			if !known[id] {
				t.Errorf("%s points at the case %s, which does not exist", r.ID, id)
			}
		}
	}
	for id := range known {
		if !checked[id] {
			t.Errorf("the case %s stands at no rule", id)
		}
	}
	for n := 1; n <= statements; n++ {
		id := fmt.Sprintf("engine.io/%d", n)
		if n > engineStatements {
			id = fmt.Sprintf("socket.io/%d", n)
		}
		if _, found := rules[id]; !found {
			t.Errorf("the statement %s is missing", id)
		}
	}
	for id, r := range rules {
		for steps := 0; r.FoldedInto != ""; steps++ {
			next, found := rules[r.FoldedInto]
			if !found || steps > len(rules) {
				t.Errorf("%s is folded into nothing, or into itself", id)
				break
			}
			r = next
		}
	}
}

func TestPrerequisitesAreCases(t *testing.T) {
	known := map[string]bool{}
	for _, c := range suite.Cases() {
		known[c.ID] = true
	}
	for _, id := range suite.Prerequisites {
		if !known[id] {
			t.Errorf("the prerequisite %s is no case", id)
		}
	}
}

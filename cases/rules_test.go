package cases_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"example.test/conformance/cases"
	"example.test/conformance/suite"
)

// The numbers of statements of the two protocols. Engine.IO's come first.
const (
	engineStatements = 124
	allStatements    = 214
)

func TestRules(t *testing.T) {
	var ids []string
	for _, c := range suite.Cases() {
		ids = append(ids, c.ID)
	}
	for _, problem := range problems(cases.Rules(), ids) {
		t.Error(problem)
	}
}

// Every test of the official suites covers a rule that a case checks.
func TestRulesCoverTheOfficialSuites(t *testing.T) {
	want := map[string]bool{}
	for i := range 25 {
		want[fmt.Sprintf("E%d", i+1)] = true
	}
	for i := range 32 {
		want[fmt.Sprintf("S%d", i+1)] = true
	}
	checked := map[string]bool{}
	for _, r := range cases.Rules() {
		for _, test := range r.Official {
			if !want[test] {
				t.Errorf("%s names the official test %s, which does not exist", r.ID, test)
			}
			checked[test] = checked[test] || len(r.Cases) > 0 || r.FoldedInto != ""
		}
	}
	for test := range want {
		if !checked[test] {
			t.Errorf("no case checks what the official test %s does", test)
		}
	}
}

// A rule that rests on the words of a document quotes them.
func TestRulesQuoteTheirDocument(t *testing.T) {
	words := []suite.Basis{suite.ByMust, suite.ByStatement, suite.ByShould}
	for _, r := range suite.AllRules() {
		if slices.Contains(words, r.Basis) && r.Quote == "" {
			t.Errorf("%s is %s but quotes nothing", r.ID, r.Basis)
		}
	}
}

// problems lists what is wrong with the rules, given the IDs of all cases.
func problems(rules []cases.Statement, ids []string) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	byID, mapped := map[string]cases.Statement{}, map[string]bool{}
	for _, r := range rules {
		if _, twice := byID[r.ID]; twice {
			say("%s appears twice", r.ID)
		}
		byID[r.ID] = r
	}
	for n := 1; n <= allStatements; n++ {
		id := fmt.Sprintf("engine.io/%d", n)
		if n > engineStatements {
			id = fmt.Sprintf("socket.io/%d", n)
		}
		if _, ok := byID[id]; !ok {
			say("%s is missing", id)
		}
	}
	for _, r := range rules {
		if r.ID == "" || r.Rule == "" || r.Section == "" || r.Basis == "" {
			say("%q is not complete: %+v", r.ID, r)
		}
		ways := 0
		for _, taken := range []bool{len(r.Cases) > 0, r.LeftOut != "", r.FoldedInto != ""} {
			if taken {
				ways++
			}
		}
		if ways != 1 {
			say("%s has %d of the three ways, not one", r.ID, ways)
		}
		for i, id := range r.Cases {
			mapped[id] = true
			if !slices.Contains(ids, id) {
				say("%s points at %s, which is not a case", r.ID, id)
			}
			if slices.Contains(r.Cases[:i], id) {
				say("%s points at %s twice", r.ID, id)
			}
		}
		if problem := endOf(r, byID); problem != "" {
			say("%s %s", r.ID, problem)
		}
	}
	for _, id := range ids {
		if !mapped[id] {
			say("the case %s has no rule", id)
		}
	}
	return found
}

// endOf follows a folded rule to a checked one, and returns what is wrong on the way.
func endOf(r cases.Statement, byID map[string]cases.Statement) string {
	for steps := 0; r.FoldedInto != ""; steps++ {
		next, ok := byID[r.FoldedInto]
		if !ok {
			return fmt.Sprintf("is folded into %s, which is not a rule", r.FoldedInto)
		}
		if steps == len(byID) {
			return "is folded into itself, in a circle"
		}
		if next.LeftOut != "" {
			return fmt.Sprintf("is folded into %s, which is left out", next.ID)
		}
		r = next
	}
	return ""
}

// The check itself can fail: it finds and names each mistake.
func TestProblemsAreFound(t *testing.T) {
	whole := func() (rules []cases.Statement) {
		for n := 1; n <= allStatements; n++ {
			source := "engine.io"
			if n > engineStatements {
				source = "socket.io"
			}
			rules = append(rules, cases.Statement{ID: fmt.Sprintf("%s/%d", source, n), Rule: "x", Section: "x", Basis: suite.ByMust, Cases: []string{"acks/a"}})
		}
		return rules
	}
	folded := func(r *cases.Statement, into string) { r.Cases, r.FoldedInto = nil, into }
	for _, test := range []struct {
		name   string
		change func([]cases.Statement) []cases.Statement
		want   []string
	}{
		{"nothing", func(r []cases.Statement) []cases.Statement { return r }, nil},
		{"missing", func(r []cases.Statement) []cases.Statement { return r[1:] }, []string{"engine.io/1 is missing"}},
		{"twice", func(r []cases.Statement) []cases.Statement { return append(r, r[213]) }, []string{"socket.io/214 appears twice"}},
		{"no case", func(r []cases.Statement) []cases.Statement { r[0].Cases = []string{"acks/b"}; return r },
			[]string{"engine.io/1 points at acks/b, which is not a case"}},
		{"no way", func(r []cases.Statement) []cases.Statement { r[0].Cases = nil; return r }, []string{"engine.io/1 has 0 of the three ways, not one"}},
		{"two ways", func(r []cases.Statement) []cases.Statement { r[0].LeftOut = "x"; return r }, []string{"engine.io/1 has 2 of the three ways, not one"}},
		{"nowhere", func(r []cases.Statement) []cases.Statement { folded(&r[0], "engine.io/0"); return r },
			[]string{"engine.io/1 is folded into engine.io/0, which is not a rule"}},
		{"circle", func(r []cases.Statement) []cases.Statement {
			folded(&r[0], "engine.io/2")
			folded(&r[1], "engine.io/1")
			return r
		},
			[]string{"engine.io/1 is folded into itself, in a circle", "engine.io/2 is folded into itself, in a circle"}},
		{"left out", func(r []cases.Statement) []cases.Statement {
			folded(&r[0], "engine.io/2")
			r[1].Cases, r[1].LeftOut = nil, "x"
			return r
		}, []string{"engine.io/1 is folded into engine.io/2, which is left out"}},
		{"unmapped case", func(r []cases.Statement) []cases.Statement {
			for i := range r {
				r[i].Cases, r[i].LeftOut = nil, "x"
			}
			return r
		}, []string{"the case acks/a has no rule"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := problems(test.change(whole()), []string{"acks/a"}); !slices.Equal(got, test.want) {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

// One case shows each rule that steps take for granted.
func TestGrantedRulesAreShown(t *testing.T) {
	shown := map[string]int{}
	for _, c := range suite.Cases() {
		shown[c.Shows]++
	}
	for _, rule := range suite.Granted {
		if shown[rule] != 1 {
			t.Errorf("%d cases show the rule %s", shown[rule], rule)
		}
	}
}

// A rule of the contract quotes it to the letter: its text is in this repository, so a change of one must change the other.
func TestRulesQuoteTheContract(t *testing.T) {
	text, err := os.ReadFile("../fixtures/CONTRACT.md")
	if err != nil {
		t.Fatal(err)
	}
	contract := strings.Join(strings.Fields(string(text)), " ")
	quoted := 0
	for _, r := range suite.AllRules() {
		if !strings.HasPrefix(r.ID, "contract/") || r.Quote == "" {
			continue
		}
		quoted++
		if !strings.Contains(contract, strings.Join(strings.Fields(r.Quote), " ")) {
			t.Errorf("%s quotes what the contract does not say: %s", r.ID, r.Quote)
		}
	}
	if quoted < 20 {
		t.Errorf("only %d rules of the contract quote it", quoted)
	}
}

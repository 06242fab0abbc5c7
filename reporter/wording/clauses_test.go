package wording

import (
	"slices"
	"strings"
	"testing"

	"example.test/conformance/suite/result"
)

func TestClauses(t *testing.T) {
	section := result.Source{Document: "Engine.IO protocol v4", Section: "Handshake", URL: "https://a.example"}
	c := result.CaseResult{ID: "handshake/one", Source: section, Rules: []string{"engine.io/61", "engine.io/69", "engine.io/70"}, Evidence: make([]result.Failure, 1)}
	r := &result.Results{Clauses: []result.Clause{
		{Rule: "engine.io/69", Source: result.Source{Document: "Engine.IO protocol v4", Section: "Upgrade"}, Derivation: "E1 expects it.", Mistakes: []string{"f"}},
		{Rule: "engine.io/61", Source: section, Quote: "it MUST respond", Derivation: "There is no other way.", Mistakes: []string{"a", "b", "c", "d", "e"}},
	}}
	const want = "“it MUST respond” There is no other way. (engine.io/61)\nE1 expects it. (engine.io/69, Engine.IO protocol v4, Upgrade)"
	if got := strings.Join(Clauses(r, c), "\n"); got != want {
		t.Errorf("got %s", got)
	}
	if got, want := strings.Join(Mistakes(r, c), "\n"), "a\nf\nb\nand 3 more, which `conformance explain handshake/one` lists"; got != want {
		t.Errorf("got %s", got)
	}
	r.Clauses[1].Mistakes = []string{"It comes twice.", "It is wrong.", "It does not come."}
	for kind, want := range map[result.Kind]string{
		result.Absence: "It does not come.", result.Content: "It comes twice.", result.State: "It comes twice.",
	} {
		seen := c
		seen.Evidence = []result.Failure{{Kind: kind, Expected: result.Expectation{Relation: result.HasLength}}}
		if got := Mistakes(r, seen)[0]; got != want {
			t.Errorf("with evidence of the kind %s, the first mistake is %q", kind, got)
		}
	}
	r.Clauses[1].Mistakes = []string{"It does not come.", "It comes twice."}
	seen := c
	seen.Evidence = []result.Failure{{Kind: result.Content, Expected: result.Expectation{Relation: result.HasLength}}}
	if got := Mistakes(r, seen)[0]; got != "It comes twice." {
		t.Errorf("with one too many, the first mistake is %q", got)
	}
	well := result.CaseResult{ID: c.ID, Source: c.Source, Rules: c.Rules}
	if got := slices.Concat(Clauses(r, well), Mistakes(r, well)); len(got) > 0 {
		t.Errorf("a case that saw no rule broken says %s", got)
	}
	if got := slices.Concat(Clauses(&result.Results{}, c), Mistakes(&result.Results{}, c)); len(got) > 0 {
		t.Errorf("results without clauses say %s", got)
	}
}

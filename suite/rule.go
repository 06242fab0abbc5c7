package suite

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Basis says why a rule binds a server. It caps the level of the rule's cases.
type Basis string

const (
	ByMust              Basis = "must"               // a MUST or a SHALL of a document
	ByStatement         Basis = "stated"             // a declarative sentence, the grammar, a table row or a wire example of a document
	ByImplication       Basis = "implied"            // follows necessarily from such a sentence; Derivation says how
	ByOfficialTest      Basis = "official-test"      // a test of the official suites
	ByClient            Basis = "client"             // the official 4.x client fails or loses data if it is broken
	ByShould            Basis = "should"             // a SHOULD, or a MAY with consequences
	ByOfficialBehaviour Basis = "official-behaviour" // what the official server does, if the documents are silent
	ByDispute           Basis = "disputed"           // the documents and the official server, or its versions, disagree
)

// Bases lists them from the strongest to the weakest.
var Bases = []Basis{ByMust, ByStatement, ByImplication, ByOfficialTest, ByClient, ByShould, ByOfficialBehaviour, ByDispute}

// Highest returns the highest level that a case for a rule with this basis may have.
func (b Basis) Highest() Level {
	switch b {
	case ByShould, ByOfficialBehaviour:
		return Recommended
	case ByDispute:
		return Observed
	}
	return Required
}

// Rule is one statement of a document, in the suite's own words. Cases check it; faults of the reference server break it.
type Rule struct {
	// ID is "<source>/<number>": "socket.io/151". The sources are engine.io and socket.io, the two protocols, whose
	// statements are numbered from 1 to 214; announcement, that of Socket.IO 4.1.0; contract, the conformance application's;
	// and robustness, what no document says about the server itself and every server owes its other clients.
	ID       string
	Sentence string // one plain sentence about what a server does
	Source   Source // the section of the document
	Basis    Basis
	// Quote is the clause of the document, verbatim. Derivation says in one line how the rule follows or, if its basis is
	// not a document, what shows it. A rule has at least one of the two.
	Quote      string
	Derivation string
	// Official are the tests of the two official suites that touch the rule: E1 to E25 of Engine.IO's and S1 to S32
	// of Socket.IO's, in the order of their files.
	Official []string
	// LeftOut is the reason why no case checks the rule, if none does.
	LeftOut string
	// FoldedInto is the rule whose cases check this one, too.
	FoldedInto *Rule
}

var (
	rulebook = map[string]*Rule{}
	ruleID   = regexp.MustCompile(`^(engine\.io|socket\.io|announcement|contract|robustness)/[1-9][0-9]*$`)
)

// AddRule registers a rule. It panics if the rule is incomplete or its ID is taken: that is a mistake of the suite's author.
func AddRule(r Rule) *Rule {
	switch {
	case !ruleID.MatchString(r.ID):
		panic(fmt.Sprintf("suite: the rule's ID %q is not <source>/<number>", r.ID))
	case rulebook[r.ID] != nil:
		panic(fmt.Sprintf("suite: two rules have the ID %q", r.ID))
	case r.Sentence == "", r.Source.URL == "", !slices.Contains(Bases, r.Basis), r.Quote == "" && r.Derivation == "":
		panic(fmt.Sprintf("suite: the rule %q is not complete", r.ID))
	}
	rulebook[r.ID] = &r
	return &r
}

// RuleSources lists the sources in the order in which their rules are listed.
var RuleSources = []string{"engine.io", "socket.io", "announcement", "contract", "robustness"}

// AllRules returns the registered rules in the order of their sources and numbers.
func AllRules() []*Rule {
	return slices.SortedFunc(maps.Values(rulebook), func(a, b *Rule) int {
		sourceA, numberA, _ := strings.Cut(a.ID, "/")
		sourceB, numberB, _ := strings.Cut(b.ID, "/")
		m, _ := strconv.Atoi(numberA)
		n, _ := strconv.Atoi(numberB)
		return cmp.Or(slices.Index(RuleSources, sourceA)-slices.Index(RuleSources, sourceB), m-n)
	})
}

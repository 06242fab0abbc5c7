// Package suite provides what an author of cases needs: cases and rules, T with its clients for both transports, observers
// of the conformance application, matchers, and the environment of a case. [Execute] makes one attempt at a case; the
// package runner runs all cases.
package suite

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Case is one check of one rule: data and a plain function.
type Case struct {
	// ID is "<area>/<slug>" in lower case, and names what is checked. It is never reused.
	ID string
	// Title finishes the sentence "the server …".
	Title string
	// Level is no higher than the basis of the first of Rules allows.
	Level Level
	// Rules are the rules that the case checks, the most important one first.
	Rules []*Rule
	// Source is the source of the rule. If empty, it is that of the first of Rules.
	Source Source
	// Since is the first edition that asks for it; "4.1" if empty.
	Since Edition
	Needs Needs
	// Waits is the longest time that the case waits for the target's timers; nil if it waits for none.
	Waits Wait
	// Alone means that the case disturbs others: it runs after them, or against a second cluster.
	Alone bool
	// Timing means that the rule itself is about time.
	Timing bool
	// Shows is the ID of a rule that steps of other cases take for granted ([T.Given]), if this case checks that rule for
	// all of them. The case ends before they start.
	Shows string
	Run   func(*T)
}

// Area returns the first part of the ID.
func (c *Case) Area() string { return path.Dir(c.ID) }

// RuleIDs returns the IDs of the rules that the case checks.
func (c *Case) RuleIDs() (ids []string) {
	for _, r := range c.Rules {
		ids = append(ids, r.ID)
	}
	return ids
}

// Profile returns the smallest profile that includes the case.
func (c *Case) Profile() Profile {
	switch {
	case c.Needs.Browser:
		return ProfileBrowser
	case c.Needs.Targets > 1:
		return ProfileCluster
	case c.Needs.Application || c.Needs.asksApplication():
		return Profile410
	case c.Needs.Echo:
		return ProfileProtocol
	default:
		return ProfileWire
	}
}

// Needs is what the target must offer for the case to be judged.
type Needs struct {
	Echo        bool     // the echo application of the official test suites
	Application bool     // the conformance application
	Features    []string // of the conformance application's info
	Targets     int      // instances of one cluster
	Restarts    bool     // instances that can be stopped and started
	Browser     bool     // Chromium, and a client bundle for its pages
}

// asksApplication reports whether only the conformance application has the features. The echo application of the official
// test suites is variadic, too.
func (n Needs) asksApplication() bool {
	return slices.ContainsFunc(n.Features, func(feature string) bool { return feature != Variadic })
}

// Features that a conformance application may declare since contract 1. For those of contract 2, see [AllowRequest].
const (
	ConnectionError   = "connection_error"
	InitialHeaders    = "initial_headers"
	Headers           = "headers"
	NewNamespace      = "new_namespace"
	DynamicNamespaces = "dynamic_namespaces"
	ServerSideEmit    = "server_side_emit"
	ServerSideEmitAck = "server_side_emit_ack"
)

var (
	registry = map[string]*Case{}
	idFormat = regexp.MustCompile(`^[a-z]+/[a-z0-9]+(-[a-z0-9]+)*$`)
)

// Add registers cases. It panics if a case is malformed or its ID is taken: that is a mistake of the suite's author.
func Add(cases ...Case) struct{} {
	for _, c := range cases {
		if c.Since == "" {
			c.Since = "4.1"
		}
		if c.Source.URL == "" && len(c.Rules) > 0 {
			c.Source = c.Rules[0].Source
		}
		switch {
		case !idFormat.MatchString(c.ID) || !slices.Contains(Areas, c.Area()):
			panic(fmt.Sprintf("suite: the ID %q is not <area>/<slug>", c.ID))
		case c.Shows != "" && !c.checks(c.Shows):
			panic(fmt.Sprintf("suite: %s shows the rule %s, which it does not check", c.ID, c.Shows))
		case registry[c.ID] != nil:
			panic(fmt.Sprintf("suite: two cases have the ID %q", c.ID))
		case !slices.Contains(Levels, c.Level), c.Title == "", c.Source.URL == "", c.Run == nil, !slices.Contains(Editions, c.Since):
			panic(fmt.Sprintf("suite: the case %q is not complete", c.ID))
		case len(c.Rules) > 0 && slices.Index(Levels, c.Level) < slices.Index(Levels, c.Rules[0].Basis.Highest()):
			panic(fmt.Sprintf("suite: the case %q is %s, and its rule %s is %s: it may be %s at most", c.ID, c.Level, c.Rules[0].ID, c.Rules[0].Basis, c.Rules[0].Basis.Highest()))
		}
		c.Alone = c.Alone || c.Needs.Restarts
		registry[c.ID] = &c
	}
	return struct{}{}
}

// Cases returns all registered cases in the order of areas and IDs.
func Cases() []*Case {
	var all []*Case
	for _, c := range registry {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Case) int { return CompareIDs(a.ID, b.ID) })
	return all
}

// FindCase returns the registered case with that ID, or nil.
func FindCase(id string) *Case { return registry[id] }

// CompareIDs compares IDs by area, in the order of the areas, and then alphabetically.
func CompareIDs(a, b string) int {
	if d := slices.Index(Areas, path.Dir(a)) - slices.Index(Areas, path.Dir(b)); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// Longest returns the longest time that the case waits for the target's timers; 0 if it waits for none.
func (c *Case) Longest(t Timings) time.Duration {
	if c.Waits == nil {
		return 0
	}
	return c.Waits(t)
}

// Package suite is what an author of cases needs: cases and rules, T with its clients of both transports, observers of the
// conformance application, matchers, and the environment that a case stands on. [Execute] makes one attempt at a case; the
// package runner runs all of them.
package suite

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Case is one check of one rule: data, and a plain function.
type Case struct {
	// ID is "<area>/<slug>" in lower case: what is checked. It is never reused.
	ID string
	// Title finishes the sentence "the server …".
	Title string
	// Level is no higher than the basis of the first of Rules allows.
	Level Level
	// Rules that the case checks, the one that it is most about first.
	Rules []*Rule
	// Source of the rule; that of the first of Rules where empty.
	Source Source
	// Since is the first edition that asks for it: "4.1" where empty.
	Since Edition
	Needs Needs
	// Waits is the longest time that the case waits for the target's timers; nil where it waits for none.
	Waits Wait
	// Alone says that the case disturbs others: it runs when they have ended, or at a second cluster.
	Alone bool
	// Timing says that the rule itself is about time.
	Timing bool
	// Shows is the ID of the rule that steps of other cases take for granted ([T.Given]), where this case is the one that
	// shows for all of them whether it is kept. It ends before they start.
	Shows string
	Run   func(*T)
}

// Area is the first part of the ID.
func (c *Case) Area() string { return path.Dir(c.ID) }

// RuleIDs are the IDs of the rules that it checks.
func (c *Case) RuleIDs() (ids []string) {
	for _, r := range c.Rules {
		ids = append(ids, r.ID)
	}
	return ids
}

// Profile is the smallest profile that holds the case.
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

// asksApplication reports whether the features are the conformance application's alone. The echo application of the
// official test suites is variadic, too.
func (n Needs) asksApplication() bool {
	return slices.ContainsFunc(n.Features, func(feature string) bool { return feature != Variadic })
}

// Features that a conformance application may declare since contract 1; those of contract 2 are [AllowRequest] and so on.
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

// Add registers cases. It panics where one is malformed, or its ID taken: a mistake of the suite's author.
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

// FindCase returns the registered case of that ID; nil where there is none.
func FindCase(id string) *Case { return registry[id] }

// CompareIDs compares IDs by the order of their areas and then by their letters.
func CompareIDs(a, b string) int {
	if d := slices.Index(Areas, path.Dir(a)) - slices.Index(Areas, path.Dir(b)); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

func (c *Case) Longest(t Timings) time.Duration {
	if c.Waits == nil {
		return 0
	}
	return c.Waits(t)
}

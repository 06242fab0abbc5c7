package suite

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Case is one check of one rule: data, and a plain function.
type Case struct {
	// ID is "<area>/<slug>" in lower case: what is checked. It is never reused.
	ID string
	// Title finishes the sentence "the server …".
	Title string
	Level Level
	// Source of the rule.
	Source Source
	// Since is the first edition that asks for it: "4.1" where empty.
	Since Edition
	Needs Needs
	// Faults of the reference server that turn this case red.
	Faults []string
	// Waits is the longest time that the case waits for the target's timers; nil where it waits for none.
	Waits Wait
	// Alone says that the case disturbs others: it flies when they have landed, or on a cluster beside.
	Alone bool
	// Timing says that the rule itself is about time.
	Timing bool
	Run    func(*T)
}

// Area is the first part of the ID.
func (c *Case) Area() string { return path.Dir(c.ID) }

// Profile is the smallest profile that holds the case.
func (c *Case) Profile() Profile {
	switch {
	case c.Needs.Browser:
		return ProfileBrowser
	case c.Needs.Targets > 1:
		return ProfileCluster
	case c.Needs.Application || len(c.Needs.Features) > 0:
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

// Features that a conformance application may declare.
const (
	ConnectionError   = "connection_error"
	InitialHeaders    = "initial_headers"
	Headers           = "headers"
	NewNamespace      = "new_namespace"
	DynamicNamespaces = "dynamic_namespaces"
	ServerSideEmit    = "server_side_emit"
	ServerSideEmitAck = "server_side_emit_ack"
)

// Features that the contract knows.
var Features = []string{ConnectionError, InitialHeaders, Headers, NewNamespace, DynamicNamespaces, ServerSideEmit, ServerSideEmitAck}

// Areas in the order in which reports list them.
var Areas = []string{
	"handshake", "polling", "websocket", "heartbeat", "upgrade", "encoding", "connect", "events", "acks",
	"binary", "disconnect", "errors", "headers", "namespaces", "cluster", "robustness", "browser",
}

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
		switch {
		case !idFormat.MatchString(c.ID) || !slices.Contains(Areas, c.Area()):
			panic(fmt.Sprintf("suite: the ID %q is not <area>/<slug>", c.ID))
		case registry[c.ID] != nil:
			panic(fmt.Sprintf("suite: two cases have the ID %q", c.ID))
		case !slices.Contains(Levels, c.Level), c.Title == "", c.Source.URL == "", c.Run == nil, !slices.Contains(Editions, c.Since):
			panic(fmt.Sprintf("suite: the case %q is not complete", c.ID))
		}
		c.Alone = c.Alone || c.Needs.Restarts
		registry[c.ID] = &c
	}
	return struct{}{}
}

// Catches says which faults the cases catch that are made by tables and helpers, and so do not name
// them where they stand: the faults by the case's ID.
func Catches(faults map[string][]string) struct{} {
	for id, names := range faults {
		if caught[id] != nil {
			panic(fmt.Sprintf("suite: the faults of %q are named twice", id))
		}
		caught[id] = names
	}
	return struct{}{}
}

var caught = map[string][]string{}

// assignFaults hands the faults that [Catches] names to their cases. It panics where that is no case,
// or one that names its own.
var assignFaults = sync.OnceFunc(func() {
	for id, names := range caught {
		c := registry[id]
		if c == nil || c.Faults != nil {
			panic(fmt.Sprintf("suite: faults of %q are named, which is no case or names its own", id))
		}
		c.Faults = names
	}
})

// Cases returns all registered cases in the order of areas and IDs.
func Cases() []*Case {
	assignFaults()
	var all []*Case
	for _, c := range registry {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Case) int { return compareIDs(a.ID, b.ID) })
	return all
}

func compareIDs(a, b string) int {
	if d := slices.Index(Areas, path.Dir(a)) - slices.Index(Areas, path.Dir(b)); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

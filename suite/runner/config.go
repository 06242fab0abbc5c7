package runner

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Config is what a run needs to know.
type Config struct {
	Targets  []*wire.Target
	Embedded bool // the targets are the suite's own reference cluster

	Profile suite.Profile // the largest that the targets support where empty
	Edition suite.Edition // the latest, or the one that the target declares, where empty
	Strict  bool
	// Requirements is the name of the requirement set whose cases gate: a version, or [suite.LatestRequirements], which it is
	// where empty.
	Requirements string

	Only []string // globs of case IDs
	Skip []string
	// Without names features and abilities that the run does not ask for, of those in [suite.Removable].
	Without []string
	// Auth is the JSON object that the suite sends with a CONNECT where a case tests no auth; empty for none.
	Auth string
	// KnownFailures of the target.
	KnownFailures []suite.KnownFailure
	Shard         result.Shard // the part of the selection to run
	Seed          int64        // of the order; 0 for one of the clock's

	Repeat   int  // how often each case runs; 0 for once
	FailFast bool // the run ends with the first case that gates
	Parallel int  // cases under way at once; 0 for the default
	// MaxSessions is how many sessions the cases have open at once; 0 for no limit. Those of the control connections come on top.
	MaxSessions int
	MaxRate     int             // new connections per second; 0 for no limit
	Timeout     time.Duration   // of the whole run; 0 for none
	Tolerance   suite.Tolerance // the default where zero

	// Lifecycle stops and starts the targets; nil where nothing can.
	Lifecycle suite.Lifecycle
	// Revive starts an instance again that has gone away; nil where nothing can. It hangs says that the instance takes
	// connections still, so that it is to be ended first.
	Revive func(ctx context.Context, instance int, hangs bool) error
	// AwayLimit is how long the run waits for a target that has gone away; 0 for 30 s.
	AwayLimit time.Duration
	// Second is a second cluster of the same make with a Lifecycle of its own; nil where there is none.
	// Cases that disturb others run at it. Without it they wait until all others have ended.
	Second *Config

	// Control starts targets of the embedded reference, for the control group: before a case has failed it runs against
	// them at the same time. It is called at the first such case. Nil where there is no control group.
	Control func(context.Context) (Config, func(), error)
	// InProcess says that the targets are servers of this process, so that nothing but the process can stand still: no probes
	// are sent, of which many runs at once would send most of what is sent.
	InProcess bool
	// Once says that the first attempt that is bad decides, as where a fault is known to be there.
	Once bool

	// Browser and client bundle of [suite.ProfileBrowser]. Without a browser its cases are inapplicable;
	// the client is the one that the first target serves where it is nil.
	Browser suite.Browser
	Client  *suite.ClientBundle

	Build   suite.SuiteBuild
	Command string              // the command line that repeats the run
	Rerun   func(string) string // the command line that runs one case alone
	Watcher Watcher
	// Judged is told of each case that was decided, with all that the decision rests on; nil for nobody. Calls may overlap.
	Judged func(result.Trial)

	// CheckApplication looks at the targets' conformance applications before the cases run, and returns what is missing
	// there, which the results then say; nil for no such look. Auth is [Config.Auth].
	CheckApplication func(ctx context.Context, targets []*wire.Target, auth string) []result.Part

	// Broker listens at the broker of the targets' cluster; nil where nobody does.
	Broker suite.Broker

	// Notices are sentences that the results begin with, of what the run's caller knows.
	Notices []string

	// Known spares the run finding out what the targets can do.
	Known *suite.Capabilities
}

// settings are what a run goes by: its configuration with the defaults, and what was found out before its cases ran.
type settings struct {
	Config
	required    *suite.RequirementSet // nil for the latest
	served      bool                  // the client is the target's
	unbrowsable string                // why the browser's cases cannot run; empty where they can
	lacking     []result.Part         // of the applications
}

// failFastParallel is how many cases are under way at once in a run that ends with the first failure.
const failFastParallel = 8

func (c Config) withDefaults() settings {
	if c.Parallel <= 0 && c.FailFast {
		c.Parallel = failFastParallel
	}
	if c.Parallel <= 0 {
		c.Parallel = DefaultParallel
	}
	if c.Tolerance == (suite.Tolerance{}) {
		c.Tolerance = suite.DefaultTolerance
	}
	c.Without = normalWithout(c.Without)
	if c.Seed == 0 {
		c.Seed = time.Now().UnixNano()%1_000_000_000 + 1
	}
	if c.Rerun == nil {
		c.Rerun = func(string) string { return "" }
	}
	if c.AwayLimit <= 0 {
		c.AwayLimit = awayLimit
	}
	if c.Watcher == nil {
		c.Watcher = silence{}
	}
	if c.MaxRate > 0 {
		c.Parallel = min(c.Parallel, max(1, c.MaxRate/casesRate))
	}
	if c.MaxSessions > 0 {
		c.Parallel = min(c.Parallel, max(1, c.MaxSessions/caseSessions))
		c.Tolerance.Sessions = min(c.Tolerance.Sessions, c.MaxSessions)
	}
	budget, pace := &wire.Budget{}, wire.NewPace(c.MaxRate)
	for _, target := range c.targets() {
		if target.Pace == nil {
			target.Pace = pace
		}
		if target.Budget == nil {
			target.Budget = budget
		}
	}
	return settings{Config: c}
}

// targets of the run, and those beside them.
func (c Config) targets() []*wire.Target {
	if c.Second == nil {
		return c.Targets
	}
	return slices.Concat(c.Targets, c.Second.Targets)
}

// expect tells all targets of a run which payload they may send.
func (c Config) expect(maxPayload int64) {
	for _, target := range c.targets() {
		target.Announces(maxPayload)
	}
}

type silence struct{}

func (silence) Notice(string)                 {}
func (silence) Planned(int)                   {}
func (silence) Started(string, time.Duration) {}
func (silence) Finished(suite.CaseResult)     {}
func (silence) Done()                         {}

// UsageError is a mistake in what a run was asked to do.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// Select returns the cases that the globs of --only and --skip select. A pattern that matches no
// case is a [UsageError], and so is a selection without cases.
func Select(only, skip []string) ([]*suite.Case, error) {
	all := suite.Cases()
	for _, pattern := range slices.Concat(only, skip) {
		if suite.FindCase(pattern) != nil { // an ID stands for itself; there may be hundreds
			continue
		}
		matched := false
		for _, c := range all {
			ok, err := Matches(pattern, c.ID)
			if err != nil {
				return nil, &UsageError{fmt.Sprintf("the pattern %q is malformed: see --help for what a glob may hold", pattern)}
			}
			matched = matched || ok
		}
		if !matched {
			return nil, &UsageError{noCase(pattern).Error()}
		}
	}
	var selected []*suite.Case
	included, excluded := newSelection(only), newSelection(skip)
	for _, c := range all {
		if (len(only) == 0 || included.holds(c.ID)) && !excluded.holds(c.ID) {
			selected = append(selected, c)
		}
	}
	if len(selected) == 0 {
		return nil, &UsageError{"--only and --skip leave no case to run"}
	}
	return selected, nil
}

// Matches reports whether a glob matches an ID: "*" stands for anything inside of one part, and a
// pattern that names an area alone ("errors") stands for all of it.
func Matches(pattern, id string) (bool, error) {
	if !strings.Contains(pattern, "/") {
		if pattern == "*" || pattern == "**" {
			return true, nil
		}
		pattern += "/*"
	}
	return path.Match(pattern, id)
}

// selection is what some patterns stand for.
type selection struct {
	ids   map[string]bool
	globs []string
}

func newSelection(patterns []string) selection {
	s := selection{ids: map[string]bool{}}
	for _, pattern := range patterns {
		if suite.FindCase(pattern) != nil {
			s.ids[pattern] = true
		} else {
			s.globs = append(s.globs, pattern)
		}
	}
	return s
}

func (s selection) holds(id string) bool {
	return s.ids[id] || matchesAny(s.globs, id)
}

func matchesAny(patterns []string, id string) bool {
	for _, p := range patterns {
		if ok, _ := Matches(p, id); ok {
			return true
		}
	}
	return false
}

// caseSessions is how many sessions most cases have open at the most.
const caseSessions = 4

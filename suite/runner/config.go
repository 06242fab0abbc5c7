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

// Config configures a run.
type Config struct {
	Targets  []*wire.Target
	Embedded bool // the targets are the suite's own reference cluster

	Profile suite.Profile // if empty, the largest that the targets support
	Edition suite.Edition // if empty, the latest or the one that the target declares
	Strict  bool
	// Requirements is the name of the requirement set whose cases gate: a version, or [suite.LatestRequirements], the
	// default.
	Requirements string

	Only []string // globs of case IDs
	Skip []string
	// Without names features and abilities in [suite.Removable] that the run leaves out.
	Without []string
	// Auth is the JSON object that the suite sends with every CONNECT of a case that does not test auth; empty for none.
	Auth string
	// KnownFailures are the known failures of the target.
	KnownFailures []suite.KnownFailure
	Shard         result.Shard // the part of the selection to run
	Seed          int64        // of the order; 0 for one from the clock

	Repeat   int  // how often each case runs; 0 for once
	FailFast bool // the run ends at the first case that gates
	Parallel int  // cases running at once; 0 for the default
	// MaxSessions limits how many sessions the cases have open at once; 0 for no limit. The control connections do not
	// count.
	MaxSessions int
	MaxRate     int             // new connections per second; 0 for no limit
	Timeout     time.Duration   // of the whole run; 0 for none
	Tolerance   suite.Tolerance // if zero, the default

	// Lifecycle stops and starts the targets; nil if nothing can.
	Lifecycle suite.Lifecycle
	// Revive restarts an instance that has gone away; nil if nothing can. Hangs means that the instance still accepts
	// connections, so it must be ended first.
	Revive func(ctx context.Context, instance int, hangs bool) error
	// AwayLimit is how long the run waits for a target that has gone away; 0 for 30 s.
	AwayLimit time.Duration
	// Second is a second cluster of the same kind with its own Lifecycle; nil if there is none. Cases that disturb others
	// run against it. Without it they wait until all others have ended.
	Second *Config

	// Control starts targets of the embedded reference, for the control group: before a case counts as failed, it also runs
	// against them at the same time. It is called for the first such case. It is nil if there is no control group.
	Control func(context.Context) (Config, func(), error)
	// InProcess means that the targets are servers in this process, so that only the process can stand still. No probes are
	// sent: with many concurrent runs they would be most of the traffic.
	InProcess bool
	// Once means that the first bad attempt decides, for instance if a fault is known to be there.
	Once bool

	// Browser and Client are used by [suite.ProfileBrowser]. Without a browser its cases are inapplicable. If Client is nil,
	// the bundle that the first target serves is used.
	Browser suite.Browser
	Client  *suite.ClientBundle

	Build   suite.SuiteBuild
	Command string              // the command line that repeats the run
	Rerun   func(string) string // the command line that runs one case alone
	Watcher Watcher
	// Judged, if not nil, is called for each decided case with everything that the decision rests on. Calls may overlap.
	Judged func(result.Trial)

	// CheckApplication, if not nil, examines the targets' conformance applications before the cases run. It returns what
	// they lack, which the results then say. Auth is [Config.Auth].
	CheckApplication func(ctx context.Context, targets []*wire.Target, auth string) []result.Part

	// Broker listens at the broker of the targets' cluster; nil if nobody does.
	Broker suite.Broker

	// Mistakes, if not nil, returns what servers get wrong about a rule, a sentence each.
	Mistakes func(rule string) []string

	// Notices are sentences from the caller with which the notices of the results begin.
	Notices []string

	// Known spares the run the discovery of what the targets offer.
	Known *suite.Capabilities
}

// settings is the configuration of a run with its defaults, and what was found out before its cases ran.
type settings struct {
	Config
	required    *suite.RequirementSet // nil for the latest
	served      bool                  // the target serves the client
	unbrowsable string                // why the browser's cases cannot run; empty if they can
	lacking     []result.Part         // what the applications lack
}

// failFastParallel is how many cases run at once in a run that ends with the first failure.
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

// targets returns the targets of the run, including those of the second cluster.
func (c Config) targets() []*wire.Target {
	if c.Second == nil {
		return c.Targets
	}
	return slices.Concat(c.Targets, c.Second.Targets)
}

// expect tells all targets of a run the largest payload that they announced.
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

// UsageError is a mistake in the configuration of a run.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// Select returns the cases that the globs of --only and --skip select. A pattern that matches no case is a [UsageError], and
// so is a selection without cases.
func Select(only, skip []string) ([]*suite.Case, error) {
	all := suite.Cases()
	for _, pattern := range slices.Concat(only, skip) {
		if suite.FindCase(pattern) != nil { // an ID matches itself; there may be hundreds
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

// Matches reports whether a glob matches an ID: "*" matches anything within one part, and a pattern that only names an area
// ("errors") matches all of it.
func Matches(pattern, id string) (bool, error) {
	if !strings.Contains(pattern, "/") {
		if pattern == "*" || pattern == "**" {
			return true, nil
		}
		pattern += "/*"
	}
	return path.Match(pattern, id)
}

// selection is the set of IDs that some patterns match.
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

// caseSessions is how many sessions most cases have open at most.
const caseSessions = 4

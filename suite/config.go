package suite

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite/wire"
)

// Config is what a run needs to know.
type Config struct {
	Targets  []*wire.Target
	Embedded bool // the targets are the suite's own reference cluster

	Profile Profile // the largest that the targets support where empty
	Edition Edition // the latest, or the one that the target declares, where empty
	Strict  bool
	Only    []string // globs of case IDs
	Skip    []string
	// KnownFailures of the target.
	KnownFailures []KnownFailure
	Shard         Shard // the part of the selection to run
	Seed          int64 // of the order; 0 for one of the clock's

	Repeat    int           // how often each case runs; 0 for once
	FailFast  bool          // the run ends with the first case that gates
	Parallel  int           // cases under way at once; 0 for the default
	Timeout   time.Duration // of the whole run; 0 for none
	Tolerance Tolerance     // the default where zero

	// Lifecycle stops and starts the targets; nil where nothing can.
	Lifecycle Lifecycle
	// Beside is a second cluster of the same make with a Lifecycle of its own; nil where there is none.
	// Cases that disturb others fly on it at once. Without it they wait until all others have landed.
	Beside *Config

	// Browser and client bundle of [ProfileBrowser]. Without a browser its cases are inapplicable;
	// the client is the one that the first target serves where it is nil.
	Browser *Browser
	Client  *ClientBundle
	served  bool // the client is the target's
	// unbrowsable says why the browser's cases cannot run; empty where they can.
	unbrowsable string

	Build   SuiteBuild
	Command string              // the command line that repeats the run
	Rerun   func(string) string // the command line that runs one case alone
	Watcher Watcher

	// Known spares the run finding out what the targets can do.
	Known *Capabilities
}

func (c Config) withDefaults() Config {
	if c.Parallel <= 0 && c.FailFast {
		c.Parallel = quietSlots // no case is judged again in quiet
	}
	if c.Parallel <= 0 {
		c.Parallel = DefaultParallel
	}
	if c.Tolerance == (Tolerance{}) {
		c.Tolerance = DefaultTolerance
	}
	if c.Seed == 0 {
		c.Seed = time.Now().UnixNano()%1_000_000_000 + 1
	}
	if c.Rerun == nil {
		c.Rerun = func(string) string { return "" }
	}
	if c.Watcher == nil {
		c.Watcher = silence{}
	}
	return c
}

// expect tells all targets of a run which payload they may send.
func (c Config) expect(maxPayload int64) {
	all := c.Targets
	if c.Beside != nil {
		all = append(slices.Clone(all), c.Beside.Targets...)
	}
	for _, target := range all {
		target.MaxPayload = maxPayload
	}
}

type silence struct{}

func (silence) Planned(int)                   {}
func (silence) Started(string, time.Duration) {}
func (silence) Landed(CaseResult)             {}
func (silence) Done()                         {}

// UsageError is a mistake in what a run was asked to do.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// Select returns the cases that the globs of --only and --skip select. A pattern that matches no
// case is a [UsageError], and so is a selection without cases.
func Select(only, skip []string) ([]*Case, error) {
	for _, pattern := range append(append([]string(nil), only...), skip...) {
		if registry[pattern] != nil { // an ID stands for itself; there may be hundreds
			continue
		}
		matched := false
		for id := range registry {
			ok, err := Matches(pattern, id)
			if err != nil {
				return nil, &UsageError{fmt.Sprintf("the pattern %q is malformed: see --help for what a glob may hold", pattern)}
			}
			matched = matched || ok
		}
		if !matched {
			return nil, &UsageError{noCase(pattern).Error()}
		}
	}
	var selected []*Case
	included, excluded := newSelection(only), newSelection(skip)
	for _, c := range Cases() {
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
		if registry[pattern] != nil {
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

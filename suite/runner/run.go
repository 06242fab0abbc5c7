// Package runner runs the cases of the package suite against targets: it finds out what the targets offer, plans which cases
// apply, runs them concurrently, retries until it can judge the outcomes, and summarises them. Cases know nothing about it.
package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// Run finds out what the targets offer and runs the cases through Ginkgo's tree. Like Ginkgo, it works only once in a
// process; [RunDirectly] works any number of times. The error is a [UsageError].
func Run(ctx context.Context, config Config) (*suite.Results, error) {
	return run(ctx, config, (*scheduler).ginkgo)
}

// RunDirectly runs the cases as [Run] does, without Ginkgo.
func RunDirectly(ctx context.Context, config Config) (*suite.Results, error) {
	return run(ctx, config, func(f *scheduler) {
		f.startCases()
		f.wait()
	})
}

func run(ctx context.Context, asked Config, each func(*scheduler)) (*suite.Results, error) {
	config := asked.withDefaults()
	selected, err := Select(config.Only, config.Skip)
	if err != nil {
		return nil, err
	}
	if config.Profile == suite.ProfileCluster && len(config.Targets) < 2 {
		return nil, &UsageError{"the profile cluster needs two targets: give --target once for each instance"}
	}
	if config.required, err = requirements(config.Requirements); err != nil {
		return nil, err
	}
	if err := checkWithout(config.Without); err != nil {
		return nil, err
	}
	if err := CheckKnownFailures(config.KnownFailures); err != nil {
		return nil, err
	}
	whole := len(selected)
	if selected = part(config.Shard, selected); len(selected) == 0 {
		return nil, &UsageError{fmt.Sprintf("--shard %s is empty: there are only %d cases to share", config.Shard, whole)}
	}
	if config.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, config.Timeout, ErrTimeout)
		defer cancel()
	}
	start := time.Now()
	observers := suite.NewControls(config.Targets, config.Auth)
	defer leave(ctx, func() { suite.CloseControls(observers) })
	c := config.Known
	if c == nil {
		c = discover(ctx, config, observers)
		config.lacking = config.applications(ctx, c)
	}
	config.expect(c.Timings.MaxPayload)
	config.Tolerance = patient(config.Tolerance, c.Targets)
	claimed := false
	if config.Edition == "" {
		config.Edition = suite.Latest
		if config.Profile == "" { // naming a profile asks for all of it
			config.Edition = declaredEdition(c)
			claimed = config.Edition != suite.Latest
		}
	}
	if config.Profile == "" {
		config.Profile = c.Profile
	}
	if config.Profile == suite.ProfileBrowser && c.Reachable() {
		config.unbrowsable = config.browsing(ctx)
	}
	f := newScheduler(ctx, config, c, observers, plan(selected, config, c))
	probed := config.Targets
	if config.InProcess {
		probed = nil
	}
	f.ask(newProbes(probed, c, observers))
	f.probes.slow(config.MaxRate)
	if config.Control != nil {
		f.group = &controlGroup{config: config}
		defer leave(ctx, f.group.close)
	}
	if config.Second != nil {
		observers := suite.NewControls(config.Second.Targets, config.Auth)
		defer leave(ctx, func() { suite.CloseControls(observers) })
		second := config
		second.Broker = nil
		second.Targets, second.Lifecycle = config.Second.Targets, config.Second.Lifecycle
		f.second = newScheduler(f.ctx, second, c, observers, nil)
		f.second.main = f
		f.second.env.Stalls, f.second.env.Doubted = f.env.Stalls, f.doubted
	}
	rounds := []*scheduler{f}
	if c.Reachable() {
		for _, sentence := range distances(config.Config, c) {
			config.Watcher.Notice(sentence)
		}
		each(f)
		for len(rounds) < config.Repeat && f.cause() == nil {
			f = f.again()
			rounds = append(rounds, f)
		}
	} else {
		f.skipAll(ctx)
	}
	f.cancel(nil)
	return f.summarise(ctx, start, rounds, whole, claimed), nil
}

// leave closes something at the end of a run. If the run was interrupted, its results do not wait for that.
func leave(ctx context.Context, end func()) {
	if errors.Is(context.Cause(ctx), suite.ErrInterrupted) {
		go end()
		return
	}
	end()
}

// declaredEdition returns the oldest edition that a target declares, or the latest.
func declaredEdition(c *suite.Capabilities) suite.Edition {
	edition := suite.Latest
	for _, info := range c.Info {
		if info == nil {
			continue
		}
		if e, ok := suite.ParseEdition(info.Edition); ok && edition.Covers(e) {
			edition = e
		}
	}
	return edition
}

// summarise makes the results of a run from its rounds. Selected is the number of cases before sharding.
func (s *scheduler) summarise(ctx context.Context, start time.Time, rounds []*scheduler, selected int, claimed bool) *suite.Results {
	r := &suite.Results{
		Schema: suite.Schema, Suite: s.config.Build, Command: s.config.Command,
		Edition: string(s.config.Edition), Claimed: claimed, Profile: s.config.Profile, Without: s.config.Without, Strict: s.config.Strict, Requirements: s.config.requires(), Seed: rounds[0].config.Seed,
		Notices: notices(s.config, s.capabilities), Application: s.config.lacking,
		LeftOut: leftOut(s.all, s.config, s.capabilities, selected, len(suite.Cases())),
		Only:    s.config.Only, Skip: s.config.Skip, Shard: s.config.Shard.String(),
		StartedAt: start, DurationMs: float64(time.Since(start).Microseconds()) / 1000,
		Targets: s.capabilities.Targets, Counts: suite.Counts{},
	}
	r.Suite.Catalogue = suite.CatalogueDigest()
	if len(rounds) > 1 {
		r.Rounds = len(rounds)
	}
	for _, one := range rounds {
		r.Gone = append(r.Gone, one.departed()...)
	}
	for _, c := range combine(rounds) {
		if len(rounds) == 1 {
			c.Rounds = nil
		}
		r.Cases = append(r.Cases, *c)
	}
	slices.SortFunc(r.Cases, func(a, b suite.CaseResult) int { return suite.CompareIDs(a.ID, b.ID) })
	r.Count()
	r.Judge()
	switch {
	case errors.Is(context.Cause(ctx), suite.ErrInterrupted) || errors.Is(s.cause(), suite.ErrInterrupted):
		r.Verdict = suite.Interrupted
	case !s.capabilities.Reachable() && ctx.Err() == nil:
		r.Verdict = suite.Unreachable
	}
	r.Conclude()
	r.Clauses = clauses(r.Cases, s.config.Mistakes)
	result.Sanitise(r, s.redact)
	r.FindCauses() // after sanitising, so that the causes hold nothing that the cases do not
	showExamples(ctx, s.config, r, s.redact)
	return r
}

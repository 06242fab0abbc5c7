// Package suite is the engine of the conformance suite: targets and what they can show, cases and
// what they need, the scheduler that lets all of them wait at once, and the results.
package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Run finds out what the targets can do and runs the cases through Ginkgo's tree. It works once in
// a process, as Ginkgo does; [Fly] works as often as is wished. The error is a [UsageError].
func Run(ctx context.Context, config Config) (*Results, error) {
	return run(ctx, config, (*flight).ginkgo)
}

// Fly runs the cases as [Run] does, without Ginkgo.
func Fly(ctx context.Context, config Config) (*Results, error) {
	return run(ctx, config, func(f *flight) {
		f.launch()
		f.wait()
	})
}

func run(ctx context.Context, config Config, fly func(*flight)) (*Results, error) {
	config = config.withDefaults()
	selected, err := Select(config.Only, config.Skip)
	if err != nil {
		return nil, err
	}
	if config.Profile == ProfileCluster && len(config.Targets) < 2 {
		return nil, &UsageError{"the profile cluster needs two targets: give --target once for each instance"}
	}
	if err := CheckKnownFailures(config.KnownFailures); err != nil {
		return nil, err
	}
	whole := len(selected)
	if selected = config.Shard.part(selected); len(selected) == 0 {
		return nil, &UsageError{fmt.Sprintf("--shard %s is empty: there are only %s to share", config.Shard, cases(whole))}
	}
	if config.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, config.Timeout, ErrTimeout)
		defer cancel()
	}
	start := time.Now()
	observers := newObservers(config.Targets)
	defer closeObservers(observers)
	c := config.Known
	if c == nil {
		c = discover(ctx, config, observers)
	}
	config.expect(c.Timings.MaxPayload)
	if config.Profile == "" {
		config.Profile = c.Profile
		if len(c.Problems) > 0 {
			config.Profile = ProfileCluster // several targets ask for it
		}
	}
	if config.Edition == "" {
		config.Edition = declaredEdition(c)
	}
	if config.Profile == ProfileBrowser && c.Reachable() {
		config.unbrowsable = config.browsing(ctx)
	}
	f := newFlight(ctx, config, c, observers, plan(selected, config, c))
	if config.Beside != nil {
		observers := newObservers(config.Beside.Targets)
		defer closeObservers(observers)
		beside := config
		beside.Targets, beside.Lifecycle = config.Beside.Targets, config.Beside.Lifecycle
		f.beside = newFlight(f.ctx, beside, c, observers, nil)
		f.beside.main = f
	}
	rounds := []*flight{f}
	if c.Reachable() {
		fly(f)
		for len(rounds) < config.Repeat && f.cause() == nil {
			f = f.again()
			rounds = append(rounds, f)
		}
	} else {
		f.ground(ctx)
	}
	f.cancel(nil)
	return f.summarise(ctx, start, rounds, whole), nil
}

// declaredEdition is the oldest edition among those that the targets declare, or the latest.
func declaredEdition(c *Capabilities) Edition {
	edition := Latest
	for _, info := range c.Info {
		if info == nil {
			continue
		}
		if e, ok := ParseEdition(info.Edition); ok && edition.Covers(e) {
			edition = e
		}
	}
	return edition
}

func (f *flight) summarise(ctx context.Context, start time.Time, rounds []*flight, selected int) *Results {
	r := &Results{
		Schema: Schema, Suite: f.config.Build, Command: f.config.Command,
		Edition: string(f.config.Edition), Profile: f.config.Profile, Strict: f.config.Strict, Seed: rounds[0].config.Seed,
		LeftOut: leftOut(f.all, f.config, f.capabilities, selected, len(registry)),
		Only:    f.config.Only, Skip: f.config.Skip, Shard: f.config.Shard.String(),
		StartedAt: start, DurationMs: float64(time.Since(start).Microseconds()) / 1000,
		Targets: f.capabilities.Targets, Counts: Counts{},
	}
	r.Suite.Catalogue = CatalogueDigest()
	if len(rounds) > 1 {
		r.Rounds = len(rounds)
	}
	for _, c := range combine(rounds) {
		if len(rounds) == 1 {
			c.Rounds = nil
		}
		r.Cases = append(r.Cases, *c)
	}
	slices.SortFunc(r.Cases, func(a, b CaseResult) int { return compareIDs(a.ID, b.ID) })
	r.Count()
	r.Judge()
	switch {
	case errors.Is(context.Cause(ctx), ErrInterrupted) || errors.Is(f.cause(), ErrInterrupted):
		r.Verdict = Interrupted
	case !f.capabilities.Reachable() && ctx.Err() == nil:
		r.Verdict = Unreachable
	}
	r.conclude()
	return r
}

// Count fills in Counts from the cases.
func (r *Results) Count() {
	r.Counts = Counts{}
	for _, level := range Levels {
		r.Counts[level] = map[Outcome]int{}
	}
	for _, c := range r.Cases {
		r.Counts[c.Level][c.Outcome]++
	}
}

// Gates reports whether a case's outcome keeps the run from being conformant.
func (r *Results) Gates(c CaseResult) bool {
	switch c.Outcome {
	case Failed, Stale, Unverified, Errored:
		return true
	case Warned:
		return r.Strict && c.Level == Recommended
	default:
		return false
	}
}

// Judge fills in the verdict, its sentence and the exit code from the counts: a rule seen broken is
// certain whatever else happened, an error of the suite comes next, and what could not be judged last.
func (r *Results) Judge() {
	switch {
	case r.Counts.Total(Failed) > 0, r.Counts.Total(Stale) > 0, r.Strict && r.Counts[Recommended][Warned] > 0:
		r.Verdict = NotConformant
	case r.Counts.Total(Errored) > 0:
		r.Verdict = Broken
	case r.Counts.Total(Unverified) > 0, r.Counts.Total(Passed)+r.Counts.Total(Warned)+r.Counts.Total(Known) == 0:
		r.Verdict = Incomplete
	case r.Counts.Total(Known) > 0:
		r.Verdict = Excused
	default:
		r.Verdict = Conformant
	}
	r.conclude()
}

// conclude words the verdict.
func (r *Results) conclude() {
	r.ExitCode = r.Verdict.ExitCode()
	subject := "The target"
	if len(r.Targets) > 1 {
		subject = fmt.Sprintf("The cluster of %d instances", len(r.Targets))
	}
	scope := fmt.Sprintf("edition %s, profile %s", r.Edition, r.Profile)
	failed := r.Counts.Total(Failed)
	if r.Strict {
		failed += r.Counts[Recommended][Warned]
	}
	switch r.Verdict {
	case Conformant:
		r.Summary = fmt.Sprintf("%s conforms to %s: %s passed.", subject, scope, cases(r.Counts.Total(Passed)))
	case Excused:
		r.Summary = fmt.Sprintf("%s conforms to %s but for %s: %s passed.", subject, scope, failures(r.Counts.Total(Known)), cases(r.Counts.Total(Passed)))
	case NotConformant:
		if failed == 0 {
			r.Summary = fmt.Sprintf("The list of known failures is out of date: %s passed that it holds.", cases(r.Counts.Total(Stale)))
			break
		}
		r.Summary = fmt.Sprintf("%s does not conform to %s: %s failed.", subject, scope, cases(failed))
		if n := r.Counts.Total(Stale); n > 0 {
			r.Summary += fmt.Sprintf(" The list of known failures is out of date, too: %s passed that it holds.", cases(n))
		}
	case Incomplete:
		if r.Counts.Total(Unverified) == 0 {
			r.Summary = fmt.Sprintf("Nothing was verified of %s.", scope)
			break
		}
		r.Summary = fmt.Sprintf("%s could not be judged whole by %s: %s unverified.", subject, scope, cases(r.Counts.Total(Unverified)))
	case Unreachable:
		var why []string
		for i, t := range r.Targets {
			if t.Error != "" {
				why = append(why, fmt.Sprintf("No Engine.IO server answers at target %d, %s: %s", i+1, t.URL, t.Error))
			}
		}
		r.Summary = strings.Join(why, ". ") + "."
	case Interrupted:
		r.Summary = fmt.Sprintf("The run was interrupted: %s passed, %d failed, %d unverified.", cases(r.Counts.Total(Passed)), failed, r.Counts.Total(Unverified))
	default:
		r.Summary = fmt.Sprintf("The suite itself broke in %s.", cases(r.Counts.Total(Errored)))
	}
}

func failures(n int) string {
	if n == 1 {
		return "1 known failure"
	}
	return fmt.Sprintf("%d known failures", n)
}

func cases(n int) string {
	if n == 1 {
		return "1 case"
	}
	return fmt.Sprintf("%d cases", n)
}

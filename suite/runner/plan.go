package runner

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite"
)

// planned is a case of a run, with its outcome if that is known without running it.
type planned struct {
	*suite.Case
	outcome suite.Outcome // empty if the case has to run
	reason  string
}

// plan decides for each selected case whether it runs.
func plan(selected []*suite.Case, config settings, c *suite.Capabilities) (all []planned) {
	for _, it := range selected {
		p := planned{Case: it}
		p.outcome, p.reason = applicable(it, config, c)
		all = append(all, p)
	}
	return all
}

func applicable(it *suite.Case, config settings, c *suite.Capabilities) (suite.Outcome, string) {
	if !config.Edition.Covers(it.Since) {
		return suite.Inapplicable, fmt.Sprintf("edition %s and later ask for it; this run is for edition %s", it.Since, config.Edition)
	}
	if !config.Profile.Covers(it.Profile()) {
		switch {
		case config.Profile == suite.ProfileBrowser:
			return suite.Inapplicable, fmt.Sprintf("it is in the profile %s; this run covers only the client in a browser", it.Profile())
		case it.Profile() == suite.ProfileBrowser:
			return suite.Inapplicable, "it is in the profile browser, which runs only with --profile browser"
		}
		return suite.Inapplicable, fmt.Sprintf("it is in the profile %s; this run covers the profile %s", it.Profile(), config.Profile)
	}
	if it.Needs.Browser && config.unbrowsable != "" {
		return suite.Inapplicable, config.unbrowsable
	}
	if it.Needs.Targets > 1 && len(c.Problems) > 0 {
		return suite.Unverified, strings.Join(c.Problems, "; ")
	}
	if it.Needs.Targets > len(config.Targets) {
		return suite.Inapplicable, fmt.Sprintf("it needs %d targets; this run has %d", it.Needs.Targets, len(config.Targets))
	}
	if it.Profile() == suite.Profile410 || it.Profile() == suite.ProfileCluster {
		if why := c.Unclear(application); why != "" {
			return suite.Unverified, "it could not be found out whether the target runs the conformance application: " + why
		}
		for i, info := range c.Info {
			if info == nil {
				return suite.Unverified, fmt.Sprintf("target %d runs no conformance application (CONTRACT.md)", i+1)
			}
		}
	}
	if it.Needs.Restarts && config.Lifecycle == nil && config.Second == nil {
		return suite.Inapplicable, "it stops and restarts an instance, and the run has no commands for that (--stop-cmd, --start-cmd)"
	}
	if it.Needs.Echo && !c.Echo {
		if why := c.Unclear(echoApplication); why != "" {
			return suite.Unverified, why
		}
		if len(c.Targets) > 0 && c.Targets[0].Lacks[suite.JoiningAbility] != "" {
			return suite.Unverified, c.Lacks(0, suite.JoiningAbility)
		}
		return suite.Unverified, "the echo application of the official test suites does not answer in the main namespace"
	}
	if d := it.Longest(c.Timings); d > longestTimer && d > config.Timeout {
		return suite.Unverified, fmt.Sprintf("it waits %s for the target's timers, and a run without a --timeout longer than that waits %s at most", d, longestTimer)
	}
	return owed(it, config.Config, c)
}

// longestTimer is how long a case waits for the target's timers if no --timeout allows more.
const longestTimer = 10 * time.Minute

// order puts the cases with the longest waits first, so that they wait while the others run. Equals are shuffled.
func order(all []planned, timings suite.Timings, seed int64) []planned {
	ordered := slices.Clone(all)
	chance := rand.New(rand.NewPCG(uint64(seed), 0))
	chance.Shuffle(len(ordered), func(i, j int) { ordered[i], ordered[j] = ordered[j], ordered[i] })
	slices.SortStableFunc(ordered, func(a, b planned) int {
		return cmp.Compare(b.Longest(timings), a.Longest(timings))
	})
	return ordered
}

// leftOut says in sentences what a run does not cover.
func leftOut(all []planned, config settings, c *suite.Capabilities, selected, total int) (sentences []string) {
	count := func(is func(planned) bool) (n int) {
		for _, p := range all {
			if is(p) {
				n++
			}
		}
		return n
	}
	outside := func(p planned) bool { return !config.Profile.Covers(p.Profile()) }
	inBrowser := func(p planned) bool { return p.Profile() == suite.ProfileBrowser }
	if n := count(func(p planned) bool { return outside(p) && !inBrowser(p) }); n > 0 {
		sentences = append(sentences, fmt.Sprintf("The profile %s leaves out %d cases%s.", config.Profile, n, missing(config, c)))
	}
	if n := count(func(p planned) bool { return outside(p) && inBrowser(p) }); n > 0 {
		sentences = append(sentences, fmt.Sprintf("%d cases about the client in a browser are left out: --profile browser runs them.", n))
	}
	if config.unbrowsable != "" {
		sentences = append(sentences, fmt.Sprintf("The client in a browser cannot be judged: %s.", config.unbrowsable))
	}
	if n := count(func(p planned) bool { return !config.Edition.Covers(p.Since) }); n > 0 {
		sentences = append(sentences, fmt.Sprintf("Edition %s leaves out %d cases of later editions.", config.Edition, n))
	}
	if n := count(func(p planned) bool { return p.outcome != suite.Inapplicable && config.newer(p.Case) }); n > 0 {
		sentences = append(sentences, fmt.Sprintf("%d cases are newer than the requirement set %s and do not gate: with --requirements latest they do.", n, config.requires()))
	}
	if selected < total {
		sentences = append(sentences, fmt.Sprintf("--only and --skip leave out %d of %d cases.", total-selected, total))
	}
	if of := config.Shard.Of; of > 1 {
		sentences = append(sentences, fmt.Sprintf("Part %d of %d (--shard) leaves out %d of the selected cases: `conformance merge` combines all parts into one verdict.", config.Shard.Index, of, selected-len(all)))
	}
	if config.Profile == suite.ProfileCluster && config.Lifecycle == nil && config.Second == nil {
		if n := count(func(p planned) bool { return p.Needs.Restarts && p.outcome == suite.Inapplicable }); n > 0 {
			sentences = append(sentences, fmt.Sprintf("%d cases that stop an instance are left out: they need --stop-cmd and --start-cmd.", n))
		}
	}
	if config.FailFast {
		sentences = append(sentences, "--fail-fast ends the run at the first failure and repeats no case.")
	}
	if len(config.Without) > 0 {
		sentences = append(sentences, fmt.Sprintf("The run leaves out what these need: %s (--without, --transports).", strings.Join(config.Without, ", ")))
	}
	return sentences
}

// missing says what the target would need for a larger profile.
func missing(config settings, c *suite.Capabilities) string {
	if config.Profile == suite.ProfileBrowser {
		return ": it covers only the client in a browser"
	}
	if c.Profile != config.Profile || !c.Reachable() { // then discovery found nothing
		return ""
	}
	switch c.Profile {
	case suite.ProfileWire:
		return ": the target runs neither the echo nor the conformance application"
	case suite.ProfileProtocol:
		return ": the target does not run the conformance application"
	default:
		return ": they need two or more instances of one cluster"
	}
}

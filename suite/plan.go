package suite

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// planned is a case of a run, with its outcome where that is known without running it.
type planned struct {
	*Case
	outcome Outcome // empty where the case is to be run
	reason  string
}

// plan decides for each selected case whether it runs.
func plan(selected []*Case, config Config, c *Capabilities) (all []planned) {
	for _, it := range selected {
		p := planned{Case: it}
		p.outcome, p.reason = applicable(it, config, c)
		all = append(all, p)
	}
	return all
}

func applicable(it *Case, config Config, c *Capabilities) (Outcome, string) {
	if !config.Edition.Covers(it.Since) {
		return Inapplicable, fmt.Sprintf("edition %s and later ask for it; this run is of edition %s", it.Since, config.Edition)
	}
	if !config.Profile.covers(it.Profile()) {
		switch {
		case config.Profile == ProfileBrowser:
			return Inapplicable, fmt.Sprintf("it is of the profile %s; this run covers the client in a browser alone", it.Profile())
		case it.Profile() == ProfileBrowser:
			return Inapplicable, "it is of the profile browser, which is run only where --profile browser asks for it"
		}
		return Inapplicable, fmt.Sprintf("it is of the profile %s; this run covers the profile %s", it.Profile(), config.Profile)
	}
	if it.Needs.Browser && config.unbrowsable != "" {
		return Inapplicable, config.unbrowsable
	}
	if it.Needs.Targets > 1 && len(c.Problems) > 0 {
		return Unverified, strings.Join(c.Problems, "; ")
	}
	if it.Needs.Targets > len(config.Targets) {
		return Inapplicable, fmt.Sprintf("it needs %d targets; this run has %d", it.Needs.Targets, len(config.Targets))
	}
	if it.Profile() == Profile410 || it.Profile() == ProfileCluster {
		for i, info := range c.Info {
			if info == nil {
				return Unverified, fmt.Sprintf("target %d runs no conformance application (CONTRACT.md)", i+1)
			}
		}
	}
	if it.Needs.Restarts && config.Lifecycle == nil && config.Beside == nil {
		return Inapplicable, "it stops an instance and starts it again, which the suite was not told how to (--stop-cmd, --start-cmd)"
	}
	if it.Needs.Echo && !c.Echo {
		return Unverified, "the echo application of the official test suites does not answer in the main namespace"
	}
	for _, feature := range it.Needs.Features {
		if !c.Declares(feature) {
			return Inapplicable, fmt.Sprintf("the target does not declare the feature %s", feature)
		}
	}
	return "", ""
}

// order puts the cases with the longest waits first, so that they wait while the others run; chance
// decides among equals.
func order(all []planned, timings Timings, seed int64) []planned {
	ordered := slices.Clone(all)
	chance := rand.New(rand.NewPCG(uint64(seed), 0))
	chance.Shuffle(len(ordered), func(i, j int) { ordered[i], ordered[j] = ordered[j], ordered[i] })
	slices.SortStableFunc(ordered, func(a, b planned) int {
		return cmp.Compare(b.longest(timings), a.longest(timings))
	})
	return ordered
}

// leftOut says in sentences what a run does not cover.
func leftOut(all []planned, config Config, c *Capabilities, selected, total int) (sentences []string) {
	outside, pages := 0, 0
	for _, p := range all {
		switch {
		case config.Profile.covers(p.Profile()):
		case p.Profile() == ProfileBrowser:
			pages++
		default:
			outside++
		}
	}
	if outside > 0 {
		sentences = append(sentences, fmt.Sprintf("The profile %s leaves out %d cases%s.", config.Profile, outside, missing(config, c)))
	}
	if pages > 0 {
		sentences = append(sentences, fmt.Sprintf("The client in a browser is left out, %d cases: --profile browser runs them.", pages))
	}
	if config.unbrowsable != "" {
		sentences = append(sentences, fmt.Sprintf("The client in a browser cannot be judged: %s.", config.unbrowsable))
	}
	later := 0
	for _, p := range all {
		if !config.Edition.Covers(p.Since) {
			later++
		}
	}
	if later > 0 {
		sentences = append(sentences, fmt.Sprintf("Edition %s leaves out %d cases of later editions.", config.Edition, later))
	}
	if selected < total {
		sentences = append(sentences, fmt.Sprintf("--only and --skip leave out %d of %d cases.", total-selected, total))
	}
	if of := config.Shard.Of; of > 1 {
		sentences = append(sentences, fmt.Sprintf("Part %d of %d (--shard) leaves out %d of the selected cases: `conformance merge` makes one verdict of all parts.", config.Shard.Index, of, selected-len(all)))
	}
	if config.Profile == ProfileCluster && config.Lifecycle == nil && config.Beside == nil {
		n := 0
		for _, p := range all {
			if p.Needs.Restarts && p.outcome == Inapplicable {
				n++
			}
		}
		if n > 0 {
			sentences = append(sentences, fmt.Sprintf("%d cases that stop an instance are left out: they need --stop-cmd and --start-cmd.", n))
		}
	}
	if config.FailFast {
		sentences = append(sentences, "--fail-fast ends the run with the first failure, and judges no case again in quiet.")
	}
	var undeclared []string
	for _, feature := range Features {
		if config.Profile.covers(Profile410) && !c.Declares(feature) {
			undeclared = append(undeclared, feature)
		}
	}
	if len(undeclared) > 0 {
		sentences = append(sentences, fmt.Sprintf("The target does not declare %s: those cases are left out.", strings.Join(undeclared, ", ")))
	}
	return append(sentences, c.Problems...)
}

// missing says what the target would need for a larger profile.
func missing(config Config, c *Capabilities) string {
	if config.Profile == ProfileBrowser {
		return ": it covers the client in a browser alone"
	}
	if c.Profile != config.Profile || !c.Reachable() { // then nothing was found out
		return ""
	}
	switch c.Profile {
	case ProfileWire:
		return ": the target runs neither the echo nor the conformance application"
	case ProfileProtocol:
		return ": the target does not run the conformance application"
	default:
		return ": they need two or more instances of one cluster"
	}
}

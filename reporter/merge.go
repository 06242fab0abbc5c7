package reporter

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite"
)

// Merge makes one run of the parts of a run that several machines did. Expected are the cases that
// the parts must hold together; what a result says of them is ignored. A case that no part holds is
// unverified. Parts that differ in suite, edition, profile, strictness or targets make the run
// incomplete, whatever their cases say.
func Merge(parts []*suite.Results, expected []suite.CaseResult) (*suite.Results, error) {
	if len(parts) == 0 {
		return nil, errors.New("there are no parts to merge")
	}
	first := parts[0]
	whole := *first
	whole.Command = shardFlag.ReplaceAllString(first.Command, "")
	whole.Cases, whole.LeftOut = nil, nil
	end := first.StartedAt
	cases := map[string]suite.CaseResult{}
	var differences, broken []string
	for i, p := range parts {
		if p.StartedAt.Before(whole.StartedAt) {
			whole.StartedAt = p.StartedAt
		}
		if e := p.StartedAt.Add(time.Duration(p.DurationMs * float64(time.Millisecond))); e.After(end) {
			end = e
		}
		for _, s := range p.LeftOut {
			if !slices.Contains(whole.LeftOut, s) {
				whole.LeftOut = append(whole.LeftOut, s)
			}
		}
		if d := different(first, p); d != "" {
			differences = append(differences, fmt.Sprintf("part %d is of another %s than part 1", i+1, d))
		}
		if p.Verdict == suite.Unreachable || p.Verdict == suite.Interrupted {
			broken = append(broken, fmt.Sprintf("part %d is %s", i+1, p.Verdict))
		}
		for _, c := range p.Cases {
			if known, twice := cases[c.ID]; !twice || slices.Index(suite.Outcomes, c.Outcome) < slices.Index(suite.Outcomes, known.Outcome) {
				cases[c.ID] = c
			}
		}
	}
	missing := 0
	for _, e := range expected {
		if _, held := cases[e.ID]; held {
			continue
		}
		missing++
		cases[e.ID] = suite.CaseResult{
			ID: e.ID, Title: e.Title, Area: e.Area, Level: e.Level, Since: e.Since, Source: e.Source, Faults: e.Faults, Rerun: e.Rerun,
			Outcome: suite.Unverified, Reason: "no part of the run holds it",
		}
	}
	for _, c := range cases {
		whole.Cases = append(whole.Cases, c)
	}
	slices.SortFunc(whole.Cases, func(a, b suite.CaseResult) int { return compareIDs(a.Area, a.ID, b.Area, b.ID) })
	whole.DurationMs = float64(end.Sub(whole.StartedAt).Microseconds()) / 1000
	whole.Count()
	whole.Judge()
	incomplete := func(why string) {
		whole.Verdict = suite.Incomplete
		whole.ExitCode = whole.Verdict.ExitCode()
		whole.Summary = why
	}
	switch {
	case len(differences) > 0:
		incomplete(fmt.Sprintf("The parts do not make one run: %s.", strings.Join(differences, ", ")))
	case whole.Verdict == suite.Incomplete && missing > 0:
		incomplete(fmt.Sprintf("%s of %s: no part holds %d of them.", capital(count(whole.Counts.Total(suite.Unverified), "unverified case")), count(len(parts), "part"), missing))
	case whole.Verdict == suite.Conformant && len(broken) > 0:
		incomplete(fmt.Sprintf("Not every part of the run is whole: %s.", strings.Join(broken, ", ")))
	}
	return &whole, nil
}

var shardFlag = regexp.MustCompile(` --shard[ =]\S+`)

// different says in what two parts cannot be of one run.
func different(a, b *suite.Results) string {
	switch {
	case a.Suite.Version != b.Suite.Version || a.Suite.Commit != b.Suite.Commit:
		return "suite version"
	case a.Edition != b.Edition:
		return "edition"
	case a.Profile != b.Profile:
		return "profile"
	case a.Strict != b.Strict:
		return "strictness"
	case !slices.EqualFunc(a.Targets, b.Targets, sameTarget):
		return "target"
	}
	return ""
}

func sameTarget(a, b suite.TargetResult) bool {
	if a.Embedded && b.Embedded { // on a port of its own each
		return true
	}
	if a.Info != nil && b.Info != nil && a.Info.Implementation != b.Info.Implementation {
		return false
	}
	return a.URL == b.URL && a.Embedded == b.Embedded && (a.Info == nil) == (b.Info == nil)
}

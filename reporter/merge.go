package reporter

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.test/conformance/reporter/compare"
	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// Merge makes one run from the parts that several machines ran. Own is the build of the suite that merges. Expected are the
// cases that the parts must hold together; what a result says of them is ignored. A case that no part holds is unverified.
// A part that is missing or of another suite makes the run incomplete, whatever its cases say. So do parts that differ in
// edition, profile, strictness, selection or targets.
func Merge(parts []*result.Results, own result.SuiteBuild, expected []result.CaseResult) (*result.Results, error) {
	if len(parts) == 0 {
		return nil, errors.New("there are no parts to merge")
	}
	first := parts[0]
	whole := *first
	whole.Command = shardFlag.ReplaceAllString(first.Command, "")
	whole.Cases, whole.Notices, whole.LeftOut, whole.Gone, whole.Shard = nil, nil, nil, nil, ""
	end := first.StartedAt
	cases := map[string]result.CaseResult{}
	differences, broken := absent(parts), []string(nil)
	if first.Suite.Version != own.Version || first.Suite.Commit != own.Commit {
		differences = append(differences, fmt.Sprintf("part 1 is of suite version %s %s and this suite is %s %s", first.Suite.Version, first.Suite.Commit, own.Version, own.Commit))
	}
	for i, p := range parts {
		if p.StartedAt.Before(whole.StartedAt) {
			whole.StartedAt = p.StartedAt
		}
		if e := p.StartedAt.Add(time.Duration(p.DurationMs * float64(time.Millisecond))); e.After(end) {
			end = e
		}
		whole.Gone = append(whole.Gone, p.Gone...)
		for _, s := range p.Notices {
			if !slices.Contains(whole.Notices, s) {
				whole.Notices = append(whole.Notices, s)
			}
		}
		for _, s := range p.LeftOut {
			if !slices.Contains(whole.LeftOut, s) && !strings.Contains(s, "(--shard)") {
				whole.LeftOut = append(whole.LeftOut, s)
			}
		}
		if d := different(first, p); d != "" {
			differences = append(differences, fmt.Sprintf("part %d has another %s than part 1", i+1, d))
		}
		if p.Verdict == result.Unreachable || p.Verdict == result.Interrupted {
			broken = append(broken, fmt.Sprintf("part %d is %s", i+1, p.Verdict))
		}
		for _, one := range p.Clauses {
			if !slices.ContainsFunc(whole.Clauses, func(c result.Clause) bool { return c.Rule == one.Rule }) {
				whole.Clauses = append(whole.Clauses, one)
			}
		}
		for _, c := range p.Cases {
			if known, twice := cases[c.ID]; !twice || slices.Index(result.Outcomes, c.Outcome) < slices.Index(result.Outcomes, known.Outcome) {
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
		cases[e.ID] = result.CaseResult{
			ID: e.ID, Title: e.Title, Area: e.Area, Level: e.Level, Newer: e.Newer, Since: e.Since, Profile: e.Profile, Source: e.Source, Rules: e.Rules, Rerun: e.Rerun,
			Outcome: result.Unverified, Reason: "no part of the run holds it",
		}
	}
	for _, c := range cases {
		whole.Cases = append(whole.Cases, c)
	}
	slices.SortFunc(whole.Cases, func(a, b result.CaseResult) int { return compare.IDs(a.Area, a.ID, b.Area, b.ID) })
	whole.DurationMs = float64(end.Sub(whole.StartedAt).Microseconds()) / 1000
	whole.Count()
	whole.Judge()
	whole.FindCauses()
	incomplete := func(why string) {
		whole.Verdict = result.Incomplete
		whole.ExitCode = whole.Verdict.ExitCode()
		whole.Summary = why
	}
	switch {
	case len(differences) > 0:
		incomplete(fmt.Sprintf("The parts do not make one run: %s.", strings.Join(differences, ", ")))
	case whole.Verdict == result.Incomplete && missing > 0:
		incomplete(fmt.Sprintf("%s of %s: no part holds %d of them.", wording.Capital(wording.Count(whole.Counts.Total(result.Unverified), "unverified case")), wording.Count(len(parts), "part"), missing))
	case whole.ExitCode == 0 && len(broken) > 0:
		incomplete(fmt.Sprintf("Not every part of the run is whole: %s.", strings.Join(broken, ", ")))
	}
	return &whole, nil
}

// absent says which parts of the run are missing, judging by the others.
func absent(parts []*result.Results) (problems []string) {
	of, there := 0, map[int]bool{}
	for i, p := range parts {
		if p.Shard == "" {
			continue
		}
		shard, ok := result.ParseShard(p.Shard)
		switch {
		case !ok:
			problems = append(problems, fmt.Sprintf("part %d calls itself shard %q", i+1, p.Shard))
		case of != 0 && shard.Of != of:
			problems = append(problems, fmt.Sprintf("part %d is one of %d shards, others are of %d", i+1, shard.Of, of))
		default:
			of = shard.Of
			there[shard.Index] = true
		}
	}
	for i := 1; i <= of; i++ {
		if !there[i] {
			problems = append(problems, fmt.Sprintf("shard %d/%d is missing", i, of))
		}
	}
	return problems
}

var shardFlag = regexp.MustCompile(` --shard[ =]\S+`)

// different says in what two parts differ, so that they cannot be parts of one run; empty if in nothing.
func different(a, b *result.Results) string {
	switch {
	case a.Suite.Version != b.Suite.Version || a.Suite.Commit != b.Suite.Commit || a.Suite.Sources != b.Suite.Sources:
		return "suite version"
	case a.Suite.Catalogue != b.Suite.Catalogue:
		return "catalogue of cases"
	case a.Edition != b.Edition:
		return "edition"
	case a.Profile != b.Profile:
		return "profile"
	case a.Strict != b.Strict:
		return "strictness"
	case a.Requirements != b.Requirements:
		return "requirement set"
	case !slices.Equal(a.Only, b.Only) || !slices.Equal(a.Skip, b.Skip):
		return "selection"
	case !slices.Equal(a.Without, b.Without):
		return "choice of what is left out by --without"
	case a.Rounds != b.Rounds:
		return "number of repetitions"
	case !slices.EqualFunc(a.Targets, b.Targets, sameTarget):
		return "target"
	}
	return ""
}

func sameTarget(a, b result.TargetResult) bool {
	if a.Embedded && b.Embedded { // each on its own port
		return true
	}
	if a.Info != nil && b.Info != nil && a.Info.Implementation != b.Info.Implementation {
		return false
	}
	return a.URL == b.URL && a.Embedded == b.Embedded && (a.Info == nil) == (b.Info == nil)
}

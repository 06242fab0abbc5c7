package result

import (
	"fmt"
	"slices"
	"strings"
)

// Count fills in Counts and Witnesses from the cases.
func (r *Results) Count() {
	r.Counts, r.Witnesses = Counts{}, nil
	for _, level := range Levels {
		r.Counts[level] = map[Outcome]int{}
	}
	for _, c := range r.Cases {
		r.Counts[c.Level][c.Outcome]++
		if c.Witness == "" {
			continue
		}
		if r.Witnesses == nil {
			r.Witnesses = map[Witness]int{}
		}
		r.Witnesses[c.Witness]++
	}
}

// Gates reports whether a case's outcome keeps the run from being conformant. A case that is newer than the run's
// requirement set gates only because of an error of the suite, or if the list of known failures is out of date.
func (r *Results) Gates(c CaseResult) bool {
	if c.Newer && c.Outcome != Stale && c.Outcome != Errored {
		return false
	}
	switch c.Outcome {
	case Failed, Stale, Errored:
		return true
	case Unverified:
		return c.Level != Observed
	case Warned:
		return r.Strict && c.Level == Recommended
	case Unstable:
		return r.tooUnstable() && r.counted(c) || len(c.Rules) > 0 && slices.Contains(r.UnstableRules(), c.Rules[0])
	default:
		return false
	}
}

const (
	mostUnstable = 2 // this many unstable cases leave the verdict as it is
	ruleUnstable = 3 // this many unstable cases of one rule fail it
)

// counted reports whether an unstable case counts: it does if it would gate when seen broken.
func (r *Results) counted(c CaseResult) bool {
	return c.Outcome == Unstable && !c.Newer && (c.Level == Required || r.Strict && c.Level == Recommended)
}

// tooUnstable reports whether too many cases were unstable for the run to be judged.
func (r *Results) tooUnstable() bool {
	n := r.gating(Unstable, Required)
	if r.Strict {
		n += r.gating(Unstable, Recommended)
	}
	return n > mostUnstable || r.Strict && n > 0
}

// UnstableRules returns the rules with at least three unstable cases: a rule that is bad once in each of several cases is
// broken.
func (r *Results) UnstableRules() (all []string) {
	cases := map[string]int{}
	for _, c := range r.Cases {
		if !r.counted(c) || len(c.Rules) == 0 {
			continue
		}
		if cases[c.Rules[0]]++; cases[c.Rules[0]] == ruleUnstable {
			all = append(all, c.Rules[0])
		}
	}
	slices.Sort(all)
	return all
}

// Judge fills in the verdict, its sentence and the exit code from the cases. An error of the suite comes first, since its
// findings are then uncertain; then a rule seen broken; then what could not be judged. The sentence always names what was
// seen broken.
func (r *Results) Judge() {
	judged := r.Counts.Total(Passed) + r.Counts.Total(Warned) + r.Counts.Total(Noted) + r.Counts.Total(Known) + r.Counts.Total(Unstable)
	switch {
	case r.Counts.Total(Errored) > 0:
		r.Verdict = Broken
	case r.broken() > 0, r.Counts.Total(Stale) > 0, len(r.UnstableRules()) > 0:
		r.Verdict = NotConformant
	case r.open() > 0, r.tooUnstable(), judged == 0:
		r.Verdict = Incomplete
	case r.Partial():
		r.Verdict = Partial
	case r.Counts.Total(Known) > 0:
		r.Verdict = Excused
	default:
		r.Verdict = Conformant
	}
	r.Conclude()
}

// Partial reports whether the run selected cases: what it finds does not hold for all of them.
func (r *Results) Partial() bool {
	return len(r.Only) > 0 || len(r.Skip) > 0 || r.Shard != ""
}

// scope says in words what the run asked for.
func (r *Results) scope() string {
	claimed := ""
	if r.Claimed {
		claimed = " (as claimed)"
	}
	scope := fmt.Sprintf("edition %s%s, profile %s", r.Edition, claimed, r.Profile)
	if len(r.Without) > 0 {
		scope += " without " + strings.Join(r.Without, ", ")
	}
	if slices.ContainsFunc(r.Cases, func(c CaseResult) bool { return c.Newer }) {
		scope += ", requirement set " + r.Requirements
	}
	return scope
}

// Conclude fills in the verdict's sentence and its exit code.
func (r *Results) Conclude() {
	r.ExitCode = r.Verdict.ExitCode()
	subject := "The target"
	if len(r.Targets) > 1 {
		subject = fmt.Sprintf("The cluster of %d instances", len(r.Targets))
	}
	scope := r.scope()
	failed := r.broken()
	switch r.Verdict {
	case Conformant:
		r.Summary = fmt.Sprintf("%s conforms to %s: %s passed.", subject, scope, countCases(r.Counts.Total(Passed)))
	case Excused:
		r.Summary = fmt.Sprintf("%s conforms to %s but for %s: %s passed.", subject, scope, countFailures(r.Counts.Total(Known)), countCases(r.Counts.Total(Passed)))
	case Partial:
		r.Summary = fmt.Sprintf("Of %s, only the selected cases ran on %s, and nothing is said of the others: %s passed", scope, strings.ToLower(subject[:1])+subject[1:], countCases(r.Counts.Total(Passed)))
		if n := r.Counts.Total(Known); n > 0 {
			r.Summary += fmt.Sprintf(", but for %s", countFailures(n))
		}
		r.Summary += "."
	case NotConformant:
		if rules := r.UnstableRules(); failed == 0 && len(rules) > 0 {
			r.Summary = fmt.Sprintf("%s does not conform to %s: several cases of %s were unstable.", subject, scope, strings.Join(rules, ", "))
			break
		}
		if failed == 0 {
			r.Summary = fmt.Sprintf("The list of known failures is out of date: %s on it passed.", countCases(r.Counts.Total(Stale)))
			break
		}
		r.Summary = fmt.Sprintf("%s does not conform to %s: %s failed.", subject, scope, countCases(failed))
		if n := r.Counts.Total(Stale); n > 0 {
			r.Summary += fmt.Sprintf(" The list of known failures is out of date, too: %s on it passed.", countCases(n))
		}
	case Incomplete:
		if r.open() == 0 && r.tooUnstable() {
			r.Summary = fmt.Sprintf("%s could not be judged against %s: %s unstable, bad once and good when repeated.", subject, scope, countCases(r.Counts.Total(Unstable)))
			break
		}
		if r.open() == 0 {
			r.Summary = fmt.Sprintf("Nothing was verified for %s.", scope)
			break
		}
		r.Summary = fmt.Sprintf("%s could not be fully judged against %s: %s unverified.", subject, scope, countCases(r.open()))
	case Unreachable:
		var why []string
		for i, t := range r.Targets {
			if t.Error != "" {
				why = append(why, fmt.Sprintf("No Engine.IO server answers at target %d, %s: %s", i+1, t.URL, t.Error))
			}
		}
		r.Summary = strings.Join(why, ". ") + "."
	case Interrupted:
		r.Summary = fmt.Sprintf("The run was interrupted: %s passed, %d failed, %d unverified.", countCases(r.Counts.Total(Passed)), failed, r.Counts.Total(Unverified))
	default:
		r.Summary = fmt.Sprintf("The suite itself broke in %s.", countCases(r.Counts.Total(Errored)))
		if failed > 0 {
			r.Summary += fmt.Sprintf(" %s failed.", countCases(failed))
		}
	}
	if n := len(r.Gone); n > 0 && r.Verdict != Unreachable {
		r.Summary += fmt.Sprintf(" The target went away in the middle of the run%s.", times(n))
	}
	if n := r.Counts.Total(Unstable); n > 0 && (r.Verdict == Conformant || r.Verdict == Excused || r.Verdict == NotConformant && failed > 0) {
		r.Summary += fmt.Sprintf(" %s unstable: bad once, good when repeated.", wereCases(n))
	}
	if n := r.notGating(); n > 0 {
		r.Summary += fmt.Sprintf(" %s newer than that set and not seen to pass: this does not gate.", wereCases(n))
	}
}

func times(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", %d times", n)
}

func wereCases(n int) string {
	if n == 1 {
		return "1 case was"
	}
	return fmt.Sprintf("%d cases were", n)
}

func countFailures(n int) string {
	if n == 1 {
		return "1 known failure"
	}
	return fmt.Sprintf("%d known failures", n)
}

func countCases(n int) string {
	if n == 1 {
		return "1 case"
	}
	return fmt.Sprintf("%d cases", n)
}

// open returns how many gating cases could not be judged. An observed question never gates, answered or not.
func (r *Results) open() int { return r.gating(Unverified, Required, Recommended) }

// broken returns how many gating cases saw their rule broken.
func (r *Results) broken() int {
	n := r.gating(Failed, Levels...)
	if r.Strict {
		n += r.gating(Warned, Recommended)
	}
	return n
}

// gating returns how many cases of some levels have an outcome, except those newer than the requirement set.
func (r *Results) gating(o Outcome, levels ...Level) (n int) {
	for _, level := range levels {
		n += r.Counts[level][o]
	}
	for _, c := range r.Cases {
		if c.Newer && c.Outcome == o && slices.Contains(levels, c.Level) {
			n--
		}
	}
	return n
}

// notGating returns how many cases would keep the run from being conformant if they were not newer than the requirement set.
func (r *Results) notGating() (n int) {
	for _, c := range r.Cases {
		if r.Spared(c) {
			n++
		}
	}
	return n
}

// Spared reports whether a case does not gate only because it is newer than the requirement set.
func (r *Results) Spared(c CaseResult) bool {
	if !c.Newer || r.Gates(c) {
		return false
	}
	c.Newer = false
	return r.Gates(c) || c.Outcome == Unstable
}

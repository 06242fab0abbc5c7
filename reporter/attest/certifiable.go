// Package attest makes certificates of results and verifies them: signed statements in the format of in-toto. An [Auditor] judges
// what is certifiable. It holds what the suite that certifies knows about its cases.
package attest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Auditor is what the suite that certifies knows about itself.
type Auditor struct {
	Build           result.SuiteBuild
	Catalogue       string   // the digest of its catalogue of cases
	RequirementSets []string // their names
	// RequirementDigest returns the digest of a set, and whether there is a set of that name.
	RequirementDigest func(name string) (digest string, ok bool)
	// Owed returns the cases of the catalogue as a whole run must hold them, if it had the profile, edition, requirements and
	// targets of those results, and left out the same by name.
	Owed func(*result.Results) ([]result.OwedCase, error)
	// LeftOut returns the reason of a case that a run leaves out for one of the names in [result.Results.Without].
	LeftOut func(name string) (reason string)
}

// Certifiable returns why results cannot stand for conformance, or nil if they can. They must be consistent and come from a
// whole run of the auditor's catalogue that found the target conformant. Reduced allows a run that left out by name what the
// target does not offer.
//
// Results that the run did not sign can be made up. Certifiable finds an edit that does not agree with the rest of the results.
// It does not find a thorough forgery.
func (a *Auditor) Certifiable(r *result.Results, reduced bool) error {
	for _, check := range []func(*result.Results) error{
		a.checkCatalogue, a.checkSource, a.checkSelection,
		func(r *result.Results) error { return checkReduction(r, reduced) }, checkVerdict, a.checkCompleteness, checkCounts, a.checkCases,
	} {
		if err := check(r); err != nil {
			return err
		}
	}
	return nil
}

func (a *Auditor) checkCatalogue(r *result.Results) error {
	own, ours := a.Build, a.Catalogue
	if err := result.CheckSchema(r.Schema, r.Suite.Version); err != nil {
		return err
	}
	switch {
	case r.Suite.Catalogue == ours:
		return nil
	case r.Suite.Catalogue == "":
		return errors.New("the results do not say of which catalogue of cases they are")
	case r.Suite.Version != own.Version:
		return fmt.Errorf("the run is of suite %s, whose catalogue of cases differs from that of this suite, %s: use that version", r.Suite.Version, own.Version)
	default:
		return fmt.Errorf("the run's catalogue of cases is %.12s… and this suite's is %.12s…, though both call themselves %s", r.Suite.Catalogue, ours, own.Version)
	}
}

// checkSource refuses a suite whose source is not known.
func (a *Auditor) checkSource(r *result.Results) error {
	own := a.Build
	switch {
	case r.Suite.Commit == "" || r.Suite.Commit == "unknown":
		return errors.New("the source of the suite that ran is unknown: use a release, a tagged module, or a build in a clone")
	case strings.HasSuffix(r.Suite.Commit, ModifiedBuild) || strings.HasSuffix(r.Suite.Commit, "+dirty"):
		return fmt.Errorf("the suite that ran was changed beside its commit (%s): use one that was not", r.Suite.Commit)
	case r.Suite.Sources == "":
		return errors.New("the results do not say of which sources the suite was that ran")
	case r.Suite.Version == own.Version && r.Suite.Commit == own.Commit && r.Suite.Sources != own.Sources:
		return fmt.Errorf("the sources of the suite that ran are %.12s…, and this suite's are %.12s…, though both call themselves commit %s: one of them was changed", r.Suite.Sources, own.Sources, own.Commit)
	}
	return nil
}

// ModifiedBuild ends the commit of a suite that was built with uncommitted changes.
const ModifiedBuild = " with changes"

func checkReduction(r *result.Results, reduced bool) error {
	if len(r.Without) > 0 && !reduced {
		return fmt.Errorf("the run left out %s by name: --reduced certifies that, and says so", strings.Join(r.Without, ", "))
	}
	return nil
}

func (a *Auditor) checkSelection(r *result.Results) error {
	switch {
	case r.Shard != "":
		return fmt.Errorf("the run is part %s of a larger one: make one run of all parts with `conformance merge`", r.Shard)
	case len(r.Only) > 0 || len(r.Skip) > 0:
		return errors.New("the run left out cases by --only or --skip")
	case !slices.Contains(result.Profiles, r.Profile):
		return fmt.Errorf("the results are of the unknown profile %q", r.Profile)
	case !slices.Contains(result.Editions, result.Edition(r.Edition)):
		return fmt.Errorf("the results are of the unknown edition %q", r.Edition)
	case !slices.Contains(a.RequirementSets, r.Requirements):
		return fmt.Errorf("the results are of the unknown requirement set %q: this suite has %s", r.Requirements, strings.Join(a.RequirementSets, ", "))
	case len(r.Targets) == 0:
		return errors.New("the results name no target")
	case r.StartedAt.IsZero():
		return errors.New("the results do not say when the run began")
	}
	return nil
}

func checkVerdict(r *result.Results) error {
	switch r.Verdict {
	case result.Conformant:
		if r.Counts.Total(result.Unstable) > 0 {
			return fmt.Errorf("cases of the run were unstable, bad once and good when repeated: %s", list(r, result.Unstable))
		}
		if len(r.Gone) > 0 {
			return fmt.Errorf("a target went away in the middle of the run: %s", r.Gone[0].How)
		}
		return nil
	case result.Excused:
		return fmt.Errorf("the run accepted known failures: %s", list(r, result.Known))
	default:
		return fmt.Errorf("the run's verdict is %q: %s", r.Verdict, r.Summary)
	}
}

func (a *Auditor) checkCompleteness(r *result.Results) error {
	planned, err := a.Owed(r)
	if err != nil {
		return err
	}
	held := map[string]int{}
	for _, c := range r.Cases {
		held[c.ID]++
		if held[c.ID] > 1 {
			return fmt.Errorf("the results hold the case %s twice", c.ID)
		}
	}
	var missing []string
	for _, c := range planned {
		if held[c.ID] == 0 {
			missing = append(missing, c.ID)
		}
		delete(held, c.ID)
	}
	if len(missing) > 0 {
		return fmt.Errorf("the results lack %d of the catalogue's cases: %s", len(missing), few(missing))
	}
	for id := range held {
		return fmt.Errorf("the results hold %q, which is not a case of the catalogue", id)
	}
	return nil
}

// checkCounts judges the cases again and compares.
func checkCounts(r *result.Results) error {
	again := *r
	again.Count()
	again.Judge()
	for _, level := range result.Levels {
		for _, o := range result.Outcomes {
			if stated, made := r.Counts[level][o], again.Counts[level][o]; stated != made {
				return edited("they count %d %s %s, and hold %d", stated, level, o, made)
			}
		}
	}
	switch {
	case !maps.Equal(r.Witnesses, again.Witnesses):
		return edited("they count witnesses other than those that their cases name")
	case len(r.Counts) != len(result.Levels):
		return edited("they count cases of levels that do not exist")
	case again.Verdict != r.Verdict:
		return edited("they state the verdict %q, and their cases make it %q", r.Verdict, again.Verdict)
	case again.ExitCode != r.ExitCode:
		return edited("they state the exit code %d, and their verdict makes it %d", r.ExitCode, again.ExitCode)
	case again.Summary != r.Summary:
		return edited("their summary is not that of their verdict and counts")
	}
	return nil
}

// checkCases checks that each case holds what a run with its outcome writes.
func (a *Auditor) checkCases(r *result.Results) error {
	for _, t := range r.Targets {
		if t.Error != "" {
			return edited("a conformant run reached all its targets")
		}
	}
	all, err := a.Owed(r)
	if err != nil {
		return err
	}
	planned := map[string]result.OwedCase{}
	for _, c := range all {
		planned[c.ID] = c
	}
	from, to := r.StartedAt.Add(-clockStep), r.StartedAt.Add(time.Duration(r.DurationMs*float64(time.Millisecond))+clockStep)
	for _, c := range r.Cases {
		if at := c.StartedAt; !at.IsZero() && (at.Before(from) || at.After(to)) {
			return edited("%s began at %s, outside of the run, which began at %s", c.ID, at.Format(time.RFC3339), r.StartedAt.Format(time.RFC3339))
		}
		if err := checkNames(r, c); err != nil {
			return edited("%s shows %v", c.ID, err)
		}
		if err := a.checkCase(r, c, planned[c.ID]); err != nil {
			return edited("%s %v", c.ID, err)
		}
	}
	return nil
}

// clockStep is how far a clock may be set while a run is under way.
const clockStep = time.Minute

// checkNames compares the names of the targets with what they said about themselves in a case.
func checkNames(r *result.Results, c result.CaseResult) error {
	for _, e := range c.Trace {
		if e.Target < 0 || e.Target >= len(r.Targets) || r.Targets[e.Target].Info == nil {
			continue
		}
		said, found := introduced(e)
		if named := r.Targets[e.Target].Info.Implementation; found && said != named {
			return fmt.Errorf("that target %d calls itself %q, version %q", e.Target+1, said.Name, said.Version)
		}
	}
	return nil
}

// applicationNamespace is the namespace in which a conformance application says what it is.
const applicationNamespace = "/conformance"

// introduced returns what a target called itself in an event, if the event is the answer to the command info.
func introduced(e wire.Event) (said result.Implementation, found bool) {
	var answer struct{ Implementation *result.Implementation }
	switch {
	case e.Record != nil && e.Record.Kind == wire.Answer && e.Record.Name == "info":
		_ = json.Unmarshal([]byte(e.Record.Text), &answer)
	case e.Frame != nil && e.Frame.Direction == wire.Received && e.Frame.Opcode == wire.Text:
		p, err := protocol.ParsePacket(e.Frame.Text)
		if err != nil || p.Type != protocol.Ack || p.Namespace != applicationNamespace {
			return said, false
		}
		if _, args := p.Event(); len(args) > 0 {
			_ = json.Unmarshal(args[0], &answer)
		}
	}
	if answer.Implementation == nil {
		return said, false
	}
	return *answer.Implementation, true
}

func (a *Auditor) checkCase(r *result.Results, c result.CaseResult, planned result.OwedCase) error {
	if c.Level != planned.Level || c.Since != planned.Since || c.Area != planned.Area {
		return fmt.Errorf("is %s since edition %s in the catalogue", planned.Level, planned.Since)
	}
	if c.Newer != planned.Newer {
		return fmt.Errorf("is of the requirement set %s: %t, and the results say %t", r.Requirements, !planned.Newer, !c.Newer)
	}
	if c.KnownFailure != nil {
		return fmt.Errorf("is %s, though a list of known failures holds it", c.Outcome)
	}
	ran := c.Attempts > 0 && !c.StartedAt.IsZero() && len(c.Trace) > 0
	left := planned.Restarts && c.Outcome == result.Inapplicable // the results do not say whether instances could be stopped
	if c.Outcome == result.Inapplicable {                        // it ended at the first feature that was left out
		left = left || slices.ContainsFunc(r.Without, func(name string) bool { return c.Reason == a.LeftOut(name) })
	}
	broken := c.Message != "" || len(c.Evidence) > 0
	switch {
	case planned.Outcome == result.Unverified:
		return fmt.Errorf("is %s, and could not be judged: %s", c.Outcome, planned.Reason)
	case planned.Outcome == result.Inapplicable && c.Outcome != result.Inapplicable:
		return fmt.Errorf("is %s, and does not apply: %s", c.Outcome, planned.Reason)
	case planned.Outcome == "" && !ran && !left:
		return fmt.Errorf("is %s, and nothing shows that it ran", c.Outcome)
	case c.Outcome == result.Passed && broken, c.Outcome == result.Inapplicable && broken:
		return fmt.Errorf("is %s, and says what was wrong", c.Outcome)
	case c.Outcome == result.Warned && c.Level != result.Recommended:
		return fmt.Errorf("is warned, and %s", c.Level)
	case c.Outcome == result.Noted && c.Level != result.Observed:
		return fmt.Errorf("is noted, and %s", c.Level)
	case c.Outcome.Red() && !broken:
		return fmt.Errorf("is %s, and does not say of what", c.Outcome)
	case c.Outcome == result.Inapplicable && c.Reason == "":
		return errors.New("is inapplicable, and does not say why")
	}
	return checkRounds(r, c)
}

// checkRounds compares the outcome of a case with the worst of its rounds.
func checkRounds(r *result.Results, c result.CaseResult) error {
	total, worst := 0, result.Outcome("")
	for _, o := range result.Outcomes {
		total += c.Rounds[o]
		if worst == "" && c.Rounds[o] > 0 {
			worst = o
		}
	}
	if total != r.Rounds {
		return fmt.Errorf("ran %d times in a run of %d rounds", total, r.Rounds)
	}
	if total > 0 && worst != c.Outcome {
		return fmt.Errorf("is %s, and was %s in %d rounds", c.Outcome, worst, c.Rounds[worst])
	}
	return nil
}

func edited(format string, args ...any) error {
	return fmt.Errorf("the results contradict themselves: "+format, args...)
}

// list names the cases of an outcome.
func list(r *result.Results, o result.Outcome) string {
	var ids []string
	for _, c := range r.Cases {
		if c.Outcome == o {
			ids = append(ids, c.ID)
		}
	}
	return few(ids)
}

// few names the first of many and counts the rest.
func few(names []string) string {
	const most = 5
	switch n := len(names) - most; {
	case n > 0:
		return fmt.Sprintf("%s and %d further", strings.Join(names[:most], ", "), n)
	default:
		return strings.Join(names, ", ")
	}
}

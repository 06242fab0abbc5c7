package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite/wire"
)

// Audit returns what keeps results from standing for conformance, nil where nothing does: they must be
// those of a whole run of this suite's catalogue that found the target conformant, and agree with
// themselves. Own is the build of the suite that audits.
//
// Results that are not signed by the run can be made up. Audit finds what a hand that changes some of
// them forgets to change elsewhere; it does not find a forgery that is thorough.
func (r *Results) Audit(own SuiteBuild) error {
	for _, check := range []func() error{
		func() error { return r.auditCatalogue(own) }, r.auditSelection, r.auditVerdict, r.auditCompleteness, r.auditCounts, r.auditCases,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (r *Results) auditCatalogue(own SuiteBuild) error {
	ours := CatalogueDigest()
	switch {
	case r.Schema != Schema:
		return fmt.Errorf("the schema of the results is %q and must be %q", r.Schema, Schema)
	case r.Suite.Catalogue == ours:
		return nil
	case r.Suite.Catalogue == "":
		return errors.New("the results do not say of which catalogue of cases they are")
	case r.Suite.Version != own.Version:
		return fmt.Errorf("the run is of suite %s, whose catalogue of cases is another one than that of this suite, %s: use that version", r.Suite.Version, own.Version)
	default:
		return fmt.Errorf("the run's catalogue of cases is %.12s… and this suite's is %.12s…, though both call themselves %s", r.Suite.Catalogue, ours, own.Version)
	}
}

func (r *Results) auditSelection() error {
	switch {
	case r.Shard != "":
		return fmt.Errorf("the run is part %s of a larger one: make one run of all parts with `conformance merge`", r.Shard)
	case len(r.Only) > 0 || len(r.Skip) > 0:
		return errors.New("the run left out cases by --only or --skip")
	case !slices.Contains(Profiles, r.Profile):
		return fmt.Errorf("the results are of the unknown profile %q", r.Profile)
	case !slices.Contains(Editions, Edition(r.Edition)):
		return fmt.Errorf("the results are of the unknown edition %q", r.Edition)
	case len(r.Targets) == 0:
		return errors.New("the results name no target")
	case r.StartedAt.IsZero():
		return errors.New("the results do not say when the run began")
	}
	return nil
}

func (r *Results) auditVerdict() error {
	switch r.Verdict {
	case Conformant:
		return nil
	case Excused:
		return fmt.Errorf("the run put up with known failures: %s", r.list(Known))
	default:
		return fmt.Errorf("the run's verdict is %q: %s", r.Verdict, r.Summary)
	}
}

func (r *Results) auditCompleteness() error {
	held := map[string]int{}
	for _, c := range r.Cases {
		held[c.ID]++
		if held[c.ID] > 1 {
			return fmt.Errorf("the results hold the case %s twice", c.ID)
		}
	}
	var missing []string
	for _, c := range Cases() {
		if held[c.ID] == 0 {
			missing = append(missing, c.ID)
		}
		delete(held, c.ID)
	}
	if len(missing) > 0 {
		return fmt.Errorf("the results lack %s of the catalogue: %s", cases(len(missing)), few(missing))
	}
	for id := range held {
		return fmt.Errorf("the results hold %q, which is no case of the catalogue", id)
	}
	return nil
}

// auditCounts judges anew from the cases.
func (r *Results) auditCounts() error {
	again := *r
	again.Count()
	again.Judge()
	for _, level := range Levels {
		for _, o := range Outcomes {
			if stated, made := r.Counts[level][o], again.Counts[level][o]; stated != made {
				return edited("they count %d %s %s, and hold %d", stated, level, o, made)
			}
		}
	}
	switch {
	case len(r.Counts) != len(Levels):
		return edited("they count cases of levels that there are not")
	case again.Verdict != r.Verdict:
		return edited("they state the verdict %q, and their cases make it %q", r.Verdict, again.Verdict)
	case again.ExitCode != r.ExitCode:
		return edited("they state the exit code %d, and their verdict makes it %d", r.ExitCode, again.ExitCode)
	case again.Summary != r.Summary:
		return edited("their summary is not that of their verdict and counts")
	}
	return nil
}

// auditCases asks of each case for what a run leaves behind that came to its outcome.
func (r *Results) auditCases() error {
	config := Config{Profile: r.Profile, Edition: Edition(r.Edition), Targets: make([]*wire.Target, len(r.Targets)), Beside: &Config{}}
	shown := &Capabilities{Echo: true} // or the run was not whole
	for _, t := range r.Targets {
		if t.Error != "" {
			return edited("a conformant run reached all its targets")
		}
		shown.Info = append(shown.Info, t.Info)
	}
	from, to := r.StartedAt.Add(-clockStep), r.StartedAt.Add(time.Duration(r.DurationMs*float64(time.Millisecond))+clockStep)
	for _, c := range r.Cases {
		if at := c.StartedAt; !at.IsZero() && (at.Before(from) || at.After(to)) {
			return edited("%s began at %s, outside of the run, which began at %s", c.ID, at.Format(time.RFC3339), r.StartedAt.Format(time.RFC3339))
		}
		if err := r.auditNames(c); err != nil {
			return edited("%s shows %v", c.ID, err)
		}
		if err := r.auditCase(c, registry[c.ID], config, shown); err != nil {
			return edited("%s %v", c.ID, err)
		}
	}
	return nil
}

// clockStep is by how much a clock may be set while a run is under way.
const clockStep = time.Minute

// auditNames compares what the targets are called with what they said of themselves in a case.
func (r *Results) auditNames(c CaseResult) error {
	for _, e := range c.Trace {
		_, answer, found := strings.Cut(e.Text, `"implementation"`)
		if !found || e.Direction != wire.Received || e.Target < 0 || e.Target >= len(r.Targets) || r.Targets[e.Target].Info == nil {
			continue
		}
		said := r.Targets[e.Target].Info.Implementation
		named := said
		if _, object, found := strings.Cut(answer, ":"); !found || json.NewDecoder(strings.NewReader(object)).Decode(&said) != nil {
			continue // cut off, or no answer to the command info
		}
		if said != named {
			return fmt.Errorf("that target %d calls itself %q, version %q", e.Target+1, said.Name, said.Version)
		}
	}
	return nil
}

func (r *Results) auditCase(c CaseResult, it *Case, config Config, shown *Capabilities) error {
	if c.Level != it.Level || c.Since != string(it.Since) || c.Area != path.Dir(c.ID) {
		return fmt.Errorf("is %s since edition %s in the catalogue", it.Level, it.Since)
	}
	if c.KnownFailure != nil {
		return fmt.Errorf("is %s, though a list of known failures holds it", c.Outcome)
	}
	planned, reason := applicable(it, config, shown)
	ran := c.Attempts > 0 && !c.StartedAt.IsZero() && len(c.Trace) > 0
	left := it.Needs.Restarts && c.Outcome == Inapplicable // the results do not say whether instances could be stopped
	broken := c.Message != "" || c.Expected != "" || c.Received != "" || c.Step != ""
	switch {
	case planned == Unverified:
		return fmt.Errorf("is %s, and could not be judged: %s", c.Outcome, reason)
	case planned == Inapplicable && c.Outcome != Inapplicable:
		return fmt.Errorf("is %s, and does not apply: %s", c.Outcome, reason)
	case planned == "" && !ran && !left:
		return fmt.Errorf("is %s, and nothing shows that it ran", c.Outcome)
	case c.Outcome == Passed && broken, c.Outcome == Inapplicable && broken:
		return fmt.Errorf("is %s, and says what was wrong", c.Outcome)
	case c.Outcome == Warned && c.Level == Required:
		return errors.New("is warned, and required")
	case c.Outcome == Warned && c.Message == "":
		return errors.New("is warned, and does not say of what")
	case c.Outcome == Inapplicable && c.Reason == "":
		return errors.New("is inapplicable, and does not say why")
	}
	return r.auditRounds(c)
}

// auditRounds compares a case's outcome with the worst of its rounds.
func (r *Results) auditRounds(c CaseResult) error {
	total, worst := 0, Outcome("")
	for _, o := range Outcomes {
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
	return fmt.Errorf("the results do not agree with themselves: "+format, args...)
}

// list names the cases of an outcome.
func (r *Results) list(o Outcome) string {
	var ids []string
	for _, c := range r.Cases {
		if c.Outcome == o {
			ids = append(ids, c.ID)
		}
	}
	return few(ids)
}

// few names the first of many.
func few(names []string) string {
	const most = 5
	switch n := len(names) - most; {
	case n > 0:
		return fmt.Sprintf("%s and %d further", strings.Join(names[:most], ", "), n)
	default:
		return strings.Join(names, ", ")
	}
}

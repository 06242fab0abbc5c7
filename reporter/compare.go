package reporter

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite"
)

// ComparisonSchema names the format of [Comparison] as JSON.
const ComparisonSchema = "conformance-comparison/1"

// Comparison is the matrix of cases by runs.
type Comparison struct {
	Schema string         `json:"schema"`
	Runs   []ComparedRun  `json:"runs"`
	Cases  []ComparedCase `json:"cases"`

	// Of two runs of one implementation, the older one first.
	SameImplementation bool `json:"sameImplementation"`
	// Regression says that the second run has a case that gates though it did not in the first, that
	// a case no longer applies in the same edition and profile, or that the run is no longer conformant.
	Regression bool     `json:"regression"`
	Better     []string `json:"better,omitempty"` // IDs
	Worse      []string `json:"worse,omitempty"`  // IDs
}

// ComparedRun is a column of the matrix.
type ComparedRun struct {
	Name      string                `json:"name"` // the implementation with its version, or the target
	Targets   []string              `json:"targets"`
	Suite     suite.SuiteBuild      `json:"suite"`
	Edition   string                `json:"edition"`
	Profile   suite.Profile         `json:"profile"`
	Strict    bool                  `json:"strict"`
	Verdict   suite.Verdict         `json:"verdict"`
	Summary   string                `json:"summary"`
	StartedAt time.Time             `json:"startedAt"`
	Totals    map[suite.Outcome]int `json:"totals"`
}

// ComparedCase is a row of the matrix.
type ComparedCase struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Area    string         `json:"area"`
	Level   suite.Level    `json:"level"`
	Source  suite.Source   `json:"source"`
	Results []ComparedCell `json:"results"` // in the order of the runs
	Differs bool           `json:"differs"`
	Change  string         `json:"change,omitempty"` // "better" or "worse", of two runs of one implementation
}

// ComparedCell is the result of one case in one run; its outcome is empty where the run does not hold the case.
type ComparedCell struct {
	Outcome suite.Outcome `json:"outcome"`
	Gates   bool          `json:"gates,omitempty"`
	Says    string        `json:"says,omitempty"`
}

// Compare makes the matrix of two or more runs.
func Compare(all []*suite.Results) (*Comparison, error) {
	if len(all) < 2 {
		return nil, errors.New("a comparison needs two results files at least")
	}
	c := &Comparison{Schema: ComparisonSchema, Cases: []ComparedCase{}}
	rows := map[string]*ComparedCase{}
	var order []*ComparedCase
	for i, r := range all {
		c.Runs = append(c.Runs, comparedRun(r))
		for _, one := range r.Cases {
			row := rows[one.ID]
			if row == nil {
				row = &ComparedCase{ID: one.ID, Title: one.Title, Area: one.Area, Level: one.Level, Source: one.Source, Results: make([]ComparedCell, len(all))}
				rows[one.ID] = row
				order = append(order, row)
			}
			cell := ComparedCell{Outcome: one.Outcome, Gates: r.Gates(one)}
			if one.Outcome != suite.Passed || one.Level == suite.Observed {
				cell.Says = clip(headline(one), 300)
			}
			row.Results[i] = cell
		}
	}
	slices.SortStableFunc(order, func(a, b *ComparedCase) int { return compareIDs(a.Area, a.ID, b.Area, b.ID) })
	c.SameImplementation = len(all) == 2 && implementation(all[0]) == implementation(all[1])
	for _, row := range order {
		row.Differs = slices.ContainsFunc(row.Results, func(cell ComparedCell) bool { return cell.Outcome != row.Results[0].Outcome })
		if c.SameImplementation {
			c.change(row)
		}
		c.Cases = append(c.Cases, *row)
	}
	if c.SameImplementation && all[0].ExitCode == 0 && all[1].ExitCode != 0 {
		c.Regression = true
	}
	name(c.Runs)
	return c, nil
}

// ranks of outcomes that say something about the target: the higher, the better.
var ranks = map[suite.Outcome]int{suite.Passed: 4, suite.Warned: 3, suite.Unverified: 2, suite.Errored: 2, suite.Failed: 1, suite.Known: 1, suite.Stale: 4}

// change judges a row of an older and a newer run.
func (c *Comparison) change(row *ComparedCase) {
	before, after := row.Results[0], row.Results[1]
	same := c.Runs[0].Edition == c.Runs[1].Edition && c.Runs[0].Profile == c.Runs[1].Profile
	lost := same && after.Outcome == suite.Inapplicable && (before.Outcome == suite.Passed || before.Outcome == suite.Warned)
	if lost && row.Level == suite.Required || after.Gates && !before.Gates && before.Outcome != "" {
		c.Regression = true
	}
	known := ranks[before.Outcome] > 0 && ranks[after.Outcome] > 0
	switch {
	case lost, known && ranks[after.Outcome] < ranks[before.Outcome], after.Gates && before.Outcome == suite.Inapplicable:
		row.Change = "worse"
		c.Worse = append(c.Worse, row.ID)
	case known && ranks[after.Outcome] > ranks[before.Outcome], same && before.Outcome == suite.Inapplicable && after.Outcome == suite.Passed:
		row.Change = "better"
		c.Better = append(c.Better, row.ID)
	}
}

func comparedRun(r *suite.Results) ComparedRun {
	run := ComparedRun{
		Suite: r.Suite, Edition: r.Edition, Profile: r.Profile, Strict: r.Strict, Verdict: r.Verdict, Summary: clip(r.Summary, 1000),
		StartedAt: r.StartedAt, Totals: map[suite.Outcome]int{}, Targets: []string{},
	}
	run.Name = implementation(r)
	for _, t := range r.Targets {
		run.Targets = append(run.Targets, clip(t.URL, 200))
		if t.Info != nil && t.Info.Implementation.Version != "" && run.Name == t.Info.Implementation.Name {
			run.Name = clip(run.Name+" "+t.Info.Implementation.Version, 120)
		}
	}
	for _, c := range r.Cases {
		run.Totals[c.Outcome]++
	}
	return run
}

// implementation under test, by the name that it declares, or else by its address.
func implementation(r *suite.Results) string {
	var addresses []string
	for _, t := range r.Targets {
		if t.Info != nil && t.Info.Implementation.Name != "" {
			return t.Info.Implementation.Name
		}
		if t.Embedded {
			return "embedded reference server"
		}
		addresses = append(addresses, t.URL)
	}
	return clip(strings.Join(addresses, ", "), 200)
}

// name tells runs of the same name apart.
func name(runs []ComparedRun) {
	number := map[string]int{}
	for _, run := range runs {
		number[run.Name]++
	}
	seen := map[string]int{}
	for i := range runs {
		own := runs[i].Name
		if number[own] > 1 {
			seen[own]++
			runs[i].Name = fmt.Sprintf("%s (%d)", own, seen[own])
		}
	}
}

// compareIDs orders cases as results do: by area, then by ID.
func compareIDs(areaA, a, areaB, b string) int {
	return cmp.Or(cmp.Compare(areaRank(areaA), areaRank(areaB)), strings.Compare(areaA, areaB), strings.Compare(a, b))
}

func areaRank(area string) int {
	if i := slices.Index(suite.Areas, area); i >= 0 {
		return i
	}
	return len(suite.Areas)
}

// Verdict of the comparison in a sentence.
func (c *Comparison) Verdict() string {
	differing := 0
	for _, row := range c.Cases {
		if row.Differs {
			differing++
		}
	}
	text := fmt.Sprintf("%s of %d differ between %s.", count(differing, "case"), len(c.Cases), count(len(c.Runs), "run"))
	if !c.SameImplementation {
		return text
	}
	switch {
	case c.Regression:
		return fmt.Sprintf("A regression: %s worse, %d better. %s", count(len(c.Worse), "case"), len(c.Better), text)
	case len(c.Better)+len(c.Worse) == 0:
		return "No regression: no case got better or worse. " + text
	default:
		return fmt.Sprintf("No regression: %s better, %d worse. %s", count(len(c.Better), "case"), len(c.Worse), text)
	}
}

// Package compare makes the matrix of cases by runs. For two runs of one implementation it says what got better and worse.
package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// Schema names the format of [Comparison] as JSON.
const Schema = "conformance-comparison/1"

// Comparison is the matrix of cases by runs.
type Comparison struct {
	Schema string   `json:"schema"`
	Runs   []Column `json:"runs"`
	Cases  []Row    `json:"cases"`

	// SameImplementation says that there are two runs of one implementation, the older one first.
	SameImplementation bool `json:"sameImplementation"`
	// Regression says that the second run has a case that gates though it did not in the first, or that the run is no longer
	// conformant.
	Regression bool     `json:"regression"`
	Better     []string `json:"better,omitempty"` // IDs
	Worse      []string `json:"worse,omitempty"`  // IDs
	// NoLonger are the cases that do not apply to the second run, though they did to the first: neither better nor worse.
	NoLonger []string `json:"noLonger,omitempty"` // IDs

	Areas []Area `json:"areas"`
}

// Run is a run to compare.
type Run struct {
	From    string // the folder or file that it was read from; it tells runs of one implementation apart
	Results *result.Results
}

// Area says how much of an area passed in each run.
type Area struct {
	Area   string  `json:"area"`
	Shares []Share `json:"shares"` // in the order of the runs
}

// Share is how many cases passed of those that apply and were judged, without observed ones.
type Share struct {
	Passed int `json:"passed"`
	Of     int `json:"of"`
}

// Percent returns the share in percent, rounded down, so that 100 means all.
func (s Share) Percent() int {
	if s.Of == 0 {
		return 0
	}
	return 100 * s.Passed / s.Of
}

// Column is a run in the matrix.
type Column struct {
	Name      string                 `json:"name"` // the implementation with its version, or the target
	From      string                 `json:"from,omitempty"`
	Targets   []string               `json:"targets"`
	Suite     result.SuiteBuild      `json:"suite"`
	Edition   string                 `json:"edition"`
	Profile   result.Profile         `json:"profile"`
	Strict    bool                   `json:"strict"`
	Verdict   result.Verdict         `json:"verdict"`
	Summary   string                 `json:"summary"`
	StartedAt time.Time              `json:"startedAt"`
	Totals    map[result.Outcome]int `json:"totals"`
}

// Row is a case in the matrix.
type Row struct {
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Area    string        `json:"area"`
	Level   result.Level  `json:"level"`
	Source  result.Source `json:"source"`
	Results []Cell        `json:"results"` // in the order of the runs
	Differs bool          `json:"differs"`
	Change  string        `json:"change,omitempty"` // "better" or "worse", of two runs of one implementation
}

// Cell is the result of one case in one run. Its outcome is empty if the run does not hold the case.
type Cell struct {
	Outcome result.Outcome `json:"outcome"`
	Gates   bool           `json:"gates,omitempty"`
	Says    string         `json:"says,omitempty"`
}

// Runs compares two or more runs, the oldest first.
func Runs(runs []Run) (*Comparison, error) {
	if len(runs) < 2 {
		return nil, errors.New("a comparison needs two results files at least")
	}
	all := make([]*result.Results, len(runs))
	for i, run := range runs {
		all[i] = run.Results
	}
	c := &Comparison{Schema: Schema, Cases: []Row{}}
	rows := map[string]*Row{}
	var order []*Row
	for i, r := range all {
		c.Runs = append(c.Runs, comparedRun(runs[i]))
		for _, one := range r.Cases {
			row := rows[one.ID]
			if row == nil {
				row = &Row{ID: one.ID, Title: one.Title, Area: one.Area, Level: one.Level, Source: one.Source, Results: make([]Cell, len(all))}
				rows[one.ID] = row
				order = append(order, row)
			}
			cell := Cell{Outcome: one.Outcome, Gates: r.Gates(one)}
			if one.Outcome != result.Passed || one.Level == result.Observed {
				cell.Says = wording.Clip(wording.Headline(one), 300)
			}
			row.Results[i] = cell
		}
	}
	slices.SortStableFunc(order, func(a, b *Row) int { return IDs(a.Area, a.ID, b.Area, b.ID) })
	c.SameImplementation = len(all) == 2 && implementation(all[0]) == implementation(all[1])
	for _, row := range order {
		row.Differs = slices.ContainsFunc(row.Results, func(cell Cell) bool { return cell.Outcome != row.Results[0].Outcome })
		if c.SameImplementation {
			c.change(row)
		}
		c.Cases = append(c.Cases, *row)
	}
	c.Areas = areasOf(c.Cases, len(runs))
	if c.SameImplementation && all[0].ExitCode == 0 && all[1].ExitCode != 0 {
		c.Regression = true
	}
	name(c.Runs)
	return c, nil
}

// ranks are the ranks of outcomes that say something about the target: higher is better.
var ranks = map[result.Outcome]int{result.Passed: 4, result.Noted: 4, result.Warned: 3, result.Unstable: 2, result.Unverified: 2, result.Errored: 2, result.Failed: 1, result.Known: 1, result.Stale: 4}

// change says whether a case got better or worse from the older to the newer run.
func (c *Comparison) change(row *Row) {
	before, after := row.Results[0], row.Results[1]
	if after.Gates && !before.Gates && before.Outcome != "" {
		c.Regression = true
	}
	known := ranks[before.Outcome] > 0 && ranks[after.Outcome] > 0
	switch {
	case known && ranks[after.Outcome] < ranks[before.Outcome], after.Gates && before.Outcome == result.Inapplicable:
		row.Change = "worse"
		c.Worse = append(c.Worse, row.ID)
	case known && ranks[after.Outcome] > ranks[before.Outcome]:
		row.Change = "better"
		c.Better = append(c.Better, row.ID)
	case ranks[before.Outcome] > 0 && after.Outcome == result.Inapplicable:
		c.NoLonger = append(c.NoLonger, row.ID)
	}
}

// areasOf counts the passed cases of each area.
func areasOf(rows []Row, runs int) []Area {
	areas := []Area{}
	for _, row := range rows {
		if n := len(areas); n == 0 || areas[n-1].Area != row.Area {
			areas = append(areas, Area{Area: row.Area, Shares: make([]Share, runs)})
		}
		for i, cell := range row.Results {
			if cell.Outcome == "" || cell.Outcome == result.Inapplicable || row.Level == result.Observed {
				continue
			}
			share := &areas[len(areas)-1].Shares[i]
			share.Of++
			if cell.Outcome == result.Passed {
				share.Passed++
			}
		}
	}
	return areas
}

func comparedRun(of Run) Column {
	r := of.Results
	run := Column{
		From:  wording.Clip(of.From, 200),
		Suite: r.Suite, Edition: r.Edition, Profile: r.Profile, Strict: r.Strict, Verdict: r.Verdict, Summary: wording.Clip(r.Summary, 1000),
		StartedAt: r.StartedAt, Totals: map[result.Outcome]int{}, Targets: []string{},
	}
	run.Name = implementation(r)
	for _, t := range r.Targets {
		run.Targets = append(run.Targets, wording.Clip(t.URL, 200))
		if t.Info != nil && t.Info.Implementation.Version != "" && run.Name == t.Info.Implementation.Name {
			run.Name = wording.Clip(run.Name+" "+t.Info.Implementation.Version, 120)
		}
	}
	for _, c := range r.Cases {
		run.Totals[c.Outcome]++
	}
	return run
}

// implementation returns the name that the implementation under test declares, or else its address.
func implementation(r *result.Results) string {
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
	return wording.Clip(strings.Join(addresses, ", "), 200)
}

// name tells runs of the same name apart: by where they came from and when they began, and if that is the same, too, by a
// number.
func name(runs []Column) {
	alike := func() map[string]int {
		number := map[string]int{}
		for _, run := range runs {
			number[run.Name]++
		}
		return number
	}
	first := alike()
	for i, run := range runs {
		if first[run.Name] > 1 {
			began := run.StartedAt.UTC().Format("2006-01-02 15:04")
			runs[i].Name = fmt.Sprintf("%s (%s)", run.Name, strings.TrimPrefix(run.From+", "+began, ", "))
		}
	}
	second, seen := alike(), map[string]int{}
	for i, run := range runs {
		if second[run.Name] > 1 {
			seen[run.Name]++
			runs[i].Name = fmt.Sprintf("%s (%d)", run.Name, seen[run.Name])
		}
	}
}

// IDs orders cases as results do: by area, then by ID.
func IDs(areaA, a, areaB, b string) int {
	return cmp.Or(cmp.Compare(areaRank(areaA), areaRank(areaB)), strings.Compare(areaA, areaB), strings.Compare(a, b))
}

func areaRank(area string) int {
	if i := slices.Index(result.Areas, area); i >= 0 {
		return i
	}
	return len(result.Areas)
}

// Verdict returns the verdict of the comparison in a few sentences.
func (c *Comparison) Verdict() string {
	differing := 0
	for _, row := range c.Cases {
		if row.Differs {
			differing++
		}
	}
	text := fmt.Sprintf("%s of %d differ between %s.", wording.Count(differing, "case"), len(c.Cases), wording.Count(len(c.Runs), "run"))
	if !c.SameImplementation {
		return text
	}
	if n := len(c.NoLonger); n > 0 {
		text += fmt.Sprintf(" %d of them did apply to the first run and do not to the second.", n)
	}
	worse, better := len(c.Worse), len(c.Better)
	switch {
	case c.Regression && worse == 0:
		return fmt.Sprintf("A regression: the second run fails where the first did not, though no case that both hold got worse; %d better. %s", better, text)
	case c.Regression:
		return fmt.Sprintf("A regression: %s worse, %d better. %s", wording.Count(worse, "case"), better, text)
	case better+worse == 0:
		return "No regression: no case got better or worse. " + text
	case worse > 0:
		return fmt.Sprintf("No regression: %s better, %d worse, none of them a new reason for the run to fail. %s", wording.Count(better, "case"), worse, text)
	default:
		return fmt.Sprintf("No regression: %s better, none worse. %s", wording.Count(better, "case"), text)
	}
}

// String returns a share as it is shown.
func (s Share) String() string {
	if s.Of == 0 {
		return "none applied"
	}
	return fmt.Sprintf("%d %% (%d of %d)", s.Percent(), s.Passed, s.Of)
}

// Outcomes returns the outcomes that occur in any run, in the order of [result.Outcomes].
func (c *Comparison) Outcomes() (all []result.Outcome) {
	for _, o := range result.Outcomes {
		for _, run := range c.Runs {
			if run.Totals[o] > 0 {
				all = append(all, o)
				break
			}
		}
	}
	return all
}

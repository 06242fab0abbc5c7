package html

import (
	"bytes"
	"io"
	"strings"

	"example.test/conformance/reporter/compare"
	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

var comparisonStyle = asset("page/base.css") + asset("page/comparison.css")

// comparisonPage is what the page of a comparison shows.
type comparisonPage struct {
	frame
	Comparison *compare.Comparison
	Sentence   string
	Tone       result.Outcome
	Outcomes   []result.Outcome
	Runs       []runView
	Narrow     bool // there are so many runs that their cells have signs without words
	Differing  []rowCompared
	Areas      []comparedArea
}

// fewColumns is how many runs have room for words side by side.
const fewColumns = 6

type runView struct {
	Name, From, Targets, Edition, Profile, Suite, Started, Verdict string
	Tone                                                           result.Outcome
	Totals                                                         []totalView
}

type totalView struct {
	Outcome result.Outcome
	N       int
}

type comparedArea struct {
	Name   string
	Shares []compare.Share
	Rows   []rowCompared
	Differ int
}

type rowCompared struct {
	Anchor, ID, Title, Level, Change, Document, URL string
	Differs                                         bool
	Cells                                           []cellCompared
}

type cellCompared struct {
	Run string
	compare.Cell
}

// Comparison writes a comparison as one page without scripts or other files.
func Comparison(w io.Writer, c *compare.Comparison) error {
	p := &comparisonPage{Comparison: c, Sentence: c.Verdict(), Tone: result.Inapplicable, Outcomes: c.Outcomes(), Narrow: len(c.Runs) > fewColumns}
	if c.SameImplementation {
		p.Tone = result.Passed
		if c.Regression {
			p.Tone = result.Failed
		}
	}
	p.frame = newFrame("Comparison of "+wording.Count(len(c.Runs), "run"), comparisonStyle, "", toneColours[p.Tone])
	for _, run := range c.Runs {
		v := runView{
			Name: wording.VisibleLine(run.Name), From: wording.VisibleLine(run.From), Targets: wording.VisibleLine(wording.Clip(strings.Join(run.Targets, ", "), 400)), Edition: wording.VisibleLine(wording.Clip(run.Edition, 20)),
			Profile: wording.VisibleLine(wording.Clip(string(run.Profile), 20)), Suite: wording.VisibleLine(wording.Clip(run.Suite.Version, 60)),
			Started: run.StartedAt.UTC().Format("2006-01-02 15:04 UTC"), Verdict: wording.Capital(wording.VisibleLine(string(run.Verdict))), Tone: wording.Tone(run.Verdict),
		}
		for _, o := range p.Outcomes {
			v.Totals = append(v.Totals, totalView{o, run.Totals[o]})
		}
		p.Runs = append(p.Runs, v)
	}
	for _, area := range c.Areas {
		v := comparedArea{Name: wording.VisibleLine(area.Area), Shares: area.Shares}
		for i, row := range c.Cases {
			if row.Area != area.Area {
				continue
			}
			shown := p.row(row, anchor(row.ID, i))
			if row.Differs {
				p.Differing = append(p.Differing, shown)
				shown.Anchor = "all-" + shown.Anchor
				v.Differ++
			}
			v.Rows = append(v.Rows, shown)
		}
		p.Areas = append(p.Areas, v)
	}
	var b bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&b, "comparison.html", p); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (p *comparisonPage) row(row compare.Row, anchor string) rowCompared {
	v := rowCompared{
		Anchor: anchor, ID: wording.VisibleLine(wording.Clip(row.ID, 200)), Title: wording.VisibleLine(wording.Clip(row.Title, 300)), Level: wording.VisibleLine(string(row.Level)),
		Change: row.Change, Differs: row.Differs, Document: wording.VisibleLine(wording.Clip(row.Source.Document, 100)), URL: wording.Truncate(row.Source.URL, 500),
	}
	for i, cell := range row.Results {
		cell.Says = wording.VisibleLine(wording.Clip(cell.Says, 300))
		v.Cells = append(v.Cells, cellCompared{p.Runs[i].Name, cell})
	}
	return v
}

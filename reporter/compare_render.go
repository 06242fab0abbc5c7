package reporter

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"example.test/conformance/suite/result"
)

var comparisonStyle = asset("page/base.css") + asset("page/comparison.css")

// ComparisonJSONSchema is the JSON Schema of what [ComparisonJSON] writes.
//
//go:embed comparison.schema.json
var ComparisonJSONSchema []byte

// ComparisonJSON writes a comparison as JSON, which [ComparisonJSONSchema] describes.
func ComparisonJSON(w io.Writer, c *Comparison) error { return writeJSON(w, c) }

// ComparisonMarkdown writes a comparison as Markdown: the runs, what got better and worse, the differences, how much passed in each
// area, and the whole matrix folded.
func ComparisonMarkdown(w io.Writer, c *Comparison) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Comparison\n\n%s\n\n", marked(c.Verdict()))
	b.WriteString("| | verdict | edition | profile | suite |")
	outcomes := c.Outcomes()
	for _, o := range outcomes {
		fmt.Fprintf(&b, " %s |", o)
	}
	b.WriteString("\n|---|---|---|---|---|" + strings.Repeat("--:|", len(outcomes)) + "\n")
	for _, run := range c.Runs {
		fmt.Fprintf(&b, "| %s | **%s** | %s | %s | %s |", codeSpan(run.Name), marked(string(run.Verdict)), marked(run.Edition), marked(string(run.Profile)), marked(run.Suite.Version))
		for _, o := range outcomes {
			fmt.Fprintf(&b, " %d |", run.Totals[o])
		}
		b.WriteByte('\n')
	}
	for _, list := range []struct {
		title string
		ids   []string
	}{{"Worse", c.Worse}, {"Better", c.Better}, {"No longer applicable", c.NoLonger}} {
		if len(list.ids) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n", list.title)
		for _, id := range list.ids {
			fmt.Fprintf(&b, "- %s\n", codeSpan(id))
		}
	}
	b.WriteString("\n## Differences\n\n")
	matrix(&b, c, true)
	b.WriteString("\n## Passed by area\n\n")
	shares(&b, c)
	b.WriteString("\n<details><summary>All cases</summary>\n\n")
	matrix(&b, c, false)
	b.WriteString("\n</details>\n")
	_, err := w.Write(b.Bytes())
	return err
}

// shares writes how much of each area passed.
func shares(b *bytes.Buffer, c *Comparison) {
	b.WriteString("| area |")
	for _, run := range c.Runs {
		fmt.Fprintf(b, " %s |", codeSpan(run.Name))
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(c.Runs)) + "\n")
	for _, area := range c.Areas {
		fmt.Fprintf(b, "| %s |", marked(area.Area))
		for _, s := range area.Shares {
			fmt.Fprintf(b, " %s |", s)
		}
		b.WriteByte('\n')
	}
}

// String gives a share as it is shown.
func (s Share) String() string {
	if s.Of == 0 {
		return "none applied"
	}
	return fmt.Sprintf("%d %% (%d of %d)", s.Percent(), s.Passed, s.Of)
}

// matrix writes the cases, all of them or those that differ.
func matrix(b *bytes.Buffer, c *Comparison, differing bool) {
	b.WriteString("| case | level |")
	for _, run := range c.Runs {
		fmt.Fprintf(b, " %s |", codeSpan(run.Name))
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(c.Runs)) + "\n")
	for _, row := range c.Cases {
		if differing && !row.Differs {
			continue
		}
		fmt.Fprintf(b, "| %s | %s |", codeSpan(row.ID), marked(string(row.Level)))
		for _, cell := range row.Results {
			fmt.Fprintf(b, " %s |", marks[cell.Outcome])
		}
		b.WriteByte('\n')
	}
}

// marks of outcomes in Markdown: a sign and a word.
var marks = map[result.Outcome]string{
	result.Passed: "✓ passed", result.Failed: "✗ **failed**", result.Errored: "⚡ **error**", result.Unverified: "? **unverified**",
	result.Warned: "! warned", result.Inapplicable: "– inapplicable", result.Known: "≈ known failure", result.Stale: "✗ **stale**",
	result.Noted: "· noted", result.Unstable: "~ **unstable**", "": "not run",
}

// Outcomes are those that occur in any run.
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

// comparisonPage is what the page of a comparison shows.
type comparisonPage struct {
	frame
	Comparison *Comparison
	Sentence   string
	Tone       result.Outcome
	Outcomes   []result.Outcome
	Runs       []runView
	Narrow     bool // so many runs that their cells have signs without words
	Differing  []rowCompared
	Areas      []comparedArea
}

// fewColumns is how many runs have room for words beside each other.
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
	Shares []Share
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
	ComparedCell
}

// ComparisonHTML writes a comparison as one page that needs nothing beside itself, nor a script.
func ComparisonHTML(w io.Writer, c *Comparison) error {
	p := &comparisonPage{Comparison: c, Sentence: c.Verdict(), Tone: result.Inapplicable, Outcomes: c.Outcomes(), Narrow: len(c.Runs) > fewColumns}
	if c.SameImplementation {
		p.Tone = result.Passed
		if c.Regression {
			p.Tone = result.Failed
		}
	}
	p.frame = newFrame("Comparison of "+Count(len(c.Runs), "run"), comparisonStyle, "", toneColours[p.Tone])
	for _, run := range c.Runs {
		v := runView{
			Name: VisibleLine(run.Name), From: VisibleLine(run.From), Targets: VisibleLine(Clip(strings.Join(run.Targets, ", "), 400)), Edition: VisibleLine(Clip(run.Edition, 20)),
			Profile: VisibleLine(Clip(string(run.Profile), 20)), Suite: VisibleLine(Clip(run.Suite.Version, 60)),
			Started: run.StartedAt.UTC().Format("2006-01-02 15:04 UTC"), Verdict: capital(VisibleLine(string(run.Verdict))), Tone: tone(run.Verdict),
		}
		for _, o := range p.Outcomes {
			v.Totals = append(v.Totals, totalView{o, run.Totals[o]})
		}
		p.Runs = append(p.Runs, v)
	}
	for _, area := range c.Areas {
		v := comparedArea{Name: VisibleLine(area.Area), Shares: area.Shares}
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

func (p *comparisonPage) row(row ComparedCase, anchor string) rowCompared {
	v := rowCompared{
		Anchor: anchor, ID: VisibleLine(Clip(row.ID, 200)), Title: VisibleLine(Clip(row.Title, 300)), Level: VisibleLine(string(row.Level)),
		Change: row.Change, Differs: row.Differs, Document: VisibleLine(Clip(row.Source.Document, 100)), URL: clipEnd(row.Source.URL, 500),
	}
	for i, cell := range row.Results {
		cell.Says = VisibleLine(Clip(cell.Says, 300))
		v.Cells = append(v.Cells, cellCompared{p.Runs[i].Name, cell})
	}
	return v
}

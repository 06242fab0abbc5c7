package reporter

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"example.test/conformance/suite"
)

var comparisonStyle = asset("page/base.css") + asset("page/comparison.css")

// ComparisonJSONSchema is the JSON Schema of what [Comparison.JSON] writes.
//
//go:embed comparison.schema.json
var ComparisonJSONSchema []byte

// JSON writes the comparison as JSON, which [ComparisonJSONSchema] describes.
func (c *Comparison) JSON(w io.Writer) error { return writeJSON(w, c) }

// Markdown writes the comparison as Markdown: the runs, what got better and worse, the differences,
// and the whole matrix folded.
func (c *Comparison) Markdown(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Comparison\n\n%s\n\n", marked(c.Verdict()))
	b.WriteString("| | verdict | edition | profile | suite |")
	outcomes := c.outcomes()
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
	}{{"Worse", c.Worse}, {"Better", c.Better}} {
		if len(list.ids) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n", list.title)
		for _, id := range list.ids {
			fmt.Fprintf(&b, "- %s\n", codeSpan(id))
		}
	}
	b.WriteString("\n## Differences\n\n")
	c.matrix(&b, true)
	b.WriteString("\n<details><summary>All cases</summary>\n\n")
	c.matrix(&b, false)
	b.WriteString("\n</details>\n")
	_, err := w.Write(b.Bytes())
	return err
}

func (c *Comparison) matrix(b *bytes.Buffer, differing bool) {
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
var marks = map[suite.Outcome]string{
	suite.Passed: "✓ passed", suite.Failed: "✗ **failed**", suite.Errored: "⚡ **error**", suite.Unverified: "? **unverified**",
	suite.Warned: "! warned", suite.Inapplicable: "– inapplicable", suite.Known: "≈ known failure", suite.Stale: "✗ **stale**", "": "not run",
}

// outcomes that occur in any run.
func (c *Comparison) outcomes() (all []suite.Outcome) {
	for _, o := range suite.Outcomes {
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
	Tone       suite.Outcome
	Outcomes   []suite.Outcome
	Runs       []runView
	Areas      []comparedArea
	Columns    int
}

type runView struct {
	Name, Targets, Edition, Profile, Suite, Started, Verdict string
	Tone                                                     suite.Outcome
	Totals                                                   []int
}

type comparedArea struct {
	Name string
	Rows []rowCompared
}

type rowCompared struct {
	Anchor, ID, Title, Level, Change, Document, URL string
	Differs                                         bool
	Cells                                           []ComparedCell
}

// HTML writes the comparison as one page that needs nothing beside itself, nor a script.
func (c *Comparison) HTML(w io.Writer) error {
	p := &comparisonPage{Comparison: c, Sentence: c.Verdict(), Tone: suite.Inapplicable, Outcomes: c.outcomes(), Columns: len(c.Runs) + 1}
	if c.SameImplementation {
		p.Tone = suite.Passed
		if c.Regression {
			p.Tone = suite.Failed
		}
	}
	p.frame = newFrame("Comparison of "+count(len(c.Runs), "run"), comparisonStyle, "", toneColours[p.Tone])
	for _, run := range c.Runs {
		v := runView{
			Name: VisibleLine(run.Name), Targets: VisibleLine(clip(strings.Join(run.Targets, ", "), 400)), Edition: VisibleLine(clip(run.Edition, 20)),
			Profile: VisibleLine(clip(string(run.Profile), 20)), Suite: VisibleLine(clip(run.Suite.Version, 60)),
			Started: run.StartedAt.UTC().Format("2006-01-02 15:04 UTC"), Verdict: capital(VisibleLine(string(run.Verdict))), Tone: verdictTones[run.Verdict],
		}
		for _, o := range p.Outcomes {
			v.Totals = append(v.Totals, run.Totals[o])
		}
		p.Runs = append(p.Runs, v)
	}
	for i, row := range c.Cases {
		if n := len(p.Areas); n == 0 || p.Areas[n-1].Name != VisibleLine(row.Area) {
			p.Areas = append(p.Areas, comparedArea{Name: VisibleLine(row.Area)})
		}
		v := rowCompared{
			Anchor: anchor(row.ID, i), ID: VisibleLine(clip(row.ID, 200)), Title: VisibleLine(clip(row.Title, 300)), Level: VisibleLine(string(row.Level)),
			Change: row.Change, Differs: row.Differs, Document: VisibleLine(clip(row.Source.Document, 100)), URL: clipEnd(row.Source.URL, 500),
		}
		for _, cell := range row.Results {
			cell.Says = VisibleLine(clip(cell.Says, 300))
			v.Cells = append(v.Cells, cell)
		}
		area := &p.Areas[len(p.Areas)-1]
		area.Rows = append(area.Rows, v)
	}
	var b bytes.Buffer
	if err := pageTemplates.execute(&b, "comparison.html", p); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

package reporter

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"example.test/conformance/reporter/compare"
	"example.test/conformance/suite/result"
)

// ComparisonMarkdown writes a comparison as Markdown: the runs, what got better and worse, the differences, how much passed in
// each area, and the whole matrix, folded.
func ComparisonMarkdown(w io.Writer, c *compare.Comparison) error {
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
func shares(b *bytes.Buffer, c *compare.Comparison) {
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

// matrix writes all cases, or those that differ.
func matrix(b *bytes.Buffer, c *compare.Comparison, differing bool) {
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

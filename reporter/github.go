package reporter

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"example.test/conformance/suite"
)

// Bounds of GitHub: it shows ten annotations of a kind for a step, and a job summary of one megabyte.
const (
	maxAnnotations   = 10
	maxSummary       = 900 << 10
	maxSummaryCases  = 100
	maxSummaryDetail = 2 << 10
)

// GitHub writes the annotations of a run as workflow commands to the log of a job, and its summary
// as Markdown to the file that GITHUB_STEP_SUMMARY names. Either may be nil.
func GitHub(log, summary io.Writer, r *suite.Results) error {
	if log != nil {
		if _, err := io.WriteString(log, annotations(r)); err != nil {
			return err
		}
	}
	if summary != nil {
		if _, err := io.WriteString(summary, jobSummary(r)); err != nil {
			return err
		}
	}
	return nil
}

func annotations(r *suite.Results) string {
	var errors, warnings []string
	for _, o := range suite.Outcomes {
		for _, c := range r.Cases {
			switch {
			case c.Outcome != o:
			case r.Gates(c):
				errors = append(errors, annotation("error", c))
			case o == suite.Warned, o == suite.Known:
				warnings = append(warnings, annotation("warning", c))
			}
		}
	}
	if len(errors) == 0 && r.ExitCode != 0 {
		errors = append(errors, command("error", string(r.Verdict), r.Summary))
	}
	return strings.Join(atMost(errors, "error"), "") + strings.Join(atMost(warnings, "warning"), "") + command("notice", string(r.Verdict), r.Summary)
}

func annotation(kind string, c suite.CaseResult) string {
	text := "The server " + c.Title + ".\n" + clip(headline(c), 800) + "\n" + c.Source.URL
	if c.Rerun != "" {
		text += "\nRun it alone: " + c.Rerun
	}
	return command(kind, fmt.Sprintf("%s (%s)", c.ID, c.Outcome), text)
}

// atMost keeps what GitHub would show, and says how many there are beside.
func atMost(list []string, kind string) []string {
	if len(list) <= maxAnnotations {
		return list
	}
	left := len(list) - maxAnnotations + 1
	return append(list[:maxAnnotations-1:maxAnnotations-1], command(kind, "conformance", fmt.Sprintf("%s more: see the job summary", count(left, "case"))))
}

// command is a workflow command. What it holds cannot end it, nor begin another.
func command(kind, title, text string) string {
	return fmt.Sprintf("::%s title=%s::%s\n", kind, escapeProperty(clip(title, 200)), escapeData(clip(text, 4000)))
}

var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(s string) string     { return data.Replace(Visible(s)) }
func escapeProperty(s string) string { return property.Replace(VisibleLine(s)) }

// jobSummary is a run as Markdown.
func jobSummary(r *suite.Results) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## Socket.IO conformance: %s\n\n%s\n\n", marked(string(r.Verdict)), marked(clip(r.Summary, 1000)))
	for _, s := range r.LeftOut {
		fmt.Fprintf(&b, "- %s\n", marked(clip(s, 500)))
	}
	b.WriteString("\n| |")
	rows := countRows(r)
	for _, row := range rows {
		fmt.Fprintf(&b, " %s |", row.Outcome)
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(rows)) + "\n")
	for i, level := range suite.Levels {
		fmt.Fprintf(&b, "| %s |", level)
		for _, row := range rows {
			fmt.Fprintf(&b, " %d |", row.ByLevel[i])
		}
		b.WriteByte('\n')
	}
	for i, t := range r.Targets {
		view := newTarget(i, t)
		fmt.Fprintf(&b, "\n- Target %s: %s %s", view.Letter, codeSpan(view.URL), marked(view.Implementation))
		if t.Error != "" {
			fmt.Fprintf(&b, ": %s", codeSpan(clip(t.Error, 500)))
		}
	}
	if r.Command != "" {
		fmt.Fprintf(&b, "\n\nThe command that repeats it:\n\n%s", codeBlock(clip(r.Command, 2000)))
	}
	listed := 0
	for _, o := range suite.Outcomes {
		for _, c := range r.Cases {
			if c.Outcome != o || !r.Gates(c) && o != suite.Warned && o != suite.Known {
				continue
			}
			if listed++; listed > maxSummaryCases || b.Len() > maxSummary {
				continue
			}
			summaryCase(&b, r, c)
		}
	}
	if left := listed - maxSummaryCases; left > 0 {
		fmt.Fprintf(&b, "\n%s more: see the HTML report.\n", count(left, "case"))
	}
	return b.String()
}

func summaryCase(b *bytes.Buffer, r *suite.Results, c suite.CaseResult) {
	if r.Gates(c) {
		fmt.Fprintf(b, "\n### %s %s\n\n", marks[c.Outcome], codeSpan(clip(c.ID, 200)))
	} else {
		fmt.Fprintf(b, "\n### %s, which does not gate: %s\n\n", marks[c.Outcome], codeSpan(clip(c.ID, 200)))
	}
	fmt.Fprintf(b, "The server %s (%s; ", marked(clip(c.Title, 300)), marked(string(c.Level)))
	if strings.HasPrefix(c.Source.URL, "https://") && !strings.ContainsAny(c.Source.URL, " ()<>\\\r\n\t") {
		fmt.Fprintf(b, "[%s](%s))\n\n", marked(clip(c.Source.Document, 200)), VisibleLine(c.Source.URL))
	} else {
		fmt.Fprintf(b, "%s)\n\n", marked(clip(c.Source.Document, 200)))
	}
	b.WriteString(codeBlock(clip(findings(c), maxSummaryDetail)))
}

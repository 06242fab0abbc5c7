package reporter

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// Limits of GitHub: it shows ten annotations of a kind for a step, and a job summary of one megabyte. A bounded report shows
// only as many causes as a reader can take in.
const (
	maxAnnotations   = 10
	maxSummary       = 900 << 10
	maxSummaryDetail = 2 << 10
)

// GitHub writes the annotations of a run as workflow commands to the log of a job, and its summary as Markdown to the file
// that GITHUB_STEP_SUMMARY names. Either may be nil.
func GitHub(log, summary io.Writer, r *result.Results) error {
	r = wording.WithCauses(r)
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

func annotations(r *result.Results) string {
	var errors, warnings []string
	if views := wording.GoneTargets(r); len(views) > 0 {
		kind, list := "error", &errors
		if r.ExitCode == 0 {
			kind, list = "warning", &warnings
		}
		*list = append(*list, command(kind, "the target went away", wording.GoneText(views)))
	}
	var left struct{ errors, warnings []told }
	for _, t := range tales(r) {
		kind, list, more := "error", &errors, &left.errors
		if !t.gates {
			kind, list, more = "warning", &warnings, &left.warnings
		}
		if len(*list) == maxAnnotations-1 {
			*more = append(*more, t)
			continue
		}
		*list = append(*list, annotation(kind, r, t))
	}
	for _, one := range []struct {
		kind string
		left []told
		list *[]string
	}{{"error", left.errors, &errors}, {"warning", left.warnings, &warnings}} {
		switch text := untold(one.left); {
		case len(one.left) == 1:
			*one.list = append(*one.list, annotation(one.kind, r, one.left[0]))
		case text != "":
			*one.list = append(*one.list, command(one.kind, "conformance", text+": see the job summary"))
		}
	}
	if len(errors) == 0 && r.ExitCode != 0 {
		errors = append(errors, command("error", string(r.Verdict), r.Summary))
	}
	return strings.Join(errors, "") + strings.Join(warnings, "") + command("notice", string(r.Verdict), r.Summary)
}

func annotation(kind string, r *result.Results, t told) string {
	text := "The server " + t.Title + ".\n" + wording.Clip(t.sentence, 800) + "\n" + t.Source.URL
	if r.Spared(t.CaseResult) {
		text += "\nIt does not gate: " + wording.Newer(r) + "."
	}
	if len(t.others) > 0 {
		text += "\nAlso: " + t.names(func(id string) string { return id })
	}
	if t.maybe != "" {
		text += "\nMaybe " + t.maybe
	}
	if t.Rerun != "" {
		text += "\nRun it alone: " + t.Rerun
	}
	return command(kind, fmt.Sprintf("%s (%s)%s", t.ID, t.Outcome, t.more()), text)
}

// command returns a workflow command. Its content can neither end it nor begin another.
func command(kind, title, text string) string {
	return fmt.Sprintf("::%s title=%s::%s\n", kind, escapeProperty(wording.Clip(title, 200)), escapeData(wording.Clip(text, 4000)))
}

var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(s string) string     { return data.Replace(wording.Visible(s)) }
func escapeProperty(s string) string { return property.Replace(wording.VisibleLine(s)) }

// jobSummary returns a run as Markdown.
func jobSummary(r *result.Results) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## Socket.IO conformance: %s\n\n%s\n\n", marked(string(r.Verdict)), marked(wording.Clip(r.Summary, 1000)))
	for _, s := range slices.Concat(r.Notices, r.LeftOut, wording.Repeated(r), wording.Rests(r)) {
		fmt.Fprintf(&b, "- %s\n", marked(wording.Clip(s, 500)))
	}
	if r.Requirements != "" {
		fmt.Fprintf(&b, "- Requirement set: %s\n", marked(wording.Clip(r.Requirements, 40)))
	}
	for _, v := range wording.GoneTargets(r) {
		summaryGone(&b, v)
	}
	b.WriteString("\n| |")
	rows := wording.CountRows(r)
	for _, row := range rows {
		fmt.Fprintf(&b, " %s |", row.Outcome)
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(rows)) + "\n")
	for i, level := range result.Levels {
		fmt.Fprintf(&b, "| %s |", level)
		for _, row := range rows {
			fmt.Fprintf(&b, " %d |", row.ByLevel[i])
		}
		b.WriteByte('\n')
	}
	for i, t := range r.Targets {
		runs := ""
		if t.Info != nil {
			runs = wording.Implementation(t.Info)
		}
		fmt.Fprintf(&b, "\n- Target %s: %s %s", wording.Instance(i), codeSpan(wording.Clip(t.URL, 300)), marked(runs))
		if times := wording.RoundTrips(t); times != "" {
			fmt.Fprintf(&b, ", an exchange takes %s", marked(times))
		}
		if t.Error != "" {
			fmt.Fprintf(&b, ": %s", codeSpan(wording.Clip(t.Error, 500)))
		}
	}
	if r.Command != "" {
		fmt.Fprintf(&b, "\n\nThe command that repeats it:\n\n%s", codeBlock(wording.Clip(r.Command, 2000)))
	}
	var left []told
	shown := map[bool]int{} // by whether it gates
	for _, t := range tales(r) {
		if shown[t.gates] == wording.MostCauses || b.Len() > maxSummary {
			left = append(left, t)
			continue
		}
		shown[t.gates]++
		summaryCase(&b, r, t)
	}
	if text := untold(left); text != "" {
		fmt.Fprintf(&b, "\n%s: see the HTML report.\n", text)
	}
	return b.String()
}

// summaryGone writes that a target went away.
func summaryGone(b *bytes.Buffer, v wording.GoneTarget) {
	fmt.Fprintf(b, "\n### %s\n\n", marked(v.Title))
	for _, s := range v.Says {
		fmt.Fprintf(b, "%s\n", marked(s))
	}
	b.WriteByte('\n')
	for _, s := range v.Suspects {
		fmt.Fprintf(b, "- %s\n", codeSpan(s.ID))
		for _, packet := range s.Sent {
			fmt.Fprintf(b, "  - %s\n", codeSpan(packet))
		}
	}
	if v.More != "" {
		fmt.Fprintf(b, "- %s\n", marked(v.More))
	}
	b.WriteByte('\n')
	for _, s := range v.Advice {
		fmt.Fprintf(b, "- %s\n", marked(s))
	}
}

func summaryCase(b *bytes.Buffer, r *result.Results, t told) {
	c := t.CaseResult
	if t.gates {
		fmt.Fprintf(b, "\n### %s %s%s\n\n", marks[c.Outcome], codeSpan(wording.Clip(c.ID, 200)), t.more())
	} else {
		fmt.Fprintf(b, "\n### %s, which does not gate: %s%s\n\n", marks[c.Outcome], codeSpan(wording.Clip(c.ID, 200)), t.more())
	}
	if r.Spared(c) {
		fmt.Fprintf(b, "%s.\n\n", marked(wording.Capital(wording.Newer(r))))
	}
	fmt.Fprintf(b, "The server %s (%s; ", marked(wording.Clip(c.Title, 300)), marked(string(c.Level)))
	if strings.HasPrefix(c.Source.URL, "https://") && !strings.ContainsAny(c.Source.URL, " ()<>\\\r\n\t") {
		fmt.Fprintf(b, "[%s](%s))\n\n", marked(wording.Clip(c.Source.Document, 200)), wording.VisibleLine(c.Source.URL))
	} else {
		fmt.Fprintf(b, "%s)\n\n", marked(wording.Clip(c.Source.Document, 200)))
	}
	b.WriteString(codeBlock(wording.Clip(findings(r, c), maxSummaryDetail)))
	if len(t.others) > 0 {
		fmt.Fprintf(b, "\nAlso: %s\n", t.names(codeSpan))
	}
	if t.maybe != "" {
		fmt.Fprintf(b, "\nMaybe %s\n", marked(t.maybe))
	}
}

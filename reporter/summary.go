package reporter

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// Finish prints how the run ended: the verdict in a sentence, counts by level, the causes of what was seen broken with the
// case that shows each best, what could not be judged, and where the reports are. It prints at most [mostLines] lines, unless
// --verbose asks for every case with its evidence.
func (c *Console) Finish(r *result.Results, written []string) {
	c.Done()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Verbosity < 0 {
		c.verdict(r)
		return
	}
	r = wording.WithCauses(r)
	before := c.printed
	if c.Terminal { // it has been erased
		before = 0
	}
	head := c.rendered(func() { c.head(r) })
	foot := c.rendered(func() { c.foot(r, written) })
	blocks := c.blocks(r)
	c.printf("\n")
	if len(blocks) > 0 { // a reader who starts at the top does not see the last one
		c.verdict(r)
	}
	_, _ = io.WriteString(c.Out, head)
	room, most := max(mostLines-before-lines(head)-lines(foot)-roomOfVerdict, leastLines), wording.MostCauses
	if c.Verbosity > 0 {
		room, most = math.MaxInt, math.MaxInt
	}
	for _, text := range c.fitting(blocks, room, most) {
		_, _ = io.WriteString(c.Out, text)
	}
	_, _ = io.WriteString(c.Out, foot)
	c.printf("\n")
	c.verdict(r)
}

// Bounds of what is printed of a run, in lines.
const (
	mostLines = 80
	// roomOfVerdict is the room for the verdict, before and after the rest.
	roomOfVerdict = 8
	leastLines    = 28 // for what was seen broken, however much else there is to print
)

// head prints what a reader must know before the cases.
func (c *Console) head(r *result.Results) {
	for _, s := range slices.Concat(r.Notices, r.LeftOut, wording.Repeated(r), wording.Rests(r)) {
		c.printf("%s\n", wrap(wording.Visible(wording.Clip(s, 1000)), c.width(), ""))
	}
	for i, t := range r.Targets {
		if times := wording.RoundTrips(t); times != "" && c.Verbosity > 0 {
			c.printf("%s\n", wrap(fmt.Sprintf("Target %s: an exchange takes %s.", wording.Instance(i), times), c.width(), ""))
		}
	}
	c.counts(r)
}

// foot prints what follows the cases.
func (c *Console) foot(r *result.Results, written []string) {
	if n := r.Counts.Total(result.Noted); n > 0 && c.Verbosity < 1 {
		c.printf("\n%s\n", wrap(answeredOtherwise(n), c.width(), ""))
	}
	if len(written) > 0 {
		c.printf("\nReports:\n")
		for _, name := range written {
			c.printf("  %s\n", wording.VisibleLine(name))
		}
	}
}

func answeredOtherwise(n int) string {
	if n == 1 {
		return "1 observed question was answered otherwise: see the report."
	}
	return fmt.Sprintf("%d observed questions were answered otherwise: see the report.", n)
}

// rendered returns what a function prints.
func (c *Console) rendered(f func()) string {
	var b strings.Builder
	out := c.Out
	c.Out = &b
	defer func() { c.Out = out }()
	f()
	return b.String()
}

func lines(text string) int { return strings.Count(text, "\n") }

func (c *Console) verdict(r *result.Results) {
	word := strings.ToUpper(wording.VisibleLine(string(r.Verdict))) + ":"
	text := word + " " + wording.VisibleLine(wording.Clip(r.Summary, 2000))
	if c.Verbosity >= 0 {
		text = wrap(text, c.width(), "")
	}
	c.printf("%s\n", strings.Replace(text, word, c.bold(c.paint(wording.Tone(r.Verdict), word)), 1))
}

// counts prints the counts by level, without empty columns.
func (c *Console) counts(r *result.Results) {
	rows := wording.CountRows(r)
	if len(r.Cases) == 0 {
		return
	}
	shown := 0
	for _, row := range rows {
		if row.All > 0 {
			shown++
		}
	}
	var head strings.Builder
	fmt.Fprintf(&head, "%-12s", "")
	for _, row := range rows {
		if row.All > 0 {
			fmt.Fprintf(&head, "%*s", columnWidth(row.Outcome, shown), columnName(row.Outcome, shown))
		}
	}
	c.printf("\n%s\n", head.String())
	for i, level := range result.Levels {
		c.printf("%-12s", level)
		for _, row := range rows {
			if row.All > 0 {
				text := fmt.Sprintf("%*d", columnWidth(row.Outcome, shown), row.ByLevel[i])
				if row.ByLevel[i] > 0 && row.Outcome != result.Passed {
					text = c.paint(row.Outcome, text)
				}
				c.printf("%s", text)
			}
		}
		c.printf("\n")
	}
}

// mostColumns is how many columns fit with the full names of their outcomes.
const mostColumns = 8

// columnName shortens the longest names if nearly all outcomes occur.
func columnName(o result.Outcome, columns int) string {
	if columns > mostColumns {
		switch o {
		case result.Inapplicable:
			return "n/a"
		case result.Unverified:
			return "unverif."
		}
	}
	return string(o)
}

// columnWidth is smaller if all outcomes occur, so that the table fits 80 columns.
func columnWidth(o result.Outcome, columns int) int {
	if columns > mostColumns {
		return len(columnName(o, columns)) + 1
	}
	if columns > 6 {
		return max(len(o)+1, 7)
	}
	return max(len(o)+2, 8)
}

const labelWidth = 13

// say prints a labelled text, wrapped, in at most twelve lines.
func (c *Console) say(label, text string) {
	const most, lines = 1500, 12
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	text = wrap(wording.Visible(wording.Clip(text, most)), c.width()-labelWidth, "")
	all := strings.Split(text, "\n")
	if len(all) > lines {
		all = append(all[:lines-1], fmt.Sprintf("… (%d further lines)", len(all)-lines+1))
	}
	for i, line := range all {
		if i > 0 {
			label = ""
		}
		c.printf("  %s%s\n", c.sgr("2", fmt.Sprintf("%-*s", labelWidth-2, label)), line)
	}
}

// whole prints a text in one line, so that it can be copied.
func (c *Console) whole(label, text string) {
	if text != "" {
		c.printf("  %s%s\n", c.sgr("2", fmt.Sprintf("%-*s", labelWidth-2, label)), wording.VisibleLine(wording.Clip(text, 4000)))
	}
}

// wrap breaks lines that are longer than width between words, or inside a word that is longer than a line. Continued lines
// begin with indent.
func wrap(text string, width int, indent string) string {
	width = max(width, 20)
	var out []string
	for _, line := range strings.Split(text, "\n") {
		line = strings.ReplaceAll(line, "\t", "    ")
		first := true
		for utf8.RuneCountInString(line) > width {
			runes := []rune(line)
			at := width
			for i := width; i > width/2; i-- {
				if runes[i] == ' ' {
					at = i
					break
				}
			}
			out = append(out, string(runes[:at]))
			line = indent + strings.TrimLeft(string(runes[at:]), " ")
			first = false
		}
		if first || strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

package reporter

import (
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

// Finish says how the run ended: the verdict in a sentence, counts by level, every case that gates
// with its evidence, and where the reports are.
func (c *Console) Finish(r *suite.Results, written []string) {
	c.Done()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Verbosity < 0 {
		c.verdict(r)
		return
	}
	c.printf("\n")
	c.verdict(r)
	for _, s := range r.LeftOut {
		c.printf("%s\n", wrap(Visible(clip(s, 1000)), c.width(), ""))
	}
	c.counts(r)
	details := 0
	together := alike(r)
	for _, o := range suite.Outcomes {
		for _, one := range r.Cases {
			if one.Outcome != o {
				continue
			}
			if all := together[one.Reason]; o == suite.Unverified && len(all) > 0 && c.Verbosity < 1 {
				if all[0] == one.ID {
					c.unverified(all, one.Reason)
					details++
				}
				continue
			}
			switch {
			case r.Gates(one):
				c.failure(one)
				details++
			case (o == suite.Warned || o == suite.Known) && c.Verbosity > 0:
				c.failure(one)
			case o == suite.Warned, o == suite.Known:
				c.printf("\n%s\n", c.paint(o, wrap(strings.ToLower(word(o))+": "+VisibleLine(one.ID)+excuse(one), c.width(), "  ")))
				c.printf("%s\n", wrap("  "+Visible(headline(one)), c.width(), "  "))
			}
		}
	}
	if len(written) > 0 {
		c.printf("\nReports:\n")
		for _, name := range written {
			c.printf("  %s\n", VisibleLine(name))
		}
	}
	if details > 0 { // the first one is out of sight
		c.printf("\n")
		c.verdict(r)
	}
}

func (c *Console) verdict(r *suite.Results) {
	word := strings.ToUpper(VisibleLine(string(r.Verdict))) + ":"
	text := word + " " + VisibleLine(clip(r.Summary, 2000))
	if c.Verbosity >= 0 {
		text = wrap(text, c.width(), "")
	}
	c.printf("%s\n", strings.Replace(text, word, c.bold(c.paint(verdictTones[r.Verdict], word)), 1))
}

// counts by level, without the columns that are empty.
func (c *Console) counts(r *suite.Results) {
	rows := countRows(r)
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
			fmt.Fprintf(&head, "%*s", columnWidth(row.Outcome, shown), row.Outcome)
		}
	}
	c.printf("\n%s\n", head.String())
	for i, level := range suite.Levels {
		c.printf("%-12s", level)
		for _, row := range rows {
			if row.All > 0 {
				text := fmt.Sprintf("%*d", columnWidth(row.Outcome, shown), row.ByLevel[i])
				if row.ByLevel[i] > 0 && row.Outcome != suite.Passed {
					text = c.paint(row.Outcome, text)
				}
				c.printf("%s", text)
			}
		}
		c.printf("\n")
	}
}

// columnWidth is narrower where all outcomes occur: the table is to fit 80 columns.
func columnWidth(o suite.Outcome, columns int) int {
	if columns > 6 {
		return max(len(o)+1, 7)
	}
	return max(len(o)+2, 8)
}

// alike are the IDs of the unverified cases that share a reason, where there are many: what holds for all of
// them is said once.
func alike(r *suite.Results) map[string][]string {
	const many = 4
	all := map[string][]string{}
	for _, c := range r.Cases {
		if c.Outcome == suite.Unverified {
			all[c.Reason] = append(all[c.Reason], c.ID)
		}
	}
	maps.DeleteFunc(all, func(_ string, ids []string) bool { return len(ids) < many })
	return all
}

// unverified are cases that could not be judged for the same reason; with --verbose each is shown by itself.
func (c *Console) unverified(ids []string, reason string) {
	const most = 5
	c.printf("\n%s\n", c.bold(c.paint(suite.Unverified, fmt.Sprintf("%s %s", strings.ToUpper(string(suite.Unverified)), count(len(ids), "case")))))
	c.say("Reason", reason)
	text := strings.Join(ids[:min(most, len(ids))], "\n")
	if n := len(ids) - most; n > 0 {
		text += fmt.Sprintf("\nand %d more, which the reports name", n)
	}
	c.say("Cases", text)
}

// failure is a case with everything that helps to understand it.
func (c *Console) failure(one suite.CaseResult) {
	c.printf("\n%s\n", c.bold(c.paint(one.Outcome, fmt.Sprintf("%s %s", strings.ToUpper(string(one.Outcome)), VisibleLine(one.ID)))+c.sgr("2", fmt.Sprintf(" (%s)", VisibleLine(string(one.Level))))))
	c.say("Rule", "the server "+one.Title)
	c.say("Source", strings.Trim(one.Source.Document+", "+one.Source.Section, ", "))
	c.whole("", one.Source.URL)
	c.say("Reason", one.Reason)
	c.say("Known", excused(one))
	c.say("Repeated", rates(one))
	c.say("Step", one.Step)
	sent, back := exchange(one.Trace)
	c.say("Sent", sent)
	c.say("Came back", back)
	if one.Expected != "" || one.Received != "" {
		c.say("Expected", one.Expected)
		c.say("Received", one.Received)
	} else {
		c.say("Message", one.Message)
	}
	c.whole("Checked at", one.Site)
	c.whole("Run alone", one.Rerun)
}

const labelWidth = 13

// say prints a labelled text, wrapped, of twelve lines at most.
func (c *Console) say(label, text string) {
	const most, lines = 1500, 12
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	text = wrap(Visible(clip(text, most)), c.width()-labelWidth, "")
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

// whole prints a text that one may want to copy in one line.
func (c *Console) whole(label, text string) {
	if text != "" {
		c.printf("  %s%s\n", c.sgr("2", fmt.Sprintf("%-*s", labelWidth-2, label)), VisibleLine(clip(text, 4000)))
	}
}

// exchange is the last thing that a case sent, and what came back since.
func exchange(trace wire.Trace) (sent, back string) {
	last := -1
	for i, e := range trace {
		if e.Direction == wire.Sent && e.Kind != "control" && !(e.Kind == "text" && e.Text == "3") {
			last = i
		}
	}
	if last < 0 {
		return "", ""
	}
	var answers []string
	for _, e := range trace[last+1:] {
		if e.Direction == wire.Received && e.Connection == trace[last].Connection || e.Kind == "close" && e.Connection == trace[last].Connection {
			answers = append(answers, short(e))
		}
		if len(answers) == 4 {
			break
		}
	}
	if len(answers) == 0 {
		answers = append(answers, "nothing on that connection")
	}
	return short(trace[last]), strings.Join(answers, "\n")
}

// short is an event in a few lines: of HTTP the first line and the body.
func short(e wire.Event) string {
	text := raw(e, 600)
	if e.Kind == "http" {
		head, body, _ := strings.Cut(text, "\n\n")
		text = strings.TrimSpace(firstLine(head) + "\n" + body)
	} else if words := Visible(clip(decode(e), 200)); words != "" && e.Direction != wire.Noted {
		text = words + "\n" + text
	}
	return strings.TrimSpace(text)
}

// wrap breaks lines that are longer than width between words, or inside of a word that is longer
// than a line. Continued lines begin with indent.
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

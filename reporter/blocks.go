package reporter

import (
	"fmt"
	"maps"
	"strings"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// mostSizes is how many texts a block has at most.
const mostSizes = 3

// block is a part of the summary: a cause, or a case that no cause explains.
type block struct {
	texts  []string // the longest last; the others replace it if there is less room
	causes int      // 0 if it is a case
	cases  int
}

// fitting returns the texts of as many blocks as fit into room, in lines. It uses the longest text of the first block if that
// fits, and then longer texts of all.
func (c *Console) fitting(blocks []block, room, most int) (all []string) {
	causes, used := 0, 0
	for _, b := range blocks {
		if b.causes > 0 {
			causes++
		}
		reserved := 0
		if len(all) < len(blocks)-1 {
			reserved = 3 // for the line about what is left out
		}
		if causes > most || used+lines(b.texts[0])+reserved > room && len(all) > 0 {
			break
		}
		used += lines(b.texts[0])
		all = append(all, b.texts[0])
	}
	left := c.beside(blocks[len(all):])
	used += lines(left)
	grow := func(i, size int) {
		if texts := blocks[i].texts; size < len(texts) {
			if more := lines(texts[size]) - lines(all[i]); more >= 0 && used+more <= room {
				all[i], used = texts[size], used+more
			}
		}
	}
	if len(all) > 0 {
		grow(0, mostSizes-1)
	}
	for size := 1; size < mostSizes; size++ {
		for i := range all {
			grow(i, size)
		}
	}
	return append(all, left)
}

// beside says how many blocks are not shown.
func (c *Console) beside(blocks []block) string {
	causes, ofCauses, others := 0, 0, 0
	for _, b := range blocks {
		causes += b.causes
		if b.causes > 0 {
			ofCauses += b.cases
		} else {
			others += b.cases
		}
	}
	text := besides(causes, ofCauses, others)
	if text == "" {
		return ""
	}
	return "\n" + wrap(text+": see the report, or give --verbose.", c.width(), "") + "\n"
}

// besides says how many causes and cases are not shown; empty if all are.
func besides(causes, ofCauses, others int) string {
	var parts []string
	if causes > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s", wording.Count(causes, "further cause"), wording.Count(ofCauses, "case")))
	}
	if others > 0 {
		parts = append(parts, wording.Count(others, "further case"))
	}
	return strings.Join(parts, " and ")
}

// blocks returns the parts of the summary, the most important first.
func (c *Console) blocks(r *result.Results) (all []block) {
	single := func(cases int, f func()) {
		text := c.rendered(f)
		all = append(all, block{texts: []string{text}, cases: cases})
	}
	for _, v := range wording.GoneTargets(r) {
		brief, full := c.rendered(func() { c.gone(v.Brief()) }), c.rendered(func() { c.gone(v) })
		all = append(all, block{texts: []string{brief, brief, full}})
	}
	views := wording.Causes(r)
	for _, v := range views {
		if v.Gates {
			all = append(all, c.cause(r, v))
		}
	}
	known := wording.Explained(r)
	together := alike(r, known)
	for _, o := range result.Outcomes {
		for _, one := range r.Cases {
			if one.Outcome != o || wording.Unreached(r, one) || known[one.ID] && c.Verbosity < 1 || len(one.Evidence) > 0 && wording.InCauses(o) {
				continue
			}
			if ids := together[one.Reason]; o == result.Unverified && len(ids) > 0 && c.Verbosity < 1 {
				if ids[0] == one.ID {
					single(len(ids), func() { c.unverified(ids, one.Reason) })
				}
				continue
			}
			switch {
			case r.Gates(one), (wording.Remarked(r, one) || o == result.Noted || o == result.Passed && len(one.History) > 1) && c.Verbosity > 0:
				brief, full := c.rendered(func() { c.inBrief(one, "", wording.Headline(one)) }), c.rendered(func() { c.failure(r, one) })
				all = append(all, block{cases: 1, texts: []string{brief, brief, full}})
			case wording.Remarked(r, one):
				single(1, func() { c.remark(r, one, "", wording.Headline(one)) })
			}
		}
	}
	for _, v := range views {
		if !v.Gates {
			all = append(all, c.cause(r, v))
		}
	}
	return all
}

// cause returns the block of a cause and of the causes that may be the same one.
func (c *Console) cause(r *result.Results, v wording.Cause) block {
	var b block
	b.causes, b.cases = v.Size()
	switch {
	case c.Verbosity > 0:
		b.texts = []string{c.rendered(func() {
			c.inFull(r, v, "of one cause")
			for _, other := range v.Alike {
				c.inFull(r, other, "of what may be the same cause")
			}
		})}
	case v.Gates:
		b.texts = []string{
			c.rendered(func() {
				c.heading(v.Best, v.Others()+v.Same())
				c.few("", v.Sentence, 2)
			}),
			c.rendered(func() {
				c.inBrief(v.Best, v.Others()+v.Same(), v.Sentence)
				c.few("Maybe", v.MaybeSame(), 1)
			}),
			c.rendered(func() {
				c.failureOf(r, v.Best, v.Others()+v.Same())
				c.say("Maybe", v.MaybeSame())
			}),
		}
	default:
		remark := c.rendered(func() { c.remark(r, v.Best, v.Others()+v.Same(), v.Sentence) })
		b.texts = []string{remark, remark + c.rendered(func() { c.say("Attempts", wording.Attempts(v.Best)) })}
	}
	return b
}

// inFull prints every case of a cause.
func (c *Console) inFull(r *result.Results, v wording.Cause, which string) {
	if n := len(v.Results); n > 1 {
		c.printf("\n%s\n", c.bold(wrap(wording.Visible(wording.Clip(fmt.Sprintf("%s %s. %s", wording.Count(n, "case"), which, v.Sentence), 1000)), c.width(), "  ")))
	}
	for _, one := range v.Results {
		c.failure(r, one)
	}
}

// heading prints the heading of a case in the summary, and what there is to say of other cases.
func (c *Console) heading(one result.CaseResult, others string) {
	head := fmt.Sprintf("%s %s", strings.ToUpper(string(one.Outcome)), wording.VisibleLine(one.ID))
	text := wrap(head+fmt.Sprintf(" (%s)", wording.VisibleLine(string(one.Level)))+others, c.width(), "  ")
	c.printf("\n%s\n", strings.Replace(text, head, c.bold(c.paint(one.Outcome, head)), 1))
}

// inBrief prints the essentials of a case, or of the cause that it shows best.
func (c *Console) inBrief(one result.CaseResult, others, sentence string) {
	c.heading(one, others)
	c.few("", sentence, 3)
	c.few("Rule", "the server "+one.Title, 1)
	c.whole("Run alone", one.Rerun)
}

// few prints at most that many lines of a text, after its label if it has one.
func (c *Console) few(label, text string, most int) {
	indent := ""
	if label != "" {
		indent = strings.Repeat(" ", labelWidth)
	}
	room := c.width() - max(len(indent), 2)
	text = wording.Visible(wording.OneLine(text, 2000))
	if text == "" {
		return
	}
	all := strings.Split(wrap(text, room, ""), "\n")
	if len(all) > most {
		all = all[:most]
		last := all[most-1]
		if runes := []rune(last); len(runes) > room-2 {
			last = string(runes[:room-2])
			if at := strings.LastIndexByte(last, ' '); at > len(last)/2 {
				last = last[:at]
			}
		}
		all[most-1] = last + " …"
	}
	for i, line := range all {
		switch {
		case label == "":
			c.printf("  %s\n", line)
		case i == 0:
			c.printf("  %s%s\n", c.sgr("2", fmt.Sprintf("%-*s", labelWidth-2, label)), line)
		default:
			c.printf("%s%s\n", indent, line)
		}
	}
}

// brief prints the first of several texts in at most that many lines; with --verbose it prints all of them.
func (c *Console) brief(label string, all []string, most int) {
	switch {
	case len(all) == 0:
	case c.Verbosity > 0:
		c.say(label, strings.Join(all, "\n"))
	default:
		c.few(label, all[0], most)
	}
}

// remark prints a case that does not gate, or a cause without a case that gates.
func (c *Console) remark(r *result.Results, one result.CaseResult, others, sentence string) {
	c.printf("\n%s\n", c.paint(one.Outcome, wrap(strings.ToLower(wording.Outcome(one.Outcome))+": "+wording.VisibleLine(one.ID)+wording.NotGating(r, one)+others, c.width(), "  ")))
	c.few("", sentence, 3)
}

// alike returns the IDs of unverified cases by their reason, if many cases share it: the reason is then printed once.
func alike(r *result.Results, explained map[string]bool) map[string][]string {
	const many = 4
	all := map[string][]string{}
	for _, c := range r.Cases {
		if c.Outcome == result.Unverified && !explained[c.ID] {
			all[c.Reason] = append(all[c.Reason], c.ID)
		}
	}
	maps.DeleteFunc(all, func(_ string, ids []string) bool { return len(ids) < many })
	return all
}

// gone prints in one block that a target went away.
func (c *Console) gone(v wording.GoneTarget) {
	c.printf("\n%s\n", c.bold(c.paint(result.Failed, wrap(v.Title, c.width(), "  "))))
	for _, line := range v.Lines()[1:] {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		if strings.HasPrefix(line, wording.DoctorCommand) { // to be copied in one line
			c.whole("", line)
			continue
		}
		c.printf("  %s\n", wrap(line, c.width()-2, "    "+indent))
	}
}

// unverified prints cases that could not be judged for the same reason. With --verbose each is printed by itself.
func (c *Console) unverified(ids []string, reason string) {
	const most = 5
	c.printf("\n%s\n", c.bold(c.paint(result.Unverified, fmt.Sprintf("%s %s", strings.ToUpper(string(result.Unverified)), wording.Count(len(ids), "case")))))
	c.say("Reason", reason)
	text := strings.Join(ids[:min(most, len(ids))], "\n")
	if n := len(ids) - most; n > 0 {
		text += fmt.Sprintf("\nand %d more, which the reports name", n)
	}
	c.say("Cases", text)
}

// failure prints a case with everything that helps to understand it.
func (c *Console) failure(r *result.Results, one result.CaseResult) { c.failureOf(r, one, "") }

// failureOf does the same, and prints what there is to say of other cases.
func (c *Console) failureOf(r *result.Results, one result.CaseResult, others string) {
	c.heading(one, others)
	c.say("Rule", "the server "+one.Title)
	c.say("Source", strings.Trim(one.Source.Document+", "+one.Source.Section, ", "))
	c.whole("", one.Source.URL)
	c.brief("It says", wording.Clauses(r, one), 2)
	c.say("Reason", one.Reason)
	c.say("Known", wording.KnownFailure(one))
	c.say("Repeated", wording.Rates(one))
	c.say("Attempts", wording.Attempts(one))
	first := wording.Decisive(one)
	c.say("Step", first.Step)
	sent, back := wording.Exchange(one.Trace, first)
	c.say("Sent", sent)
	c.say("Came back", back)
	if len(one.Evidence) > 0 {
		c.say("Expected", first.ExpectedWords())
		c.say("Received", first.ReceivedWords())
		c.say("Reference", wording.ReferenceAnswer(one))
		c.say("Also", wording.Also(one))
	}
	c.say("Message", one.Message)
	c.brief("Mistakes", wording.Mistakes(r, one), 1)
	c.whole("Checked at", first.Site)
	c.whole("By hand", wording.Curl(r, one))
	c.whole("Run alone", one.Rerun)
}

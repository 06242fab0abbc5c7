package html

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Bounds of the page, so that a run of 300 cases stays under five megabytes.
const (
	pageTexts    = 1000 << 10 // of what is said about the cases, as HTML
	caseText     = 16 << 10   // of one such text
	pageTraces   = 3300 << 10 // of all traces together, as HTML
	caseTrace    = 512 << 10  // of one case that did not pass
	targetTrace  = 64 << 10   // of a target's own trace
	eventText    = 4 << 10    // of the content of one event
	exampleTrace = 32 << 10   // of the same case at the reference, which at most ten cases have
	maxLanes     = 6          // beyond, connections share one column
)

// share gives the trace of each case its part of the page, in bytes: first the cases that did not pass, then the others, for
// which a third is reserved.
func share(r *result.Results) []int {
	parts := make([]int, len(r.Cases))
	var attention, rest []int
	for i, c := range r.Cases {
		for _, e := range c.Trace {
			parts[i] += cost(e, eventText)
		}
		if c.Outcome == result.Passed {
			rest = append(rest, i)
		} else {
			parts[i] = min(parts[i], caseTrace)
			attention = append(attention, i)
		}
	}
	others := 0
	for _, i := range rest {
		others += parts[i]
	}
	used := level(parts, attention, pageTraces-min(others, pageTraces/3))
	level(parts, rest, pageTraces-used)
	return parts
}

// level lowers the largest parts of a group until all fit. It returns their sum.
func level(parts, group []int, available int) (total int) {
	slices.SortFunc(group, func(a, b int) int { return parts[a] - parts[b] })
	for n, i := range group {
		parts[i] = min(parts[i], max(available-total, 0)/(len(group)-n))
		total += parts[i]
	}
	return total
}

// cost estimates how many bytes an event takes in the page if limit bytes of its content are shown.
func cost(e wire.Event, limit int) int {
	const row, words = 240, 150 // the markup, and the words for the packet
	c := e.Content()
	if c == nil {
		return row + escaped(wording.Truncate(wording.Happened(e), limit))
	}
	text := escaped(wording.Truncate(c.Text, limit))
	return row + text + min(text, words) + min(3*len(c.Bytes), limit)
}

// escaped estimates how long a text is in the page.
func escaped(s string) (n int) {
	for _, c := range s {
		switch {
		case c == '"' || c == '\'' || c == '<' || c == '>' || c == '&':
			n += 5
		case c >= ' ' && c < 0x7f:
			n++
		case unicode.IsLetter(c):
			n += 4
		default:
			n += 12
		}
	}
	return n
}

// bounded returns the beginning of a text, made visible, of about limit bytes in the page.
func bounded(s string, limit int) string {
	kept := wording.Truncate(s, limit)
	for len(kept) > 0 && escaped(kept) > limit {
		kept = wording.Truncate(kept, min(len(kept)-1, len(kept)*limit/escaped(kept)))
	}
	if left := len(s) - len(kept); left > 0 {
		return fmt.Sprintf("%s … (%d further bytes)", wording.Visible(kept), left)
	}
	return wording.Visible(kept)
}

// textLimit returns how long a text about a case may be, so that all have room.
func textLimit(r *result.Results) int {
	total := 0
	for _, c := range r.Cases {
		for _, text := range texts(c) {
			total += min(escaped(wording.Truncate(text, caseText)), caseText)
		}
	}
	if total <= pageTexts/2 {
		return caseText
	}
	return max(pageTexts/(6*len(r.Cases)), 200)
}

type traceView struct {
	Lanes  []laneView
	Folded bool // the connections share one column
	Rows   []rowView
	Wide   int // number of columns besides the time
	Of     string
	Says   string

	Diagram *diagramView // nil unless two instances take part
}

type laneView struct {
	Name, Instance string
	first, last    int
}

type rowView struct {
	At, Gap string
	Kind    string // "wire", "step", "timer", "note" or "cut"
	Cells   []cellView
	Words   string
	Raw     string
	Binary  bool
	Differs bool // from the example, as the first event
	seq     int
}

// mark marks the event with that number.
func (t *traceView) mark(seq int) {
	if t == nil || seq == 0 {
		return
	}
	for i := range t.Rows {
		t.Rows[i].Differs = t.Rows[i].seq == seq
	}
}

type cellView struct{ Class, Glyph, Says string }

type laneKey struct {
	connection string
	target     int
}

func newTrace(of string, trace wire.Trace, budget int, cluster bool) *traceView {
	if len(trace) == 0 {
		return nil
	}
	trace, limit, cut := fit(trace, budget)
	t := &traceView{Of: of}
	index := map[laneKey]int{}
	for i, e := range trace {
		if e.Connection == "" {
			continue
		}
		key := laneKey{e.Connection, e.Target}
		at, known := index[key]
		if !known {
			at = len(t.Lanes)
			index[key] = at
			lane := laneView{Name: wording.VisibleLine(wording.Clip(e.Connection, 40)), first: i}
			if cluster {
				lane.Instance = wording.Instance(e.Target)
			}
			t.Lanes = append(t.Lanes, lane)
		}
		t.Lanes[at].last = i
	}
	t.Says = fmt.Sprintf("%s on %s", wording.Count(len(trace), "event"), wording.Count(len(t.Lanes), "connection"))
	t.Folded = len(t.Lanes) > maxLanes
	columns := len(t.Lanes)
	if t.Folded {
		columns = 1
	}
	t.Wide = columns + 2
	before := 0.0
	for i, e := range trace {
		if cut.at == i && cut.left > 0 {
			t.Rows = append(t.Rows, rowView{Kind: "cut", Words: fmt.Sprintf("%s left out here; results.json holds them.", wording.Count(cut.left, "event"))})
		}
		row := t.row(i, e, limit, index)
		if gap := e.At - before; gap >= 50 && i > 0 {
			row.Gap = "+" + wording.Milliseconds(gap)
		}
		before = e.At
		t.Rows = append(t.Rows, row)
	}
	if cut.left > 0 && cut.at == len(trace) {
		t.Rows = append(t.Rows, rowView{Kind: "cut", Words: fmt.Sprintf("%s left out; results.json holds them.", wording.Count(cut.left, "event"))})
	}
	return t
}

func (t *traceView) row(i int, e wire.Event, limit int, index map[laneKey]int) rowView {
	row := rowView{seq: e.Seq, At: fmt.Sprintf("%.1f", e.At), Kind: "wire", Raw: strings.TrimRight(wording.RawContent(e, limit), "\n")}
	if c := e.Content(); c == nil {
		row.Words = wording.VisibleClip(wording.Happened(e), limit)
	} else {
		row.Words, row.Binary = wording.Visible(wording.Clip(wording.Decode(e), 1000)), len(c.Bytes) > 0
	}
	if e.Record != nil {
		row.Words = wording.EventLabel(e)
	}
	if e.Connection == "" {
		switch {
		case e.Step != nil:
			row.Kind = "step"
		case e.Timer != nil:
			row.Kind = "timer"
		default:
			row.Kind = "note"
		}
		return row
	}
	own := index[laneKey{e.Connection, e.Target}]
	cell := cellView{Class: "on", Glyph: "→", Says: "sent"}
	switch {
	case e.Direction() == wire.Received:
		cell.Class, cell.Glyph, cell.Says = "in", "←", "received"
	case e.Closed != nil, e.NotOpened != nil:
		cell.Class, cell.Glyph, cell.Says = "at", "■", "closed"
	case e.Content() == nil:
		cell.Class, cell.Glyph, cell.Says = "at", "●", "opened"
	}
	if t.Folded {
		lane := t.Lanes[own]
		cell.Says += " on " + lane.Name
		if lane.Instance != "" {
			cell.Says += " of " + lane.Instance
		}
		row.Cells = []cellView{cell}
		return row
	}
	for n, lane := range t.Lanes {
		switch {
		case n == own:
			row.Cells = append(row.Cells, cell)
		case lane.first <= i && i <= lane.last:
			row.Cells = append(row.Cells, cellView{Class: "up"})
		default:
			row.Cells = append(row.Cells, cellView{})
		}
	}
	return row
}

// cut says where events were left out, and how many.
type cut struct{ at, left int }

// fit makes a trace fit the budget. It first shortens the contents of the events, and then leaves out events from the middle:
// the beginning says what was asked, the end what came of it.
func fit(trace wire.Trace, budget int) (kept wire.Trace, limit int, left cut) {
	costs := make([]int, len(trace))
	for limit = eventText; ; limit /= 4 {
		total := 0
		for i, e := range trace {
			costs[i] = cost(e, limit)
			total += costs[i]
		}
		if total <= budget {
			return trace, limit, cut{}
		}
		if limit <= 256 {
			break
		}
	}
	i, j, used := 0, len(trace), 0
	for i < j && used+costs[i] <= budget*2/3 {
		used += costs[i]
		i++
	}
	for j > i && used+costs[j-1] <= budget {
		j--
		used += costs[j]
	}
	return slices.Concat(trace[:i], trace[j:]), limit, cut{i, j - i}
}

// texts of a case: each of them may be long.
func texts(c result.CaseResult) []string {
	all := []string{c.Reason, c.Message}
	for _, f := range c.Evidence {
		all = append(all, f.Words(), f.Step)
	}
	return all
}

package reporter

import (
	"regexp"
	"strings"
	"time"

	"github.com/sergi/go-diff/diffmatchpatch"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

// caseView is a case as its page shows it: every text is harmless and bounded.
type caseView struct {
	ID, Title, Area string
	Anchor          string
	Href            string
	Level           suite.Level
	Outcome         suite.Outcome
	Gates, Open     bool
	Since           string
	Source          suite.Source

	Why                                    string // in the folded row, of what could not be judged
	Reason, Lead, Step, Expected, Received string
	Difference                             []fragment
	Steps                                  []stepView
	Rerun, Site                            string
	Attempts                               int
	Known, Rates                           string
	Faults                                 []string
	Trace                                  *traceView
	Shown                                  bool // the trace stands open

	Ran                 bool
	Start, Duration     string
	X, W                string // on the run's time line, in percent
	startMs, durationMs float64
}

type stepView struct {
	At     string
	Text   string
	Broken bool
}

// fragment is a part of a difference: "same", "expected" (and missing), or "received" (and not expected).
type fragment struct{ Kind, Text string }

// shownRows is up to how long the trace of a case that gates stands open: what a reader takes in at a glance.
const shownRows = 40

func newCases(r *suite.Results) []*caseView {
	total := span(r)
	traces := share(r)
	most := textLimit(r)
	var all []*caseView
	for i, c := range r.Cases {
		v := newCase(r, c, i, most)
		if !c.StartedAt.IsZero() {
			v.Ran = true
			v.startMs, v.durationMs = startMs(r, c), c.DurationMs
			v.Start, v.Duration = milliseconds(v.startMs), milliseconds(c.DurationMs)
			v.X, v.W = decimal(100*v.startMs/total)+"%", decimal(max(100*c.DurationMs/total, 0.15))+"%"
		}
		v.Trace = newTrace(v.ID, c.Trace, traces[i], len(r.Targets) > 1)
		v.Shown = v.Open && v.Trace != nil && len(v.Trace.Rows) <= shownRows
		all = append(all, v)
	}
	return all
}

func newCase(r *suite.Results, c suite.CaseResult, index, most int) *caseView {
	at := anchor(c.ID, index)
	v := &caseView{
		ID: VisibleLine(clip(c.ID, 200)), Title: VisibleLine(clip(c.Title, 500)), Area: VisibleLine(clip(c.Area, 60)),
		Anchor: at, Href: "#" + at,
		Level: c.Level, Outcome: c.Outcome, Gates: r.Gates(c), Since: VisibleLine(clip(c.Since, 20)),
		Source: suite.Source{Document: VisibleLine(clip(c.Source.Document, 200)), Section: VisibleLine(clip(c.Source.Section, 200)), URL: clipEnd(c.Source.URL, 1000)},
		Reason: bounded(c.Reason, most), Step: bounded(c.Step, most),
		Expected: bounded(c.Expected, most), Received: bounded(c.Received, most),
		Rerun: VisibleLine(clip(c.Rerun, 4000)), Site: VisibleLine(clip(c.Site, 200)), Attempts: c.Attempts, Known: VisibleLine(clip(excused(c), 1000)), Rates: rates(c), Faults: shown(c.Faults),
	}
	switch c.Outcome {
	case suite.Inapplicable, suite.Unverified:
		v.Why = VisibleLine(oneLine(c.Reason, 160))
	}
	v.Open = r.Gates(c)
	v.Lead = bounded(lead(c), most)
	if len(c.Expected)+len(c.Received) <= most {
		v.Difference = difference(c.Expected, c.Received)
	}
	step, broken := strings.TrimSpace(c.Step), 0
	for _, e := range c.Trace {
		if e.Kind == "step" && e.Direction == wire.Noted && len(v.Steps) < 40 {
			v.Steps = append(v.Steps, stepView{At: milliseconds(e.At), Text: Visible(clip(e.Text, 500))})
			if step != "" && strings.TrimSpace(e.Text) == step {
				broken = len(v.Steps)
			}
		}
	}
	if broken > 0 {
		v.Steps[broken-1].Broken = true
	}
	return v
}

// lead is what the message says beside expected and received.
func lead(c suite.CaseResult) string {
	if c.Expected == "" && c.Received == "" {
		return c.Message
	}
	before, _, found := strings.Cut("\n"+c.Message, "\nExpected\n")
	if !found {
		return c.Message
	}
	return strings.TrimSpace(before)
}

var relation = regexp.MustCompile(`^to (equal|match JSON of|be equivalent to|be identical to|be ==|be the packet|be the payload|have the JSON value)\s`)

// difference compares what was expected with what came, where both are values of one kind that
// have enough in common for a difference to help.
func difference(expected, received string) []fragment {
	const most = 2000
	at := relation.FindStringIndex(expected)
	if at == nil || len(expected) > most || len(received) > most {
		return nil
	}
	value, _, _ := strings.Cut(expected[at[1]:], "\nbut ") // what a matcher adds about the difference
	a := Visible(strings.TrimSpace(value))
	b := Visible(strings.TrimSpace(received))
	compare := diffmatchpatch.New()
	compare.DiffTimeout = 5 * time.Second // far beyond what texts of this length need
	parts := compare.DiffCleanupSemantic(compare.DiffMain(a, b, false))
	var all []fragment
	same := 0
	for _, p := range parts {
		switch p.Type {
		case diffmatchpatch.DiffEqual:
			same += len(p.Text)
			all = append(all, fragment{"same", p.Text})
		case diffmatchpatch.DiffDelete:
			all = append(all, fragment{"expected", p.Text})
		default:
			all = append(all, fragment{"received", p.Text})
		}
	}
	if a == b || same*3 < max(len(a), len(b)) {
		return nil
	}
	return all
}

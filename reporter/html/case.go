package html

import (
	"strings"
	"time"

	"github.com/sergi/go-diff/diffmatchpatch"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// caseView is a case as the page shows it: every text is harmless and bounded.
type caseView struct {
	ID, Title, Area string
	Anchor          string
	Href            string
	Level           result.Level
	Outcome         result.Outcome
	Gates, Open     bool
	Newer           bool // than the requirement set
	Since           string
	Source          result.Source

	Why                                    string // in the folded row of a case that could not be judged
	Reason, Lead, Step, Expected, Received string
	Difference                             []fragment
	Steps                                  []stepView
	Rerun, Site, ByHand                    string
	Answer                                 string // of the reference server, at the first difference of the two exchanges
	Attempts                               int
	History                                []attemptView
	Known, Rates                           string
	Rules                                  []string
	Clauses, Mistakes                      []string // what the documents say of the rules, and what servers get wrong
	Witness                                string   // what the outcome rests on
	Trace                                  *traceView
	Shown                                  bool // the trace is unfolded
	Example                                *traceView

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

// witnesses says in words what an outcome rests on.
var witnesses = map[result.Witness]string{
	result.OnWire: "the wire", result.OnBoth: "two witnesses: the records, and the wire beside them",
	result.OnWord: "the application's word alone",
}

// shownRows is how many rows an unfolded trace of a case that gates may have: what a reader takes in at a glance.
const shownRows = 40

func newCases(r *result.Results) []*caseView {
	total := span(r)
	traces := share(r)
	most := textLimit(r)
	gating, drawn := 0, 0
	for _, c := range r.Cases {
		if r.Gates(c) && !wording.Unreached(r, c) {
			gating++
		}
	}
	var all []*caseView
	for i, c := range r.Cases {
		v := newCase(r, c, i, most)
		v.Open = v.Open && gating <= mostOpen
		if !c.StartedAt.IsZero() {
			v.Ran = true
			v.startMs, v.durationMs = startMs(r, c), c.DurationMs
			v.Start, v.Duration = wording.Milliseconds(v.startMs), wording.Milliseconds(c.DurationMs)
			v.X, v.W = decimal(100*v.startMs/total)+"%", decimal(max(100*c.DurationMs/total, 0.15))+"%"
		}
		v.Trace = newTrace(v.ID, c.Trace, traces[i], len(r.Targets) > 1)
		v.Example = newTrace("the example for "+v.ID, c.Example, exampleTrace, len(r.Targets) > 1)
		if v.Example != nil {
			ours, theirs := wording.FirstDifference(c.Trace, c.Example, wording.Decisive(c))
			v.Trace.mark(ours)
			v.Example.mark(theirs)
		}
		if drawn < mostDiagrams && c.Outcome != result.Passed && v.Trace != nil {
			if v.Trace.Diagram = newDiagram(c.Trace); v.Trace.Diagram != nil {
				drawn++
			}
		}
		v.History = newAttempts(c, len(r.Targets) > 1)
		v.Shown = v.Open && v.Trace != nil && len(v.Trace.Rows) <= shownRows
		all = append(all, v)
	}
	return all
}

func newCase(r *result.Results, c result.CaseResult, index, most int) *caseView {
	at, first := anchor(c.ID, index), wording.Decisive(c)
	v := &caseView{
		ID: wording.VisibleLine(wording.Clip(c.ID, 200)), Title: wording.VisibleLine(wording.Clip(c.Title, 500)), Area: wording.VisibleLine(wording.Clip(c.Area, 60)),
		Anchor: at, Href: "#" + at,
		Level: c.Level, Outcome: c.Outcome, Gates: r.Gates(c), Since: wording.VisibleLine(wording.Clip(c.Since, 20)),
		Source: result.Source{Document: wording.VisibleLine(wording.Clip(c.Source.Document, 200)), Section: wording.VisibleLine(wording.Clip(c.Source.Section, 200)), URL: wording.Truncate(c.Source.URL, 1000)},
		Reason: bounded(c.Reason, most), Step: bounded(first.Step, most),
		Rerun: wording.VisibleLine(wording.Clip(c.Rerun, 4000)), ByHand: wording.VisibleLine(wording.Clip(wording.Curl(r, c), 4000)), Site: wording.VisibleLine(wording.Clip(first.Site, 200)), Attempts: c.Attempts, Known: wording.VisibleLine(wording.Clip(wording.KnownFailure(c), 1000)), Newer: c.Newer, Rates: wording.Rates(c), Rules: shown(c.Rules),
		Witness: witnesses[c.Witness], Answer: bounded(wording.ReferenceAnswer(c), most),
	}
	switch c.Outcome {
	case result.Inapplicable, result.Unverified:
		v.Why = wording.VisibleLine(wording.OneLine(c.Reason, 160))
	}
	v.Clauses, v.Mistakes = wording.Clauses(r, c), wording.Mistakes(r, c)
	v.Open = r.Gates(c) && !wording.Unreached(r, c)
	v.Lead = bounded(c.Message, most)
	if len(c.Evidence) > 0 {
		v.Lead = bounded(strings.TrimSpace(wording.Also(c)+"\n"+c.Message), most)
		v.Expected, v.Received = bounded(first.ExpectedWords(), most), bounded(first.ReceivedWords(), most)
		v.Difference = difference(first)
	}
	for _, e := range c.Trace {
		if e.Step != nil && len(v.Steps) < 40 {
			v.Steps = append(v.Steps, stepView{At: wording.Milliseconds(e.At), Text: wording.Visible(wording.Clip(e.Step.Text, 500)), Broken: e.Seq == first.StepSeq})
		}
	}
	return v
}

// difference compares what was expected with what came, if both are values of one kind that have enough in common for a
// difference to help.
func difference(f result.Failure) []fragment {
	const most = 2000
	same := f.Expected.Relation == result.Equals || f.Expected.Relation == result.IsPacket || f.Expected.Relation == result.HasJSON
	if !same || f.Expected.Not || f.Expected.Value == nil || len(f.Expected.Value.Text) > most || len(f.Received.Text) > most {
		return nil
	}
	a, b := wording.Visible(strings.TrimSpace(f.Expected.Value.Text)), wording.Visible(strings.TrimSpace(f.Received.Text))
	compare := diffmatchpatch.New()
	compare.DiffTimeout = 5 * time.Second // far beyond what texts of this length need
	parts := compare.DiffCleanupSemantic(compare.DiffMain(a, b, false))
	var all []fragment
	common := 0
	for _, p := range parts {
		switch p.Type {
		case diffmatchpatch.DiffEqual:
			common += len(p.Text)
			all = append(all, fragment{"same", p.Text})
		case diffmatchpatch.DiffDelete:
			all = append(all, fragment{"expected", p.Text})
		default:
			all = append(all, fragment{"received", p.Text})
		}
	}
	if a == b || common*3 < max(len(a), len(b)) {
		return nil
	}
	return all
}

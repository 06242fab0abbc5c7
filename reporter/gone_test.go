package reporter_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/html"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// deserted returns a run of n cases whose target went away: nearly all are unverified because of it.
func deserted(n int) *result.Results {
	r := sample.Run(n)
	d := result.Departure{Target: 1, How: "target 2 refused all connections for 2 s", From: sample.Began.Add(time.Second)}
	for i := range r.Cases {
		c := &r.Cases[i]
		if i < 2 {
			c.Outcome, c.Evidence, c.Message = result.Passed, nil, ""
			continue
		}
		c.Outcome, c.Evidence, c.Message, c.Level = result.Unverified, nil, "", result.Required
		c.Reason = "the target was gone: " + d.How
		c.Because = &result.Because{Cause: result.CauseTargetGone, Target: 1}
		if i < 12 {
			d.Suspects = append(d.Suspects, result.Suspect{Case: c.ID, Last: sample.HTTPTrace(i)[2:3]})
		}
	}
	r.Gone = []result.Departure{d}
	r.Count()
	r.Judge()
	r.FindCauses()
	return r
}

// TestReportsSayOnceThatATargetWentAway expects one block in each report, with what to do, and no cases beside it.
func TestReportsSayOnceThatATargetWentAway(t *testing.T) {
	t.Parallel()
	r := deserted(300)
	first := r.Gone[0].Suspects[0].Case
	for name, text := range map[string]string{
		"console":  onConsole(r, 0),
		"verbose":  onConsole(r, 1),
		"JUnit":    sample.Written(t, func(b *bytes.Buffer) error { return reporter.JUnit(b, r) }),
		"HTML":     sample.Written(t, func(b *bytes.Buffer) error { return html.Report(b, r) }),
		"log":      sample.Written(t, func(b *bytes.Buffer) error { return reporter.GitHub(b, nil, r) }),
		"Markdown": sample.Written(t, func(b *bytes.Buffer) error { return reporter.GitHub(nil, b, r) }),
	} {
		plain := strings.NewReplacer("\\", "", "%25", "%", "&#39;", "'", "\n    ", " ").Replace(text)
		for _, want := range []string{
			"target 2 refused all connections for 2 s", first, "GET /socket.io/?EIO=4", "298 cases could not be judged because of it",
			"10 cases were under way", "and 5 more", "conformance doctor http://localhost:3001/socket.io/", "--start-cmd COMMAND", "did not come back",
		} {
			if !strings.Contains(strings.ReplaceAll(plain, "&amp;", "&"), want) {
				t.Errorf("%s does not say %q:\n%.2500s", name, want, text)
			}
		}
		if n := strings.Count(plain, "298 cases could not be judged because of it"); n != 1 {
			t.Errorf("%s says it %d times", name, n)
		}
	}
	if lines := strings.Count(onConsole(r, 0), "\n"); lines > 60 {
		t.Errorf("the console has %d lines", lines)
	}
	if log := sample.Written(t, func(b *bytes.Buffer) error { return reporter.GitHub(b, nil, r) }); strings.Count(log, "::error") != 1 {
		t.Errorf("not one annotation:\n%s", log)
	}
	junit := sample.Written(t, func(b *bytes.Buffer) error { return reporter.JUnit(b, r) })
	if strings.Count(junit, "<error") != 1 || strings.Count(junit, "<failure") != 0 || strings.Count(junit, "<skipped ") < 298 {
		t.Errorf("JUnit has %d errors, %d skipped", strings.Count(junit, "<error"), strings.Count(junit, "<skipped "))
	}
	page := sample.Written(t, func(b *bytes.Buffer) error { return html.Report(b, r) })
	if n := strings.Count(page, `class="case unverified" data-outcome="unverified" data-level="required"`); n != 298 || strings.Contains(page, `" open>`) {
		t.Errorf("of %d cases some are open", n)
	}
	if err := validate(t, compiled(t, reporter.ResultsSchema), resultsJSON(t, r)); err != nil {
		t.Error(err)
	}
	if !strings.Contains(r.Summary, "went away in the middle of the run") {
		t.Error(r.Summary)
	}
}

func TestReportsSayWhatBecameOfATargetThatWentAway(t *testing.T) {
	t.Parallel()
	until := sample.Began.Add(4 * time.Second)
	for want, d := range map[string]result.Departure{
		"It came back by itself after 4.00 s.":              {Until: until},
		"It was started again, and was back after 4.00 s.":  {Until: until, Started: true},
		"It could not be started again: exit status 3.":     {Error: "exit status 3"},
		"Only errors/a was under way":                       {Until: until, Started: true, Alone: true, Suspects: []result.Suspect{{Case: "errors/a"}}},
		"the target went away: ⟨ESC⟩[31m&lt;b&gt;":          {How: "\x1b[31m<b>"},
		"It did not come back, and the run ended.":          {Target: 7},
		"The target went away: no connection carried a bit": {How: "no connection carried a bit", Suspects: []result.Suspect{{Case: "errors/a", Last: wire.Trace{{Seq: 1, Lost: &wire.Lost{Events: 1}}}}}},
	} {
		r := sample.Run(3)
		d.From = sample.Began
		r.Gone = []result.Departure{d}
		page := sample.Written(t, func(b *bytes.Buffer) error { return html.Report(b, r) })
		if !strings.Contains(strings.ToLower(page), strings.ToLower(want)) {
			t.Errorf("the page does not say %q", want)
		}
	}
	r := sample.Run(3)
	for i := range 30 {
		r.Gone = append(r.Gone, result.Departure{How: fmt.Sprintf("for the time %d", i), From: sample.Began, Until: until})
	}
	if text := onConsole(r, 0); !strings.Contains(text, "24 times more") || strings.Contains(text, "for the time 6") {
		t.Errorf("not bounded:\n%s", text)
	}
}

// onConsole returns what a console of 80 columns prints at the end of a run.
func onConsole(r *result.Results, verbosity int) string {
	var b bytes.Buffer
	(&reporter.Console{Out: &b, Verbosity: verbosity}).Finish(r, nil)
	return b.String()
}

// What was seen broken before the target went away is shown, too.
func TestConsoleShowsCausesBesideATargetThatWentAway(t *testing.T) {
	t.Parallel()
	r := sample.ManyCauses(300, 20)
	r.Gone = deserted(20).Gone
	r.Notices = []string{strings.Repeat("Something that fills the console. ", 120)}
	text := onConsole(r, 0)
	if !strings.Contains(text, "The target went away") || strings.Count(text, "\nFAILED") < 2 {
		t.Errorf("the causes are not shown:\n%s", text)
	}
	if lines := strings.Count(text, "\n"); lines > 110 { // the notice alone has more than forty
		t.Errorf("the console has %d lines", lines)
	}
}

package reporter_test

import (
	"bytes"
	"strings"
	"testing"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/html"
	"example.test/conformance/suite/result"
)

// Each report shows what a case newer than the requirement set saw, says that it is newer, and does not count it as a failure.
func TestNewerCasesAreShown(t *testing.T) {
	t.Parallel()
	r := &result.Results{Schema: result.Schema, Edition: "4.8", Profile: result.ProfileWire, Requirements: "1.0.0", Targets: []result.TargetResult{{URL: "http://a.example"}}}
	for _, c := range []result.CaseResult{
		{ID: "events/older", Outcome: result.Passed},
		{ID: "events/recent", Outcome: result.Failed, Newer: true},
		{ID: "events/unseen", Outcome: result.Unverified, Newer: true, Reason: "it could not be seen"},
	} {
		c.Title, c.Area, c.Level, c.Since, c.Message = "answers", "events", result.Required, "4.1", ""
		r.Cases = append(r.Cases, c)
	}
	r.Count()
	r.Judge()
	r.FindCauses()
	if r.ExitCode != 0 {
		t.Fatalf("exit code %d: %s", r.ExitCode, r.Summary)
	}
	var console, junit, log, summary, page bytes.Buffer
	(&reporter.Console{Out: &console, Width: 200}).Finish(r, nil)
	for name, err := range map[string]error{
		"JUnit": reporter.JUnit(&junit, r), "GitHub": reporter.GitHub(&log, &summary, r), "HTML": html.Report(&page, r),
	} {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{"console": console.String(), "JUnit": junit.String(), "GitHub's log": log.String(), "Markdown": summary.String(), "HTML": page.String()} {
		for _, want := range []string{"events/recent", "events/unseen", "requirement set 1.0.0", "newer than"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", name, want, text)
			}
		}
		for _, not := range []string{"<failure", "<error", "::error"} {
			if strings.Contains(text, not) {
				t.Errorf("%s holds %q", name, not)
			}
		}
	}
	if !strings.Contains(junit.String(), `tests="3" failures="0" errors="0" skipped="2"`) {
		t.Errorf("JUnit counts otherwise:\n%s", junit.String())
	}
	if !strings.Contains(log.String(), "::warning title=events/recent (failed)::") {
		t.Errorf("GitHub's log: %s", log.String())
	}
}

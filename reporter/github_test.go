package reporter_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
)

func github(t *testing.T, r *result.Results) (log, summary string) {
	t.Helper()
	var a, b bytes.Buffer
	if err := reporter.GitHub(&a, &b, r); err != nil {
		t.Fatal(err)
	}
	return a.String(), b.String()
}

func TestGitHubGolden(t *testing.T) {
	t.Parallel()
	log, summary := github(t, sample.Run(18))
	golden(t, "annotations.txt", []byte(log))
	golden(t, "summary.md", []byte(summary))
}

func TestGitHubAnnotations(t *testing.T) {
	t.Parallel()
	for _, r := range []*result.Results{sample.Run(18), sample.Run(300), sample.Hostile()} {
		log, summary := github(t, r)
		kinds := map[string]int{}
		for line := range strings.Lines(log) {
			kind, _, _ := strings.Cut(strings.TrimPrefix(line, "::"), " title=")
			kinds[kind]++
			if strings.Count(line, "\n") != 1 || strings.ContainsAny(line, "\r\x00") {
				t.Errorf("it is no line: %q", line)
			}
		}
		if kinds["error"] == 0 || kinds["error"] > 10 || kinds["warning"] > 10 || kinds["notice"] != 1 || len(kinds) > 3 {
			t.Errorf("the commands are %v", kinds)
		}
		checkMarkdown(t, summary)
		if len(summary) > 1<<20 {
			t.Errorf("the summary has %d bytes", len(summary))
		}
		for _, one := range r.Causes[:1] {
			if !strings.Contains(summary, one.Witness) || !strings.Contains(log, one.Witness) {
				t.Errorf("summary or annotations lack the first cause, of %s", one.Witness)
			}
		}
	}
	if log, _ := github(t, &result.Results{Verdict: result.Unreachable, ExitCode: 3, Summary: "No server"}); !strings.Contains(log, "::error title=unreachable::No server\n") {
		t.Errorf("an unreachable target is annotated as %q", log)
	}
}

// However many cases failed, at most ten causes are shown, with the first of their cases by name. The others are counted.
func TestGitHubTellsOfCauses(t *testing.T) {
	t.Parallel()
	for _, causes := range []int{1, 3, 40} {
		r := sample.ManyCauses(200, causes)
		log, summary := github(t, r)
		if n := strings.Count(summary, "\n### "); n != min(len(r.Causes), 10) {
			t.Errorf("the summary has %d of %d causes", n, len(r.Causes))
		}
		if n := strings.Count(log, "::error "); n != min(len(r.Causes), 10) {
			t.Errorf("%d annotations for %d causes", n, len(r.Causes))
		}
		if left := len(r.Causes) - 10; left > 0 && (!strings.Contains(summary, fmt.Sprintf("%d further causes of ", left)) || !strings.Contains(log, fmt.Sprintf("%d further causes of ", left+1))) {
			t.Errorf("the %d causes that are left out are not counted", left)
		}
		if other := r.Causes[0].Cases[1]; !strings.Contains(summary, other) || !strings.Contains(log, other) {
			t.Errorf("another case of the first cause is not named: %s", other)
		}
		checkMarkdown(t, summary)
	}
}

func TestConsoleGivesNoCommandsToTheJob(t *testing.T) {
	t.Parallel()
	r := sample.Hostile()
	for i := range r.Cases {
		r.Cases[i].Message = "::error::z"
		r.Cases[i].Evidence = []result.Failure{{
			Subject: "\n ::stop-commands::x\n##[group]y\n", Received: result.Value{Form: result.Text, Text: "##vso[task.setvariable variable=x]y"},
		}}
	}
	for _, color := range []bool{false, true} {
		for line := range strings.Lines(escapes.ReplaceAllString(finished(&reporter.Console{Verbosity: 1, Color: color}, r), "")) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
				t.Errorf("a command is in the log: %q", line)
			}
		}
	}
}

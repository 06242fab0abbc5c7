package reporter_test

import (
	"bytes"
	"strings"
	"testing"

	"example.test/conformance/reporter"
	"example.test/conformance/suite"
)

func github(t *testing.T, r *suite.Results) (log, summary string) {
	t.Helper()
	var a, b bytes.Buffer
	if err := reporter.GitHub(&a, &b, r); err != nil {
		t.Fatal(err)
	}
	return a.String(), b.String()
}

func TestGitHubGolden(t *testing.T) {
	log, summary := github(t, sample(18))
	golden(t, "annotations.txt", []byte(log))
	golden(t, "summary.md", []byte(summary))
}

func TestGitHubAnnotations(t *testing.T) {
	for _, r := range []*suite.Results{sample(18), sample(300), hostile()} {
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
		for _, c := range r.Cases {
			if r.Gates(c) && !strings.Contains(summary, c.ID) {
				t.Errorf("the summary lacks %s", c.ID)
			}
		}
	}
	if log, _ := github(t, &suite.Results{Verdict: suite.Unreachable, ExitCode: 3, Summary: "No server"}); !strings.Contains(log, "::error title=unreachable::No server\n") {
		t.Errorf("an unreachable target is annotated as %q", log)
	}
}

func TestConsoleGivesNoCommandsToTheJob(t *testing.T) {
	r := hostile()
	for i := range r.Cases {
		r.Cases[i].Expected, r.Cases[i].Message = "\n ::stop-commands::x\n##[group]y\n", "::error::z"
		r.Cases[i].Received = "##vso[task.setvariable variable=x]y"
	}
	for _, color := range []bool{false, true} {
		for line := range strings.Lines(escapes.ReplaceAllString(finished(&reporter.Console{Verbosity: 1, Color: color}, r), "")) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "##vso[") {
				t.Errorf("a command is in the log: %q", line)
			}
		}
	}
}

package reporter_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/compare"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
)

func TestComparisonRenderings(t *testing.T) {
	t.Parallel()
	c := sample.Compared(t, sample.Green(12, map[int]result.Outcome{1: result.Failed}), sample.Green(12, map[int]result.Outcome{0: result.Failed}))
	golden(t, "comparison.md", []byte(sample.Written(t, func(b *bytes.Buffer) error { return reporter.ComparisonMarkdown(b, c) })))
	var back compare.Comparison
	if err := json.Unmarshal([]byte(sample.Written(t, func(b *bytes.Buffer) error { return reporter.ComparisonJSON(b, c) })), &back); err != nil || !back.Regression || len(back.Cases) != 12 || back.Schema != compare.Schema {
		t.Errorf("the JSON reads as %v, %v", back, err)
	}
}

func TestComparisonMarkdownOfHostileTargets(t *testing.T) {
	t.Parallel()
	c := sample.HostileComparison(t)
	checkMarkdown(t, sample.Written(t, func(b *bytes.Buffer) error { return reporter.ComparisonMarkdown(b, c) }))
}

// checkMarkdown finds markup that came from a target: outside code, none of it may have an effect.
func checkMarkdown(t *testing.T, got string) {
	t.Helper()
	fence := ""
	for line := range strings.Lines(got) {
		line = strings.TrimRight(line, "\n")
		if fence != "" {
			if line == fence {
				fence = ""
			}
			continue
		}
		if strings.HasPrefix(line, "```") {
			fence = strings.TrimSuffix(line, "text")
			continue
		}
		outside := withoutCode(line)
		for _, bad := range []string{"<script", "<img", "</pre>", "[x](", "]]>", "\x00", "\u202e", "::error"} {
			if strings.Contains(outside, bad) {
				t.Errorf("%q acts in %q", bad, outside)
			}
		}
	}
	if fence != "" {
		t.Error("a block of code is not closed")
	}
}

// withoutCode drops code spans: the text between two equal rows of backticks.
func withoutCode(line string) string {
	var out strings.Builder
	for line != "" {
		if strings.HasPrefix(line, "\\") && len(line) > 1 {
			out.WriteString("\\" + line[1:2])
			line = line[2:]
			continue
		}
		n := len(line) - len(strings.TrimLeft(line, "`"))
		if n == 0 {
			out.WriteByte(line[0])
			line = line[1:]
			continue
		}
		row := line[:n]
		line = line[n:]
		for at := 0; at < len(line); {
			i := strings.IndexByte(line[at:], '`')
			if i < 0 {
				break
			}
			at += i
			m := len(line[at:]) - len(strings.TrimLeft(line[at:], "`"))
			if m == len(row) {
				line = line[at+m:]
				break
			}
			at += m
		}
	}
	return out.String()
}

package reporter_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"example.test/conformance/reporter"
	"example.test/conformance/suite"
)

// changed is a copy of a run in which some cases have another outcome.
func changed(r *suite.Results, outcomes map[int]suite.Outcome) *suite.Results {
	after := *r
	after.Cases = slices.Clone(r.Cases)
	for i, o := range outcomes {
		after.Cases[i].Outcome = o
	}
	after.Count()
	after.Judge()
	return &after
}

// green is a run that passed, but for what the outcomes say.
func green(n int, outcomes map[int]suite.Outcome) *suite.Results {
	r := sample(n)
	for i := range r.Cases {
		r.Cases[i].Outcome, r.Cases[i].Level = suite.Passed, suite.Required
	}
	return changed(r, outcomes)
}

func compared(t *testing.T, all ...*suite.Results) *reporter.Comparison {
	t.Helper()
	c, err := reporter.Compare(all)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompareFindsRegressions(t *testing.T) {
	recommended := func(r *suite.Results) *suite.Results {
		r.Cases[0].Level = suite.Recommended
		return changed(r, nil)
	}
	other := green(10, map[int]suite.Outcome{0: suite.Failed})
	for i := range other.Targets {
		info := *other.Targets[i].Info
		info.Implementation.Name = "another"
		other.Targets[i].Info = &info
	}
	narrower := green(10, map[int]suite.Outcome{0: suite.Inapplicable})
	narrower.Profile = suite.ProfileWire
	unreachable := &suite.Results{Targets: green(1, nil).Targets, Verdict: suite.Unreachable, ExitCode: 3}
	for name, test := range map[string]struct {
		before, after  *suite.Results
		regression     bool
		worse, better  int
		implementation bool
	}{
		"nothing":                        {green(10, nil), green(10, nil), false, 0, 0, true},
		"a case broke":                   {green(10, nil), green(10, map[int]suite.Outcome{0: suite.Failed}), true, 1, 0, true},
		"a case was mended":              {green(10, map[int]suite.Outcome{0: suite.Failed}), green(10, nil), false, 0, 1, true},
		"one broke, one was mended":      {green(10, map[int]suite.Outcome{0: suite.Failed}), green(10, map[int]suite.Outcome{1: suite.Failed}), true, 1, 1, true},
		"still broken":                   {green(10, map[int]suite.Outcome{0: suite.Failed}), green(10, map[int]suite.Outcome{0: suite.Failed}), false, 0, 0, true},
		"not judged any more":            {green(10, nil), green(10, map[int]suite.Outcome{0: suite.Unverified}), true, 1, 0, true},
		"a feature is no longer there":   {green(10, nil), green(10, map[int]suite.Outcome{0: suite.Inapplicable}), true, 1, 0, true},
		"another profile":                {green(10, nil), narrower, false, 0, 0, true},
		"a warning":                      {recommended(green(10, nil)), recommended(green(10, map[int]suite.Outcome{0: suite.Warned})), false, 1, 0, true},
		"a new case that fails":          {green(9, nil), green(10, map[int]suite.Outcome{9: suite.Failed}), true, 0, 0, true},
		"another implementation":         {green(10, nil), other, false, 0, 0, false},
		"no answer where all was passed": {green(10, nil), unreachable, true, 0, 0, true},
	} {
		c := compared(t, test.before, test.after)
		if c.Regression != test.regression || len(c.Worse) != test.worse || len(c.Better) != test.better || c.SameImplementation != test.implementation {
			t.Errorf("%s: regression %v, worse %v, better %v, same implementation %v", name, c.Regression, c.Worse, c.Better, c.SameImplementation)
		}
	}
	if _, err := reporter.Compare([]*suite.Results{sample(2)}); err == nil {
		t.Error("one run is compared")
	}
}

func TestCompareIsAMatrix(t *testing.T) {
	a, b, c := sample(30), changed(sample(40), map[int]suite.Outcome{0: suite.Failed}), sample(20)
	got := compared(t, a, b, c)
	if len(got.Cases) != 40 || len(got.Runs) != 3 || got.SameImplementation {
		t.Fatalf("it has %d cases and %d runs", len(got.Cases), len(got.Runs))
	}
	for i, r := range []*suite.Results{a, b, c} {
		held := map[string]suite.Outcome{}
		for _, one := range r.Cases {
			held[one.ID] = one.Outcome
		}
		for _, row := range got.Cases {
			if row.Results[i].Outcome != held[row.ID] {
				t.Errorf("%s is %q in run %d, not %q", row.ID, row.Results[i].Outcome, i, held[row.ID])
			}
			if differs := row.Results[0].Outcome != row.Results[1].Outcome || row.Results[0].Outcome != row.Results[2].Outcome; row.Differs != differs {
				t.Errorf("%s differs: %v", row.ID, row.Differs)
			}
		}
	}
	if got.Runs[0].Name == got.Runs[1].Name {
		t.Error("two runs have one name")
	}
}

func rendered(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestComparisonRenderings(t *testing.T) {
	c := compared(t, green(12, map[int]suite.Outcome{1: suite.Failed}), green(12, map[int]suite.Outcome{0: suite.Failed}))
	golden(t, "comparison.md", []byte(rendered(t, func(b *bytes.Buffer) error { return c.Markdown(b) })))
	var back reporter.Comparison
	if err := json.Unmarshal([]byte(rendered(t, func(b *bytes.Buffer) error { return c.JSON(b) })), &back); err != nil || !back.Regression || len(back.Cases) != 12 || back.Schema != reporter.ComparisonSchema {
		t.Errorf("the JSON reads as %v, %v", back, err)
	}
	page := rendered(t, func(b *bytes.Buffer) error { return c.HTML(b) })
	checkHarmless(t, page)
	for _, want := range append(append(c.Worse, c.Better...), "A regression: 1 case worse, 1 better.", "script-src &#39;none&#39;") {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestComparisonOfHostileTargets(t *testing.T) {
	a, b := hostile(), hostile()
	b.Targets[0].Info.Implementation.Name = "other" + vicious
	for _, r := range []*suite.Results{a, b} {
		r.Summary, r.Edition, r.Suite.Version = vicious, vicious, vicious
		r.Cases[0].Title, r.Cases[0].Source.Document, r.Cases[0].ID = vicious, vicious, vicious
	}
	b.Cases[0].Outcome = suite.Errored
	c := compared(t, a, b)
	checkHarmless(t, rendered(t, func(b *bytes.Buffer) error { return c.HTML(b) }))
	checkMarkdown(t, rendered(t, func(b *bytes.Buffer) error { return c.Markdown(b) }))
}

// checkMarkdown finds markup that came from a target: outside of code nothing of it may act.
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

// withoutCode drops code spans: what stands between two equal rows of backticks.
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

func TestBrowserComparison(t *testing.T) {
	c := compared(t, green(60, map[int]suite.Outcome{1: suite.Failed}), green(60, map[int]suite.Outcome{0: suite.Failed}))
	b := newBrowser(t, map[string]string{"comparison": rendered(t, func(b *bytes.Buffer) error { return c.HTML(b) })})
	b.visit(t, b.page("comparison"))
	const rows = `[...document.querySelectorAll(".matrix tbody tr[id]")].filter((r) => r.offsetHeight > 0).length`
	if n := eval[int](t, b, rows); n != 60 {
		t.Errorf("%d cases are visible", n)
	}
	b.run(t, chromedp.Click(chromedp.CSS("#only")))
	if n := eval[int](t, b, rows); n != 2 {
		t.Errorf("%d cases are visible where two differ", n)
	}
	b.run(t, chromedp.Click(chromedp.CSS("#only")))
	for _, width := range []int64{320, 1400} {
		b.run(t, chromedp.EmulateViewport(width, 900))
		if got := eval[int64](t, b, "document.documentElement.scrollWidth"); got > width {
			t.Errorf("it is %d px wide in %d px", got, width)
		}
		if top := eval[float64](t, b, `(() => { const box = document.querySelector(".tall"); box.scrollTop = 400; box.scrollLeft = 50; const head = box.querySelector("thead th").getBoundingClientRect(), own = box.getBoundingClientRect(); return Math.abs(head.top - own.top) + Math.abs(head.left - own.left) })()`); top > 4 {
			t.Errorf("the head is %v px away from its place", top)
		}
		b.run(t, chromedp.Evaluate[chromedp.Void](`scrollTo(0, 0); document.querySelector(".tall").scrollTo(0, 0)`))
		screenshot(t, b, map[int64]string{320: "comparison-320", 1400: "comparison-1400"}[width])
	}
	if len(b.problems) > 0 {
		t.Error(b.problems)
	}
	axe(t, b)
}

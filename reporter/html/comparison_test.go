package html_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"example.test/conformance/reporter/compare"
	"example.test/conformance/reporter/html"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
)

func TestComparisonHTML(t *testing.T) {
	t.Parallel()
	c := sample.Compared(t, sample.Green(12, map[int]result.Outcome{1: result.Failed}), sample.Green(12, map[int]result.Outcome{0: result.Failed}))
	page := sample.Written(t, func(b *bytes.Buffer) error { return html.Comparison(b, c) })
	checkHarmless(t, page)
	for _, want := range append(append(c.Worse, c.Better...), "A regression: 1 case worse, 1 better.", "script-src &#39;none&#39;") {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestComparisonHTMLOfHostileTargets(t *testing.T) {
	t.Parallel()
	c := sample.HostileComparison(t)
	checkHarmless(t, sample.Written(t, func(b *bytes.Buffer) error { return html.Comparison(b, c) }))
}

func TestBrowserComparison(t *testing.T) {
	t.Parallel()
	c := sample.Compared(t, sample.Green(60, map[int]result.Outcome{1: result.Failed}), sample.Green(60, map[int]result.Outcome{0: result.Failed}))
	many := make([]*result.Results, 10)
	for i := range many {
		many[i] = sample.Green(60, map[int]result.Outcome{i: result.Failed})
	}
	written := func(c *compare.Comparison) string {
		return sample.Written(t, func(b *bytes.Buffer) error { return html.Comparison(b, c) })
	}
	b := newBrowser(t, map[string]string{"comparison": written(c), "comparison-of-ten": written(sample.Compared(t, many...))})
	for name, differing := range map[string]int{"comparison": 2, "comparison-of-ten": 10} {
		b.visit(t, b.page(name))
		if n := eval[int](t, b, `[...document.querySelectorAll(".matrix tbody tr[id]")].filter((r) => r.checkVisibility()).length`); n != differing {
			t.Errorf("%s: %d cases are visible when it opens", name, n)
		}
		b.run(t, unfold)
		if n := eval[int](t, b, `document.querySelectorAll(".matrix details tbody tr[id]").length`); n != 60 {
			t.Errorf("%s: %d cases are there", name, n)
		}
		for _, width := range []int64{360, 1280} {
			b.run(t, chromedp.EmulateViewport(width, 900))
			if got := eval[int64](t, b, "document.documentElement.scrollWidth"); got > width {
				t.Errorf("%s is %d px wide in %d px", name, got, width)
			}
			const within = `[...document.querySelectorAll("body *")].filter((e) => !e.closest("thead") && /auto|scroll/.test(getComputedStyle(e).overflow)).length`
			if n := eval[int](t, b, within); n > 0 {
				t.Errorf("%s has %d areas that scroll within the page", name, n)
			}
			b.run(t, chromedp.Evaluate[chromedp.Void]("scrollTo(0, 0)"))
			screenshot(t, b, fmt.Sprintf("%s-%d", name, width))
		}
		if len(b.problems) > 0 {
			t.Error(b.problems)
		}
		axe(t, b, "")
	}
}

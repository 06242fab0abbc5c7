package html_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"example.test/conformance/fixtures"
	"example.test/conformance/reporter/html"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
	paper "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// printed returns the text of a page's PDF, and how many A4 sheets it takes.
func printed(t *testing.T, b *browser) (text string, sheets int) {
	t.Helper()
	fixtures.Require(t, "pdftotext")
	pdf, err := chromedp.Call(b, paper.PrintToPDF, paper.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("pdftotext", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf.Data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out), bytes.Count(out, []byte("\f"))
}

// compact drops white space and soft breaks: lines break differently on paper.
func compact(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || c == '\u00ad' {
			return -1
		}
		return c
	}, text)
}

func TestBrowserPrintsAllCases(t *testing.T) {
	t.Parallel()
	r := sample.Run(120)
	b := newBrowser(t, map[string]string{"report": page(t, r)})
	b.visit(t, b.page("report"))
	text, sheets := printed(t, b)
	if sheets < 2 || sheets > 120 {
		t.Errorf("120 cases take %d sheets", sheets)
	}
	shown := compact(text)
	for _, want := range []string{r.Summary, "Counts", r.Targets[0].URL, r.Suite.Version, "Time line"} {
		if !strings.Contains(shown, compact(want)) {
			t.Errorf("it is printed without %q", want)
		}
	}
	for _, c := range r.Cases {
		if !strings.Contains(shown, compact(c.ID+" "+c.Title)) {
			t.Errorf("it is printed without the case %s", c.ID)
		}
		if c.Outcome == result.Failed && (!strings.Contains(shown, compact(c.Evidence[0].Received.Text)) || !strings.Contains(shown, compact(c.Rerun))) {
			t.Errorf("it is printed without the evidence of %s", c.ID)
		}
	}
	if controls := regexp.MustCompile(`Reset|Filter`).FindString(text); controls != "" {
		t.Errorf("what only a screen can use is printed: %q", controls)
	}
}

func TestBrowserPrintsWhatIsShown(t *testing.T) {
	t.Parallel()
	r := sample.Run(40)
	b := newBrowser(t, map[string]string{"report": page(t, r)})
	b.visit(t, b.page("report")+"#?outcome=failed")
	text, _ := printed(t, b)
	shown := compact(text)
	for _, c := range r.Cases {
		if got, want := strings.Contains(shown, compact(c.ID+" "+c.Title)), c.Outcome == result.Failed; got != want {
			t.Errorf("%s is %s, and printed: %v", c.ID, c.Outcome, got)
		}
	}
}

func TestBrowserPrintsComparison(t *testing.T) {
	t.Parallel()
	before, after := sample.Green(60, nil), sample.Green(60, map[int]result.Outcome{0: result.Failed})
	c := sample.Compared(t, before, after)
	b := newBrowser(t, map[string]string{"comparison": sample.Written(t, func(b *bytes.Buffer) error { return html.Comparison(b, c) })})
	b.visit(t, b.page("comparison"))
	text, sheets := printed(t, b)
	if sheets < 1 {
		t.Error("nothing is printed")
	}
	shown := compact(text)
	for _, one := range before.Cases {
		if !strings.Contains(shown, compact(one.ID)) {
			t.Errorf("it is printed without %s", one.ID)
		}
	}
	if !strings.Contains(shown, compact(c.Verdict())) {
		t.Error("it is printed without its verdict")
	}
}

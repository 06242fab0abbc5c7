package html_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"example.test/conformance/fixtures"
	"example.test/conformance/reporter/html"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/browser/chromium"
	"example.test/conformance/suite/result"
)

// chromiumOfTests starts the one Chromium of all tests, and stopChromium ends it.
var (
	chromiumOfTests = sync.OnceValues(startChromium)
	stopChromium    = func() {}
)

func TestMain(m *testing.M) {
	code := m.Run()
	stopChromium()
	os.Exit(code)
}

func startChromium() (context.Context, error) {
	path, err := chromium.Find("")
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "reports")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(filepath.Join(folder, "profile")), chromedp.Env("TMPDIR="+folder),
		chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute))
	allocator, release := chromedp.NewExecAllocator(context.Background(), options...)
	root, end := chromedp.NewContext(allocator)
	stopChromium = func() {
		_ = chromedp.Cancel(root)
		end()
		release()
		_ = os.RemoveAll(folder)
	}
	return root, chromedp.Do(root)
}

// browser is a tab with its own profile, and pages to visit.
type browser struct {
	context.Context
	url string

	mu       sync.Mutex
	requests []string
	problems []string // of the console
}

func (b *browser) page(name string) string { return b.url + "/" + name }

func newBrowser(t *testing.T, pages map[string]string) *browser {
	t.Helper()
	fixtures.Require(t, fixtures.Chromium)
	root, err := chromiumOfTests()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, known := pages[strings.TrimPrefix(r.URL.Path, "/")]
		if !known {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, content)
	}))
	t.Cleanup(server.Close)
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &browser{url: server.URL}
	err = chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "data:") {
				b.requests = append(b.requests, e.Request.URL)
			}
		case *runtime.EventExceptionThrown:
			b.problems = append(b.problems, e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			b.problems = append(b.problems, fmt.Sprintf("console.%s", e.Type))
		case *log.EventEntryAdded:
			b.problems = append(b.problems, e.Entry.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 8*time.Minute) // on a busy machine a page takes minutes
	t.Cleanup(cancel)
	b.Context = ctx
	return b
}

func (b *browser) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval evaluates an expression, which may be a promise, in the page.
func eval[V any](t *testing.T, b *browser, expression string) V {
	t.Helper()
	v, err := chromedp.Run(b, chromedp.Evaluate[V](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// visit opens a page again, even if only the fragment differs.
func (b *browser) visit(t *testing.T, address string) {
	t.Helper()
	b.run(t, chromedp.Navigate("about:blank"), chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS("body")))
}

var unfold = chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach((d) => { d.open = true })`)

const visibleCases = `document.querySelectorAll("details.case:not([hidden])").length`

func TestBrowserFilters(t *testing.T) {
	t.Parallel()
	r := sample.Run(120)
	b := newBrowser(t, map[string]string{"report": page(t, r)})
	number := func(of string) int {
		n := 0
		for _, c := range r.Cases {
			if string(c.Outcome) == of || string(c.Level) == of || c.Area == of {
				n++
			}
		}
		return n
	}
	b.visit(t, b.page("report"))
	if n := eval[int](t, b, visibleCases); n != 120 {
		t.Errorf("%d cases are visible at first", n)
	}
	for fragment, want := range map[string]int{
		"#?outcome=failed": number("failed"), "#?outcome=failed+unverified": number("failed") + number("unverified"),
		"#?level=recommended": number("recommended"), "#?area=errors": number("errors"), "#?text=no+such+text": 0, "#?text=FORBIDDEN-EVENT": 20,
	} {
		b.visit(t, b.page("report")+fragment)
		if n := eval[int](t, b, visibleCases); n != want {
			t.Errorf("%s shows %d cases, not %d", fragment, n, want)
		}
		if said := eval[string](t, b, `document.getElementById("shown").textContent`); !strings.HasPrefix(said, fmt.Sprint(want)+" of 120") {
			t.Errorf("%s says %q", fragment, said)
		}
	}
	b.visit(t, b.page("report"))
	b.run(t, chromedp.SendKeys(chromedp.CSS(`[name=text]`), "carrier"), chromedp.Click(chromedp.CSS(`[name=outcome][value=passed]`)))
	if got := eval[string](t, b, "location.hash"); !strings.Contains(got, "text=carrier") || strings.Contains(got, "passed") {
		t.Errorf("the fragment is %q", got)
	}
	b.run(t, chromedp.Click(chromedp.CSS(`[type=reset]`)), chromedp.WaitReady(chromedp.CSS("body")), chromedp.Sleep(50*time.Millisecond))
	if got, n := eval[string](t, b, "location.hash"), eval[int](t, b, visibleCases); got != "" || n != 120 {
		t.Errorf("after a reset the fragment is %q, and %d cases are visible", got, n)
	}
}

func TestBrowserLinksToACase(t *testing.T) {
	t.Parallel()
	r := sample.Run(120)
	id := ""
	for _, c := range r.Cases {
		if c.Outcome == "passed" {
			id = c.ID
		}
	}
	b := newBrowser(t, map[string]string{"report": page(t, r)})
	open := fmt.Sprintf(`(() => { const e = document.getElementById(%q).closest("details.case"); return e.open && !e.hidden && Math.abs(e.getBoundingClientRect().top) < innerHeight })()`, id)
	b.visit(t, b.page("report")+"#"+id)
	if !eval[bool](t, b, open) {
		t.Error("the case of the fragment is not open in sight")
	}
	b.visit(t, b.page("report")+"#?outcome=failed")
	b.run(t, chromedp.Click(chromedp.CSS(`a.q[href="#`+id+`"]`)), chromedp.Sleep(100*time.Millisecond))
	if !eval[bool](t, b, open) {
		t.Error("a case that the filters hide is not opened by its link")
	}
	scripts := func(off bool) {
		if _, err := chromedp.Call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off}); err != nil {
			t.Fatal(err)
		}
	}
	scripts(true)
	b.visit(t, b.page("report")+"#"+id)
	scripts(false)
	if !eval[bool](t, b, open) {
		t.Error("without JavaScript the case of the fragment is not open in sight")
	}
	if !eval[bool](t, b, `document.getElementById("filters").hidden`) {
		t.Error("filters that cannot work without JavaScript are shown")
	}
}

func TestBrowserAsksForNothingElse(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"sample": page(t, sample.Run(60)), "hostile": page(t, sample.Hostile())} {
		b := newBrowser(t, map[string]string{name: content})
		b.visit(t, b.page(name))
		b.run(t, unfold, chromedp.Sleep(300*time.Millisecond))
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, url := range b.requests {
			if url != b.page(name) && url != "about:blank" {
				t.Errorf("%s: a request went to %s", name, url)
			}
		}
		for _, problem := range b.problems {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

func TestBrowserWidths(t *testing.T) {
	t.Parallel()
	b := newBrowser(t, map[string]string{"sample": page(t, sample.Run(120)), "hostile": page(t, sample.Hostile())})
	for _, name := range []string{"sample", "hostile"} {
		b.visit(t, b.page(name))
		b.run(t, unfold)
		for _, width := range []int64{320, 400, 768, 1400, 2560} {
			b.run(t, chromedp.EmulateViewport(width, 900))
			if got := eval[int64](t, b, "document.documentElement.scrollWidth"); got > width {
				widest := eval[string](t, b, fmt.Sprintf(`[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > %d && !e.closest(".scroll")).slice(0, 5).map((e) => e.tagName + "." + e.className.toString()).join(", ")`, width))
				t.Errorf("%s is %d px wide in %d px: %s", name, got, width, widest)
			}
			screenshot(t, b, fmt.Sprintf("%s-%d", name, width))
		}
	}
}

// A page with hundreds of failures is short when it opens.
func TestBrowserHeight(t *testing.T) {
	t.Parallel()
	r := sample.Run(1122)
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.Outcome = result.Passed; i%5 == 0 {
			c.Outcome, c.Evidence = result.Failed, []result.Failure{sample.Absence(fmt.Sprintf("the packet %d", i%12))}
		}
	}
	r = sample.Changed(r, nil)
	if n := r.Counts.Total(result.Failed); n < 190 {
		t.Fatalf("only %d cases failed", n)
	}
	b := newBrowser(t, map[string]string{"report": page(t, r)})
	b.run(t, chromedp.EmulateViewport(1280, 900))
	b.visit(t, b.page("report"))
	if got := eval[int64](t, b, "document.documentElement.scrollHeight"); got >= 3000 {
		parts := eval[string](t, b, `[...document.querySelectorAll("header, main > *")].map((e) => e.tagName + " " + (e.getAttribute("aria-labelledby") ?? "") + " " + Math.round(e.getBoundingClientRect().height)).join(", ")`)
		t.Errorf("it is %d px high: %s", got, parts)
	}
	screenshot(t, b, "failures-1280")
}

// screenshot writes a picture for people to look at, if REPORTER_PICTURES names a folder.
func screenshot(t *testing.T, b *browser, name string) {
	t.Helper()
	folder := os.Getenv("REPORTER_PICTURES")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(b, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestBrowserAxeFindsNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		of     *result.Results
		scheme string
		rules  string // as axe.run takes them
	}{
		"light": {of: sample.Run(18), scheme: "light"},
		// Colours change the contrast alone, and the text does not change it.
		"dark":    {of: sample.Run(18), scheme: "dark", rules: `runOnly: ["color-contrast"]`},
		"hostile": {of: sample.Hostile(), scheme: "light", rules: `rules: { "color-contrast": { enabled: false } }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t, map[string]string{"report": page(t, test.of)})
			b.scheme(t, test.scheme)
			b.visit(t, b.page("report"))
			b.run(t, unfold)
			axe(t, b, test.rules)
		})
	}
}

// axe checks the accessibility of the open page, by all rules if none are named.
func axe(t *testing.T, b *browser, rules string) {
	t.Helper()
	script, err := os.ReadFile(axeFile())
	if err != nil {
		fixtures.Missing(t, "axe-core is not installed in fixtures/node")
	}
	b.run(t, chromedp.Evaluate[chromedp.Void](string(script)))
	for _, found := range eval[[]string](t, b, `axe.run({ resultTypes: ["violations"], `+rules+` }).then((r) => r.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.failureSummary).join(" | ")))`) {
		t.Errorf("axe: %s", found)
	}
}

// scheme chooses light or dark.
func (b *browser) scheme(t *testing.T, name string) {
	t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}
	if _, err := chromedp.Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		t.Fatal(err)
	}
}

func axeFile() string {
	if path := os.Getenv("AXE_CORE"); path != "" {
		return path
	}
	return filepath.Join("..", "..", "fixtures", "node", "node_modules", "axe-core", "axe.min.js")
}

// page returns the page of a run.
func page(t *testing.T, r *result.Results) string {
	t.Helper()
	var b bytes.Buffer
	if err := html.Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

package chromium_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite/browser/chromium"
)

const page = `<!doctype html><script>
addEventListener("beforeunload", (e) => { conformance("asked"); if (location.hash) e.preventDefault(); });
conformance("loaded");
</script>`

func TestPageStaysAndIsReloaded(t *testing.T) {
	fixtures.Require(t, fixtures.Chromium)
	folders := t.TempDir()
	t.Setenv("TMPDIR", folders)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(page))
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	path, err := chromium.Find("")
	if err != nil {
		t.Fatal(err)
	}
	b, err := chromium.Start(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	said := make(chan string, 100)
	p, err := b.Page(ctx, func(text string) { said <- text })
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
		says []string
	}{
		{"open", func(ctx context.Context) error { return p.Open(ctx, server.URL+"/#prompts") }, []string{"loaded"}},
		{"click", p.Click, nil},
		{"stay", p.Stay, []string{"asked"}},
		{"stay again", func(ctx context.Context) error {
			if err := p.Click(ctx); err != nil {
				return err
			}
			return p.Stay(ctx)
		}, []string{"asked"}},
		{"mark", func(ctx context.Context) error {
			_, err := p.Evaluate(ctx, `location.hash = ""; document.title = "marked"`)
			return err
		}, nil},
		{"reload", p.Reload, []string{"asked", "loaded"}},
	} {
		if err := step.do(ctx); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		var got []string
		for range step.says {
			select {
			case text := <-said:
				got = append(got, text)
			case <-ctx.Done():
				t.Fatalf("%s: the page said only %q", step.name, got)
			}
		}
		if !slices.Equal(got, step.says) {
			t.Fatalf("%s: the page said %q, want %q", step.name, got, step.says)
		}
	}
	if title, err := p.Evaluate(ctx, "document.title"); err != nil || string(title) != `""` {
		t.Errorf("after the reload, got the title %s, %v", title, err)
	}
	if _, err := p.Evaluate(ctx, "nothing.at.all"); err == nil || !strings.Contains(err.Error(), "ReferenceError") {
		t.Errorf("for a wrong expression, got error %v", err)
	}
	p.Close()
	b.Close()
	if !b.Ended() {
		t.Error("the browser still runs")
	}
	if left, _ := os.ReadDir(folders); len(left) > 0 {
		t.Errorf("files left behind: %v", left)
	}
}

func TestWhatIsNoBrowser(t *testing.T) {
	if _, err := chromium.Find(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("found a browser that does not exist")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if b, err := chromium.Start(ctx, program); err == nil { // the test binary knows none of the flags, and ends
		b.Close()
		t.Error("a program other than a browser was accepted")
	}
}

package html_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// between returns the text between two strings.
func between(t *testing.T, s, before, after string) string {
	t.Helper()
	_, rest, found := strings.Cut(s, before)
	middle, _, closed := strings.Cut(rest, after)
	if !found || !closed {
		t.Fatalf("there is no %s … %s", before, after)
	}
	return middle
}

func TestHTMLAllowsItsOwnStyleAndScriptAlone(t *testing.T) {
	t.Parallel()
	got := page(t, sample.Run(18))
	policy := html.UnescapeString(between(t, got, `http-equiv="Content-Security-Policy" content="`, `"`))
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %s", policy)
	}
	for element, directive := range map[string]string{"style": "style-src", "script": "script-src"} {
		sum := sha256.Sum256([]byte(between(t, got, "<"+element+">", "</"+element+">")))
		if want := directive + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
			t.Errorf("the policy %s lacks %s", policy, want)
		}
		if n := strings.Count(got, "<"+element); n != 1 {
			t.Errorf("there are %d <%s>", n, element)
		}
	}
}

var (
	tag       = regexp.MustCompile(`<[a-zA-Z](?:[^>"]|"[^"]*")*>`)
	attribute = regexp.MustCompile(`\s([a-zA-Z-]+)=("[^"]*"|[^\s>]*)`)
	reference = regexp.MustCompile(`(?i)^(src|href|action|style|on[a-z]+|srcset|data|poster|background)$`)
)

// checkHarmless finds elements, attributes and characters that our pages never have.
func checkHarmless(t *testing.T, got string) {
	t.Helper()
	for _, one := range tag.FindAllString(got, -1) {
		name, _, _ := strings.Cut(strings.ToLower(strings.Trim(one, "<>")), " ")
		switch name {
		case "img", "iframe", "object", "embed", "base", "video", "audio":
			t.Fatalf("there is a %s", one)
		}
		for _, a := range attribute.FindAllStringSubmatch(one, -1) {
			if !reference.MatchString(a[1]) {
				continue
			}
			value := html.UnescapeString(strings.Trim(a[2], `"`))
			ok := strings.EqualFold(a[1], "href") && (strings.HasPrefix(value, "#") || strings.HasPrefix(value, "https://socket.io/") || strings.HasPrefix(value, "data:image/svg+xml,"))
			if !ok {
				t.Fatalf("there is %s in %s", a[0], one)
			}
		}
	}
	for i, c := range got {
		if !unicode.IsGraphic(c) && c != '\n' && c != '\t' {
			t.Fatalf("there is %U at %d", c, i)
		}
	}
}

func TestHTMLOfAHostileTarget(t *testing.T) {
	t.Parallel()
	r := sample.Hostile()
	r.Summary, r.Command, r.Edition, r.Suite.Version, r.Suite.Commit = sample.HostileText, sample.HostileText, sample.HostileText, sample.HostileText, sample.HostileText
	for i := range r.Cases {
		r.Cases[i].ID, r.Cases[i].Title, r.Cases[i].Rerun, r.Cases[i].Area = sample.HostileText+r.Cases[i].ID, sample.HostileText, sample.HostileText, sample.HostileText
		r.Cases[i].Source.Document, r.Cases[i].Rules = sample.HostileText, []string{sample.HostileText}
	}
	r.Cases[0].Source.URL = "javascript:alert(1)"
	r.FindCauses()
	got := page(t, r)
	if strings.Contains(got, "javascript:alert(1)\"") {
		t.Error("a script is linked")
	}
	checkHarmless(t, strings.ReplaceAll(got, "#ZgotmplZ", "#"))
	if n := len(got); n > 5_000_000 {
		t.Errorf("the page has %d bytes", n)
	}
	for _, want := range []string{"&lt;script&gt;alert", "⟨U+202E⟩evil", "⟨0xED⟩⟨0xA0⟩⟨0x80⟩", "⟨NUL⟩⟨SOH⟩⟨ESC⟩[31m"} {
		if !strings.Contains(strings.ReplaceAll(got, "&#43;", "+"), want) {
			t.Errorf("the page does not show %s", want)
		}
	}
}

func TestHTMLOfAnHonestTargetIsHarmless(t *testing.T) { checkHarmless(t, page(t, sample.Run(300))) }

func TestHTMLStaysUnderFiveMegabytes(t *testing.T) {
	t.Parallel()
	r := sample.Run(300)
	quotes := strings.Repeat(`{"a":"<&>\x00"}`+"\x01", 256)
	for i := range r.Cases {
		c := &r.Cases[i]
		for range 200 {
			c.Trace = append(c.Trace, wire.Event{At: 1, Connection: "websocket-1", Frame: sample.Frame(wire.Received, wire.Text, quotes).Frame})
		}
		c.Trace = append(c.Trace, wire.Event{At: 2, Connection: "websocket-1", Closed: &wire.Closed{By: wire.Nobody, Error: "the last event"}})
		c.Message = quotes
		c.Evidence = []result.Failure{{Subject: quotes, Received: result.Value{Form: result.Text, Text: quotes}}}
	}
	r.Cases[17].Outcome = result.Passed
	got := page(t, r)
	if n := len(got); n > 5_000_000 || n < 2_000_000 {
		t.Errorf("the page has %d bytes", n)
	}
	if !strings.Contains(got, "left out here; results.json holds them") {
		t.Error("it does not say that events are left out")
	}
	t.Logf("the page has %d bytes", len(got))
	if n := strings.Count(got, "the last event"); n < 100 {
		t.Errorf("only %d traces keep their end", n)
	}
}

func TestHTMLOfManySmallEventsStaysUnderFiveMegabytes(t *testing.T) {
	t.Parallel()
	r := sample.Run(300)
	for i := range r.Cases {
		for j := range 300 {
			r.Cases[i].Trace = append(r.Cases[i].Trace, wire.Event{At: float64(j), Connection: fmt.Sprintf("websocket-%d", j%6), Target: j % 2, Frame: sample.Frame(wire.Received, wire.Text, "3probe").Frame})
		}
	}
	if n := len(page(t, r)); n > 5_000_000 || n < 2_000_000 {
		t.Errorf("the page has %d bytes", n)
	} else {
		t.Logf("the page has %d bytes", n)
	}
}

func TestHTMLSaysWhatMatters(t *testing.T) {
	t.Parallel()
	r := sample.Run(18)
	got := html.UnescapeString(page(t, r))
	wants := []string{r.Summary, r.Command, r.LeftOut[0], "The suite itself broke in 1 case. 4 cases failed.", "socket.io 4.8.4 (JavaScript)", "instance-a", "EVENT \"auth\" with 1 argument",
		"WebSocket close 1000 (normal closure)", "00 01 02 fe ff 80", "waits 100 ms: nothing else may come", "<del>0</del><ins>1</ins>", "closed by the server"}
	for _, c := range r.Cases {
		wants = append(wants, `id="`+c.ID+`"`, `href="#`+c.ID+`"`, "The server "+c.Title, c.Rerun)
	}
	for _, want := range wants {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	last := -1
	for _, o := range result.Outcomes {
		at := strings.Index(got, `<h3 id="h-`+string(o)+`"`)
		if at < last || at < 0 {
			t.Errorf("%s is not there, or stands too early", o)
		}
		last = at
	}
	if strings.Contains(page(t, &result.Results{Verdict: result.Unreachable}), "NaN") {
		t.Error("an empty run shows NaN")
	}
}

// What was seen broken comes first, by cause, with the first cause unfolded. Everything else that takes room is folded.
func TestHTMLPutsCausesFirst(t *testing.T) {
	t.Parallel()
	r := sample.ManyCauses(200, 30)
	got := page(t, r)
	last := -1
	for _, want := range []string{`<h2 id="causes">`, `id="cause-1" open>`, `id="cause-10">`, ">20 further causes<", `id="cause-11">`, `<h2 id="areas">`, `<h2 id="cases">`, `<h2 id="run">`, `<h2 id="time-line">`} {
		at := strings.Index(got, want)
		if at < last || at < 0 {
			t.Errorf("%s is not there, or stands too early", want)
		}
		last = at
	}
	if n := strings.Count(got, `class="cause failed" id="cause-`); n != len(r.Causes) {
		t.Errorf("%d of %d causes are there", n, len(r.Causes))
	}
	for _, open := range regexp.MustCompile(`<details[^>]* open>`).FindAllString(got, -1) {
		if !strings.Contains(open, `id="cause-1"`) {
			t.Errorf("it is open, too: %s", open)
		}
	}
	first := r.Causes[0]
	cause := between(t, got, `id="cause-1" open>`, "</details>\n<details class=\"cause")
	for _, id := range first.Cases {
		if !strings.Contains(cause, `href="#`+id+`"`) {
			t.Errorf("the first cause does not link %s", id)
		}
	}
	if strings.Contains(page(t, sample.Green(30, nil)), `id="causes"`) {
		t.Error("a run that saw nothing broken has causes")
	}
}

// The cases that gate are unfolded if there are few enough for a reader to take in.
func TestHTMLOpensFewCases(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{1: 1, 3: 3, 4: 0} {
		r := sample.Green(30, nil)
		for i := range n {
			r.Cases[i].Outcome, r.Cases[i].Evidence = result.Failed, []result.Failure{sample.Absence("the answer")}
		}
		if got := strings.Count(page(t, sample.Changed(r, nil)), `data-gates open>`); got != want {
			t.Errorf("of %d cases that gate, %d stand open", n, got)
		}
	}
}

package reporter_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
)

// output can be read while a console writes to it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

var written = []string{"conformance-report/junit.xml", "conformance-report/report.html", "conformance-report/results.json"}

func finished(c *reporter.Console, r *result.Results) string {
	out := &output{}
	c.Out = out
	c.Finish(r, written)
	return out.String()
}

var _ runner.Watcher = (*reporter.Console)(nil)

func TestConsoleGolden(t *testing.T) {
	t.Parallel()
	golden(t, "console.txt", []byte(finished(&reporter.Console{}, sample.Run(18))))
}

func TestConsoleSummary(t *testing.T) {
	t.Parallel()
	r := sample.Run(60)
	all, got := finished(&reporter.Console{Verbosity: 1}, r), finished(&reporter.Console{}, r)
	for _, c := range r.Cases {
		_, block, found := strings.Cut(all, strings.ToUpper(string(c.Outcome))+" "+c.ID+" (")
		told := r.Gates(c) || c.Outcome == result.Warned || c.Outcome == result.Known || c.Outcome == result.Unstable || c.Outcome == result.Noted
		if found != told {
			t.Errorf("%s, %s, has its block: %v", c.ID, c.Outcome, found)
		}
		if !found {
			continue
		}
		block, _, _ = strings.Cut(block, "\n\n")
		for _, want := range []string{c.Source.URL, c.Rerun, "Sent ", "Came back "} {
			if !strings.Contains(block, want) {
				t.Errorf("the block of %s lacks %q:\n%s", c.ID, want, block)
			}
		}
		if len(c.Evidence) > 0 && !strings.Contains(block, c.Evidence[0].Received.Text) {
			t.Errorf("the block of %s lacks what it received", c.ID)
		}
	}
	for _, want := range append([]string{r.Summary, r.LeftOut[0], "required", "recommended", "observed", "FAILED " + r.Causes[0].Witness, r.Causes[0].Sentence}, written...) {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), want) { // wherever its lines are broken
			t.Errorf("it lacks %q", want)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Error("it has escape sequences without colour")
	}
	if quiet := finished(&reporter.Console{Verbosity: -1}, r); quiet != "ERROR: "+r.Summary+"\n" {
		t.Errorf("quiet says %q", quiet)
	}
}

var escapes = regexp.MustCompile(`\x1b\[[0-9]*[mAJ]`)

func TestConsoleOfAHostileTarget(t *testing.T) {
	t.Parallel()
	got := escapes.ReplaceAllString(finished(&reporter.Console{Color: true, Verbosity: 1}, sample.Hostile()), "")
	for i, c := range got {
		if !unicode.IsGraphic(c) && c != '\n' {
			t.Fatalf("there is %U at %d, near %q", c, i, got[max(0, i-30):i])
		}
	}
	if len(got) > 200_000 {
		t.Errorf("it has %d bytes", len(got))
	}
}

func TestConsoleKeepsToEightyColumns(t *testing.T) {
	t.Parallel()
	for _, r := range []*result.Results{sample.Run(60), sample.Hostile()} {
		for line := range strings.Lines(finished(&reporter.Console{}, r)) {
			line = strings.TrimSuffix(line, "\n")
			whole := strings.Contains(line, "Run alone") || strings.Contains(line, "http")
			if n := utf8.RuneCountInString(line); n > 80 && !whole {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

func watch(c *reporter.Console, r *result.Results) {
	c.Planned(len(r.Cases))
	var group sync.WaitGroup
	for _, one := range r.Cases {
		group.Go(func() {
			c.Started(one.ID, time.Minute)
			c.Finished(one)
		})
	}
	group.Wait()
	c.Done()
	c.Done()
}

func TestConsoleInALog(t *testing.T) {
	t.Parallel()
	r := sample.Run(60)
	for verbosity, want := range map[int]int{-1: 0, 0: 5 + 1, 1: 61} { // the first five that are not well
		out := &output{}
		watch(&reporter.Console{Out: out, Verbosity: verbosity}, r)
		if got := out.String(); strings.Count(got, "\n") != want || strings.Contains(got, "\x1b") {
			t.Errorf("verbosity %d prints %d lines, not %d:\n%s", verbosity, strings.Count(got, "\n"), want, got)
		}
	}
}

func TestConsoleProgressOnATerminal(t *testing.T) {
	t.Parallel()
	out := &output{}
	c := &reporter.Console{Out: out, Terminal: true}
	c.Waits("finding out what the targets can do")
	eventually(t, func() bool {
		return strings.Contains(out.String(), "| finding out") || strings.Contains(out.String(), "/ finding out")
	})
	c.Planned(3)
	c.Started("heartbeat/"+strings.Repeat("long-", 30), time.Hour)
	c.Started("errors/short", 0)
	eventually(t, func() bool { return strings.Contains(out.String(), "0 of 3 cases done, 2 under way") })
	c.Finished(result.CaseResult{ID: "errors/short", Outcome: result.Failed})
	eventually(t, func() bool { return strings.Contains(out.String(), "1 of 3 cases done, 1 not well, 1 under way") })
	c.Done()
	got := out.String()
	if !regexp.MustCompile(`the longest wait still takes (1h0m0s|59m\S+): heartbeat/long-`).MatchString(got) {
		t.Errorf("it does not say how long the longest wait still takes:\n%s", got)
	}
	if !strings.HasSuffix(got, "\x1b[J") {
		t.Error("the progress is not erased at the end")
	}
	// A terminal that shows all of this holds only the failure.
	if shown := screen(got); len(shown) != 1 || shown[0] != fmt.Sprintf("%-12s errors/short", "failed") {
		t.Errorf("the terminal shows %q", shown)
	}
	for _, line := range strings.Split(escapes.ReplaceAllString(got, ""), "\n") {
		if n := utf8.RuneCountInString(line); n >= 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestConsoleCountsPartsOnATerminal(t *testing.T) {
	t.Parallel()
	out := &output{}
	c := &reporter.Console{Out: out, Terminal: true}
	c.Waits("running the cases without a fault")
	eventually(t, func() bool { return strings.Contains(out.String(), "running the cases without a fault (0s)") })
	c.Counts(3, "fault")
	c.Begun("errors/one")
	c.Begun("errors/two")
	eventually(t, func() bool { return strings.Contains(out.String(), "0 of 3 faults done, 2 under way\n") })
	if strings.Contains(out.String(), "left") {
		t.Error("it says how long it takes before one is done")
	}
	c.Ended("errors/one")
	eventually(t, func() bool {
		return regexp.MustCompile(`1 of 3 faults done, 1 under way\n  about \d+s left\n`).MatchString(out.String())
	})
	c.Done()
	if shown := screen(out.String()); len(shown) != 0 {
		t.Errorf("the terminal shows %q", shown)
	}
}

// screen returns what a terminal shows after a text was written, if it knows the two sequences in use.
func screen(written string) (lines []string) {
	for written != "" {
		var up int
		if n, _ := fmt.Sscanf(written, "\x1b[%dA\x1b[J", &up); n == 1 {
			lines = lines[:len(lines)-up]
			_, written, _ = strings.Cut(written, "\x1b[J")
			continue
		}
		var line string
		line, written, _ = strings.Cut(written, "\n")
		lines = append(lines, line)
	}
	return lines
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come")
		}
	}
}

// A reason that keeps many cases from being judged is printed once. Each case is still counted and found in the reports.
func TestConsoleSaysAReasonOnce(t *testing.T) {
	t.Parallel()
	r := sample.Green(60, map[int]result.Outcome{50: result.Failed})
	for i := range 40 {
		r.Cases[i].Outcome, r.Cases[i].Reason = result.Unverified, "the run was interrupted"
	}
	r.Cases[40].Outcome, r.Cases[40].Reason = result.Unverified, "the echo does not answer"
	r.Count()
	r.Judge()
	r.FindCauses()
	got := finished(&reporter.Console{}, r)
	for _, want := range []string{"UNVERIFIED 40 cases\n", r.Cases[0].ID, "35 more", "UNVERIFIED " + r.Cases[40].ID, "FAILED " + r.Cases[50].ID} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if n := strings.Count(got, "the run was interrupted"); n != 1 {
		t.Errorf("the reason is said %d times", n)
	}
	if all := finished(&reporter.Console{Verbosity: 1}, r); strings.Count(all, "UNVERIFIED ") != 41 {
		t.Error("--verbose leaves cases out")
	}
}

// However much was seen broken, at most ten causes are printed in at most eighty lines, even if the log has lines of the run
// above them. What does not fit is counted.
func TestConsoleIsBounded(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*result.Results{"of everything": sample.Run(900), "of many causes": sample.ManyCauses(200, 40), "of one cause": sample.ManyCauses(200, 1), "hostile": sample.Hostile()} {
		for _, width := range []int{0, 60, 200} {
			out := &output{}
			c := &reporter.Console{Out: out, Width: width}
			watch(c, r)
			c.Finish(r, written)
			got := out.String()
			if n := strings.Count(got, "\n"); n > 80 && name != "hostile" || n > 120 {
				t.Errorf("%s, at a width of %d: %d lines:\n%s", name, width, n, got)
			}
			if n := strings.Count(got, "\nFAILED "); n < 1 || n > 10 {
				t.Errorf("%s, at a width of %d: %d causes are shown", name, width, n)
			}
			if left := len(r.Causes) - strings.Count(got, "\nFAILED "); name == "of many causes" && !strings.Contains(strings.Join(strings.Fields(got), " "), fmt.Sprintf("%d further causes of ", left)) {
				t.Errorf("%s, at a width of %d: it does not say that %d more are left out:\n%s", name, width, left, got)
			}
		}
	}
}

// A single cause has all the room: its block shows what was sent and what came back.
func TestConsoleShowsOneCauseWhole(t *testing.T) {
	t.Parallel()
	r := sample.ManyCauses(200, 1)
	for i := range r.Cases {
		r.Cases[i].Trace = sample.WebSocketTrace(1)
	}
	r = sample.Changed(r, nil)
	got := finished(&reporter.Console{}, r)
	for _, want := range []string{"FAILED " + r.Causes[0].Witness + " (required), and 199 more cases\n", "Sent ", "Came back ", "Source "} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
}

// Cases that could not be judged because of a cause are shown with the cause, and nowhere else.
func TestConsoleTellsOfTheUnjudgedWithTheirCause(t *testing.T) {
	t.Parallel()
	r := sample.Green(20, map[int]result.Outcome{3: result.Failed})
	r.Cases[3].Evidence = []result.Failure{sample.Absence("the answer")}
	for i := 5; i < 15; i++ {
		r.Cases[i].Outcome, r.Cases[i].Reason = result.Unverified, "it takes the rule for granted"
		r.Cases[i].Because = &result.Because{Cause: result.CauseRule, Case: r.Cases[3].ID}
	}
	r = sample.Changed(r, nil)
	got := finished(&reporter.Console{}, r)
	if !strings.Contains(got, "FAILED "+r.Cases[3].ID+" (required); 10 could not be judged because\n  of it\n") || strings.Contains(got, "UNVERIFIED") {
		t.Errorf("it says:\n%s", got)
	}
}

// A green run ends green: nothing follows its verdict, which is printed once.
func TestConsoleEndsWithTheVerdict(t *testing.T) {
	t.Parallel()
	for _, r := range []*result.Results{sample.Green(30, nil), sample.Run(30), sample.ManyCauses(30, 3)} {
		got := strings.Join(strings.Fields(finished(&reporter.Console{}, r)), " ")
		if !strings.HasSuffix(got, strings.ToUpper(string(r.Verdict))+": "+r.Summary) {
			t.Errorf("it ends otherwise: %s", got)
		}
	}
	if got := strings.Join(strings.Fields(finished(&reporter.Console{}, sample.Green(30, nil))), " "); strings.Count(got, "CONFORMANT:") != 1 {
		t.Errorf("the verdict is said more than once: %s", got)
	}
	if got := finished(&reporter.Console{Color: true}, sample.Green(30, nil)); !strings.Contains(got[strings.LastIndex(got, "Reports:"):], "\x1b[32mCONFORMANT:") {
		t.Errorf("it does not end green: %q", got)
	}
}

// If no server answers, there is one block, with what to do.
func TestConsoleOfAnUnreachableTarget(t *testing.T) {
	t.Parallel()
	r := sample.Green(60, nil)
	for i := range r.Cases {
		r.Cases[i].Outcome, r.Cases[i].Reason = result.Unverified, "no Engine.IO server answered at the target"
	}
	r.Targets = r.Targets[:1]
	r.Targets[0].Error = "connection refused"
	r = sample.Changed(r, nil)
	r.Verdict = result.Unreachable
	r.Conclude()
	got := finished(&reporter.Console{}, r)
	if n := strings.Count(got, "conformance doctor "+r.Targets[0].URL); n != 1 || strings.Contains(got, "UNVERIFIED") {
		t.Errorf("it says:\n%s", got)
	}
}

// Causes that may be the same as an earlier one come after those that are surely different.
func TestConsoleShowsDifferentCausesFirst(t *testing.T) {
	t.Parallel()
	r := sample.Green(40, nil)
	for i := range 30 {
		c := &r.Cases[i]
		c.Outcome, c.Trace, c.Rules = result.Failed, nil, []string{fmt.Sprintf("engine.io/%d", i/10)}
		c.Evidence = []result.Failure{sample.Absence(fmt.Sprintf("the packet %d", i))}
	}
	r = sample.Changed(r, nil)
	got := finished(&reporter.Console{}, r)
	blocks := strings.Split(got, "\nFAILED ")[1:]
	rules := map[string]bool{}
	for i, block := range blocks[:3] {
		id, _, _ := strings.Cut(block, " ")
		for _, c := range r.Cases {
			if c.ID == id {
				rules[c.Rules[0]] = true
			}
		}
		if !strings.Contains(strings.Join(strings.Fields(block), " "), "9 causes may be the same") && !strings.Contains(block, "Maybe ") {
			t.Errorf("block %d has no link:\n%s", i+1, block)
		}
	}
	if len(rules) != 3 {
		t.Errorf("the first three are of the rules %v:\n%s", rules, got)
	}
}

package reporter

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
	"golang.org/x/term"
)

// Console tells a person at a terminal, or the log of a CI job, how a run goes and how it ended. The runner calls its methods
// during a run.
type Console struct {
	Out       io.Writer
	Terminal  bool // lines may be rewritten
	Color     bool
	Verbosity int // -1: only the verdict, 0, 1: every case
	Width     int // columns; 0 means 80

	mu       sync.Mutex
	what     string // what is waited for before the cases run
	since    time.Time
	parts    string // what is counted instead of cases: "fault"
	total    int
	done     int
	red      int
	told     int // cases that were seen broken and printed at once
	underWay map[string]wait
	printed  int // lines
	live     int // lines on the terminal that are to be rewritten
	tick     int
	stop     chan struct{}
	stopped  chan struct{}
}

// wait is a case under way.
type wait struct {
	began   time.Time
	longest time.Duration
}

// How often progress is shown: on a terminal, and in a log.
const (
	liveEvery  = 100 * time.Millisecond
	plainEvery = 10 * time.Second
)

// mostTold is how many cases a log shows while the run is under way.
const mostTold = 5

// columns is the width of a console if it is not known.
const columns = 80

// NewConsole finds out whether a file is a terminal and whether it wants colours (https://no-color.org).
func NewConsole(file *os.File, verbosity int) *Console {
	c := &Console{Out: file, Verbosity: verbosity, Width: columns}
	if fd := int(file.Fd()); term.IsTerminal(fd) && os.Getenv("TERM") != "dumb" {
		c.Terminal = true
		c.Color = os.Getenv("NO_COLOR") == ""
		if width, _, err := term.GetSize(fd); err == nil && width > 0 {
			c.Width = width
		}
	}
	return c
}

// Waits shows what is under way before the cases are known: finding out what the targets can do.
func (c *Console) Waits(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.what, c.since = wording.VisibleLine(what), time.Now()
	c.start()
}

// Counts begins the progress of a number of parts that take about the same time each. Part is their name: "fault".
func (c *Console) Counts(total int, part string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.what, c.since, c.parts, c.total, c.done = "", time.Now(), part, total, 0
	c.start()
}

// Begun records that a part of that name is under way.
func (c *Console) Begun(name string) { c.Started(name, 0) }

// Ended records that a part is over.
func (c *Console) Ended(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.underWay, name)
	c.done++
}

// Notice prints at once what a reader must know: that the target is too far away for its timers, or gone.
func (c *Console) Notice(sentence string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Verbosity < 0 {
		return
	}
	c.erase()
	c.printf("%s\n", c.paint(result.Unstable, wrap(wording.VisibleLine(wording.Clip(sentence, 1000)), c.width(), "  ")))
}

// Planned begins the progress of a number of cases.
func (c *Console) Planned(total int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.what, c.since = "", time.Now()
	c.total += total
	if c.Verbosity >= 0 && !c.Terminal {
		c.printf("Running %s.\n", wording.Count(total, "case"))
	}
	c.start()
}

// Started records that a case is under way.
func (c *Console) Started(id string, longest time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.underWay == nil {
		c.underWay = map[string]wait{}
	}
	c.underWay[id] = wait{time.Now(), longest}
}

// Finished records that a case is over, and prints it at once if its rule was seen broken.
func (c *Console) Finished(r result.CaseResult) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.underWay, r.ID)
	c.done++
	well := r.Outcome == result.Passed || r.Outcome == result.Inapplicable || r.Outcome == result.Warned || r.Outcome == result.Noted || r.Outcome == result.Known ||
		r.Newer && r.Outcome != result.Errored && r.Outcome != result.Stale
	if !well {
		c.red++
	}
	if c.Verbosity < 0 || c.Verbosity < 1 && (well || r.Outcome == result.Unverified) { // an interrupt leaves hundreds of those
		return
	}
	if c.Verbosity < 1 {
		if c.told++; c.told > mostTold {
			return // the summary shows them by their causes
		}
	}
	line := fmt.Sprintf("%-12s %s", r.Outcome, wording.VisibleLine(r.ID))
	if c.Verbosity >= 1 && r.Outcome != result.Inapplicable {
		line += fmt.Sprintf(" (%s)", wording.Milliseconds(r.DurationMs))
	}
	c.erase()
	c.printf("%s\n", c.paint(r.Outcome, line))
}

// Done ends the progress. It may be called more than once.
func (c *Console) Done() {
	c.mu.Lock()
	stop, stopped := c.stop, c.stopped
	c.stop = nil
	c.mu.Unlock()
	if stop != nil {
		close(stop)
		<-stopped
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.erase()
}

// start shows progress from time to time until Done.
func (c *Console) start() {
	if c.stop != nil || c.Verbosity < 0 {
		return
	}
	every := plainEvery
	if c.Terminal {
		every = liveEvery
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	c.stop, c.stopped = stop, stopped
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case now := <-ticker.C:
				c.show(now)
			}
		}
	}()
}

// show writes the progress: a line in a log, or two that replace the ones before.
func (c *Console) show(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first, second := c.progress(now)
	if !c.Terminal {
		c.printf("%s\n", strings.TrimSuffix(first+"; "+second, "; "))
		return
	}
	c.tick++
	spinner := `|/-\`[c.tick%4]
	c.erase()
	c.printf("%s\n", c.cut(fmt.Sprintf("%c %s", spinner, first)))
	c.live = 1
	if second != "" {
		c.printf("%s\n", c.cut("  "+second))
		c.live = 2
	}
}

// progress returns what is under way, and how long the longest wait still takes.
func (c *Console) progress(now time.Time) (first, second string) {
	if c.what != "" {
		return fmt.Sprintf("%s (%s)", c.what, now.Sub(c.since).Round(time.Second)), ""
	}
	first = fmt.Sprintf("%d of %s done", c.done, wording.Count(c.total, cmp.Or(c.parts, "case")))
	if c.red > 0 {
		first += fmt.Sprintf(", %d not well", c.red)
	}
	if n := len(c.underWay); n > 0 {
		first += fmt.Sprintf(", %d under way", n)
	}
	if c.parts != "" {
		if c.done > 0 {
			each := now.Sub(c.since) / time.Duration(c.done)
			second = fmt.Sprintf("about %s left", (each * time.Duration(c.total-c.done)).Round(time.Second))
		}
		return first, second
	}
	var id string
	var left time.Duration
	for name, w := range c.underWay {
		if l := w.began.Add(w.longest).Sub(now); l > left || l == left && name < id {
			id, left = name, l
		}
	}
	if left > 0 {
		second = fmt.Sprintf("the longest wait still takes %s: %s", left.Round(100*time.Millisecond), wording.VisibleLine(id))
	}
	return first, second
}

// erase removes the progress from the terminal.
func (c *Console) erase() {
	if c.live > 0 {
		c.printf("\x1b[%dA\x1b[J", c.live)
		c.live = 0
	}
}

// cut keeps a line within the terminal: a wrapped line could not be rewritten.
func (c *Console) cut(line string) string {
	if runes := []rune(line); len(runes) >= c.width() {
		return string(runes[:c.width()-2]) + "…"
	}
	return line
}

func (c *Console) width() int {
	if c.Width <= 0 {
		return columns
	}
	return max(c.Width, 20)
}

func (c *Console) printf(format string, args ...any) {
	text := unexecuted(fmt.Sprintf(format, args...))
	c.printed += strings.Count(text, "\n")
	_, _ = io.WriteString(c.Out, text)
}

var workflowCommand = regexp.MustCompile(`(?m)^([ \t]*):(:)|##(\[|vso\[)`)

// unexecuted breaks up what GitHub and Azure would take for a command in the log of a job: the answers of a target must not
// contain commands.
func unexecuted(text string) string {
	return workflowCommand.ReplaceAllStringFunc(text, func(command string) string {
		if at := strings.Index(command, "##"); at >= 0 {
			return command[:at+1] + "⟨#⟩" + command[at+2:]
		}
		return strings.Replace(command, "::", "⟨:⟩:", 1)
	})
}

var paints = map[result.Outcome]string{
	result.Passed: "32", result.Failed: "31", result.Errored: "35", result.Unverified: "35", result.Warned: "33", result.Inapplicable: "2", result.Known: "36", result.Stale: "31", result.Noted: "2", result.Unstable: "33",
}

// paint colours a text like an outcome.
func (c *Console) paint(o result.Outcome, text string) string { return c.sgr(paints[o], text) }

func (c *Console) bold(text string) string { return c.sgr("1", text) }

func (c *Console) sgr(code, text string) string {
	if !c.Color || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Tell prints a text after its head, which is painted like an outcome, and wraps it.
func (c *Console) Tell(tone result.Outcome, head, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.erase()
	whole := wrap(head+wording.Visible(wording.Clip(text, 2000)), c.width(), "          ")
	c.printf("%s\n", strings.Replace(whole, head, c.paint(tone, head), 1))
}

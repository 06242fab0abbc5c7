package suite

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// T is one case under way. Its methods speak to the target and judge what comes back; the first
// broken expectation ends the case.
type T struct {
	gomega.Gomega
	flight   *flight
	it       *Case
	ctx      context.Context
	recorder *wire.Recorder
	marks    int

	mu       sync.Mutex
	cleanups []func()
	pulses   []*pulse
	step     string
	acted    string     // the latest act
	setup    []*granted // what the present step takes for granted, innermost last
	answer   string
	failure  *failure
}

// granted is the rule of another case that a step takes for granted.
type granted struct{ id string }

// failure is the first broken expectation of a case.
type failure struct {
	message  string
	step     string
	setup    string // the ID of the prerequisite that did not hold, where it was one
	site     string // file and line in the case
	panicked bool
	lost     bool          // a session was over, or the observer's connection
	spare    time.Duration // of the heartbeats of those sessions
	// inapplicable is why the case does not apply after all; the rest is empty then.
	inapplicable string
	// unverified is why the case cannot be judged; the rest is empty then.
	unverified string
}

// halt ends a case's goroutine once its failure is recorded.
type halt struct{}

func newT(f *flight, c *Case) *T {
	t := &T{flight: f, it: c, recorder: wire.NewRecorder()}
	t.Gomega = gomega.NewGomega(t.Fail)
	return t
}

// fly runs the case to its end, whatever it does, and closes what it opened.
func (t *T) fly(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	t.ctx = ctx
	defer t.clean()
	defer cancel()
	defer t.recover()
	t.it.Run(t)
}

func (t *T) recover() {
	switch caught := recover().(type) {
	case nil, halt:
	default:
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.failure == nil {
			t.failure = &failure{message: fmt.Sprintf("the case panicked: %v\n\n%s", caught, debug.Stack()), step: t.step, panicked: true}
		}
	}
}

func (t *T) clean() {
	for {
		t.mu.Lock()
		cleanups := t.cleanups
		t.cleanups = nil
		t.mu.Unlock()
		if len(cleanups) == 0 {
			return
		}
		for _, f := range slices.Backward(cleanups) {
			f()
		}
	}
}

// Fail ends the case: its rule is broken. Gomega calls it, and cases where no matcher says it better.
func (t *T) Fail(message string, _ ...int) {
	t.mu.Lock()
	if t.failure == nil {
		t.failure = &failure{message: plain(message), step: t.step, site: site()}
		t.failure.spare, t.failure.lost = t.spare()
		if n := len(t.setup); n > 0 && t.setup[n-1].id != t.it.ID {
			t.failure.setup = t.setup[n-1].id
		}
	}
	t.mu.Unlock()
	panic(halt{})
}

// Failf is Fail with a format.
func (t *T) Failf(format string, args ...any) { t.Fail(fmt.Sprintf(format, args...)) }

// Inapplicable ends a case whose rule does not apply to the target, as only the case itself could find out.
func (t *T) Inapplicable(format string, args ...any) {
	t.mu.Lock()
	if t.failure == nil {
		t.failure = &failure{inapplicable: fmt.Sprintf(format, args...)}
	}
	t.mu.Unlock()
	panic(halt{})
}

// Unverified ends a case that cannot be judged, for a reason that is not the target's.
func (t *T) Unverified(format string, args ...any) {
	t.mu.Lock()
	if t.failure == nil {
		t.failure = &failure{unverified: fmt.Sprintf(format, args...)}
	}
	t.mu.Unlock()
	panic(halt{})
}

// site is where in the cases the failing expectation stands.
func site() string {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		frame, more := frames.Next()
		if i := strings.Index(frame.File, "/cases/"); i >= 0 {
			return fmt.Sprintf("%s:%d", frame.File[i+1:], frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// Expect judges a value. The description, as in gomega, says what the value is.
func (t *T) Expect(actual any, extra ...any) types.Assertion {
	return t.Gomega.Expect(actual, extra...)
}

// Step says in the trace, and in the report of a failure, what the case does next.
func (t *T) Step(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	t.mu.Lock()
	t.step = text
	t.mu.Unlock()
	t.recorder.Note("step", "%s", text)
}

// act says in the trace what a method of the suite does next, which is none of the case's own steps. The same
// words one after the other are one act.
func (t *T) act(text string) {
	t.mu.Lock()
	again := text == t.acted
	t.acted = text
	t.mu.Unlock()
	if !again {
		t.recorder.Note("step", "%s", text)
	}
}

// Answer records what the target does, for the report of an observed rule.
func (t *T) Answer(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answer = fmt.Sprintf(format, args...)
}

// Given runs a step that is not what the case is about: it takes the rule of another case for
// granted. Where the step breaks and that other case failed too, this one is unverified, not failed.
func (t *T) Given(prerequisite string, step func()) {
	if prerequisite != t.it.ID && t.flight.knownToFail(prerequisite) {
		t.mu.Lock()
		t.failure = &failure{message: "not tried", setup: prerequisite}
		t.mu.Unlock()
		panic(halt{})
	}
	one := &granted{prerequisite}
	t.mu.Lock()
	t.setup = append(t.setup, one)
	t.mu.Unlock()
	step()
	t.mu.Lock()
	t.setup = slices.DeleteFunc(t.setup, func(other *granted) bool { return other == one })
	t.mu.Unlock()
}

// Cleanup runs f when the case is over, the last one first.
func (t *T) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// Context ends with the case.
func (t *T) Context() context.Context { return t.ctx }

// Timings of the first target.
func (t *T) Timings() Timings { return t.flight.capabilities.Timings }

// Tolerance of the run.
func (t *T) Tolerance() Tolerance { return t.flight.config.Tolerance }

// Targets is the number of instances under test.
func (t *T) Targets() int { return len(t.flight.config.Targets) }

// Info is what the conformance application of a target declares; nil where it has none.
func (t *T) Info(target int) *Info { return t.flight.capabilities.Info[target] }

// EmitTimeout is how long a target waits for the acknowledgements of a server-side emit. The instances of a cluster
// may be of different makes, each with its own time.
func (t *T) EmitTimeout(target int) time.Duration { return t.flight.capabilities.emitTimeout(target) }

// Edition that the run asks for.
func (t *T) Edition() Edition { return t.flight.config.Edition }

// Wait lets time pass, where time is the rule under test.
func (t *T) Wait(d time.Duration, why string) {
	t.recorder.Note("timer", "waits %d ms: %s", d.Milliseconds(), why)
	select {
	case <-time.After(d):
	case <-t.ctx.Done():
		t.cut()
	}
}

// cut ends a case that the end of the run overtook.
func (t *T) cut() {
	t.Failf("the case was cut short: %v", context.Cause(t.ctx))
}

// Mark returns a word that no other request of any run carries: letters and digits only.
func (t *T) Mark() string {
	t.mu.Lock()
	t.marks++
	n := t.marks
	t.mu.Unlock()
	return fmt.Sprintf("m%s%d", word(), n)
}

// word is random, of 12 hexadecimal digits.
func word() string {
	var b [6]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Together runs n functions at once and waits for all; the first failure among them is the case's.
func (t *T) Together(n int, f func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			defer t.recover()
			f(i)
		})
	}
	group.Wait()
	t.mu.Lock()
	failed := t.failure != nil
	t.mu.Unlock()
	if failed {
		panic(halt{})
	}
}

// await waits for a channel with the run's patience; it reports whether something came.
func await[V any](t *T, c <-chan V, d time.Duration) (v V, ok bool) {
	select { // what is there already counts, however late it is looked at
	case v = <-c:
		return v, true
	default:
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case v = <-c:
		return v, true
	case <-timer.C:
		return v, false
	case <-t.ctx.Done():
		t.cut()
		return v, false
	}
}

package suite

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// T is one case under way, seen from one goroutine. Its methods talk to the target and judge what comes back; the first
// expectation that does not hold ends the goroutine. [T.Given] and [T.Together] pass on a T of their own, so that steps of
// different goroutines are never confused.
type T struct {
	*execution
	given string // the ID of the rule that the step takes for granted; empty for the case's own steps
	ready *ready // of the goroutine
	step  step
	last  seen
}

// step is what a case says it does next, and the number of that event in the trace.
type step struct {
	text string
	seq  int
}

// execution is the state that all T of one execution of a case share.
type execution struct {
	env      *Environment
	it       *Case
	ctx      context.Context
	recorder *wire.Recorder
	begun    time.Time
	idle     func() // called when the case waits long for one message, perhaps often; may be nil
	marks    int
	texts    int        // how many were drawn
	number   int64      // counts the executions of the case
	drawn    []string   // the words of the marks
	vain     []vainLook // queries for records that found none
	began    []position // the positions in the targets' entries when the execution began
	holds    []func()   // release the entries that the execution may ask for

	mu         sync.Mutex
	cleanups   []func()
	heartbeats []*heartbeat
	beside     []*webSocket // of sessions over polling
	acted      string       // the latest act
	answer     string
	failure    *failure
	calm       time.Time       // when the latest wait began that was calm enough to call its message absent
	waited     bool            // the case has let time pass
	due        time.Time       // since when it has waited in vain for the records that it looked at last
	sealed     bool            // the execution is over: findings of goroutines left behind are ignored
	distant    string          // why a target is too far away for its timers over a transport that the case uses
	polling    map[string]bool // the sessions that the case opened over polling

	looked  map[recordKey]Entry // the records that the case looked at
	silence bool                // it looked for records and found none
	word    bool                // it looked at something that only the application shows
	claimed []claim             // the emits that it had the application make
}

// failure is how a case ended that did not hold. If several goroutines failed, it covers all of them.
type failure struct {
	evidence []result.Failure
	crash    string // a panic of the case
	cut      bool   // it was ended from outside
	setup    string // the ID of the granted rule that was seen broken, so nothing was tried
	// inapplicable is why the case does not apply after all.
	inapplicable string
	// unverified is why the case cannot be judged.
	unverified string
	// missed names the moment that passed before the case could use it.
	missed string
}

// halt ends a case's goroutine once its failure is recorded.
type halt struct{}

func newT(env *Environment, c *Case) *T {
	env.open()
	t := &T{ready: &ready{}, execution: &execution{env: env, it: c, recorder: wire.NewRecorder(env.Targets...), begun: time.Now(), number: env.begin(c)}}
	t.holdAll()
	return t
}

// hold holds the entries that come from now on until release is called, or the execution is over.
func (t *T) hold(o *Control) (at position, release func()) {
	at, release = o.hold()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.holds = append(t.holds, release)
	return at, release
}

// release releases the entries that the execution held.
func (t *T) release() {
	t.mu.Lock()
	holds := t.holds
	t.holds = nil
	t.mu.Unlock()
	for _, release := range holds {
		release()
	}
}

// run runs the case to its end, even if it panics, and closes what it opened.
func (t *T) run(ctx context.Context) {
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
		t.record(func(f *failure) { f.crash = fmt.Sprintf("the case panicked: %v\n\n%s", caught, debug.Stack()) })
	}
}

// record notes how a goroutine of the case ended, unless the execution is sealed.
func (e *execution) record(note func(*failure)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sealed {
		return
	}
	if e.failure == nil {
		e.failure = &failure{}
	}
	note(e.failure)
}

// seal ends the execution and returns how it failed, if it did.
func (e *execution) seal() *failure {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sealed = true
	if e.failure != nil {
		result.StrongestFirst(e.failure.evidence)
	}
	return e.failure
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

// Inapplicable ends a case that found out that its rule does not apply to the target.
func (t *T) Inapplicable(format string, args ...any) {
	t.record(func(f *failure) { f.inapplicable = fmt.Sprintf(format, args...) })
	panic(halt{})
}

// Unverified ends a case that cannot be judged, through no fault of the target.
func (t *T) Unverified(format string, args ...any) {
	t.record(func(f *failure) { f.unverified = fmt.Sprintf(format, args...) })
	panic(halt{})
}

// Missed ends an attempt that was too late for a moment which the case depends on, for instance on a slow machine. It says
// nothing about the target, and further attempts are made.
func (t *T) Missed(format string, args ...any) {
	t.record(func(f *failure) { f.missed = fmt.Sprintf(format, args...) })
	panic(halt{})
}

// Step says in the trace, and in the report of a failure, what the case does next.
func (t *T) Step(format string, args ...any) {
	e := t.recorder.Step(format, args...)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.step = step{fmt.Sprintf(format, args...), e.Seq}
}

// act says in the trace what a method of the suite does next, as opposed to a step of the case. Repeating the same words in
// a row records one act.
func (t *T) act(text string) {
	t.mu.Lock()
	again := text == t.acted
	t.acted = text
	t.mu.Unlock()
	if !again {
		t.recorder.Step("%s", text)
	}
}

// Answer records what the target does, for the report about an observed rule.
func (t *T) Answer(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answer = fmt.Sprintf(format, args...)
}

// Given runs a step that is not what the case is about: it takes one of the rules in [Granted] for granted. If the step
// fails, the failure counts against that rule, and this case is unverified, not failed. The step must use the T that it
// gets. Whatever outlives the step must be bound to t again.
func (t *T) Given(rule string, step func(t *T)) {
	if rule == t.it.Shows {
		step(t)
		return
	}
	if doubted := t.env.Doubted; doubted != nil && doubted(rule) {
		t.record(func(f *failure) { f.setup = rule })
		panic(halt{})
	}
	step(t.child(rule))
}

// child returns a T of the same execution for a step or a goroutine.
func (t *T) child(given string) *T {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &T{execution: t.execution, given: given, ready: t.ready, step: t.step}
}

// Cleanup registers f to run when the case is over, in last-in, first-out order.
func (t *T) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// Context returns a context that ends with the case.
func (t *T) Context() context.Context { return t.ctx }

// Timings returns the timers of the first target.
func (t *T) Timings() Timings { return t.env.Capabilities.Timings }

// Tolerance returns the tolerance of the run.
func (t *T) Tolerance() Tolerance { return t.env.Tolerance }

// Targets returns the number of instances under test.
func (t *T) Targets() int { return len(t.env.Targets) }

// Info returns what the conformance application of a target declares; nil if it has none.
func (t *T) Info(target int) *Info { return t.env.Capabilities.Info[target] }

// EmitTimeout returns how long a target waits for the acknowledgements of a server-side emit. The instances of a cluster may
// run different servers, each with its own timeout.
func (t *T) EmitTimeout(target int) time.Duration { return t.tellsEmitTimeout(target) }

// Edition returns the edition that the run asks for.
func (t *T) Edition() Edition { return t.env.Edition }

// Wait lets time pass, for a rule that is about time. A mismatch after that is evidence of the kind [result.State], not of
// content, because a timer of the target may be late, unless the case says [Actual.OfNoTimer].
func (t *T) Wait(d time.Duration, why string) {
	t.recorder.Timer(d, why)
	t.mu.Lock()
	t.waited = true
	t.mu.Unlock()
	t.pause(d)
}

// pause lets time pass. Unlike [T.Wait], it does not weaken what the case finds afterwards.
func (t *T) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-t.ctx.Done():
		t.cut()
	}
}

// cut ends a case whose context has ended.
func (t *T) cut() {
	t.record(func(f *failure) { f.cut = true })
	panic(halt{})
}

// Mark returns a word of letters and digits that no other request of any run carries.
func (t *T) Mark() string {
	drawn := t.drawWord()
	t.mu.Lock()
	t.marks++
	n := t.marks
	t.drawn = append(t.drawn, drawn)
	t.mu.Unlock()
	return fmt.Sprintf("%s%d", drawn, n)
}

// Together runs f n times concurrently and waits for all. Each has its own T. A failure of one does not end the others, and
// the evidence of all is kept.
func (t *T) Together(n int, f func(t *T, i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			child := t.child(t.given)
			child.ready = &ready{}
			defer child.recover()
			f(child, i)
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

// await waits that long for a value from a channel, and reports whether one came.
func await[V any](t *T, c <-chan V, d time.Duration) (v V, ok bool) {
	select { // what has already come counts, however late we look
	case v = <-c:
		return v, true
	default:
	}
	clock := t.clock(d)
	defer clock.stop()
	return awaitBy(t, c, clock)
}

// awaitBy waits for a channel until the clock is over. Several waits may share a clock.
func awaitBy[V any](t *T, c <-chan V, clock *clock) (v V, ok bool) {
	if clock.spent {
		return v, false
	}
	for {
		select {
		case v = <-c:
			return v, true
		case <-clock.timer.C:
			if !clock.over() {
				continue
			}
			select {
			case v = <-c:
				return v, true
			default:
				return v, false
			}
		case <-t.ctx.Done():
			t.cut()
		}
	}
}

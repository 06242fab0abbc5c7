package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"example.test/conformance/suite/wire"
)

// Why a run or a case ended before its time.
var (
	ErrInterrupted = errors.New("the run was interrupted")
	ErrTimeout     = errors.New("the run's time was up")
	ErrFailFast    = errors.New("the run ended with the first failure (--fail-fast)")
	errCaseLimit   = errors.New("the case's time was up")
)

// caseLimit is what a case may take beside the target's own timers.
const caseLimit = 30 * time.Second

// quietSlots is how many second attempts are under way at once.
const quietSlots = 8

// flight holds the cases under way. They start early, in goroutines of their own, and wait at the same time.
type flight struct {
	config       Config
	capabilities *Capabilities
	observers    []*observer
	all          []planned
	start        time.Time

	main   *flight // whose prerequisites count, of a flight beside it
	beside *flight // where cases fly that disturb others; nil where they fly here
	parent context.Context
	ctx    context.Context
	cancel context.CancelCauseFunc
	stalls stalls

	running sync.WaitGroup      // first attempts that make load
	aloft   sync.WaitGroup      // cases that fly together
	quiet   *semaphore.Weighted // slots of further attempts
	landing sync.WaitGroup
	mu      sync.Mutex
	results map[string]*CaseResult
	landed  map[string]chan struct{}
}

func newFlight(ctx context.Context, config Config, c *Capabilities, observers []*observer, all []planned) *flight {
	f := &flight{
		parent: ctx, config: config, capabilities: c, observers: observers, all: all, start: time.Now(),
		results: map[string]*CaseResult{}, landed: map[string]chan struct{}{}, quiet: semaphore.NewWeighted(quietSlots),
	}
	f.ctx, f.cancel = context.WithCancelCause(ctx)
	for _, p := range all {
		f.landed[p.ID] = make(chan struct{})
	}
	return f
}

// launch starts the cases, as many at once as the run allows, and returns at once.
func (f *flight) launch() {
	var first, runs, alone []planned
	for _, p := range f.all {
		if p.outcome != "" {
			r := f.result(p.Case)
			r.Outcome, r.Reason = p.outcome, p.reason
			f.land(r)
			continue
		}
		switch {
		case slices.Contains(Prerequisites, p.ID):
			first = append(first, p)
		case p.Alone:
			alone = append(alone, p)
		default:
			runs = append(runs, p)
		}
	}
	f.config.Watcher.Planned(len(first) + len(runs) + len(alone))
	for _, p := range runs {
		if f.loads(p.Case) {
			f.running.Add(1)
		}
	}
	f.aloft.Add(len(runs))
	f.landing.Add(len(first) + len(runs) + len(alone))
	together := func(c *Case, a *attempt) {
		defer f.aloft.Done()
		f.judge(c, a)
	}
	go f.stalls.watch(f.ctx)
	begun := make(chan struct{})
	go func() {
		defer close(begun)
		f.begin(first)
	}()
	go func() {
		<-begun
		slots := semaphore.NewWeighted(int64(f.config.Parallel))
		for _, p := range order(runs, f.capabilities.Timings, f.config.Seed) {
			if slots.Acquire(f.ctx, 1) != nil {
				f.hasRun(p.Case)
				go together(p.Case, &attempt{cut: context.Cause(f.ctx)})
				continue
			}
			go func() {
				a := f.attempt(p.Case)
				slots.Release(1)
				f.hasRun(p.Case)
				together(p.Case, a)
			}()
		}
	}()
	go func() {
		<-begun
		if f.beside == nil {
			f.aloft.Wait()
		}
		for _, p := range alone {
			a := &attempt{cut: context.Cause(f.ctx)}
			if a.cut == nil {
				a = f.attempt(p.Case)
			}
			f.judge(p.Case, a)
		}
	}()
}

// loads reports whether a case makes load while it is under way: one that waits for a timer longer than an answer may
// take does hardly anything else, and nothing waits for it to land but what needs it.
func (f *flight) loads(c *Case) bool {
	return c.longest(f.capabilities.Timings) <= f.config.Tolerance.Patience
}

// hasRun takes note that the first attempt at a case is over, for those that wait until there is no load.
func (f *flight) hasRun(c *Case) {
	if f.loads(c) {
		f.running.Done()
	}
}

// begin lets the prerequisites of others fly before them, and judges each at once: where one of them
// fails, much is unverified, so the load of the others must not be its reason.
func (f *flight) begin(first []planned) {
	var group sync.WaitGroup
	for _, p := range first {
		group.Go(func() {
			a := &attempt{cut: context.Cause(f.ctx)}
			if a.cut == nil {
				a = f.attempt(p.Case)
			}
			f.judge(p.Case, a)
		})
	}
	group.Wait()
}

// ground leaves all cases unverified: no target was reached, or the run's time was up before.
func (f *flight) ground(ctx context.Context) {
	reason := "no Engine.IO server answered at the target"
	if ctx.Err() != nil {
		reason = context.Cause(ctx).Error()
	}
	for _, p := range f.all {
		r := f.result(p.Case)
		r.Outcome, r.Reason = Unverified, reason
		if p.outcome == Inapplicable {
			r.Outcome, r.Reason = p.outcome, p.reason
		}
		f.land(r)
	}
}

// wait until all cases have landed.
func (f *flight) wait() {
	f.landing.Wait()
	f.cancel(nil)
	f.config.Watcher.Done()
}

// host is the flight whose targets a case speaks to.
func (f *flight) host(c *Case) *flight {
	if c.Alone && f.beside != nil {
		return f.beside
	}
	return f
}

// attempt is one flight of one case.
type attempt struct {
	start    time.Time
	took     time.Duration
	failure  *failure
	cut      error // why it was cut short
	answer   string
	recorder *wire.Recorder
	stalled  time.Duration // the longest that this machine stood still meanwhile
}

func (f *flight) attempt(c *Case) *attempt {
	longest := c.longest(f.capabilities.Timings)
	f.config.Watcher.Started(c.ID, longest)
	limit := longest + caseLimit
	if c.Needs.Restarts {
		limit += lifecycleLimit
	}
	if c.Needs.Browser {
		limit += browserLimit
	}
	ctx, cancel := context.WithTimeoutCause(f.ctx, limit, errCaseLimit)
	defer cancel()
	t := newT(f.host(c), c)
	a := &attempt{start: time.Now(), recorder: t.recorder}
	over := make(chan struct{})
	go func() {
		defer close(over)
		t.fly(ctx)
	}()
	select {
	case <-over:
	case <-ctx.Done():
		select { // every wait of a case heeds its context; what does not is left behind
		case <-over:
		case <-time.After(2 * time.Second):
		}
	}
	a.took = time.Since(a.start)
	if deadline, set := ctx.Deadline(); set && !time.Now().Before(deadline) {
		<-ctx.Done() // the timer of a dial may go off a moment before the context's own
	}
	t.mu.Lock()
	a.failure, a.answer = t.failure, t.answer
	t.mu.Unlock()
	if ctx.Err() != nil && (a.failure != nil || f.ctx.Err() != nil) {
		a.cut = context.Cause(ctx)
	}
	a.stalled = f.stalls.longest(a.start, time.Now())
	return a
}

// cause is why the flight ended before its time; nil where it did not.
func (f *flight) cause() error {
	if cause := context.Cause(f.ctx); cause != context.Canceled {
		return cause
	}
	return nil
}

func (f *flight) knownToFail(id string) bool {
	if f.main != nil {
		return f.main.knownToFail(id)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.results[id]
	return r != nil && r.Outcome != Passed && r.Outcome != Stale && r.Outcome != Inapplicable
}

func (f *flight) result(c *Case) *CaseResult {
	return &CaseResult{
		ID: c.ID, Title: c.Title, Area: c.Area(), Level: c.Level, Since: string(c.Since), Source: c.Source,
		Faults: c.Faults, Rerun: f.config.Rerun(c.ID),
	}
}

func (f *flight) land(r *CaseResult) {
	f.confront(r)
	f.mu.Lock()
	f.results[r.ID] = r
	f.mu.Unlock()
	close(f.landed[r.ID])
	if r.Attempts > 0 {
		f.config.Watcher.Landed(*r)
	}
	if f.config.FailFast && r.Outcome != Unverified && (&Results{Strict: f.config.Strict}).Gates(*r) {
		f.cancel(ErrFailFast)
	}
}

func (f *flight) allLanded() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.results) == len(f.all)
}

func (f *flight) redact(text string) string {
	for _, target := range f.config.Targets {
		text = target.Redact(text)
	}
	return text
}

func (c *Case) longest(t Timings) time.Duration {
	if c.Waits == nil {
		return 0
	}
	return c.Waits(t)
}

// Bounds of the trace that a passing case keeps.
const (
	briefEvents = 60
	briefBytes  = 600
)

// brief shortens the trace of a passing case.
func brief(trace wire.Trace) wire.Trace {
	short := slices.Clone(trace[:min(len(trace), briefEvents)])
	for i := range short {
		e := &short[i]
		if len(e.Text) > briefBytes {
			e.Size = max(e.Size, len(e.Text))
			e.Text = strings.ToValidUTF8(e.Text[:briefBytes], "")
		}
		if len(e.Bytes) > briefBytes {
			e.Size = max(e.Size, len(e.Bytes))
			e.Bytes = slices.Clone(e.Bytes[:briefBytes])
		}
	}
	if n := len(trace) - len(short); n > 0 {
		short = append(short, wire.Event{
			At: trace[len(trace)-1].At, Direction: wire.Noted, Kind: "step",
			Text: fmt.Sprintf("%d further events are left out: the case passed", n),
		})
	}
	return short
}

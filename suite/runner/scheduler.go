package runner

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// Why a run ended before its time, beside [suite.ErrInterrupted].
var (
	ErrTimeout  = errors.New("the run's time was up")
	ErrFailFast = errors.New("the run ended with the first failure (--fail-fast)")
)

// scheduler runs the cases. They start early, in goroutines of their own, and wait at the same time.
type scheduler struct {
	config       settings
	capabilities *suite.Capabilities
	env          *suite.Environment
	probes       *probes // nil where nobody asks the targets
	all          []planned
	shows        map[string]string // the case that shows a rule which others take for granted, by the rule's ID
	start        time.Time

	main   *scheduler // whose prerequisites count, of a scheduler for the second cluster
	second *scheduler // where cases run that disturb others; nil where they run here
	group  *controlGroup
	parent context.Context
	ctx    context.Context
	cancel context.CancelCauseFunc

	running    sync.WaitGroup // cases that run together
	slots      *limiter
	underWay   atomic.Int64 // cases
	repeated   atomic.Int64 // the number of cases that were run again for load
	unfinished sync.WaitGroup

	starting sync.Once
	settling sync.Mutex // of results that change after they finished

	mu         sync.Mutex
	results    map[string]*suite.CaseResult
	trials     map[string]*trial
	finished   map[string]chan struct{}
	executing  map[*entered]context.CancelCauseFunc
	departures departures
	patience   time.Duration // spent on attempts beyond the usual ones
	looks      []*suite.Look // at the records
}

func newScheduler(ctx context.Context, config settings, c *suite.Capabilities, observers []*suite.Control, all []planned) *scheduler {
	f := &scheduler{
		parent: ctx, config: config, capabilities: c, env: config.environment(c, observers), all: all, start: time.Now(),
		results: map[string]*suite.CaseResult{}, trials: map[string]*trial{}, finished: map[string]chan struct{}{}, shows: map[string]string{},
		executing: map[*entered]context.CancelCauseFunc{}, departures: newDepartures(), slots: newLimiter(config.Parallel),
	}
	f.env.Doubted = f.seenBroken
	f.ctx, f.cancel = context.WithCancelCause(ctx)
	for _, p := range all {
		f.finished[p.ID] = make(chan struct{})
		if p.Shows != "" {
			f.shows[p.Shows] = p.ID
		}
	}
	return f
}

// ask lets the scheduler, and the cases that it runs, know what the targets answer to questions.
func (f *scheduler) ask(p *probes) {
	p.changed, p.stalls = f.changed, f.env.Stalls
	f.probes, f.env.Probes = p, p
}

// startCases starts the cases, as many at once as the run allows, and returns at once. What is called again does nothing.
func (f *scheduler) startCases() { f.starting.Do(f.startAllCases) }

func (f *scheduler) startAllCases() {
	var first, runs, alone []planned
	for _, p := range f.all {
		if p.outcome != "" {
			r := f.result(p.Case)
			r.Outcome, r.Reason = p.outcome, p.reason
			f.finish(r, nil)
			continue
		}
		switch {
		case p.Shows != "":
			first = append(first, p)
		case p.Alone:
			alone = append(alone, p)
		default:
			runs = append(runs, p)
		}
	}
	f.config.Watcher.Planned(len(first) + len(runs) + len(alone))
	f.running.Add(len(runs))
	f.unfinished.Add(len(first) + len(runs) + len(alone))
	go f.env.Stalls.Watch(f.ctx)
	if f.probes != nil {
		go f.probes.watch(f.ctx)
		go f.adapt(f.ctx)
	}
	begun := make(chan struct{})
	go func() {
		defer close(begun)
		f.begin(first)
	}()
	go func() {
		<-begun
		for _, p := range order(runs, f.capabilities.Timings, f.config.Seed) {
			if f.slots.Acquire(f.ctx) != nil {
				go func() {
					defer f.running.Done()
					f.judge(p.Case, f.untried(p.Case), 0)
				}()
				continue
			}
			go func() {
				defer f.running.Done()
				release := f.slots.hold(slotLimit)
				a, others := f.attempt(p.Case, release)
				release()
				f.judge(p.Case, a, others)
			}()
		}
	}()
	go func() {
		<-begun
		if f.second == nil {
			f.running.Wait()
		}
		for _, p := range alone {
			a, others := f.attempt(p.Case, nil)
			f.judge(p.Case, a, others)
		}
	}()
}

// loads reports whether a case makes load while it is under way: one that waits for a timer longer than an answer may
// take does hardly anything else.
func (f *scheduler) loads(c *suite.Case) bool {
	return c.Longest(f.capabilities.Timings) <= f.config.Tolerance.Patience
}

// begin runs the prerequisites of others before them, and judges each at once: where one of them
// fails, much is unverified, so the load of the others must not be its reason. Those of a cluster come last: what instances
// say to each other must not disturb what a single one shows.
func (f *scheduler) begin(first []planned) {
	for _, ofCluster := range []bool{false, true} {
		var group sync.WaitGroup
		for _, p := range first {
			if p.Needs.Targets > 1 == ofCluster {
				group.Go(func() {
					a, others := f.attempt(p.Case, nil)
					f.judge(p.Case, a, others)
				})
			}
		}
		group.Wait()
	}
}

// untried stands for an attempt that was not made, since the run is over.
func (f *scheduler) untried(c *suite.Case) result.Attempt {
	now := time.Now()
	return result.Attempt{Case: c.ID, Span: result.Span{From: now.Add(-time.Millisecond), Until: now}, Cut: context.Cause(f.ctx).Error()}
}

// skipAll leaves all cases unverified: no target was reached, or the run's time was up before.
func (f *scheduler) skipAll(ctx context.Context) {
	reason := "no Engine.IO server answered at the target"
	if ctx.Err() != nil {
		reason = context.Cause(ctx).Error()
	}
	for _, p := range f.all {
		r := f.result(p.Case)
		r.Outcome, r.Reason = suite.Unverified, reason
		if p.outcome == suite.Inapplicable {
			r.Outcome, r.Reason = p.outcome, p.reason
		}
		f.finish(r, nil)
	}
}

// wait until all cases have finished.
func (f *scheduler) wait() {
	f.unfinished.Wait()
	f.sweep()
	f.cancel(nil)
	f.config.Watcher.Done()
}

// first is the scheduler in which the prerequisites of others were judged.
func (f *scheduler) first() *scheduler {
	if f.main != nil {
		return f.main
	}
	return f
}

// host is the scheduler whose targets a case speaks to.
func (f *scheduler) host(c *suite.Case) *scheduler {
	if c.Alone && f.second != nil {
		return f.second
	}
	return f
}

// attempt makes one attempt at a case. Others are the cases that were under way beside it. Idle is called where the case
// waits long for one message; nil where nobody asks.
func (f *scheduler) attempt(c *suite.Case, idle func()) (a result.Attempt, others int) {
	if f.ctx.Err() != nil {
		return f.untried(c), 0
	}
	others = int(f.underWay.Load())
	f.config.Watcher.Started(c.ID, c.Longest(f.capabilities.Timings))
	a, recorder := f.execute(f.ctx, c, idle)
	if a.Failed() || a.Crash != "" || a.Cut != "" {
		a.Trace = recorder.Seal()
	} else {
		a.Trace = recorder.Shorten(briefEvents, briefBytes)
	}
	return a, max(others, int(f.underWay.Load()))
}

// cause is why the scheduler ended before its time; nil where it did not.
func (f *scheduler) cause() error {
	if cause := context.Cause(f.ctx); cause != context.Canceled {
		return cause
	}
	return nil
}

// seenBroken reports whether the case that shows a rule for others did not see it kept.
func (f *scheduler) seenBroken(rule string) bool {
	if first := f.first(); first != f {
		return first.seenBroken(rule)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.results[f.shows[rule]]
	if r == nil {
		return false
	}
	switch r.Outcome {
	case suite.Passed, suite.Stale, suite.Inapplicable, suite.Unstable, suite.Noted:
		return false
	}
	return true
}

func (f *scheduler) result(c *suite.Case) *suite.CaseResult {
	r := f.config.result(c)
	r.Rerun = f.config.Rerun(c.ID)
	return &r
}

func (f *scheduler) finish(r *suite.CaseResult, t *trial) {
	f.confront(r)
	result.Sanitise(r, f.redact)
	f.mu.Lock()
	f.results[r.ID] = r
	if t != nil {
		f.trials[r.ID] = t
	}
	f.mu.Unlock()
	close(f.finished[r.ID])
	if r.Attempts > 0 {
		f.config.Watcher.Finished(*r)
	}
	if f.config.FailFast && r.Outcome != suite.Unverified && (&suite.Results{Strict: f.config.Strict}).Gates(*r) {
		f.cancel(ErrFailFast)
	}
}

func (f *scheduler) allFinished() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.results) == len(f.all)
}

func (f *scheduler) redact(text string) string {
	for _, target := range f.config.Targets {
		text = target.Redact(text)
	}
	return text
}

// Bounds of the trace that a passing case keeps; what is referred to by number stays whole.
const (
	briefEvents = 60
	briefBytes  = 600
)

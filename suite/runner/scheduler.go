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

// Why a run ended early, besides [suite.ErrInterrupted].
var (
	ErrTimeout  = errors.New("the run's time was up")
	ErrFailFast = errors.New("the run ended with the first failure (--fail-fast)")
)

// scheduler runs the cases. They start early, each in its own goroutine, and wait concurrently.
type scheduler struct {
	config       settings
	capabilities *suite.Capabilities
	env          *suite.Environment
	probes       *probes // nil if nobody probes the targets
	all          []planned
	shows        map[string]string // the case that shows a rule which others take for granted, by the rule's ID
	start        time.Time

	main   *scheduler // for the scheduler of the second cluster: the one whose prerequisites count
	second *scheduler // runs the cases that disturb others; nil if they run here
	group  *controlGroup
	parent context.Context
	ctx    context.Context
	cancel context.CancelCauseFunc

	running    sync.WaitGroup // cases that run together
	slots      *limiter
	underWay   atomic.Int64 // cases
	repeated   atomic.Int64 // the number of cases that were run again to make load
	unfinished sync.WaitGroup

	starting sync.Once
	settling sync.Mutex // guards changes to finished results

	mu         sync.Mutex
	results    map[string]*suite.CaseResult
	trials     map[string]*trial
	booked     map[string]bool // the cases whose rules only other cases saw broken
	finished   map[string]chan struct{}
	executing  map[*entered]context.CancelCauseFunc
	departures departures
	patience   time.Duration // spent on attempts beyond the usual ones
	looks      []*suite.Look // at the records
}

func newScheduler(ctx context.Context, config settings, c *suite.Capabilities, observers []*suite.Control, all []planned) *scheduler {
	f := &scheduler{
		parent: ctx, config: config, capabilities: c, env: config.environment(c, observers), all: all, start: time.Now(),
		results: map[string]*suite.CaseResult{}, trials: map[string]*trial{}, booked: map[string]bool{}, finished: map[string]chan struct{}{}, shows: map[string]string{},
		executing: map[*entered]context.CancelCauseFunc{}, departures: newDepartures(), slots: newLimiter(config.Parallel),
	}
	f.env.Doubted = f.doubted
	f.ctx, f.cancel = context.WithCancelCause(ctx)
	for _, p := range all {
		f.finished[p.ID] = make(chan struct{})
		if p.Shows != "" {
			f.shows[p.Shows] = p.ID
		}
	}
	return f
}

// ask gives the scheduler, and the cases that it runs, the probes of the targets.
func (f *scheduler) ask(p *probes) {
	p.changed, p.stalls = f.changed, f.env.Stalls
	f.probes, f.env.Probes = p, p
}

// startCases starts the cases, as many at once as the run allows, and returns immediately. Further calls do nothing.
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

// loads reports whether a case makes load while it runs: one that waits for a timer longer than an answer may take does
// hardly anything else.
func (f *scheduler) loads(c *suite.Case) bool {
	return c.Longest(f.capabilities.Timings) <= f.config.Tolerance.Patience
}

// begin runs the prerequisites before all other cases, and judges each at once: if one of them fails, much is unverified, so
// the load of the other cases must not be the reason. Those of a cluster come last: traffic between instances must not
// disturb what a single one shows.
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

// untried returns a stand-in for an attempt that was not made because the run is over.
func (f *scheduler) untried(c *suite.Case) result.Attempt {
	now := time.Now()
	return result.Attempt{Case: c.ID, Span: result.Span{From: now.Add(-time.Millisecond), Until: now}, Cut: context.Cause(f.ctx).Error()}
}

// skipAll leaves all cases unverified: no target was reached, or the run's time was up first.
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

// wait waits until all cases have finished.
func (f *scheduler) wait() {
	f.unfinished.Wait()
	f.sweep()
	f.cancel(nil)
	f.config.Watcher.Done()
}

// first returns the scheduler that judged the prerequisites.
func (f *scheduler) first() *scheduler {
	if f.main != nil {
		return f.main
	}
	return f
}

// host returns the scheduler whose targets a case talks to.
func (f *scheduler) host(c *suite.Case) *scheduler {
	if c.Alone && f.second != nil {
		return f.second
	}
	return f
}

// attempt makes one attempt at a case. Others is how many cases ran alongside it. Idle, if not nil, is called when the case
// waits long for one message.
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

// cause returns why the scheduler ended early, or nil.
func (f *scheduler) cause() error {
	if cause := context.Cause(f.ctx); cause != context.Canceled {
		return cause
	}
	return nil
}

// doubted reports whether steps can no longer take a rule for granted, because the case about it saw it broken. A rule that
// only other cases saw broken may hold elsewhere.
func (f *scheduler) doubted(rule string) bool {
	first := f.first()
	first.mu.Lock()
	booked := first.booked[first.shows[rule]]
	first.mu.Unlock()
	return !booked && first.seenBroken(rule)
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

// Limits on the trace that a passing case keeps. Events that are referred to by number stay whole.
const (
	briefEvents = 60
	briefBytes  = 600
)

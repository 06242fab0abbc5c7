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
func (s *scheduler) ask(p *probes) {
	p.changed, p.stalls = s.changed, s.env.Stalls
	s.probes, s.env.Probes = p, p
}

// startCases starts the cases, as many at once as the run allows, and returns immediately. Further calls do nothing.
func (s *scheduler) startCases() { s.starting.Do(s.startAllCases) }

func (s *scheduler) startAllCases() {
	var first, runs, alone []planned
	for _, p := range s.all {
		if p.outcome != "" {
			r := s.result(p.Case)
			r.Outcome, r.Reason = p.outcome, p.reason
			s.finish(r, nil)
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
	s.config.Watcher.Planned(len(first) + len(runs) + len(alone))
	s.running.Add(len(runs))
	s.unfinished.Add(len(first) + len(runs) + len(alone))
	go s.env.Stalls.Watch(s.ctx)
	if s.probes != nil {
		go s.probes.watch(s.ctx)
		go s.adapt(s.ctx)
	}
	begun := make(chan struct{})
	go func() {
		defer close(begun)
		s.begin(first)
	}()
	go func() {
		<-begun
		for _, p := range order(runs, s.capabilities.Timings, s.config.Seed) {
			if s.slots.Acquire(s.ctx) != nil {
				go func() {
					defer s.running.Done()
					s.judge(p.Case, s.untried(p.Case), 0)
				}()
				continue
			}
			go func() {
				defer s.running.Done()
				release := s.slots.hold(slotLimit)
				a, others := s.attempt(p.Case, release)
				release()
				s.judge(p.Case, a, others)
			}()
		}
	}()
	go func() {
		<-begun
		if s.second == nil {
			s.running.Wait()
		}
		for _, p := range alone {
			a, others := s.attempt(p.Case, nil)
			s.judge(p.Case, a, others)
		}
	}()
}

// loads reports whether a case makes load while it runs: one that waits for a timer longer than an answer may take does
// hardly anything else.
func (s *scheduler) loads(c *suite.Case) bool {
	return c.Longest(s.capabilities.Timings) <= s.config.Tolerance.Patience
}

// begin runs the prerequisites before all other cases, and judges each at once: if one of them fails, much is unverified, so
// the load of the other cases must not be the reason. Those of a cluster come last: traffic between instances must not
// disturb what a single one shows.
func (s *scheduler) begin(first []planned) {
	for _, ofCluster := range []bool{false, true} {
		var group sync.WaitGroup
		for _, p := range first {
			if p.Needs.Targets > 1 == ofCluster {
				group.Go(func() {
					a, others := s.attempt(p.Case, nil)
					s.judge(p.Case, a, others)
				})
			}
		}
		group.Wait()
	}
}

// untried returns a stand-in for an attempt that was not made because the run is over.
func (s *scheduler) untried(c *suite.Case) result.Attempt {
	now := time.Now()
	return result.Attempt{Case: c.ID, Span: result.Span{From: now.Add(-time.Millisecond), Until: now}, Cut: context.Cause(s.ctx).Error()}
}

// skipAll leaves all cases unverified: no target was reached, or the run's time was up first.
func (s *scheduler) skipAll(ctx context.Context) {
	reason := "no Engine.IO server answered at the target"
	if ctx.Err() != nil {
		reason = context.Cause(ctx).Error()
	}
	for _, p := range s.all {
		r := s.result(p.Case)
		r.Outcome, r.Reason = suite.Unverified, reason
		if p.outcome == suite.Inapplicable {
			r.Outcome, r.Reason = p.outcome, p.reason
		}
		s.finish(r, nil)
	}
}

// wait waits until all cases have finished.
func (s *scheduler) wait() {
	s.unfinished.Wait()
	s.sweep()
	s.cancel(nil)
	s.config.Watcher.Done()
}

// first returns the scheduler that judged the prerequisites.
func (s *scheduler) first() *scheduler {
	if s.main != nil {
		return s.main
	}
	return s
}

// host returns the scheduler whose targets a case talks to.
func (s *scheduler) host(c *suite.Case) *scheduler {
	if c.Alone && s.second != nil {
		return s.second
	}
	return s
}

// attempt makes one attempt at a case. Others is how many cases ran alongside it. Idle, if not nil, is called when the case
// waits long for one message.
func (s *scheduler) attempt(c *suite.Case, idle func()) (a result.Attempt, others int) {
	if s.ctx.Err() != nil {
		return s.untried(c), 0
	}
	others = int(s.underWay.Load())
	s.config.Watcher.Started(c.ID, c.Longest(s.capabilities.Timings))
	a, recorder := s.execute(s.ctx, c, idle)
	if a.Failed() || a.Crash != "" || a.Cut != "" {
		a.Trace = recorder.Seal()
	} else {
		a.Trace = recorder.Shorten(briefEvents, briefBytes)
	}
	return a, max(others, int(s.underWay.Load()))
}

// cause returns why the scheduler ended early, or nil.
func (s *scheduler) cause() error {
	if cause := context.Cause(s.ctx); cause != context.Canceled {
		return cause
	}
	return nil
}

// doubted reports whether steps can no longer take a rule for granted, because the case about it saw it broken. A rule that
// only other cases saw broken may hold elsewhere.
func (s *scheduler) doubted(rule string) bool {
	first := s.first()
	first.mu.Lock()
	booked := first.booked[first.shows[rule]]
	first.mu.Unlock()
	return !booked && first.seenBroken(rule)
}

// seenBroken reports whether the case that shows a rule for others did not see it kept.
func (s *scheduler) seenBroken(rule string) bool {
	if first := s.first(); first != s {
		return first.seenBroken(rule)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.results[s.shows[rule]]
	if r == nil {
		return false
	}
	switch r.Outcome {
	case suite.Passed, suite.Stale, suite.Inapplicable, suite.Unstable, suite.Noted:
		return false
	}
	return true
}

func (s *scheduler) result(c *suite.Case) *suite.CaseResult {
	r := s.config.result(c)
	r.Rerun = s.config.Rerun(c.ID)
	return &r
}

func (s *scheduler) finish(r *suite.CaseResult, t *trial) {
	s.applyKnownFailures(r)
	result.Sanitise(r, s.redact)
	s.mu.Lock()
	s.results[r.ID] = r
	if t != nil {
		s.trials[r.ID] = t
	}
	s.mu.Unlock()
	close(s.finished[r.ID])
	if r.Attempts > 0 {
		s.config.Watcher.Finished(*r)
	}
	if s.config.FailFast && r.Outcome != suite.Unverified && (&suite.Results{Strict: s.config.Strict}).Gates(*r) {
		s.cancel(ErrFailFast)
	}
}

func (s *scheduler) allFinished() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.results) == len(s.all)
}

func (s *scheduler) redact(text string) string {
	for _, target := range s.config.Targets {
		text = target.Redact(text)
	}
	return text
}

// Limits on the trace that a passing case keeps. Events that are referred to by number stay whole.
const (
	briefEvents = 60
	briefBytes  = 600
)

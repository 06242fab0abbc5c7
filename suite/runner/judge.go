package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// trial is what is known about one case of a run.
type trial struct {
	it       *suite.Case
	attempts []result.Attempt
	control  []result.Attempt // against the embedded reference
	others   int              // cases running alongside the first bad attempt
}

// judge makes attempts at a case until it can be decided, and keeps its result.
func (s *scheduler) judge(c *suite.Case, first result.Attempt, others int) {
	defer s.unfinished.Done()
	t := &trial{it: c, attempts: []result.Attempt{first}, others: others}
	d := s.decide(t)
	s.finish(s.outcome(t, d), t)
	if d.Booked {
		s.attribute(d, c.ID)
	}
}

// reopen judges a finished case again with one more attempt, such as one that was made for load.
func (s *scheduler) reopen(id string, a result.Attempt) {
	s.mu.Lock()
	t := s.trials[id]
	s.mu.Unlock()
	if t == nil {
		return
	}
	s.settling.Lock()
	defer s.settling.Unlock()
	more := &trial{it: t.it, attempts: append(slices.Clone(t.attempts), a), control: t.control, others: t.others}
	r := s.outcome(more, s.decide(more))
	s.applyKnownFailures(r)
	result.Sanitise(r, s.redact)
	s.mu.Lock()
	s.trials[id], s.results[id] = more, r
	s.mu.Unlock()
}

// attribute counts a failure against the case of a rule if another case saw it in a step which takes the rule for granted.
func (s *scheduler) attribute(d result.Decision, by string) {
	if s.main != nil {
		s.main.attribute(d, by)
		return
	}
	seen := *d.Decisive
	seen.Given = ""
	shows := s.shows[d.Rule]
	now := result.Attempt{Case: shows, Span: seen.Span, Evidence: []result.Failure{seen}, By: by}
	s.mu.Lock()
	t := s.trials[shows]
	s.mu.Unlock()
	if t == nil {
		return
	}
	s.settling.Lock()
	defer s.settling.Unlock()
	booked := &trial{it: t.it, attempts: append(slices.Clone(t.attempts), now), control: t.control, others: t.others}
	last := len(booked.attempts) - 1
	r := s.outcome(booked, result.Decision{Outcome: s.config.level(t.it).Broken(), Decisive: &seen, Attempt: last, Bad: d.Bad, Of: d.Of})
	r.Reason = fmt.Sprintf("It was seen broken by %s, which takes it for granted.", by)
	s.applyKnownFailures(r)
	result.Sanitise(r, s.redact)
	s.mu.Lock()
	if !s.results[shows].Outcome.Red() {
		s.booked[shows] = true
	}
	s.trials[shows], s.results[shows] = booked, r
	s.mu.Unlock()
}

// decide makes attempts until there is an outcome.
func (s *scheduler) decide(t *trial) result.Decision {
	for {
		s.settle(t)
		all := result.Trial{Case: t.it.ID, Level: s.config.level(t.it), Attempts: t.attempts, Conditions: s.conditions(t)}
		d := all.Judge()
		if !d.Again {
			if s.config.Judged != nil {
				s.config.Judged(all)
			}
			if d.Case == "" {
				d.Case = s.first().shows[d.Rule]
			}
			return d
		}
		s.retry(t, d)
	}
}

const (
	longWait   = time.Second     // if a case waits that long for a timer, or an attempt for a message, further attempts run concurrently
	countingIn = 2 * time.Second // how long counting the occurrences of a deviation may take
)

// retry makes further attempts alongside as many other cases as before, and at the same time one against the embedded
// reference if asked to.
func (s *scheduler) retry(t *trial, d result.Decision) {
	ctx, enough := context.WithCancel(s.ctx)
	awaitLoad := func() {}
	if !t.it.Alone && d.Decisive != nil { // a disturbed attempt needs calm
		awaitLoad = s.load(ctx, t.others)
	}
	n := 1
	long := max(t.it.Longest(s.capabilities.Timings), t.attempts[len(t.attempts)-1].Span.Length())
	if long >= longWait && d.Decisive != nil && !t.it.Alone {
		n = furtherAttempts
	}
	more := make([]result.Attempt, n)
	var control *result.Attempt
	var group sync.WaitGroup
	for i := range more {
		group.Go(func() {
			var release func()
			if !t.it.Alone && s.slots.Acquire(s.ctx) == nil {
				release = s.slots.hold(slotLimit)
				defer release()
			}
			more[i], _ = s.attempt(t.it, release)
		})
	}
	if d.Control {
		group.Go(func() { control = s.controlled(t.it) })
	}
	group.Wait()
	enough()
	awaitLoad()
	s.charge(more[max(0, min(n, usualAttempts-len(t.attempts))):])
	t.attempts = append(t.attempts, more...)
	if control != nil {
		t.control = append(t.control, *control)
	}
}

// furtherAttempts is how many attempts the judgement asks for if a case was bad once.
const furtherAttempts = 3

// conditions returns the conditions under which the attempts at a case were made.
func (s *scheduler) conditions(t *trial) result.Conditions {
	now := time.Now()
	c := result.Conditions{
		Standstills: s.env.Stalls.Spans(), Broken: s.broken(t), Unshown: s.unshown(t), Excused: s.config.Once || s.excuse(t.it.ID) != nil,
		Control: t.control, Controlled: s.hasControl(t.it),
	}
	if s.probes != nil && s.host(t.it) == s {
		c.Standstills = append(c.Standstills, s.probes.standstills(now)...)
		c.Overloads, c.Away = s.probes.overloads(), s.probes.aways()
		s.mu.Lock()
		lost, suspect := s.departures.lost, s.departures.suspects[t.it.ID]
		s.mu.Unlock()
		c.Returned = s.probes.awayNow() == nil && lost == nil && !suspect
		if lost != nil { // for what was no longer tried
			c.Away = append(c.Away, *lost)
		}
	}
	c.Count = 1
	if n := len(t.attempts); n > 0 {
		if took := max(t.attempts[n-1].Span.Length(), time.Millisecond); took < countingIn {
			c.Count = min(1+result.CountAttempts, len(t.attempts)+int(countingIn/took))
		}
	}
	if s.ctx.Err() != nil {
		cause := context.Cause(s.ctx)
		c.Stopped = cause.Error()
		if gone := (goneError{}); errors.As(cause, &gone) {
			c.Lost = &gone.away
		}
	}
	c.Patient = s.patient(t)
	return c
}

// Limits on the attempts that a run makes beyond the usual ones while something stands still.
const (
	usualAttempts   = 1 + furtherAttempts // at a case
	patientAttempts = 12                  // at a case
	patientTime     = 60 * time.Second    // of all of them together
)

// patient reports whether the run can afford more than the usual attempts at a case.
func (s *scheduler) patient(t *trial) bool {
	main := s.first()
	main.mu.Lock()
	defer main.mu.Unlock()
	return !s.config.Once && len(t.attempts) < patientAttempts && main.patience < patientTime
}

// charge adds the time of attempts beyond the usual ones to the time that the run has spent on them.
func (s *scheduler) charge(beyond []result.Attempt) {
	main := s.first()
	main.mu.Lock()
	defer main.mu.Unlock()
	for _, a := range beyond {
		main.patience += a.Span.Length()
	}
}

// broken returns the rules that steps of a case take for granted and that were seen broken, each with the case that shows
// it.
func (s *scheduler) broken(t *trial) map[string]string {
	main := s.first()
	all := map[string]string{}
	for _, a := range t.attempts {
		for _, e := range a.Evidence {
			shows := main.shows[e.Given]
			if finished := main.finished[shows]; finished != nil && shows != t.it.ID {
				<-finished
				if main.seenBroken(e.Given) {
					all[e.Given] = shows
				}
			}
		}
	}
	return all
}

// unshown returns the rules that steps of a case take for granted and that no case of the run shows.
func (s *scheduler) unshown(t *trial) map[string]bool {
	main := s.first()
	all := map[string]bool{}
	for _, a := range t.attempts {
		for _, e := range a.Evidence {
			if e.Given != "" && main.shows[e.Given] == "" {
				all[e.Given] = true
			}
		}
	}
	return all
}

// outcome returns the result of a case for a decision.
func (s *scheduler) outcome(t *trial, d result.Decision) *suite.CaseResult {
	r := s.result(t.it)
	r.Outcome = d.Outcome
	r.Attempts = len(t.attempts)
	if len(t.attempts) == 0 {
		r.Reason = d.Reason()
		return r
	}
	shown := len(t.attempts) - 1
	switch {
	case d.Outcome == suite.Passed:
		for shown > 0 && !t.attempts[shown].Good() {
			shown--
		}
	case d.Decisive != nil:
		shown = d.Attempt
	}
	a := t.attempts[shown]
	r.StartedAt, r.DurationMs = a.Span.From, float64(a.Span.Length().Microseconds())/1000
	r.Trace = a.Trace
	switch r.Outcome {
	case suite.Unverified, suite.Inapplicable, suite.Errored:
	default:
		r.Witness = a.Witness
	}
	r.Reason = strings.TrimSpace(strings.Join([]string{a.Answer, d.Reason()}, " "))
	switch r.Outcome {
	case suite.Passed:
		r.Trace = r.Trace.Shortened(briefEvents, briefBytes)
	case suite.Inapplicable:
	case suite.Errored:
		r.Message = d.Text
		if d.Text == "" {
			r.Evidence = a.Evidence
		}
	default:
		if len(a.Evidence) > 0 {
			r.Evidence = result.StrongestFirst(slices.Clone(a.Evidence))
		}
	}
	if d.Of > 1 {
		r.Seen = &result.Rate{Bad: d.Bad, Of: d.Of}
	}
	if d.Cause != "" {
		r.Because = &result.Because{Cause: d.Cause, Rule: d.Rule, Case: d.Case, StoodMs: milliseconds(d.Stood), Status: d.Status, Target: d.Target}
	}
	if len(t.attempts) > 1 || len(t.control) > 0 {
		r.History = s.history(t, shown)
	}
	return r
}

// Limits on the traces of attempts other than the one shown.
const (
	historyEvents = 200 // of a bad one
	historyTraces = 4   // of bad ones: further ones are shortened like good ones
)

// history returns all attempts at a case with their traces, except the trace of the one that is already shown.
func (s *scheduler) history(t *trial, shown int) (all []result.Attempt) {
	long := 0
	for i, a := range t.attempts {
		switch {
		case i == shown:
			a.Trace = nil
		case a.Failed() && long < historyTraces:
			long++
			var about []int
			for _, e := range a.Evidence {
				about = append(about, e.About...)
			}
			a.Trace = a.Trace.Shortened(historyEvents, briefBytes, about...)
		default:
			a.Trace = a.Trace.Shortened(briefEvents, briefBytes)
		}
		all = append(all, a)
	}
	for _, a := range t.control {
		if !a.Failed() {
			a.Trace = a.Trace.Shortened(briefEvents, briefBytes)
		}
		all = append(all, a)
	}
	return all
}

// repeatable returns the cases that may be run again to make load: those that passed and do not wait for long.
func (s *scheduler) repeatable() []*suite.Case {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*suite.Case
	for _, id := range slices.Sorted(maps.Keys(s.trials)) {
		t := s.trials[id]
		if r := s.results[id]; r != nil && r.Outcome == suite.Passed && !t.it.Alone && !t.it.Needs.Browser && s.loads(t.it) {
			all = append(all, t.it)
		}
	}
	return all
}

// load runs cases alongside another one, so that as many run as before. They are not judged, unless they see wrong content.
// The function that it returns waits until they end.
func (s *scheduler) load(ctx context.Context, others int) (wait func()) {
	missing := min(others, s.slots.now()-1) - int(s.underWay.Load())
	if missing <= 0 || s.config.Once {
		return func() {}
	}
	passed := s.repeatable()
	if len(passed) == 0 {
		return func() {}
	}
	var group sync.WaitGroup
	next := int(s.repeated.Add(int64(missing)))
	for i := range missing {
		group.Go(func() {
			for at := next + i; ctx.Err() == nil; at += missing {
				c := passed[at%len(passed)]
				a, recorder := s.execute(ctx, c, nil)
				if a.Cut != "" || !slices.ContainsFunc(a.Evidence, func(e result.Failure) bool { return e.Kind == result.Content && e.Given == "" }) {
					recorder.Drop()
					continue
				}
				a.Trace = recorder.Seal()
				s.unfinished.Go(func() { s.reopen(c.ID, a) })
			}
		})
	}
	return group.Wait
}

// kinds returns the kind of a result's evidence in parentheses, to follow a sentence.
func kinds(r *suite.CaseResult) string {
	if len(r.Evidence) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s)", r.Evidence[0].Kind)
}

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
func (f *scheduler) judge(c *suite.Case, first result.Attempt, others int) {
	defer f.unfinished.Done()
	t := &trial{it: c, attempts: []result.Attempt{first}, others: others}
	d := f.decide(t)
	f.finish(f.outcome(t, d), t)
	if d.Booked {
		f.book(d, c.ID)
	}
}

// reopen judges a finished case again with one more attempt, such as one that was made for load.
func (f *scheduler) reopen(id string, a result.Attempt) {
	f.mu.Lock()
	t := f.trials[id]
	f.mu.Unlock()
	if t == nil {
		return
	}
	f.settling.Lock()
	defer f.settling.Unlock()
	more := &trial{it: t.it, attempts: append(slices.Clone(t.attempts), a), control: t.control, others: t.others}
	r := f.outcome(more, f.decide(more))
	f.confront(r)
	result.Sanitise(r, f.redact)
	f.mu.Lock()
	f.trials[id], f.results[id] = more, r
	f.mu.Unlock()
}

// book counts a failure against the case of a rule if another case saw it in a step which takes the rule for granted.
func (f *scheduler) book(d result.Decision, by string) {
	if f.main != nil {
		f.main.book(d, by)
		return
	}
	seen := *d.Decisive
	seen.Given = ""
	shows := f.shows[d.Rule]
	now := result.Attempt{Case: shows, Span: seen.Span, Evidence: []result.Failure{seen}, By: by}
	f.mu.Lock()
	t := f.trials[shows]
	f.mu.Unlock()
	if t == nil {
		return
	}
	f.settling.Lock()
	defer f.settling.Unlock()
	booked := &trial{it: t.it, attempts: append(slices.Clone(t.attempts), now), control: t.control, others: t.others}
	last := len(booked.attempts) - 1
	r := f.outcome(booked, result.Decision{Outcome: f.config.level(t.it).Broken(), Decisive: &seen, Attempt: last, Bad: d.Bad, Of: d.Of})
	r.Reason = fmt.Sprintf("It was seen broken by %s, which takes it for granted.", by)
	f.confront(r)
	result.Sanitise(r, f.redact)
	f.mu.Lock()
	if !f.results[shows].Outcome.Red() {
		f.booked[shows] = true
	}
	f.trials[shows], f.results[shows] = booked, r
	f.mu.Unlock()
}

// decide makes attempts until there is an outcome.
func (f *scheduler) decide(t *trial) result.Decision {
	for {
		f.settle(t)
		all := result.Trial{Case: t.it.ID, Level: f.config.level(t.it), Attempts: t.attempts, Conditions: f.conditions(t)}
		d := all.Judge()
		if !d.Again {
			if f.config.Judged != nil {
				f.config.Judged(all)
			}
			if d.Case == "" {
				d.Case = f.first().shows[d.Rule]
			}
			return d
		}
		f.retry(t, d)
	}
}

const (
	longWait   = time.Second     // if a case waits that long for a timer, or an attempt for a message, further attempts run concurrently
	countingIn = 2 * time.Second // how long counting the occurrences of a deviation may take
)

// retry makes further attempts alongside as many other cases as before, and at the same time one against the embedded
// reference if asked to.
func (f *scheduler) retry(t *trial, d result.Decision) {
	ctx, enough := context.WithCancel(f.ctx)
	awaitLoad := func() {}
	if !t.it.Alone && d.Decisive != nil { // a disturbed attempt needs calm
		awaitLoad = f.load(ctx, t.others)
	}
	n := 1
	long := max(t.it.Longest(f.capabilities.Timings), t.attempts[len(t.attempts)-1].Span.Length())
	if long >= longWait && d.Decisive != nil && !t.it.Alone {
		n = furtherAttempts
	}
	more := make([]result.Attempt, n)
	var control *result.Attempt
	var group sync.WaitGroup
	for i := range more {
		group.Go(func() {
			var release func()
			if !t.it.Alone && f.slots.Acquire(f.ctx) == nil {
				release = f.slots.hold(slotLimit)
				defer release()
			}
			more[i], _ = f.attempt(t.it, release)
		})
	}
	if d.Control {
		group.Go(func() { control = f.controlled(t.it) })
	}
	group.Wait()
	enough()
	awaitLoad()
	f.charge(more[max(0, min(n, usualAttempts-len(t.attempts))):])
	t.attempts = append(t.attempts, more...)
	if control != nil {
		t.control = append(t.control, *control)
	}
}

// furtherAttempts is how many attempts the judgement asks for if a case was bad once.
const furtherAttempts = 3

// conditions returns the conditions under which the attempts at a case were made.
func (f *scheduler) conditions(t *trial) result.Conditions {
	now := time.Now()
	c := result.Conditions{
		Standstills: f.env.Stalls.Spans(), Broken: f.broken(t), Unshown: f.unshown(t), Excused: f.config.Once || f.excuse(t.it.ID) != nil,
		Control: t.control, Controlled: f.hasControl(t.it),
	}
	if f.probes != nil && f.host(t.it) == f {
		c.Standstills = append(c.Standstills, f.probes.standstills(now)...)
		c.Overloads, c.Away = f.probes.overloads(), f.probes.aways()
		f.mu.Lock()
		lost, suspect := f.departures.lost, f.departures.suspects[t.it.ID]
		f.mu.Unlock()
		c.Returned = f.probes.awayNow() == nil && lost == nil && !suspect
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
	if f.ctx.Err() != nil {
		cause := context.Cause(f.ctx)
		c.Stopped = cause.Error()
		if gone := (goneError{}); errors.As(cause, &gone) {
			c.Lost = &gone.away
		}
	}
	c.Patient = f.patient(t)
	return c
}

// Limits on the attempts that a run makes beyond the usual ones while something stands still.
const (
	usualAttempts   = 1 + furtherAttempts // at a case
	patientAttempts = 12                  // at a case
	patientTime     = 60 * time.Second    // of all of them together
)

// patient reports whether the run can afford more than the usual attempts at a case.
func (f *scheduler) patient(t *trial) bool {
	main := f.first()
	main.mu.Lock()
	defer main.mu.Unlock()
	return !f.config.Once && len(t.attempts) < patientAttempts && main.patience < patientTime
}

// charge adds the time of attempts beyond the usual ones to the time that the run has spent on them.
func (f *scheduler) charge(beyond []result.Attempt) {
	main := f.first()
	main.mu.Lock()
	defer main.mu.Unlock()
	for _, a := range beyond {
		main.patience += a.Span.Length()
	}
}

// broken returns the rules that steps of a case take for granted and that were seen broken, each with the case that shows
// it.
func (f *scheduler) broken(t *trial) map[string]string {
	main := f.first()
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
func (f *scheduler) unshown(t *trial) map[string]bool {
	main := f.first()
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
func (f *scheduler) outcome(t *trial, d result.Decision) *suite.CaseResult {
	r := f.result(t.it)
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
		r.History = f.history(t, shown)
	}
	return r
}

// Limits on the traces of attempts other than the one shown.
const (
	historyEvents = 200 // of a bad one
	historyTraces = 4   // of bad ones: further ones are shortened like good ones
)

// history returns all attempts at a case with their traces, except the trace of the one that is already shown.
func (f *scheduler) history(t *trial, shown int) (all []result.Attempt) {
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
func (f *scheduler) repeatable() []*suite.Case {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []*suite.Case
	for _, id := range slices.Sorted(maps.Keys(f.trials)) {
		t := f.trials[id]
		if r := f.results[id]; r != nil && r.Outcome == suite.Passed && !t.it.Alone && !t.it.Needs.Browser && f.loads(t.it) {
			all = append(all, t.it)
		}
	}
	return all
}

// load runs cases alongside another one, so that as many run as before. They are not judged, unless they see wrong content.
// The function that it returns waits until they end.
func (f *scheduler) load(ctx context.Context, others int) (wait func()) {
	missing := min(others, f.slots.now()-1) - int(f.underWay.Load())
	if missing <= 0 || f.config.Once {
		return func() {}
	}
	passed := f.repeatable()
	if len(passed) == 0 {
		return func() {}
	}
	var group sync.WaitGroup
	next := int(f.repeated.Add(int64(missing)))
	for i := range missing {
		group.Go(func() {
			for at := next + i; ctx.Err() == nil; at += missing {
				c := passed[at%len(passed)]
				a, recorder := f.execute(ctx, c, nil)
				if a.Cut != "" || !slices.ContainsFunc(a.Evidence, func(e result.Failure) bool { return e.Kind == result.Content && e.Given == "" }) {
					recorder.Drop()
					continue
				}
				a.Trace = recorder.Seal()
				f.unfinished.Go(func() { f.reopen(c.ID, a) })
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

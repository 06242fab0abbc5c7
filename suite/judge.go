package suite

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// judge turns an attempt into the case's result. A case that turns red while others are under way is
// judged once more when they are over, in quiet, and that verdict counts: the load that the suite
// itself makes must not be mistaken for the target's fault. One that flew alone had quiet. Where this machine stood still meanwhile,
// long enough to break a heartbeat, there is a third attempt, with no other at the same time. A red one that may be the
// machine's fault even then is no verdict on the target.
func (f *flight) judge(c *Case, a *attempt) {
	defer f.landing.Done()
	r := f.outcome(c, a)
	r.Attempts = 1
	alone := func() {}
	if f.wavers(r, a) && !f.config.FailFast && !c.Alone && !slices.Contains(Prerequisites, c.ID) { // those had quiet
		f.running.Wait()
		slots := int64(1)
		_ = f.quiet.Acquire(context.Background(), slots)
		defer func() { f.quiet.Release(slots) }()
		alone = func() {
			f.quiet.Release(slots)
			slots = quietSlots
			_ = f.quiet.Acquire(context.Background(), slots)
		}
	}
	first := *r
	for n := 2; n <= f.attempts(c) && f.wavers(r, a) && (n == 2 && !c.Alone || a.stalled >= f.stallLimit() || f.strained(c, a)); n++ {
		first.Reason = "while others were under way"
		if a.stalled > 0 {
			first.Reason += fmt.Sprintf(" and this machine stood still for %d ms", a.stalled.Milliseconds())
		}
		if n > 2 {
			alone()
		}
		a = f.attempt(c)
		again := f.outcome(c, a)
		if again.Outcome == Unverified && a.cut == nil {
			break // a target that did not survive the case cannot be judged again: it is as red as it was
		}
		r = again
		r.Attempts = n
	}
	if r.Attempts > 1 && r.Outcome == Passed {
		r.Reason = strings.TrimSpace(fmt.Sprintf("%s Judged %d times: the case failed %s: %s", r.Reason, r.Attempts, first.Reason, first.Message))
	}
	if f.red(r) && f.strained(c, a) {
		why := fmt.Sprintf("this machine was too slow for the target's heartbeat (it stood still for %d ms), which may be why the case failed", a.stalled.Milliseconds())
		if r.Level == Observed { // nothing hangs on it
			r.Reason = strings.TrimSpace(r.Reason + " (" + why + ")")
		} else {
			r.Outcome, r.Reason = Unverified, why
		}
	}
	f.land(r)
}

// strained reports whether a broken rule may be the fault of this machine: where the rule is about time, and the machine
// stood still for longer than any timer may be late; or where it did stand still, and a session was over whose pong came too
// late, or would have come in time but for the standstill.
func (f *flight) strained(c *Case, a *attempt) bool {
	if a.cut != nil || a.failure == nil || a.stalled == 0 {
		return false
	}
	if c.Timing && a.stalled > f.config.Tolerance.Late {
		return true
	}
	spare := a.failure.spare
	if a.stalled >= f.stallLimit() {
		spare -= a.stalled
	}
	return a.failure.lost && spare <= f.config.Tolerance.Early
}

// maxAttempts at a case.
const maxAttempts = 3

// attempts at a case at most. An observed question that waits long for a timer is not worth a third.
func (f *flight) attempts(c *Case) int {
	if c.Level == Observed && !f.loads(c) {
		return 2
	}
	return maxAttempts
}

// red reports whether a result asks for another attempt: the load may have changed the answer to an observed question,
// too. A failure that is known does not.
func (f *flight) red(r *CaseResult) bool {
	return (r.Outcome == Failed || r.Outcome == Warned) && f.ctx.Err() == nil && f.excuse(r.ID) == nil
}

// wavers reports whether an attempt asks for another one: its result is red, or it broke in a step that
// takes the rule of a case for granted which is not of this run, so that nothing has been seen to be wrong with it.
func (f *flight) wavers(r *CaseResult, a *attempt) bool {
	if f.red(r) {
		return true
	}
	return r.Outcome == Unverified && f.ctx.Err() == nil && f.excuse(r.ID) == nil &&
		a.cut == nil && a.failure != nil && a.failure.setup != "" && f.landed[a.failure.setup] == nil
}

// stallLimit is the shortest standstill of this machine that may break a heartbeat.
func (f *flight) stallLimit() time.Duration {
	return min(f.capabilities.Timings.PingTimeout/2, 100*time.Millisecond)
}

func (f *flight) outcome(c *Case, a *attempt) *CaseResult {
	r := f.result(c)
	r.StartedAt, r.DurationMs = a.start, float64(a.took.Microseconds())/1000
	r.Reason = f.redact(a.answer)
	if a.recorder != nil {
		r.Trace = a.recorder.Trace()
	}
	switch {
	case a.cut != nil:
		r.Outcome, r.Reason = Unverified, a.cut.Error()
		return r
	case a.failure == nil:
		r.Outcome = Passed
		r.Trace = brief(r.Trace)
		return r
	case a.failure.inapplicable != "":
		r.Outcome, r.Reason = Inapplicable, f.redact(a.failure.inapplicable)
		return r
	}
	if a.failure.unverified != "" {
		r.Outcome, r.Reason = Unverified, f.redact(a.failure.unverified)
		return r
	}
	r.Message, r.Step = f.redact(a.failure.message), f.redact(a.failure.step)
	r.Expected, r.Received = takeApart(r.Message)
	if a.failure.site != "" {
		r.Site = a.failure.site
	}
	switch {
	case a.failure.panicked:
		r.Outcome = Errored
	case a.failure.setup != "":
		f.blame(c, a, r)
	case c.Level == Required:
		r.Outcome = Failed
	default:
		r.Outcome = Warned
	}
	return r
}

// blame decides about a case that broke in a step which takes another case's rule for granted.
func (f *flight) blame(c *Case, a *attempt, r *CaseResult) {
	prerequisite := a.failure.setup
	landed := f.landed[prerequisite]
	if landed == nil {
		r.Outcome = Unverified
		r.Reason = fmt.Sprintf("a step that it takes for granted (%s) did not work", prerequisite)
		return
	}
	<-landed
	f.mu.Lock()
	before := f.results[prerequisite].Outcome
	f.mu.Unlock()
	switch before {
	case Passed, Stale:
		r.Outcome = Failed
		if c.Level != Required {
			r.Outcome = Warned
		}
		r.Message = fmt.Sprintf("In a step that %s had seen work:\n%s", prerequisite, r.Message)
	default:
		r.Outcome = Unverified
		r.Reason = fmt.Sprintf("it needs %s, which is %s", prerequisite, before)
	}
}

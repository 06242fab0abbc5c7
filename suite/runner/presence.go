package runner

import (
	"fmt"
	"slices"
	"time"

	"example.test/conformance/suite/result"
)

// When a target is gone.
const (
	refusedLimit = 2 * time.Second        // how long all connections are refused
	silentLimit  = 5 * time.Second        // the least time without a byte on any connection
	silentSpare  = 10                     // times the slowest probe: a slow target may be silent for longer
	lookLimit    = 500 * time.Millisecond // between two looks: if it is longer, this machine stood still, which explains the silence
)

// look checks whether a target is gone, or back.
func (p *probes) look(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.looked) > lookLimit && !p.looked.IsZero() {
		p.awake = now
	}
	p.looked = now
	if p.paused > 0 {
		return
	}
	for _, target := range p.targets() {
		away := p.gone(target, now)
		before := p.away[target]
		switch {
		case away != nil && before == nil:
			p.away[target] = away
			p.tell(*away, true)
		case away != nil:
			before.Until = now
		case before != nil:
			before.Until = now
			p.past = append(p.past, *before)
			delete(p.away, target)
			p.tell(*before, false)
		}
	}
}

// targets returns the targets that are probed.
func (p *probes) targets() (all []int) {
	for _, one := range p.all {
		if !slices.Contains(all, one.target) {
			all = append(all, one.target)
		}
	}
	return all
}

func (p *probes) tell(away result.Away, gone bool) {
	if p.changed != nil {
		p.changed(away, gone)
	}
}

// gone says how a target is gone; nil if it is there.
func (p *probes) gone(target int, now time.Time) *result.Away {
	var refused, refusedBy, asked time.Time
	slowest, all := time.Duration(0), true
	for _, one := range p.all {
		if one.target != target || one.over == result.OverControl {
			continue
		}
		one.mu.Lock()
		all = all && !one.refused.IsZero()
		if one.refused.After(refused) {
			refused = one.refused
		}
		if refusedBy.IsZero() || one.refusedBy.Before(refusedBy) {
			refusedBy = one.refusedBy
		}
		for _, a := range one.answers {
			slowest = max(slowest, a.got.Sub(a.sent))
		}
		for _, sent := range one.open {
			if asked.IsZero() || sent.Before(asked) {
				asked = sent
			}
		}
		one.mu.Unlock()
	}
	from := p.seen(target)
	if all && !refused.IsZero() && now.Sub(refused) >= refusedLimit {
		if from.IsZero() {
			from = refused
		}
		return &result.Away{
			Span: result.Span{From: from, Until: now}, By: refusedBy, Target: target, Refused: true,
			How: fmt.Sprintf("target %d refused all connections for %d s", target+1, int(refusedLimit.Seconds())),
		}
	}
	heard := p.heard(target)
	limit := max(silentLimit, silentSpare*slowest)
	if heard.IsZero() || asked.IsZero() || now.Sub(heard) < limit || now.Sub(asked) < limit || now.Sub(p.awake) < limit {
		return nil
	}
	if from.IsZero() {
		from = heard
	}
	by := asked.Add(slowest)
	if by.Before(heard) { // the oldest probe was not unanswered, but slow: the target was still there
		by = heard
	}
	return &result.Away{
		Span: result.Span{From: from, Until: now}, By: by, Target: target,
		How: fmt.Sprintf("no connection to target %d carried a byte for %.1f s", target+1, limit.Seconds()),
	}
}

// seen returns the latest time when a target was certainly there: when the last probe that it answered was sent. It is zero
// if the target has answered none.
func (p *probes) seen(target int) (at time.Time) {
	for _, one := range p.all {
		if one.target == target {
			one.mu.Lock()
			if one.answer.After(at) {
				at = one.answer
			}
			one.mu.Unlock()
		}
	}
	return at
}

// doubtful reports whether a target may be gone, but not for long enough to be sure: it refuses connections.
func (p *probes) doubtful() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused > 0 {
		return false
	}
	for _, target := range p.targets() {
		refused, asked := true, false
		for _, one := range p.all {
			if one.target == target && one.over != result.OverControl {
				one.mu.Lock()
				refused, asked = refused && !one.refused.IsZero(), true
				one.mu.Unlock()
			}
		}
		if refused && asked {
			return true
		}
	}
	return false
}

// answered reports whether each target has answered a probe that was sent after a moment.
func (p *probes) answered(since time.Time) bool {
	for _, target := range p.targets() {
		if !p.seen(target).After(since) {
			return false
		}
	}
	return true
}

// slowest returns how long the slowest remembered answer took.
func (p *probes) slowest() (slowest time.Duration) {
	for _, one := range p.all {
		one.mu.Lock()
		for _, a := range one.answers {
			slowest = max(slowest, a.got.Sub(a.sent))
		}
		one.mu.Unlock()
	}
	return slowest
}

// awayNow returns a target that is gone at this moment; nil if all are there.
func (p *probes) awayNow() *result.Away {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, target := range p.targets() {
		if a := p.away[target]; a != nil {
			one := *a
			return &one
		}
	}
	return nil
}

// aways returns the times when targets were gone.
func (p *probes) aways() (all []result.Away) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all = slices.Clone(p.past)
	for _, a := range p.away {
		all = append(all, *a)
	}
	return all
}

// pause stops looking for absent targets while instances are stopped on purpose. The function that it returns resumes.
func (p *probes) pause() (resume func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.paused--
		p.awake = p.looked
		for _, one := range p.all { // refusals by a stopped instance say nothing
			one.mu.Lock()
			one.refused = time.Time{}
			one.mu.Unlock()
		}
	}
}

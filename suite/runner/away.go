package runner

import (
	"cmp"
	"context"
	"slices"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Limits on what a run does about targets that go away.
const (
	awayLimit      = 30 * time.Second // how long a run waits for one to come back
	mostDepartures = 20               // then the run gives up: a target that keeps going away cannot be judged
	lastPackets    = 3                // of a suspect
	lastBytes      = 400              // of each of them
)

// goneError means that a case or a run ended because a target was gone.
type goneError struct{ away result.Away }

func (e goneError) Error() string { return e.away.How }

// departures records the times when targets of a scheduler were gone, and what is known about them. The scheduler's lock
// guards it.
type departures struct {
	all  []result.Departure
	over chan struct{} // closed when the run continues; nil if all targets are there
	// recent are finished executions that ended after a target was last seen.
	recent   []*entered
	suspects map[string]bool            // cases that were running and must not be tried again
	tried    map[string]bool            // suspects that were tried alone
	alone    map[string]*result.Attempt // attempts that suspects made alone and that nobody has counted yet
	lost     *result.Away               // the target that did not come back
}

func newDepartures() departures {
	return departures{suspects: map[string]bool{}, tried: map[string]bool{}, alone: map[string]*result.Attempt{}}
}

// present waits until all targets are there. The error says why one of them did not come back.
func (s *scheduler) present(ctx context.Context) error {
	for {
		s.mu.Lock()
		over := s.departures.over
		s.mu.Unlock()
		if over == nil && (s.probes == nil || !s.probes.doubtful()) || ctx.Err() != nil {
			return context.Cause(ctx)
		}
		soon := (<-chan time.Time)(nil)
		if over == nil {
			soon = time.After(probePace / 2)
		}
		select {
		case <-over:
		case <-soon:
		case <-ctx.Done():
		}
	}
}

// settle waits until the targets have answered after the last attempt at a case, if that was bad: a target that goes away
// makes cases fail before anybody can know that it is gone. If a target is gone, settle waits until it is back or given up,
// and adds the attempt that was made alone.
func (s *scheduler) settle(t *trial) {
	host := s.host(t.it)
	if probes := host.probes; probes != nil && len(t.attempts) > 0 && !s.config.Once {
		last := t.attempts[len(t.attempts)-1]
		limit := max(silentLimit, silentSpare*probes.slowest()) + time.Second
		for deadline := time.Now().Add(limit); doubted(&last) && !probes.answered(last.Span.Until) && time.Now().Before(deadline) && s.ctx.Err() == nil; {
			if probes.awayNow() != nil {
				break
			}
			select {
			case <-time.After(probePace / 5):
			case <-s.ctx.Done():
			}
		}
		if doubted(&last) {
			_ = host.present(s.ctx)
		}
	}
	host.mu.Lock()
	defer host.mu.Unlock()
	if a := host.departures.alone[t.it.ID]; a != nil {
		t.attempts = append(t.attempts, *a)
		delete(host.departures.alone, t.it.ID)
	}
}

// doubted reports whether the result of an attempt may be due to a target that is gone.
func doubted(a *result.Attempt) bool {
	return a.Cut != "" || a.Failed() && !slices.ContainsFunc(a.Evidence, func(f result.Failure) bool { return f.Kind == result.Content })
}

// changed ends the running executions if a target is gone: what they wait for will not come.
func (s *scheduler) changed(away result.Away, gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !gone {
		for i := range s.departures.all {
			if d := &s.departures.all[i]; d.Target == away.Target && d.Until.IsZero() {
				d.Until = away.Until
			}
		}
		return
	}
	s.departures.all = append(s.departures.all, result.Departure{
		Target: away.Target, How: away.How, From: away.From, Suspects: s.underWayAt(away),
	})
	for _, cancel := range s.executing {
		cancel(goneError{away})
	}
	if s.departures.over == nil {
		s.departures.over = make(chan struct{})
		go s.handle(len(s.departures.all) - 1)
	}
}

// underWayAt returns the cases that were running when a target went away, the most likely to have ended it first. Those that
// sent something that got no answer come before the others, the earliest first; the others follow, the latest first. The
// scheduler's lock is held.
func (s *scheduler) underWayAt(away result.Away) []result.Suspect {
	type candidate struct {
		result.Suspect
		sent, unanswered time.Time
	}
	var all []candidate
	add := func(e *entered) {
		if e.began.After(away.By) || !e.ended.IsZero() && e.ended.Before(away.From) {
			return
		}
		one := candidate{Suspect: result.Suspect{Case: e.it.ID, Last: e.last}, sent: e.sent}
		if e.ended.IsZero() {
			one.Last, one.sent = e.lastSent(away.By)
		}
		one.unanswered, _ = e.recorder.Unanswered(away.From.Add(-probePace))
		i := slices.IndexFunc(all, func(c candidate) bool { return c.Case == one.Case })
		switch {
		case i < 0:
			all = append(all, one)
		case one.sent.After(all[i].sent):
			all[i] = one
		}
	}
	for e := range s.executing {
		add(e)
	}
	for _, e := range s.departures.recent {
		add(e)
	}
	answered := func(c candidate) int {
		if c.unanswered.IsZero() {
			return 1
		}
		return 0
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(answered(a)-answered(b), a.unanswered.Compare(b.unanswered), b.sent.Compare(a.sent), cmp.Compare(a.Case, b.Case))
	})
	suspects := make([]result.Suspect, len(all))
	for i, c := range all {
		suspects[i] = c.Suspect
	}
	return suspects
}

// entered is an execution of a case against the targets.
type entered struct {
	it       *suite.Case
	recorder *wire.Recorder
	began    time.Time
	ended    time.Time  // zero while it is running
	last     wire.Trace // what it sent last, if it is over
	sent     time.Time  // when it sent that
}

// lastSent returns what an execution had sent last at a moment, and when.
func (e *entered) lastSent(until time.Time) (last wire.Trace, sent time.Time) {
	last = e.recorder.LastSent(lastPackets, lastBytes, until)
	if len(last) > 0 {
		sent = e.recorder.Time(last[len(last)-1])
	}
	return last, sent
}

// enter registers an execution that is about to run, so that it can be ended if a target goes away. While a target is gone,
// it admits only an execution that runs alone.
func (s *scheduler) enter(ctx context.Context, c *suite.Case, recorder *wire.Recorder, alone bool) (within context.Context, leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.departures.over != nil && !alone {
		return nil, nil, false
	}
	within, cancel := context.WithCancelCause(ctx)
	e := &entered{it: c, recorder: recorder, began: time.Now()}
	s.executing[e] = cancel
	return within, func() {
		now := time.Now()
		last, sent := e.lastSent(now)
		s.mu.Lock()
		delete(s.executing, e)
		e.ended, e.last, e.sent = now, last, sent
		s.remember(e)
		s.mu.Unlock()
		cancel(nil)
	}, true
}

// remember keeps a finished execution until each target has been seen after it. The scheduler's lock is held.
func (s *scheduler) remember(e *entered) {
	if s.probes == nil {
		return
	}
	seen := e.ended
	for _, target := range s.probes.targets() {
		if at := s.probes.seen(target); at.Before(seen) {
			seen = at
		}
	}
	s.departures.recent = slices.DeleteFunc(s.departures.recent, func(one *entered) bool { return one.ended.Before(seen) })
	s.departures.recent = append(s.departures.recent, e)
}

// departed returns the times when targets were gone.
func (s *scheduler) departed() []result.Departure {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.departures.all)
}

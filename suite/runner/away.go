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

// Bounds of what a run does about targets that go away.
const (
	awayLimit      = 30 * time.Second // a run waits so long for one to come back
	mostDepartures = 20               // then it gives up: what comes back only to go again cannot be judged
	lastPackets    = 3                // of a suspect
	lastBytes      = 400              // of each of them
)

// goneError is why a case or a run ended: a target was gone.
type goneError struct{ away result.Away }

func (e goneError) Error() string { return e.away.How }

// departures are the times in which targets of a scheduler were gone, and what is known of them. They are guarded by the
// scheduler's lock.
type departures struct {
	all  []result.Departure
	over chan struct{} // closed when the run goes on; nil where all targets are there
	// recent are executions that are over, and ended after a target was last seen to be there.
	recent   []*entered
	suspects map[string]bool            // cases that were under way, and are not to be tried again
	tried    map[string]bool            // suspects that had their turn alone
	alone    map[string]*result.Attempt // attempts that were made alone at suspects, and that nobody has taken into account
	lost     *result.Away               // the target that did not come back
}

func newDepartures() departures {
	return departures{suspects: map[string]bool{}, tried: map[string]bool{}, alone: map[string]*result.Attempt{}}
}

// present waits until all targets are there, and says why not where one of them does not come back.
func (f *scheduler) present(ctx context.Context) error {
	for {
		f.mu.Lock()
		over := f.departures.over
		f.mu.Unlock()
		if over == nil && (f.probes == nil || !f.probes.doubtful()) || ctx.Err() != nil {
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

// settle waits until the targets have answered since the last attempt at a case, where that was bad: a target that went
// away makes cases fail before anybody can know that it is gone. Where it is gone, settle waits until it is known what
// becomes of it, and adds the attempt that was made alone.
func (f *scheduler) settle(t *trial) {
	host := f.host(t.it)
	if probes := host.probes; probes != nil && len(t.attempts) > 0 && !f.config.Once {
		last := t.attempts[len(t.attempts)-1]
		limit := max(silentLimit, silentSpare*probes.slowest()) + time.Second
		for deadline := time.Now().Add(limit); doubted(&last) && !probes.answered(last.Span.Until) && time.Now().Before(deadline) && f.ctx.Err() == nil; {
			if probes.awayNow() != nil {
				break
			}
			select {
			case <-time.After(probePace / 5):
			case <-f.ctx.Done():
			}
		}
		if doubted(&last) {
			_ = host.present(f.ctx)
		}
	}
	host.mu.Lock()
	defer host.mu.Unlock()
	if a := host.departures.alone[t.it.ID]; a != nil {
		t.attempts = append(t.attempts, *a)
		delete(host.departures.alone, t.it.ID)
	}
}

// doubted reports whether a target that is gone can have made an attempt what it is.
func doubted(a *result.Attempt) bool {
	return a.Cut != "" || a.Failed() && !slices.ContainsFunc(a.Evidence, func(f result.Failure) bool { return f.Kind == result.Content })
}

// changed ends what is under way where a target is gone: whatever it waits for does not come.
func (f *scheduler) changed(away result.Away, gone bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !gone {
		for i := range f.departures.all {
			if d := &f.departures.all[i]; d.Target == away.Target && d.Until.IsZero() {
				d.Until = away.Until
			}
		}
		return
	}
	f.departures.all = append(f.departures.all, result.Departure{
		Target: away.Target, How: away.How, From: away.From, Suspects: f.underWayAt(away),
	})
	for _, cancel := range f.executing {
		cancel(goneError{away})
	}
	if f.departures.over == nil {
		f.departures.over = make(chan struct{})
		go f.handle(len(f.departures.all) - 1)
	}
}

// underWayAt are the cases that were under way when a target went, the one first that had sent something last. The
// scheduler's lock is held.
func (f *scheduler) underWayAt(away result.Away) []result.Suspect {
	type candidate struct {
		result.Suspect
		sent time.Time
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
		i := slices.IndexFunc(all, func(c candidate) bool { return c.Case == one.Case })
		switch {
		case i < 0:
			all = append(all, one)
		case one.sent.After(all[i].sent):
			all[i] = one
		}
	}
	for e := range f.executing {
		add(e)
	}
	for _, e := range f.departures.recent {
		add(e)
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(b.sent.Compare(a.sent), cmp.Compare(a.Case, b.Case)) })
	suspects := make([]result.Suspect, len(all))
	for i, c := range all {
		suspects[i] = c.Suspect
	}
	return suspects
}

// entered is an execution of a case at the targets.
type entered struct {
	it       *suite.Case
	recorder *wire.Recorder
	began    time.Time
	ended    time.Time  // zero while it is under way
	last     wire.Trace // what it had sent last, of one that is over
	sent     time.Time  // when that was
}

// lastSent is what an execution had sent last at a moment, and when.
func (e *entered) lastSent(until time.Time) (last wire.Trace, sent time.Time) {
	last = e.recorder.LastSent(lastPackets, lastBytes, until)
	if len(last) > 0 {
		sent = e.recorder.Time(last[len(last)-1])
	}
	return last, sent
}

// enter takes note of an execution that is under way at the targets, so that it can be ended where they are gone. It lets
// none in but one that is alone while a target is gone.
func (f *scheduler) enter(ctx context.Context, c *suite.Case, recorder *wire.Recorder, alone bool) (within context.Context, leave func(), ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.departures.over != nil && !alone {
		return nil, nil, false
	}
	within, cancel := context.WithCancelCause(ctx)
	e := &entered{it: c, recorder: recorder, began: time.Now()}
	f.executing[e] = cancel
	return within, func() {
		now := time.Now()
		last, sent := e.lastSent(now)
		f.mu.Lock()
		delete(f.executing, e)
		e.ended, e.last, e.sent = now, last, sent
		f.remember(e)
		f.mu.Unlock()
		cancel(nil)
	}, true
}

// remember keeps an execution that is over, until each target was seen to be there since. The scheduler's lock is held.
func (f *scheduler) remember(e *entered) {
	if f.probes == nil {
		return
	}
	seen := e.ended
	for _, target := range f.probes.targets() {
		if at := f.probes.seen(target); at.Before(seen) {
			seen = at
		}
	}
	f.departures.recent = slices.DeleteFunc(f.departures.recent, func(one *entered) bool { return one.ended.Before(seen) })
	f.departures.recent = append(f.departures.recent, e)
}

// departed are the times in which targets were gone.
func (f *scheduler) departed() []result.Departure {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.departures.all)
}

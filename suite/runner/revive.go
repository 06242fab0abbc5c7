package runner

import (
	"context"
	"fmt"
	"slices"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// Limits for trying suspects alone.
const (
	idleLimit    = 3 * time.Second // for running executions to end, once they were told to
	aloneLimit   = time.Minute     // for suspects that wait for long timers, in total
	certainLimit = 2 * time.Minute // for a target to answer, or to be certainly gone, after a suspect
	// otherStartLimit is for a target that the run could not start, but that something else may start.
	otherStartLimit = 5 * time.Second
)

// handle deals with targets that are gone, until all are back and each suspect was tried, or until one does not come back.
// Nothing else is sent meanwhile. It handles the departures from index first on.
func (f *scheduler) handle(first int) {
	if away := f.probes.awayNow(); away != nil {
		f.config.Watcher.Notice(fmt.Sprintf("The target went away: %s. Nothing is sent until it is back.", away.How))
	}
	f.idle()
	for f.ctx.Err() == nil {
		if !f.back() {
			f.abandon()
			break
		}
		f.refresh()
		if f.config.Revive == nil {
			f.suspect(first)
			break
		}
		if f.alone(first) {
			break
		}
	}
	f.mu.Lock()
	close(f.departures.over)
	f.departures.over = nil
	f.mu.Unlock()
}

// idle waits until nothing is running.
func (f *scheduler) idle() {
	for deadline := time.Now().Add(idleLimit); time.Now().Before(deadline) && f.ctx.Err() == nil; {
		f.mu.Lock()
		n := len(f.executing)
		f.mu.Unlock()
		if n == 0 {
			return
		}
		select {
		case <-time.After(probePace / 5):
		case <-f.ctx.Done():
		}
	}
}

// back waits until all targets are there, restarting those that are gone if the run can. It reports whether all are there.
func (f *scheduler) back() bool {
	unexplained := 0
	for _, d := range f.departed() {
		if !d.Alone {
			unexplained++
		}
	}
	if unexplained > mostDepartures {
		return false
	}
	started := map[int]bool{}
	deadline := time.Now().Add(f.config.AwayLimit)
	for f.ctx.Err() == nil {
		away := f.probes.awayNow()
		switch {
		case away == nil && !f.probes.doubtful():
			return true
		case time.Now().After(deadline):
			return false
		case away != nil && f.config.Revive != nil && !started[away.Target]:
			started[away.Target] = true
			limit := f.config.AwayLimit
			if err := f.startAgain(*away); err != nil {
				limit = min(limit, otherStartLimit)
			}
			deadline = time.Now().Add(limit)
		}
		select {
		case <-time.After(probePace / 2):
		case <-f.ctx.Done():
		}
	}
	return false
}

// startAgain restarts a target.
func (f *scheduler) startAgain(away result.Away) error {
	ctx, cancel := context.WithTimeoutCause(f.ctx, suite.LifecycleLimit, fmt.Errorf("it did not start within %d s", int(suite.LifecycleLimit.Seconds())))
	defer cancel()
	err := f.config.Revive(ctx, away.Target, !away.Refused)
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.departures.all {
		if d := &f.departures.all[i]; d.Target == away.Target && d.Until.IsZero() {
			d.Started = err == nil
			if err != nil {
				d.Error = f.redact(err.Error())
			}
		}
	}
	return err
}

// abandon ends the run: a target did not come back.
func (f *scheduler) abandon() {
	if f.ctx.Err() != nil {
		return
	}
	away := f.probes.awayNow()
	if away == nil { // it kept coming back
		all := f.probes.aways()
		away = &all[len(all)-1]
	}
	f.mu.Lock()
	lost := *away
	lost.Until = time.Now().Add(time.Hour) // for everything that was no longer tried
	f.departures.lost = &lost
	f.mu.Unlock()
	f.cancel(goneError{*away})
}

// refresh asks the targets' applications for their current names.
func (f *scheduler) refresh() {
	for i, info := range f.capabilities.Info {
		if info == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(f.ctx, f.config.Tolerance.Patience)
		if now, err := f.env.Controls[i].Info(ctx); err == nil && now != nil {
			info.Instance = now.Instance
		}
		cancel()
	}
}

// suspect excludes the suspects of the departures from index first on: trying them again would risk the target.
func (f *scheduler) suspect(first int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.departures.all[first:] {
		for _, s := range d.Suspects {
			f.departures.suspects[s.Case] = true
		}
	}
}

// alone runs each untried suspect of the departures from index first on, with nothing else running. It reports whether all
// are done; otherwise a target is gone again. Suspects that wait for long timers run only until another case is known to
// have ended the target; the rest are tried again alongside others.
func (f *scheduler) alone(first int) bool {
	deadline := time.Now().Add(aloneLimit)
	for {
		c, found := f.nextSuspect(first)
		if c == nil || f.ctx.Err() != nil {
			return true
		}
		if c.Longest(f.capabilities.Timings) >= longWait && (found || time.Now().After(deadline)) {
			f.tried(c)
			continue
		}
		a, did := f.aloneAttempt(c)
		f.tried(c)
		if did == uncertain { // what happens next could be due to this suspect or to the next one
			f.suspect(first)
			return true
		}
		f.keep(c, a)
		if did == ended {
			return false
		}
	}
}

// nextSuspect returns the most likely suspect that was not tried alone, quick ones first; found means that one of them ended
// the target.
func (f *scheduler) nextSuspect(first int) (next *suite.Case, found bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.departures.all[first:] {
		found = found || d.Alone
		for _, s := range d.Suspects {
			c := registered(f.all, s.Case)
			if c == nil || f.departures.tried[s.Case] {
				continue
			}
			if next == nil || next.Longest(f.capabilities.Timings) >= longWait && c.Longest(f.capabilities.Timings) < longWait {
				next = c
			}
		}
	}
	return next, found
}

func (f *scheduler) tried(c *suite.Case) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.departures.tried[c.ID] = true
}

// registered returns the case of the plan with that ID, or nil.
func registered(all []planned, id string) *suite.Case {
	if i := slices.IndexFunc(all, func(p planned) bool { return p.ID == id }); i >= 0 {
		return all[i].Case
	}
	return nil
}

// effect is what an attempt that ran alone did to the target.
type effect int

const (
	kept      effect = iota // the target answers
	ended                   // the target is gone
	uncertain               // the target did not answer, but is not certainly gone
)

// aloneAttempt makes an attempt at a case with nothing else running, and says what it did to the target. It waits until that
// is certain: on a machine that stands still, telling silence from a standstill takes long.
func (f *scheduler) aloneAttempt(c *suite.Case) (a result.Attempt, did effect) {
	before := len(f.departed())
	a, recorder, _ := f.perform(f.ctx, c, nil, true)
	certain := func() bool { return f.probes.answered(a.Span.Until) || len(f.departed()) > before }
	for deadline := time.Now().Add(certainLimit); f.ctx.Err() == nil && !certain() && time.Now().Before(deadline); {
		select {
		case <-time.After(probePace / 5):
		case <-f.ctx.Done():
		}
	}
	a.Alone = true
	a.Trace = recorder.Seal()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.departures.all) == before {
		if !f.probes.answered(a.Span.Until) {
			return a, uncertain
		}
		return a, kept
	}
	d := &f.departures.all[before]
	d.Alone = true
	a.Ended, a.Cut = true, ""
	var about []int
	for _, s := range d.Suspects {
		for _, e := range s.Last {
			about = append(about, e.Seq)
		}
	}
	a.Evidence = append([]result.Failure{{
		Kind: result.Content, Subject: fmt.Sprintf("target %d", d.Target+1), Expected: result.Expectation{Relation: result.StaysOpen},
		Received: result.Value{Form: result.End, Text: d.How}, Span: result.Span{From: a.Span.From, Until: time.Now()}, About: about,
	}}, a.Evidence...)
	return a, ended
}

// keep records an attempt that ran alone: the case counts it, or is reopened if it has finished.
func (f *scheduler) keep(c *suite.Case, a result.Attempt) {
	f.mu.Lock()
	over := f.results[c.ID] != nil
	if !over {
		f.departures.alone[c.ID] = &a
	}
	f.mu.Unlock()
	if over && a.Ended {
		f.reopen(c.ID, a)
	}
}

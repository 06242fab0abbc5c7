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
func (s *scheduler) handle(first int) {
	if away := s.probes.awayNow(); away != nil {
		s.config.Watcher.Notice(fmt.Sprintf("The target went away: %s. Nothing is sent until it is back.", away.How))
	}
	s.idle()
	for s.ctx.Err() == nil {
		if !s.back() {
			s.abandon()
			break
		}
		s.refresh()
		if s.config.Revive == nil {
			s.suspect(first)
			break
		}
		if s.alone(first) {
			break
		}
	}
	s.mu.Lock()
	close(s.departures.over)
	s.departures.over = nil
	s.mu.Unlock()
}

// idle waits until nothing is running.
func (s *scheduler) idle() {
	for deadline := time.Now().Add(idleLimit); time.Now().Before(deadline) && s.ctx.Err() == nil; {
		s.mu.Lock()
		n := len(s.executing)
		s.mu.Unlock()
		if n == 0 {
			return
		}
		select {
		case <-time.After(probePace / 5):
		case <-s.ctx.Done():
		}
	}
}

// back waits until all targets are there, restarting those that are gone if the run can. It reports whether all are there.
func (s *scheduler) back() bool {
	unexplained := 0
	for _, d := range s.departed() {
		if !d.Alone {
			unexplained++
		}
	}
	if unexplained > mostDepartures {
		return false
	}
	started := map[int]bool{}
	deadline := time.Now().Add(s.config.AwayLimit)
	for s.ctx.Err() == nil {
		away := s.probes.awayNow()
		switch {
		case away == nil && !s.probes.doubtful():
			return true
		case time.Now().After(deadline):
			return false
		case away != nil && s.config.Revive != nil && !started[away.Target]:
			started[away.Target] = true
			limit := s.config.AwayLimit
			if err := s.startAgain(*away); err != nil {
				limit = min(limit, otherStartLimit)
			}
			deadline = time.Now().Add(limit)
		}
		select {
		case <-time.After(probePace / 2):
		case <-s.ctx.Done():
		}
	}
	return false
}

// startAgain restarts a target.
func (s *scheduler) startAgain(away result.Away) error {
	ctx, cancel := context.WithTimeoutCause(s.ctx, suite.LifecycleLimit, fmt.Errorf("it did not start within %d s", int(suite.LifecycleLimit.Seconds())))
	defer cancel()
	err := s.config.Revive(ctx, away.Target, !away.Refused)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.departures.all {
		if d := &s.departures.all[i]; d.Target == away.Target && d.Until.IsZero() {
			d.Started = err == nil
			if err != nil {
				d.Error = s.redact(err.Error())
			}
		}
	}
	return err
}

// abandon ends the run: a target did not come back.
func (s *scheduler) abandon() {
	if s.ctx.Err() != nil {
		return
	}
	away := s.probes.awayNow()
	if away == nil { // it kept coming back
		all := s.probes.aways()
		away = &all[len(all)-1]
	}
	s.mu.Lock()
	lost := *away
	lost.Until = time.Now().Add(time.Hour) // for everything that was no longer tried
	s.departures.lost = &lost
	s.mu.Unlock()
	s.cancel(goneError{*away})
}

// refresh asks the targets' applications for their current names.
func (s *scheduler) refresh() {
	for i, info := range s.capabilities.Info {
		if info == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(s.ctx, s.config.Tolerance.Patience)
		if now, err := s.env.Controls[i].Info(ctx); err == nil && now != nil {
			info.Instance = now.Instance
		}
		cancel()
	}
}

// suspect excludes the suspects of the departures from index first on: trying them again would risk the target.
func (s *scheduler) suspect(first int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.departures.all[first:] {
		for _, suspect := range d.Suspects {
			s.departures.suspects[suspect.Case] = true
		}
	}
}

// alone runs each untried suspect of the departures from index first on, with nothing else running. It reports whether all
// are done; otherwise a target is gone again. Suspects that wait for long timers run only until another case is known to
// have ended the target; the rest are tried again alongside others.
func (s *scheduler) alone(first int) bool {
	deadline := time.Now().Add(aloneLimit)
	for {
		c, found := s.nextSuspect(first)
		if c == nil || s.ctx.Err() != nil {
			return true
		}
		if c.Longest(s.capabilities.Timings) >= longWait && (found || time.Now().After(deadline)) {
			s.tried(c)
			continue
		}
		a, did := s.aloneAttempt(c)
		s.tried(c)
		if did == uncertain { // what happens next could be due to this suspect or to the next one
			s.suspect(first)
			return true
		}
		s.keep(c, a)
		if did == ended {
			return false
		}
	}
}

// nextSuspect returns the most likely suspect that was not tried alone, quick ones first; found means that one of them ended
// the target.
func (s *scheduler) nextSuspect(first int) (next *suite.Case, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.departures.all[first:] {
		found = found || d.Alone
		for _, suspect := range d.Suspects {
			c := registered(s.all, suspect.Case)
			if c == nil || s.departures.tried[suspect.Case] {
				continue
			}
			if next == nil || next.Longest(s.capabilities.Timings) >= longWait && c.Longest(s.capabilities.Timings) < longWait {
				next = c
			}
		}
	}
	return next, found
}

func (s *scheduler) tried(c *suite.Case) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.departures.tried[c.ID] = true
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
func (s *scheduler) aloneAttempt(c *suite.Case) (a result.Attempt, did effect) {
	before := len(s.departed())
	a, recorder, _ := s.perform(s.ctx, c, nil, true)
	certain := func() bool { return s.probes.answered(a.Span.Until) || len(s.departed()) > before }
	for deadline := time.Now().Add(certainLimit); s.ctx.Err() == nil && !certain() && time.Now().Before(deadline); {
		select {
		case <-time.After(probePace / 5):
		case <-s.ctx.Done():
		}
	}
	a.Alone = true
	a.Trace = recorder.Seal()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.departures.all) == before {
		if !s.probes.answered(a.Span.Until) {
			return a, uncertain
		}
		return a, kept
	}
	d := &s.departures.all[before]
	d.Alone = true
	a.Ended, a.Cut = true, ""
	var about []int
	for _, suspect := range d.Suspects {
		for _, e := range suspect.Last {
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
func (s *scheduler) keep(c *suite.Case, a result.Attempt) {
	s.mu.Lock()
	over := s.results[c.ID] != nil
	if !over {
		s.departures.alone[c.ID] = &a
	}
	s.mu.Unlock()
	if over && a.Ended {
		s.reopen(c.ID, a)
	}
}

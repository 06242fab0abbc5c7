package runner

import (
	"context"
	"fmt"
	"sync"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// controlGroup is the embedded reference: what fails there, too, at the same time and under the same load, says nothing
// about the target. It is started for the first case that needs it.
type controlGroup struct {
	config settings // of the run

	once      sync.Once
	scheduler *scheduler
	err       error
	stop      func()
}

// start starts the reference. It is called once.
func (g *controlGroup) start(ctx context.Context) {
	reference, stop, err := g.config.Control(ctx)
	if err != nil {
		g.err = fmt.Errorf("the embedded reference did not start: %w", err)
		return
	}
	observers := suite.NewControls(reference.Targets, "")
	g.stop = func() {
		suite.CloseControls(observers)
		stop()
	}
	config := Config{Targets: reference.Targets, Embedded: true, Profile: suite.ProfileCluster, Edition: g.config.Edition, Parallel: g.config.Parallel}.withDefaults()
	c := discover(ctx, config, observers)
	if !c.Reachable() {
		g.err = fmt.Errorf("the embedded reference did not answer")
		return
	}
	config.Tolerance = g.config.Tolerance
	config.expect(c.Timings.MaxPayload)
	g.scheduler = newScheduler(ctx, config, c, observers, nil)
}

// close ends the reference.
func (g *controlGroup) close() {
	if g == nil {
		return
	}
	g.once.Do(func() { g.err = context.Canceled }) // it was never started
	if g.stop != nil {
		g.stop()
	}
}

// hasControl reports whether a case can be compared with the control group.
func (s *scheduler) hasControl(c *suite.Case) bool {
	return s.group != nil && !c.Needs.Browser && !c.Needs.Restarts
}

// controlled makes an attempt at a case against the embedded reference.
func (s *scheduler) controlled(c *suite.Case) *result.Attempt {
	g := s.group
	g.once.Do(func() { g.start(s.ctx) })
	if g.err != nil {
		return &result.Attempt{Case: c.ID, Control: true, Unverified: g.err.Error()}
	}
	if outcome, reason := applicable(c, g.scheduler.config, g.scheduler.capabilities); outcome != "" {
		return &result.Attempt{Case: c.ID, Control: true, Unverified: reason}
	}
	a, recorder := g.scheduler.execute(s.ctx, c, nil)
	if a.Failed() || a.Crash != "" {
		a.Trace = recorder.Seal()
	} else {
		a.Trace = recorder.Shorten(briefEvents, briefBytes)
	}
	a.Control = true
	return &a
}

package runner

import (
	"context"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// execute runs a case once. The recording is not sealed: whoever keeps the attempt decides how much of it to keep. Idle, if
// not nil, is called when the case waits long for one message.
func (s *scheduler) execute(ctx context.Context, c *suite.Case, idle func()) (result.Attempt, *wire.Recorder) {
	host := s.host(c)
	for {
		if cause := host.present(ctx); cause != nil {
			now := time.Now()
			return result.Attempt{Case: c.ID, Span: result.Span{From: now.Add(-time.Millisecond), Until: now}, Cut: cause.Error()}, wire.NewRecorder()
		}
		s.underWay.Add(1)
		a, recorder, ok := host.perform(ctx, c, idle, false)
		s.underWay.Add(-1)
		if ok {
			return a, recorder
		}
	}
}

// perform runs a case once against the targets of the scheduler. It is not ok if it may not, because one of them is gone and
// the case is not alone.
func (s *scheduler) perform(ctx context.Context, c *suite.Case, idle func(), alone bool) (a result.Attempt, recorder *wire.Recorder, ok bool) {
	recorder = wire.NewRecorder(s.env.Targets...)
	ctx, leave, ok := s.enter(ctx, c, recorder, alone)
	if !ok {
		return a, nil, false
	}
	defer leave()
	if c.Needs.Restarts && s.probes != nil {
		defer s.probes.pause()()
	}
	a, seen := s.env.Attempt(ctx, c, recorder, idle)
	s.keepLook(seen)
	return a, recorder, true
}

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
func (f *scheduler) execute(ctx context.Context, c *suite.Case, idle func()) (result.Attempt, *wire.Recorder) {
	host := f.host(c)
	for {
		if cause := host.present(ctx); cause != nil {
			now := time.Now()
			return result.Attempt{Case: c.ID, Span: result.Span{From: now.Add(-time.Millisecond), Until: now}, Cut: cause.Error()}, wire.NewRecorder()
		}
		f.underWay.Add(1)
		a, recorder, ok := host.perform(ctx, c, idle, false)
		f.underWay.Add(-1)
		if ok {
			return a, recorder
		}
	}
}

// perform runs a case once against the targets of the scheduler. It is not ok if it may not, because one of them is gone and
// the case is not alone.
func (f *scheduler) perform(ctx context.Context, c *suite.Case, idle func(), alone bool) (a result.Attempt, recorder *wire.Recorder, ok bool) {
	recorder = wire.NewRecorder(f.env.Targets...)
	ctx, leave, ok := f.enter(ctx, c, recorder, alone)
	if !ok {
		return a, nil, false
	}
	defer leave()
	if c.Needs.Restarts && f.probes != nil {
		defer f.probes.pause()()
	}
	a, seen := f.env.Attempt(ctx, c, recorder, idle)
	f.keepLook(seen)
	return a, recorder, true
}

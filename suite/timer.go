package suite

import (
	"errors"
	"time"

	"github.com/onsi/gomega/types"

	"example.test/conformance/suite/result"
)

// Moment is when something happened, as far as that is known: from the earliest to the latest time that it can have been.
type Moment struct{ Earliest, Latest time.Time }

// At is a moment that is known.
func At(at time.Time) Moment { return Moment{at, at} }

// Between is a moment of which is known what came before and after it: a timer that a request starts is started between
// the request and its answer.
func Between(earliest, latest time.Time) Moment { return Moment{earliest, latest} }

// Elapsed is the time from one moment to another. It is what [T.Last] matches.
type Elapsed struct{ From, Until Moment }

// longest that it can have been.
func (e Elapsed) longest() time.Duration { return e.Until.Latest.Sub(e.From.Earliest) }

// shortest that it can have been.
func (e Elapsed) shortest() time.Duration { return e.Until.Earliest.Sub(e.From.Latest) }

// Last matches an [Elapsed] of a timer that has to fire after that time, with the run's tolerance. A bound is broken only
// where it is broken however the moments were: on a busy machine a message may have been long on its way.
func (t *T) Last(due time.Duration) types.GomegaMatcher {
	return &lastMatcher{least: due - t.Tolerance().Early, most: due + t.Tolerance().Late}
}

type lastMatcher struct {
	silent
	least, most time.Duration
}

// Match implements gomega's matcher.
func (m *lastMatcher) Match(actual any) (bool, error) {
	e, is := actual.(Elapsed)
	if !is {
		return false, errors.New("Last takes an Elapsed")
	}
	return e.longest() >= m.least && e.shortest() <= m.most, nil
}

// Expectation implements [Describer].
func (m *lastMatcher) Expectation() result.Expectation {
	least, most := valueOf(m.least), valueOf(m.most)
	return result.Expectation{Relation: result.Lasts, Value: &least, Most: &most}
}

// Judge implements [Judging].
func (m *lastMatcher) Judge(actual any, f *result.Failure) {
	e, is := actual.(Elapsed)
	if !is {
		return
	}
	f.Span = result.Span{From: e.From.Earliest, Until: e.Until.Latest}
	if d := e.longest(); d < m.least {
		f.Kind, f.Received, f.Outside = result.Early, valueOf(d), m.least-d
		return
	}
	d := e.shortest()
	f.Kind, f.Received, f.Outside = result.Overdue, valueOf(d), d-m.most
}

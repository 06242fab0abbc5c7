package suite

import (
	"errors"
	"time"

	"github.com/onsi/gomega/types"

	"example.test/conformance/suite/result"
)

// Moment is when something happened, as far as that is known: no earlier than Earliest and no later than Latest.
type Moment struct{ Earliest, Latest time.Time }

// At returns a moment that is known exactly.
func At(at time.Time) Moment { return Moment{at, at} }

// Between returns a moment that lies between two times: a timer that a request starts begins between the request and its
// answer.
func Between(earliest, latest time.Time) Moment { return Moment{earliest, latest} }

// Elapsed is the time from one moment to another. It is what [T.Last] matches.
type Elapsed struct{ From, Until Moment }

// longest returns the longest time that it can have been.
func (e Elapsed) longest() time.Duration { return e.Until.Latest.Sub(e.From.Earliest) }

// shortest returns the shortest time that it can have been.
func (e Elapsed) shortest() time.Duration { return e.Until.Earliest.Sub(e.From.Latest) }

// Last matches an [Elapsed] of a timer that has to fire after that time, within the run's tolerance. A bound counts as
// broken only if it is broken for every possible pair of moments: on a busy machine a message may take long to arrive.
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

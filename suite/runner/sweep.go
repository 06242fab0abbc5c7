package runner

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Limits for the sweep at the end of a run.
const (
	lateTime    = time.Second // a case cannot have caused a record that comes this long after its end
	mostLooks   = 4096        // executions of a run that are remembered
	mostAgainst = 5           // records shown against one case
)

// keepLook remembers what an execution has seen of the records; nil if it saw none.
func (s *scheduler) keepLook(seen *suite.Look) {
	if seen == nil || s.probes == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.looks) < mostLooks {
		s.looks = append(s.looks, seen)
	}
}

// sweep checks all records once more at the end of a run. A record that came after its case, and that would have failed the
// case, reopens it.
func (s *scheduler) sweep() {
	if s.probes == nil {
		return
	}
	s.mu.Lock()
	looks := suite.NewLooks(s.looks)
	s.mu.Unlock()
	against := map[string]*swept{}
	for target, o := range s.env.Controls {
		if target >= len(s.capabilities.Info) || s.capabilities.Info[target] == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(s.ctx, s.config.Tolerance.Patience)
		_, _, _ = o.Flush(ctx) // records that have not come by now are not seen
		cancel()
		for _, e := range o.All() {
			for _, c := range looks.Contradicted(target, e, func(ended time.Time) bool { return s.late(target, ended, e.At) }) {
				if against[c.Case] == nil {
					against[c.Case] = &swept{recorder: wire.NewRecorder(s.config.Targets...)}
				}
				against[c.Case].add(target, e, c.Failure)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(against)) {
		s.reopen(id, against[id].attempt(id))
	}
}

// late reports whether a record was made after the suite had finished with a case. The target had since answered enough
// probes over the same connection, so nothing that the case had caused was still pending, however slow anything was.
func (s *scheduler) late(target int, ended, came time.Time) bool {
	return came.Sub(ended) >= lateTime && s.probes.between(target, ended, came) >= enoughProbes
}

// between returns how many probes over the control connection were sent and answered between two times.
func (p *probes) between(target int, from, until time.Time) (n int) {
	for _, one := range p.all {
		if one.target != target || one.over != result.OverControl {
			continue
		}
		one.mu.Lock()
		for _, a := range one.answers {
			if a.sent.After(from) && a.got.Before(until) {
				n++
			}
		}
		one.mu.Unlock()
	}
	return n
}

// swept is what the sweep found against a case.
type swept struct {
	recorder *wire.Recorder
	evidence []result.Failure
}

func (s *swept) add(target int, e suite.Entry, failure result.Failure) {
	if len(s.evidence) == mostAgainst {
		return
	}
	event := s.recorder.Record(fmt.Sprintf("observer-%d", target+1), target, wire.Entry, e.Type, e.Raw)
	failure.About = []int{event.Seq}
	s.evidence = append(s.evidence, failure)
}

// attempt returns the findings as an attempt at the case.
func (s *swept) attempt(id string) result.Attempt {
	span := s.evidence[0].Span
	return result.Attempt{Case: id, Span: result.Span{From: span.Until, Until: span.Until}, Evidence: s.evidence, Swept: true, Trace: s.recorder.Seal()}
}

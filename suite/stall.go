package suite

import (
	"context"
	"sync"
	"time"

	"example.test/conformance/suite/result"
)

// Stalls notices when this machine stands still: a heartbeat may then break that a calm machine would keep.
type Stalls struct {
	mu   sync.Mutex
	all  []stall
	last time.Time // the latest tick
}

type stall struct {
	from, to time.Time
	clock    bool // the clocks came apart
	paced    bool // a case waited for the run's pace before it opened a connection
}

const (
	stallTick  = 10 * time.Millisecond
	clockApart = 500 * time.Millisecond // between the wall clock and the monotonic one, from one tick to the next
	stallWorth = 30 * time.Millisecond  // shorter ones happen on any machine
)

// Watch records the standstills of this machine until the context ends.
func (s *Stalls) Watch(ctx context.Context) {
	ticker := time.NewTicker(stallTick)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := time.Now()
		if now.Sub(last) > stallTick+stallWorth {
			s.Note(last, now)
		}
		if step := now.Round(0).Sub(last.Round(0)) - now.Sub(last); step.Abs() >= clockApart {
			s.mu.Lock()
			s.all = append(s.all, stall{from: last, to: now, clock: true})
			s.mu.Unlock()
		}
		last = now
		s.mu.Lock()
		s.last = now
		s.mu.Unlock()
	}
}

// Until returns the standstills up to a time, including one that is not over or was not noticed yet.
func (s *Stalls) Until(now time.Time) []result.Standstill {
	if s == nil {
		return nil
	}
	all := s.Spans()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.last.IsZero() && now.Sub(s.last) > stallTick+stallWorth {
		all = append(all, result.Standstill{Span: result.Span{From: s.last, Until: now}, Of: result.OfSuite})
	}
	return all
}

// Note records a standstill between two times.
func (s *Stalls) Note(from, to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, stall{from: from, to: to})
}

// Spans returns the standstills so far.
func (s *Stalls) Spans() (all []result.Standstill) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.all {
		of := result.OfSuite
		if one.clock {
			of = result.OfClock
		}
		all = append(all, result.Standstill{Span: result.Span{From: one.from, Until: one.to}, Of: of})
	}
	return all
}

// pace records a wait for the run's pace. Many cases may wait at once.
func (s *Stalls) pace(from, to time.Time) {
	if s == nil || to.Sub(from) < stallWorth {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.all); n > 0 && s.all[n-1].paced && !s.all[n-1].to.Before(from) {
		last := &s.all[n-1]
		if from.Before(last.from) {
			last.from = from
		}
		last.to = to
		return
	}
	s.all = append(s.all, stall{from: from, to: to, paced: true})
}

// Longest returns the longest standstill of the machine that overlaps the span.
func (s *Stalls) Longest(from, to time.Time) (longest time.Duration) {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.all {
		if !one.paced && one.to.After(from) && one.from.Before(to) {
			longest = max(longest, one.to.Sub(one.from))
		}
	}
	return longest
}

package runner

import (
	"context"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// limiter limits how many cases may run at once. It lowers the limit when answers become slow, so that the suite's own load
// does not keep a target from its timers, and raises it again when they are quick.
type limiter struct {
	most int

	mu     sync.Mutex
	limit  int
	least  int // the lowest limit that adapt sets
	vain   int // how often answers were slow with only one case
	used   int
	change chan struct{} // closed and replaced when a slot may be free
}

func newLimiter(most int) *limiter {
	return &limiter{most: most, limit: most, least: 1, change: make(chan struct{})}
}

// Acquire waits for a slot.
func (l *limiter) Acquire(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.mu.Lock()
		if l.used < l.limit {
			l.used++
			l.mu.Unlock()
			return nil
		}
		change := l.change
		l.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Release gives a slot back.
func (l *limiter) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.used--
	l.wake()
}

// hold returns a function that releases a slot. The slot is also released after that time, but only once.
func (l *limiter) hold(most time.Duration) func() {
	release := sync.OnceFunc(l.Release)
	timer := time.AfterFunc(most, release)
	return func() {
		timer.Stop()
		release()
	}
}

// now returns how many cases may run at the moment.
func (l *limiter) now() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limit
}

const (
	vainly     = 3 // how often answers must be slow with only one case: then the suite is not the reason
	leastOfAll = 4 // the lowest limit from then on
)

// adapt halves the limit if answers are slow, and raises it if they are quick. A target that refuses requests because of
// load may need a limit of one case.
func (l *limiter) adapt(slow, refused, quick bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slow && !refused && l.limit == 1 {
		if l.vain++; l.vain == vainly {
			l.least = min(leastOfAll, l.most)
		}
	}
	switch {
	case refused:
		l.limit = max(1, min(l.limit, max(l.used, 1))/2)
	case slow:
		l.limit = max(l.least, min(l.limit, max(l.used, 1))/2)
		l.wake()
	case quick && l.used >= l.limit:
		l.limit = min(l.most, l.limit+1+l.limit/4)
		l.wake()
	}
}

func (l *limiter) wake() {
	close(l.change)
	l.change = make(chan struct{})
}

const (
	adaptEvery = 100 * time.Millisecond
	slotLimit  = time.Second // how long a case holds its slot: one that runs longer mostly waits
	calmAfter  = time.Second // without a refusal because of load: then more cases may run again
)

// adapt keeps the number of running cases to what machine and target can handle, until the context ends.
func (s *scheduler) adapt(ctx context.Context) {
	ticker := time.NewTicker(adaptEvery)
	defer ticker.Stop()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := time.Now()
		took, base := s.probes.recent(now.Add(-2*adaptEvery), now)
		took = max(took, s.env.Stalls.Longest(now.Add(-2*adaptEvery), now))
		worth := 3*base + min(max(s.capabilities.Timings.PingTimeout/4, 20*time.Millisecond), 250*time.Millisecond)
		refused := s.pace().Refused()
		adaptable := now.Sub(last) > 3*adaptEvery
		slow, limited := adaptable && took > worth, adaptable && refused.After(last)
		if slow || limited {
			last = now
		}
		s.slots.adapt(slow, limited, took < worth/2 && now.Sub(refused) > calmAfter)
	}
}

// casesRate is how many new connections per second a running case needs at least: with fewer, its pongs would wait for the
// connections of others.
const casesRate = 8

// pace returns the pace of the run.
func (s *scheduler) pace() *wire.Pace {
	if len(s.config.Targets) == 0 {
		return nil
	}
	return s.config.Targets[0].Pace
}

package runner

import (
	"context"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// limiter says how many cases may be under way at once. It has fewer where answers have become slow, since the load that
// the suite itself makes must not keep a target from its timers, and more again where they are quick.
type limiter struct {
	most int

	mu     sync.Mutex
	limit  int
	least  int // that adapt leaves
	vain   int // how often answers were slow where there was one case alone
	used   int
	change chan struct{} // closed and made anew where a slot may be free
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

// hold is a slot that is given back once: when the function is called that hold returns, or when it has been held so long.
func (l *limiter) hold(most time.Duration) func() {
	release := sync.OnceFunc(l.Release)
	timer := time.AfterFunc(most, release)
	return func() {
		timer.Stop()
		release()
	}
}

// now is how many cases may be under way at the moment.
func (l *limiter) now() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limit
}

// Where answers stay slow with one case alone, it is not the suite that makes them slow.
const (
	vainly     = 3 // times
	leastOfAll = 4 // cases under way then
)

// adapt halves the limit where answers are slow, and raises it where they are quick. A target that refuses requests for load
// may want one case alone.
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
	slotLimit  = time.Second // what a case holds its slot for: one that is longer under way waits most of the time
	calmAfter  = time.Second // without a refusal for load: then there may be more under way again
)

// adapt keeps the number of cases under way to what machine and target bear, until the context ends.
func (f *scheduler) adapt(ctx context.Context) {
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
		took, base := f.probes.recent(now.Add(-2*adaptEvery), now)
		took = max(took, f.env.Stalls.Longest(now.Add(-2*adaptEvery), now))
		worth := 3*base + min(max(f.capabilities.Timings.PingTimeout/4, 20*time.Millisecond), 250*time.Millisecond)
		refused := f.pace().Refused()
		adaptable := now.Sub(last) > 3*adaptEvery
		slow, limited := adaptable && took > worth, adaptable && refused.After(last)
		if slow || limited {
			last = now
		}
		f.slots.adapt(slow, limited, took < worth/2 && now.Sub(refused) > calmAfter)
	}
}

// casesRate is how many new connections per second a case under way has at the least: with fewer, its pongs would wait for
// the connections of others.
const casesRate = 8

// pace of the run.
func (f *scheduler) pace() *wire.Pace {
	if len(f.config.Targets) == 0 {
		return nil
	}
	return f.config.Targets[0].Pace
}

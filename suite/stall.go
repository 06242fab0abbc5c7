package suite

import (
	"context"
	"sync"
	"time"
)

// stalls notices when this machine stands still: then a heartbeat may break that a calm machine would keep.
type stalls struct {
	mu  sync.Mutex
	all []stall
}

type stall struct {
	from, to time.Time
}

const (
	stallTick  = 10 * time.Millisecond
	stallWorth = 30 * time.Millisecond // shorter ones happen on any machine
)

func (s *stalls) watch(ctx context.Context) {
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
			s.mu.Lock()
			s.all = append(s.all, stall{last, now})
			s.mu.Unlock()
		}
		last = now
	}
}

// longest standstill that touches the span.
func (s *stalls) longest(from, to time.Time) (longest time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.all {
		if one.to.After(from) && one.from.Before(to) {
			longest = max(longest, one.to.Sub(one.from))
		}
	}
	return longest
}

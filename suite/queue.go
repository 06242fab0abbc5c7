package suite

import (
	"sync"
	"time"
)

// maxQueued messages are kept for a case that does not read them: a target may flood.
const maxQueued = 100_000

// queue of what came in, read by the case at its leisure.
type queue[V any] struct {
	mu    sync.Mutex
	items []V
	more  chan struct{} // holds a token where items may have come
}

func newQueue[V any]() *queue[V] { return &queue[V]{more: make(chan struct{}, 1)} }

func (q *queue[V]) put(v V) {
	q.mu.Lock()
	if len(q.items) < maxQueued {
		q.items = append(q.items, v)
	}
	q.mu.Unlock()
	select {
	case q.more <- struct{}{}:
	default:
	}
}

func (q *queue[V]) take() (v V, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return v, false
	}
	v, q.items = q.items[0], q.items[1:]
	return v, true
}

// next waits for an item until the deadline or the end of the source.
func (q *queue[V]) next(t *T, d time.Duration, over <-chan struct{}) (v V, ok bool) {
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	for {
		if v, ok = q.take(); ok {
			return v, true
		}
		select {
		case <-q.more:
		case <-over:
			return q.take()
		case <-deadline.C:
			return q.take()
		case <-t.ctx.Done():
			t.cut()
		}
	}
}

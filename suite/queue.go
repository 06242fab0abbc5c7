package suite

import (
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// overhead is the cost of keeping a message besides its content, in bytes.
const overhead = 64

// queue holds received messages until the case reads them.
type queue struct {
	limit  int64 // on the bytes that are kept: a target may flood the suite
	budget *wire.Budget

	mu      sync.Mutex
	items   []Message
	bytes   int64
	dropped bool
	more    chan struct{} // holds a token if items may have come
}

func newQueue(target *wire.Target) *queue {
	return &queue{limit: target.Limit(), budget: target.Budget, more: make(chan struct{}, 1)}
}

// put reports whether it took the message. It takes none if too many are unread.
func (q *queue) put(m Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	size := int64(len(m.Data)) + overhead
	if q.dropped || q.bytes > q.limit || q.budget.Take(size) != nil {
		return false
	}
	q.items, q.bytes = append(q.items, m), q.bytes+size
	select {
	case q.more <- struct{}{}:
	default:
	}
	return true
}

func (q *queue) take() (m Message, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return m, false
	}
	m, q.items[0] = q.items[0], Message{}
	q.items = q.items[1:]
	size := int64(len(m.Data)) + overhead
	q.bytes -= size
	q.budget.Give(size)
	return m, true
}

// drop discards what nobody will read.
func (q *queue) drop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.budget.Give(q.bytes)
	q.items, q.bytes, q.dropped = nil, 0, true
}

// next waits for an item until the deadline or the end of the source.
func (q *queue) next(t *T, d time.Duration, over <-chan struct{}) (m Message, ok bool) {
	clock := t.clock(d)
	defer clock.stop()
	for {
		if m, ok = q.take(); ok {
			return m, true
		}
		select {
		case <-q.more:
		case <-over:
			return q.take()
		case <-clock.timer.C:
			if clock.over() {
				return q.take()
			}
		case <-t.ctx.Done():
			t.cut()
		}
	}
}

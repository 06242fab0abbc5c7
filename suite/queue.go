package suite

import (
	"sync"
	"time"
)

// overhead is what keeping a message costs beside its content, in bytes.
const overhead = 64

// queue of messages that came in, read by the case at its leisure.
type queue struct {
	limit int64 // of the bytes that are kept: a target may flood

	mu    sync.Mutex
	items []Message
	bytes int64
	more  chan struct{} // holds a token where items may have come
}

func newQueue(limit int64) *queue { return &queue{limit: limit, more: make(chan struct{}, 1)} }

// put reports whether the message was taken: none is any more where so many are unread.
func (q *queue) put(m Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.bytes > q.limit {
		return false
	}
	q.items, q.bytes = append(q.items, m), q.bytes+int64(len(m.Data))+overhead
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
	m, q.items = q.items[0], q.items[1:]
	q.bytes -= int64(len(m.Data)) + overhead
	return m, true
}

// next waits for an item until the deadline or the end of the source.
func (q *queue) next(t *T, d time.Duration, over <-chan struct{}) (m Message, ok bool) {
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	for {
		if m, ok = q.take(); ok {
			return m, true
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

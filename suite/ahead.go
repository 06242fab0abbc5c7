package suite

import (
	"context"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// aheadFrom is the time of an exchange from which connections are opened ahead of the requests that use them. A client keeps
// its connections, so each of its requests takes one round trip. The suite opens a connection for each, which takes another:
// too slow for timers that are long enough for a client.
const aheadFrom = 100 * time.Millisecond

// How many connections are open ahead. A crowd of sessions opens most of its connections when it needs them.
const (
	keptAhead = 3  // for a goroutine of a case, which sends a few requests in a row without waiting for their answers
	mostAhead = 64 // in all
)

// ready are the connections that were opened ahead for one goroutine of a case, the oldest first.
type ready struct {
	mu sync.Mutex
	of map[*wire.Target][]*wire.Ahead
}

// ahead returns a context in which the next connection to a target is the oldest of those that were opened ahead, and begins
// to open another one. Near targets need none.
func (t *T) ahead(ctx context.Context, target int) context.Context {
	if t.env.exchangeOf(target) < aheadFrom {
		return ctx
	}
	to := t.target(target)
	t.ready.mu.Lock()
	defer t.ready.mu.Unlock()
	if t.ready.of == nil {
		t.ready.of = map[*wire.Target][]*wire.Ahead{}
		t.Cleanup(t.closeReady)
	}
	var use *wire.Ahead
	for use == nil && len(t.ready.of[to]) > 0 {
		oldest := t.ready.of[to][0]
		if oldest.Stale() {
			oldest.Close()
		} else {
			use = oldest
			t.Cleanup(use.Close) // if the request is not made after all
		}
		t.ready.of[to] = t.ready.of[to][1:]
		t.env.ahead.Add(-1)
	}
	for len(t.ready.of[to]) < keptAhead {
		var next *wire.Ahead
		if t.env.ahead.Add(1) <= mostAhead {
			next = to.Ahead(t.ctx)
		}
		if next == nil {
			t.env.ahead.Add(-1)
			break
		}
		t.ready.of[to] = append(t.ready.of[to], next)
	}
	return use.For(ctx)
}

// closeReady closes the connections that no request used.
func (t *T) closeReady() {
	t.ready.mu.Lock()
	defer t.ready.mu.Unlock()
	for _, all := range t.ready.of {
		for _, a := range all {
			a.Close()
			t.env.ahead.Add(-1)
		}
	}
	t.ready.of = nil
}

package suite

import (
	"context"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// aheadFrom is the time of an exchange from which connections are opened ahead of the requests that use them. A client keeps
// its connections, so that the distance counts once for each of its requests; the suite, which opens one for each, would be
// too slow for timers that suffice a client.
const aheadFrom = 100 * time.Millisecond

// keptAhead is how many connections are open ahead: a case sends a few requests in a row without waiting for their answers.
const keptAhead = 3

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
	var use *wire.Ahead
	spares := t.ready.of[to]
	for use == nil && len(spares) > 0 {
		if !spares[0].Stale() {
			use = spares[0]
		}
		spares = spares[1:]
	}
	for len(spares) < keptAhead {
		next := to.Ahead(t.ctx)
		t.Cleanup(next.Close)
		spares = append(spares, next)
	}
	if t.ready.of == nil {
		t.ready.of = map[*wire.Target][]*wire.Ahead{}
	}
	t.ready.of[to] = spares
	return use.For(ctx)
}

package suite

import (
	"context"
	"time"
)

// seats limits the sessions that the cases of a run have open at once. Nil means no limit.
type seats chan struct{}

func newSeats(most int) seats {
	if most <= 0 {
		return nil
	}
	return make(seats, most)
}

// take waits that long for a seat. It is not ok if none is free by then, for instance because cases wait for each other.
func (s seats) take(ctx context.Context, d time.Duration) (ok bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case s <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// seat takes a seat for a session that the case is about to open, until the case is over. If the run may have fewer sessions
// open than the case needs, the case is unverified.
func (t *T) seat() {
	if t.env.seats == nil {
		return
	}
	from := time.Now()
	ok := t.env.seats.take(t.ctx, t.Tolerance().Patience)
	t.env.Stalls.pace(from, time.Now())
	switch {
	case ok:
		t.Cleanup(func() { <-t.env.seats })
	case t.ctx.Err() != nil:
		t.cut()
	default:
		t.Unverified("it needs more sessions at once than --max-sessions allows: %d for the whole run", cap(t.env.seats))
	}
}

// NeedsSessions ends a case as unverified if it has to open more sessions at once than the run may have.
func (t *T) NeedsSessions(n int) {
	if most := cap(t.env.seats); most > 0 && n > most {
		t.Unverified("it opens %d sessions at once, and --max-sessions allows %d", n, most)
	}
}

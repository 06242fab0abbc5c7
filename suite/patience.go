package suite

import (
	"context"
	"time"
)

// longestStretch is how much a wait may be extended while the target answers no probes.
const longestStretch = 25 * time.Second

// idleAfter is how long a case waits for one message before it counts as idle: it makes no load then.
const idleAfter = 250 * time.Millisecond

// clock says when what a case waits for may be called absent. A wait that lasts the run's patience, or longer by the time of
// a timer, follows the probes: it ends when the target has answered enough of them, and not while it answers none. A shorter
// wait is the case's own choice and does not follow them.
type clock struct {
	t     *T
	since time.Time
	d     time.Duration
	timer *time.Timer
	idle  *time.Timer // calls the execution's idle; nil if it has none
	spent bool        // over has reported the end of the wait
}

func (t *T) clock(d time.Duration) *clock {
	c := &clock{t: t, since: time.Now(), d: d}
	first := d
	if c.follows() {
		first = d - t.Tolerance().Patience + t.env.Probes.Soonest()
	}
	c.timer = time.NewTimer(min(d, first))
	if t != nil && t.idle != nil {
		c.idle = time.AfterFunc(idleAfter, t.idle)
	}
	return c
}

func (c *clock) follows() bool {
	return c.t != nil && c.t.env.Probes != nil && c.d >= c.t.Tolerance().Patience
}

// over reports whether the wait ends now that the timer has fired. If not, the timer will fire again.
func (c *clock) over() bool {
	now := time.Now()
	if !c.follows() || now.Sub(c.since) > c.d+longestStretch {
		c.spent = true
		return true
	}
	patience := c.t.Tolerance().Patience
	more, calm := c.t.env.Probes.Absent(c.since.Add(c.d-patience), now, patience)
	if more <= 0 {
		c.spent = true
		if calm {
			c.t.hadCalm(c.since)
		}
		return true
	}
	c.timer.Reset(more)
	return false
}

// hadCalm records when a wait began that has just ended without a message, after enough time in which nothing stood still.
func (t *T) hadCalm(since time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calm = since
}

// wasCalm reports whether hadCalm recorded a wait that began at that time or later.
func (t *T) wasCalm(since time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.calm.Before(since)
}

// patience returns a context that ends, with errNothing as its cause, when what is due within the run's patience and that
// much more may be called absent. A calm target has all of that time.
func (t *T) patience(ctx context.Context, more time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	clock := t.clock(t.Tolerance().Patience + more)
	clock.timer.Reset(clock.d)
	go func() {
		defer clock.stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-clock.timer.C:
				if clock.over() {
					cancel(errNothing)
					return
				}
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// passed reports, between two waits, whether the clock is over.
func (c *clock) passed() bool {
	if c.spent {
		return true
	}
	select {
	case <-c.timer.C:
		return c.over()
	default:
		return false
	}
}

func (c *clock) stop() {
	c.timer.Stop()
	if c.idle != nil {
		c.idle.Stop()
	}
}

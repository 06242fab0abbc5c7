package wire

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits on obeying a Retry-After: a target may send an absurd one.
const (
	MaxRetryAfter  = 5 * time.Second  // of one answer
	MaxRetryAfters = 30 * time.Second // of all answers of a run
)

// When a run infers that a target limits requests, and how slow it becomes.
const (
	learnsEvery  = time.Second // a change of the rate shows only in later answers
	refusedWorth = 3           // the least number of refusals: a single one may be a fault of the target
	refusedShare = 10          // at least one in this many answers is a refusal
	slowestRate  = 10          // connections per second; a slower run would take too long
)

// Pace controls how quickly a run opens connections to all its targets. It has a rate if one was asked for, or if answers
// say that requests are limited, and it obeys their Retry-After. A nil Pace lets every connection pass.
type Pace struct {
	mu       sync.Mutex
	interval time.Duration // between two connections; 0 for none
	opened   []time.Time   // connections in the last second, while there is no rate
	answers  int           // since the rate was last lowered, or in the last second
	refusals int           // among them
	counted  time.Time     // since when they are counted
	lowered  bool          // the rate was inferred
	next     time.Time     // when the rate allows the next connection
	urgent   int           // waiting connections that go before others
	held     time.Time     // until when no connection may be opened
	obeyed   time.Duration // for all answers so far
	refused  time.Time     // when the latest refusal because of load came
}

// NewPace returns a pace of that many new connections per second; 0 for no rate.
func NewPace(rate int) *Pace {
	p := &Pace{}
	if rate > 0 {
		p.interval = time.Second / time.Duration(rate)
	}
	return p
}

// Wait waits until a connection may be opened. Urgent connections go before all others: they belong to sessions that are
// already open, whose pongs must not wait behind the handshakes of others. The error is the cause of the context's end.
func (p *Pace) Wait(ctx context.Context, urgent bool) error {
	if p == nil {
		return nil
	}
	if urgent {
		p.mu.Lock()
		p.urgent++
		p.mu.Unlock()
		defer func() {
			p.mu.Lock()
			p.urgent--
			p.mu.Unlock()
		}()
	}
	for {
		d := p.take(urgent)
		if d <= 0 {
			return nil
		}
		timer := time.NewTimer(d)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

// limits reports whether there is a rate.
func (p *Pace) limits() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.interval > 0
}

// take takes the next connection, or returns how long to wait before the next try.
func (p *Pace) take(urgent bool) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if d := max(p.next.Sub(now), p.held.Sub(now)); d > 0 {
		return d
	}
	if p.interval == 0 {
		p.opened = append(p.opened, now)
		for now.Sub(p.opened[0]) > time.Second {
			p.opened = p.opened[1:]
		}
		return 0
	}
	if !urgent && p.urgent > 0 {
		return p.interval
	}
	p.next = now.Add(p.interval)
	return 0
}

// Refused returns when the latest answer came with which a target, or something in front of it, refused because of load;
// zero if none did.
func (p *Pace) Refused() time.Time {
	if p == nil {
		return time.Time{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

// answered notes an answer and obeys its Retry-After.
func (p *Pace) answered(status int, header http.Header) {
	if p == nil {
		return
	}
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	refuses := status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
	p.learn(now, refuses)
	if !refuses {
		return
	}
	p.refused = now
	until := now.Add(retryAfter(header.Get("Retry-After"), now))
	from := now
	if p.held.After(from) {
		from = p.held
	}
	if more := min(until.Sub(from), MaxRetryAfters-p.obeyed); more > 0 {
		p.held, p.obeyed = from.Add(more), p.obeyed+more
	}
}

// learn counts an answer. If many are refusals, it lowers the rate: to half of the connections opened in the last second, or
// to half of the current rate.
func (p *Pace) learn(now time.Time, refuses bool) {
	p.answers++
	if refuses {
		p.refusals++
	}
	if now.Sub(p.counted) < learnsEvery {
		return
	}
	many := p.refusals >= refusedWorth && p.refusals*refusedShare >= p.answers
	p.answers, p.refusals, p.counted = 0, 0, now
	rate := len(p.opened)
	if p.interval > 0 {
		rate = int(time.Second / p.interval)
	}
	if many && rate > slowestRate {
		p.interval, p.lowered = time.Second/time.Duration(max(rate/2, slowestRate)), true
	}
}

// Learnt returns the rate, in connections per second, to which refusals because of load have slowed the run; 0 if there were
// none.
func (p *Pace) Learnt() int {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.lowered {
		return 0
	}
	return int(time.Second / p.interval)
}

// retryAfter reads a Retry-After, in seconds or as a date (RFC 9110, section 10.2.3); 0 if there is none or it cannot be
// read.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, MaxRetryAfter)
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, min(date.Sub(now), MaxRetryAfter))
	}
	return 0
}

// Limited reports whether a response says that requests are limited: either the status alone says so, or the response also
// says when to try again.
func (r *Response) Limited() bool {
	return r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != ""
}

// paced marks a context whose connection has already waited for the pace.
type paced struct{}

// Await waits until a connection to the target may be opened, for a request with that path and query. A dial with the
// returned context does not wait again, so a deadline set on it counts only for the target.
func (t *Target) Await(ctx context.Context, path string) (context.Context, error) {
	if ctx.Value(paced{}) != nil {
		return ctx, nil
	}
	if err := t.Pace.Wait(ctx, strings.Contains(path, "&sid=")); err != nil {
		return ctx, err
	}
	return context.WithValue(ctx, paced{}, true), nil
}

// answered notes an answer for the pace and in the recording.
func (c *Conn) answered(r *Response) {
	c.target.Pace.answered(r.Status, r.Header)
	if r.Limited() {
		c.recorder.limited.Store(int64(r.Status))
	}
}

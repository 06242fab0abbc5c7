package wire

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bounds of what a Retry-After is obeyed for: a target may send an absurd one.
const (
	MaxRetryAfter  = 5 * time.Second  // of one answer
	MaxRetryAfters = 30 * time.Second // of all answers of a run
)

// When a run learns that a target limits requests, and how slow it becomes.
const (
	learnsEvery  = time.Second // a change of the rate shows in later answers alone
	refusedWorth = 3           // answers that refuse, at the least: one may be a fault of the target
	refusedShare = 10          // one in so many of all answers refuses, at the least
	slowestRate  = 10          // connections per second; a run at less would last too long
)

// Pace is how quickly a run opens connections to all its targets. It has a rate where one was asked for or where answers
// say that requests are limited, and it obeys their Retry-After. A nil Pace lets every connection pass.
type Pace struct {
	mu       sync.Mutex
	interval time.Duration // between two connections; 0 for none
	opened   []time.Time   // connections in the last second, while there is no rate
	answers  int           // since the rate was last lowered, or for a second
	refusals int           // among them
	counted  time.Time     // from when on
	lowered  bool          // the rate was learnt
	next     time.Time     // when the next connection may be opened by the rate
	urgent   int           // connections that wait and go before others
	held     time.Time     // until when none may be opened
	obeyed   time.Duration // by all answers
	refused  time.Time     // when the latest answer came that refused for load
}

// NewPace returns a pace of that many new connections per second; 0 for no rate.
func NewPace(rate int) *Pace {
	p := &Pace{}
	if rate > 0 {
		p.interval = time.Second / time.Duration(rate)
	}
	return p
}

// Wait waits until a connection may be opened. Urgent ones go before all others: those of a session that is open already,
// whose pongs must not wait behind the handshakes of others. The error is the cause of the context's end.
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

// take takes the next connection, or says how long to wait before it is asked again.
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

// Refused is when the latest answer came by which a target or something in front of it refused for load; zero where none did.
func (p *Pace) Refused() time.Time {
	if p == nil {
		return time.Time{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

// answered takes note of an answer, and obeys its Retry-After.
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

// learn takes an answer into account. Where many refuse it lowers the rate: to half of what was opened in the last second,
// or to half of what it was.
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

// Learnt is the rate in connections per second that answers which refuse for load have brought the run down to; 0 where
// there was none.
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

// retryAfter reads a Retry-After, in seconds or as a date (RFC 9110, section 10.2.3); 0 where there is none that can be read.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, MaxRetryAfter)
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, min(date.Sub(now), MaxRetryAfter))
	}
	return 0
}

// Limited reports whether a response says that requests are limited, whichever they are: the status says so by itself, or
// the response says when to ask again.
func (r *Response) Limited() bool {
	return r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != ""
}

// paced marks a context whose connection has waited for the pace.
type paced struct{}

// Await waits until a connection to the target may be opened, for a request with that path and query. What is dialled with
// the context that it returns waits no more, so that a deadline which is set on it is the target's alone.
func (t *Target) Await(ctx context.Context, path string) (context.Context, error) {
	if ctx.Value(paced{}) != nil {
		return ctx, nil
	}
	if err := t.Pace.Wait(ctx, strings.Contains(path, "&sid=")); err != nil {
		return ctx, err
	}
	return context.WithValue(ctx, paced{}, true), nil
}

// answered takes note of an answer at the pace and in the recording.
func (c *Conn) answered(r *Response) {
	c.target.Pace.answered(r.Status, r.Header)
	if r.Limited() {
		c.recorder.limited.Store(int64(r.Status))
	}
}

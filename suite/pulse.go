package suite

import (
	"sync"
	"time"
)

// pulse follows the heartbeat of one session from the client's side. A server ends a session that sends no pong for
// pingInterval and pingTimeout together: where the client was that late itself, that the session ended tells nothing.
type pulse struct {
	mu    sync.Mutex
	limit time.Duration // pingInterval and pingTimeout of the session
	last  time.Time     // when the last pong was sent, or the session asked for
	worst time.Duration // the longest time without a pong so far
	over  bool
}

// beat takes note of a pong that was written between two times: the server saw it after the first, the client was
// done with it at the second. A nil pulse takes none.
func (p *pulse) beat(from, to time.Time) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.worst, p.last = max(p.worst, to.Sub(p.last)), from
	}
}

// end takes note of when the session was seen to be over.
func (p *pulse) end(at time.Time) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.over, p.worst = true, max(p.worst, at.Sub(p.last))
	}
}

// spare is by how much every pong of a session that is over came before its deadline; negative where one came too late.
func (p *pulse) spare() (d time.Duration, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit - p.worst, p.over
}

// notByHeartbeat ends a case that saw a session end, where the heartbeat may have ended it: the client was late, so that
// the end is no evidence of the rule.
func (t *T) notByHeartbeat(p *pulse) {
	if p == nil {
		return
	}
	if spare, over := p.spare(); over && spare <= 0 {
		t.Failf("Expected\n    the server to end the session by itself\nbut\n    the heartbeat may have ended it: no pong was sent for %d ms, and %d ms are its time",
			(p.limit - spare).Milliseconds(), p.limit.Milliseconds())
	}
}

// follow a session's heartbeat that was asked for at a time. One whose pings the case leaves unanswered has none.
func (t *T) follow(open *OpenPacket, asked time.Time, quiet bool) *pulse {
	if quiet {
		return nil
	}
	p := &pulse{limit: open.PingInterval + open.PingTimeout, last: asked}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pulses = append(t.pulses, p)
	return p
}

// spare is the least of the sessions that are over; ok where there is one. The case's lock is held.
func (t *T) spare() (least time.Duration, ok bool) {
	for _, p := range t.pulses {
		if s, over := p.spare(); over && (!ok || s < least) {
			least, ok = s, true
		}
	}
	return least, ok
}

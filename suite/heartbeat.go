package suite

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// heartbeat follows the heartbeat of one session from the client's side. A server ends a session that sends no pong for
// pingInterval and pingTimeout together: if the client itself was that late, the end of the session proves nothing. The
// methods that note something do nothing on a nil heartbeat.
type heartbeat struct {
	mu           sync.Mutex
	sid          string
	ignoresPings bool          // the case handles pings itself
	prompt       bool          // pings are read as they come: over WebSocket, not by polls
	limit        time.Duration // pingInterval and pingTimeout of the session
	timeout      time.Duration // pingTimeout
	asked        time.Time     // when the session was requested
	last         time.Time     // when the last pong was sent, or the session was requested
	count        int           // pongs
	worst        time.Duration // the longest time without a pong so far
	pinged       time.Time     // when the ping came that has no pong yet; zero if there is none
	slowest      time.Duration // from a ping to its pong
	idle         time.Duration // the longest time from a ping until the suite began to write its pong
	behind       time.Duration // the longest time by which a packet came after the next ping was due
	doubtful     time.Time     // when the pong was sent before one that the target may have seen too late
	joined       bool          // the server has confirmed a namespace that the client joined
	over         bool
	ended        time.Time
}

// ping notes a ping that came.
func (p *heartbeat) ping(at time.Time) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pinged.IsZero() {
		p.pinged = at
	}
}

// leaveToCase says that the case handles pings itself from now on.
func (p *heartbeat) leaveToCase() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ignoresPings = true
}

// leftToCase reports whether the case handles pings itself.
func (p *heartbeat) leftToCase() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ignoresPings
}

// heard notes a packet that came. A packet that comes while a ping is overdue may have delayed the ping.
func (p *heartbeat) heard(at time.Time) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over && p.pinged.IsZero() {
		p.behind = max(p.behind, p.overdue(at))
	}
}

// overdue returns how long after the due time of the next ping a time is. The heartbeat's lock is held.
func (p *heartbeat) overdue(at time.Time) time.Duration {
	return at.Sub(p.last) - (p.limit - p.timeout)
}

// due reports whether the next ping is due by a time.
func (p *heartbeat) due(by time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.overdue(by) >= 0
}

// join notes the answer to a CONNECT.
func (p *heartbeat) join() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.joined = true
}

// kept reports whether the suite has kept every deadline of the session until its end, or until now: that of the pongs, and
// that for joining a namespace.
func (p *heartbeat) kept(connectTimeout time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	until := p.until()
	if p.connectTimeoutPassed(connectTimeout, until) {
		return false
	}
	if p.delayed(until) > 0 {
		return false
	}
	if p.silence(until) < p.limit {
		return true
	}
	slowest := p.slowest
	if !p.pinged.IsZero() {
		slowest = max(slowest, until.Sub(p.pinged))
	}
	return p.prompt && slowest < p.timeout
}

// until returns the session's end, or the present. The heartbeat's lock is held.
func (p *heartbeat) until() time.Time {
	if p.over {
		return p.ended
	}
	return time.Now()
}

// silence returns the longest time for which no pong was sent, up to a time. The heartbeat's lock is held.
func (p *heartbeat) silence(until time.Time) time.Duration { return max(p.worst, until.Sub(p.last)) }

// delayed returns by how much the session went too long without a pong, if packets from the target came late meanwhile: a
// ping that it sent in time may have waited behind others, so that no client could have answered in time. It is zero if that
// explains nothing. The heartbeat's lock is held.
func (p *heartbeat) delayed(until time.Time) time.Duration {
	if !p.prompt || p.behind < p.timeout/2 {
		return 0
	}
	silent := p.silence(until)
	if d := until.Sub(p.doubtful); !p.doubtful.IsZero() && d < p.limit+p.timeout { // the pong may still have been on its way
		silent = max(silent, d)
	}
	if silent < p.limit {
		return 0
	}
	return max(silent-p.limit, time.Millisecond)
}

// connectTimeoutPassed reports whether connectTimeout may have ended the session by that time, because it had joined no
// namespace. The heartbeat's lock is held.
func (p *heartbeat) connectTimeoutPassed(connectTimeout time.Duration, until time.Time) bool {
	return !p.joined && connectTimeout > 0 && until.Sub(p.asked) >= connectTimeout
}

// unjoined reports whether connectTimeout may have ended the session by now, or at its end.
func (p *heartbeat) unjoined(connectTimeout time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.connectTimeoutPassed(connectTimeout, p.until())
}

// beat notes a pong that was written between two times: the server saw it after the first, and the client had written it by
// the second.
func (p *heartbeat) beat(from, to time.Time) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.count++
		p.doubtful = time.Time{}
		if !p.pinged.IsZero() && p.overdue(p.pinged) >= p.timeout/2 {
			p.doubtful = p.last
		}
		p.worst, p.last = max(p.worst, to.Sub(p.last)), from
	}
	if !p.pinged.IsZero() {
		p.slowest, p.idle, p.pinged = max(p.slowest, to.Sub(p.pinged)), max(p.idle, from.Sub(p.pinged)), time.Time{}
	}
}

// end notes when the session was seen to be over.
func (p *heartbeat) end(at time.Time) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.over, p.ended, p.worst = true, at, max(p.worst, at.Sub(p.last))
	}
}

// alive notes an answer which shows that the session goes on, even if an earlier answer seemed to end it.
func (p *heartbeat) alive(at time.Time) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if at.After(p.ended) {
		p.over = false
	}
}

// spare returns by how much every pong of a session that is over came before its deadline. It is negative if one came too
// late.
func (p *heartbeat) spare() (d time.Duration, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit - p.worst, p.over
}

// silent returns the longest time for which no pong was sent, until the session's end or until now.
func (p *heartbeat) silent() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.silence(p.until())
}

// late returns by how much a pong of a session that is over was late through no fault of the target: because the suite stood
// still, or because the ping came late. It is zero if no pong was late, or if the case handles pings itself.
func (p *heartbeat) late() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ignoresPings || !p.over {
		return 0
	}
	idle := p.idle
	if !p.pinged.IsZero() {
		idle = max(idle, p.ended.Sub(p.pinged))
	}
	return max(idle-p.timeout, p.delayed(p.ended), 0)
}

// beats returns how many pongs were sent so far.
func (p *heartbeat) beats() int {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// notByHeartbeat ends a case that saw a session end, if the heartbeat may have ended it because the client was late: the end
// is no evidence then.
func (t *T) notByHeartbeat(p *heartbeat) {
	if p == nil || p.leftToCase() {
		return
	}
	if spare, over := p.spare(); over && spare <= 0 {
		t.endedOtherwise(fmt.Sprintf("no pong was sent for %d ms, and the limit is %d ms", (p.limit-spare).Milliseconds(), p.limit.Milliseconds()), 0)
	}
}

// A session that goes on for this many pongs and this long after an event was not ended by that event. A later end may be
// due to a heartbeat that this machine or the target's is too slow for.
const (
	livedPongs = 2
	livedOn    = 300 * time.Millisecond
)

// endedAtOnce ends a case that saw a session end after the session had gone on as if nothing had happened, since that time
// and that number of pongs, or after connectTimeout. The end shows neither that the rule is kept nor that it is broken.
func (t *T) endedAtOnce(p *heartbeat, since time.Time, pongs int) {
	lived := time.Since(since)
	if timeout := t.Timings().ConnectTimeout; p != nil && p.unjoined(timeout) {
		t.Missed("the session ended after connectTimeout, %d ms, without having joined a namespace, which ends it, too", timeout.Milliseconds())
	}
	if p == nil || p.leftToCase() || p.beats()-pongs < livedPongs || lived < livedOn {
		return
	}
	t.endedOtherwise(fmt.Sprintf("it went on for %d ms, and %d pongs were sent", lived.Milliseconds(), p.beats()-pongs), lived)
}

// endedOtherwise ends a case if something other than its rule may have ended a session. Late is by how much a pong was late
// through no fault of the target; zero if that is not known.
func (t *T) endedOtherwise(why string, late time.Duration) {
	t.Fail(result.Failure{
		Kind: result.SessionLost, Subject: "the session", Expected: describes("ended by the server, not by the heartbeat"),
		Received: text(result.End, why), Late: late,
	})
}

// follow follows the heartbeat of a session that was requested at that time.
func (t *T) follow(open *protocol.OpenPacket, asked time.Time, ignoresPings, prompt bool) *heartbeat {
	p := &heartbeat{
		sid: open.SID, ignoresPings: ignoresPings, prompt: prompt, asked: asked, last: asked,
		limit: open.PingInterval + open.PingTimeout, timeout: open.PingTimeout,
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heartbeats = append(t.heartbeats, p)
	return p
}

// Begun notes a session that a case opened by itself at that time, and whose pings it answers by itself.
func (t *T) Begun(open *protocol.OpenPacket, asked time.Time) { t.follow(open, asked, true, false) }

// knows reports whether a path belongs to a session that the case has opened.
func (t *T) knows(path string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.heartbeats {
		if p.sid != "" && strings.Contains(path, "sid="+Escaped(p.sid)) {
			return true
		}
	}
	return false
}

// late returns by how much a pong of any session that is over was late. The case's lock is held.
func (t *T) late() (most time.Duration) {
	for _, p := range t.heartbeats {
		most = max(most, p.late())
	}
	return most
}

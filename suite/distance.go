package suite

import (
	"fmt"
	"time"
)

// exchange returns how long a request and its answer take at the farthest target, over a connection of their own, as
// discovery measured it.
func (env *Environment) exchange() (longest time.Duration) {
	for i := range env.Capabilities.Targets {
		longest = max(longest, env.exchangeOf(i))
	}
	return longest
}

func (env *Environment) exchangeOf(target int) time.Duration {
	if target >= len(env.Capabilities.Targets) || env.Capabilities.Targets[target].RoundTrip == nil {
		return 0
	}
	r := env.Capabilities.Targets[target].RoundTrip
	return time.Duration(max(r.PollingMs, r.WebSocketMs) * float64(time.Millisecond))
}

// RoundTrip returns how long a request and its answer take at a target, over a connection of their own; 0 if that was not
// measured.
func (t *T) RoundTrip(target int) time.Duration { return t.env.exchangeOf(target) }

// mostExchanges is the most exchanges that a case may make before it does what a timer of the target waits for.
const mostExchanges = 20

// farther reports whether a case may be too late for a timer of the target merely because the target is far away. A timer of
// zero is none.
func farther(exchange, timer time.Duration) bool { return timer > 0 && mostExchanges*exchange > timer }

// outlasted says why a case that kept a session without a namespace for too long cannot be judged: at this distance,
// connectTimeout may have ended the session.
func outlasted(exchange time.Duration, timings Timings) string {
	return fmt.Sprintf("the target ends a session that has joined no namespace after %d ms (connectTimeout), and an exchange with it takes %d ms: "+
		"that may explain what the case saw", timings.ConnectTimeout.Milliseconds(), exchange.Milliseconds())
}

// outlasted says why what the case saw may be due to a timer of the target and not to a broken rule, since the target is far
// away: one of its sessions joined no namespace for the time of connectTimeout, sent no pong for pingInterval and
// pingTimeout, or did not complete an upgrade for some seconds. It is empty if there is no such session.
func (t *T) outlasted() string {
	timings, far := t.Timings(), t.env.exchange()
	unjoined := farther(far, timings.ConnectTimeout) && t.it.Longest(timings) < timings.ConnectTimeout
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.heartbeats {
		if unjoined && p.unjoined(beforeConnectTimeout(timings)) {
			return outlasted(far, timings)
		}
		if silent := p.silent(); !p.leftToCase() && farther(far, p.limit) && silent >= p.limit {
			return fmt.Sprintf("the target ends a session that sends no pong for %d ms (pingInterval and pingTimeout), and the case sent none for %d ms, "+
				"since an exchange with the target takes %d ms", p.limit.Milliseconds(), silent.Milliseconds(), far.Milliseconds())
		}
	}
	for _, w := range t.beside {
		if d := w.probed(far); d >= upgradeLimit && farther(far, d) {
			return fmt.Sprintf("a server may give up an upgrade that is not complete after some seconds: this one had taken %d ms, since an exchange with the target takes %d ms",
				d.Milliseconds(), far.Milliseconds())
		}
	}
	return ""
}

// upgradeLimit is the least time after which a server may give up an upgrade. No document names one; the official server's
// upgradeTimeout is ten seconds.
const upgradeLimit = time.Second

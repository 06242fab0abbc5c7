package suite

import (
	"fmt"
	"time"
)

// exchange is how long a request and its answer take at the farthest target, as it was measured in discovery: over a
// connection of its own.
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

// RoundTrip is how long a request and its answer take at a target, over a connection of its own; 0 where that was not
// measured.
func (t *T) RoundTrip(target int) time.Duration { return t.env.exchangeOf(target) }

// unjoinedExchanges are as many as a session may take at the most that joins no namespace.
const unjoinedExchanges = 20

// farther reports whether a session that joins no namespace may meet connectTimeout for the distance alone.
func farther(exchange time.Duration, timings Timings) bool {
	return timings.ConnectTimeout > 0 && unjoinedExchanges*exchange > timings.ConnectTimeout
}

// outlasted says why a case of such a session cannot be judged.
func outlasted(exchange time.Duration, timings Timings) string {
	return fmt.Sprintf("the target ends a session that has joined no namespace after %d ms (connectTimeout), and an exchange with it takes %d ms: "+
		"what the case saw may come of that", timings.ConnectTimeout.Milliseconds(), exchange.Milliseconds())
}

// outlasted is why nothing that a case saw tells a broken rule from connectTimeout: a session of it that joined no
// namespace was open for so long, at a distance that explains it. It is empty where there is none.
func (t *T) outlasted() string {
	timings, far := t.Timings(), t.env.exchange()
	if !farther(far, timings) || t.it.Longest(timings) >= timings.ConnectTimeout {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.heartbeats {
		if p.unjoined(beforeConnectTimeout(timings)) {
			return outlasted(far, timings)
		}
	}
	return ""
}

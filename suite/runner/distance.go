package runner

import (
	"fmt"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// pongExchanges is the most exchanges that a pong takes, each over a connection of its own: the poll that should bring the
// ping may have ended just before, so that the next one begins when the ping is due; then comes the POST.
const pongExchanges = 2

// What a pong needs in addition, because a link with delays has jitter: half as much again over polling. Over WebSocket, a
// ping that is late by a good part of pingTimeout leaves too little time for the cases that answer late on purpose.
const (
	spare          = 3 // halves
	spareWebSocket = 4
)

// milliseconds returns a duration in milliseconds, for results.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// roundTrip returns the round trips measured for a target; nil if there are none.
func roundTrip(f found) *result.RoundTrip {
	if f.polling == 0 && f.webSocket == 0 {
		return nil
	}
	return &result.RoundTrip{PollingMs: milliseconds(f.polling), WebSocketMs: milliseconds(f.webSocket)}
}

// tooFar says for each transport whether the target's timers are too short for its distance, so that even a correct client
// is late.
func tooFar(f found) map[string]string {
	if f.open == nil {
		return nil
	}
	far := map[string]string{}
	judge := func(transport string, pong, connect time.Duration) {
		if pong > f.open.PingTimeout {
			far[transport] = fmt.Sprintf("the target is too far away for its timers over %s: a pong may take %d ms, and pingTimeout is %d ms",
				transport, pong.Milliseconds(), f.open.PingTimeout.Milliseconds())
			return
		}
		if f.info == nil || f.info.ConnectTimeout <= 0 {
			return
		}
		if limit := time.Duration(f.info.ConnectTimeout * float64(time.Millisecond)); connect > limit {
			far[transport] = fmt.Sprintf("the target is too far away for its timers over %s: a CONNECT takes up to %d ms, and connectTimeout is %d ms",
				transport, connect.Milliseconds(), limit.Milliseconds())
		}
	}
	judge(suite.PollingTransport, spare*pongExchanges*f.polling/2, f.polling)
	judge(suite.WebSocketTransport, spareWebSocket*f.webSocket, f.webSocket)
	if len(far) == 0 {
		return nil
	}
	return far
}

// patient returns a tolerance that allows for the distance of the farthest target.
func patient(tolerance suite.Tolerance, targets []suite.TargetResult) suite.Tolerance {
	for _, t := range targets {
		if t.RoundTrip != nil {
			far := time.Duration(max(t.RoundTrip.PollingMs, t.RoundTrip.WebSocketMs) * float64(time.Millisecond))
			tolerance.Patience = max(tolerance.Patience, patienceExchanges*far)
			tolerance.Late = max(tolerance.Late, suite.DefaultTolerance.Late+lateExchanges*far)
		}
	}
	return tolerance
}

// lateExchanges is by how many exchanges a timer may seem late: a server may count from the pong, which arrives one way later,
// and the end of a session over polling is seen by the poll after the one that was under way.
const lateExchanges = 2

// patienceExchanges is the least number of exchanges to wait for an answer.
const patienceExchanges = 5

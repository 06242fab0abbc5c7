package runner

import (
	"fmt"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// Exchanges of a request and its answer that a pong takes at the most, each over a connection of its own: the poll that
// was to hold the ping may have ended just before, so that the next one begins when the ping is due; then comes the POST.
const pongExchanges = 2

// What a pong needs beside that, since a link that has delays has jitter: half of it over polling. Over WebSocket a ping
// that is a part of pingTimeout late by itself leaves too little for the cases that answer late on purpose.
const (
	spare          = 3 // halves
	spareWebSocket = 4
)

// milliseconds of a duration, for results.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// roundTrip is what was measured of a target; nil where nothing was.
func roundTrip(f found) *result.RoundTrip {
	if f.polling == 0 && f.webSocket == 0 {
		return nil
	}
	return &result.RoundTrip{PollingMs: milliseconds(f.polling), WebSocketMs: milliseconds(f.webSocket)}
}

// tooFar says for each transport whether the target's timers are too short for its distance, so that a client that does
// all that it must is late all the same.
func tooFar(f found) map[string]string {
	if f.open == nil {
		return nil
	}
	far := map[string]string{}
	judge := func(transport string, pong, connect time.Duration) {
		if pong > f.open.PingTimeout {
			far[transport] = fmt.Sprintf("the target is too far away for its timers over %s: a pong needs %d ms to be in time whatever comes between, and pingTimeout is %d ms",
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

// patient is a tolerance that bears the distance of the farthest target.
func patient(tolerance suite.Tolerance, targets []suite.TargetResult) suite.Tolerance {
	for _, t := range targets {
		if t.RoundTrip != nil {
			far := time.Duration(max(t.RoundTrip.PollingMs, t.RoundTrip.WebSocketMs) * float64(time.Millisecond))
			tolerance.Patience = max(tolerance.Patience, patienceExchanges*far)
			tolerance.Late = max(tolerance.Late, suite.DefaultTolerance.Late+far) // a server may count from the pong, one way later
		}
	}
	return tolerance
}

// patienceExchanges is how many exchanges an answer is waited for at the least.
const patienceExchanges = 5

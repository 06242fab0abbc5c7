package runner

import (
	"context"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

// measurements is how often a round trip that looks too long for the target's timers is measured again.
const measurements = 6

// measure repeats the measurements that make the target look too far away for its timers: a busy machine is slow only at
// times, a long link always.
func (e *explorer) measure(ctx context.Context) {
	e.measureAgain(ctx, suite.PollingTransport, &e.found.polling, e.handshakeTime)
	e.measureAgain(ctx, suite.WebSocketTransport, &e.found.webSocket, e.pongTime)
}

// measureAgain measures a round trip until it is short enough or two measurements agree.
func (e *explorer) measureAgain(ctx context.Context, transport string, shortest *time.Duration, once func(context.Context) time.Duration) {
	for range measurements {
		if tooFar(e.found)[transport] == "" {
			return
		}
		took, before := once(ctx), *shortest
		if took <= 0 {
			return
		}
		*shortest = min(before, took)
		if alike(before, took) {
			return
		}
	}
}

// alike reports whether two measurements differ by no more than a tenth.
func alike(a, b time.Duration) bool { return (a - b).Abs() <= max(a, b)/10 }

// handshakeTime returns how long a handshake over polling takes; 0 if there was no answer.
func (e *explorer) handshakeTime(ctx context.Context) time.Duration {
	ctx, cancel := e.patience(ctx)
	defer cancel()
	begun := time.Now()
	if r, err := e.target.Do(ctx, e.recorder, wire.Request{Method: "GET", Path: suite.PollingQuery}); err != nil || r.Limited() {
		return 0
	}
	return time.Since(begun)
}

// pongTime returns the shortest round trip over a WebSocket of its own; 0 if there was none.
func (e *explorer) pongTime(ctx context.Context) time.Duration {
	ctx, cancel := e.patience(ctx)
	defer cancel()
	socket, _, err := e.target.Upgrade(ctx, e.recorder, suite.WebSocketQuery, nil)
	if err != nil || socket == nil {
		return 0
	}
	p := probe(socket)
	defer p.Close()
	return p.roundTrip(ctx)
}

package doctor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/wire"
)

// longestBeat is how long to wait for the heartbeat, and lateBeat how late it may come.
const (
	longestBeat = 40 * time.Second
	lateBeat    = 3 * time.Second
)

// beat is the result of waiting for a ping.
type beat struct {
	over   string // the transport
	took   time.Duration
	says   string // if no ping came
	advice string
	lines  []ProxyLines
}

// beats waits for the server's pings, over each transport that works, on otherwise idle connections.
func (e *examination) beats(ctx context.Context, polling bool) {
	if e.open == nil || !e.webSocket && !polling {
		return
	}
	if interval := e.open.PingInterval; interval > longestBeat {
		e.say("heartbeat", Note, "Lower pingInterval, or test a longer wait by other means.", "pings are %s apart, which is longer than the doctor waits", interval)
		return
	}
	var all [2]*beat
	var group sync.WaitGroup
	if e.webSocket {
		group.Go(func() { all[0] = e.beatsOverWebSocket(ctx) })
	}
	if polling {
		group.Go(func() { all[1] = e.beatsOverPolling(ctx) })
	}
	group.Wait()
	if ctx.Err() != nil {
		return
	}
	var well []string
	var took time.Duration
	for _, b := range all {
		switch {
		case b == nil:
		case b.says != "":
			e.sayWith(b.lines, "heartbeat", Problem, b.advice, "over %s %s", b.over, b.says)
		default:
			well, took = append(well, b.over), max(took, b.took)
		}
	}
	if len(well) > 0 {
		e.fine("heartbeat", "the server pings after %s, as it says, over %s", milliseconds(took), strings.Join(well, " and "))
	}
}

const silent = "Check whether something on the way drops short messages: a client that gets no ping gives up the connection."

func (e *examination) beatsOverWebSocket(ctx context.Context) *beat {
	b, begin, within := &beat{over: "WebSocket"}, time.Now(), e.open.PingInterval+lateBeat
	w, _, done, err := e.socket(ctx, handshakeOfSockets, within)
	defer done()
	if err != nil {
		return nil // said already
	}
	_ = w.Send(wire.Message{Data: e.joins()}) // otherwise the server would end a connection that joins nothing
	for {
		m, end := w.Receive()
		b.took = time.Since(begin)
		switch {
		case end != nil && b.took >= within:
			b.says, b.advice = fmt.Sprintf("no ping came within %s, although the server says that it pings every %s", milliseconds(b.took), e.open.PingInterval), silent
			return b
		case end != nil:
			b.says = fmt.Sprintf("the connection ended after %s, before the first ping: %v", milliseconds(b.took), end)
			if timeout := e.open.PingTimeout; timeout < e.open.PingInterval && b.took >= timeout*9/10 && b.took <= timeout*5/4 {
				b.advice = "That is pingTimeout: the server seems to count it from the last packet, although it only limits the wait for the answer to a ping. Until that is fixed, set pingTimeout above pingInterval."
				return b
			}
			b.lines = e.lines(idling)
			b.advice = "Look for a proxy that closes idle connections sooner than the server pings: raise its timeout above pingInterval, or lower pingInterval."
			return b
		case m.Data == "2":
			_ = w.Send(wire.Message{Data: "3"})
			return b
		}
	}
}

func (e *examination) beatsOverPolling(ctx context.Context) *beat {
	b, begin, within := &beat{over: "polling"}, time.Now(), e.open.PingInterval+lateBeat
	r, _, err := e.do(ctx, "GET", handshake, "")
	open := opened(r)
	if err != nil || open == nil {
		return nil // said already
	}
	session := handshake + "&sid=" + wire.Escaped(open.SID)
	defer func() { _, _, _ = e.do(ctx, "POST", session, "1") }()
	if _, _, err := e.do(ctx, "POST", session, e.joins()); err != nil { // otherwise the server would end a session that joins nothing
		return nil
	}
	for {
		r, _, err := e.doWithin(ctx, within-time.Since(begin), "GET", session, "")
		b.took = time.Since(begin)
		switch {
		case err != nil && b.took >= within:
			b.says, b.advice = fmt.Sprintf("no ping came within %s, although the server says that it pings every %s", milliseconds(b.took), e.open.PingInterval), silent
			return b
		case err != nil || r.Status != 200:
			b.says = fmt.Sprintf("a poll that waits for the server's ping ended after %s with %s", milliseconds(b.took), inWords(r, err))
			b.lines = e.lines(idling)
			b.advice = "Look for a proxy that cuts waiting requests off: raise its timeout (nginx: proxy_read_timeout) above pingInterval, or lower pingInterval."
			return b
		case strings.HasPrefix(r.Body, "2") || strings.Contains(r.Body, "\x1e2"):
			_, _, _ = e.do(ctx, "POST", session, "3")
			return b
		}
	}
}

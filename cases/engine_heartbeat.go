package cases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// fires checks that a timer, which the server started between earliest and latest, fired neither early nor late.
func fires(t *T, what string, at, earliest, latest time.Time, due time.Duration) {
	t.Expect(Elapsed{From: Between(earliest, latest), Until: At(at)}, "%s", what).To(t.Last(due))
}

// stay joins the main namespace, so that the heartbeat and not the connect timeout ends the session.
func stay(t *T, given ...Option) *WebSocket {
	w := t.WebSocket(given...)
	w.Send("40")
	return w
}

// interval is a ping interval in which a session was upgraded.
type interval struct {
	*WebSocket
	earliest, latest time.Time // between which the server began it
}

// upgradedWithinInterval opens a session and upgrades it within its first ping interval, at once or late, or within the second
// one if the target is too slow or too far away for that.
func upgradedWithinInterval(t *T, late bool) interval {
	if i, inTime := upgradedBeforeFirstPing(t, late); inTime {
		return i
	}
	return upgradedBetweenPings(t)
}

// upgradedBeforeFirstPing opens a session and upgrades it at once, or late: when most of the first ping interval is over. It
// reports whether that was in time.
func upgradedBeforeFirstPing(t *T, late bool) (i interval, inTime bool) {
	i.earliest = time.Now()
	p := t.Polling()
	i.latest = p.Handshake.At
	if 5*t.RoundTrip(0) > p.Open.PingInterval { // the distance leaves no time
		return i, false
	}
	joining := p.StartPOST("40")
	if late {
		left := min(max(p.Open.PingInterval/4, 4*t.RoundTrip(0)), p.Open.PingInterval/2) // time for the upgrade
		t.Wait(time.Until(i.earliest.Add(p.Open.PingInterval-left)), "most of pingInterval before the upgrade")
	}
	i.WebSocket = p.Probe(WithoutPongs())
	t.Expect(joining.Response().Status, "the status of the answer to the CONNECT").To(Equal(200))
	i.Send("5")
	return i, time.Since(i.earliest) <= p.Open.PingInterval-t.Tolerance().Early // otherwise the ping may have come with a poll
}

// upgradedBetweenPings opens a session and upgrades it in its second ping interval. Its WebSocket probes before the first
// ping, so that the target may be slow or far away.
func upgradedBetweenPings(t *T) (i interval) {
	asked := time.Now()
	p := t.Polling()
	joining := p.StartPOST("40")
	i.WebSocket = p.Probe(WithoutPongs())
	probed := time.Now()
	t.Expect(joining.Response().Status, "the status of the answer to the CONNECT").To(Equal(200))
	for late := asked.Add(p.Open.PingInterval + 4*t.RoundTrip(0) + t.Tolerance().Late); ; {
		r := p.GET()
		t.Expect(r.Status, "the status of a poll during the upgrade").To(Equal(200))
		if slices.Contains(p.Packets(r), "2") {
			break
		}
		if time.Now().After(late) { // a server may hold its packets back for the WebSocket
			t.Missed("no poll brought the ping that was due during the upgrade")
		}
	}
	i.earliest = time.Now()
	r := p.POST("3")
	t.Expect(r.Status, "the status of the answer to the pong").To(Equal(200))
	i.latest = r.At
	left := max(p.Open.PingInterval/4, t.RoundTrip(0))
	t.Wait(min(time.Until(i.earliest.Add(p.Open.PingInterval-left)), time.Until(probed.Add(5*time.Second))), "most of pingInterval before the upgrade packet")
	i.Send("5")
	if time.Since(i.earliest) > p.Open.PingInterval-t.Tolerance().Early-t.RoundTrip(0)/2 {
		t.Missed("the upgrade took longer than pingInterval; an exchange with the target takes %d ms", t.RoundTrip(0).Milliseconds())
	}
	return i
}

// nextPing waits for a ping and skips the application's messages.
func nextPing(t *T, w *WebSocket) Message {
	for {
		m := w.ReceiveWithin(w.Open.PingInterval + t.Tolerance().Patience)
		if m.Binary || !strings.HasPrefix(m.Data, "4") {
			t.Expect(m.Data, "the packet instead of a ping").To(Equal("2"))
			return m
		}
	}
}

// nextPolledPing polls for a ping and skips noops and the application's messages, which may be in the same payload.
func nextPolledPing(t *T, p *Polling) *Response {
	for {
		r := p.StartGET().ResponseWithin(p.Open.PingInterval + t.Tolerance().Patience)
		t.Expect(r.Status, "the status of the answer to a poll").To(Equal(200))
		for _, packet := range protocol.ParsePayload(r.Body) {
			if packet != "6" && !strings.HasPrefix(packet, "4") {
				t.Expect(packet, "the packet instead of a ping").To(Equal("2"))
				return r
			}
		}
	}
}

// latePongs is how many pings are answered late: two, or one if the target's timers are long.
func latePongs(t Timings) int {
	if t.Pings(3) < 3 {
		return 1
	}
	return 2
}

var _ = Add(
	Case{
		ID: "heartbeat/ping-after-the-interval", Level: Required, Rules: rules(pingAfterInterval, pingIntervalTold, pingHasNoPayload), Timing: true, Waits: PingIntervals(1),
		Title: "sends the first ping when pingInterval has passed, over WebSocket",
		Run: func(t *T) {
			asked := time.Now()
			w := stay(t, WithoutPongs())
			opened := time.Now()
			m := nextPing(t, w)
			fires(t, "the time until the first ping", m.At, asked, opened, w.Open.PingInterval)
		},
	},
	Case{
		ID: "heartbeat/ping-after-the-interval-over-polling", Level: Required, Rules: rules(pingAfterInterval), Timing: true, Waits: PingIntervals(1),
		Title: "sends the first ping when pingInterval has passed, over polling",
		Run: func(t *T) {
			asked := time.Now()
			p := t.Polling()
			p.Send("40") // otherwise the connect timeout may end the session first
			r := nextPolledPing(t, p)
			fires(t, "the time until the first ping", r.At, asked, p.Handshake.At, p.Open.PingInterval)
		},
	},
	Case{
		ID: "heartbeat/pings-recur", Level: Required, Rules: rules(pingsRecur), Timing: true, Waits: RecurringPings(5),
		Title: "sends a ping every pingInterval, and keeps a connection that answers with pongs",
		Run: func(t *T) {
			w := stay(t, WithoutPongs())
			before := nextPing(t, w)
			for range t.Timings().Pings(5) - 1 {
				w.Send("3")
				answered := time.Now()
				m := nextPing(t, w)
				fires(t, "the time until the next ping", m.At, before.At, answered, w.Open.PingInterval)
				before = m
			}
			w.Send("3")
			w.StaysOpen()
		},
	},
	Case{
		ID: "heartbeat/pings-recur-over-polling", Level: Required, Rules: rules(pongByPOSTCounts), Waits: RecurringPings(4),
		Title: "accepts pongs by POST, sends further pings by polls, and keeps the session",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			for range t.Timings().Pings(4) {
				nextPolledPing(t, p)
				p.Send("3")
			}
			p.Lives()
		},
	},
	Case{
		ID: "heartbeat/no-pong-closes", Level: Recommended, Rules: rules(silentWebSocketClosed, pingTimeoutTold), Timing: true, Waits: HeartbeatDeadline,
		Title: "closes a WebSocket that sends no pong when pingTimeout has passed since the ping",
		Run: func(t *T) {
			asked := time.Now()
			w := stay(t, WithoutPongs())
			ping := nextPing(t, w)
			end := w.ClosedWithin(w.Open.PingTimeout + t.Tolerance().Patience)
			t.Expect(end.At.Sub(asked), "the life of the connection").To(BeNumerically(">=", w.Open.PingInterval+w.Open.PingTimeout-t.Tolerance().Early))
			// Only an upper bound: if the ping was read late, this is shorter than the real time.
			t.Expect(end.At.Sub(ping.At), "the time from the ping to the end").To(BeNumerically("<=", w.Open.PingTimeout+t.Tolerance().Late))
		},
	},
	Case{
		ID: "heartbeat/no-pong-ends-the-polling-session", Level: Recommended, Rules: rules(silentPollingForgotten), Timing: true, Waits: HeartbeatDeadline,
		Title: "forgets a polling session that sends no pong when pingTimeout has passed since the ping",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			t.Wait(p.Open.PingInterval+p.Open.PingTimeout+t.Tolerance().Late, "for pingInterval, pingTimeout and the lateness of a timer")
			r := p.GET()
			if r.Status == 200 { // a close packet that waited for a poll
				t.Expect(protocol.ParsePayload(r.Body), "the packets of the last poll").To(ContainElement("1"))
				r = p.GET()
			}
			t.Expect(r.Status, "the status of a poll after the deadline").To(Equal(400))
		},
	},
	Case{
		ID: "heartbeat/polls-do-not-count", Level: Recommended, Rules: rules(silentPollingForgotten), Timing: true, Waits: HeartbeatDeadline,
		Title: "ends a polling session that keeps polling but sends no pong",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			ping := nextPolledPing(t, p)
			deadline := p.Open.PingInterval + p.Open.PingTimeout + t.Tolerance().Patience
			for time.Since(ping.At) < deadline {
				r := p.StartGET().ResponseWithin(deadline)
				if r.Status == 400 || strings.Contains(protocol.Separator+r.Body+protocol.Separator, protocol.Separator+"1"+protocol.Separator) {
					t.Expect(r.At.Sub(ping.At), "the time from the ping to the end").To(BeNumerically("<=", p.Open.PingTimeout+t.Tolerance().Late))
					return
				}
				t.Expect(protocol.ParsePayload(r.Body), "the packets of a poll while a pong is missing").NotTo(ContainElement("2"))
				t.Wait(p.Open.PingTimeout/20, "before the next poll")
			}
			t.Endless(ping.At, "the session with an unanswered ping")
		},
	},
	Case{
		ID: "heartbeat/late-pong-is-in-time", Level: Required, Rules: rules(pongInTimeCounts), Timing: true, Waits: func(t Timings) time.Duration {
			return time.Duration(latePongs(t))*(t.PingInterval+t.PingTimeout/2) + t.PingTimeout/2
		},
		Title: "keeps a connection whose pongs come late but within pingTimeout",
		Run: func(t *T) {
			w := stay(t, WithoutPongs())
			var ping Message
			for range latePongs(t.Timings()) {
				ping = nextPing(t, w)
				t.Wait(w.Open.PingTimeout/2, "half of pingTimeout before the pong")
				w.Send("3")
			}
			// The next ping comes later, so its pong is not due by then.
			over := ping.At.Add(w.Open.PingTimeout + min(w.Open.PingInterval/2, time.Second))
			t.Wait(time.Until(over), "until pingTimeout has passed since the ping")
			w.StaysOpen()
		},
	},
	Case{
		ID: "heartbeat/only-pongs-count", Level: Recommended, Rules: rules(silentWebSocketClosed), Timing: true, Since: "4.8",
		Waits: func(t Timings) time.Duration { return t.PingInterval + t.PingTimeout*9/8 },
		Title: "closes a connection that sends other packets instead of pongs",
		Run: func(t *T) {
			asked := time.Now() // the server opens the session between now and the next line
			w := t.WebSocket(WithoutPongs())
			due := time.Now().Add(w.Open.PingInterval + t.Tolerance().Late) // the latest time for the ping
			w.Send("40")
			var packets []string
			// An event in a namespace that is not joined would close the connection at once.
			if strings.HasPrefix(w.Receive(), "40") {
				packets = []string{`42["message",1]`, `451-["message",{"_placeholder":true,"num":0}]`}
			}
			var latest time.Time // when the connection may end
			step := w.Open.PingTimeout / 8
			for n := 1; (latest.IsZero() || time.Now().Before(latest)) && w.IsOpen(); n++ {
				behind := time.Now().After(due)
				// A second CONNECT to a namespace before the first one is answered would close the connection, too.
				w.Send(fmt.Sprintf(t.Draw("40/nowhere-%d,"), n))
				for _, packet := range packets {
					w.Send(packet)
				}
				if len(packets) > 0 {
					w.SendBinary("x")
				}
				if behind && latest.IsZero() { // in engine.io the first other packet after a ping restarts pingTimeout, once
					latest = time.Now().Add(w.Open.PingTimeout + t.Tolerance().Late)
				}
				t.Wait(step, "before the next messages")
			}
			end := w.ClosedWithin(t.Tolerance().Late)
			t.Expect(end.At.Sub(asked), "the time until the end, which the missing pong caused").To(BeNumerically(">=", w.Open.PingInterval-t.Tolerance().Early))
		},
	},
	Case{
		ID: "heartbeat/control-pongs-do-not-count", Level: Recommended, Rules: rules(controlPingsAreNoHeartbeat), Timing: true, Waits: HeartbeatDeadline,
		Title: "closes a connection that sends the WebSocket protocol's own pings instead of pongs",
		Run: func(t *T) {
			w := stay(t, WithoutPongs())
			start := time.Now()
			deadline := w.Open.PingInterval + w.Open.PingTimeout
			for time.Since(start) < deadline*3/4 {
				w.StaysOpen()
				t.Wait(w.Open.PingTimeout/4, "before the next ping of the WebSocket protocol")
			}
			w.ClosedWithin(deadline/4 + w.Open.PingTimeout + t.Tolerance().Late)
		},
	},
	Case{
		ID: "heartbeat/survives-the-upgrade", Level: Recommended, Rules: rules(heartbeatSpansUpgrade), Timing: true, Waits: PingIntervals(2),
		Title: "continues its pings after the upgrade",
		Run: func(t *T) {
			w := t.Polling().Upgrade(WithoutPongs())
			w.Send("40")
			for range 2 {
				nextPing(t, w)
				w.Send("3")
			}
		},
	},
	Case{
		ID: "heartbeat/pings-recur-after-the-upgrade", Level: Required, Rules: rules(heartbeatSpansUpgrade), Timing: true, Waits: RecurringPings(3),
		Title: "sends one ping every pingInterval also after the upgrade",
		Run: func(t *T) {
			w := t.Polling().Upgrade(WithoutPongs())
			w.Send("40")
			before := nextPing(t, w)
			for range t.Timings().Pings(3) - 1 {
				w.Send("3")
				answered := time.Now()
				m := nextPing(t, w)
				fires(t, "the time until the next ping", m.At, before.At, answered, w.Open.PingInterval)
				before = m
			}
		},
	},
	Case{
		ID: "heartbeat/interval-spans-the-upgrade", Level: Recommended, Rules: rules(heartbeatSpansUpgrade), Timing: true, Waits: PingIntervals(1),
		Title: "sends a ping when pingInterval has passed since the handshake or the last pong, with or without an upgrade in between",
		Run: func(t *T) {
			i := upgradedWithinInterval(t, true)
			fires(t, "the time from the handshake, or the last pong, to the ping", nextPing(t, i.WebSocket).At, i.earliest, i.latest, i.Open.PingInterval)
		},
	},
	Case{
		ID: "heartbeat/timed-out-session-is-forgotten", Level: Recommended, Rules: rules(silentWebSocketClosed), Waits: HeartbeatDeadline,
		Title: "also ends the session when it closes a WebSocket that sends no pong",
		Run: func(t *T) {
			w := stay(t, WithoutPongs())
			w.ClosedWithin(w.Open.PingInterval + w.Open.PingTimeout + t.Tolerance().Patience)
			forgotten(t, w.SID)
		},
	},
	Case{
		ID: "heartbeat/ping-waits-for-a-poll", Level: Required, Rules: rules(packetsKeptBetweenPolls), Timing: true, Waits: HeartbeatDeadline,
		Title: "keeps a ping that is due while no poll is under way, and answers the next poll with it",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			t.Wait(time.Until(p.Handshake.At.Add(p.Open.PingInterval+p.Open.PingTimeout/4)), "until a ping waits for a poll")
			if time.Since(p.Handshake.At) > p.Open.PingInterval+p.Open.PingTimeout/2 {
				t.Missed("the session may have ended before the wait did")
			}
			over := p.Open.PingInterval + p.Open.PingTimeout - t.Tolerance().Early - t.RoundTrip(0)
			var packets []string
			for range 3 { // a server may send what came before the ping in an answer of its own
				r := p.GET()
				if r.Status == 400 && time.Since(p.Handshake.At) > over {
					t.Missed("the session may have ended before the answer came")
				}
				t.Expect(r.Status, "the status of the answer").To(Equal(200))
				packets = append(packets, protocol.ParsePayload(r.Body)...)
				if slices.Contains(packets, "2") || !strings.HasPrefix(r.Body, "4") {
					break
				}
			}
			t.Expect(packets, "the packets of the answers").To(ContainElement("2"))
			p.Send("3")
		},
	},
	Case{
		ID: "heartbeat/pong-among-messages", Level: Required, Rules: rules(pongByPOSTCounts), Needs: echo, Waits: RecurringPings(4),
		Title: "accepts a pong that comes in one POST with messages, before or after them, and the messages too",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			for i := range t.Timings().Pings(4) {
				nextPolledPing(t, c.Polling)
				packets := []string{"3", fmt.Sprintf(`42["message",%d]`, i)}
				if i%2 == 1 {
					slices.Reverse(packets)
				}
				c.Polling.Send(strings.Join(packets, protocol.Separator))
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, i))
			}
			c.Polling.Lives()
		},
	},
	Case{
		ID: "heartbeat/early-pong-does-not-count", Level: Recommended, Rules: rules(unsolicitedPongIgnored), Timing: true, Waits: HeartbeatDeadline,
		Title: "does not count an unsolicited pong for a later ping",
		Run: func(t *T) {
			w := stay(t, WithoutPongs())
			w.Send("3")
			w.Send("3")
			ping := nextPing(t, w)
			end := w.ClosedWithin(w.Open.PingInterval + 2*w.Open.PingTimeout + t.Tolerance().Patience)
			t.Expect(end.At.Sub(ping.At), "the time from the ping to the end").To(BeNumerically("<=", w.Open.PingTimeout+t.Tolerance().Late))
		},
	},
	Case{
		ID: "heartbeat/no-pong-after-the-upgrade-closes", Level: Recommended, Rules: rules(heartbeatSpansUpgrade), Timing: true, Waits: HeartbeatDeadline,
		Title: "closes a connection that sends no pong after the upgrade",
		Run: func(t *T) {
			i := upgradedWithinInterval(t, false)
			ping := nextPing(t, i.WebSocket)
			end := i.ClosedWithin(i.Open.PingTimeout + t.Tolerance().Patience)
			t.Expect(end.At.Sub(i.earliest), "the time from the handshake, or the last pong, to the end").
				To(BeNumerically(">=", i.Open.PingInterval+i.Open.PingTimeout-t.Tolerance().Early))
			t.Expect(end.At.Sub(ping.At), "the time from the ping to the end").To(BeNumerically("<=", i.Open.PingTimeout+t.Tolerance().Late))
		},
	},
	Case{
		ID: "heartbeat/ping-under-way-at-the-upgrade", Level: Observed, Rules: rules(pingBeforeUpgradeCounts), Timing: true,
		Waits: func(t Timings) time.Duration { return t.PingInterval + t.PingTimeout*5/4 },
		Title: "closes a connection that never answers the ping that was under way at the upgrade",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			nextPolledPing(t, p)
			w := p.Upgrade(WithoutPongs())
			t.Answer("it does not close the connection")
			w.ClosedWithin(p.Open.PingTimeout*5/4 + t.Tolerance().Late) // the upgrade may restart pingTimeout
			t.Answer("it closes the connection")
		},
	},
)

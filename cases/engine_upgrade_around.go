package cases

import (
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// What happens around an upgrade: while it is unfinished, after it has failed, and once it is complete.

var _ = Add(
	Case{
		ID: "upgrade/polled-packets-are-not-sent-again", Level: Required, Rules: rules(upgradeLosesNothing), Needs: echo,
		Title: "does not send again over WebSocket what a poll has fetched during the upgrade",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			w := c.Polling.Probe()
			c.Polling.Send(burst(3))
			var fetched int
			for _, packet := range protocol.ParsePayload(c.Polling.GET().Body) {
				if strings.HasPrefix(packet, "42") {
					fetched++
				}
			}
			w.Send("5")
			for i, want := range echoes(4)[fetched:] {
				if i == 3-fetched { // after the remaining packets, a new one
					w.Send(`42["message",3]`)
				}
				t.Expect(w.Receive(), "the next packet, of which polls have fetched %d", fetched).To(MatchPacket("42" + want))
			}
		},
	},
	Case{
		ID: "upgrade/buffered-packets-before-new-ones", Level: Required, Rules: rules(upgradeLosesNothing), Needs: echo,
		Title: "delivers buffered packets before those sent after the upgrade",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(burst(3))
			w := c.Polling.Probe()
			w.Send("5")
			w.Send(`42["message",3]`)
			for i, want := range echoes(4) {
				t.Expect(w.Receive(), "packet %d of 4", i+1).To(MatchPacket("42" + want))
			}
		},
	},
	Case{
		ID: "upgrade/close-during-it-loses-nothing", Level: Recommended, Rules: rules(upgradeLosesNothing), Needs: Needs{Application: true},
		Title: "delivers buffered packets before the WebSocket closes if the application closes the connection during the upgrade",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			w := c.Polling.Probe()
			c.Polling.Send(`42["message",1]` + protocol.Separator + `42["leave",true]`)
			w.Send("5")
			if m, end := w.ReceiveOrEnd(); end == nil {
				t.Expect(m.Data, "the packet that was buffered").To(MatchPacket(`42["message-back",1]`))
				w.ClosedWithin(t.Tolerance().Patience)
				return
			}
			// The upgrade came too late, so the packet waits for a poll.
			t.Expect(c.Polling.Receive(), "the next packet over polling").To(MatchPacket(`42["message-back",1]`))
		},
	},
	Case{
		ID: "upgrade/again-after-another-first-packet", Level: Recommended, Rules: rules(failedUpgradeKeepsSession),
		Title: "lets another WebSocket probe after one that began with another packet",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Beside()
			w.Send("2other")
			w.Closed()
			w = again(t, p)
			noop(t, p, p.StartGET())
			w.Send("5")
			w.Send(t.Draw("40/nowhere,"))
			for !strings.HasPrefix(w.Receive(), t.Draw("44/nowhere,")) { // buffered packets come first
			}
		},
	},
	Case{
		ID: "upgrade/no-noop-over-websocket", Level: Recommended, Rules: rules(pendingPollGetsNoop),
		Title: "does not send a noop over WebSocket if no poll came during the upgrade",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Probe()
			t.Wait(150*time.Millisecond, "for a noop that waits for a poll")
			w.Send("5")
			w.Send(t.Draw("40/nowhere,"))
			for !strings.HasPrefix(w.Receive(), t.Draw("44/nowhere,")) { // buffered packets come first
			}
			t.Expect(w.Noops(), "the number of noops over WebSocket").OfNoTimer().To(BeZero())
		},
	},
	Case{
		ID: "upgrade/message-after-the-probe", Level: Recommended, Rules: rules(otherFirstPacketCloses),
		Title: "closes a WebSocket that sends a message between the probe and the upgrade packet, and keeps the polling session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Probe()
			w.Send(t.Draw("40/nowhere,"))
			w.Closed()
			p.Lives()
		},
	},
	Case{
		ID: "upgrade/failed-probe-loses-nothing", Level: Required, Rules: rules(failedUpgradeKeepsSession, upgradeLosesNothing), Needs: echo,
		Title: "handles what came by POST while a WebSocket probed that is gone, and delivers the answers over polling",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			w := c.Polling.Probe()
			c.Polling.Send(`42["message",1]`)
			w.Close()
			c.Expect(`42["message-back",1]`)
			c.Echoes("/")
		},
	},
	Case{
		ID: "upgrade/pings-after-a-failed-probe", Level: Required, Rules: rules(failedUpgradeKeepsSession, pingAfterInterval), Waits: PingIntervals(1),
		Title: "sends a ping over polling after the WebSocket that probed is gone",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			p.Probe().Close()
			nextPolledPing(t, p)
			p.Lives()
		},
	},
	Case{
		ID: "upgrade/no-noops-after-a-failed-probe", Level: Recommended, Rules: rules(failedUpgradeKeepsSession), Waits: PingIntervals(2),
		Title: "holds polls open again after the WebSocket that probed is gone",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			p.Probe().Close()
			// The server may notice the end late, so noops are allowed until the first ping.
			calm, since := false, time.Now()
			for time.Since(since) < 2*p.Open.PingInterval+t.Tolerance().Patience {
				r := p.StartGET().ResponseWithin(p.Open.PingInterval + t.Tolerance().Patience)
				t.Expect(r.Status, "the status of the answer").To(Equal(200))
				packets := protocol.ParsePayload(r.Body)
				if calm {
					t.Expect(packets, "the packets of a poll after the first ping").NotTo(ContainElement("6"))
				}
				for _, packet := range packets {
					if packet == "2" && calm {
						return
					}
					if packet == "2" {
						calm = true
						p.Send("3")
					}
				}
				if !calm {
					t.Wait(p.Open.PingInterval/20, "before the next poll")
				}
			}
			t.Absent(since, "the second of two pings over polling")
		},
	},
	Case{
		ID: "upgrade/probing-socket-ends-with-the-session", Level: Recommended, Rules: rules(closePacketEndsPolling),
		Title: "closes a WebSocket that probes when the client closes the session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Probe()
			p.Send("1")
			w.ClosedWithin(t.Tolerance().Patience)
		},
	},
	Case{
		ID: "upgrade/session-ends-with-its-websocket", Level: Required, Rules: rules(sessionEndsWithItsWebSocket),
		Title: "ends an upgraded session when the client closes its WebSocket or drops the connection",
		Run: func(t *T) {
			for what, end := range map[string]func(*WebSocket){"closes": (*WebSocket).Close, "drops the connection": (*WebSocket).Break} {
				t.Step("the client %s", what)
				w := upgraded(t, joined(t, OverPolling).Polling)
				end(w)
				forgotten(t, w.SID)
			}
		},
	},
	Case{
		ID: "upgrade/end-of-its-websocket-is-told", Level: Recommended, Rules: rules(sessionEndsWithItsWebSocket), Needs: reasoned,
		Title: "gives the reason transport close or transport error, not ping timeout, if the client closes the WebSocket of an upgraded session",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(AfterUpgrade)
			sid := c.Connect("/").SID()
			c.Close()
			t.Expect(o.Await(1, left(sid)...)[0].Reason, "the reason").To(beOfTheTransport())
		},
	},
	Case{
		ID: "upgrade/invalid-packet-afterwards", Level: Required, Rules: rules(noPacketClosesWebSocket),
		Title: "also closes the connection after an invalid packet if it comes after an upgrade",
		Run: func(t *T) {
			for _, message := range []string{"abc", "7"} {
				w := upgraded(t, joined(t, OverPolling).Polling)
				t.Step("sends %q", message)
				w.Send(message)
				w.ClosedWithin(t.Tolerance().Patience)
				forgotten(t, w.SID)
			}
		},
	},
	Case{
		ID: "upgrade/client-ping-afterwards", Level: Recommended, Rules: rules(clientPingCloses),
		Title: "also closes the connection after a ping of the client if it comes after an upgrade",
		Run: func(t *T) {
			w := upgraded(t, joined(t, OverPolling).Polling)
			w.Send("2")
			w.ClosedWithin(t.Tolerance().Patience)
		},
	},
	Case{
		ID: "upgrade/server-closes-afterwards", Level: Required, Rules: rules(serverClosesWebSocket), Needs: Needs{Application: true},
		Title: "closes the WebSocket of an upgraded session when the application closes the connection",
		Run: func(t *T) {
			c := t.Client(AfterUpgrade)
			c.Connect("/")
			c.Send(`42["leave",true]`)
			c.WebSocket.ClosedWithin(t.Tolerance().Patience)
			forgotten(t, c.SessionID())
		},
	},
	Case{
		ID: "upgrade/limit-afterwards", Level: Recommended, Rules: rules(largeMessageCloses), Since: "4.5",
		Title: "also closes the connection after a message of more than maxPayload bytes if it comes after an upgrade",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			boundedPayload(t, p.Open)
			w := upgraded(t, p)
			w.SendAnySize(`42["` + strings.Repeat("x", int(p.Open.MaxPayload)) + `"]`)
			w.ClosedWithin(t.Tolerance().Patience)
		},
	},
	Case{
		ID: "heartbeat/goes-on-while-a-websocket-probes", Level: Recommended, Rules: rules(heartbeatSpansUpgrade), Timing: true, Waits: HeartbeatDeadline,
		Title: "sends its pings while a WebSocket probes, and forgets a session whose pong does not come",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Probe()
			w.AnswerPings(false)
			since := time.Now()
			if !pingedWithin(t, p, p.Open.PingInterval+t.Tolerance().Patience) {
				t.Absent(since, "a ping over polling")
			}
			// Further polls must not count as a pong.
			patience := p.Open.PingTimeout + t.Tolerance().Patience
			since = time.Now()
			for time.Since(since) < patience {
				if r := p.StartGET().ResponseWithin(patience); r.Status == 400 {
					w.ClosedWithin(t.Tolerance().Patience)
					return
				}
				t.Wait(p.Open.PingTimeout/20, "before the next poll")
			}
			t.Endless(since, "the session with an unanswered ping")
		},
	},
)

// pingedWithin polls until a ping comes, which it does not answer. It skips noops and messages.
func pingedWithin(t *T, p *Polling, d time.Duration) bool {
	for deadline := time.Now().Add(d); time.Now().Before(deadline); t.Wait(p.Open.PingInterval/20, "before the next poll") {
		r := p.StartGET().ResponseWithin(d)
		t.Expect(r.Status, "the status of a poll during the upgrade").To(Equal(200))
		for _, packet := range protocol.ParsePayload(r.Body) {
			if packet == "2" {
				return true
			}
		}
	}
	return false
}

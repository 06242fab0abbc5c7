package cases

import (
	"strings"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// What goes on around an upgrade: while a client leaves it unfinished, when it has failed, and once it is done.

var _ = Add(
	Case{
		ID: "upgrade/polled-packets-are-not-sent-again", Level: Required, Source: engineUpgrade, Needs: echo,
		Faults: []string{"upgrade/sent-by-poll-and-again"},
		Title:  "sends what a poll has fetched during the upgrade no second time over WebSocket",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			w := c.Polling.Probe()
			c.Polling.Send(burst(3))
			var fetched int
			for _, packet := range ParsePayload(c.Polling.GET().Body) {
				if strings.HasPrefix(packet, "42") {
					fetched++
				}
			}
			w.Send("5")
			for i, want := range echoes(4)[fetched:] {
				if i == 3-fetched { // after what was left, something new
					w.Send(`42["message",3]`)
				}
				t.Expect(w.Receive()).To(MatchPacket("42"+want), "the next packet, of which polls have fetched %d", fetched)
			}
		},
	},
	Case{
		ID: "upgrade/buffered-packets-before-new-ones", Level: Required, Source: engineUpgrade, Needs: echo,
		Faults: []string{"upgrade/buffer-behind-what-is-new"},
		Title:  "delivers what was buffered before what is sent after the upgrade",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(burst(3))
			w := c.Polling.Probe()
			w.Send("5")
			w.Send(`42["message",3]`)
			for i, want := range echoes(4) {
				t.Expect(w.Receive()).To(MatchPacket("42"+want), "packet %d of 4", i+1)
			}
		},
	},
	Case{
		ID: "upgrade/close-during-it-loses-nothing", Level: Recommended, Source: engineUpgrade, Needs: Needs{Application: true},
		Faults: []string{"upgrade/close-drops-the-buffer"},
		Title:  "delivers what was buffered before the WebSocket closes, where the application closes the connection during the upgrade",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			w := c.Polling.Probe()
			c.Polling.Send(`42["message",1]` + Separator + `42["leave",true]`)
			w.Send("5")
			if m, end := w.ReceiveOrEnd(); end == nil {
				t.Expect(m.Data).To(MatchPacket(`42["message-back",1]`))
				w.ClosedWithin(t.Tolerance().Patience)
				return
			}
			// The upgrade came too late: then the packet waits for a poll.
			t.Expect(ParsePayload(c.Polling.GET().Body)[0]).To(MatchPacket(`42["message-back",1]`))
		},
	},
	Case{
		ID: "upgrade/again-after-another-first-packet", Level: Recommended, Source: engineUpgrade,
		Faults: []string{"upgrade/refused-one-blocks-the-next"},
		Title:  "lets another WebSocket probe after one that began with another packet",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Beside()
			w.Send("2other")
			w.Closed()
			w = again(t, p)
			noop(t, p, p.StartGET())
			w.Send("5")
			w.Send("40/nowhere,")
			for !strings.HasPrefix(w.Receive(), "44/nowhere,") { // what was buffered comes first
			}
		},
	},
	Case{
		ID: "upgrade/no-noop-over-websocket", Level: Recommended, Source: engineUpgrade,
		Faults: []string{"upgrade/noop-over-websocket"},
		Title:  "sends a noop for which no poll came during the upgrade not over WebSocket either",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Probe()
			t.Wait(t.Tolerance().Late, "for a noop that waits for a poll")
			w.Send("5")
			w.Send("40/nowhere,")
			for packet := ""; !strings.HasPrefix(packet, "44/nowhere,"); { // what was buffered comes first
				packet = w.Receive()
				t.Expect(packet).NotTo(Equal("6"), "the packet over WebSocket")
			}
		},
	},
	Case{
		ID: "upgrade/message-after-the-probe", Level: Recommended, Source: engineUpgrade,
		Faults: []string{"upgrade/any-first-packet"},
		Title:  "closes a WebSocket that sends a message between the probe and the upgrade packet, and keeps the polling session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Probe()
			w.Send("40/nowhere,")
			w.Closed()
			p.Lives()
		},
	},
	Case{
		ID: "upgrade/no-noops-after-a-failed-probe", Level: Recommended, Source: engineUpgrade, Waits: PingIntervals(2),
		Faults: []string{"upgrade/noops-after-a-failed-probe"},
		Title:  "holds polls open again when the WebSocket that probed is gone",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			p.Probe().Close()
			// The server may see the end late: until the first ping noops are allowed.
			calm := false
			for deadline := time.Now().Add(2*p.Open.PingInterval + t.Tolerance().Patience); time.Now().Before(deadline); {
				r := p.StartGET().ResponseWithin(p.Open.PingInterval + t.Tolerance().Patience)
				t.Expect(r.Status).To(Equal(200), "the status of %v", r)
				packets := ParsePayload(r.Body)
				if calm {
					t.Expect(packets).NotTo(ContainElement("6"), "the packets of a poll behind the first ping")
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
			t.Fail("the polls were answered without two pings for longer than two times pingInterval")
		},
	},
	Case{
		ID: "upgrade/probing-socket-ends-with-the-session", Level: Recommended, Source: engineUpgrade,
		Faults: []string{"upgrade/probing-socket-outlives-the-session"},
		Title:  "closes a WebSocket that probes when the client closes the session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Probe()
			p.Send("1")
			w.ClosedWithin(t.Tolerance().Patience)
		},
	},
	Case{
		ID: "upgrade/session-ends-with-its-websocket", Level: Required, Source: engineWebSocket,
		Faults: []string{"upgrade/session-outlives-its-websocket"},
		Title:  "ends a session that was upgraded when the client closes its WebSocket, or breaks it off",
		Run: func(t *T) {
			for what, end := range map[string]func(*WebSocket){"closes": (*WebSocket).Close, "breaks off": (*WebSocket).Break} {
				t.Step("the client %s", what)
				w := upgraded(t, joined(t, OverPolling).Polling)
				end(w)
				forgotten(t, w.SID)
			}
		},
	},
	Case{
		ID: "upgrade/end-of-its-websocket-is-told", Level: Recommended, Source: engineWebSocket, Needs: application,
		Faults: []string{"upgrade/session-outlives-its-websocket"},
		Title:  "gives the reason transport close, not that of the heartbeat, where the client closes the WebSocket of a session that was upgraded",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(AfterUpgrade)
			sid := c.Connect("/").SID()
			c.Close()
			t.Expect(o.Await(1, left(sid)...)[0].Reason).To(Equal("transport close"), "the reason")
		},
	},
	Case{
		ID: "upgrade/invalid-packet-afterwards", Level: Required, Source: enginePackets,
		Faults: []string{"websocket/broken-packet-forgiven"},
		Title:  "closes the connection upon a message that is no packet after an upgrade, too",
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
		ID: "upgrade/client-ping-afterwards", Level: Recommended, Source: engineHeartbeat,
		Faults: []string{"heartbeat/client-pings-forgiven"},
		Title:  "closes the connection upon a ping of the client after an upgrade, too",
		Run: func(t *T) {
			w := upgraded(t, joined(t, OverPolling).Polling)
			w.Send("2")
			w.ClosedWithin(t.Tolerance().Patience)
		},
	},
	Case{
		ID: "upgrade/server-closes-afterwards", Level: Required, Source: enginePackets, Needs: Needs{Application: true},
		Faults: []string{"disconnect/server-never-closes"},
		Title:  "closes the WebSocket of a session that was upgraded when the application closes the connection",
		Run: func(t *T) {
			c := t.Client(AfterUpgrade)
			c.Connect("/")
			c.Send(`42["leave",true]`)
			c.WebSocket.ClosedWithin(t.Tolerance().Patience)
			forgotten(t, c.SessionID())
		},
	},
	Case{
		ID: "upgrade/limit-afterwards", Level: Recommended, Source: engineWebSocket, Since: "4.5",
		Faults: []string{"polling/no-limit"},
		Title:  "closes the connection upon a message of more than maxPayload bytes after an upgrade, too",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			boundedPayload(t, p.Open)
			w := upgraded(t, p)
			w.Send(`42["` + strings.Repeat("x", int(p.Open.MaxPayload)) + `"]`)
			w.ClosedWithin(t.Tolerance().Patience)
		},
	},
	Case{
		ID: "heartbeat/goes-on-while-a-websocket-probes", Level: Recommended, Source: engineHeartbeat, Timing: true, Waits: HeartbeatDeadline,
		Faults: []string{"heartbeat/pauses-while-probing"},
		Title:  "sends its pings while a WebSocket probes, and forgets the session whose pong does not come",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Probe()
			w.AnswerPings(false)
			if !pingedWithin(t, p, p.Open.PingInterval+t.Tolerance().Patience) {
				t.Fail("the polls were answered without a ping for longer than pingInterval")
			}
			// What is polled now brings no pong.
			patience := p.Open.PingTimeout + t.Tolerance().Patience
			for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
				if r := p.StartGET().ResponseWithin(patience); r.Status == 400 {
					w.ClosedWithin(t.Tolerance().Patience)
					return
				}
				t.Wait(p.Open.PingTimeout/20, "before the next poll")
			}
			t.Fail("the session whose WebSocket probes is still there, its ping unanswered")
		},
	},
)

// pingedWithin polls until a ping comes, which it does not answer. Noops and messages are passed over.
func pingedWithin(t *T, p *Polling, d time.Duration) bool {
	for deadline := time.Now().Add(d); time.Now().Before(deadline); t.Wait(p.Open.PingInterval/20, "before the next poll") {
		r := p.StartGET().ResponseWithin(d)
		t.Expect(r.Status).To(Equal(200), "the status of a poll during the upgrade: %v", r)
		for _, packet := range ParsePayload(r.Body) {
			if packet == "2" {
				return true
			}
		}
	}
	return false
}

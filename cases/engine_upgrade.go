package cases

import (
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "upgrade/probe-then-upgrade", Shows: Upgrades, Level: Required, Rules: rules(probeAnswered, upgradePacketMovesSession),
		Title: "answers the probe and moves the session to WebSocket",
		Run: func(t *T) {
			p := t.Polling()
			w := p.Beside()
			w.Send("2probe")
			poll := p.StartGET()
			t.Expect(w.Receive(), "the answer to the probe").To(Equal("3probe"))
			t.Expect(poll.Response().Status, "the status of a poll during the upgrade").To(Equal(200))
			w.Send("5")
			w.Send("40")
			t.Expect(w.Receive(), "the answer to a packet over the new transport").To(HavePrefix("40{"))
		},
	},
	Case{
		ID: "upgrade/pending-poll-gets-a-noop", Level: Required, Rules: rules(pendingPollGetsNoop),
		Title: "answers the poll that is under way at the probe with a noop",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			poll := idle(t, p)
			p.Probe()
			noop(t, p, poll)
		},
	},
	Case{
		ID: "upgrade/noop-comes-at-once", Level: Required, Rules: rules(pollsDuringUpgradeGetNoops),
		Title: "answers each of several polls during the upgrade with a noop, not with the next ping",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			p.Probe()
			for i := range 3 {
				t.Step("poll %d during the upgrade", i+1)
				noop(t, p, p.StartGET())
			}
		},
	},
	Case{
		ID: "upgrade/pending-poll-is-answered-at-its-end", Level: Required, Rules: rules(pollsDuringUpgradeGetNoops),
		Title: "answers the poll that is under way when the upgrade packet comes",
		Run: func(t *T) {
			for range 3 {
				p := joined(t, OverPolling).Polling
				w := p.Probe()
				noop(t, p, p.StartGET())
				poll := p.StartGET()
				t.AwaitSeen()
				w.Send("5")
				r := poll.Response()
				t.Expect(r.Status, "the status of the poll").To(BeElementOf(200, 400)) // 400 if the session had moved before it came
				w.Send(t.Draw("40/nowhere,"))
				for !strings.HasPrefix(w.Receive(), t.Draw("44/nowhere,")) {
				}
			}
		},
	},
	Case{
		ID: "upgrade/session-goes-on", Level: Required, Rules: rules(socketsOutliveUpgrade, upgradePacketMovesSession), Needs: echo,
		Title: "continues the same Socket.IO session after the upgrade, in both directions",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			sid := c.Connect("/").SID()
			c.Echoes("/")
			w := c.Polling.Upgrade()
			w.Send(`42["message",1]`)
			t.Expect(w.Receive(), "the first packet over the WebSocket").To(MatchPacket(`42["message-back",1]`))
			w.Send(t.Draw("40/nowhere,"))
			t.Expect(w.Receive(), "the next packet, which must not be a CONNECT: the socket is still %s", sid).To(HavePrefix(t.Draw("44/nowhere,")))
		},
	},
	Case{
		ID: "upgrade/namespaces-go-on", Level: Required, Rules: rules(socketsOutliveUpgrade), Needs: echo,
		Title: "keeps the client in every namespace that it joined before the upgrade",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/custom")
			c.Connect("/")
			c.WebSocket = c.Polling.Upgrade()
			c.Echoes("/custom")
			c.Echoes("/")
			c.Send("41/custom,")
			c.Echoes("/")
			c.Connect("/custom")
		},
	},
	Case{
		ID: "upgrade/buffered-packets-in-order", Level: Required, Rules: rules(upgradeLosesNothing), Needs: echo,
		Title: "delivers everything that was buffered before and during the upgrade over WebSocket, in order",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			packets := strings.Split(burst(6), protocol.Separator)
			c.Polling.Send(strings.Join(packets[:3], protocol.Separator))
			w := c.Polling.Probe()
			c.Polling.Send(strings.Join(packets[3:], protocol.Separator))
			w.Send("5")
			for i, want := range echoes(6) {
				t.Expect(w.Receive(), "packet %d of 6", i+1).To(MatchPacket("42" + want))
			}
		},
	},
	Case{
		ID: "upgrade/buffered-binary-is-raw", Level: Required, Rules: rules(binaryIsRawAfterUpgrade), Needs: echo,
		Title: "delivers a binary packet that was buffered across the upgrade as a binary message",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Send(`451-["message",{"_placeholder":true,"num":0}]`, "\x01\x02\x03\x04")
			w := c.Polling.Probe()
			w.Send("5")
			t.Expect(w.Receive(), "the first packet over the WebSocket").To(MatchPacket(`451-["message-back",{"_placeholder":true,"num":0}]`))
			t.Expect(w.ReceiveBinary(), "the attachment").To(Equal("\x01\x02\x03\x04"))
		},
	},
	Case{
		ID: "upgrade/packets-during-the-upgrade-by-poll", Level: Required, Rules: rules(upgradeLosesNothing), Needs: echo,
		Title: "does not lose a packet if the client keeps polling during the upgrade",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			w := c.Polling.Probe()
			c.Polling.Send(burst(3))
			var got []string
			for _, packet := range c.Polling.Packets(c.Polling.GET()) {
				if strings.HasPrefix(packet, "42") {
					got = append(got, packet)
				}
			}
			w.Send("5")
			for len(got) < 3 {
				got = append(got, w.Receive())
			}
			for i, want := range echoes(3) {
				t.Expect(got[i], "packet %d of 3", i+1).To(MatchPacket("42" + want))
			}
		},
	},
	Case{
		ID: "upgrade/poll-afterwards-refused", Level: Required, Rules: rules(pollAfterUpgradeRefused),
		Title: "answers a poll of an upgraded session with 400 and keeps the WebSocket",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := upgraded(t, p)
			for _, r := range []*Response{p.GET(), p.POST("3")} {
				t.Expect(r.Status, "the status of the answer").To(Equal(400))
			}
			w.StaysOpen()
		},
	},
	Case{
		ID: "upgrade/second-socket-afterwards-closed", Level: Required, Rules: rules(secondWebSocketAfterUpgradeClosed),
		Title: "closes another WebSocket for an upgraded session and keeps the first",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := upgraded(t, p)
			refusedBeside(t, p)
			w.StaysOpen()
			w.Send(t.Draw("40/nowhere,"))
			for !strings.HasPrefix(w.Receive(), t.Draw("44/nowhere,")) { // it may greet the client first
			}
		},
	},
	Case{
		ID: "upgrade/second-socket-during-it-closed", Level: Required, Rules: rules(secondWebSocketDuringUpgradeClosed),
		Title: "closes another WebSocket while one is probing and lets the first continue",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Probe()
			p.PollDuring(func() { refusedBeside(t, p) })
			w.Send("5")
			w.Send(t.Draw("40/nowhere,"))
			t.Expect(nextAnswer(w.Receive), "the answer over the first WebSocket").To(HavePrefix(t.Draw("44/nowhere,")))
		},
	},
	Case{
		ID: "upgrade/to-an-unknown-transport", Level: Required, Rules: rules(unknownTransportRefused),
		Title: "refuses a session's upgrade to an unknown transport and keeps the session",
		Run: func(t *T) {
			p := t.Polling()
			refusedSocket(t, t.Draw("?EIO=4&transport=carrier-pigeon&sid=")+Escaped(p.SID), "2probe")
			p.Lives()
		},
	},
	Case{
		ID: "upgrade/without-transport", Level: Required, Rules: rules(webSocketWithoutTransportRefused), Since: "4.6",
		Title: "refuses a session's WebSocket that names no transport",
		Run: func(t *T) {
			t.Requires(UpgradeAbility)
			refusedSocket(t, "?EIO=4&sid="+Escaped(staying(t).SID), "2probe")
		},
	},
	Case{
		ID: "upgrade/without-version", Level: Observed, Rules: rules(missingVersionInSessionRefused), Since: "4.8",
		Title: "refuses a session's WebSocket that names no protocol version",
		Run: func(t *T) {
			w, r := t.Upgrade("?transport=websocket&sid=" + Escaped(staying(t).SID))
			if w == nil {
				t.Answer("it answers %v", r)
				return
			}
			w.Send("2probe")
			t.Answer("it opens it and leaves it open")
			t.Answer("it opens it, and then: %v", w.Closed())
			t.Expect(w.Drain(), "the messages on the WebSocket").To(BeEmpty())
		},
	},
	Case{
		ID: "upgrade/sid-nearly-right", Level: Required, Rules: rules(webSocketOfUnknownSessionRefused),
		Title: "refuses a WebSocket whose sid differs from a session's only in letter case, in the last character or in a space, and keeps the session",
		Run: func(t *T) {
			t.Requires(UpgradeAbility)
			p := staying(t)
			for _, sid := range alike(p.SID) {
				t.Step("a WebSocket for %q instead of %q", sid, p.SID)
				refusedSocket(t, "?EIO=4&transport=websocket&sid="+Escaped(sid), "2probe")
			}
			p.Lives()
		},
	},
	Case{
		ID: "upgrade/failed-probe-keeps-the-session", Level: Required, Rules: rules(failedUpgradeKeepsSession),
		Title: "keeps the polling session if the WebSocket closes before the upgrade packet, and lets a second attempt succeed",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			t.Expect(p.Receive(), "the answer over polling").To(HavePrefix("40{"))
			goesOn := func() {
				p.Send(t.Draw("40/nowhere,"))
				for !strings.HasPrefix(p.Receive(), t.Draw("44/nowhere,")) { // it may greet the client first
				}
			}
			p.Probe().Close()
			goesOn()
			again(t, p).Close()
			goesOn()
			w := again(t, p)
			noop(t, p, p.StartGET())
			w.Send("5")
			w.Send(t.Draw("40/nowhere,"))
			for !strings.HasPrefix(w.Receive(), t.Draw("44/nowhere,")) {
			}
		},
	},
	Case{
		ID: "upgrade/probe-broken-off-keeps-the-session", Level: Recommended, Rules: rules(failedUpgradeKeepsSession),
		Title: "keeps the polling session if the TCP connection of a WebSocket is lost before the upgrade packet, and lets a second attempt succeed",
		Run: func(t *T) {
			p := staying(t)
			t.Expect(nextAnswer(p.Receive), "the answer to the CONNECT").To(HavePrefix("40{"))
			p.Probe().Break()
			again(t, p)
			p.Lives()
		},
	},
	Case{
		ID: "upgrade/no-implicit-move", Level: Required, Rules: rules(upgradePacketMovesSession),
		Title: "stays on polling until the upgrade packet comes",
		Run: func(t *T) {
			p := t.Polling()
			w := p.Probe()
			p.Send("40")
			brought := p.Brings()
			t.Expect(w.Drain(), "the packets over the probing WebSocket").To(BeEmpty())
			if brought {
				t.Expect(p.Receive(), "the packet over polling").To(HavePrefix("40{"))
				return
			}
			w.Send("5") // the server answers polls with noops and keeps its packets until the upgrade is complete
			t.Expect(w.Receive(), "the packet over the WebSocket").To(HavePrefix("40{"))
		},
	},
	firstPacket("message", "40", "a message", otherFirstPacketCloses),
	firstPacket("bare-ping", "2", "a ping without the probe's payload", pingWithoutProbeCloses),
	firstPacket("other-payload", "2other", "a ping with a payload other than the probe's", pingWithoutProbeCloses),
	Case{
		ID: "upgrade/without-probe", Level: Observed, Rules: rules(upgradeNeedsProbe),
		Title: "refuses an upgrade packet without a probe before it",
		Run: func(t *T) {
			p := staying(t)
			w := p.Beside()
			w.Send("5")
			t.Answer("it moves the session to WebSocket")
			w.ClosedWithin(t.Tolerance().Patience / 10)
			t.Answer("it closes the WebSocket")
			p.Lives()
		},
	},
)

// upgraded moves a session to WebSocket and waits until the server has done so.
func upgraded(t *T, p *Polling) *WebSocket {
	w := p.Upgrade()
	w.Send(t.Draw("40/nowhere-yet,"))
	for !strings.HasPrefix(w.Receive(), t.Draw("44/nowhere-yet,")) { // buffered packets come first
	}
	return w
}

// noop checks that a poll during an upgrade is answered with a noop. One ping and messages may come first. Two pings mean
// that the server holds the poll.
func noop(t *T, p *Polling, poll *Pending) {
	pings, since := 0, time.Now()
	for pings < 2 {
		r := poll.Response()
		t.Expect(r.Status, "the status of a poll during the upgrade").To(Equal(200))
		for _, packet := range protocol.ParsePayload(r.Body) {
			switch {
			case packet == "6":
				return
			case packet == "2":
				pings++
				p.Send("3")
			default:
				t.Expect(packet, "the packet instead of a noop").To(HavePrefix("4"))
			}
		}
		poll = p.StartGET()
	}
	t.Absent(since, "the noop that answers the poll")
}

// again probes until the server has noticed that the previous WebSocket is gone.
func again(t *T, p *Polling) *WebSocket {
	since := time.Now()
	for time.Since(since) < t.Tolerance().Patience {
		if w, _ := t.Upgrade("?EIO=4&transport=websocket&sid=" + Escaped(p.SID)); w != nil {
			w.Send("2probe")
			m, end := w.ReceiveOrEnd()
			if end == nil {
				t.Expect(m.Data, "the answer to another probe").To(Equal("3probe"))
				return w
			}
		}
		t.Wait(t.Tolerance().Early, "before the next attempt")
	}
	t.Absent(since, "the answer to a probe after one WebSocket went away")
	return nil
}

// refusedBeside checks that another WebSocket for a session is refused, or opened and closed.
func refusedBeside(t *T, p *Polling) {
	second, r, end := t.UpgradeOrEnd("?EIO=4&transport=websocket&sid=" + Escaped(p.SID))
	switch {
	case second != nil:
		second.Closed()
	case end == nil:
		t.Expect(r.Status, "the status of the answer").To(BeNumerically(">=", 400))
	}
}

// firstPacket returns the case for a WebSocket of a polling session that does not begin with a probe.
func firstPacket(slug, packet, what string, rule *Rule) Case {
	return Case{
		ID: "upgrade/first-packet-" + slug, Level: Recommended, Rules: rules(rule),
		Title: "closes a WebSocket that begins an upgrade with " + what + ", and keeps the polling session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Beside()
			w.Send(packet)
			p.PollDuring(func() { w.Closed() })
			p.Lives()
		},
	}
}

package cases

import (
	"strings"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: Upgrades, Level: Required, Source: engineUpgrade,
		Faults: []string{"upgrade/buffer-reversed", "upgrade/probe-answered-without-payload", "upgrade/probe-echoed", "upgrade/probe-moves-the-session"},
		Title:  "answers the probe and takes the session over to WebSocket",
		Run: func(t *T) {
			p := t.Polling()
			w := p.Beside()
			w.Send("2probe")
			t.Expect(w.Receive()).To(Equal("3probe"), "the answer to the probe")
			r := p.GET()
			t.Expect(r.Status).To(Equal(200), "the status of a poll during the upgrade: %v", r)
			w.Send("5")
			w.Send("40")
			t.Expect(w.Receive()).To(HavePrefix("40{"), "the answer to a packet over the new transport")
		},
	},
	Case{
		ID: "upgrade/pending-poll-gets-a-noop", Level: Required, Source: engineUpgrade,
		Faults: []string{"upgrade/no-noop"},
		Title:  "answers the poll that is under way at the probe with a noop",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			poll := idle(t, p)
			p.Probe()
			noop(t, p, poll)
		},
	},
	Case{
		ID: "upgrade/noop-comes-at-once", Level: Required, Source: engineUpgrade,
		Faults: []string{"upgrade/one-noop"},
		Title:  "answers each of several polls during the upgrade with a noop, not with the next ping",
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
		ID: "upgrade/session-goes-on", Level: Required, Source: socketSample, Needs: echo,
		Faults: []string{"connect/unknown-namespace-accepted"},
		Title:  "goes on with the same Socket.IO session after the upgrade, in both directions",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			sid := c.Connect("/").SID()
			c.Echoes("/")
			w := c.Polling.Upgrade()
			w.Send(`42["message",1]`)
			t.Expect(w.Receive()).To(MatchPacket(`42["message-back",1]`))
			w.Send("40/nowhere,")
			t.Expect(w.Receive()).To(HavePrefix("44/nowhere,"), "the next packet, which must not be a CONNECT: the socket is still %s", sid)
		},
	},
	Case{
		ID: "upgrade/namespaces-go-on", Level: Required, Source: socketSample, Needs: echo,
		Faults: []string{"upgrade/only-the-main-namespace-goes-on"},
		Title:  "keeps the client in every namespace that it has joined before the upgrade",
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
		ID: "upgrade/buffered-packets-in-order", Level: Required, Source: engineUpgrade, Needs: echo,
		Faults: []string{"websocket/messages-reordered"},
		Title:  "delivers what was buffered before and during the upgrade over WebSocket, all of it and in order",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			packets := strings.Split(burst(6), Separator)
			c.Polling.Send(strings.Join(packets[:3], Separator))
			w := c.Polling.Probe()
			c.Polling.Send(strings.Join(packets[3:], Separator))
			w.Send("5")
			for i, want := range echoes(6) {
				t.Expect(w.Receive()).To(MatchPacket("42"+want), "packet %d of 6", i+1)
			}
		},
	},
	Case{
		ID: "upgrade/buffered-binary-is-raw", Level: Required, Source: engineUpgrade, Needs: echo,
		Faults: []string{"upgrade/binary-stays-base64", "upgrade/buffer-lost"},
		Title:  "delivers a binary packet that was buffered across the upgrade as a binary message",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Send(`451-["message",{"_placeholder":true,"num":0}]`, "\x01\x02\x03\x04")
			w := c.Polling.Probe()
			w.Send("5")
			t.Expect(w.Receive()).To(MatchPacket(`451-["message-back",{"_placeholder":true,"num":0}]`))
			t.Expect(w.ReceiveBinary()).To(Equal("\x01\x02\x03\x04"), "the attachment")
		},
	},
	Case{
		ID: "upgrade/packets-during-the-upgrade-by-poll", Level: Required, Source: engineUpgrade, Needs: echo,
		Faults: []string{"polling/first-packet-of-a-post-only"},
		Title:  "loses no packet where the client polls on during the upgrade",
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
				t.Expect(got[i]).To(MatchPacket("42"+want), "packet %d of 3", i+1)
			}
		},
	},
	Case{
		ID: "upgrade/poll-afterwards-refused", Level: Required, Source: engineUpgrade,
		Faults: []string{"upgrade/poll-after-it-held-open"},
		Title:  "answers a poll of a session that was upgraded with 400 and keeps the WebSocket",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := upgraded(t, p)
			for _, r := range []*Response{p.GET(), p.POST("3")} {
				t.Expect(r.Status).To(Equal(400), "the status of %v", r)
			}
			w.StaysOpen()
		},
	},
	Case{
		ID: "upgrade/second-socket-afterwards-closed", Level: Required, Source: engineUpgrade,
		Faults: []string{"websocket/second-socket-lives"},
		Title:  "closes another WebSocket for a session that was upgraded and keeps the first",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := upgraded(t, p)
			refusedBeside(t, p)
			w.StaysOpen()
			w.Send("40/nowhere,")
			for !strings.HasPrefix(w.Receive(), "44/nowhere,") { // it may greet the client first
			}
		},
	},
	Case{
		ID: "upgrade/second-socket-during-it-closed", Level: Required, Source: engineUpgrade,
		Faults: []string{"websocket/second-socket-lives"},
		Title:  "closes another WebSocket while one is probing and lets the first go on",
		Run: func(t *T) {
			p := t.Polling()
			w := p.Probe()
			p.Meanwhile(func() { refusedBeside(t, p) })
			w.Send("5")
			w.Send("40")
			t.Expect(w.Receive()).To(HavePrefix("40{"), "the answer over the first WebSocket")
		},
	},
	Case{
		ID: "upgrade/to-an-unknown-transport", Level: Required, Source: engineUpgrade,
		Faults: []string{"errors/websocket-opened-all-the-same"},
		Title:  "refuses a session's upgrade to an unknown transport and keeps the session",
		Run: func(t *T) {
			p := t.Polling()
			refusedSocket(t, "?EIO=4&transport=carrier-pigeon&sid="+p.SID)
			p.Lives()
		},
	},
	Case{
		ID: "upgrade/failed-probe-keeps-the-session", Level: Required, Source: engineUpgrade,
		Faults: []string{"upgrade/failed-probe-ends-the-session"},
		Title:  "keeps the polling session where the WebSocket closes before the upgrade packet, and lets a second attempt succeed",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			t.Expect(p.Receive()).To(HavePrefix("40{"), "the answer over polling")
			p.Probe().Close()
			p.Send("40/nowhere,")
			for !strings.HasPrefix(p.Receive(), "44/nowhere,") { // it may greet the client first
			}
			again(t, p).Break()
			w := again(t, p)
			noop(t, p, p.StartGET())
			w.Send("5")
			w.Send("40/nowhere,")
			for !strings.HasPrefix(w.Receive(), "44/nowhere,") {
			}
		},
	},
	Case{
		ID: "upgrade/no-implicit-move", Level: Required, Source: engineUpgrade,
		Faults: []string{"polling/payload-reversed"},
		Title:  "stays on polling until the upgrade packet comes",
		Run: func(t *T) {
			p := t.Polling()
			w := p.Probe()
			p.Send("40")
			packet := p.Receive()
			for range 5 { // a poll may be answered with a noop before the packet is there
				if packet == "6" {
					packet = p.Receive()
				}
			}
			t.Expect(packet).To(HavePrefix("40{"), "the packet over polling")
			t.Expect(w.Drain()).To(BeEmpty(), "the packets over the probing WebSocket")
		},
	},
	firstPacket("message", "40", "a message"),
	firstPacket("bare-ping", "2", "a ping without the probe's payload"),
	firstPacket("other-payload", "2other", "a ping with another payload than the probe's"),
	Case{
		ID: "upgrade/without-probe", Level: Observed, Source: engineUpgrade,
		Faults: []string{"upgrade/without-probe"},
		Title:  "refuses an upgrade packet without a probe before it",
		Run: func(t *T) {
			p := t.Polling()
			w := p.Beside()
			w.Send("5")
			t.Answer("it takes the session over to WebSocket")
			w.ClosedWithin(t.Tolerance().Patience / 10)
			t.Answer("it closes the WebSocket")
			p.Lives()
		},
	},
)

// upgraded moves a session to WebSocket and waits until the server has done it.
func upgraded(t *T, p *Polling) *WebSocket {
	w := p.Upgrade()
	w.Send("40/nowhere-yet,")
	for !strings.HasPrefix(w.Receive(), "44/nowhere-yet,") { // what was buffered comes first
	}
	return w
}

// noop sees a poll during an upgrade answered with a noop. One ping, and messages, may come before;
// two pings tell that the poll waits for them.
func noop(t *T, p *Polling, poll *Pending) {
	pings := 0
	for pings < 2 {
		r := poll.Response()
		t.Expect(r.Status).To(Equal(200), "the status of a poll during the upgrade: %v", r)
		for _, packet := range ParsePayload(r.Body) {
			switch {
			case packet == "6":
				return
			case packet == "2":
				pings++
				p.Send("3")
			default:
				t.Expect(packet).To(HavePrefix("4"), "the packet in place of a noop")
			}
		}
		poll = p.StartGET()
	}
	t.Fail("the polls during the upgrade were answered with pings, none with a noop")
}

// again probes until the server has seen that the WebSocket which probed before is gone.
func again(t *T, p *Polling) *WebSocket {
	deadline := time.Now().Add(t.Tolerance().Patience)
	for time.Now().Before(deadline) {
		if w, _ := t.Upgrade("?EIO=4&transport=websocket&sid=" + p.SID); w != nil {
			w.Send("2probe")
			m, end := w.ReceiveOrEnd()
			if end == nil {
				t.Expect(m.Data).To(Equal("3probe"), "the answer to another probe")
				return w
			}
		}
		t.Wait(t.Tolerance().Early, "before the next attempt")
	}
	t.Fail("no WebSocket may probe after one that went away")
	return nil
}

// refusedBeside sees another WebSocket for a session come to nothing: refused, or opened and closed.
func refusedBeside(t *T, p *Polling) {
	second, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + p.SID)
	if second == nil {
		t.Expect(r.Status).To(BeNumerically(">=", 400), "the status of %v", r)
		return
	}
	second.Closed()
}

// firstPacket is the case of a WebSocket beside a polling session that does not begin with a probe.
func firstPacket(slug, packet, what string) Case {
	return Case{
		ID: "upgrade/first-packet-" + slug, Level: Recommended, Source: engineUpgrade,
		Title: "closes a WebSocket that begins an upgrade with " + what + ", and keeps the polling session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			w := p.Beside()
			w.Send(packet)
			p.Meanwhile(func() { w.Closed() })
			p.Lives()
		},
	}
}

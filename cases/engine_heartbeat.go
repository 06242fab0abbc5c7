package cases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// between judges a time from both sides, with the run's tolerance.
func between(t *T, what string, took, due time.Duration) {
	what = announced(t, what, due)
	t.Expect(took).To(BeNumerically(">=", due-t.Tolerance().Early), what)
	t.Expect(took).To(BeNumerically("<=", due+t.Tolerance().Late), what)
}

// fires judges a timer from both sides, with the run's tolerance: the server started it after
// earliest, and before latest, so that it fires that long after them. On a busy machine a message may
// have been long on its way, which must not look like a timer that fires too early.
func fires(t *T, what string, at, earliest, latest time.Time, due time.Duration) {
	what = announced(t, what, due)
	t.Expect(at.Sub(earliest)).To(BeNumerically(">=", due-t.Tolerance().Early), what)
	t.Expect(at.Sub(latest)).To(BeNumerically("<=", due+t.Tolerance().Late), what)
}

// announced adds to the name of a time how long it should be, and how exactly.
func announced(t *T, what string, due time.Duration) string {
	return fmt.Sprintf("%s: %d ms by the server's own word, of which up to %d ms may be missing and %d ms too many",
		what, due.Milliseconds(), t.Tolerance().Early.Milliseconds(), t.Tolerance().Late.Milliseconds())
}

// stay joins the main namespace, so that it is the heartbeat and not the server's patience with a
// silent client that decides.
func stay(t *T, given ...Option) *WebSocket {
	w := t.WebSocket(given...)
	w.Send("40")
	return w
}

// nextPing waits for a ping and passes over the application's messages.
func nextPing(t *T, w *WebSocket) Message {
	for {
		m := w.ReceiveWithin(w.Open.PingInterval + t.Tolerance().Patience)
		if m.Binary || !strings.HasPrefix(m.Data, "4") {
			t.Expect(m.Data).To(Equal("2"), "the packet in place of a ping")
			return m
		}
	}
}

// nextPolledPing polls for a ping and passes over the application's messages.
func nextPolledPing(t *T, p *Polling) *Response {
	for {
		r := p.StartGET().ResponseWithin(p.Open.PingInterval + t.Tolerance().Patience)
		packets := ParsePayload(r.Body)
		if last := packets[len(packets)-1]; !strings.HasPrefix(last, "4") {
			t.Expect(last).To(Equal("2"), "the packet in place of a ping")
			return r
		}
	}
}

var _ = Add(
	Case{
		ID: "heartbeat/ping-after-the-interval", Level: Required, Source: engineHeartbeat, Timing: true, Waits: PingIntervals(1),
		Faults: []string{"heartbeat/late"},
		Title:  "sends the first ping when pingInterval has passed, over WebSocket",
		Run: func(t *T) {
			asked := time.Now()
			w := stay(t, WithoutPongs())
			opened := time.Now()
			m := nextPing(t, w)
			fires(t, "the time until the first ping", m.At, asked, opened, w.Open.PingInterval)
		},
	},
	Case{
		ID: "heartbeat/ping-after-the-interval-over-polling", Level: Required, Source: engineHeartbeat, Timing: true, Waits: PingIntervals(1),
		Faults: []string{"handshake/interval-told-too-long"},
		Title:  "sends the first ping when pingInterval has passed, over polling",
		Run: func(t *T) {
			asked := time.Now()
			p := t.Polling()
			r := nextPolledPing(t, p)
			fires(t, "the time until the first ping", r.At, asked, p.Handshake.At, p.Open.PingInterval)
		},
	},
	Case{
		ID: "heartbeat/pings-recur", Level: Required, Source: engineHeartbeat, Timing: true, Waits: PingIntervals(5),
		Faults: []string{"heartbeat/three-pings-only"},
		Title:  "sends a ping each pingInterval, and keeps the connection whose pongs come",
		Run: func(t *T) {
			w := stay(t, WithoutPongs())
			before := nextPing(t, w)
			for range 4 {
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
		ID: "heartbeat/pings-recur-over-polling", Level: Required, Source: engineHeartbeat, Waits: PingIntervals(4),
		Faults: []string{"heartbeat/pongs-over-polling-lost"},
		Title:  "takes pongs by POST, sends further pings by polls, and keeps the session",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			for range 4 {
				nextPolledPing(t, p)
				p.Send("3")
			}
			p.Lives()
		},
	},
	Case{
		ID: "heartbeat/no-pong-closes", Level: Recommended, Source: engineHeartbeat, Timing: true, Waits: HeartbeatDeadline,
		Faults: []string{"heartbeat/late-timeout"},
		Title:  "closes a WebSocket that sends no pong when pingTimeout has passed since the ping",
		Run: func(t *T) {
			asked := time.Now()
			w := stay(t, WithoutPongs())
			ping := nextPing(t, w)
			end := w.ClosedWithin(w.Open.PingTimeout + t.Tolerance().Patience)
			t.Expect(end.At.Sub(asked)).To(BeNumerically(">=", w.Open.PingInterval+w.Open.PingTimeout-t.Tolerance().Early), "the life of the connection")
			took := end.At.Sub(ping.At) // shorter than it was where the ping came late
			t.Expect(took).To(BeNumerically(">=", w.Open.PingTimeout*3/4), "the time from the ping to the end")
			t.Expect(took).To(BeNumerically("<=", w.Open.PingTimeout+t.Tolerance().Late), "the time from the ping to the end")
		},
	},
	Case{
		ID: "heartbeat/no-pong-ends-the-polling-session", Level: Recommended, Source: engineHeartbeat, Timing: true, Waits: HeartbeatDeadline,
		Faults: []string{"heartbeat/no-timeout"},
		Title:  "forgets a polling session that sends no pong when pingTimeout has passed since the ping",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			t.Wait(p.Open.PingInterval+p.Open.PingTimeout+t.Tolerance().Late, "for pingInterval, pingTimeout and what a timer may be late")
			r := p.GET()
			if r.Status == 200 { // a close packet that waited for a poll
				t.Expect(ParsePayload(r.Body)).To(ContainElement("1"), "the packets of the last poll")
				r = p.GET()
			}
			t.Expect(r.Status).To(Equal(400), "the status of a poll after the deadline: %v", r)
		},
	},
	Case{
		ID: "heartbeat/polls-do-not-count", Level: Recommended, Source: engineHeartbeat, Timing: true, Waits: HeartbeatDeadline,
		Faults: []string{"heartbeat/polls-count-as-pongs"},
		Title:  "ends a polling session that polls on but sends no pong",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			ping := nextPolledPing(t, p)
			deadline := p.Open.PingInterval + p.Open.PingTimeout + t.Tolerance().Patience
			for time.Since(ping.At) < deadline {
				r := p.StartGET().ResponseWithin(deadline)
				if r.Status == 400 || strings.Contains(Separator+r.Body+Separator, Separator+"1"+Separator) {
					t.Expect(r.At.Sub(ping.At)).To(BeNumerically("<=", p.Open.PingTimeout+t.Tolerance().Late), "the time from the ping to the end")
					return
				}
				t.Expect(ParsePayload(r.Body)).NotTo(ContainElement("2"), "the packets of a poll whose client owes a pong")
				t.Wait(p.Open.PingTimeout/20, "before the next poll")
			}
			t.Fail("the session is still there, its ping unanswered")
		},
	},
	Case{
		ID: "heartbeat/late-pong-is-in-time", Level: Required, Source: engineHeartbeat, Timing: true, Waits: PingIntervals(2),
		Faults: []string{"heartbeat/impatient"},
		Title:  "keeps a connection whose pongs come late, but within pingTimeout",
		Run: func(t *T) {
			w := stay(t, WithoutPongs())
			for range 2 {
				nextPing(t, w)
				t.Wait(w.Open.PingTimeout/2, "half of pingTimeout before the pong")
				w.Send("3")
			}
			w.StaysOpen()
		},
	},
	Case{
		ID: "heartbeat/only-pongs-count", Level: Recommended, Source: engineHeartbeat, Timing: true, Since: "4.8",
		Faults: []string{"heartbeat/messages-count-as-pongs"},
		Waits:  func(t Timings) time.Duration { return t.PingInterval + 2*t.PingTimeout },
		Title:  "closes a connection that sends other packets in place of pongs",
		Run: func(t *T) {
			w := t.WebSocket(WithoutPongs())
			start := time.Now()
			w.Send("40")
			packets := []string{"40/nowhere,"}
			// An event in a namespace that is not joined would close the connection at once.
			if strings.HasPrefix(w.Receive(), "40") {
				packets = append(packets, `42["message"]`, `451-["message",{"_placeholder":true,"num":0}]`)
			}
			// engine.io lets the first other packet after a ping begin pingTimeout anew, once.
			latest := w.Open.PingInterval + 2*w.Open.PingTimeout + t.Tolerance().Late
			step := w.Open.PingTimeout / 8
			for time.Since(start) < latest && w.IsOpen() {
				for _, packet := range packets {
					w.Send(packet)
				}
				if len(packets) > 1 {
					w.SendBinary("x")
				}
				t.Wait(step, "before the next messages")
			}
			end := w.ClosedWithin(t.Tolerance().Late)
			t.Expect(end.At.Sub(start)).To(BeNumerically(">=", w.Open.PingInterval-t.Tolerance().Early), "the time until the end, which the missing pong has brought about")
		},
	},
	Case{
		ID: "heartbeat/control-pongs-do-not-count", Level: Recommended, Source: engineHeartbeat, Timing: true, Waits: HeartbeatDeadline,
		Faults: []string{"heartbeat/no-pings"},
		Title:  "closes a connection that sends the WebSocket protocol's own pings in place of pongs",
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
		ID: "heartbeat/survives-the-upgrade", Level: Recommended, Source: engineHeartbeat, Timing: true, Waits: PingIntervals(2),
		Faults: []string{"heartbeat/stops-with-the-upgrade"},
		Title:  "goes on with its pings after the upgrade",
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
		ID: "heartbeat/pings-recur-after-the-upgrade", Level: Required, Source: engineHeartbeat, Timing: true, Waits: PingIntervals(3),
		Faults: []string{"heartbeat/pings-doubled-after-the-upgrade"},
		Title:  "sends one ping each pingInterval after the upgrade, too",
		Run: func(t *T) {
			w := t.Polling().Upgrade(WithoutPongs())
			w.Send("40")
			before := nextPing(t, w)
			for range 2 {
				w.Send("3")
				answered := time.Now()
				m := nextPing(t, w)
				fires(t, "the time until the next ping", m.At, before.At, answered, w.Open.PingInterval)
				before = m
			}
		},
	},
	Case{
		ID: "heartbeat/interval-spans-the-upgrade", Level: Recommended, Source: engineHeartbeat, Timing: true, Waits: PingIntervals(1),
		Faults: []string{"heartbeat/restarts-with-the-upgrade"},
		Title:  "sends the first ping when pingInterval has passed since the handshake, an upgrade in between or not",
		Run: func(t *T) {
			for range 3 {
				asked := time.Now()
				p := joined(t, OverPolling).Polling
				t.Wait(time.Until(asked.Add(p.Open.PingInterval*3/4)), "most of pingInterval before the upgrade")
				w := p.Probe(WithoutPongs())
				w.Send("5")
				if time.Since(asked) > p.Open.PingInterval-t.Tolerance().Early {
					continue // a slow machine: the ping may have come by poll
				}
				m := nextPing(t, w)
				fires(t, "the time from the handshake to the first ping", m.At, asked, p.Handshake.At, p.Open.PingInterval)
				return
			}
			t.Inapplicable("three upgrades took longer than was left of pingInterval")
		},
	},
	Case{
		ID: "heartbeat/timed-out-session-is-forgotten", Level: Recommended, Source: engineHeartbeat, Waits: HeartbeatDeadline,
		Faults: []string{"polling/sessions-outlive-their-end"},
		Title:  "ends the session, too, where it closes a WebSocket that sends no pong",
		Run: func(t *T) {
			w := stay(t, WithoutPongs())
			w.ClosedWithin(w.Open.PingInterval + w.Open.PingTimeout + t.Tolerance().Patience)
			forgotten(t, w.SID)
		},
	},
	Case{
		ID: "heartbeat/ping-waits-for-a-poll", Level: Required, Source: engineHeartbeat, Timing: true, Waits: HeartbeatDeadline,
		Faults: []string{"heartbeat/ping-lost-without-a-poll"},
		Title:  "keeps a ping that is due while no poll is under way, and answers the next poll with it",
		Run: func(t *T) {
			for range 3 {
				p := joined(t, OverPolling).Polling
				t.Wait(time.Until(p.Handshake.At.Add(p.Open.PingInterval+p.Open.PingTimeout/4)), "until a ping waits for a poll")
				if time.Since(p.Handshake.At) > p.Open.PingInterval+p.Open.PingTimeout/2 {
					continue // a slow machine: the session may be over before the poll is there
				}
				r := p.GET()
				if r.Status == 400 {
					continue // it was over
				}
				t.Expect(r.Status).To(Equal(200), "the status of %v", r)
				t.Expect(ParsePayload(r.Body)).To(ContainElement("2"), "the packets of the poll's answer")
				p.Send("3")
				return
			}
			t.Inapplicable("three times the machine was too slow to poll within pingTimeout")
		},
	},
	Case{
		ID: "heartbeat/pong-among-messages", Level: Required, Source: engineHeartbeat, Needs: echo, Waits: PingIntervals(4),
		Faults: []string{"heartbeat/pong-behind-a-message-lost", "heartbeat/pong-swallows-the-messages-behind-it"},
		Title:  "takes a pong that comes in one POST with messages, before or behind them, and the messages with it",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			for i := range 4 {
				nextPolledPing(t, c.Polling)
				packets := []string{"3", fmt.Sprintf(`42["message",%d]`, i)}
				if i%2 == 1 {
					slices.Reverse(packets)
				}
				c.Polling.Send(strings.Join(packets, Separator))
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, i))
			}
			c.Polling.Lives()
		},
	},
	Case{
		ID: "heartbeat/early-pong-does-not-count", Level: Recommended, Source: engineHeartbeat, Timing: true, Waits: HeartbeatDeadline,
		Faults: []string{"heartbeat/early-pongs-kept"},
		Title:  "counts a pong that it did not ask for for no later ping",
		Run: func(t *T) {
			w := stay(t, WithoutPongs())
			w.Send("3")
			w.Send("3")
			ping := nextPing(t, w)
			end := w.ClosedWithin(w.Open.PingInterval + 2*w.Open.PingTimeout + t.Tolerance().Patience)
			t.Expect(end.At.Sub(ping.At)).To(BeNumerically("<=", w.Open.PingTimeout+t.Tolerance().Late), "the time from the ping to the end")
		},
	},
	Case{
		ID: "heartbeat/no-pong-after-the-upgrade-closes", Level: Recommended, Source: engineHeartbeat, Timing: true, Waits: HeartbeatDeadline,
		Faults: []string{"heartbeat/early"},
		Title:  "closes a connection that sends no pong after the upgrade",
		Run: func(t *T) {
			asked := time.Now()
			p := t.Polling()
			w := p.Upgrade(WithoutPongs())
			w.Send("40")
			ping := nextPing(t, w)
			end := w.ClosedWithin(w.Open.PingTimeout + t.Tolerance().Patience)
			t.Expect(end.At.Sub(asked)).To(BeNumerically(">=", w.Open.PingInterval+w.Open.PingTimeout-t.Tolerance().Early), "the life of the session")
			t.Expect(end.At.Sub(ping.At)).To(BeNumerically("<=", w.Open.PingTimeout+t.Tolerance().Late), "the time from the ping to the end")
		},
	},
	Case{
		ID: "heartbeat/ping-under-way-at-the-upgrade", Level: Observed, Source: engineHeartbeat, Timing: true,
		Faults: []string{"heartbeat/ping-with-payload"},
		Waits:  func(t Timings) time.Duration { return t.PingInterval + 2*t.PingTimeout },
		Title:  "closes a connection that never answers the ping which was under way at the upgrade",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			nextPolledPing(t, p)
			w := p.Upgrade(WithoutPongs())
			t.Answer("it does not close the connection")
			w.ClosedWithin(2*p.Open.PingTimeout + t.Tolerance().Late)
			t.Answer("it closes the connection")
		},
	},
)

package cases

import (
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "polling/unknown-session", Level: Required, Source: enginePollingReceive,
		Faults: []string{"polling/unknown-session-opens-one"},
		Title:  "answers a poll of an unknown session with 400",
		Run: func(t *T) {
			for _, sid := range []string{"never-was", "__proto__", "constructor", "toString"} {
				r := t.GET("?EIO=4&transport=polling&sid=" + sid)
				t.Expect(r.Status).To(Equal(400), "the status of a poll of %s: %v", sid, r)
			}
			t.Polling()
		},
	},
	Case{
		ID: "polling/poll-held-open", Level: Required, Source: enginePollingReceive,
		Faults: []string{"polling/newline-separator"},
		Title:  "holds a poll open until there is a packet, and answers it then",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			poll := idle(t, p)
			p.Send("40/nowhere,")
			for range 3 { // a ping may come first
				r := poll.Response()
				t.Expect(r.Status).To(Equal(200), "the status of %v", r)
				if r.Body != "2" {
					t.Expect(r.Body).To(ContainSubstring("44/nowhere,"), "the answer")
					return
				}
				p.Send("3")
				poll = p.StartGET()
			}
			t.Fail("three polls were answered with pings, none with the packet")
		},
	},
	Case{
		ID: "polling/buffered-packets-kept", Level: Required, Source: enginePollingReceive, Needs: echo,
		Faults: []string{"polling/last-buffered-packet-lost"},
		Title:  "keeps packets while no poll is under way, and delivers all of them in order",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			for _, payload := range []string{burst(5), `42["message",5]`, `42["message",6]`} {
				c.Polling.Send(payload)
			}
			expectEchoes(c, 7)
		},
	},
	Case{
		ID: "polling/buffered-packets-in-one-answer", Level: Recommended, Source: enginePollingReceive, Needs: echo,
		Faults: []string{"polling/post-is-one-packet"},
		Title:  "answers a poll with all packets that wait, in one payload and in order",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			best := 0
			for range 3 { // a server may still be at work on the packets when the poll comes
				p.Send(burst(3))
				p.Lives()
				for got, polls := 0, 0; got < 3; polls++ {
					t.Expect(polls).To(BeNumerically("<", 10), "the polls that brought %d of 3 packets", got)
					together := 0
					r := p.GET()
					t.Expect(r.Status).To(Equal(200), "the status of %v", r)
					for _, packet := range p.Packets(r) {
						if packet == "2" {
							p.Send("3")
						}
						if !strings.Contains(packet, "message-back") {
							continue
						}
						t.Expect(packet).To(MatchPacket("42"+echoes(3)[got]), "answer %d of 3", got+1)
						got++
						together++
					}
					best = max(best, together)
				}
			}
			t.Expect(best).To(Equal(3), "the most packets in one payload, of three that wait")
		},
	},
	Case{
		ID: "polling/polls-at-once", Level: Required, Source: enginePollingReceive,
		Faults: []string{"polling/overlap-allowed"},
		Title:  "refuses the second of two polls at once and closes the session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			_, second := twoPolls(t, p)
			t.Expect(second.Status).To(BeElementOf(400, 500), "the status of the second poll: %v", second)
			p.Ended()
		},
	},
	Case{
		ID: "polling/polls-at-once-answered-400", Level: Required, Source: enginePollingReceive, Since: "4.6",
		Faults: []string{"polling/overlap-allowed"},
		Title:  "answers the second of two polls at once with 400",
		Run: func(t *T) {
			_, second := twoPolls(t, joined(t, OverPolling).Polling)
			t.Expect(second.Status).To(Equal(400), "the status of the second poll: %v", second)
		},
	},
	Case{
		ID: "polling/first-of-two-polls-ends", Level: Recommended, Source: enginePollingReceive,
		Faults: []string{"polling/overlap-spares-the-session"},
		Title:  "answers the first of two polls at once with a close packet",
		Run: func(t *T) {
			first, _ := twoPolls(t, joined(t, OverPolling).Polling)
			r := first.Response()
			t.Expect(r.Status).To(Equal(200), "the status of the first poll: %v", r)
			t.Expect(ParsePayload(r.Body)).To(ContainElement("1"), "the packets of its answer")
		},
	},
	Case{
		ID: "polling/poll-broken-off", Level: Recommended, Source: enginePollingReceive,
		Faults: []string{"polling/noise-before-messages"},
		Title:  "closes the session when the client breaks a poll off",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			for range 5 {
				poll := idle(t, p)
				poll.Abort()
				if _, err := poll.Outcome(t.Tolerance().Patience); err != nil {
					break
				}
				p.Send("3") // a ping was faster
			}
			p.Ended()
		},
	},
	Case{
		ID: "polling/answers-are-not-cached", Level: Recommended, Source: enginePollingReceive, Since: "4.7",
		Faults: []string{"polling/caching-allowed"},
		Title:  "forbids caching of the answers to polls",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			t.Expect(strings.ToLower(p.GET().Header.Get("Cache-Control"))).To(ContainSubstring("no-store"), "the Cache-Control")
		},
	},
	Case{
		ID: "polling/answer-content-type", Level: Recommended, Source: socketSample,
		Faults: []string{"polling/octets"},
		Title:  "declares the answer to a poll as plain text in UTF-8",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			kind := strings.ToLower(strings.ReplaceAll(p.GET().Header.Get("Content-Type"), " ", ""))
			t.Expect(kind).To(Equal("text/plain;charset=utf-8"), "the Content-Type")
		},
	},
	Case{
		ID: "polling/server-closes", Level: Required, Source: enginePackets, Needs: Needs{Application: true},
		Faults: []string{"polling/one-packet-an-answer"},
		Title:  "answers the poll with a close packet when the application closes the connection, and forgets the session",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Send(`42["leave",true]`)
			var packets []string
			for range 5 {
				r := c.Polling.GET()
				if r.Status != 200 {
					break
				}
				packets = append(packets, ParsePayload(r.Body)...)
			}
			t.Expect(packets).To(ContainElement("1"), "the packets of the last polls")
			c.Polling.Ended()
		},
	},
)

// idle returns a poll that the server holds open: nothing waits for the client. Pings and messages
// that come before are passed over; an answer without any is no way to hold a poll.
func idle(t *T, p *Polling) *Pending {
	for range 10 {
		poll := p.StartGET()
		t.Seen()
		if !poll.Answered() {
			return poll
		}
		r := poll.Response()
		t.Expect(r.Status).To(Equal(200), "the status of %v", r)
		for _, packet := range ParsePayload(r.Body) {
			t.Expect(packet).To(Or(Equal("2"), HavePrefix("4"), HavePrefix("b")), "the packets that end a poll")
			if packet == "2" {
				p.Send("3")
			}
		}
	}
	t.Fail("the server holds none of ten polls open")
	return nil
}

// twoPolls has two polls of a session under way at once. It returns the first, and the answer to the second.
func twoPolls(t *T, p *Polling) (*Pending, *Response) {
	first := idle(t, p)
	for range 5 {
		second := p.StartGET()
		t.Seen()
		if second.Answered() || !first.Answered() || first.Response().Body != "2" {
			return first, second.Response()
		}
		p.Send("3") // the ping came before the second poll, which waits alone now
		first = second
	}
	t.Fail("no two polls were under way at once: pings answered them")
	return nil, nil
}

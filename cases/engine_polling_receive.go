package cases

import (
	"slices"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "polling/unknown-session", Level: Required, Rules: rules(pollOfUnknownSessionRefused, objectMemberIsNoSession),
		Title: "answers a poll of an unknown session with 400",
		Run: func(t *T) {
			for _, sid := range []string{t.Draw("never-was"), "__proto__", "constructor", "toString"} {
				r := t.GET("?EIO=4&transport=polling&sid=" + Escaped(sid))
				t.Expect(r.Status, "the status of a poll of %s", sid).To(Equal(400))
			}
			t.Polling()
		},
	},
	Case{
		ID: "polling/sid-nearly-right", Level: Required, Rules: rules(pollOfUnknownSessionRefused, postToUnknownSessionRefused),
		Title: "answers 400 to a poll and a POST whose sid differs from a session's only in letter case, in the last character or in a space, and keeps the session",
		Run: func(t *T) {
			p := staying(t) // what waits for the poll would be its answer
			for _, sid := range alike(p.SID) {
				query := "?EIO=4&transport=polling&sid=" + Escaped(sid)
				t.Expect(t.GET(query).Status, "the status of a poll of %q instead of %q", sid, p.SID).To(Equal(400))
				t.Expect(t.POST(query, "3").Status, "the status of a POST to %q instead of %q", sid, p.SID).To(Equal(400))
			}
			p.Lives()
		},
	},
	Case{
		ID: "polling/poll-held-open", Level: Recommended, Rules: rules(pollHeldOpen),
		Title: "holds a poll open until there is a packet, and answers it then",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			poll, since := idle(t, p), time.Now()
			p.Send(t.Draw("40/nowhere,"))
			for range 3 { // a ping may come first
				r := poll.Response()
				t.Expect(r.Status, "the status of the answer").To(Equal(200))
				if r.Body != "2" {
					t.Expect(r.Body, "the answer").To(ContainSubstring(t.Draw("44/nowhere,")))
					return
				}
				p.Send("3")
				poll = p.StartGET()
			}
			t.Absent(since, "the packet 44/nowhere within three polls")
		},
	},
	Case{
		ID: "polling/buffered-packets-kept", Level: Required, Rules: rules(packetsKeptBetweenPolls), Needs: echo,
		Title: "keeps packets while no poll is under way, and delivers all in order",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Join("/")
			for _, payload := range []string{burst(5), `42["message",5]`, `42["message",6]`} {
				c.Polling.Send(payload)
			}
			expectEchoes(c, 7)
		},
	},
	Case{
		ID: "polling/buffered-packets-in-one-answer", Level: Recommended, Rules: rules(waitingPacketsInOneAnswer), Needs: echo,
		Title: "answers a poll with all waiting packets, in one payload and in order",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			best := 0
			for range 3 { // a server may still be processing the packets when the poll comes
				p.Send(burst(3))
				p.Lives()
				for got, polls := 0, 0; got < 3; polls++ {
					t.Expect(polls, "the polls that brought %d of 3 packets", got).To(BeNumerically("<", 10))
					together := 0
					r := p.GET()
					t.Expect(r.Status, "the status of the answer").To(Equal(200))
					for _, packet := range p.Packets(r) {
						if packet == "2" {
							p.Send("3")
						}
						if !strings.HasPrefix(packet, "42") {
							continue
						}
						t.Expect(packet, "answer %d of 3", got+1).To(MatchPacket("42" + echoes(3)[got]))
						got++
						together++
					}
					best = max(best, together)
				}
			}
			t.Expect(best, "the most packets in one payload, of three that wait").To(Equal(3))
		},
	},
	Case{
		ID: "polling/polls-at-once", Level: Required, Rules: rules(secondPollEndsSession, secondPollRefused),
		Title: "refuses the second of two polls at once and closes the session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			first, second := twoPolls(t, p)
			t.Expect(second.Status, "the status of the second poll").To(BeElementOf(400, 500))
			// While the first one waits, the server refuses any further poll like the second, which says nothing about the
			// session.
			if r, err := first.Outcome(t.Tolerance().Patience); err == nil && r.Body == "2" {
				p.POST("3")
			}
			p.Ended()
		},
	},
	Case{
		ID: "polling/polls-at-once-answered-400", Level: Required, Rules: rules(secondPollRefused), Since: "4.6",
		Title: "answers the second of two polls at once with 400",
		Run: func(t *T) {
			_, second := twoPolls(t, joined(t, OverPolling).Polling)
			t.Expect(second.Status, "the status of the second poll").To(Equal(400))
		},
	},
	Case{
		ID: "polling/second-poll-after-a-while", Level: Required, Rules: rules(secondPollEndsSession, secondPollRefused),
		Title: "refuses a poll that comes a while after another that is still under way, and closes the session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			first := lingering(t, p, func() *Pending { return p.StartGET() })
			second := p.StartGET()
			t.AwaitSeen()
			if first.Answered() && first.Response().Body == "2" {
				t.Missed("a ping answered the first poll before the second one came")
			}
			t.Expect(second.Response().Status, "the status of the second poll").OfNoTimer().To(BeElementOf(400, 500))
			p.Ended()
		},
	},
	Case{
		ID: "polling/first-of-two-polls-ends", Level: Recommended, Rules: rules(firstOfTwoPollsGetsClose),
		Title: "answers the first of two polls at once with a close packet",
		Run: func(t *T) {
			first, _ := twoPolls(t, joined(t, OverPolling).Polling)
			r := first.Response()
			t.Expect(r.Status, "the status of the first poll").To(Equal(200))
			t.Expect(protocol.ParsePayload(r.Body), "the packets of its answer").To(ContainElement("1"))
		},
	},
	Case{
		ID: "polling/no-noops-beside-messages", Level: Recommended, Rules: rules(pendingPollGetsNoop),
		Title: "does not send a noop over polling while no upgrade is under way",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			for range 3 {
				p.Send(t.Draw("40/nowhere,"))
				t.Expect(nextAnswer(p.Receive), "the answer to the CONNECT").To(HavePrefix(t.Draw("44/nowhere,")))
			}
			t.Expect(p.Noops(), "the number of noops").To(BeZero())
		},
	},
	Case{
		ID: "polling/poll-broken-off", Level: Recommended, Rules: rules(brokenPollEndsSession),
		Title: "closes the session when the client aborts a poll",
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
			t.AwaitSeen()
			p.EndedUnpolled() // a server that has not noticed takes the next poll for a second one at once, which also ends the session
		},
	},
	Case{
		ID: "polling/answers-are-not-cached", Level: Recommended, Rules: rules(answersAreNotCached), Since: "4.7",
		Title: "forbids caching of the answers to polls",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			t.Expect(strings.ToLower(p.GET().Header.Get("Cache-Control")), "the Cache-Control").To(ContainSubstring("no-store"))
		},
	},
	Case{
		ID: "polling/answer-content-type", Level: Recommended, Rules: rules(pollIsPlainText),
		Title: "declares the answer to a poll as plain text in UTF-8",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			kind := strings.ToLower(strings.ReplaceAll(p.GET().Header.Get("Content-Type"), " ", ""))
			t.Expect(kind, "the Content-Type").To(Equal("text/plain;charset=utf-8"))
		},
	},
	Case{
		ID: "polling/server-closes", Level: Required, Rules: rules(serverClosesPolling), Needs: Needs{Application: true},
		Title: "answers the poll with a close packet when the application closes the connection, and forgets the session",
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
				packets = append(packets, protocol.ParsePayload(r.Body)...)
			}
			t.Expect(packets, "the packets of the last polls").To(ContainElement("1"))
			c.Polling.Ended()
		},
	},
)

// idle returns a poll that the server holds open because nothing waits for the client. It skips pings and messages that
// come first. Any other answer is an error, since the server should hold the poll. Unless the target is too far away or too
// slow for its pingInterval, no ping comes before it sees what the case sends next.
func idle(t *T, p *Polling) *Pending {
	since := time.Now()
	var pong *Pending
	for n := range 10 {
		poll := p.StartGET()
		t.AwaitSeen()
		if pong != nil {
			t.Expect(pong.Response().Status, "the status of the answer to the pong").To(Equal(200))
			pong = nil
		}
		if !poll.Answered() && (n > 2 || !p.PingSoon()) {
			return poll
		}
		r := poll.ResponseWithin(p.Open.PingInterval + t.Tolerance().Patience)
		t.Expect(r.Status, "the status of the answer").To(Equal(200))
		for _, packet := range protocol.ParsePayload(r.Body) {
			t.Expect(packet, "the packets that end a poll").To(Or(Equal("2"), HavePrefix("4"), HavePrefix("b")))
			if packet == "2" {
				pong = p.StartPOST("3") // the next poll need not wait for its answer
			}
		}
	}
	t.Absent(since, "a poll that is held open, out of ten,")
	return nil
}

// twoPolls sends two polls of a session at once. It returns the first, and the answer to the second.
func twoPolls(t *T, p *Polling) (*Pending, *Response) {
	first, since := idle(t, p), time.Now()
	for range 5 {
		second := p.StartGET()
		t.AwaitSeen()
		if !first.Answered() || first.Response().Body != "2" {
			return first, second.Response()
		}
		if second.Answered() && second.Response().At.Before(first.Response().At) {
			return first, second.Response()
		}
		p.Send("3") // a ping answered the first poll, so only the second one waits now
		first = second
	}
	t.Absent(since, "a second poll under way that no ping answers")
	return nil, nil
}

// lingering returns a poll that has been under way for a while: 600 ms, or two thirds of pingInterval if that is less. A server
// need not hold polls that long.
func lingering(t *T, p *Polling, start func() *Pending) *Pending {
	while := min(600*time.Millisecond, p.Open.PingInterval*2/3)
	for range 5 {
		poll := start()
		t.Wait(while, "while a poll is under way")
		if !poll.Answered() {
			return poll
		}
		r := poll.Response()
		t.Expect(r.Status, "the status of a poll").To(Equal(200))
		if slices.Contains(protocol.ParsePayload(r.Body), "2") {
			p.Send("3")
		}
	}
	t.Inapplicable("the server holds no poll for %d ms", while.Milliseconds())
	return nil
}

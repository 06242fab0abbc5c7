package cases

import (
	"fmt"
	"net/http"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// The matrix of header hooks: each kind of later request of a session, with each of the hooks. A session's handshake, its
// first poll and POST, and its upgrade have separate cases.

// hookedRequest is a row of the matrix.
type hookedRequest struct {
	slug, what string
	// send prepares the session and then sends one request with the mark. It returns the headers of the answer.
	send  func(t *T, c *Client, mark string) http.Header
	rule  *Rule // the rule of the hook headers; eachForEveryRequest if nil
	level Level // Required if empty
	// refused means that no session accepts the request. As far as the documents say, the hooks are not called for it.
	refused bool
	byHand  bool // another case checks the hook headers for it
}

var hookedRequests = []hookedRequest{
	{
		slug: "post-after-a-poll", what: "a POST after a poll",
		send: func(t *T, c *Client, mark string) http.Header {
			c.Connect("/")
			return served(t, t.POST(marked(c.Polling.Query(), mark), "3"))
		},
	},
	{
		slug: "third-poll", what: "a third poll",
		send: func(t *T, c *Client, mark string) http.Header {
			c.Connect("/")
			for range 2 {
				c.Polling.Send(t.Draw("40/nowhere,"))
				c.Polling.GET()
			}
			c.Polling.Send(t.Draw("40/nowhere,"))
			return served(t, t.GET(marked(c.Polling.Query(), mark)))
		},
	},
	{
		slug: "poll-of-several-packets", what: "a poll that brings several packets",
		send: func(t *T, c *Client, mark string) http.Header {
			c.Polling.Send(strings.Join([]string{"40", t.Draw("40/nowhere-1,"), t.Draw("40/nowhere-2,")}, protocol.Separator))
			t.AwaitSeen()
			return served(t, t.GET(marked(c.Polling.Query(), mark)))
		},
	},
	{
		slug: "waiting-poll", what: "a poll that waits for its answer",
		send: func(t *T, c *Client, mark string) http.Header {
			c.Connect("/")
			poll := t.Request("GET", marked(c.Polling.Query(), mark))
			t.AwaitSeen()
			c.Polling.Send(t.Draw("40/nowhere,"))
			return served(t, poll.Response())
		},
	},
	{
		slug: "post-during-an-upgrade", what: "a POST during an upgrade",
		send: func(t *T, c *Client, mark string) http.Header {
			c.Polling.Probe()
			return served(t, t.POST(marked(c.Polling.Query(), mark), "3"))
		},
	},
	{
		slug: "later-upgrade", what: "the WebSocket handshake of a second attempt to upgrade", rule: eachForUpgrade,
		send: func(t *T, c *Client, mark string) http.Header {
			failed(c.Polling)
			c.Polling.Send("40")
			w, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + Escaped(c.Polling.SID) + "&mark=" + mark)
			if w == nil {
				t.Unverified("the server does not accept a second attempt yet: %v", r)
			}
			return r.Header
		},
	},
	{
		slug: "poll-after-a-failed-upgrade", what: "a poll after a failed upgrade",
		send: func(t *T, c *Client, mark string) http.Header {
			failed(c.Polling)
			c.Polling.Send("40")
			return served(t, t.GET(marked(c.Polling.Query(), mark)))
		},
	},
	{
		slug: "poll-after-a-refusal", what: "a poll after a refused request of the session",
		send: func(t *T, c *Client, mark string) http.Header {
			refuse(t, c.Polling)
			c.Polling.Send("40")
			return served(t, t.GET(marked(c.Polling.Query(), mark)))
		},
	},
	{
		slug: "post-after-a-refusal", what: "a POST after a refused request of the session",
		send: func(t *T, c *Client, mark string) http.Header {
			refuse(t, c.Polling)
			return served(t, t.POST(marked(c.Polling.Query(), mark), "40"))
		},
	},
	{
		slug: "closing-post", what: "the POST with which a client closes its session", byHand: true,
		send: func(t *T, c *Client, mark string) http.Header {
			return served(t, t.POST(marked(c.Polling.Query(), mark), "1"))
		},
	},
	{
		slug: "closing-poll", what: "the poll that waits when a client closes its session", level: Recommended,
		send: func(t *T, c *Client, mark string) http.Header {
			c.Connect("/")
			poll := t.Request("GET", marked(c.Polling.Query(), mark))
			t.AwaitSeen()
			c.Polling.StartPOST("1")
			r, err := poll.Outcome(t.Tolerance().Patience)
			if err != nil || r.Status != 200 {
				t.Inapplicable("the poll is not answered with packets")
			}
			return r.Header
		},
	},
	{
		slug: "unknown-transport-within", what: "a request of the session for an unknown transport", refused: true,
		send: func(t *T, c *Client, mark string) http.Header {
			return turnedAway(t, t.GET(marked(t.Draw("?EIO=4&transport=carrier-pigeon&sid=")+Escaped(c.Polling.SID), mark)))
		},
	},
	{
		slug: "plain-websocket-within", what: "a plain GET of the transport websocket for a session on polling", refused: true,
		send: func(t *T, c *Client, mark string) http.Header {
			return turnedAway(t, t.GET(marked("?EIO=4&transport=websocket&sid="+Escaped(c.Polling.SID), mark)))
		},
	},
	{
		slug: "poll-after-the-upgrade", what: "a poll of an upgraded session", refused: true,
		send: func(t *T, c *Client, mark string) http.Header {
			moved(t, c.Polling)
			return turnedAway(t, t.GET(marked(c.Polling.Query(), mark)))
		},
	},
	{
		slug: "post-after-the-upgrade", what: "a POST to an upgraded session", refused: true,
		send: func(t *T, c *Client, mark string) http.Header {
			moved(t, c.Polling)
			return turnedAway(t, t.POST(marked(c.Polling.Query(), mark), "3"))
		},
	},
}

var _ = func() struct{} {
	for _, row := range hookedRequests {
		Add(row.cases()...)
	}
	return struct{}{}
}()

// cases returns the cases of a row, one for each hook.
func (row hookedRequest) cases() (all []Case) {
	level, initial, each := Required, rules(initialForNoOther), row.rule
	if row.level != "" {
		level = row.level
	}
	if each == nil {
		each = eachForEveryRequest
	}
	if row.refused {
		level, initial = Recommended, rules(failedRequestsCallNoInitial)
	}
	all = append(all, Case{
		ID: "headers/matrix-" + row.slug + "-initial", Level: level, Rules: initial, Needs: initialHook,
		Title: "does not call initial_headers for " + row.what,
		Run: func(t *T) {
			o, first, mark := t.Observe(0), t.Mark(), t.Mark()
			header := row.send(t, t.Client(OverPolling, Marked(first)), mark)
			t.Expect(header.Values("x-initial"), "the header of initial_headers on the answer").To(BeEmpty())
			t.Expect(strings.Join(header.Values("set-cookie"), "\n"), "the cookies on the answer").NotTo(ContainSubstring("mycookie=456"))
			t.Expect(calls(o, InitialHeaders, mark), "the calls of initial_headers for the request").To(BeZero())
			if !row.refused {
				t.Expect(Gathered(called(o, InitialHeaders, first)), "the number of calls of initial_headers for the handshake").To(Equal(1))
			}
		},
	})
	switch {
	case row.byHand:
	case row.refused:
		all = append(all, Case{
			ID: "headers/matrix-" + row.slug + "-each", Level: Observed, Rules: rules(failedRequestsCallNoEach), Needs: eachHook,
			Title: "does not call headers for " + row.what,
			Run: func(t *T) {
				t.Answer("it calls headers there, too")
				o, mark := t.Observe(0), t.Mark()
				header := row.send(t, t.Client(OverPolling), mark)
				t.Expect(header.Values("x-each"), "the header of headers on the answer").To(BeEmpty())
				t.Expect(calls(o, Headers, mark), "the calls of headers").To(BeZero())
				t.Answer("it does not call headers there")
			},
		})
	default:
		all = append(all, Case{
			ID: "headers/matrix-" + row.slug + "-each", Level: level, Rules: rules(each), Needs: eachHook,
			Title: fmt.Sprintf("calls headers once for %s, and sends what it sets", row.what),
			Run: func(t *T) {
				o, mark := t.Observe(0), t.Mark()
				header := row.send(t, t.Client(OverPolling), mark)
				t.Expect(header.Values("x-each"), "the header that the hook set").To(Equal([]string{mark}))
				t.Expect(header.Get("test"), "the header that the hook sets on each answer").To(Equal("789"))
				t.Expect(Gathered(called(o, Headers, mark)), "the number of calls of headers").To(Equal(1))
			},
		})
	}
	return all
}

// failed probes successfully and closes the WebSocket, so that the session stays on polling.
func failed(p *Polling) {
	w := p.Probe()
	w.Close()
	w.Closed()
}

// moved upgrades a session and checks that it is on WebSocket.
func moved(t *T, p *Polling) {
	w := p.Upgrade()
	w.Send("40") // the upgrade is complete once the server answers
	w.Receive()
}

// refuse sends a request of the session that the server refuses.
func refuse(t *T, p *Polling) {
	turnedAway(t, t.GET(t.Draw("?EIO=4&transport=carrier-pigeon&sid=")+Escaped(p.SID)))
}

// served checks that an answer is not a refusal, and returns its headers.
func served(t *T, r *Response) http.Header {
	t.Expect(r.Status, "the status of the answer").To(Equal(200))
	return r.Header
}

// turnedAway checks that an answer is a refusal, and returns its headers.
func turnedAway(t *T, r *Response) http.Header {
	t.Expect(r.Status, "the status of the answer").To(BeNumerically(">=", 400))
	return r.Header
}

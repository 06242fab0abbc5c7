package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// These cases check which requests call the hooks, one by one and under load.

var _ = Add(
	Case{
		ID: "headers/each-counted-over-an-upgraded-session", Level: Required, Rules: rules(eachForEveryRequest, eachForUpgrade, initialForNoOther), Needs: bothHooks,
		Title: "calls initial_headers once and headers once for each request of a session that polls, posts and upgrades",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			t.POST(marked(p.Query(), mark), "40")
			t.GET(marked(p.Query(), mark))
			w, _ := t.Upgrade("?EIO=4&transport=websocket&sid=" + Escaped(p.SID) + "&mark=" + mark)
			t.Expect(w, "the WebSocket of the upgrade").NotTo(BeNil())
			var methods []string
			for _, e := range o.Due(4, OfType(Headers), WithMark(mark)) {
				websocket := e.Parameters().Get("transport") == "websocket"
				methods = append(methods, fmt.Sprintf("%s %t", e.Method, websocket))
			}
			t.Expect(Gathered(methods), "the requests that headers was called for, and whether for WebSocket").To(Equal([]string{"GET false", "POST false", "GET false", "GET true"}))
			t.Expect(Gathered(called(o, InitialHeaders, mark)), "the number of calls of initial_headers").To(Equal(1))
		},
	},
	Case{
		ID: "headers/each-on-post-beside-a-poll", Level: Required, Rules: rules(eachForEveryRequest, headersBelongToOneRequest), Needs: eachHook,
		Title: "calls headers with the POST's own request while a poll is under way, and for the poll when it is answered",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverPolling)
			c.Connect("/")
			p := c.Polling
			ofPoll, ofPost := t.Mark(), t.Mark()
			poll := t.Request("GET", marked(p.Query(), ofPoll))
			t.AwaitSeen()
			r := t.POST(marked(p.Query(), ofPost), "3")
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(r.Header.Values("x-each"), "the header that the hook set for the POST").To(Equal([]string{ofPost}))
			p.Send(t.Draw("40/nowhere,"))
			r = poll.Response()
			t.Expect(r.Header.Values("x-each"), "the header that the hook set for the poll").To(Equal([]string{ofPoll}))
			t.Expect(Gathered(called(o, Headers, ofPoll)), "the number of calls of headers for the poll").To(Equal(1))
			t.Expect(Gathered(called(o, Headers, ofPost)), "the number of calls of headers for the POST").To(Equal(1))
		},
	},
	Case{
		ID: "headers/each-request-starts-anew", Level: Required, Rules: rules(headersBelongToOneRequest), Needs: eachHook,
		Title: "does not send what the hook headers set for one POST or poll with later ones of the session",
		Run: func(t *T) {
			p := t.Polling()
			mark := t.Mark()
			t.Expect(t.POST(marked(p.Query(), mark), "40").Header.Values("x-each"), "the header of a POST with a mark").To(Equal([]string{mark}))
			t.Expect(p.POST(t.Draw("40/nowhere,")).Header.Values("x-each"), "the header of a later POST without").To(BeEmpty())
			mark = t.Mark()
			t.Expect(t.GET(marked(p.Query(), mark)).Header.Values("x-each"), "the header of a poll with a mark").To(Equal([]string{mark}))
			p.Send(t.Draw("40/nowhere,"))
			t.Expect(p.GET().Header.Values("x-each"), "the header of a later poll without").To(BeEmpty())
		},
	},
	Case{
		ID: "headers/each-on-poll-during-upgrade", Level: Required, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "calls headers for the poll that an upgrade ends, and sends what it sets",
		Run: func(t *T) {
			o, p := t.Observe(0), t.Polling()
			p.Probe()
			mark := t.Mark()
			r := t.GET(marked(p.Query(), mark)) // a noop, or a ping that came first
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(r.Header.Values("x-each"), "the header that the hook set").To(Equal([]string{mark}))
			t.Expect(Gathered(called(o, Headers, mark)), "the number of calls of headers").To(Equal(1))
		},
	},
	Case{
		ID: "headers/each-on-a-poll-that-waits", Level: Required, Rules: rules(eachForEveryRequest, headersBelongToOneRequest), Needs: eachHook,
		Title: "sends what headers set for a poll that is answered a while after it came",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			mark := ""
			poll := lingering(t, p, func() *Pending {
				mark = t.Mark()
				return t.Request("GET", marked(p.Query(), mark))
			})
			p.Send(t.Draw("40/nowhere,"))
			r := poll.Response()
			t.Expect(r.Status, "the status of the poll").OfNoTimer().To(Equal(200))
			t.Expect(r.Header.Values("x-each"), "the header that the hook set").OfNoTimer().To(Equal([]string{mark}))
		},
	},
	Case{
		ID: "headers/each-on-the-last-post", Level: Required, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "calls headers for the POST with which a client closes its session, and sends what it sets",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			r := t.POST(marked(t.Polling().Query(), mark), "1")
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(r.Header.Values("x-each"), "the header that the hook set").To(Equal([]string{mark}))
			t.Expect(Gathered(called(o, Headers, mark)), "the number of calls of headers").To(Equal(1))
		},
	},
	Case{
		ID: "headers/each-on-the-last-poll", Level: Recommended, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "calls headers for the poll whose answer ends a session, and sends what it sets",
		Run: func(t *T) {
			o, p := t.Observe(0), t.Polling()
			p.Send("40")
			t.Expect(p.Receive(), "the answer to the CONNECT").To(HavePrefix("4"))
			mark := t.Mark()
			last := t.Request("GET", marked(p.Query(), mark))
			t.AwaitSeen()
			p.StartPOST("4x") // an invalid packet ends the session
			r := last.Response()
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(r.Header.Values("x-each"), "the header that the hook set").To(Equal([]string{mark}))
			t.Expect(Gathered(called(o, Headers, mark)), "the number of calls of headers").To(Equal(1))
		},
	},
	Case{
		ID: "headers/cookie-sent-once", Level: Recommended, Rules: rules(hooksAddToTheAnswer), Needs: initialHook,
		Title: "sends the cookie that a hook set once, along with other cookies",
		Run: func(t *T) {
			sent := func(header []string) (n int) {
				for _, line := range header {
					n += strings.Count(line, "mycookie=456")
				}
				return n
			}
			t.Expect(sent(t.Polling().Handshake.Header.Values("set-cookie")), "the number of times that the cookie is sent over polling").To(Equal(1))
			t.Expect(sent(t.WebSocket().ResponseHeader().Values("set-cookie")), "the number of times that the cookie is sent over WebSocket").To(Equal(1))
		},
	},
	Case{
		ID: "headers/cookie-of-the-client-is-not-sent-back", Level: Recommended, Rules: rules(hooksAddToTheAnswer), Needs: initialHook,
		Title: "sends the cookie of the hook, not one that the client sent",
		Run: func(t *T) {
			mark := t.Mark()
			r := t.Polling(Header("Cookie", "own="+mark+"; mycookie=1")).Handshake
			t.Expect(r.Header.Values("set-cookie"), "the cookies that the hook set").To(ContainElement("mycookie=456"))
			t.Expect(strings.Join(r.Header.Values("set-cookie"), "\n"), "the cookies that are sent").NotTo(ContainSubstring(mark))
		},
	},
	Case{
		ID: "headers/hooks-leave-the-answer-alone", Level: Recommended, Rules: rules(hooksAddToTheAnswer), Needs: bothHooks,
		Title: "sends what the hooks set along with its own headers",
		Run: func(t *T) {
			mark := t.Mark()
			p := t.Polling(Marked(mark))
			t.POST(marked(p.Query(), mark), "40")
			for of, r := range map[string]*Response{"the handshake": p.Handshake, "a poll": t.GET(marked(p.Query(), mark))} {
				t.Expect(r.Header.Get("x-each"), "the header that the hook set, with %s", of).To(Equal(mark))
				t.Expect(r.Header.Get("Content-Type"), "the Content-Type of %s", of).To(HavePrefix("text/"))
				t.Expect(r.Truncated, "whether the body of %s broke off", of).To(BeFalse())
			}
		},
	},
	Case{
		ID: "headers/none-on-preflight", Level: Observed, Rules: rules(failedRequestsCallNoEach), Needs: bothHooks,
		Title: "does not call headers for a preflight request",
		Run: func(t *T) {
			t.Answer("it calls headers there, too")
			o, mark := t.Observe(0), t.Mark()
			r := t.HTTP("OPTIONS", marked("?EIO=4&transport=polling", mark), Header("Origin", t.Draw(otherOrigin)), Header("Access-Control-Request-Method", "POST"))
			t.Expect(r.Header.Values("x-each"), "the header of headers").To(BeEmpty())
			t.Expect(calls(o, Headers, mark), "the calls of headers").To(BeZero())
			t.Answer("it does not call headers there")
		},
	},
	Case{
		ID: "headers/none-on-failed-requests", Level: Observed, Rules: rules(failedRequestsCallNoEach), Needs: bothHooks,
		Title: "does not call headers for a failed request within a session: another method, or a second poll at once",
		Run: func(t *T) {
			t.Answer("it calls headers there, too")
			o, mark := t.Observe(0), t.Mark()
			p := staying(t)
			for _, method := range []string{"PUT", "DELETE"} {
				r := t.HTTP(method, marked(p.Query(), mark))
				t.Expect(r.Status, "the status of the answer").To(BeNumerically(">=", 400))
				t.Expect(r.Header.Values("x-each"), "the header of headers on %v", r).To(BeEmpty())
			}
			t.Expect(calls(o, Headers, mark), "the calls of headers").To(BeZero())
			p = t.Polling()
			p.Send("40")
			t.Expect(p.Receive(), "the answer to the CONNECT").To(HavePrefix("4"))
			idle(t, p)
			r := t.GET(marked(p.Query(), mark))
			if r.Status != 200 { // no ping came between
				t.Expect(r.Header.Values("x-each"), "the header of headers on %v", r).To(BeEmpty())
				t.Expect(calls(o, Headers, mark), "the calls of headers").To(BeZero())
			}
			t.Answer("it does not call headers there")
		},
	},
	Case{
		ID: "headers/none-on-oversize", Level: Observed, Rules: rules(failedRequestsCallNoEach), Needs: bothHooks, Since: "4.5",
		Title: "does not call headers for a POST of more than maxPayload bytes",
		Run: func(t *T) {
			t.Answer("it calls headers there, too")
			o, mark, p := t.Observe(0), t.Mark(), t.Polling()
			boundedPayload(t, p.Open)
			_, _ = t.Request("POST", marked(p.Query(), mark), Body("4"+strings.Repeat("x", int(p.Open.MaxPayload)))).Outcome(t.Tolerance().Patience)
			t.Expect(calls(o, Headers, mark), "the calls of headers").To(BeZero())
			t.Answer("it does not call headers there")
		},
	},
	Case{
		ID: "headers/none-on-malformed-websockets", Level: Observed, Rules: rules(failedRequestsCallNoEach), Needs: bothHooks,
		Title: "does not call headers for a WebSocket handshake that RFC 6455 does not allow",
		Run: func(t *T) {
			t.Answer("it calls headers there, too")
			o, mark := t.Observe(0), t.Mark()
			r := t.GET(marked("?EIO=4&transport=websocket", mark), handshakeWith([2]string{"Sec-WebSocket-Key", "short"})...)
			t.Expect(r.Status, "the status of the answer").To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
			t.Expect(calls(o, Headers, mark), "the calls of headers").To(BeZero())
			t.Answer("it does not call headers there")
		},
	},
	Case{
		ID: "headers/no-initial-on-failures", Level: Recommended, Rules: rules(failedRequestsCallNoInitial), Needs: initialHook,
		Title: "does not call initial_headers for a request that is refused or fails, or for a preflight request",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			none := func(what string, r *Response) {
				t.Expect(r.Header.Values("x-initial"), "the header of initial_headers on the answer to %s", what).To(BeEmpty())
			}
			p := t.Polling()
			paths := []string{t.Draw("?EIO=4&transport=carrier-pigeon"), t.Draw("?EIO=4&transport=polling&sid=never-was")}
			if t.Info(0).Declares(AllowRequest) {
				paths = append(paths, "?EIO=4&transport=polling&deny=")
			}
			for _, path := range paths {
				r := t.GET(marked(path, mark))
				t.Expect(r.Status, "the status of the answer").To(BeNumerically(">=", 400))
				none(path, r)
			}
			if w, r := t.Upgrade(marked(t.Draw("?EIO=4&transport=websocket&sid=never-was"), mark)); w == nil {
				none("a WebSocket handshake for an unknown session", r)
			}
			none("a malformed WebSocket handshake", t.GET(marked("?EIO=4&transport=websocket", mark), handshakeWith([2]string{"Sec-WebSocket-Key", "short"})...))
			none("a preflight request", t.HTTP("OPTIONS", marked("?EIO=4&transport=polling", mark), Header("Origin", t.Draw(otherOrigin)), Header("Access-Control-Request-Method", "POST")))
			none("a PUT within a session", t.HTTP("PUT", marked(p.Query(), mark)))
			t.Expect(calls(o, InitialHeaders, mark), "the calls of initial_headers").To(BeZero())
		},
	},
	Case{
		ID: "headers/each-session-gets-its-own-over-websocket", Level: Required, Rules: rules(headersBelongToOneRequest), Needs: bothHooks,
		Title: "gives each of two hundred sessions open at once over WebSocket only its own headers",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			const lanes = 10
			sessions := t.Tolerance().Sessions
			t.Together(lanes, func(t *T, lane int) {
				for i := lane; i < sessions; i += lanes {
					own := fmt.Sprintf("%sx%d", mark, i)
					header := t.WebSocket(Marked(own)).ResponseHeader()
					t.Expect(header.Values("x-initial"), "the session's header of initial_headers").To(Equal([]string{own}))
					t.Expect(header.Values("x-each"), "the session's header of headers").To(Equal([]string{own}))
				}
			})
			once := map[string]int{}
			for _, e := range o.Due(2*sessions, func(e Entry) bool { return strings.HasPrefix(e.Mark, mark+"x") }) {
				once[e.Mark+" "+e.Type]++
			}
			t.Expect(Gathered(once), "the pairs of a session and a hook that was called").To(HaveLen(2 * sessions))
			t.Expect(Gathered(once), "the number of calls of each").To(HaveEach(1))
		},
	},
	Case{
		ID: "headers/each-request-gets-its-own", Level: Required, Rules: rules(headersBelongToOneRequest), Needs: eachHook,
		Title: "gives each of many simultaneous requests, of many sessions, only its own headers",
		Run: func(t *T) {
			mark := t.Mark()
			t.Together(10, func(t *T, lane int) {
				p := t.Polling(Marked(fmt.Sprintf("%sx%d", mark, lane)))
				for i := range 5 {
					own := fmt.Sprintf("%sx%dx%d", mark, lane, i)
					r := t.POST(marked(p.Query(), own), "3")
					if r.Status == 400 && i > 0 { // on a slow machine the heartbeat may have ended the session
						return
					}
					t.Expect(r.Header.Values("x-each"), "the request's header").To(Equal([]string{own}))
					t.Expect(r.Header.Values("x-initial"), "the header of the session's first answer").To(BeEmpty())
				}
			})
		},
	},
)

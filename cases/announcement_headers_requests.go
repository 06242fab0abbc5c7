package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// Which requests call the hooks, request by request, and under load.

var _ = Add(
	Case{
		ID: "headers/each-counted-over-an-upgraded-session", Level: Required, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/each-on-upgrades-twice", "headers/initial-on-upgrade"},
		Title:  "calls initial_headers once, and headers once for each request, of a session that polls, posts and upgrades",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			t.POST(marked(p.Query(), mark), "40")
			t.GET(marked(p.Query(), mark))
			w, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + p.SID + "&mark=" + mark)
			t.Expect(w).NotTo(BeNil(), "the WebSocket of the upgrade, answered with %v", r)
			var methods []string
			for _, e := range o.Entries(OfType(Headers), WithMark(mark)) {
				websocket := strings.Contains(e.URL, "transport=websocket")
				methods = append(methods, fmt.Sprintf("%s %t", e.Method, websocket))
			}
			t.Expect(methods).To(Equal([]string{"GET false", "POST false", "GET false", "GET true"}), "the requests that headers was called for, and whether for WebSocket")
			t.Expect(calls(o, InitialHeaders, mark)).To(Equal(1), "the calls of initial_headers")
		},
	},
	Case{
		ID: "headers/each-on-post-beside-a-poll", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/post-takes-the-poll-s"},
		Title:  "calls headers with the POST's own request while a poll is under way, and for the poll when it is answered",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverPolling)
			c.Connect("/")
			p := c.Polling
			ofPoll, ofPost := t.Mark(), t.Mark()
			poll := t.Request("GET", marked(p.Query(), ofPoll))
			t.Seen()
			r := t.POST(marked(p.Query(), ofPost), "3")
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			t.Expect(r.Header.Values("x-each")).To(Equal([]string{ofPost}), "the header that the hook set for the POST")
			p.Send("40/nowhere,")
			r = poll.Response()
			t.Expect(r.Header.Values("x-each")).To(Equal([]string{ofPoll}), "the header that the hook set for the poll")
			t.Expect(calls(o, Headers, ofPoll)).To(Equal(1), "the calls of headers for the poll")
			t.Expect(calls(o, Headers, ofPost)).To(Equal(1), "the calls of headers for the POST")
		},
	},
	Case{
		ID: "headers/each-request-starts-anew", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/kept-for-the-next-of-its-kind"},
		Title:  "sends what the hook headers set for one POST, or one poll, with no later one of the session",
		Run: func(t *T) {
			p := t.Polling()
			mark := t.Mark()
			t.Expect(t.POST(marked(p.Query(), mark), "40").Header.Values("x-each")).To(Equal([]string{mark}), "the header of a POST with a mark")
			t.Expect(p.POST("40/nowhere,").Header.Values("x-each")).To(BeEmpty(), "the header of a later POST without")
			mark = t.Mark()
			t.Expect(t.GET(marked(p.Query(), mark)).Header.Values("x-each")).To(Equal([]string{mark}), "the header of a poll with a mark")
			p.Send("40/nowhere,")
			t.Expect(p.GET().Header.Values("x-each")).To(BeEmpty(), "the header of a later poll without")
		},
	},
	Case{
		ID: "headers/each-on-poll-during-upgrade", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-never-on-noops"},
		Title:  "calls headers for the poll that an upgrade ends, and sends what it sets",
		Run: func(t *T) {
			o, p := t.Observe(0), t.Polling()
			p.Probe()
			mark := t.Mark()
			r := t.GET(marked(p.Query(), mark)) // a noop, or a ping that came before
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			t.Expect(r.Header.Values("x-each")).To(Equal([]string{mark}), "the header that the hook set")
			t.Expect(calls(o, Headers, mark)).To(Equal(1), "the calls of headers")
		},
	},
	Case{
		ID: "headers/each-on-the-last-post", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-never-on-posts"},
		Title:  "calls headers for the POST by which a client closes its session, and sends what it sets",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			r := t.POST(marked(t.Polling().Query(), mark), "1")
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			t.Expect(r.Header.Values("x-each")).To(Equal([]string{mark}), "the header that the hook set")
			t.Expect(calls(o, Headers, mark)).To(Equal(1), "the calls of headers")
		},
	},
	Case{
		ID: "headers/each-on-the-last-poll", Level: Recommended, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-never-on-the-last-poll"},
		Title:  "calls headers for the poll whose answer ends a session, and sends what it sets",
		Run: func(t *T) {
			o, p := t.Observe(0), t.Polling()
			p.Send("40")
			t.Expect(p.Receive()).To(HavePrefix("4"), "the answer to the CONNECT")
			mark := t.Mark()
			last := t.Request("GET", marked(p.Query(), mark))
			t.Seen()
			p.StartPOST("4x") // no packet: it ends the session
			r := last.Response()
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			t.Expect(r.Header.Values("x-each")).To(Equal([]string{mark}), "the header that the hook set")
			t.Expect(calls(o, Headers, mark)).To(Equal(1), "the calls of headers")
		},
	},
	Case{
		ID: "headers/cookie-sent-once", Level: Recommended, Source: responseHeaders, Needs: initialHook,
		Faults: []string{"headers/cookies-sent-twice"},
		Title:  "sends the cookie that a hook set once, beside those of others",
		Run: func(t *T) {
			sent := func(header []string) (n int) {
				for _, line := range header {
					n += strings.Count(line, "mycookie=456")
				}
				return n
			}
			t.Expect(sent(t.Polling().Handshake.Header.Values("set-cookie"))).To(Equal(1), "how often the cookie is sent over polling")
			t.Expect(sent(t.WebSocket().ResponseHeader().Values("set-cookie"))).To(Equal(1), "how often the cookie is sent over WebSocket")
		},
	},
	Case{
		ID: "headers/cookie-of-the-client-is-not-sent-back", Level: Recommended, Source: responseHeaders, Needs: initialHook,
		Faults: []string{"headers/client-s-cookies-sent-back"},
		Title:  "sends the cookie of the hook, not one that the client brings",
		Run: func(t *T) {
			mark := t.Mark()
			r := t.Polling(Header("Cookie", "own="+mark+"; mycookie=1")).Handshake
			t.Expect(r.Header.Values("set-cookie")).To(ContainElement("mycookie=456"), "the cookies that the hook set")
			t.Expect(strings.Join(r.Header.Values("set-cookie"), "\n")).NotTo(ContainSubstring(mark), "the cookies that are sent")
		},
	},
	Case{
		ID: "headers/hooks-leave-the-answer-alone", Level: Recommended, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/hooks-lose-the-content-type"},
		Title:  "sends what the hooks set beside its own headers",
		Run: func(t *T) {
			mark := t.Mark()
			p := t.Polling(Marked(mark))
			t.POST(marked(p.Query(), mark), "40")
			for of, r := range map[string]*Response{"the handshake": p.Handshake, "a poll": t.GET(marked(p.Query(), mark))} {
				t.Expect(r.Header.Get("x-each")).To(Equal(mark), "the header that the hook set, with %s", of)
				t.Expect(r.Header.Get("Content-Type")).To(HavePrefix("text/"), "the Content-Type of %s", of)
				t.Expect(r.Truncated).To(BeFalse(), "whether the body of %s broke off", of)
			}
		},
	},
	Case{
		ID: "headers/none-on-preflight", Level: Recommended, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/on-preflights"},
		Title:  "calls neither hook for a preflight request",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			r := t.HTTP("OPTIONS", marked("?EIO=4&transport=polling", mark), Header("Origin", otherOrigin), Header("Access-Control-Request-Method", "POST"))
			t.Expect(r.Header.Values("x-each")).To(BeEmpty(), "the header of headers")
			t.Expect(r.Header.Values("x-initial")).To(BeEmpty(), "the header of initial_headers")
			t.Expect(calls(o, InitialHeaders, mark)+calls(o, Headers, mark)).To(BeZero(), "the calls of both hooks")
		},
	},
	Case{
		ID: "headers/none-on-failed-requests", Level: Recommended, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/on-failed-requests"},
		Title:  "calls neither hook for a request within a session that fails: another method, or a second poll at once",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling()
			for _, method := range []string{"PUT", "DELETE"} {
				r := t.HTTP(method, marked(p.Query(), mark))
				t.Expect(r.Status).To(BeNumerically(">=", 400), "the status of %v", r)
				t.Expect(r.Header.Values("x-each")).To(BeEmpty(), "the header of headers on %v", r)
			}
			t.Expect(calls(o, InitialHeaders, mark)+calls(o, Headers, mark)).To(BeZero(), "the calls of both hooks")
			p = t.Polling()
			p.Send("40")
			t.Expect(p.Receive()).To(HavePrefix("4"), "the answer to the CONNECT")
			idle(t, p)
			r := t.GET(marked(p.Query(), mark))
			if r.Status != 200 { // no ping came between
				t.Expect(r.Header.Values("x-each")).To(BeEmpty(), "the header of headers on %v", r)
				t.Expect(calls(o, InitialHeaders, mark)+calls(o, Headers, mark)).To(BeZero(), "the calls of both hooks")
			}
		},
	},
	Case{
		ID: "headers/none-on-oversize", Level: Recommended, Source: responseHeaders, Needs: bothHooks, Since: "4.5",
		Faults: []string{"headers/on-failed-requests"},
		Title:  "calls neither hook for a POST of more than maxPayload bytes",
		Run: func(t *T) {
			o, mark, p := t.Observe(0), t.Mark(), t.Polling()
			boundedPayload(t, p.Open)
			_, _ = t.Request("POST", marked(p.Query(), mark), Body("4"+strings.Repeat("x", int(p.Open.MaxPayload)))).Outcome(t.Tolerance().Patience)
			t.Expect(calls(o, InitialHeaders, mark)+calls(o, Headers, mark)).To(BeZero(), "the calls of both hooks")
		},
	},
	Case{
		ID: "headers/none-on-malformed-websockets", Level: Recommended, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/on-malformed-websockets"},
		Title:  "calls neither hook for a WebSocket handshake that RFC 6455 does not allow",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			r := t.GET(marked("?EIO=4&transport=websocket", mark), handshakeWith([2]string{"Sec-WebSocket-Key", "short"})...)
			t.Expect(r.Status).To(And(BeNumerically(">=", 400), BeNumerically("<", 500)), "the status of %v", r)
			t.Expect(calls(o, InitialHeaders, mark)+calls(o, Headers, mark)).To(BeZero(), "the calls of both hooks")
		},
	},
	Case{
		ID: "headers/each-session-gets-its-own-over-websocket", Level: Required, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/first-session-s-for-all"},
		Title:  "gives each of two hundred sessions over WebSocket, all open at once, its own headers and no other's",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			const lanes = 10
			sessions := t.Tolerance().Sessions
			t.Together(lanes, func(lane int) {
				for i := lane; i < sessions; i += lanes {
					own := fmt.Sprintf("%sx%d", mark, i)
					header := t.WebSocket(Marked(own)).ResponseHeader()
					t.Expect(header.Values("x-initial")).To(Equal([]string{own}), "the session's header of initial_headers")
					t.Expect(header.Values("x-each")).To(Equal([]string{own}), "the session's header of headers")
				}
			})
			once := map[string]int{}
			for _, e := range o.Entries(func(e Entry) bool { return strings.HasPrefix(e.Mark, mark+"x") }) {
				once[e.Mark+" "+e.Type]++
			}
			t.Expect(once).To(HaveLen(2*sessions), "the sessions and hooks that were called")
			t.Expect(once).To(HaveEach(1), "how often each was called")
		},
	},
	Case{
		ID: "headers/each-request-gets-its-own", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/session-s-for-each-request", "headers/shared-between-requests"},
		Title:  "gives each of many requests at once, of many sessions, its own headers and no other's",
		Run: func(t *T) {
			mark := t.Mark()
			t.Together(10, func(lane int) {
				p := t.Polling(Marked(fmt.Sprintf("%sx%d", mark, lane)))
				for i := range 5 {
					own := fmt.Sprintf("%sx%dx%d", mark, lane, i)
					r := t.POST(marked(p.Query(), own), "3")
					if r.Status == 400 && i > 0 { // a slow machine: the heartbeat was over
						return
					}
					t.Expect(r.Header.Values("x-each")).To(Equal([]string{own}), "the request's header")
					t.Expect(r.Header.Values("x-initial")).To(BeEmpty(), "the header of the session's first answer")
				}
			})
		},
	},
)

package cases

import (
	"fmt"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// The conformance application has two hooks: initial_headers sets test: 123, set-cookie: mycookie=456 and x-initial to the
// request's mark. headers, which is called second, sets test: 789 and x-each to the mark.

var (
	initialHook = Needs{Features: []string{InitialHeaders}}
	eachHook    = Needs{Features: []string{Headers}}
	bothHooks   = Needs{Features: []string{InitialHeaders, Headers}}
)

// calls counts a hook's records for the requests with that mark, for which it is not to be called.
func calls(o *Observer, hook, mark string) int {
	return len(o.Entries(OfType(hook), WithMark(mark)))
}

// called counts a hook's records for the requests with that mark, for one of which it is to be called.
func called(o *Observer, hook, mark string) int {
	return len(o.Due(1, OfType(hook), WithMark(mark)))
}

var _ = Add(
	Case{
		ID: "headers/initial-on-polling-handshake", Level: Required, Rules: rules(initialForFirstRequest), Needs: initialHook,
		Title: "sends what initial_headers sets with the answer to a polling handshake",
		Run: func(t *T) {
			mark := t.Mark()
			r := t.Polling(Marked(mark)).Handshake
			t.Expect(r.Header.Get("x-initial"), "the header that the hook set").To(Equal(mark))
			t.Expect(r.Header.Values("set-cookie"), "the cookies that the hook set").To(ContainElement("mycookie=456"))
		},
	},
	Case{
		ID: "headers/initial-on-websocket-handshake", Level: Required, Rules: rules(initialForFirstRequest), Needs: initialHook,
		Title: "sends what initial_headers sets with the 101 of a WebSocket handshake",
		Run: func(t *T) {
			mark := t.Mark()
			header := t.WebSocket(Marked(mark)).ResponseHeader()
			t.Expect(header.Get("x-initial"), "the header that the hook set").To(Equal(mark))
			t.Expect(header.Values("set-cookie"), "the cookies that the hook set").To(ContainElement("mycookie=456"))
		},
	},
	Case{
		ID: "headers/initial-called-once-over-polling", Level: Required, Rules: rules(initialForNoOther), Needs: initialHook,
		Title: "calls initial_headers once for a polling session, however many requests follow",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			t.POST(p.Query()+"&mark="+mark, "40")
			t.GET(p.Query() + "&mark=" + mark)
			t.POST(p.Query()+"&mark="+mark, "3")
			t.Expect(Gathered(called(o, InitialHeaders, mark)), "the number of calls of initial_headers").To(Equal(1))
		},
	},
	Case{
		ID: "headers/initial-called-once-over-websocket", Level: Required, Rules: rules(initialForNoOther, initialForFirstRequest), Needs: initialHook,
		Title: "calls initial_headers once for a session over WebSocket",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			c := t.Client(OverWebSocket, Marked(mark))
			c.Connect("/")
			t.Expect(Gathered(called(o, InitialHeaders, mark)), "the number of calls of initial_headers").To(Equal(1))
		},
	},
	Case{
		ID: "headers/initial-not-on-later-requests", Level: Required, Rules: rules(initialForNoOther), Needs: initialHook,
		Title: "does not send what initial_headers sets with later answers of the session",
		Run: func(t *T) {
			mark := t.Mark()
			p := t.Polling(Marked(mark))
			for _, r := range []*Response{
				t.POST(p.Query()+"&mark="+mark, "40"),
				t.GET(p.Query() + "&mark=" + mark),
			} {
				t.Expect(r.Status, "the status of the answer").To(Equal(200))
				t.Expect(r.Header.Values("x-initial"), "the header of initial_headers on a later answer").To(BeEmpty())
				t.Expect(r.Header.Values("set-cookie"), "the cookies on a later answer").NotTo(ContainElement("mycookie=456"))
			}
		},
	},
	Case{
		ID: "headers/initial-not-on-upgrade", Level: Required, Rules: rules(initialForNoOther), Needs: initialHook,
		Title: "does not call initial_headers again when a session upgrades",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			upgrade, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + Escaped(p.SID) + "&mark=" + mark)
			t.Expect(upgrade, "the WebSocket of the upgrade").NotTo(BeNil())
			t.Expect(r.Header.Values("x-initial"), "the header of initial_headers on the 101").To(BeEmpty())
			t.Expect(Gathered(called(o, InitialHeaders, mark)), "the number of calls of initial_headers").To(Equal(1))
		},
	},
	Case{
		ID: "headers/each-on-polling-handshake", Level: Required, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "sends what headers sets with the answer to a polling handshake",
		Run: func(t *T) {
			mark := t.Mark()
			r := t.Polling(Marked(mark)).Handshake
			t.Expect(r.Header.Get("x-each"), "the header that the hook set").To(Equal(mark))
		},
	},
	Case{
		ID: "headers/each-on-poll", Level: Required, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "sends what headers sets with the answer to a poll",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			mark := t.Mark()
			r := t.GET(p.Query() + "&mark=" + mark)
			t.Expect(r.Header.Get("x-each"), "the header that the hook set").To(Equal(mark))
			t.Expect(r.Header.Get("test"), "the header that the hook set").To(Equal("789"))
		},
	},
	Case{
		ID: "headers/each-on-post", Level: Required, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "sends what headers sets with the answer to a POST",
		Run: func(t *T) {
			p := t.Polling()
			mark := t.Mark()
			r := t.POST(p.Query()+"&mark="+mark, "40")
			t.Expect(r.Header.Get("x-each"), "the header that the hook set").To(Equal(mark))
			t.Expect(r.Header.Get("test"), "the header that the hook set").To(Equal("789"))
		},
	},
	Case{
		ID: "headers/each-on-websocket-handshake", Level: Required, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "sends what headers sets with the 101 of a WebSocket handshake",
		Run: func(t *T) {
			mark := t.Mark()
			header := t.WebSocket(Marked(mark)).ResponseHeader()
			t.Expect(header.Get("x-each"), "the header that the hook set").To(Equal(mark))
		},
	},
	Case{
		ID: "headers/each-on-upgrade", Level: Required, Rules: rules(eachForUpgrade), Needs: eachHook,
		Title: "calls headers for the WebSocket handshake of an upgrade, and sends what it sets",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling()
			w, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + Escaped(p.SID) + "&mark=" + mark)
			t.Expect(w, "the WebSocket of the upgrade").NotTo(BeNil())
			t.Expect(r.Header.Get("x-each"), "the header that the hook set").To(Equal(mark))
			t.Expect(Gathered(called(o, Headers, mark)), "the number of calls of headers").To(Equal(1))
		},
	},
	Case{
		ID: "headers/each-called-once-a-request", Level: Required, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "calls headers once for each of a polling session's requests",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			t.POST(p.Query()+"&mark="+mark, "40")
			t.GET(p.Query() + "&mark=" + mark)
			t.POST(p.Query()+"&mark="+mark, "3")
			entries := o.Due(4, OfType(Headers), WithMark(mark))
			methods := []string{}
			for _, e := range entries {
				methods = append(methods, e.Method)
			}
			t.Expect(Gathered(methods), "the methods of the requests that headers was called for").To(Equal([]string{"GET", "POST", "GET", "POST"}))
		},
	},
	Case{
		ID: "headers/each-sees-the-request", Level: Required, Rules: rules(hooksGetTheRequest, initialForFirstRequest, eachForEveryRequest), Needs: bothHooks,
		Title: "passes the request to both hooks",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			t.Polling(Marked(mark))
			for _, hook := range []string{InitialHeaders, Headers} {
				entries := o.Due(1, OfType(hook), WithMark(mark))
				t.Expect(entries, "the calls of %s", hook).To(HaveLen(1))
				t.Expect(entries[0].Method, "the request's method").To(Equal("GET"))
				got, want := entries[0].Asked("?EIO=4&transport=polling&mark=" + mark)
				t.Expect(got, "the request's parameters").To(Equal(want))
			}
		},
	},
	Case{
		ID: "headers/none-for-messages-over-websocket", Level: Required, Rules: rules(messagesCallNoHook), Needs: eachHook,
		Title: "calls headers only for a WebSocket's handshake, not for its messages",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			c := t.Client(OverWebSocket, Marked(mark))
			c.Connect("/")
			c.Echoes("/")
			c.Close()
			t.Expect(Gathered(called(o, Headers, mark)), "the number of calls of headers").To(Equal(1))
		},
	},
	Case{
		ID: "headers/initial-before-each-over-polling", Level: Recommended, Rules: rules(initialBeforeEach), Needs: bothHooks,
		Title: "calls initial_headers before headers for a polling handshake, so that the values of headers win",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			r := t.Polling(Marked(mark)).Handshake
			order(t, o, mark)
			t.Expect(r.Header.Get("test"), "the header that both hooks set").To(Equal("789"))
		},
	},
	Case{
		ID: "headers/initial-before-each-over-websocket", Level: Recommended, Rules: rules(initialBeforeEach, eachForEveryRequest), Needs: bothHooks,
		Title: "calls initial_headers before headers for a WebSocket handshake, so that the values of headers win",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			header := t.WebSocket(Marked(mark)).ResponseHeader()
			order(t, o, mark)
			t.Expect(header.Get("test"), "the header that both hooks set").To(Equal("789"))
		},
	},
	Case{
		ID: "headers/one-value-where-both-set-one", Level: Recommended, Rules: rules(oneValueOfBothHooks), Needs: bothHooks,
		Title: "sends one value if both hooks set the same header",
		Run: func(t *T) {
			t.Expect(t.Polling().Handshake.Header.Values("test"), "the values of the header over polling").To(Equal([]string{"789"}))
			t.Expect(t.WebSocket().ResponseHeader().Values("test"), "the values of the header over WebSocket").To(Equal([]string{"789"}))
		},
	},
	Case{
		ID: "headers/none-on-refused-requests", Level: Observed, Rules: rules(failedRequestsCallNoEach), Needs: bothHooks,
		Title: "does not call headers for a request that it refuses",
		Run: func(t *T) {
			t.Answer("it calls headers there, too")
			o, mark := t.Observe(0), t.Mark()
			paths := []string{
				t.Draw("?EIO=4&transport=carrier-pigeon"), t.Draw("?EIO=4&transport=polling&sid=never-was"), "?EIO=4&transport=websocket",
			}
			if t.Info(0).Declares(AllowRequest) {
				paths = append(paths, "?EIO=4&transport=polling&deny=")
			}
			if !servesProtocol3(t) {
				paths = append(paths, "?EIO=3&transport=polling")
			}
			for _, path := range paths {
				r := t.GET(path + "&mark=" + mark)
				t.Expect(r.Status, "the status of the answer").To(BeNumerically(">=", 400))
				t.Expect(r.Header.Values("x-each"), "the header of headers on the refusal of %s", path).To(BeEmpty())
			}
			t.Expect(calls(o, Headers, mark), "the calls of headers").To(BeZero())
			t.Answer("it does not call headers there")
		},
	},
	Case{
		ID: "headers/none-on-refused-websockets", Level: Observed, Rules: rules(failedRequestsCallNoEach), Needs: bothHooks,
		Title: "does not call headers for a WebSocket handshake that it refuses",
		Run: func(t *T) {
			t.Answer("it calls headers there, too")
			o, mark := t.Observe(0), t.Mark()
			paths := []string{t.Draw("?EIO=4&transport=websocket&sid=never-was")}
			if t.Info(0).Declares(AllowRequest) {
				paths = append(paths, "?EIO=4&transport=websocket&deny=")
			}
			for _, path := range paths {
				w, r := t.Upgrade(path + "&mark=" + mark)
				t.Expect(w, "the WebSocket of a refused handshake").To(BeNil())
				t.Expect(r.Header.Values("x-each"), "the header of headers on the refusal of %s", path).To(BeEmpty())
			}
			t.Expect(calls(o, Headers, mark), "the calls of headers").To(BeZero())
			t.Answer("it does not call headers there")
		},
	},
	Case{
		ID: "headers/unmarked-requests-are-left-alone", Level: Required, Rules: rules(headersBelongToOneRequest), Needs: bothHooks,
		Title: "does not send the headers of one session with answers of another",
		Run: func(t *T) {
			marked := t.Polling(Marked(t.Mark()))
			other := t.Polling()
			t.Expect(other.Handshake.Header.Values("x-initial"), "the other session's header of initial_headers").To(BeEmpty())
			t.Expect(other.Handshake.Header.Values("x-each"), "the other session's header of headers").To(BeEmpty())
			r := marked.POST("40")
			t.Expect(r.Header.Values("x-each"), "the mark of an earlier request of the session").To(BeEmpty())
		},
	},
	Case{
		ID: "headers/each-session-gets-its-own", Level: Required, Rules: rules(headersBelongToOneRequest), Needs: bothHooks,
		Title: "gives each of two hundred simultaneous sessions only its own headers",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			const lanes = 20
			sessions := t.Tolerance().Sessions
			t.Together(lanes, func(t *T, lane int) {
				for i := lane; i < sessions; i += lanes {
					own := fmt.Sprintf("%sx%d", mark, i)
					r := t.GET("?EIO=4&transport=polling&mark=" + own)
					t.Expect(r.Header.Values("x-initial"), "the session's header of initial_headers").To(Equal([]string{own}))
					t.Expect(r.Header.Values("x-each"), "the session's header of headers").To(Equal([]string{own}))
				}
			})
			for _, i := range []int{0, sessions / 2, sessions - 1} {
				own := fmt.Sprintf("%sx%d", mark, i)
				t.Expect(Gathered(called(o, InitialHeaders, own)), "the number of calls of initial_headers for one of them").To(Equal(1))
				t.Expect(Gathered(called(o, Headers, own)), "the number of calls of headers for one of them").To(Equal(1))
			}
		},
	},
)

// order expects the record of initial_headers right before that of headers for a handshake.
func order(t *T, o *Observer, mark string) {
	var types []string
	for _, e := range o.Due(2, WithMark(mark)) {
		types = append(types, e.Type)
	}
	t.Expect(Gathered(types), "the hooks in the order of their calls").To(Equal([]string{InitialHeaders, Headers}))
}

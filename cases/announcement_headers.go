package cases

import (
	"fmt"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// The conformance application's hooks: initial_headers sets test: 123, set-cookie: mycookie=456 and
// x-initial to the request's mark; headers, which comes second, sets test: 789 and x-each to the mark.

var (
	initialHook = Needs{Features: []string{InitialHeaders}}
	eachHook    = Needs{Features: []string{Headers}}
	bothHooks   = Needs{Features: []string{InitialHeaders, Headers}}
)

// calls counts the records of a hook for the requests with that mark.
func calls(o *Observer, hook, mark string) int {
	return len(o.Entries(OfType(hook), WithMark(mark)))
}

var _ = Add(
	Case{
		ID: "headers/initial-on-polling-handshake", Level: Required, Source: responseHeaders, Needs: initialHook,
		Faults: []string{"headers/cookies-lost"},
		Title:  "sends what initial_headers sets with the answer to a polling handshake",
		Run: func(t *T) {
			mark := t.Mark()
			r := t.Polling(Marked(mark)).Handshake
			t.Expect(r.Header.Get("x-initial")).To(Equal(mark), "the header that the hook set")
			t.Expect(r.Header.Values("set-cookie")).To(ContainElement("mycookie=456"), "the cookies that the hook set")
		},
	},
	Case{
		ID: "headers/initial-on-websocket-handshake", Level: Required, Source: responseHeaders, Needs: initialHook,
		Faults: []string{"headers/lost-on-websocket-handshake"},
		Title:  "sends what initial_headers sets with the 101 of a WebSocket handshake",
		Run: func(t *T) {
			mark := t.Mark()
			header := t.WebSocket(Marked(mark)).ResponseHeader()
			t.Expect(header.Get("x-initial")).To(Equal(mark), "the header that the hook set")
			t.Expect(header.Values("set-cookie")).To(ContainElement("mycookie=456"), "the cookies that the hook set")
		},
	},
	Case{
		ID: "headers/initial-called-once-over-polling", Level: Required, Source: responseHeaders, Needs: initialHook,
		Faults: []string{"headers/initial-on-every-request"},
		Title:  "calls initial_headers once for a polling session, however many requests follow",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			t.POST(p.Query()+"&mark="+mark, "40")
			t.GET(p.Query() + "&mark=" + mark)
			t.POST(p.Query()+"&mark="+mark, "3")
			t.Expect(calls(o, InitialHeaders, mark)).To(Equal(1), "the calls of initial_headers")
		},
	},
	Case{
		ID: "headers/initial-called-once-over-websocket", Level: Required, Source: responseHeaders, Needs: initialHook,
		Faults: []string{"headers/initial-never-over-websocket", "headers/initial-twice"},
		Title:  "calls initial_headers once for a session over WebSocket",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			c := t.Client(OverWebSocket, Marked(mark))
			c.Connect("/")
			t.Expect(calls(o, InitialHeaders, mark)).To(Equal(1), "the calls of initial_headers")
		},
	},
	Case{
		ID: "headers/initial-not-on-later-requests", Level: Required, Source: responseHeaders, Needs: initialHook,
		Faults: []string{"headers/initial-on-posts"},
		Title:  "sends what initial_headers sets with no later answer of the session",
		Run: func(t *T) {
			mark := t.Mark()
			p := t.Polling(Marked(mark))
			for _, r := range []*Response{
				t.POST(p.Query()+"&mark="+mark, "40"),
				t.GET(p.Query() + "&mark=" + mark),
			} {
				t.Expect(r.Status).To(Equal(200), "the status of %v", r)
				t.Expect(r.Header.Values("x-initial")).To(BeEmpty(), "the header of initial_headers on a later answer")
				t.Expect(r.Header.Values("set-cookie")).NotTo(ContainElement("mycookie=456"), "the cookies on a later answer")
			}
		},
	},
	Case{
		ID: "headers/initial-not-on-upgrade", Level: Required, Source: responseHeaders, Needs: initialHook,
		Faults: []string{"headers/initial-on-upgrade"},
		Title:  "does not call initial_headers again when a session upgrades",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			upgrade, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + p.SID + "&mark=" + mark)
			t.Expect(upgrade).NotTo(BeNil(), "the WebSocket of the upgrade, answered with %v", r)
			t.Expect(r.Header.Values("x-initial")).To(BeEmpty(), "the header of initial_headers on the 101")
			t.Expect(calls(o, InitialHeaders, mark)).To(Equal(1), "the calls of initial_headers")
		},
	},
	Case{
		ID: "headers/each-on-polling-handshake", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-never-on-handshake"},
		Title:  "sends what headers sets with the answer to a polling handshake",
		Run: func(t *T) {
			mark := t.Mark()
			r := t.Polling(Marked(mark)).Handshake
			t.Expect(r.Header.Get("x-each")).To(Equal(mark), "the header that the hook set")
		},
	},
	Case{
		ID: "headers/each-on-poll", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-never-on-polls"},
		Title:  "sends what headers sets with the answer to a poll",
		Run: func(t *T) {
			p := t.Polling()
			p.Send("40")
			mark := t.Mark()
			r := t.GET(p.Query() + "&mark=" + mark)
			t.Expect(r.Header.Get("x-each")).To(Equal(mark), "the header that the hook set")
			t.Expect(r.Header.Get("test")).To(Equal("789"), "the header that the hook set")
		},
	},
	Case{
		ID: "headers/each-on-post", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-never-on-posts"},
		Title:  "sends what headers sets with the answer to a POST",
		Run: func(t *T) {
			p := t.Polling()
			mark := t.Mark()
			r := t.POST(p.Query()+"&mark="+mark, "40")
			t.Expect(r.Header.Get("x-each")).To(Equal(mark), "the header that the hook set")
			t.Expect(r.Header.Get("test")).To(Equal("789"), "the header that the hook set")
		},
	},
	Case{
		ID: "headers/each-on-websocket-handshake", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-never-over-websocket"},
		Title:  "sends what headers sets with the 101 of a WebSocket handshake",
		Run: func(t *T) {
			mark := t.Mark()
			header := t.WebSocket(Marked(mark)).ResponseHeader()
			t.Expect(header.Get("x-each")).To(Equal(mark), "the header that the hook set")
		},
	},
	Case{
		ID: "headers/each-on-upgrade", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-never-on-upgrade"},
		Title:  "calls headers for the WebSocket handshake of an upgrade, and sends what it sets",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling()
			w, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + p.SID + "&mark=" + mark)
			t.Expect(w).NotTo(BeNil(), "the WebSocket of the upgrade, answered with %v", r)
			t.Expect(r.Header.Get("x-each")).To(Equal(mark), "the header that the hook set")
			t.Expect(calls(o, Headers, mark)).To(Equal(1), "the calls of headers")
		},
	},
	Case{
		ID: "headers/each-called-once-a-request", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-twice"},
		Title:  "calls headers once for each of a polling session's requests",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			t.POST(p.Query()+"&mark="+mark, "40")
			t.GET(p.Query() + "&mark=" + mark)
			t.POST(p.Query()+"&mark="+mark, "3")
			entries := o.Entries(OfType(Headers), WithMark(mark))
			methods := []string{}
			for _, e := range entries {
				methods = append(methods, e.Method)
			}
			t.Expect(methods).To(Equal([]string{"GET", "POST", "GET", "POST"}), "the methods of the requests that headers was called for")
		},
	},
	Case{
		ID: "headers/each-sees-the-request", Level: Required, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/initial-never-over-polling"},
		Title:  "hands the request to both hooks",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			t.Polling(Marked(mark))
			for _, hook := range []string{InitialHeaders, Headers} {
				entries := o.Entries(OfType(hook), WithMark(mark))
				t.Expect(entries).To(HaveLen(1), "the calls of %s", hook)
				t.Expect(entries[0].Method).To(Equal("GET"), "the request's method")
				t.Expect(entries[0].URL).To(ContainSubstring("transport=polling&mark="+mark), "the request's URL")
			}
		},
	},
	Case{
		ID: "headers/none-for-messages-over-websocket", Level: Required, Source: responseHeaders, Needs: eachHook,
		Faults: []string{"headers/each-for-messages"},
		Title:  "calls headers for a WebSocket's handshake alone, not for its messages",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			c := t.Client(OverWebSocket, Marked(mark))
			c.Connect("/")
			c.Echoes("/")
			c.Close()
			t.Expect(calls(o, Headers, mark)).To(Equal(1), "the calls of headers")
		},
	},
	Case{
		ID: "headers/initial-before-each-over-polling", Level: Recommended, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/each-before-initial"},
		Title:  "calls initial_headers before headers for a polling handshake, so that headers has the last word",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			r := t.Polling(Marked(mark)).Handshake
			order(t, o, mark)
			t.Expect(r.Header.Get("test")).To(Equal("789"), "the header that both hooks set")
		},
	},
	Case{
		ID: "headers/initial-before-each-over-websocket", Level: Recommended, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/each-never-over-websocket"},
		Title:  "calls initial_headers before headers for a WebSocket handshake, so that headers has the last word",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			header := t.WebSocket(Marked(mark)).ResponseHeader()
			order(t, o, mark)
			t.Expect(header.Get("test")).To(Equal("789"), "the header that both hooks set")
		},
	},
	Case{
		ID: "headers/one-value-where-both-set-one", Level: Recommended, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/both-values-sent"},
		Title:  "sends one value where both hooks set the same header",
		Run: func(t *T) {
			t.Expect(t.Polling().Handshake.Header.Values("test")).To(Equal([]string{"789"}), "the values of the header over polling")
			t.Expect(t.WebSocket().ResponseHeader().Values("test")).To(Equal([]string{"789"}), "the values of the header over WebSocket")
		},
	},
	Case{
		ID: "headers/none-on-refused-requests", Level: Recommended, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/on-refusals"},
		Title:  "calls neither hook for a request that it refuses",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			paths := []string{
				"?EIO=4&transport=carrier-pigeon", "?EIO=4&transport=polling&sid=never-was", "?EIO=4&transport=websocket", "?EIO=4&transport=polling&deny=",
			}
			if !servesProtocol3(t) {
				paths = append(paths, "?EIO=3&transport=polling")
			}
			for _, path := range paths {
				r := t.GET(path + "&mark=" + mark)
				t.Expect(r.Status).To(BeNumerically(">=", 400), "the status of %v", r)
				t.Expect(r.Header.Values("x-each")).To(BeEmpty(), "the header of headers on the refusal of %s", path)
				t.Expect(r.Header.Values("x-initial")).To(BeEmpty(), "the header of initial_headers on the refusal of %s", path)
			}
			t.Expect(calls(o, InitialHeaders, mark)+calls(o, Headers, mark)).To(BeZero(), "the calls of both hooks")
		},
	},
	Case{
		ID: "headers/none-on-refused-websockets", Level: Recommended, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/on-refusals"},
		Title:  "calls neither hook for a WebSocket handshake that it refuses",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			for _, path := range []string{"?EIO=4&transport=websocket&sid=never-was", "?EIO=4&transport=websocket&deny="} {
				w, r := t.Upgrade(path + "&mark=" + mark)
				t.Expect(w).To(BeNil(), "the WebSocket of a refused handshake")
				t.Expect(r.Header.Values("x-each")).To(BeEmpty(), "the header of headers on the refusal of %s", path)
			}
			t.Expect(calls(o, InitialHeaders, mark)+calls(o, Headers, mark)).To(BeZero(), "the calls of both hooks")
		},
	},
	Case{
		ID: "headers/unmarked-requests-are-left-alone", Level: Required, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/shared-between-requests"},
		Title:  "sends one session's headers with no answer of another session",
		Run: func(t *T) {
			marked := t.Polling(Marked(t.Mark()))
			other := t.Polling()
			t.Expect(other.Handshake.Header.Values("x-initial")).To(BeEmpty(), "the other session's header of initial_headers")
			t.Expect(other.Handshake.Header.Values("x-each")).To(BeEmpty(), "the other session's header of headers")
			r := marked.POST("40")
			t.Expect(r.Header.Values("x-each")).To(BeEmpty(), "the mark of an earlier request of the session")
		},
	},
	Case{
		ID: "headers/each-session-gets-its-own", Level: Required, Source: responseHeaders, Needs: bothHooks,
		Faults: []string{"headers/first-session-s-for-all"},
		Title:  "gives each of two hundred sessions at once its own headers and no other's",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			const lanes = 20
			sessions := t.Tolerance().Sessions
			t.Together(lanes, func(lane int) {
				for i := lane; i < sessions; i += lanes {
					own := fmt.Sprintf("%sx%d", mark, i)
					r := t.GET("?EIO=4&transport=polling&mark=" + own)
					t.Expect(r.Header.Values("x-initial")).To(Equal([]string{own}), "the session's header of initial_headers")
					t.Expect(r.Header.Values("x-each")).To(Equal([]string{own}), "the session's header of headers")
				}
			})
			for _, i := range []int{0, sessions / 2, sessions - 1} {
				own := fmt.Sprintf("%sx%d", mark, i)
				t.Expect(calls(o, InitialHeaders, own)).To(Equal(1), "the calls of initial_headers for one of them")
				t.Expect(calls(o, Headers, own)).To(Equal(1), "the calls of headers for one of them")
			}
		},
	},
)

// order expects the record of initial_headers directly before that of headers for a handshake.
func order(t *T, o *Observer, mark string) {
	var types []string
	for _, e := range o.Entries(WithMark(mark)) {
		types = append(types, e.Type)
	}
	t.Expect(types).To(Equal([]string{InitialHeaders, Headers}), "the hooks in the order of their calls")
}

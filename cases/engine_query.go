package cases

import (
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// joined opens a session and asks to join the main namespace, so that it is not the server's
// patience with clients that join nothing which ends it. Whether the server lets it in does not matter.
func joined(t *T, transport Transport) *Client {
	c := t.Client(transport)
	c.Send("40")
	c.Receive()
	return c
}

// badQueries are handshakes whose query the protocol does not allow.
var badQueries = []struct {
	slug, what, query string
	level             Level
}{
	{slug: "version-missing", what: "no protocol version", query: "?transport=polling", level: Required},
	{slug: "version-not-a-number", what: "a protocol version that is no number", query: "?EIO=abc&transport=polling", level: Required},
	// A server may be told to serve clients of the version before as well.
	{slug: "version-3", what: "protocol version 3", query: "?EIO=3&transport=polling", level: Recommended},
	{slug: "version-5", what: "a protocol version that does not exist", query: "?EIO=5&transport=polling", level: Required},
	{slug: "transport-missing", what: "no transport", query: "?EIO=4", level: Required},
	{slug: "transport-unknown", what: "an unknown transport", query: "?EIO=4&transport=abc", level: Required},
	{slug: "transport-websocket-over-plain-http", what: "the transport websocket but no Upgrade header", query: "?EIO=4&transport=websocket", level: Required},
}

var _ = func() struct{} {
	for _, b := range badQueries {
		Add(Case{
			ID: "handshake/" + b.slug, Level: b.level, Source: enginePollingQuery,
			Title: "answers 400 to a handshake with " + b.what,
			Run: func(t *T) {
				r := t.GET(b.query)
				if strings.HasPrefix(b.slug, "version") {
					refusesProtocol(t, r)
				}
				t.Expect(r.Status).To(Equal(400), "the status of %v", r)
			},
		})
	}
	return struct{}{}
}()

var _ = Add(
	Case{
		ID: "handshake/path-without-slash", Level: Observed, Source: enginePollingPath,
		Faults: []string{"handshake/path-without-slash"},
		Title:  "opens no session at its path without the trailing slash",
		Run: func(t *T) {
			path := t.Path()
			beside := t.Request("GET", path[:len(path)-1]+"?EIO=4&transport=polling")
			t.Answer("it opens none")
			// What stands at that path is the application's; it may never answer. The official server can be told to serve both.
			if r, err := beside.Outcome(t.Tolerance().Patience / 10); err == nil && r.Status == 200 {
				if _, err := ParseOpen(r.Body); err == nil {
					t.Answer("it opens one")
					t.Failf("Expected\n    no session at the path without the trailing slash\nbut\n    one was opened: %v", r)
				}
			}
		},
	},
	Case{
		ID: "handshake/transport-named-like-an-object-member", Level: Required, Source: enginePollingQuery,
		Faults: []string{"handshake/transport-defaults-to-polling"},
		Title:  "answers 400 to transports that are named like members of every JavaScript object, and lives on",
		Run: func(t *T) {
			for _, name := range []string{"constructor", "__proto__", "toString", "hasOwnProperty"} {
				r := t.GET("?EIO=4&transport=" + name)
				t.Expect(r.Status).To(Equal(400), "the status of %v for the transport %s", r, name)
			}
			t.Polling()
		},
	},
	Case{
		ID: "handshake/without-sid-opens-another-session", Level: Required, Source: enginePollingQuery,
		Faults: []string{"polling/post-answered-with-204"},
		Title:  "opens a session of its own for each handshake without a sid",
		Run: func(t *T) {
			first, second := t.Polling(), t.Polling()
			t.Expect(second.SID).NotTo(Equal(first.SID), "the second session's sid")
			first.Lives()
			second.Lives()
		},
	},
	Case{
		ID: "handshake/further-parameters", Level: Required, Source: enginePollingQuery,
		Faults: []string{"handshake/extra-parameters-refused"},
		Title:  "ignores query parameters that it does not know, and their order",
		Run: func(t *T) {
			p := t.Polling(Query("t=abc123&x=%F0%9F%98%80&empty="))
			r := t.GET("?t=abc124&transport=polling&x=1&EIO=4")
			t.Expect(r.Status).To(Equal(200), "the status of a handshake with its parameters in another order")
			r = t.POST("?t=abc125&sid="+p.SID+"&transport=polling&EIO=4", "3")
			t.Expect(r.Status).To(Equal(200), "the status of a POST with a further parameter")
		},
	},
	Case{
		ID: "handshake/version-of-a-session-is-kept", Level: Recommended, Source: enginePollingQuery, Since: "4.8",
		Faults: []string{"handshake/any-protocol-version"},
		Title:  "answers 400 to a poll that names another protocol version than its session's",
		Run: func(t *T) {
			p := t.Polling()
			r := t.GET("?EIO=3&transport=polling&sid=" + p.SID)
			t.Expect(r.Status).To(Equal(400), "the status of %v", r)
		},
	},
)

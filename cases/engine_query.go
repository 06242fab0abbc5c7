package cases

import (
	"strings"
	"unicode/utf8"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// joined opens a session and asks to join the main namespace, so that the connect timeout does not end it. It does not
// matter whether the server lets it in.
func joined(t *T, transport Transport) *Client {
	c := t.Client(transport)
	c.Send("40")
	c.Receive()
	return c
}

// staying opens a session over polling and asks to join the main namespace, so that the connect timeout does not end the
// session, however long the case takes.
func staying(t *T, given ...Option) *Polling {
	p := t.Polling(given...)
	p.Send("40")
	return p
}

// nextAnswer receives the next packet that is not an event: an application may greet clients that join.
func nextAnswer(receive func() string) string {
	for {
		if packet := receive(); !strings.HasPrefix(packet, "42") {
			return packet
		}
	}
}

// alike returns sids that differ little from a session's, in what a lenient comparison passes over. A sid of hexadecimal
// digits, such as a UUID, may be read as a number, whose letters have no case (RFC 9562, section 4).
func alike(sid string) []string {
	all := []string{sid + " "}
	otherCase := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		case c >= 'A' && c <= 'Z':
			return c - 'A' + 'a'
		}
		return c
	}, sid)
	if otherCase != sid && strings.Trim(strings.ToLower(sid), "0123456789abcdef-") != "" {
		all = append(all, otherCase)
	}
	if len(sid) >= 12 { // a short one may be a number, whose first digits are the sid of another session
		_, last := utf8.DecodeLastRuneInString(sid)
		all = append(all, sid[:len(sid)-last])
	}
	return all
}

// badQueries are handshakes with a query that the protocol does not allow.
var badQueries = []struct {
	slug, what, query string
	rule              *Rule
	level             Level
}{
	{slug: "version-missing", what: "no protocol version", query: "?transport=polling", rule: missingVersionRefused, level: Required},
	{slug: "version-not-a-number", what: "a protocol version that is not a number", query: "?EIO=abc&transport=polling", rule: malformedVersionRefused, level: Required},
	{slug: "version-with-letters", what: "a protocol version that is not a number but begins with 4", query: "?EIO=4abc&transport=polling", rule: malformedVersionRefused, level: Required},
	{slug: "version-with-a-fraction", what: "protocol version 4.7, which does not exist", query: "?EIO=4.7&transport=polling", rule: futureVersionRefused, level: Required},
	// The case does not apply if a server is configured to serve clients of version 3 as well.
	{slug: "version-3", what: "protocol version 3", query: "?EIO=3&transport=polling", rule: version3Refused, level: Required},
	{slug: "version-5", what: "a protocol version that does not exist", query: "?EIO=5&transport=polling", rule: futureVersionRefused, level: Required},
	{slug: "transport-missing", what: "no transport", query: "?EIO=4", rule: missingTransportRefused, level: Required},
	{slug: "transport-unknown", what: "an unknown transport", query: "?EIO=4&transport=abc", rule: unknownTransportRefused, level: Required},
	{slug: "transport-websocket-over-plain-http", what: "the transport websocket but no Upgrade header", query: "?EIO=4&transport=websocket", rule: plainWebSocketRequestRefused, level: Recommended},
}

var _ = func() struct{} {
	for _, b := range badQueries {
		Add(Case{
			ID: "handshake/" + b.slug, Level: b.level, Rules: rules(b.rule),
			Title: "answers 400 to a handshake with " + b.what,
			Run: func(t *T) {
				r := t.GET(b.query)
				if strings.HasPrefix(b.slug, "version") {
					refusesProtocol(t, r)
				}
				t.Expect(r.Status, "the status of the answer").To(Equal(400))
			},
		})
	}
	return struct{}{}
}()

var _ = Add(
	Case{
		ID: "handshake/path-without-slash", Level: Observed, Rules: rules(pathEndsWithSlash),
		Title: "does not open a session at its path without the trailing slash",
		Run: func(t *T) {
			path := t.Path()
			beside := t.Request("GET", path[:len(path)-1]+"?EIO=4&transport=polling")
			t.Answer("it opens none")
			// That path belongs to the application, which may never answer. The official server can be configured to serve
			// both.
			if r, err := beside.Outcome(t.Tolerance().Patience / 10); err == nil && r.Status == 200 {
				if _, err := protocol.ParseOpen(protocol.ParsePayload(r.Body)[0]); err == nil {
					t.Answer("it opens one")
					t.Contradicted(r, "the answer at the path without the trailing slash", "no open packet")
				}
			}
		},
	},
	Case{
		ID: "handshake/transport-named-like-an-object-member", Level: Required, Rules: rules(objectMemberIsNoTransport),
		Title: "answers 400 to transports named like members of every JavaScript object, and goes on",
		Run: func(t *T) {
			for _, name := range []string{"constructor", "__proto__", "toString", "hasOwnProperty"} {
				r := t.GET("?EIO=4&transport=" + name)
				t.Expect(r.Status, "the status of the answer for the transport %s", name).To(Equal(400))
			}
			t.Polling()
		},
	},
	Case{
		ID: "handshake/without-sid-opens-another-session", Level: Required, Rules: rules(sidNamesTheSession),
		Title: "opens a new session for each handshake without a sid",
		Run: func(t *T) {
			first, second := t.Polling(), t.Polling()
			t.Expect(second.SID, "the second session's sid").NotTo(Equal(first.SID))
			first.Lives()
			second.Lives()
		},
	},
	Case{
		ID: "handshake/further-parameters", Level: Required, Rules: rules(unknownParametersIgnored),
		Title: "ignores unknown query parameters, and the order of parameters",
		Run: func(t *T) {
			p := t.OpenPolling(Query("t=abc123&x=%F0%9F%98%80&empty="))
			r := t.GET("?t=abc124&transport=polling&x=1&EIO=4")
			t.Expect(r.Status, "the status of a handshake with its parameters in another order").To(Equal(200))
			r = t.POST("?t=abc125&sid="+Escaped(p.SID)+"&transport=polling&EIO=4", "3")
			t.Expect(r.Status, "the status of a POST with a further parameter").To(Equal(200))
		},
	},
	inSessionWithout("polling/poll-without-transport", "a poll of a session that names no transport", Required, "", missingTransportRefused, "GET", "?EIO=4"),
	inSessionWithout("polling/post-without-transport", "a POST of a session that names no transport", Required, "", missingTransportRefused, "POST", "?EIO=4", Body("3")),
	inSessionWithout("polling/poll-without-version", "a poll of a session that names no protocol version", Observed, "4.8", missingVersionInSessionRefused, "GET", "?transport=polling"),
	inSessionWithout("polling/post-without-version", "a POST of a session that names no protocol version", Observed, "4.8", missingVersionInSessionRefused, "POST", "?transport=polling", Body("3")),
	Case{
		ID: "handshake/version-of-a-session-is-kept", Level: Observed, Rules: rules(sessionKeepsItsVersion), Since: "4.8",
		Title: "answers 400 to a poll that names a protocol version other than its session's",
		Run: func(t *T) {
			p := t.Polling()
			r := t.GET("?EIO=3&transport=polling&sid=" + Escaped(p.SID))
			t.Answer("%v", r)
			t.Expect(r.Status, "the status of the answer").To(Equal(400))
		},
	},
)

// inSessionWithout is a case about a request of a session whose query lacks a parameter.
func inSessionWithout(id, what string, level Level, since Edition, rule *Rule, method, query string, given ...Option) Case {
	return Case{
		ID: id, Level: level, Rules: rules(rule), Since: since,
		Title: "answers 400 to " + what,
		Run: func(t *T) {
			r := t.HTTP(method, query+"&sid="+Escaped(staying(t).SID), given...) // what waits for the poll would be its answer
			if level == Observed {
				t.Answer("%v", r)
			}
			t.Expect(r.Status, "the status of the answer").To(Equal(400))
		},
	}
}

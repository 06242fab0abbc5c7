package cases

import (
	"encoding/json"
	"net/url"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// anyWords are an application's reason with what JSON and HTTP could stumble over.
const anyWords = `say "no" \ geschloßen, 終了 🚫`

var escapedWords = url.QueryEscape(anyWords)

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// What else the official server refuses over plain HTTP. A row is Required where the announcement's
// list of codes decides it; how leniently a parameter is read, and which of two reasons wins, only the
// official server shows.
var furtherRefusals = []refusal{
	// code 0
	{
		slug: "no-query", what: "a request without a query", code: 0, request: query(""), context: `{}`,
		seen: []string{"errors/body-empty"}, event: []string{"errors/transport-is-bad-request"}, contextFaults: []string{"errors/no-context"},
	},
	{
		slug: "empty-transport", what: "a request of a transport without a name", code: 0, level: Recommended, brief: true,
		request: query("?EIO=4&transport="), context: `{"transport":""}`,
		seen: []string{"errors/transport-read-leniently"}, event: []string{"errors/context-of-names-only"},
	},
	{
		slug: "transport-in-capitals", what: "a request of a transport whose name is in capitals", code: 0, level: Recommended, brief: true,
		request: query("?EIO=4&transport=POLLING"), context: `{"transport":"POLLING"}`,
		seen: []string{"errors/transport-read-leniently"}, event: []string{"errors/transport-read-leniently"},
	},
	{
		slug: "transport-with-a-space", what: "a request of a transport whose name has a space behind it", code: 0, level: Recommended, brief: true,
		request: query("?EIO=4&transport=polling%20"), context: `{"transport":"polling "}`,
		seen: []string{"errors/transport-read-leniently"}, event: []string{"errors/transport-read-leniently"},
	},
	{
		slug: "unknown-transport-post", what: "a POST of an unknown transport", code: 0, method: "POST", level: Recommended, brief: true,
		request: query("?EIO=4&transport=carrier-pigeon"), context: `{"transport":"carrier-pigeon"}`,
		seen: []string{"errors/method-checked-first"}, event: []string{"errors/method-checked-first"},
	},
	{
		slug: "unknown-transport-of-unknown-session", what: "an unknown transport for an unknown session, since the transport comes first", code: 0,
		level: Recommended, brief: true,
		request: query("?EIO=4&transport=carrier-pigeon&sid=never-was"), context: `{"transport":"carrier-pigeon"}`,
		seen: []string{"errors/session-checked-first"}, event: []string{"errors/session-checked-first"},
	},
	{
		slug: "unknown-transport-of-older-protocol", what: "an unknown transport of another protocol version, since the transport comes first", code: 0,
		level: Recommended, brief: true,
		request: query("?EIO=3&transport=carrier-pigeon"), context: `{"transport":"carrier-pigeon"}`,
		seen: []string{"errors/protocol-checked-first"}, event: []string{"errors/protocol-checked-first"},
	},
	{
		slug: "forbidden-unknown-transport", what: "an unknown transport that the application does not allow either, since the transport comes first", code: 0,
		level: Recommended, brief: true, needs: Needs{Application: true},
		request: query("?EIO=4&transport=carrier-pigeon&deny=closed"), context: `{"transport":"carrier-pigeon"}`,
		seen: []string{"errors/application-asked-first"}, event: []string{"errors/application-asked-first"},
	},
	// code 1
	{
		slug: "unknown-session-put", what: "a PUT to a session that never was", code: 1, method: "PUT",
		request: query("?EIO=4&transport=polling&sid=never-was"), context: `{"sid":"never-was"}`, level: Recommended, brief: true,
		seen: []string{"errors/method-checked-first"}, event: []string{"errors/method-checked-first"},
	},
	{
		slug: "unknown-session-delete", what: "a DELETE of a session that never was", code: 1, method: "DELETE",
		request: query("?EIO=4&transport=polling&sid=never-was"), context: `{"sid":"never-was"}`, level: Recommended, brief: true,
		seen: []string{"errors/method-checked-first"}, event: []string{"errors/method-checked-first"},
	},
	{
		slug: "unknown-session-head", what: "a HEAD of a session that never was", code: 1, method: "HEAD",
		request: query("?EIO=4&transport=polling&sid=never-was"), context: `{"sid":"never-was"}`, level: Recommended, brief: true,
		seen: []string{"errors/status-500"}, event: []string{"errors/method-checked-first"},
	},
	{
		slug: "unknown-session-of-websocket", what: "a plain GET of the transport websocket for a session that never was", code: 1, level: Recommended, brief: true,
		request: query("?EIO=4&transport=websocket&sid=never-was"), context: `{"sid":"never-was"}`,
		seen: []string{"errors/unknown-session-is-bad-request"}, event: []string{"errors/unknown-session-is-bad-request"},
	},
	{
		slug: "prototype-session", what: "a poll of a session that is named like a member of every JavaScript object", code: 1,
		request: query("?EIO=4&transport=polling&sid=__proto__"), context: `{"sid":"__proto__"}`,
		seen: []string{"errors/unknown-session-is-bad-request"}, event: []string{"errors/unknown-session-is-bad-request"}, contextFaults: []string{"errors/no-context"},
	},
	{
		slug: "escaped-session", what: "a poll of a session whose name needs escaping", code: 1, level: Recommended, brief: true,
		request: query("?EIO=4&transport=polling&sid=%7B%22a%22%7D%20%C3%A9%2F"), context: `{"sid":"{\"a\"} é/"}`,
		seen: []string{"errors/unknown-session-is-bad-request"}, event: []string{"errors/context-undecoded"},
	},
	{
		slug: "repeated-session", what: "a poll that names two sessions that never were", code: 1, level: Recommended, brief: true,
		request: query("?EIO=4&transport=polling&sid=never-was&sid=nor-this"),
		seen:    []string{"errors/unknown-session-is-bad-request"}, event: []string{"errors/no-event-within-sessions"},
	},
	{
		slug: "forbidden-unknown-session", what: "a poll of an unknown session, of which the application is not asked", code: 1,
		level: Recommended, brief: true, needs: Needs{Application: true},
		request: query("?EIO=4&transport=polling&sid=never-was&deny=closed"), context: `{"sid":"never-was"}`,
		seen: []string{"errors/application-asked-first"}, event: []string{"errors/application-asked-first"},
	},
	{
		slug: "older-protocol-of-unknown-session", what: "another protocol version for an unknown session, since the session comes first", code: 1,
		level: Recommended, brief: true,
		request: query("?EIO=3&transport=polling&sid=never-was"), context: `{"sid":"never-was"}`,
		seen: []string{"errors/protocol-checked-first"}, event: []string{"errors/protocol-checked-first"},
	},
	// code 2
	{
		slug: "handshake-by-patch", what: "a handshake by PATCH", code: 2, method: "PATCH", level: Recommended, brief: true,
		request: query("?EIO=4&transport=polling"), context: `{"method":"PATCH"}`,
		seen: []string{"errors/bad-method-is-bad-request"}, event: []string{"errors/context-of-names-only"},
	},
	{
		slug: "handshake-by-head", what: "a handshake by HEAD", code: 2, method: "HEAD", level: Recommended, brief: true,
		request: query("?EIO=4&transport=polling"), context: `{"method":"HEAD"}`,
		seen: []string{"errors/head-is-get"}, event: []string{"errors/head-is-get"},
	},
	{
		slug: "post-to-empty-session", what: "a POST whose sid is empty, which is none", code: 2, method: "POST", level: Recommended, brief: true,
		request: query("?EIO=4&transport=polling&sid="), context: `{"method":"POST"}`,
		seen: []string{"errors/empty-sid-is-a-session"}, event: []string{"errors/empty-sid-is-a-session"},
	},
	{
		slug: "forbidden-post", what: "a handshake by POST that the application does not allow either, since the method comes first", code: 2, method: "POST",
		level: Recommended, brief: true, needs: Needs{Application: true},
		request: query("?EIO=4&transport=polling&deny=closed"), context: `{"method":"POST"}`,
		seen: []string{"errors/application-asked-first"}, event: []string{"errors/application-asked-first"},
	},
	{
		slug: "post-of-older-protocol", what: "a handshake by POST of another protocol version, since the method comes first", code: 2, method: "POST",
		level: Recommended, brief: true,
		request: query("?EIO=3&transport=polling"), context: `{"method":"POST"}`,
		seen: []string{"errors/protocol-checked-first"}, event: []string{"errors/protocol-checked-first"},
	},
	// code 3
	{
		slug: "post-to-websocket-session", what: "a POST to a session that is on WebSocket", code: 3, method: "POST",
		request: func(t *T) string { return "?EIO=4&transport=polling&sid=" + t.WebSocket().SID },
		context: `{"name":"TRANSPORT_MISMATCH","transport":"polling","previousTransport":"websocket"}`,
		seen:    []string{"errors/mismatch-is-unknown-session"}, event: []string{"errors/no-event-within-sessions"}, contextFaults: []string{"errors/context-without-name"},
	},
	{
		slug: "post-after-upgrade", what: "a POST to a session that was upgraded", code: 3, method: "POST",
		request: func(t *T) string {
			p := t.Polling()
			w := p.Upgrade()
			w.Send("40") // the upgrade is complete once the server answers
			w.Receive()
			return p.Query()
		},
		context: `{"name":"TRANSPORT_MISMATCH","transport":"polling","previousTransport":"websocket"}`,
		seen:    []string{"errors/mismatch-is-unknown-session"}, event: []string{"errors/no-event-within-sessions"}, contextFaults: []string{"errors/context-without-name"},
	},
	{
		slug: "websocket-without-upgrade-in-session", what: "a plain GET of the transport websocket for a session that is on polling", code: 3,
		request: func(t *T) string { return "?EIO=4&transport=websocket&sid=" + t.Polling().SID },
		context: `{"name":"TRANSPORT_MISMATCH","transport":"websocket","previousTransport":"polling"}`,
		seen:    []string{"errors/mismatch-is-unknown-session"}, event: []string{"errors/no-event-within-sessions"}, contextFaults: []string{"errors/context-transports-swapped"},
	},
	// code 4
	{
		slug: "forbidden-in-any-script", what: "what the application does not allow, with words of any script", code: 4, status: 403,
		needs: Needs{Application: true}, request: query("?EIO=4&transport=polling&deny=" + escapedWords),
		message: anyWords, context: `{"message":` + quoted(anyWords) + `}`,
		seen: []string{"errors/reason-in-ascii"}, event: []string{"errors/event-with-the-application-s-words"}, contextFaults: []string{"errors/reason-in-ascii"},
	},
	{
		slug: "forbidden-older-protocol", what: "another protocol version that the application does not allow either, since the application comes first", code: 4, status: 403,
		level: Recommended, brief: true, needs: Needs{Application: true},
		request: query("?EIO=3&transport=polling&deny=closed"), message: "closed", context: `{"message":"closed"}`,
		seen: []string{"errors/protocol-checked-first"}, event: []string{"errors/protocol-checked-first"},
	},
	// code 5
	{
		slug: "protocol-no-number", what: "a handshake of a protocol version that is no number", code: 5,
		request: query("?EIO=abc&transport=polling"), context: `{"protocol":3}`,
		seen: []string{"errors/unsupported-protocol-is-bad-request"}, event: []string{"errors/unsupported-protocol-is-bad-request"}, contextFaults: []string{"errors/context-values-as-text"},
	},
	{
		slug: "empty-protocol", what: "a handshake whose protocol version is empty", code: 5,
		request: query("?EIO=&transport=polling"), context: `{"protocol":3}`,
		seen: []string{"errors/protocol-read-leniently"}, event: []string{"errors/unsupported-protocol-is-bad-request"}, contextFaults: []string{"errors/context-values-as-text"},
	},
	{
		slug: "padded-protocol", what: "a handshake whose protocol version is written 04", code: 5, level: Recommended, brief: true,
		request: query("?EIO=04&transport=polling"), context: `{"protocol":3}`,
		seen: []string{"errors/protocol-read-leniently"}, event: []string{"errors/protocol-read-leniently"},
	},
	{
		slug: "protocol-of-two-digits", what: "a handshake of protocol version 41, which begins as 4 does", code: 5,
		request: query("?EIO=41&transport=polling"), context: `{"protocol":3}`,
		seen: []string{"errors/protocol-by-its-first-digit"}, event: []string{"errors/protocol-by-its-first-digit"}, contextFaults: []string{"errors/context-values-as-text"},
	},
	{
		slug: "protocol-under-another-key", what: "a handshake that names its protocol version under eio in place of EIO", code: 5, level: Recommended, brief: true,
		request: query("?eio=4&transport=polling"), context: `{"protocol":3}`,
		seen: []string{"errors/protocol-read-leniently"}, event: []string{"errors/protocol-read-leniently"},
	},
}

var _ = func() struct{} {
	for _, r := range furtherRefusals {
		Add(r.cases()...)
	}
	for _, one := range []struct{ slug, what, request string }{
		{"missing-protocol", "a WebSocket without a protocol version", "?transport=websocket"},
		{"newer-protocol", "a WebSocket of a protocol version that does not exist yet", "?EIO=5&transport=websocket"},
	} {
		Add(
			Case{
				ID: "errors/websocket-" + one.slug, Level: Required, Source: connectionErrors,
				Faults: []string{"errors/websocket-opened-all-the-same"},
				Title:  "opens no session for " + one.what,
				Run:    func(t *T) { t.Answer("%s", refusedSocket(t, one.request)) },
			},
			Case{
				ID: "errors/websocket-" + one.slug + "-event", Level: Required, Source: connectionErrors,
				Faults: []string{"errors/no-event-for-websockets"},
				Needs:  Needs{Features: []string{ConnectionError}},
				Title:  "raises connection_error once, with code 5, for " + one.what,
				Run: func(t *T) {
					o, mark := t.Observe(0), t.Mark()
					refusedSocket(t, one.request+"&mark="+mark)
					entry := once(t, o, mark)
					t.Expect(string(entry.Code)).To(Equal("5"), "the code")
					t.Expect(entry.Message).To(Equal(messages[5]), "the message")
				},
			},
		)
	}
	return struct{}{}
}()

var _ = Add(
	Case{
		ID: "errors/closed-session-context", Level: Recommended, Source: connectionErrors, Needs: Needs{Features: []string{ConnectionError}},
		Faults: []string{"errors/no-context"},
		Title:  "tells the circumstances in the context when it refuses a poll of a session that the client has closed",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling()
			p.Send("1")
			p.Ended()
			t.GET(marked(p.Query(), mark))
			t.Expect(once(t, o, mark).Context).To(ContainJSON(`{"sid":` + quoted(p.SID) + `}`))
		},
	},
	Case{
		ID: "errors/empty-sid-opens-a-session", Level: Recommended, Source: connectionErrors,
		Faults: []string{"errors/empty-sid-is-a-session"},
		Title:  "takes a GET whose sid is empty for a handshake",
		Run: func(t *T) {
			r := t.GET("?EIO=4&transport=polling&sid=")
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			_, err := ParseOpen(ParsePayload(r.Body)[0])
			t.Expect(err).NotTo(HaveOccurred(), "the open packet in %v", r)
		},
	},
	Case{
		ID: "errors/application-asked-for-handshakes-only", Level: Recommended, Source: connectionErrors, Needs: Needs{Application: true},
		Faults: []string{"errors/application-asked-within-sessions"},
		Title:  "asks the application for the handshake of a session alone, not for its further requests",
		Run: func(t *T) {
			p := t.Polling()
			r := t.POST(p.Query()+"&deny=closed", "40")
			t.Expect(r.Status).To(Equal(200), "the status of a POST within the session: %v", r)
			r = t.GET(p.Query() + "&deny=closed")
			t.Expect(r.Status).To(Equal(200), "the status of a poll within the session: %v", r)
			w, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + p.SID + "&deny=closed")
			t.Expect(w).NotTo(BeNil(), "the WebSocket of the upgrade, answered with %v", r)
		},
	},
	Case{
		ID: "errors/websocket-of-transport-polling", Level: Recommended, Source: connectionErrors,
		Faults: []string{"errors/websocket-opened-all-the-same"},
		Title:  "opens no session for a WebSocket handshake of the transport polling",
		Run:    func(t *T) { t.Answer("%s", refusedSocket(t, "?EIO=4&transport=polling")) },
	},
	Case{
		ID: "errors/websocket-by-post-event", Level: Recommended, Source: connectionErrors, Needs: Needs{Features: []string{ConnectionError}},
		Faults: []string{"errors/bad-method-is-bad-request"},
		Title:  "raises connection_error once, with code 2, when it refuses a WebSocket handshake by POST",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			t.HTTP("POST", "?EIO=4&transport=websocket&mark="+mark, handshakeHeaders()...)
			entry := once(t, o, mark)
			t.Expect(string(entry.Code)).To(Equal("2"), "the code")
			t.Expect(entry.Message).To(Equal(messages[2]), "the message")
			t.Expect(entry.Context).To(ContainJSON(`{"method":"POST"}`))
		},
	},
)

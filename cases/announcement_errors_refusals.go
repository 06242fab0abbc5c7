package cases

import (
	"encoding/json"
	"net/url"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// anyWords is an application's message with characters that are difficult in JSON and HTTP.
const anyWords = `say "no" \ geschloßen, 終了 🚫`

var escapedWords = url.QueryEscape(anyWords)

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// Further requests that the official server refuses over plain HTTP. A row is Required if a document asks for the refusal.
// How leniently a parameter is read, and which of two reasons wins, rests on the official server alone.
var furtherRefusals = []refusal{
	// code 0
	{
		slug: "no-query", exactly: true, what: "a request without a query", code: 0, request: query(""), context: `{}`,
		protocol: rules(missingTransportRefused),
		reasons:  rules(missingTransportIsCode0, firstReasonCounts),
	},
	{
		slug: "empty-transport", what: "a request for a transport with an empty name", code: 0, level: Recommended, brief: true,
		reasons: rules(parametersCountAsWritten, unknownTransportIsCode0),
		request: query("?EIO=4&transport="), context: `{"transport":""}`,
	},
	{
		slug: "transport-in-capitals", what: "a request for a transport whose name is in capitals", code: 0, level: Recommended, brief: true,
		reasons: rules(parametersCountAsWritten, unknownTransportIsCode0),
		request: query("?EIO=4&transport=POLLING"), context: `{"transport":"POLLING"}`,
	},
	{
		slug: "transport-with-a-space", what: "a request for a transport whose name has a trailing space", code: 0, level: Recommended, brief: true,
		reasons: rules(parametersCountAsWritten, unknownTransportIsCode0),
		request: query("?EIO=4&transport=polling%20"), context: `{"transport":"polling "}`,
	},
	{
		slug: "unknown-transport-post", what: "a POST for an unknown transport", code: 0, method: "POST", level: Recommended, brief: true,
		reasons: rules(firstReasonCounts, unknownTransportIsCode0),
		request: query("?EIO=4&transport=carrier-pigeon"), context: `{"transport":"carrier-pigeon"}`,
	},
	{
		slug: "unknown-transport-of-unknown-session", what: "an unknown transport for an unknown session, since the transport comes first", code: 0,
		reasons: rules(firstReasonCounts, unknownTransportIsCode0),
		level:   Recommended, brief: true,
		request: query("?EIO=4&transport=carrier-pigeon&sid=never-was"), context: `{"transport":"carrier-pigeon"}`,
	},
	{
		slug: "unknown-transport-of-older-protocol", what: "an unknown transport with another protocol version, since the transport comes first", code: 0,
		reasons: rules(firstReasonCounts, unknownTransportIsCode0),
		level:   Recommended, brief: true,
		request: query("?EIO=3&transport=carrier-pigeon"), context: `{"transport":"carrier-pigeon"}`,
	},
	{
		slug: "forbidden-unknown-transport", what: "an unknown transport that the application does not allow either, since the transport comes first", code: 0,
		reasons: rules(firstReasonCounts, unknownTransportIsCode0),
		level:   Recommended, brief: true, needs: denied,
		request: query("?EIO=4&transport=carrier-pigeon&deny=turned-away"), context: `{"transport":"carrier-pigeon"}`,
	},
	// code 1
	{
		slug: "unknown-session-put", what: "a PUT to a session that never existed", code: 1, method: "PUT",
		reasons: rules(firstReasonCounts, unknownSessionIsCode1),
		request: query("?EIO=4&transport=polling&sid=never-was"), context: `{"sid":"never-was"}`, level: Recommended, brief: true,
	},
	{
		slug: "unknown-session-delete", what: "a DELETE of a session that never existed", code: 1, method: "DELETE",
		reasons: rules(firstReasonCounts, unknownSessionIsCode1),
		request: query("?EIO=4&transport=polling&sid=never-was"), context: `{"sid":"never-was"}`, level: Recommended, brief: true,
	},
	{
		slug: "unknown-session-head", what: "a HEAD of a session that never existed", code: 1, method: "HEAD",
		reasons: rules(firstReasonCounts, unknownSessionIsCode1),
		request: query("?EIO=4&transport=polling&sid=never-was"), context: `{"sid":"never-was"}`, level: Recommended, brief: true,
	},
	{
		slug: "unknown-session-of-websocket", what: "a plain GET of the transport websocket for a session that never existed", code: 1, level: Recommended, brief: true,
		reasons: rules(firstReasonCounts, unknownSessionIsCode1),
		request: query("?EIO=4&transport=websocket&sid=never-was"), context: `{"sid":"never-was"}`,
	},
	{
		slug: "prototype-session", exactly: true, what: "a poll of a session named like a member of every JavaScript object", code: 1,
		protocol: rules(pollOfUnknownSessionRefused),
		request:  query("?EIO=4&transport=polling&sid=__proto__"), context: `{"sid":"__proto__"}`,
	},
	{
		slug: "escaped-session", what: "a poll of a session whose ID needs escaping", code: 1, level: Recommended, brief: true,
		reasons: rules(parametersCountAsWritten, unknownSessionIsCode1),
		request: query("?EIO=4&transport=polling&sid=%7B%22a%22%7D%20%C3%A9%2F"), context: `{"sid":"{\"a\"} é/"}`,
	},
	{
		slug: "repeated-session", what: "a poll that names two sessions that never existed", code: 1, level: Recommended, brief: true,
		reasons: rules(parametersCountAsWritten, unknownSessionIsCode1),
		request: query("?EIO=4&transport=polling&sid=never-was&sid=nor-this"),
	},
	{
		slug: "forbidden-unknown-session", what: "a poll of an unknown session, for which the application is not asked", code: 1,
		reasons: rules(firstReasonCounts, unknownSessionIsCode1),
		level:   Recommended, brief: true, needs: denied,
		request: query("?EIO=4&transport=polling&sid=never-was&deny=turned-away"), context: `{"sid":"never-was"}`,
	},
	{
		slug: "older-protocol-of-unknown-session", what: "another protocol version for an unknown session, since the session comes first", code: 1,
		reasons: rules(firstReasonCounts, unknownSessionIsCode1),
		level:   Recommended, brief: true,
		request: query("?EIO=3&transport=polling&sid=never-was"), context: `{"sid":"never-was"}`,
	},
	// code 2
	{
		slug: "handshake-by-patch", what: "a handshake by PATCH", code: 2, method: "PATCH", level: Recommended, brief: true,
		protocol: rules(onlyGETOpensSession),
		request:  query("?EIO=4&transport=polling"), context: `{"method":"PATCH"}`,
	},
	{
		slug: "handshake-by-head", what: "a handshake by HEAD", code: 2, method: "HEAD", level: Recommended, brief: true,
		request: query("?EIO=4&transport=polling"), context: `{"method":"HEAD"}`,
	},
	{
		slug: "post-to-empty-session", what: "a POST with an empty sid, which counts as none", code: 2, method: "POST", level: Recommended, brief: true,
		reasons: rules(emptySessionIsNone, otherMethodIsCode2),
		request: query("?EIO=4&transport=polling&sid="), context: `{"method":"POST"}`,
	},
	{
		slug: "forbidden-post", what: "a handshake by POST that the application does not allow either, since the method comes first", code: 2, method: "POST",
		reasons: rules(firstReasonCounts, otherMethodIsCode2),
		level:   Recommended, brief: true, needs: denied,
		request: query("?EIO=4&transport=polling&deny=turned-away"), context: `{"method":"POST"}`,
	},
	{
		slug: "post-of-older-protocol", what: "a handshake by POST with another protocol version, since the method comes first", code: 2, method: "POST",
		reasons: rules(firstReasonCounts, otherMethodIsCode2),
		level:   Recommended, brief: true,
		request: query("?EIO=3&transport=polling"), context: `{"method":"POST"}`,
	},
	// code 3
	{
		slug: "post-to-websocket-session", what: "a POST to a session that is on WebSocket", code: 3, method: "POST",
		request: func(t *T) string { return "?EIO=4&transport=polling&sid=" + Escaped(t.WebSocket().SID) },
		context: `{"name":"TRANSPORT_MISMATCH","transport":"polling","previousTransport":"websocket"}`,
	},
	{
		slug: "post-after-upgrade", what: "a POST to an upgraded session", code: 3, method: "POST",
		request: func(t *T) string {
			p := t.Polling()
			w := p.Upgrade()
			w.Send("40") // the upgrade is complete once the server answers
			w.Receive()
			return p.Query()
		},
		context: `{"name":"TRANSPORT_MISMATCH","transport":"polling","previousTransport":"websocket"}`,
	},
	{
		slug: "websocket-without-upgrade-in-session", what: "a plain GET of the transport websocket for a session that is on polling", code: 3,
		request: func(t *T) string { return "?EIO=4&transport=websocket&sid=" + Escaped(t.Polling().SID) },
		context: `{"name":"TRANSPORT_MISMATCH","transport":"websocket","previousTransport":"polling"}`,
	},
	// code 4
	{
		slug: "forbidden-in-any-script", what: "a request that the application does not allow, with a message in any script", code: 4, status: 403,
		reasons: rules(forbiddenIsCode4, denyRefuses),
		needs:   denied, request: query("?EIO=4&transport=polling&deny=" + escapedWords),
		message: anyWords, context: `{"message":` + quoted(anyWords) + `}`,
	},
	{
		slug: "forbidden-older-protocol", what: "another protocol version that the application does not allow either, since the application comes first", code: 4, status: 403,
		reasons: rules(firstReasonCounts, forbiddenIsCode4),
		level:   Recommended, brief: true, needs: denied,
		request: query("?EIO=3&transport=polling&deny=turned-away"), message: "turned-away", context: `{"message":"turned-away"}`,
	},
	// code 5
	{
		slug: "protocol-no-number", exactly: true, what: "a handshake whose protocol version is not a number", code: 5,
		request: query("?EIO=abc&transport=polling"), context: contextOfOtherProtocol,
	},
	{
		slug: "protocol-with-letters", exactly: true, what: "a handshake whose protocol version begins with 4 but is not a number", code: 5,
		protocol: rules(malformedVersionRefused),
		request:  query("?EIO=4abc&transport=polling"), context: contextOfOtherProtocol,
	},
	{
		slug: "empty-protocol", exactly: true, what: "a handshake whose protocol version is empty", code: 5,
		protocol: rules(malformedVersionRefused),
		reasons:  rules(missingProtocolIsCode5),
		request:  query("?EIO=&transport=polling"), context: contextOfOtherProtocol,
	},
	{
		slug: "padded-protocol", what: "a handshake whose protocol version is written 04", code: 5, level: Recommended, brief: true,
		reasons: rules(parametersCountAsWritten, otherProtocolIsCode5),
		request: query("?EIO=04&transport=polling"), context: contextOfOtherProtocol,
	},
	{
		slug: "spaced-protocol", what: "a handshake whose protocol version begins with a space", code: 5, level: Recommended, brief: true,
		reasons: rules(parametersCountAsWritten, otherProtocolIsCode5),
		request: query("?EIO=%204&transport=polling"), context: contextOfOtherProtocol,
	},
	{
		slug: "protocol-of-two-digits", exactly: true, what: "a handshake of protocol version 41, which begins with 4", code: 5,
		request: query("?EIO=41&transport=polling"), context: contextOfOtherProtocol,
	},
	{
		slug: "protocol-under-another-key", what: "a handshake that gives its protocol version as eio instead of EIO", code: 5, level: Recommended, brief: true,
		reasons: rules(parametersCountAsWritten, missingProtocolIsCode5),
		request: query("?eio=4&transport=polling"), context: contextOfOtherProtocol,
	},
}

var _ = func() struct{} {
	for _, r := range furtherRefusals {
		Add(r.cases()...)
	}
	for _, one := range []struct {
		slug, what, request string
		reason              *Rule
		protocol            []*Rule
	}{
		{"missing-protocol", "a WebSocket without a protocol version", "?transport=websocket", missingProtocolIsCode5, rules(webSocketWithoutVersionRefused)},
		{"newer-protocol", "a WebSocket of a protocol version that does not exist yet", "?EIO=5&transport=websocket", otherProtocolIsCode5, nil},
	} {
		Add(
			Case{
				ID: "errors/websocket-" + one.slug, Level: Required, Rules: append(rules(refusedRequestOpensNothing), one.protocol...),
				Title: "does not open a session for " + one.what,
				Run:   func(t *T) { t.Answer("%s", refusedSocket(t, one.request)) },
			},
			Case{
				ID: "errors/websocket-" + one.slug + "-event", Level: Required, Rules: rules(refusalRaisesOneEvent, eventHasCodeAndMessage, eventHasContext),
				Needs: Needs{Features: []string{ConnectionError}},
				Title: "raises connection_error once, with a code from the list, for " + one.what,
				Run: func(t *T) {
					o, mark := t.Observe(0), t.Mark()
					refusedSocket(t, one.request+"&mark="+mark)
					asAnnounced(t, once(t, o, mark), unsupportedProtocol, one.reason == missingProtocolIsCode5)
				},
			},
		)
	}
	return struct{}{}
}()

var _ = Add(
	Case{
		ID: "errors/closed-session-context", Level: Recommended, Rules: rules(contextHasCircumstances, eventHasContext), Needs: Needs{Features: []string{ConnectionError}},
		Title: "gives the details in the context when it refuses a poll of a session that the client has closed",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := staying(t)
			p.Send("1")
			p.Ended()
			t.GET(marked(p.Query(), mark))
			circumstances(t, once(t, o, mark), `{"sid":`+quoted(p.SID)+`}`)
		},
	},
	Case{
		ID: "errors/empty-sid-opens-a-session", Level: Recommended, Rules: rules(emptySessionIsNone),
		Title: "treats a GET with an empty sid as a handshake",
		Run: func(t *T) {
			r := t.GET("?EIO=4&transport=polling&sid=")
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.OpenPacket(protocol.ParsePayload(r.Body)[0])
		},
	},
	Case{
		ID: "errors/application-asked-for-handshakes-only", Level: Recommended, Rules: rules(applicationAskedForHandshakes), Needs: denied,
		Title: "asks the application only about the handshake of a session, not about its further requests",
		Run: func(t *T) {
			p := t.Polling()
			r := t.POST(p.Query()+t.Draw("&deny=turned-away"), "40")
			t.Expect(r.Status, "the status of a POST within the session").To(Equal(200))
			r = t.GET(p.Query() + t.Draw("&deny=turned-away"))
			t.Expect(r.Status, "the status of a poll within the session").To(Equal(200))
			w, _ := t.Upgrade("?EIO=4&transport=websocket&sid=" + Escaped(p.SID) + t.Draw("&deny=turned-away"))
			t.Expect(w, "the WebSocket of the upgrade").NotTo(BeNil())
		},
	},
	Case{
		ID: "errors/websocket-of-transport-polling", Level: Recommended, Rules: rules(refusedRequestOpensNothing),
		Title: "does not open a session for a WebSocket handshake of the transport polling",
		Run:   func(t *T) { t.Answer("%s", refusedSocket(t, "?EIO=4&transport=polling")) },
	},
	Case{
		ID: "errors/websocket-by-post-event", Level: Recommended, Rules: rules(otherMethodIsCode2, eventHasCodeAndMessage, refusalRaisesOneEvent, contextHasCircumstances), Needs: Needs{Features: []string{ConnectionError}},
		Title: "raises connection_error once, with code 2, when it refuses a WebSocket handshake by POST",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			t.HTTP("POST", "?EIO=4&transport=websocket&mark="+mark, handshakeHeaders()...)
			entry := once(t, o, mark)
			asAnnounced(t, entry, 2, false)
			circumstances(t, entry, `{"method":"POST"}`)
		},
	},
)

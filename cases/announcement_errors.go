package cases

import (
	"fmt"
	"slices"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

// messages are the messages of the six codes, as the announcement lists them.
var messages = []string{
	"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version",
}

const (
	unknownSession      = 1
	badRequest          = 3
	unsupportedProtocol = 5
)

// These cases separate what every implementation must do from what only the official server does. The documents demand that
// the request is refused and opens no session. The answer may have no body, but a reason in it must be the one from the
// list. The announcement promises that the event comes once, with the code, the message and a context: that is Required,
// and the keys of the context are Recommended. No document says which of two reasons wins, how leniently a parameter is
// read, or which code a missing parameter has: that is Recommended.

// refusal is one way to be refused over plain HTTP.
type refusal struct {
	slug    string // part of the IDs of its cases
	what    string // completes "refuses …"
	code    int
	method  string // GET if empty
	request func(*T) string
	context string // JSON, as in the official server
	since   Edition
	level   Level // of all its cases except the one for the context; Required if empty
	needs   Needs
	status  int    // the status of the official server; 400 if 0
	exactly bool   // a document or a test of the official suites asks for that status
	message string // in the answer, if it is not the message of the code
	// brief makes the case for the event compare the context as well, instead of a separate case. It is for rows that are
	// entirely Recommended.
	brief bool

	reasons  []*Rule // the rule of the code if empty
	protocol []*Rule // rules of the Engine.IO protocol that the answer must also follow
}

// reasonOf has the rules of the six codes.
var reasonOf = []*Rule{
	unknownTransportIsCode0, unknownSessionIsCode1, otherMethodIsCode2, otherTransportIsCode3, forbiddenIsCode4, otherProtocolIsCode5,
}

var refusals = []refusal{
	{
		slug: "unknown-transport", exactly: true, what: "a polling request for an unknown transport", code: 0,
		protocol: rules(unknownTransportRefused),
		request:  query("?EIO=4&transport=carrier-pigeon"),
		context:  `{"transport":"carrier-pigeon"}`,
	},
	{
		slug: "missing-transport", exactly: true, what: "a request without a transport", code: 0,
		protocol: rules(missingTransportRefused),
		reasons:  rules(missingTransportIsCode0),
		request:  query("?EIO=4"),
		context:  `{}`,
	},
	{
		slug: "prototype-transport", exactly: true, what: "a transport named like a member of every JavaScript object", code: 0,
		protocol: rules(objectMemberIsNoTransport),
		request:  query("?EIO=4&transport=constructor"),
		context:  `{"transport":"constructor"}`,
	},
	{
		slug: "unknown-session", exactly: true, what: "a poll of a session that never existed", code: 1,
		protocol: rules(pollOfUnknownSessionRefused),
		request:  query("?EIO=4&transport=polling&sid=never-was"),
		context:  `{"sid":"never-was"}`,
	},
	{
		slug: "unknown-session-post", exactly: true, what: "a POST to a session that never existed", code: 1, method: "POST",
		protocol: rules(postToUnknownSessionRefused),
		request:  query("?EIO=4&transport=polling&sid=never-was"),
		context:  `{"sid":"never-was"}`,
	},
	{
		slug: "closed-session", exactly: true, what: "a poll of a session that the client has closed", code: 1,
		protocol: rules(pollOfUnknownSessionRefused),
		request: func(t *T) string {
			p := staying(t)
			p.Send("1")
			p.Ended()
			return p.Query()
		},
	},
	{
		slug: "handshake-by-post", what: "a handshake by POST", code: 2, method: "POST",
		protocol: rules(postOpensNoSession),
		request:  query("?EIO=4&transport=polling"),
		context:  `{"method":"POST"}`,
	},
	{
		slug: "handshake-by-put", what: "a handshake by PUT", code: 2, method: "PUT",
		protocol: rules(onlyGETOpensSession),
		request:  query("?EIO=4&transport=polling"),
		context:  `{"method":"PUT"}`,
	},
	{
		slug: "handshake-by-delete", what: "a handshake by DELETE", code: 2, method: "DELETE",
		protocol: rules(onlyGETOpensSession),
		request:  query("?EIO=4&transport=polling"),
		context:  `{"method":"DELETE"}`,
	},
	{
		slug: "websocket-without-upgrade", what: "a plain GET of the transport websocket", code: 3,
		level:    Recommended,
		protocol: rules(plainWebSocketRequestRefused),
		reasons:  rules(plainWebSocketIsCode3),
		request:  query("?EIO=4&transport=websocket"),
		context:  `{"name":"TRANSPORT_HANDSHAKE_ERROR"}`,
	},
	{
		slug: "poll-of-websocket-session", what: "a poll of a session that is on WebSocket", code: 3,
		request: func(t *T) string { return "?EIO=4&transport=polling&sid=" + Escaped(t.WebSocket().SID) },
		context: `{"name":"TRANSPORT_MISMATCH","transport":"polling","previousTransport":"websocket"}`,
	},
	{
		slug: "poll-after-upgrade", exactly: true, what: "a poll of an upgraded session", code: 3,
		protocol: rules(pollAfterUpgradeRefused),
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
		slug: "other-protocol-in-session", what: "a poll with a protocol version other than the session's", code: 3,
		protocol: rules(sessionKeepsItsVersion),
		reasons:  rules(otherProtocolInSessionIsCode3),
		since:    "4.8", level: Observed,
		request: func(t *T) string { return "?EIO=3&transport=polling&sid=" + Escaped(t.Polling().SID) },
		context: `{"name":"PROTOCOL_MISMATCH","protocol":3,"previousProtocol":4}`,
	},
	{
		slug: "forbidden", what: "a request that the application does not allow", code: 4, status: 403,
		reasons: rules(forbiddenIsCode4, denyRefuses),
		needs:   denied.With(AllowRequestDefault),
		request: query("?EIO=4&transport=polling&deny="),
	},
	{
		slug: "forbidden-with-reason", what: "a request that the application does not allow, with the application's own message", code: 4, status: 403,
		reasons: rules(forbiddenIsCode4, denyRefuses),
		needs:   denied,
		request: query("?EIO=4&transport=polling&deny=now%20turned-away"),
		message: "now turned-away",
		context: `{"message":"now turned-away"}`,
	},
	{
		slug: "missing-protocol", exactly: true, what: "a handshake without a protocol version", code: 5,
		protocol: rules(missingVersionRefused),
		reasons:  rules(missingProtocolIsCode5),
		request:  query("?transport=polling"),
		context:  contextOfOtherProtocol,
	},
	{
		slug: "older-protocol", exactly: true, what: "a handshake of protocol version 3", code: 5,
		protocol: rules(version3Refused),
		request:  query("?EIO=3&transport=polling"),
		context:  contextOfOtherProtocol,
	},
	{
		slug: "newer-protocol", exactly: true, what: "a handshake of a protocol version that does not exist yet", code: 5,
		protocol: rules(futureVersionRefused),
		request:  query("?EIO=5&transport=polling"),
		context:  contextOfOtherProtocol, // whatever the client named
	},
}

// denied is what a case needs in which the application refuses a request.
var denied = Needs{Features: []string{AllowRequest}}

func query(q string) func(*T) string { return func(t *T) string { return t.Draw(q) } }

var _ = func() struct{} {
	for _, r := range refusals {
		Add(r.cases()...)
	}
	return struct{}{}
}()

func (r refusal) cases() []Case {
	if r.level == "" {
		r.level = Required
	}
	if r.method == "" {
		r.method = "GET"
	}
	if r.status == 0 {
		r.status = 400
	}
	if r.message == "" {
		r.message = messages[r.code]
	}
	if r.reasons == nil {
		r.reasons = rules(reasonOf[r.code])
	}
	// If the documents leave the code open, any code from the list is accepted.
	open := slices.ContainsFunc(r.reasons, func(one *Rule) bool { return one.Basis.Highest() != Required })
	recorded := r.needs.With(ConnectionError)
	event := rules(refusalRaisesOneEvent, eventHasCodeAndMessage, eventHasTheRequest, eventHasContext)
	if r.level != Required {
		return r.strict(recorded, event)
	}
	refused, reasons := rules(refusedRequestOpensNothing, bodyDoesNotLie), r.reasons
	raises := fmt.Sprintf("raises connection_error once, with code %d, when it refuses %s", r.code, r.what)
	told := fmt.Sprintf("gives no other reason than code %d if it gives one", r.code)
	if open {
		told = "gives a code from the list if it gives one"
		raises = fmt.Sprintf("raises connection_error once, with a code from the list, when it refuses %s", r.what)
	} else {
		refused = append(refused, r.reasons...)
		event = append(event, r.reasons...)
	}
	all := []Case{
		{
			ID: "errors/" + r.slug, Level: Required, Rules: append(refused, r.protocol...), Since: r.since, Needs: r.needs,
			Title: fmt.Sprintf("refuses %s, and %s", r.what, told),
			Run: func(t *T) {
				answer := t.HTTP(r.method, r.request(t))
				if r.code == unsupportedProtocol {
					refusesProtocol(t, answer)
				}
				if r.exactly {
					t.Expect(answer.Status, "the status of the answer").To(Equal(r.status))
				}
				r.refuses(t, answer, open)
			},
		},
		{
			ID: "errors/" + r.slug + "-answer", Level: Recommended, Rules: slices.Concat(rules(statusOfRefusals, bodyTellsReason), reasons), Since: r.since, Needs: r.needs,
			Title: fmt.Sprintf("answers with code %d, its message and the status %d when it refuses %s", r.code, r.status, r.what),
			Run: func(t *T) {
				answer := t.HTTP(r.method, r.request(t))
				if r.code == unsupportedProtocol {
					refusesProtocol(t, answer)
				}
				r.tells(t, answer)
			},
		},
		{
			ID: "errors/" + r.slug + "-event", Level: Required, Rules: event, Since: r.since, Needs: recorded,
			Title: raises,
			Run: func(t *T) {
				r.raised(t, open)
			},
		},
	}
	if open {
		all = append(all, Case{
			ID: "errors/" + r.slug + "-code", Level: Recommended, Rules: append(slices.Clone(reasons), eventHasCodeAndMessage), Since: r.since, Needs: recorded,
			Title: fmt.Sprintf("raises connection_error with code %d when it refuses %s", r.code, r.what),
			Run: func(t *T) {
				r.raised(t, false)
			},
		})
	}
	if r.context != "" {
		all = append(all, Case{
			ID: "errors/" + r.slug + "-context", Level: Recommended, Rules: contextRules(r.context), Since: r.since, Needs: recorded,
			Title: fmt.Sprintf("gives the details in the context when it refuses %s", r.what),
			Run: func(t *T) {
				entry, _ := r.provoke(t)
				circumstances(t, entry, r.context)
			},
		})
	}
	return all
}

// strict returns the cases of a row that rests on the official server alone: they compare the whole answer and the whole
// event.
func (r refusal) strict(recorded Needs, event []*Rule) []Case {
	answer := rules(statusOfRefusals, refusedRequestOpensNothing)
	if r.method != "HEAD" {
		answer = append(answer, bodyTellsReason, bodyDoesNotLie)
	}
	if r.brief && r.context != "" {
		event = append(event, contextHasCircumstances)
	}
	all := []Case{
		{
			ID: "errors/" + r.slug, Level: r.level, Rules: slices.Concat(r.reasons, answer, r.protocol), Since: r.since, Needs: r.needs,
			Title: fmt.Sprintf("refuses with code %[2]d %[1]s", r.what, r.code),
			Run: func(t *T) {
				answer := t.HTTP(r.method, r.request(t))
				if r.level == Observed {
					t.Answer("%v", answer)
				}
				if r.code == unsupportedProtocol {
					refusesProtocol(t, answer)
				}
				if r.method != "HEAD" {
					r.tells(t, answer)
					return
				}
				t.Expect(answer.Status, "the status of the answer").To(Equal(r.status))
				t.Expect(answer.Body, "the body of the answer to a HEAD").To(BeEmpty())
			},
		},
		{
			ID: "errors/" + r.slug + "-event", Level: r.level, Rules: append(slices.Clone(r.reasons), event...), Since: r.since, Needs: recorded,
			Title: fmt.Sprintf("raises connection_error once, with code %d, when it refuses %s", r.code, r.what),
			Run: func(t *T) {
				entry := r.raised(t, false)
				if r.brief && r.context != "" {
					circumstances(t, entry, r.context)
				}
			},
		},
	}
	if r.context != "" && !r.brief {
		all = append(all, Case{
			ID: "errors/" + r.slug + "-context", Level: r.level, Rules: contextRules(r.context), Since: r.since, Needs: recorded,
			Title: fmt.Sprintf("gives the details in the context when it refuses %s", r.what),
			Run: func(t *T) {
				entry, _ := r.provoke(t)
				circumstances(t, entry, r.context)
			},
		})
	}
	return all
}

var _ = Add(
	Case{
		ID: "errors/websocket-older-protocol", Level: Required, Rules: rules(otherProtocolIsCode5, refusedRequestOpensNothing),
		Title: "does not open a session for a WebSocket of protocol version 3",
		Run:   func(t *T) { t.Answer("%s", refusedSocket(t, "?EIO=3&transport=websocket")) },
	},
	Case{
		ID: "errors/websocket-older-protocol-event", Level: Required, Rules: rules(otherProtocolIsCode5, eventHasCodeAndMessage, refusalRaisesOneEvent, eventHasContext),
		Needs: Needs{Features: []string{ConnectionError}},
		Title: "raises connection_error once, with code 5, for a WebSocket of protocol version 3",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			refusedSocket(t, "?EIO=3&transport=websocket&mark="+mark)
			entry := once(t, o, mark)
			asAnnounced(t, entry, unsupportedProtocol, false)
		},
	},
	Case{
		ID: "errors/websocket-older-protocol-context", Level: Recommended, Rules: rules(contextHasCircumstances, eventHasContext),
		Needs: Needs{Features: []string{ConnectionError}},
		Title: "gives the details in the context when it refuses a WebSocket of protocol version 3",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			refusedSocket(t, "?EIO=3&transport=websocket&mark="+mark)
			circumstances(t, once(t, o, mark), contextOfOtherProtocol)
		},
	},
	Case{
		ID: "errors/websocket-by-post", Level: Recommended, Rules: rules(refusedRequestOpensNothing),
		Title: "refuses a WebSocket handshake by POST",
		Run: func(t *T) {
			answer := t.HTTP("POST", "?EIO=4&transport=websocket", handshakeHeaders()...)
			t.Expect(answer.Status, "the status of the answer").To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
		},
	},
	Case{
		ID: "errors/body-is-json", Level: Recommended, Rules: rules(refusalDeclaredAsJSON),
		Title: "declares the answer to a refused request as JSON",
		Run: func(t *T) {
			answer := t.GET(t.Draw("?EIO=4&transport=carrier-pigeon"))
			t.Expect(answer.Header.Get("Content-Type"), "the Content-Type").To(HavePrefix("application/json"))
		},
	},
	Case{
		ID: "errors/refusal-spares-other-sessions", Level: Required, Rules: rules(refusalSparesSessions, otherTransportIsCode3),
		Title: "keeps a WebSocket session when it refuses a poll for it",
		Run: func(t *T) {
			w := t.WebSocket()
			answer := t.GET("?EIO=4&transport=polling&sid=" + Escaped(w.SID))
			t.Expect(answer.Status, "the status of the answer").To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
			w.Send("40")
			w.Receive()
		},
	},
	Case{
		ID: "errors/parameters-stay-encoded", Level: Required, Rules: rules(eventHasTheRequest, refusalRaisesOneEvent),
		Needs: Needs{Features: []string{ConnectionError}},
		Title: "gives the event the request whose parameters contain an encoded ampersand, equals sign, percent sign and plus sign",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			request := marked(t.Draw("?EIO=4&transport=carrier-pigeon&room=a%26b%3Dc%25d%2Be"), mark)
			t.GET(request)
			got, want := once(t, o, mark).Asked(request)
			t.Expect(got, "the request's parameters").To(Equal(want))
		},
	},
	Case{
		ID: "errors/each-refusal-raises-its-own", Level: Required, Rules: rules(refusalRaisesOneEvent),
		Needs: Needs{Features: []string{ConnectionError}},
		Title: "raises one connection_error for each of many refused requests at once",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			t.Together(20, func(t *T, _ int) { t.GET(t.Draw("?EIO=4&transport=carrier-pigeon&mark=") + mark) })
			t.Expect(o.Due(20, OfType(ConnectionError), WithMark(mark)), "the connection_error events of 20 requests").To(HaveLen(20))
		},
	},
)

// handshakeHeaders turns a request into a WebSocket handshake (RFC 6455, section 4.1).
func handshakeHeaders() (all []Option) {
	for _, h := range wire.Handshake() {
		all = append(all, Header(h[0], h[1]))
	}
	return all
}

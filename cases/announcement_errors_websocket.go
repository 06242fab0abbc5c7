package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// socketRefusal is one way to be refused over WebSocket, before the connection is opened.
type socketRefusal struct {
	slug, what string
	code       int
	request    func(*T) string
	since      Edition
	level      Level // Required if empty
	needs      Needs
	message    string
	context    string // JSON, as in the official server; a separate case, which is Recommended

	reasons  []*Rule // the rule of the code if empty
	protocol []*Rule // rules of the Engine.IO protocol that the answer must also follow
}

var socketRefusals = []socketRefusal{
	{
		slug: "unknown-transport", what: "for an unknown transport", code: 0,
		request: query("?EIO=4&transport=carrier-pigeon"),
		context: `{"transport":"carrier-pigeon"}`,
	},
	{
		slug: "missing-transport", what: "without a transport", code: 0,
		protocol: rules(webSocketWithoutTransportRefused),
		reasons:  rules(missingTransportIsCode0),
		request:  query("?EIO=4"),
		context:  `{}`,
	},
	{
		slug: "unknown-session", what: "for a session that never existed", code: 1,
		protocol: rules(webSocketOfUnknownSessionRefused),
		request:  query("?EIO=4&transport=websocket&sid=never-was"),
		context:  `{"sid":"never-was"}`,
	},
	{
		slug: "other-protocol-in-session", what: "with a protocol version other than the session's", code: 3,
		reasons: rules(otherProtocolInSessionIsCode3),
		since:   "4.8", level: Observed,
		request: func(t *T) string { return "?EIO=3&transport=websocket&sid=" + Escaped(t.Polling().SID) },
		context: `{"name":"PROTOCOL_MISMATCH","protocol":3,"previousProtocol":4}`,
	},
	{
		slug: "forbidden", what: "that the application does not allow", code: 4,
		reasons: rules(forbiddenIsCode4, denyRefuses),
		needs:   denied.With(AllowRequestDefault),
		request: query("?EIO=4&transport=websocket&deny="),
	},
	{
		slug: "forbidden-with-reason", what: "that the application does not allow, with the application's own message", code: 4,
		reasons: rules(forbiddenIsCode4, denyRefuses),
		needs:   denied,
		request: query("?EIO=4&transport=websocket&deny=now%20turned-away"),
		message: "now turned-away",
		context: `{"message":"now turned-away"}`,
	},
	{
		slug: "prototype-transport", what: "for a transport named like a member of every JavaScript object", code: 0,
		request: query("?EIO=4&transport=constructor"), context: `{"transport":"constructor"}`,
	},
	{
		slug: "transport-in-capitals", what: "for a transport whose name is in capitals", code: 0, since: "4.6", level: Recommended,
		reasons: rules(parametersCountAsWritten, unknownTransportIsCode0),
		request: query("?EIO=4&transport=WEBSOCKET"), context: `{"transport":"WEBSOCKET"}`,
	},
	{
		slug: "closed-session", what: "for a session that the client has closed", code: 1,
		protocol: rules(webSocketOfUnknownSessionRefused),
		request: func(t *T) string {
			p := staying(t)
			p.Send("1")
			p.Ended()
			return "?EIO=4&transport=websocket&sid=" + Escaped(p.SID)
		},
	},
	{
		slug: "unknown-transport-of-unknown-session", what: "for an unknown transport and an unknown session, since the transport comes first", code: 0,
		reasons: rules(firstReasonCounts, unknownTransportIsCode0),
		since:   "4.6", level: Recommended, request: query("?EIO=4&transport=carrier-pigeon&sid=never-was"),
	},
	{
		slug: "older-protocol-of-unknown-session", what: "with another protocol version for an unknown session, since the session comes first", code: 1,
		reasons: rules(firstReasonCounts, unknownSessionIsCode1),
		level:   Recommended, request: query("?EIO=3&transport=websocket&sid=never-was"),
	},
	{
		slug: "forbidden-older-protocol", what: "with another protocol version that the application does not allow either, since the application comes first", code: 4,
		reasons: rules(firstReasonCounts, forbiddenIsCode4),
		level:   Recommended, needs: denied, request: query("?EIO=3&transport=websocket&deny=turned-away"),
		message: "turned-away", context: `{"message":"turned-away"}`,
	},
	{
		slug: "forbidden-in-any-script", what: "that the application does not allow, with a message in any script", code: 4,
		reasons: rules(forbiddenIsCode4, denyRefuses),
		needs:   denied, request: query("?EIO=4&transport=websocket&deny=" + escapedWords),
		message: anyWords, context: `{"message":` + quoted(anyWords) + `}`,
	},
}

var _ = func() struct{} {
	for _, r := range socketRefusals {
		if r.message == "" {
			r.message = messages[r.code]
		}
		if r.level == "" {
			r.level = Required
		}
		if r.reasons == nil {
			r.reasons = rules(reasonOf[r.code])
		}
		// A refusal alone does not show which of several reasons it has.
		reasons := slices.DeleteFunc(slices.Clone(r.reasons), func(one *Rule) bool { return one == firstReasonCounts })
		below := Recommended
		if r.level == Observed {
			below = Observed
		}
		refused, event := rules(refusedRequestOpensNothing), rules(refusalRaisesOneEvent, eventHasCodeAndMessage, eventHasContext)
		// If the documents leave the code open, any code from the list is accepted.
		open := r.level == Required && slices.ContainsFunc(r.reasons, func(one *Rule) bool { return one.Basis.Highest() != Required })
		code := fmt.Sprintf("code %d", r.code)
		switch {
		case open:
			code = "a code from the list"
		case r.level == Required:
			refused, event = append(refused, reasons...), append(event, r.reasons...)
		default:
			refused, event = append(reasons, refused...), append(slices.Clone(r.reasons), event...)
		}
		Add(
			Case{
				ID: "errors/websocket-" + r.slug, Level: r.level, Rules: append(refused, r.protocol...), Since: r.since, Needs: r.needs,
				Title: "does not open a session for a WebSocket handshake " + r.what,
				Run:   func(t *T) { t.Answer("%s", refusedSocket(t, r.request(t))) },
			},
			Case{
				ID: "errors/websocket-" + r.slug + "-text", Level: below, Rules: append(rules(refusedWebSocketIsToldWhy, bodyDoesNotLie), r.reasons...), Since: r.since, Needs: r.needs,
				Title: "says why it refuses a WebSocket handshake " + r.what,
				Run: func(t *T) {
					_, answer := t.Upgrade(r.request(t))
					t.Expect(answer.Status, "the status of the answer").To(Equal(400))
					message := t.Draw(r.message)
					asOverPolling, _ := json.Marshal(map[string]any{"code": r.code, "message": message})
					t.Expect(answer.Body, "the body of the answer").To(Or(Equal(message), ContainJSON(string(asOverPolling))))
				},
			},
			Case{
				ID: "errors/websocket-" + r.slug + "-event", Level: r.level, Rules: event, Since: r.since,
				Needs: r.needs.With(ConnectionError),
				Title: fmt.Sprintf("raises connection_error once, with %s, when it refuses a WebSocket handshake %s", code, r.what),
				Run: func(t *T) {
					o, mark := t.Observe(0), t.Mark()
					refusedSocket(t, r.request(t)+"&mark="+mark)
					asAnnounced(t, once(t, o, mark), r.code, open)
				},
			},
		)
		if r.context != "" {
			Add(Case{
				ID: "errors/websocket-" + r.slug + "-context", Level: below, Rules: contextRules(r.context), Since: r.since,
				Needs: r.needs.With(ConnectionError),
				Title: "gives the details in the context when it refuses a WebSocket handshake " + r.what,
				Run: func(t *T) {
					o, mark := t.Observe(0), t.Mark()
					refusedSocket(t, r.request(t)+"&mark="+mark)
					circumstances(t, once(t, o, mark), r.context)
				},
			})
		}
	}
	return struct{}{}
}()

// refusedSocket checks that a WebSocket handshake opens no session: it is answered with an error, or the connection is
// closed, either without an answer or after it was opened and the messages were sent, and no packet comes. It returns how
// the handshake was refused.
func refusedSocket(t *T, path string, messages ...string) (how string) {
	w, answer, end := t.UpgradeOrEnd(path)
	if end != nil {
		return fmt.Sprintf("closed without an answer: %v", end)
	}
	if w == nil {
		t.Expect(answer.Status, "the status of the answer").To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
		return fmt.Sprintf("refused with %v", answer)
	}
	if !strings.Contains(path+"&", "EIO=4&") {
		refusesSocketProtocol(t, w)
	}
	for _, m := range messages {
		w.Send(m)
	}
	closed := w.Closed()
	t.Expect(w.Drain(), "the messages on a refused WebSocket").To(BeEmpty())
	return "opened, then ended: " + closed.String()
}

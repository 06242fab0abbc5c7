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
	level      Level // Required where empty
	needs      Needs
	message    string
	context    string // JSON, as the official server has it; a case of its own, which is Recommended

	reasons  []*Rule // rule of the code where empty
	protocol []*Rule // of the Engine.IO protocol, which the answer has to keep as well
}

var socketRefusals = []socketRefusal{
	{
		slug: "unknown-transport", what: "of an unknown transport", code: 0,
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
		slug: "unknown-session", what: "for a session that never was", code: 1,
		protocol: rules(webSocketOfUnknownSessionRefused),
		request:  query("?EIO=4&transport=websocket&sid=never-was"),
		context:  `{"sid":"never-was"}`,
	},
	{
		slug: "other-protocol-in-session", what: "with another protocol version than the session's", code: 3,
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
		slug: "forbidden-with-reason", what: "that the application does not allow, with the application's own words", code: 4,
		reasons: rules(forbiddenIsCode4, denyRefuses),
		needs:   denied,
		request: query("?EIO=4&transport=websocket&deny=now%20turned-away"),
		message: "now turned-away",
		context: `{"message":"now turned-away"}`,
	},
	{
		slug: "prototype-transport", what: "of a transport that is named like a member of every JavaScript object", code: 0,
		request: query("?EIO=4&transport=constructor"), context: `{"transport":"constructor"}`,
	},
	{
		slug: "transport-in-capitals", what: "of a transport whose name is in capitals", code: 0, since: "4.6", level: Recommended,
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
		slug: "unknown-transport-of-unknown-session", what: "of an unknown transport for an unknown session, since the transport comes first", code: 0,
		reasons: rules(firstReasonCounts, unknownTransportIsCode0),
		since:   "4.6", level: Recommended, request: query("?EIO=4&transport=carrier-pigeon&sid=never-was"),
	},
	{
		slug: "older-protocol-of-unknown-session", what: "of another protocol version for an unknown session, since the session comes first", code: 1,
		reasons: rules(firstReasonCounts, unknownSessionIsCode1),
		level:   Recommended, request: query("?EIO=3&transport=websocket&sid=never-was"),
	},
	{
		slug: "forbidden-older-protocol", what: "of another protocol version that the application does not allow either, since the application comes first", code: 4,
		reasons: rules(firstReasonCounts, forbiddenIsCode4),
		level:   Recommended, needs: denied, request: query("?EIO=3&transport=websocket&deny=turned-away"),
		message: "turned-away", context: `{"message":"turned-away"}`,
	},
	{
		slug: "forbidden-in-any-script", what: "that the application does not allow, with words of any script", code: 4,
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
		// That it is refused at all does not show for which of several reasons.
		reasons := slices.DeleteFunc(slices.Clone(r.reasons), func(one *Rule) bool { return one == firstReasonCounts })
		below := Recommended
		if r.level == Observed {
			below = Observed
		}
		refused, event := rules(refusedRequestOpensNothing), rules(refusalRaisesOneEvent, eventHasCodeAndMessage, eventHasContext)
		// Where the documents leave the code open, every code of the list will do.
		open := r.level == Required && slices.ContainsFunc(r.reasons, func(one *Rule) bool { return one.Basis.Highest() != Required })
		code := fmt.Sprintf("code %d", r.code)
		switch {
		case open:
			code = "a code of the list"
		case r.level == Required:
			refused, event = append(refused, reasons...), append(event, r.reasons...)
		default:
			refused, event = append(reasons, refused...), append(slices.Clone(r.reasons), event...)
		}
		Add(
			Case{
				ID: "errors/websocket-" + r.slug, Level: r.level, Rules: append(refused, r.protocol...), Since: r.since, Needs: r.needs,
				Title: "opens no session for a WebSocket handshake " + r.what,
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
				Title: "tells the circumstances in the context when it refuses a WebSocket handshake " + r.what,
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

// refusedSocket sees that a WebSocket handshake leads to no session: it is answered with an error, or the connection is
// closed, without an answer or once it is open and the messages were sent, and no packet comes. It says how.
func refusedSocket(t *T, path string, messages ...string) (how string) {
	w, answer, end := t.UpgradeOrEnd(path)
	if end != nil {
		return fmt.Sprintf("closed without an answer: %v", end)
	}
	if w == nil {
		t.Expect(answer.Status, "the status of the answer").To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
		return fmt.Sprintf("refused with %v", answer)
	}
	if !strings.Contains(path, "EIO=4") {
		refusesSocketProtocol(t, w)
	}
	for _, m := range messages {
		w.Send(m)
	}
	closed := w.Closed()
	t.Expect(w.Drain(), "the messages on a refused WebSocket").To(BeEmpty())
	return "opened, then ended: " + closed.String()
}

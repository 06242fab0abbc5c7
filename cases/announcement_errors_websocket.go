package cases

import (
	"encoding/json"
	"fmt"
	"strconv"
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

	seen, event, text, contextFaults []string
}

var socketRefusals = []socketRefusal{
	{
		slug: "unknown-transport", what: "of an unknown transport", code: 0,
		request: query("?EIO=4&transport=carrier-pigeon"),
		context: `{"transport":"carrier-pigeon"}`, contextFaults: []string{"errors/no-context-for-websockets"},
	},
	{
		slug: "missing-transport", what: "without a transport", code: 0,
		request: query("?EIO=4"),
		context: `{}`, contextFaults: []string{"errors/no-context-for-websockets"},
	},
	{
		slug: "unknown-session", what: "for a session that never was", code: 1,
		request: query("?EIO=4&transport=websocket&sid=never-was"),
		context: `{"sid":"never-was"}`, contextFaults: []string{"errors/no-context-for-websockets"},
	},
	{
		slug: "other-protocol-in-session", what: "with another protocol version than the session's", code: 3,
		since: "4.8", level: Recommended,
		request: func(t *T) string { return "?EIO=3&transport=websocket&sid=" + t.Polling().SID },
		context: `{"name":"PROTOCOL_MISMATCH","protocol":3,"previousProtocol":4}`, contextFaults: []string{"errors/context-values-as-text"},
	},
	{
		slug: "forbidden", what: "that the application does not allow", code: 4,
		needs:   Needs{Application: true},
		request: query("?EIO=4&transport=websocket&deny="),
	},
	{
		slug: "forbidden-with-reason", what: "that the application does not allow, with the application's own words", code: 4,
		needs:   Needs{Application: true},
		request: query("?EIO=4&transport=websocket&deny=out%20of%20hours"),
		message: "out of hours",
		context: `{"message":"out of hours"}`, contextFaults: []string{"errors/no-context-for-websockets"},
	},
	{
		slug: "prototype-transport", what: "of a transport that is named like a member of every JavaScript object", code: 0,
		request: query("?EIO=4&transport=constructor"), context: `{"transport":"constructor"}`,
		seen: []string{"errors/websocket-opened-all-the-same"}, event: []string{"errors/no-event-for-websockets"},
		text: []string{"errors/message-in-lower-case"}, contextFaults: []string{"errors/no-context-for-websockets"},
	},
	{
		slug: "transport-in-capitals", what: "of a transport whose name is in capitals", code: 0, since: "4.6", level: Recommended,
		request: query("?EIO=4&transport=WEBSOCKET"), context: `{"transport":"WEBSOCKET"}`,
		seen: []string{"errors/transport-read-leniently"}, event: []string{"errors/transport-read-leniently"},
		text: []string{"errors/transport-read-leniently"}, contextFaults: []string{"errors/no-context-for-websockets"},
	},
	{
		slug: "closed-session", what: "for a session that the client has closed", code: 1,
		request: func(t *T) string {
			p := t.Polling()
			p.Send("1")
			p.Ended()
			return "?EIO=4&transport=websocket&sid=" + p.SID
		},
		seen: []string{"errors/websocket-opened-all-the-same"}, event: []string{"errors/no-event-for-websockets"},
		text: []string{"errors/websocket-refused-with-json"},
	},
	{
		slug: "unknown-transport-of-unknown-session", what: "of an unknown transport for an unknown session, since the transport comes first", code: 0,
		since: "4.6", level: Recommended, request: query("?EIO=4&transport=carrier-pigeon&sid=never-was"),
		seen: []string{"errors/websocket-opened-all-the-same"}, event: []string{"errors/session-checked-first"},
		text: []string{"errors/session-checked-first"},
	},
	{
		slug: "older-protocol-of-unknown-session", what: "of another protocol version for an unknown session, since the session comes first", code: 1,
		level: Recommended, request: query("?EIO=3&transport=websocket&sid=never-was"),
		seen: []string{"errors/websocket-opened-all-the-same"}, event: []string{"errors/protocol-checked-first"},
		text: []string{"errors/protocol-checked-first"},
	},
	{
		slug: "forbidden-older-protocol", what: "of another protocol version that the application does not allow either, since the application comes first", code: 4,
		level: Recommended, needs: Needs{Application: true}, request: query("?EIO=3&transport=websocket&deny=closed"),
		message: "closed", context: `{"message":"closed"}`,
		seen: []string{"errors/websocket-opened-all-the-same"}, event: []string{"errors/protocol-checked-first"},
		text: []string{"errors/protocol-checked-first"}, contextFaults: []string{"errors/protocol-checked-first"},
	},
	{
		slug: "forbidden-in-any-script", what: "that the application does not allow, with words of any script", code: 4, level: Recommended,
		needs: Needs{Application: true}, request: query("?EIO=4&transport=websocket&deny=" + escapedWords),
		message: anyWords, context: `{"message":` + quoted(anyWords) + `}`,
		seen: []string{"errors/application-not-asked"}, event: []string{"errors/event-with-the-application-s-words"},
		text: []string{"errors/reason-in-ascii"}, contextFaults: []string{"errors/reason-in-ascii"},
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
		Add(
			Case{
				ID: "errors/websocket-" + r.slug, Level: r.level, Source: connectionErrors, Since: r.since, Needs: r.needs, Faults: r.seen,
				Title: "refuses a WebSocket handshake " + r.what + " with an HTTP error",
				Run: func(t *T) {
					w, answer := t.Upgrade(r.request(t))
					t.Expect(w).To(BeNil(), "the WebSocket, which must not be opened")
					t.Expect(answer.Status).To(And(BeNumerically(">=", 400), BeNumerically("<", 500)), "the status of %v", answer)
				},
			},
			Case{
				ID: "errors/websocket-" + r.slug + "-text", Level: Recommended, Source: connectionErrors, Since: r.since, Needs: r.needs, Faults: r.text,
				Title: "says why it refuses a WebSocket handshake " + r.what,
				Run: func(t *T) {
					_, answer := t.Upgrade(r.request(t))
					t.Expect(answer.Status).To(Equal(400), "the status of %v", answer)
					asOverPolling, _ := json.Marshal(map[string]any{"code": r.code, "message": r.message})
					t.Expect(answer.Body).To(Or(Equal(r.message), MatchJSONValue(string(asOverPolling))))
				},
			},
			Case{
				ID: "errors/websocket-" + r.slug + "-event", Level: r.level, Source: connectionErrors, Since: r.since, Faults: r.event,
				Needs: Needs{Features: []string{ConnectionError}},
				Title: fmt.Sprintf("raises connection_error once, with code %d, when it refuses a WebSocket handshake %s", r.code, r.what),
				Run: func(t *T) {
					o, mark := t.Observe(0), t.Mark()
					t.Upgrade(r.request(t) + "&mark=" + mark)
					entry := once(t, o, mark)
					t.Expect(string(entry.Code)).To(Equal(strconv.Itoa(r.code)), "the code")
					t.Expect(entry.Message).To(Equal(messages[r.code]), "the message")
				},
			},
		)
		if r.context != "" {
			Add(Case{
				ID: "errors/websocket-" + r.slug + "-context", Level: Recommended, Source: connectionErrors, Since: r.since, Faults: r.contextFaults,
				Needs: Needs{Features: []string{ConnectionError}},
				Title: "tells the circumstances in the context when it refuses a WebSocket handshake " + r.what,
				Run: func(t *T) {
					o, mark := t.Observe(0), t.Mark()
					t.Upgrade(r.request(t) + "&mark=" + mark)
					t.Expect(once(t, o, mark).Context).To(ContainJSON(r.context))
				},
			})
		}
	}
	return struct{}{}
}()

// refusedSocket sees that a WebSocket handshake leads to no session: an HTTP error, or an
// opened connection that ends without an open packet, which the official server makes of code 5.
func refusedSocket(t *T, path string) (how string) {
	w, answer := t.Upgrade(path)
	if w == nil {
		t.Expect(answer.Status).To(And(BeNumerically(">=", 400), BeNumerically("<", 500)), "the status of %v", answer)
		return fmt.Sprintf("refused with %v", answer)
	}
	if !strings.Contains(path, "EIO=4") {
		refusesSocketProtocol(t, w)
	}
	end := w.Closed()
	t.Expect(w.Drain()).To(BeEmpty(), "the messages on a refused WebSocket")
	return "opened, then ended: " + end.String()
}

package cases

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

// messages of the six codes, as the announcement lists them.
var messages = []string{
	"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version",
}

const unsupportedProtocol = 5

// What every implementation owes, and what only the official server's own make does:
// the code, the message and that the event comes once are Required, for the announcement promises
// them. The context's existence is promised but not its form: its keys are Recommended. So is the
// text of a refused WebSocket handshake; that it is refused is Required.
// Which of two reasons wins, and how leniently a parameter is read, no document says: Recommended.

// refusal is one way to be refused over plain HTTP.
type refusal struct {
	slug    string // of the IDs of its cases
	what    string // finishes "refuses …"
	code    int
	method  string // GET where empty
	request func(*T) string
	context string // JSON, as the official server has it
	since   Edition
	level   Level // of what the client sees; Required where empty
	needs   Needs
	status  int    // 400 where 0
	message string // in the answer, where it is not the code's own
	// brief has the event's case compare the context as well, in place of a case of its own. It is for
	// rows that are Recommended as a whole.
	brief bool

	seen, event, contextFaults []string
}

var refusals = []refusal{
	{
		slug: "unknown-transport", what: "a polling request of an unknown transport", code: 0,
		request: query("?EIO=4&transport=carrier-pigeon"),
		context: `{"transport":"carrier-pigeon"}`,
	},
	{
		slug: "missing-transport", what: "a request without a transport", code: 0,
		request: query("?EIO=4"),
		context: `{}`,
	},
	{
		slug: "prototype-transport", what: "a transport that is named like a member of every JavaScript object", code: 0,
		request: query("?EIO=4&transport=constructor"),
		context: `{"transport":"constructor"}`,
	},
	{
		slug: "unknown-session", what: "a poll of a session that never was", code: 1,
		request: query("?EIO=4&transport=polling&sid=never-was"),
		context: `{"sid":"never-was"}`,
	},
	{
		slug: "unknown-session-post", what: "a POST to a session that never was", code: 1, method: "POST",
		request: query("?EIO=4&transport=polling&sid=never-was"),
		context: `{"sid":"never-was"}`,
	},
	{
		slug: "closed-session", what: "a poll of a session that the client has closed", code: 1,
		request: func(t *T) string {
			p := t.Polling()
			p.Send("1")
			p.Ended()
			return p.Query()
		},
	},
	{
		slug: "handshake-by-post", what: "a handshake by POST", code: 2, method: "POST",
		request: query("?EIO=4&transport=polling"),
		context: `{"method":"POST"}`,
	},
	{
		slug: "handshake-by-put", what: "a handshake by PUT", code: 2, method: "PUT",
		request: query("?EIO=4&transport=polling"),
		context: `{"method":"PUT"}`,
	},
	{
		slug: "handshake-by-delete", what: "a handshake by DELETE", code: 2, method: "DELETE",
		request: query("?EIO=4&transport=polling"),
		context: `{"method":"DELETE"}`,
	},
	{
		slug: "websocket-without-upgrade", what: "a plain GET of the transport websocket", code: 3,
		request: query("?EIO=4&transport=websocket"),
		context: `{"name":"TRANSPORT_HANDSHAKE_ERROR"}`,
	},
	{
		slug: "poll-of-websocket-session", what: "a poll of a session that is on WebSocket", code: 3,
		request: func(t *T) string { return "?EIO=4&transport=polling&sid=" + t.WebSocket().SID },
		context: `{"name":"TRANSPORT_MISMATCH","transport":"polling","previousTransport":"websocket"}`,
	},
	{
		slug: "poll-after-upgrade", what: "a poll of a session that was upgraded", code: 3,
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
		slug: "other-protocol-in-session", what: "a poll with another protocol version than the session's", code: 3,
		since: "4.8", level: Recommended,
		request: func(t *T) string { return "?EIO=3&transport=polling&sid=" + t.Polling().SID },
		context: `{"name":"PROTOCOL_MISMATCH","protocol":3,"previousProtocol":4}`,
	},
	{
		slug: "forbidden", what: "what the application does not allow", code: 4, status: 403,
		needs:   Needs{Application: true},
		request: query("?EIO=4&transport=polling&deny="),
	},
	{
		slug: "forbidden-with-reason", what: "what the application does not allow, with the application's own words", code: 4, status: 403,
		needs:   Needs{Application: true},
		request: query("?EIO=4&transport=polling&deny=out%20of%20hours"),
		message: "out of hours",
		context: `{"message":"out of hours"}`,
	},
	{
		slug: "missing-protocol", what: "a handshake without a protocol version", code: 5,
		request: query("?transport=polling"),
		context: `{"protocol":3}`,
	},
	{
		slug: "older-protocol", what: "a handshake of protocol version 3", code: 5,
		request: query("?EIO=3&transport=polling"),
		context: `{"protocol":3}`,
	},
	{
		slug: "newer-protocol", what: "a handshake of a protocol version that does not exist yet", code: 5,
		request: query("?EIO=5&transport=polling"),
		context: `{"protocol":3}`, // whatever the client named
	},
}

func query(q string) func(*T) string { return func(*T) string { return q } }

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
	recorded := Needs{Features: []string{ConnectionError}}
	all := []Case{
		{
			ID: "errors/" + r.slug, Level: r.level, Source: connectionErrors, Since: r.since, Needs: r.needs, Faults: r.seen,
			Title: fmt.Sprintf("refuses %s with code %d", r.what, r.code),
			Run: func(t *T) {
				answer := t.HTTP(r.method, r.request(t))
				if r.code == unsupportedProtocol {
					refusesProtocol(t, answer)
				}
				t.Expect(answer.Status).To(Equal(r.status), "the status of %v", answer)
				if r.method == "HEAD" {
					t.Expect(answer.Body).To(BeEmpty(), "the body of the answer to a HEAD")
					return
				}
				body, _ := json.Marshal(map[string]any{"code": r.code, "message": r.message})
				t.Expect(answer.Body).To(MatchJSONValue(string(body)))
			},
		},
		{
			ID: "errors/" + r.slug + "-event", Level: r.level, Source: connectionErrors, Since: r.since, Needs: recorded, Faults: r.event,
			Title: fmt.Sprintf("raises connection_error once, with code %d, when it refuses %s", r.code, r.what),
			Run: func(t *T) {
				entry, request := r.provoke(t)
				t.Expect(string(entry.Code)).To(Equal(strconv.Itoa(r.code)), "the code")
				t.Expect(entry.Message).To(Equal(messages[r.code]), "the message")
				t.Expect(entry.Method).To(Equal(r.method), "the request's method")
				t.Expect(entry.URL).To(ContainSubstring(request), "the request's URL")
				if r.brief && r.context != "" {
					t.Expect(entry.Context).To(ContainJSON(r.context))
				}
			},
		},
	}
	if r.context != "" && !r.brief {
		all = append(all, Case{
			ID: "errors/" + r.slug + "-context", Level: Recommended, Source: connectionErrors, Since: r.since, Needs: recorded, Faults: r.contextFaults,
			Title: fmt.Sprintf("tells the circumstances in the context when it refuses %s", r.what),
			Run: func(t *T) {
				entry, _ := r.provoke(t)
				t.Expect(entry.Context).To(ContainJSON(r.context))
			},
		})
	}
	return all
}

// provoke sends the request that is refused and returns the one event that it raises, and the query.
func (r refusal) provoke(t *T) (Entry, string) {
	o, mark := t.Observe(0), t.Mark()
	request := marked(r.request(t), mark)
	answer := t.HTTP(r.method, request)
	if r.code == unsupportedProtocol {
		refusesProtocol(t, answer)
	}
	t.Expect(answer.Status).To(BeNumerically(">=", 400), "the status of %v", answer)
	return once(t, o, mark), request
}

// marked adds a mark to the query of a request, which may have none.
func marked(request, mark string) string {
	if !strings.Contains(request, "?") {
		return request + "?mark=" + mark
	}
	return request + "&mark=" + mark
}

// once expects exactly one connection_error of the requests with that mark.
func once(t *T, o *Observer, mark string) Entry {
	entries := o.Entries(OfType(ConnectionError), WithMark(mark))
	t.Expect(entries).To(HaveLen(1), "the connection_error events of one refused request")
	return entries[0]
}

// none expects no connection_error of the requests with that mark.
func none(t *T, o *Observer, mark string) {
	t.Expect(o.Entries(OfType(ConnectionError), WithMark(mark))).To(BeEmpty(), "the connection_error events")
}

var _ = Add(
	Case{
		ID: "errors/websocket-older-protocol", Level: Required, Source: connectionErrors,
		Faults: []string{"errors/websocket-opened-all-the-same"},
		Title:  "opens no session for a WebSocket of protocol version 3",
		Run:    func(t *T) { t.Answer("%s", refusedSocket(t, "?EIO=3&transport=websocket")) },
	},
	Case{
		ID: "errors/websocket-older-protocol-event", Level: Required, Source: connectionErrors,
		Faults: []string{"errors/context-values-as-text"},
		Needs:  Needs{Features: []string{ConnectionError}},
		Title:  "raises connection_error once, with code 5, for a WebSocket of protocol version 3",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			refusedSocket(t, "?EIO=3&transport=websocket&mark="+mark)
			entry := once(t, o, mark)
			t.Expect(string(entry.Code)).To(Equal("5"), "the code")
			t.Expect(entry.Message).To(Equal(messages[5]), "the message")
			t.Expect(entry.Context).To(ContainJSON(`{"protocol":3}`))
		},
	},
	Case{
		ID: "errors/websocket-by-post", Level: Recommended, Source: connectionErrors,
		Faults: []string{"errors/status-500"},
		Title:  "refuses a WebSocket handshake by POST",
		Run: func(t *T) {
			answer := t.HTTP("POST", "?EIO=4&transport=websocket", handshakeHeaders()...)
			t.Expect(answer.Status).To(And(BeNumerically(">=", 400), BeNumerically("<", 500)), "the status of %v", answer)
		},
	},
	Case{
		ID: "errors/body-is-json", Level: Recommended, Source: connectionErrors,
		Faults: []string{"errors/body-as-html"},
		Title:  "declares the answer to a refused request as JSON",
		Run: func(t *T) {
			answer := t.GET("?EIO=4&transport=carrier-pigeon")
			t.Expect(answer.Header.Get("Content-Type")).To(HavePrefix("application/json"), "the Content-Type")
		},
	},
	Case{
		ID: "errors/refusal-spares-other-sessions", Level: Required, Source: connectionErrors,
		Faults: []string{"errors/mismatch-ends-the-session"},
		Title:  "keeps a WebSocket session when it refuses a poll of it",
		Run: func(t *T) {
			w := t.WebSocket()
			answer := t.GET("?EIO=4&transport=polling&sid=" + w.SID)
			t.Expect(answer.Status).To(Equal(400), "the status of %v", answer)
			w.Send("40")
			w.Receive()
		},
	},
	Case{
		ID: "errors/each-refusal-raises-its-own", Level: Required, Source: connectionErrors,
		Faults: []string{"errors/event-twice"},
		Needs:  Needs{Features: []string{ConnectionError}},
		Title:  "raises one connection_error for each of many refused requests at once",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			t.Together(20, func(int) { t.GET("?EIO=4&transport=carrier-pigeon&mark=" + mark) })
			t.Expect(o.Entries(OfType(ConnectionError), WithMark(mark))).To(HaveLen(20), "the connection_error events of 20 requests")
		},
	},
	Case{
		ID: "errors/good-session-raises-none", Level: Required, Source: connectionErrors,
		Faults: []string{"errors/event-for-every-handshake"},
		Needs:  Needs{Features: []string{ConnectionError}},
		Title:  "raises no connection_error for a session that polls, posts, upgrades and ends as it should",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			t.POST(p.Query()+"&mark="+mark, "40")
			t.GET(p.Query() + "&mark=" + mark)
			w := p.Upgrade(Marked(mark))
			w.Send(`42["message",1]`)
			w.Receive()
			w.Close()
			t.WebSocket(Marked(mark)).Close()
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/namespace-refusal-raises-none", Level: Required, Source: connectionErrors,
		Faults: []string{"errors/event-for-every-handshake"},
		Needs:  Needs{Features: []string{ConnectionError}},
		Title:  "raises no connection_error when it refuses a namespace",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			w := t.WebSocket(Marked(mark))
			w.Send("40/not-served,")
			t.Expect(w.Receive()).To(HavePrefix("44/not-served,"))
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/middleware-refusal-raises-none", Level: Required, Source: connectionErrors,
		Faults: []string{"namespaces/main-unchecked"},
		Needs:  Needs{Features: []string{ConnectionError}},
		Title:  "raises no connection_error when a middleware refuses a client",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			w := t.WebSocket(Marked(mark))
			w.Send(`40{"refuse":"no"}`)
			t.Expect(w.Receive()).To(HavePrefix("44"))
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/broken-packet-raises-none", Level: Required, Source: connectionErrors,
		Faults: []string{"errors/event-for-broken-packets"},
		Needs:  Needs{Features: []string{ConnectionError}},
		Title:  "raises no connection_error when a session ends because of a broken packet",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			w := t.WebSocket(Marked(mark))
			w.Send("4x")
			w.Closed()
			none(t, o, mark)
		},
	},
)

// handshakeHeaders makes a request a WebSocket handshake (RFC 6455, section 4.1).
func handshakeHeaders() (all []Option) {
	for _, h := range wire.Handshake() {
		all = append(all, Header(h[0], h[1]))
	}
	return all
}

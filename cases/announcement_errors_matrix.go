package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// The matrix of refusals during a session: each reason, over each transport, while the client has a session on polling, on
// WebSocket, or upgraded, which must go on. The other cases refuse the first request of a client, and compare the context.
// There is no cell for a WebSocket handshake that does not fit its session, because the official server does not refuse
// any.

// besideSession is a row of the matrix.
type besideSession struct {
	slug, what string
	code       int
	// request returns the method and the query of the request to be refused, over the transport of that name, for a
	// session. The method is empty if there is no such request.
	request func(c *Client, transport string) (method, query string)
	needs   Needs
	message string  // in the answer, if it is not the message of the code
	reasons []*Rule // the rule of the code if empty
	open    bool    // the documents leave the code open
	// for WebSocket handshakes
	since Edition
	level Level // Required if empty
	late  bool  // a correct server may open the WebSocket before it refuses it, and then it sends no answer
}

var besideSessions = []besideSession{
	{
		slug: "unknown-transport", what: "a request of the session for an unknown transport", code: 0, open: true, since: "4.6",
		reasons: rules(firstReasonCounts, unknownTransportIsCode0),
		request: func(c *Client, _ string) (string, string) {
			return "GET", "?EIO=4&transport=carrier-pigeon&sid=" + Escaped(c.SessionID())
		},
	},
	{
		slug: "unknown-session", what: "a request for a session whose ID begins with that of the session", code: 1,
		request: func(c *Client, transport string) (string, string) {
			return "GET", "?EIO=4&transport=" + transport + "&sid=" + Escaped(c.SessionID()+"x")
		},
	},
	{
		slug: "bad-method", what: "a handshake by POST", code: 2, level: Recommended,
		request: func(_ *Client, transport string) (string, string) { return "POST", "?EIO=4&transport=" + transport },
	},
	{
		slug: "bad-request", what: "a request that does not fit the session's transport", code: 3,
		request: func(c *Client, transport string) (string, string) {
			switch {
			case transport == "websocket":
				return "", ""
			case c.WebSocket == nil:
				return "GET", "?EIO=4&transport=websocket&sid=" + Escaped(c.SessionID())
			}
			return "POST", "?EIO=4&transport=polling&sid=" + Escaped(c.SessionID())
		},
	},
	{
		slug: "forbidden", what: "a handshake that the application does not allow", code: 4, needs: denied, message: "turned-away",
		reasons: rules(forbiddenIsCode4, denyRefuses),
		request: func(_ *Client, transport string) (string, string) {
			return "GET", "?EIO=4&transport=" + transport + "&deny=turned-away"
		},
	},
	{
		slug: "other-protocol", what: "a handshake of a protocol version that does not exist yet", code: 5, late: true,
		request: func(_ *Client, transport string) (string, string) { return "GET", "?EIO=5&transport=" + transport },
	},
}

// besides are the sessions during which requests are refused.
var besides = []struct {
	slug, title string
	over        Transport
}{
	{"on-polling", "a session on polling", OverPolling},
	{"on-websocket", "a session on WebSocket", OverWebSocket},
	{"upgraded", "an upgraded session", AfterUpgrade},
}

// refusalsInARow is how often a cell's request is refused: some servers are right only the first time.
const refusalsInARow = 2

var _ = func() struct{} {
	for _, row := range besideSessions {
		if row.message == "" {
			row.message = messages[row.code]
		}
		if row.reasons == nil {
			row.reasons = rules(reasonOf[row.code])
		}
		for _, transport := range []string{"polling", "websocket"} {
			for _, b := range besides {
				Add(row.cases(transport, b.slug, b.title, b.over)...)
			}
		}
	}
	return struct{}{}
}()

// cases returns the cases of one cell: the answer on the wire, the event, and the whole answer.
func (row besideSession) cases(transport, moment, title string, over Transport) []Case {
	level, since, how := Required, Edition(""), "over polling"
	if transport == "websocket" {
		since, how = row.since, "over WebSocket"
		if row.level != "" {
			level = row.level
		}
	}
	if row.code == badRequest {
		if transport == "websocket" {
			return nil
		}
		how = "over plain HTTP"
	}
	id := strings.Join([]string{"errors/matrix", row.slug, transport, moment}, "-")
	told := fmt.Sprintf("code %d", row.code)
	wire, event := rules(refusalSparesSessions, refusedRequestOpensNothing), rules(refusalRaisesOneEvent, eventHasCodeAndMessage, eventHasContext)
	if transport == "polling" {
		wire = append(wire, bodyDoesNotLie)
	}
	if row.open {
		told = "a code from the list"
	} else {
		event = append(event, row.reasons...)
	}
	status, answer := 400, rules(refusedWebSocketIsToldWhy, bodyDoesNotLie)
	if transport == "polling" {
		answer = rules(statusOfRefusals, bodyTellsReason)
		if row.code == 4 {
			status = 403
		}
	}
	needs := row.needs
	needs.Echo = true
	all := []Case{
		{
			ID: id, Level: level, Rules: wire, Since: since, Needs: needs,
			Title: fmt.Sprintf("refuses %s %s, twice, during %s, which goes on", row.what, how, title),
			Run: func(t *T) {
				row.beside(t, over, func(c *Client) {
					method, query := row.request(c, transport)
					row.refused(t, method, t.Draw(query), transport)
				})
			},
		},
		{
			ID: id + "-event", Level: level, Rules: event, Since: since, Needs: needs.With(ConnectionError),
			Title: fmt.Sprintf("raises connection_error once, with %s, each time that it refuses %s %s during %s", told, row.what, how, title),
			Run: func(t *T) {
				o := t.Observe(0)
				row.beside(t, over, func(c *Client) {
					mark := t.Mark()
					method, query := row.request(c, transport)
					row.refused(t, method, marked(t.Draw(query), mark), transport)
					asAnnounced(t, once(t, o, mark), row.code, row.open)
				})
			},
		},
	}
	if transport == "websocket" && row.late {
		return all
	}
	return append(all, Case{
		ID: id + "-answer", Level: Recommended, Rules: append(answer, row.reasons...), Since: since, Needs: needs,
		Title: fmt.Sprintf("answers with code %d, or its message, and the status %d when it refuses %s %s during %s", row.code, status, row.what, how, title),
		Run: func(t *T) {
			row.beside(t, over, func(c *Client) {
				method, query := row.request(c, transport)
				r := row.answer(t, method, t.Draw(query), transport)
				refusesProtocol(t, r)
				t.Expect(r.Status, "the status of the answer").To(Equal(status))
				message := t.Draw(row.message)
				whole := ContainJSON(fmt.Sprintf(`{"code":%d,"message":%s}`, row.code, quoted(message)))
				if transport == "websocket" {
					whole = Or(Equal(message), whole)
				}
				t.Expect(r.Body, "the body of the answer").To(whole)
			})
		},
	})
}

// beside calls refuse several times during a session, and checks each time that the application still answers in it.
func (row besideSession) beside(t *T, over Transport, refuse func(*Client)) {
	c := t.Client(over)
	c.Connect("/")
	for range refusalsInARow {
		if c.WebSocket == nil {
			c.Polling.PollDuring(func() { refuse(c) })
		} else {
			refuse(c)
		}
		c.Echoes("/")
	}
}

// refused checks that a request opens no session, and that the answer gives no other reason than the one of the row.
func (row besideSession) refused(t *T, method, query, transport string) {
	if transport == "websocket" && method == "GET" {
		refusedSocket(t, query)
		return
	}
	r := row.answer(t, method, query, transport)
	if row.code == unsupportedProtocol {
		refusesProtocol(t, r)
	}
	refusal{code: row.code, message: row.message}.refuses(t, r, row.open)
}

// answer returns the answer to a request that is to be refused, which may be a WebSocket handshake.
func (row besideSession) answer(t *T, method, query, transport string) *Response {
	switch {
	case transport == "polling":
		return t.HTTP(method, query)
	case method != "GET":
		return t.HTTP(method, query, handshakeHeaders()...)
	}
	_, r := t.Upgrade(query)
	return r
}

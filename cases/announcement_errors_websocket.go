package cases

import (
	"fmt"
	"strconv"

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

	seen, event, text []string
}

var socketRefusals = []socketRefusal{
	{
		slug: "unknown-transport", what: "of an unknown transport", code: 0,
		request: query("?EIO=4&transport=carrier-pigeon"),
	},
	{
		slug: "missing-transport", what: "without a transport", code: 0,
		request: query("?EIO=4"),
	},
	{
		slug: "unknown-session", what: "for a session that never was", code: 1,
		request: query("?EIO=4&transport=websocket&sid=never-was"),
	},
	{
		slug: "other-protocol-in-session", what: "with another protocol version than the session's", code: 3,
		since: "4.8", level: Recommended,
		request: func(t *T) string { return "?EIO=3&transport=websocket&sid=" + t.Polling().SID },
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
					t.Expect(answer.Body).To(Equal(r.message))
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
	end := w.Closed()
	t.Expect(w.Drain()).To(BeEmpty(), "the messages on a refused WebSocket")
	return "opened, then ended: " + end.String()
}

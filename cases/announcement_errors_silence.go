package cases

import (
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

// Requests and events that raise no connection_error. Each request carries the mark, and each case flushes the observer
// before it looks at the records, so an event would be there. Silence is Required if no connection was refused: a session
// that ends, a client that a namespace or a middleware refuses, a path that is not the server's. It is Recommended if an
// HTTP request fails: none of the announcement's six codes is for that, but another server might well treat it as a bad
// request.

var raised = Needs{Features: []string{ConnectionError}}

var _ = Add(
	Case{
		ID: "errors/good-session-raises-none", Level: Required, Rules: rules(refusalsAloneRaiseEvents),
		Needs: Needs{Features: []string{ConnectionError}},
		Title: "raises no connection_error for a session that polls, posts, upgrades and ends as it should",
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
		ID: "errors/namespace-refusal-raises-none", Level: Required, Rules: rules(refusalsAloneRaiseEvents),
		Needs: Needs{Features: []string{ConnectionError}},
		Title: "raises no connection_error when it refuses a namespace",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			w := t.WebSocket(Marked(mark))
			w.Send("40/not-served,")
			t.Expect(w.Receive(), "the answer to the CONNECT").To(HavePrefix("44/not-served,"))
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/middleware-refusal-raises-none", Level: Required, Rules: rules(refusalsAloneRaiseEvents, middlewareRefuses),
		Needs: Needs{Features: []string{ConnectionError}},
		Title: "raises no connection_error when a middleware refuses a client",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			w := t.WebSocket(Marked(mark))
			w.Send(`40{"refuse":"no"}`)
			t.Expect(w.Receive(), "the answer to the CONNECT").To(HavePrefix("44"))
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/broken-packet-raises-none", Level: Required, Rules: rules(refusalsAloneRaiseEvents),
		Needs: Needs{Features: []string{ConnectionError}},
		Title: "raises no connection_error when a session ends because of a broken packet",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			w := t.WebSocket(Marked(mark))
			w.Send("4x")
			w.Closed()
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/preflight-raises-none", Level: Recommended, Rules: rules(otherFailuresRaiseNone), Needs: raised,
		Title: "raises no connection_error for a preflight request that it answers",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			for _, path := range []string{"?EIO=4&transport=polling", t.Draw("?EIO=4&transport=polling&sid=never-was"), t.Draw("?EIO=4&transport=carrier-pigeon")} {
				r := t.HTTP("OPTIONS", marked(path, mark), Header("Origin", t.Draw(otherOrigin)), Header("Access-Control-Request-Method", "POST"))
				if r.Status >= 300 {
					t.Inapplicable("the application answers no preflight requests: %v", r)
				}
			}
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/other-path-raises-none", Level: Required, Rules: rules(otherPathsRaiseNone), Needs: raised,
		Title: "raises no connection_error for requests of another path",
		Run: func(t *T) {
			if t.Path() == "/" {
				t.Inapplicable("the target serves Engine.IO at every path")
			}
			o, mark := t.Observe(0), t.Mark()
			beside := []*Pending{
				t.Request("GET", marked(t.Draw("/nowhere-")+mark+t.Draw("/?EIO=4&transport=carrier-pigeon"), mark)),
				t.Request("POST", marked(t.Draw("/nowhere-")+mark+"/?EIO=4&transport=polling", mark)),
				t.Request("GET", marked(t.Draw("/nowhere-")+mark+t.Draw("/?EIO=4&transport=carrier-pigeon"), mark), handshakeHeaders()...),
			}
			t.AwaitSeen() // those paths belong to the application, which may never answer
			for _, one := range beside {
				_, _ = one.Outcome(t.Tolerance().Early)
			}
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/malformed-websocket-raises-none", Level: Recommended, Rules: rules(otherFailuresRaiseNone), Needs: raised,
		Title: "refuses a WebSocket handshake that RFC 6455 does not allow, and raises no connection_error",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			for _, change := range [][2]string{{"Sec-WebSocket-Key", "short"}, {"Sec-WebSocket-Key", ""}, {"Sec-WebSocket-Version", "12"}} {
				r := t.GET(marked("?EIO=4&transport=websocket", mark), handshakeWith(change)...)
				t.Expect(r.Status, "the status with %s set to %q", change[0], change[1]).To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
			}
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/other-method-in-session-raises-none", Level: Recommended, Rules: rules(otherFailuresRaiseNone, refusalSparesSessions), Needs: raised,
		Title: "refuses a PUT, DELETE, PATCH or HEAD within a session, which goes on, and raises no connection_error",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := staying(t)
			for _, method := range []string{"PUT", "DELETE", "PATCH", "HEAD"} {
				r := t.HTTP(method, marked(p.Query(), mark))
				t.Expect(r.Status, "the status of a %s within the session", method).To(BeNumerically(">=", 400))
			}
			p.Lives()
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/overlap-raises-none", Level: Recommended, Rules: rules(otherFailuresRaiseNone), Needs: raised,
		Title: "raises no connection_error when it refuses the second of two polls at once",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			p.Send("40")
			t.Expect(p.Receive(), "the answer to the CONNECT").To(HavePrefix("4"))
			idle(t, p)
			t.GET(marked(p.Query(), mark)) // a ping in between answers the poll
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/oversize-raises-none", Level: Recommended, Rules: rules(otherFailuresRaiseNone), Needs: raised, Since: "4.5",
		Title: "raises no connection_error for a POST of more than maxPayload bytes",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			boundedPayload(t, p.Open)
			body := "4" + strings.Repeat("x", int(p.Open.MaxPayload))
			_, _ = t.Request("POST", marked(p.Query(), mark), Body(body)).Outcome(t.Tolerance().Patience)
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/broken-payload-raises-none", Level: Recommended, Rules: rules(otherFailuresRaiseNone), Needs: raised,
		Title: "raises no connection_error when a session ends because of a POST with an invalid payload",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := staying(t, Marked(mark))
			_, _ = t.Request("POST", marked(p.Query(), mark), Body("nonsense")).Outcome(t.Tolerance().Patience)
			p.Ended()
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/broken-off-poll-raises-none", Level: Required, Rules: rules(refusalsAloneRaiseEvents), Needs: raised,
		Title: "raises no connection_error when a client aborts its poll",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			p.Send("40")
			t.Expect(p.Receive(), "the answer to the CONNECT").To(HavePrefix("4"))
			for range 5 {
				poll := t.Request("GET", marked(p.Query(), mark))
				t.AwaitSeen()
				poll.Abort()
				if _, err := poll.Outcome(t.Tolerance().Patience); err != nil {
					break
				}
				p.Send("3") // a ping was faster
			}
			t.AwaitSeen()
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/second-websocket-raises-none", Level: Recommended, Rules: rules(otherFailuresRaiseNone), Needs: raised,
		Title: "raises no connection_error for a second WebSocket of an upgraded session",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			w := p.Upgrade()
			w.Send("40") // the upgrade is complete once the server answers
			w.Receive()
			second, _, _ := t.UpgradeOrEnd("?EIO=4&transport=websocket&sid=" + Escaped(p.SID) + "&mark=" + mark)
			if second == nil {
				t.Inapplicable("the server refuses the request for the second WebSocket, and a refused request raises the event")
			}
			second.Closed()
			w.StaysOpen()
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/heartbeat-timeout-raises-none", Level: Required, Rules: rules(refusalsAloneRaiseEvents), Needs: raised, Waits: HeartbeatDeadline,
		Title: "raises no connection_error when it closes a connection that answers no ping",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			w := t.WebSocket(Marked(mark), WithoutPongs())
			w.ClosedWithin(w.Open.PingInterval + w.Open.PingTimeout + t.Tolerance().Patience)
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/connect-timeout-raises-none", Level: Required, Rules: rules(refusalsAloneRaiseEvents), Needs: raised.With(ConnectTimeout), Waits: ConnectDeadline,
		Title: "raises no connection_error when it closes a connection that joins no namespace",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			w := t.WebSocket(Marked(mark))
			w.ClosedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			none(t, o, mark)
		},
	},
	Case{
		ID: "errors/refused-clients-over-polling-raise-none", Level: Required, Rules: rules(refusalsAloneRaiseEvents), Needs: raised,
		Title: "raises no connection_error when it refuses a namespace, or a middleware a client, over polling",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			p := t.Polling(Marked(mark))
			packets := connectsToRefuse(t)
			r := t.POST(marked(p.Query(), mark), strings.Join(packets, protocol.Separator))
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			for _, packet := range packets {
				t.Expect(p.Receive(), "the answer to %s", packet).To(HavePrefix("44"))
			}
			none(t, o, mark)
		},
	},
)

// handshakeWith returns the headers of a WebSocket handshake with another value for one of them. If the value is empty, the
// header is left out.
func handshakeWith(change [2]string) (all []Option) {
	for _, h := range wire.Handshake() {
		switch {
		case h[0] != change[0]:
			all = append(all, Header(h[0], h[1]))
		case change[1] != "":
			all = append(all, Header(change[0], change[1]))
		}
	}
	return all
}

package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var application = Needs{Application: true}

var _ = Add(
	Case{
		ID: ConnectsToMain, Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/sid-a-number"},
		Title:  "answers a CONNECT to the main namespace with a CONNECT that names the socket",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send("40")
			answer := w.Receive()
			p, err := ParsePacket(answer)
			t.Expect(err).NotTo(HaveOccurred(), "the answer %q", answer)
			t.Expect(answer).To(HavePrefix("40{"), "the answer to the CONNECT")
			var data map[string]json.RawMessage
			t.Expect(json.Unmarshal([]byte(p.Data), &data)).To(Succeed(), "the data of %q", answer)
			t.Expect(string(data["sid"])).To(HavePrefix(`"`), "the sid, a string")
			t.Expect(p.SID()).NotTo(BeEmpty(), "the sid")
		},
	},
	Case{
		ID: ConnectsToCustom, Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/answer-without-namespace"},
		Title:  "answers a CONNECT to another namespace with a CONNECT for that namespace",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send("40/custom,")
			answer := w.Receive()
			t.Expect(answer).To(HavePrefix("40/custom,{"), "the answer to the CONNECT")
			p, err := ParsePacket(answer)
			t.Expect(err).NotTo(HaveOccurred(), "the answer %q", answer)
			t.Expect(p.SID()).NotTo(BeEmpty(), "the sid")
		},
	},
	Case{
		ID: ControlAnswers, Level: Required, Source: contractControl, Needs: application,
		Faults: []string{"connect/implicit-on-open"},
		Title:  "tells its name, its features and its times, and numbers its records without gaps",
		Run: func(t *T) {
			for i := range t.Targets() {
				o := t.Observe(i)
				var info map[string]json.RawMessage
				t.Expect(json.Unmarshal(o.Command("info", nil), &info)).To(Succeed(), "the answer to info")
				t.Expect(info["contract"]).To(MatchJSONValue("1"), "the contract's version")
				var features []string
				t.Expect(json.Unmarshal(info["features"], &features)).To(Succeed(), "the features: %s", info["features"])
				for _, f := range features {
					t.Expect(Features).To(ContainElement(f), "the features that the contract knows")
				}
				for _, name := range []string{"connectTimeout", "serverSideEmitTimeout"} {
					var ms float64
					t.Expect(json.Unmarshal(info[name], &ms)).To(Succeed(), "%s: %s", name, info[name])
				}
				c := t.Client(OverWebSocket, On(i))
				sid := c.Connect("/").SID()
				o.Await(1, OfType("connection"), func(e Entry) bool { return e.SID == sid })
				t.Expect(o.Gaps()).To(BeEmpty(), "the gaps in the numbers of the records")
			}
		},
	},
)

var _ = Add(slices.Concat(
	overEach("connect/with-auth", "hands the data of a CONNECT to the application",
		Required, socketConnect, echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			for _, prefix := range []string{"", "/custom,"} {
				c.Send("40" + prefix + `{"token":"é€😀","n":[1,{"deep":null}]}`)
				t.Expect(c.Receive().SID()).NotTo(BeEmpty(), "the sid in the answer")
				c.Expect("42" + prefix + `["auth",{"token":"é€😀","n":[1,{"deep":null}]}]`)
			}
		}),
	overEach("connect/without-auth", "hands an empty object to the application where a CONNECT has no data",
		Recommended, socketConnect, echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			for _, prefix := range []string{"", "/custom,"} {
				c.Send("40" + prefix)
				c.Receive()
				c.Expect("42" + prefix + `["auth",{}]`)
			}
		}),
)...)

var _ = Add(
	Case{
		ID: "connect/auth-of-each-namespace", Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/auth-of-the-first-namespace", "connect/auth-only-in-the-main-namespace"},
		Title:  "keeps the data of CONNECTs to several namespaces apart",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send(`40{"who":"main"}`)
			c.Receive()
			c.Expect(`42["auth",{"who":"main"}]`)
			c.Send(`40/custom,{"who":"custom"}`)
			c.Receive()
			c.Expect(`42/custom,["auth",{"who":"custom"}]`)
		},
	},
	Case{
		ID: "connect/auth-of-each-client", Level: Recommended, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/auth-of-another-client"},
		Title:  "hands no client's data to the application as another's",
		Run: func(t *T) {
			with, without := t.Client(OverWebSocket), t.Client(OverWebSocket)
			for range 3 {
				with.Send(`40{"who":"somebody"}`)
				with.Receive()
				with.Expect(`42["auth",{"who":"somebody"}]`)
				without.Send("40")
				without.Receive()
				without.Expect(`42["auth",{}]`)
				for _, c := range []*Client{with, without} {
					c.Send("41")
					c.WebSocket.StaysOpen() // the server has acted on the packet
				}
			}
		},
	},
	Case{
		ID: "connect/comma-may-be-missing", Level: Recommended, Source: socketEncoding, Needs: echo,
		Faults: []string{"connect/comma-demanded", "connect/payload-missing"},
		Title:  "takes a namespace without the comma behind it where nothing follows",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send("40/custom")
			t.Expect(c.Receive().Raw).To(HavePrefix("40/custom,{"), "the answer")
		},
	},
	Case{
		ID: "connect/explicit-main-namespace", Level: Recommended, Source: socketEncoding, Needs: echo,
		Faults: []string{"connect/answer-names-the-main-namespace", "connect/explicit-main-namespace-refused"},
		Title:  "takes a slash for the main namespace, which its answer leaves out",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send("40/,")
			t.Expect(c.Receive().Raw).To(HavePrefix("40{"), "the answer")
		},
	},
	Case{
		ID: "connect/unknown-namespace", Level: Required, Source: socketConnect,
		Faults: []string{"connect/refusal-a-string", "connect/refusal-without-namespace", "connect/refusal-without-payload"},
		Title:  "refuses a namespace that the application does not serve by a CONNECT_ERROR with an object that holds a message",
		Run:    refusesNamespaces("/random"),
	},
	Case{
		ID: "connect/prototype-namespace", Level: Recommended, Source: socketConnect,
		Faults: []string{"connect/refusal-of-other-text"},
		Title:  "refuses a namespace that is named like a member of every JavaScript object, as it does any other that it does not serve",
		Run:    refusesNamespaces("/__proto__", "/constructor"),
	},
	Case{
		ID: "connect/query-is-part-of-the-name", Level: Recommended, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/query-cut-off"},
		Title:  "takes what stands behind a question mark for a part of the namespace's name",
		Run:    refusesNamespaces("/custom?token=x"),
	},
	Case{
		ID: "connect/two-in-one-payload", Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/answer-without-namespace"},
		Title:  "joins a client to two namespaces that it asks for in one payload",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Polling.Send("40" + Separator + "40/custom,")
			var answers []*Packet
			for len(answers) < 2 {
				if p := c.Receive(); p.Type == Connect {
					t.Expect(p.SID()).NotTo(BeEmpty(), "the sid in %s", p)
					answers = append(answers, p)
				} else {
					name, _ := p.Event()
					t.Expect(name).To(Equal("auth"), "the event in %s", p)
				}
			}
			t.Expect([]string{answers[0].Namespace, answers[1].Namespace}).To(ConsistOf("/", "/custom"), "the namespaces of the answers")
		},
	},
	Case{
		ID: "connect/names-are-case-sensitive", Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/case-ignored", "connect/unknown-namespace-joins-main"},
		Title:  "tells namespaces apart that differ in case",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send("40/Custom,")
			t.Expect(w.Receive()).To(MatchPacket(`44/Custom,{"message":"Invalid namespace"}`))
		},
	},
	Case{
		ID: "connect/refused-by-middleware", Level: Required, Source: socketConnect, Needs: application,
		Faults: []string{"connect/middleware-error-ignored", "connect/refusal-hides-the-message"},
		Title:  "answers a client that a middleware refuses with a CONNECT_ERROR that holds the message",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send(`40{"refuse":"é not today"}`)
			p := c.Receive()
			t.Expect(p.Raw).To(HavePrefix("44{"), "the answer")
			t.Expect(p.Data).To(ContainJSON(`{"message":"é not today"}`), "the payload")
		},
	},
	Case{
		ID: "connect/refusal-data", Level: Recommended, Source: socketConnect, Needs: application,
		Faults: []string{"connect/refusal-without-data"},
		Title:  "puts the data of the error by which a middleware refuses a client into the CONNECT_ERROR",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send(`40{"refuse":"not today"}`)
			c.Expect(`44{"message":"not today","data":{"refused":"not today"}}`)
		},
	},
	Case{
		ID: "connect/usable-after-a-refusal", Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/implicit-with-a-custom-namespace", "connect/refusal-of-other-text", "connect/refusal-under-another-key"},
		Title:  "keeps the connection usable after a CONNECT_ERROR",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send("40/random,")
			c.Expect(`44/random,{"message":"Invalid namespace"}`)
			c.Connect("/")
			c.Echoes("/")
		},
	},
	Case{
		ID: "connect/usable-after-a-middleware-refusal", Level: Required, Source: socketConnect, Needs: application,
		Faults: []string{"connect/refusal-closes"},
		Title:  "keeps the connection of a client that a middleware has refused, and lets it join then",
		Run: func(t *T) {
			for _, transport := range []Transport{OverWebSocket, OverPolling} {
				c := t.Client(transport)
				c.Send(`40{"refuse":"not today"}`)
				t.Expect(c.Receive().Raw).To(HavePrefix("44{"), "the answer")
				c.Connect("/")
				c.Echoes("/")
			}
		},
	},
	Case{
		ID: "connect/answer-comes-first", Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/answer-after-the-first-event", "websocket/messages-joined"},
		Title:  "sends the answer to a CONNECT before the events that the application emits upon it",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send("40")
			t.Expect(c.Receive().Type).To(Equal(byte(Connect)), "the type of the first packet")
			name, _ := c.Receive().Event()
			t.Expect(name).To(Equal("auth"), "the event in the second packet")
		},
	},
	Case{
		ID: "connect/no-implicit-connection", Level: Required, Source: socketHistory, Needs: echo,
		Faults: []string{"events/namespace-left-out"},
		Title:  "connects no client to the main namespace that has not asked for it",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Echoes("/custom")
			t.Expect(c.WebSocket.Drain()).To(BeEmpty(), "further packets")
		},
	},
	Case{
		ID: "connect/nothing-before-connect", Level: Required, Source: socketHistory,
		Faults: []string{"connect/unknown-namespace-accepted", "connect/unknown-namespace-disconnects", "connect/unknown-namespace-unanswered"},
		Title:  "sends no Socket.IO packet before the client's CONNECT",
		Run: func(t *T) {
			w := t.WebSocket()
			w.StaysOpen()
			w.Send("40/nowhere,")
			t.Expect(w.Receive()).To(HavePrefix("44/nowhere,"), "the first packet, which must be the answer")
		},
	},
	Case{
		ID: "connect/several-namespaces", Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/one-namespace-only"},
		Title:  "serves several namespaces over one connection, each with its own events",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42/custom,["message","c"]`)
			c.Send(`42["message","m"]`)
			t.Expect([]*Packet{c.Receive(), c.Receive()}).To(ConsistOf( // namespaces need not wait for each other
				MatchPacket(`42/custom,["message-back","c"]`), MatchPacket(`42["message-back","m"]`)))
			t.Expect(c.WebSocket.Drain()).To(BeEmpty(), "further packets")
		},
	},
	Case{
		ID: "connect/sids-are-different", Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/sid-for-all-namespaces", "connect/sid-for-all-sessions", "connect/sid-of-the-session"},
		Title:  "gives a socket another ID than the session, in each namespace another one, and to each client",
		Run: func(t *T) {
			c, other := t.Client(OverWebSocket), t.Client(OverPolling)
			all := []string{c.SessionID(), c.Connect("/").SID(), c.Connect("/custom").SID(), other.SessionID(), other.Connect("/").SID()}
			seen := map[string]bool{}
			for _, sid := range all {
				t.Expect(seen[sid]).To(BeFalse(), "whether %s is there twice in %q", sid, all)
				seen[sid] = true
			}
		},
	},
	closes("connect/event-before-connect", "an EVENT before any CONNECT", socketConnect, Required, "4.5", false, `42["message",1]`),
	closes("connect/duplicate", "a second CONNECT to a namespace", socketConnect, Recommended, "4.5", true, "40"),
	closes("connect/error-from-a-client", "a CONNECT_ERROR from a client", socketConnect, Recommended, "4.5", true, `44{"message":"x"}`),
	closes("connect/data-is-an-array", "a CONNECT whose data is an array", socketConnect, Required, "4.5", false, "40[1]"),
	closes("connect/data-is-text", "a CONNECT whose data is a string", socketConnect, Required, "4.1", false, `40"x"`),
	closes("connect/data-is-null", "a CONNECT whose data is null", socketConnect, Required, "4.5", false, "40null"),
	closes("connect/data-is-broken", "a CONNECT whose data is no JSON", socketConnect, Required, "4.1", false, "40{bad"),
	closes("connect/unknown-packet-type", "a packet of an unknown type", socketPackets, Required, "4.1", true, "47"),
	closes("connect/packet-type-is-a-letter", "a packet whose type is a letter", socketPackets, Required, "4.1", true, "4abc"),
	closes("connect/empty-packet", "a message without a packet", socketPackets, Required, "4.1", true, "4"),
	Case{
		ID: "connect/timeout", Level: Recommended, Source: socketConnect, Needs: application, Timing: true, Waits: ConnectDeadline,
		Faults: []string{"connect/timeout-early", "connect/timeout-missing"},
		Title:  "closes a connection that joins no namespace when connectTimeout has passed",
		Run: func(t *T) {
			w := t.WebSocket()
			start := time.Now()
			end := w.ClosedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			between(t, "the time until the connection closed", end.At.Sub(start), t.Timings().ConnectTimeout)
		},
	},
	Case{
		ID: "connect/timeout-over-polling", Level: Recommended, Source: socketConnect, Needs: application, Timing: true, Waits: ConnectDeadline,
		Faults: []string{"connect/timeout-late"},
		Title:  "ends a polling session that joins no namespace when connectTimeout has passed",
		Run: func(t *T) {
			p := t.Polling()
			start := p.Handshake.At
			p.EndedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			between(t, "the time until the session ended", time.Since(start), t.Timings().ConnectTimeout)
		},
	},
	Case{
		ID: "connect/timeout-after-a-refusal", Level: Recommended, Source: socketConnect, Needs: application, Timing: true, Waits: ConnectDeadline,
		Faults: []string{"connect/timeout-ended-by-a-refusal", "connect/unknown-namespace-closes"},
		Title:  "closes a connection whose only CONNECT was refused when connectTimeout has passed",
		Run: func(t *T) {
			w := t.WebSocket()
			start := time.Now()
			w.Send("40/random,")
			t.Expect(w.Receive()).To(HavePrefix("44/random,"), "the answer")
			end := w.ClosedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			between(t, "the time until the connection closed", end.At.Sub(start), t.Timings().ConnectTimeout)
		},
	},
	Case{
		ID: "connect/timeout-ends-with-connect", Level: Recommended, Source: socketConnect, Needs: application, Timing: true,
		Faults: []string{"connect/timeout-goes-on"},
		Waits:  func(t Timings) time.Duration { return t.ConnectTimeout * 5 / 4 },
		Title:  "keeps a connection that has joined a namespace before connectTimeout",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send("40")
			t.Expect(w.Receive()).To(HavePrefix("40{"), "the answer")
			t.Wait(t.Timings().ConnectTimeout*5/4, "beyond connectTimeout")
			w.StaysOpen()
		},
	},
	Case{
		ID: "connect/dynamic-namespace", Level: Required, Source: namespaceEvents, Needs: Needs{Features: []string{DynamicNamespaces}},
		Faults: []string{"namespaces/announced-late"},
		Title:  "serves a namespace whose name matches a pattern",
		Run: func(t *T) {
			c, name := t.Client(OverPolling), "/dynamic-"+t.Mark()
			c.Connect(name)
			c.Echoes(name)
		},
	},
)

// refusesNamespaces sees that a client may join none of the namespaces.
func refusesNamespaces(names ...string) func(*T) {
	return func(t *T) {
		c := t.Client(OverWebSocket)
		for _, name := range names {
			c.Send("40" + name + ",")
			c.Expect(fmt.Sprintf(`44%s,{"message":"Invalid namespace"}`, name))
		}
	}
}

// closes is the case of a packet that must end the connection. Where joined, the client has joined
// the main namespace before.
func closes(id, what string, source Source, level Level, since Edition, joined bool, packets ...string) Case {
	needs := Needs{}
	if joined {
		needs = echo
	}
	return Case{
		ID: id, Level: level, Source: source, Since: since, Needs: needs,
		Title: "closes the connection upon " + what,
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			if joined {
				c.Connect("/")
			}
			for i, packet := range packets {
				if i > 0 {
					c.WebSocket.StaysOpen() // the server has acted on the packet before
				}
				c.Send(packet)
			}
			c.Closed()
		},
	}
}

package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

var (
	application = Needs{Application: true}
	closing     = application.With(ConnectTimeout)
	asking      = application.With(Ask)
)

// refusedWith expects a CONNECT_ERROR with a message. Whether the data of the middleware's error come with it is the subject of
// connect/refusal-data, but data of another error are wrong.
func refusedWith(t *T, c *Client, namespace, message string) {
	p := c.Receive()
	t.Expect(p.Raw, "the answer to the CONNECT").To(HavePrefix("44" + Prefix(namespace) + "{"))
	var refusal struct{ Message, Data json.RawMessage }
	t.Decode([]byte(p.Data), &refusal, "an object", "the data of the CONNECT_ERROR")
	t.Expect(refusal.Message, "the message of the CONNECT_ERROR").To(MatchJSONValue(asJSON(message)))
	if data := string(refusal.Data); data != "" && data != "null" {
		t.Expect(data, "the data of the middleware's error").To(MatchJSONValue(`{"refused":` + asJSON(message) + `}`))
	}
}

// refusing returns the namespaces in which a middleware of the application refuses clients. Only a listener of new_namespace
// attaches one outside the main namespace, and not every API has that event.
func refusing(t *T) []string {
	if t.Info(0).Declares(NewNamespace) {
		return []string{"/", "/custom"}
	}
	return []string{"/"}
}

// connectsToRefuse returns CONNECT packets that are refused: one for an unknown namespace, and one for each middleware.
func connectsToRefuse(t *T) []string {
	packets := []string{"40/random,"}
	for _, name := range refusing(t) {
		packets = append(packets, "40"+Prefix(name)+`{"refuse":"not today"}`)
	}
	return packets
}

// other returns the namespace that a client joins beside / or /custom.
func other(namespace string) string {
	if namespace == "/" {
		return "/custom"
	}
	return "/"
}

var _ = Add(
	Case{
		ID: "connect/main-namespace", Shows: ConnectsToMain, Level: Required, Rules: rules(connectIsAnswered), Needs: echo,
		Title: "answers a CONNECT to the main namespace with a CONNECT that names the socket",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send("40")
			answer := w.Receive()
			p := t.Packet(answer)
			t.Expect(answer, "the answer to the CONNECT").To(HavePrefix("40{"))
			var data map[string]json.RawMessage
			t.Decode([]byte(p.Data), &data, "an object", "the data of the answer to the CONNECT")
			t.Expect(string(data["sid"]), "the sid, a string").To(HavePrefix(`"`))
			t.Expect(p.SID(), "the sid").NotTo(BeEmpty())
		},
	},
	Case{
		ID: "connect/custom-namespace", Shows: ConnectsToCustom, Level: Required, Rules: rules(connectAnswerNamesNamespace), Needs: echo,
		Title: "answers a CONNECT to another namespace with a CONNECT for that namespace",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send("40/custom,")
			answer := w.Receive()
			t.Expect(answer, "the answer to the CONNECT").To(HavePrefix("40/custom,{"))
			p := t.Packet(answer)
			t.Expect(p.SID(), "the sid").NotTo(BeEmpty())
		},
	},
	Case{
		ID: "connect/control-namespace", Shows: ControlAnswers, Level: Required, Rules: rules(infoIsComplete, namespacesFromTheStart, recordsAreNumbered, connectionsAreRecorded), Needs: application,
		Title: "gives its name and its features, and numbers its records without gaps",
		Run: func(t *T) {
			for i := range t.Targets() {
				o := t.Observe(i)
				var info map[string]json.RawMessage
				t.Decode(o.Command("info", nil), &info, "an object", "the answer of info")
				t.Expect(info["contract"], "the contract's version").To(Or(MatchJSONValue("1"), MatchJSONValue("2")))
				var features []string
				t.Decode(info["features"], &features, "a list of strings", "the features")
				for _, name := range []string{"connectTimeout", "serverSideEmitTimeout"} {
					var ms float64
					if value, found := info[name]; found {
						t.Decode(value, &ms, "a number", "the %s", name)
					}
				}
				c := t.Client(OverWebSocket, On(i))
				sid := c.Connect("/").SID()
				o.Await(1, OfType("connection"), func(e Entry) bool { return e.SID == sid })
				c.Send("40/custom,")
				t.Expect(c.Receive().SID(), "the sid for the namespace /custom").NotTo(BeEmpty())
				t.Expect(o.Gaps(), "the gaps in the numbers of the records").To(BeEmpty())
			}
		},
	},
)

var _ = Add(slices.Concat(
	overEach("connect/with-auth", "passes the data of a CONNECT to the application",
		Required, rules(authReachesApplication, authReachesNamespaces), echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			for _, prefix := range []string{"", "/custom,"} {
				c.Send("40" + prefix + `{"token":"é€😀","n":[1,{"deep":null}]}`)
				t.Expect(c.Receive().SID(), "the sid in the answer").NotTo(BeEmpty())
				c.Expect("42" + prefix + `["auth",{"token":"é€😀","n":[1,{"deep":null}]}]`)
			}
		}),
	overEach("connect/without-auth", "passes an empty object to the application if a CONNECT has no data",
		Recommended, rules(authIsAnEmptyObject), echo, func(t *T, transport Transport) {
			t.SendsNoAuth()
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
		ID: "connect/auth-of-each-namespace", Level: Required, Rules: rules(authReachesNamespaces), Needs: echo,
		Title: "keeps apart the data of CONNECTs to several namespaces",
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
		ID: "connect/large-auth", Level: Required, Rules: rules(authReachesNamespaces), Needs: echo,
		Title: "passes data of 20,000 characters of a CONNECT to the application, over either transport",
		Run: func(t *T) {
			for _, transport := range Transports {
				c := t.Client(transport)
				auth := fmt.Sprintf(`{"token":%q}`, strings.Repeat("0123456789", fitting(t, 20_000)/10))
				c.Send("40" + auth)
				t.Expect(c.Receive().SID(), "the sid in the answer").NotTo(BeEmpty())
				c.Expect(`42["auth",` + auth + `]`)
			}
		},
	},
	Case{
		ID: "connect/auth-of-each-client", Level: Recommended, Rules: rules(clientsAreKeptApart), Needs: echo,
		Title: "does not pass one client's data to the application as another's",
		Run: func(t *T) {
			t.SendsNoAuth()
			with, without := t.Client(OverWebSocket), t.Client(OverWebSocket)
			with.Connect("/custom")
			without.Connect("/custom")
			for range 3 {
				with.Send(`40{"who":"somebody"}`)
				with.Receive()
				with.Expect(`42["auth",{"who":"somebody"}]`)
				without.Send("40")
				without.Receive()
				without.Expect(`42["auth",{}]`)
				for _, c := range []*Client{with, without} {
					c.Send("41")
					c.Echoes("/custom") // the server has handled the packet
				}
			}
		},
	},
	Case{
		ID: "connect/comma-may-be-missing", Level: Recommended, Rules: rules(connectWithoutComma), Needs: echo,
		Title: "accepts a namespace without the comma after it if nothing follows",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send("40/custom")
			t.Expect(c.Receive().Raw, "the answer").To(HavePrefix("40/custom,{"))
		},
	},
	Case{
		ID: "connect/explicit-main-namespace", Level: Recommended, Rules: rules(slashIsMain), Needs: echo,
		Title: "treats a slash as the main namespace, which its answer leaves out",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send("40/,")
			t.Expect(c.Receive().Raw, "the answer").To(HavePrefix("40{"))
		},
	},
	Case{
		ID: "connect/unknown-namespace", Level: Required, Rules: rules(unknownNamespaceIsRefused, refusalIsAnObject),
		Title: "refuses a namespace that the application does not serve with a CONNECT_ERROR whose object contains a message",
		Run:   refusesNamespaces("/nowhere"),
	},
	Case{
		ID: "connect/prototype-namespace", Level: Recommended, Rules: rules(prototypeNamesAreUnknown),
		Title: "refuses a namespace named like a member of every JavaScript object like any other that it does not serve",
		Run:   refusesNamespaces("/__proto__", "/constructor"),
	},
	Case{
		ID: "connect/query-is-part-of-the-name", Level: Recommended, Rules: rules(queryIsPartOfName), Needs: echo,
		Title: "treats what follows a question mark as part of the namespace's name",
		Run:   refusesNamespaces("/custom?token=x"),
	},
	Case{
		ID: "connect/two-in-one-payload", Level: Required, Rules: rules(connectAnswerNamesNamespace), Needs: echo,
		Title: "joins a client to two namespaces that it asks for in one payload",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Polling.Send("40" + protocol.Separator + "40/custom,")
			var answers []*protocol.Packet
			for len(answers) < 2 {
				if p := c.Receive(); p.Type == protocol.Connect {
					t.Expect(p.SID(), "the sid in %s", p).NotTo(BeEmpty())
					answers = append(answers, p)
				} else {
					name, _ := p.Event()
					t.Expect(name, "the event in %s", p).To(Equal("auth"))
				}
			}
			t.Expect([]string{answers[0].Namespace, answers[1].Namespace}, "the namespaces of the answers").To(ConsistOf("/", "/custom"))
		},
	},
	Case{
		ID: "connect/names-are-case-sensitive", Level: Required, Rules: rules(connectAnswerNamesNamespace, unknownNamespaceIsRefused), Needs: echo,
		Title: "distinguishes namespaces that differ in case",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send("40/Custom,")
			t.Expect(w.Receive(), "the answer to the CONNECT").To(HavePrefix("44/Custom,"))
		},
	},
	Case{
		ID: "connect/refused-by-middleware", Level: Required, Rules: rules(middlewareRefusalIsTold), Needs: application,
		Title: "answers a client that a middleware refuses with a CONNECT_ERROR that contains the message",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send(`40{"refuse":"é not today"}`)
			p := c.Receive()
			t.Expect(p.Raw, "the answer").To(HavePrefix("44{"))
			t.Expect(p.Data, "the payload").To(ContainJSON(`{"message":"é not today"}`))
		},
	},
	Case{
		ID: "connect/refusal-data", Level: Recommended, Rules: rules(middlewareRefusalIsTold), Needs: application,
		Title: "puts the data of a middleware's error into the CONNECT_ERROR",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send(`40{"refuse":"not today"}`)
			c.Expect(`44{"message":"not today","data":{"refused":"not today"}}`)
		},
	},
	Case{
		ID: "connect/usable-after-a-refusal", Level: Required, Rules: rules(refusalKeepsConnection), Needs: echo,
		Title: "keeps the connection usable after a CONNECT_ERROR",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send("40/random,")
			t.Expect(c.Receive().Raw, "the answer to the CONNECT").To(HavePrefix("44/random,"))
			c.Join("/")
			c.Echoes("/")
		},
	},
	Case{
		ID: "connect/usable-after-a-middleware-refusal", Level: Required, Rules: rules(refusalKeepsConnection, middlewareRefusalIsTold), Needs: application,
		Title: "keeps the connection of a client that a middleware has refused, and lets it join later",
		Run: func(t *T) {
			for _, transport := range []Transport{OverWebSocket, OverPolling} {
				c := t.Client(transport)
				c.Send(`40{"refuse":"not today"}`)
				t.Expect(c.Receive().Raw, "the answer").To(HavePrefix("44{"))
				c.Join("/")
				c.Echoes("/")
			}
		},
	},
	Case{
		ID: "connect/answer-comes-first", Level: Required, Rules: rules(connectIsAnswered), Needs: echo,
		Title: "sends the answer to a CONNECT before the events that the application emits on connection",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Send("40")
			t.Expect(c.Receive().Type, "the type of the first packet").To(Equal(byte(protocol.Connect)))
			name, _ := c.Receive().Event()
			t.Expect(name, "the event in the second packet").To(Equal("auth"))
		},
	},
	Case{
		ID: "connect/no-implicit-connection", Level: Required, Rules: rules(noImplicitMain), Needs: echo,
		Title: "does not connect a client to the main namespace unless it asks",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Join("/custom")
			c.Echoes("/custom")
			t.Expect(c.WebSocket.Drain(), "further packets").To(BeEmpty())
		},
	},
	Case{
		ID: "connect/nothing-before-connect", Level: Required, Rules: rules(noNamespaceBeforeConnect),
		Title: "does not send a Socket.IO packet before the client's CONNECT",
		Run: func(t *T) {
			w := t.WebSocket()
			w.StaysOpen()
			w.Send(t.Draw("40/nowhere,"))
			t.Expect(w.Receive(), "the first packet, which must be the answer").To(HavePrefix(t.Draw("44/nowhere,")))
		},
	},
	Case{
		ID: "connect/several-namespaces", Level: Required, Rules: rules(namespacesShareConnection), Needs: echo,
		Title: "serves several namespaces over one connection, each with its own events",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42/custom,["message","c"]`)
			c.Send(`42["message","m"]`)
			t.Expect([]*protocol.Packet{c.Receive(), c.Receive()}, "the next two packets").To(ConsistOf( // namespaces need not wait for each other
				MatchPacket(`42/custom,["message-back","c"]`), MatchPacket(`42["message-back","m"]`)))
			t.Expect(c.WebSocket.Drain(), "further packets").To(BeEmpty())
		},
	},
	Case{
		ID: "connect/sids-are-different", Level: Required, Rules: rules(socketIDIsNotSessionID, socketIDsAreDifferent), Needs: echo,
		Title: "gives a socket an ID other than the session's, and a different one in each namespace and for each client",
		Run: func(t *T) {
			var all []string
			c := t.Client(OverWebSocket)
			all = append(all, c.SessionID(), c.Connect("/").SID(), c.Connect("/custom").SID())
			c = t.Client(OverPolling)
			all = append(all, c.SessionID(), c.Connect("/").SID())
			seen := map[string]bool{}
			for _, sid := range all {
				t.Expect(seen[sid], "whether %s is there twice in %q", sid, all).To(BeFalse())
				seen[sid] = true
			}
		},
	},
	closes("connect/event-before-connect", "an EVENT before any CONNECT", rules(firstPacketIsConnect), Required, "4.5", false, `42["message",1]`),
	closes("connect/duplicate", "a second CONNECT to a namespace", rules(secondConnectCloses), Recommended, "4.5", true, "40"),
	closes("connect/error-from-a-client", "a CONNECT_ERROR from a client", rules(clientErrorCloses), Recommended, "4.5", true, `44{"message":"x"}`),
	closes("connect/data-is-an-array", "a CONNECT whose data is an array", rules(connectDataIsNoArrayOrNull), Recommended, "4.5", false, "40[1]"),
	closes("connect/data-is-text", "a CONNECT whose data is a string", rules(connectDataIsAnObject), Required, "4.1", false, `40"x"`),
	closes("connect/data-is-null", "a CONNECT whose data is null", rules(connectDataIsNoArrayOrNull), Recommended, "4.5", false, "40null"),
	closes("connect/data-is-broken", "a CONNECT whose data is not JSON", rules(connectDataIsAnObject), Required, "4.1", false, "40{bad"),
	closes("connect/unknown-packet-type", "a packet of an unknown type", rules(knownTypesOnly), Required, "4.1", true, "47"),
	closes("connect/packet-type-is-a-letter", "a packet whose type is a letter", rules(knownTypesOnly), Required, "4.1", true, "4abc"),
	closes("connect/empty-packet", "a message without a packet", rules(knownTypesOnly), Required, "4.1", true, "4"),
	Case{
		ID: "connect/timeout", Level: Recommended, Rules: rules(connectTimeoutCloses), Needs: closing, Timing: true, Waits: ConnectDeadline,
		Title: "closes a connection that joins no namespace when connectTimeout has passed",
		Run: func(t *T) {
			asked := time.Now()
			w := t.WebSocket()
			opened := time.Now()
			end := w.ClosedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			fires(t, "the time until the connection closed", end.At, asked, opened, t.Timings().ConnectTimeout)
		},
	},
	Case{
		ID: "connect/timeout-over-polling", Level: Recommended, Rules: rules(connectTimeoutCloses), Needs: closing, Timing: true, Waits: ConnectDeadline,
		Title: "ends a polling session that joins no namespace when connectTimeout has passed",
		Run: func(t *T) {
			asked := time.Now()
			p := t.Polling()
			ended := p.EndedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			t.Expect(Elapsed{From: Between(asked, p.Handshake.At), Until: ended}, "the time until the session ended").To(t.Last(t.Timings().ConnectTimeout))
		},
	},
	Case{
		ID: "connect/timeout-after-a-refusal", Level: Recommended, Rules: rules(connectTimeoutCloses), Needs: closing, Timing: true, Waits: ConnectDeadline,
		Title: "closes a connection whose only CONNECT was refused when connectTimeout has passed",
		Run: func(t *T) {
			asked := time.Now()
			w := t.WebSocket()
			opened := time.Now()
			w.Send("40/random,")
			t.Expect(w.Receive(), "the answer").To(HavePrefix("44/random,"))
			end := w.ClosedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			fires(t, "the time until the connection closed", end.At, asked, opened, t.Timings().ConnectTimeout)
		},
	},
	Case{
		ID: "connect/timeout-after-the-upgrade", Level: Recommended, Rules: rules(connectTimeoutCloses), Needs: closing, Timing: true, Waits: ConnectDeadline,
		Title: "closes a connection that upgrades and joins no namespace when connectTimeout has passed since the handshake",
		Run: func(t *T) {
			asked := time.Now()
			p := t.Polling()
			opened := p.Handshake.At
			end := p.Upgrade().ClosedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			fires(t, "the time until the connection closed", end.At, asked, opened, t.Timings().ConnectTimeout)
		},
	},
	Case{
		ID: "connect/first-packet-closes-immediately", Level: Required, Rules: rules(firstPacketIsConnect), Timing: true,
		Title: "closes the connection immediately when the client's first packet is an EVENT, without waiting for a timer",
		Run: func(t *T) {
			asking, asked := t.WebSocket(), time.Now()
			asking.Send(t.Draw("40/nowhere,"))
			asking.Receive()
			exchange := time.Since(asked)
			w, sent := t.WebSocket(), time.Now()
			w.Send(`42["message",1]`)
			end := w.ClosedWithin(t.Tolerance().Patience)
			t.Expect(end.At.Sub(sent), "the time until the connection closed").To(BeNumerically("<=", 2*exchange+500*time.Millisecond+t.Tolerance().Late))
		},
	},
	Case{
		ID: "connect/timeout-ends-with-connect", Level: Recommended, Rules: rules(joiningStopsConnectTimeout), Needs: closing, Timing: true,
		Waits: BeyondConnectDeadline,
		Title: "keeps a connection open beyond connectTimeout if it has joined a namespace",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send("40")
			t.Expect(w.Receive(), "the answer").To(HavePrefix("40{"))
			t.Wait(Beyond(t.Timings().ConnectTimeout), "beyond connectTimeout")
			w.StaysOpen()
		},
	},
	Case{
		ID: "connect/dynamic-namespace", Level: Required, Rules: rules(dynamicNamespaces, namespaceOnDemand), Needs: Needs{Features: []string{DynamicNamespaces}},
		Title: "serves a namespace whose name matches a pattern",
		Run: func(t *T) {
			c, name := t.Client(OverPolling), "/dynamic-"+t.Mark()
			c.Join(name)
			c.Echoes(name)
		},
	},
)

// refusesNamespaces checks that a client cannot join any of the namespaces.
func refusesNamespaces(names ...string) func(*T) {
	return func(t *T) {
		c := t.Client(OverWebSocket)
		for _, name := range names {
			name = t.Draw(name)
			c.Send("40" + name + ",")
			c.Expect(fmt.Sprintf(`44%s,{"message":"Invalid namespace"}`, name))
		}
	}
}

// closes returns the case for a packet that must end the connection. If joined is true, the client joins the main namespace
// first.
func closes(id, what string, checked []*Rule, level Level, since Edition, joined bool, packets ...string) Case {
	needs := Needs{}
	if joined {
		needs = echo
	}
	return Case{
		ID: id, Level: level, Rules: checked, Since: since, Needs: needs,
		Title: "closes the connection after " + what,
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			if joined {
				c.Connect("/")
			}
			if len(packets) > 1 {
				c.Connect("/custom")
			}
			for i, packet := range packets {
				if i > 0 {
					c.Echoes("/custom") // the server has handled the previous packet
				}
				c.Send(packet)
			}
			c.Closed()
		},
	}
}

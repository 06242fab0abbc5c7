package cases

import (
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// Many things of one kind at once, one after another, and things that overlap.

const (
	manyNamespaces = 20  // on one connection
	manyAcks       = 300 // awaited at once: more than a byte can count
)

var _ = Add(slices.Concat(
	overEach("acks/three-hundred-at-once", fmt.Sprintf("acknowledges each of %d EVENTs that a client sends at once with its own ID and values", manyAcks),
		Required, rules(ackKeepsID), echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			var values []data
			for i := range manyAcks {
				values = append(values, data{json: fmt.Sprint(1000 + i)})
			}
			sendAll(t, c, values, func(d data, i int) string { return d.packet(protocol.Event, "/", fmt.Sprint(i), "message-with-ack") })
			got := map[string]*protocol.Packet{}
			for range values {
				p := c.Receive()
				got[p.ID] = p
			}
			for i, d := range values {
				t.Expect(got[fmt.Sprint(i)], "the acknowledgement of ID %d", i).NotTo(BeNil())
				d.match(t, got[fmt.Sprint(i)], protocol.Ack, "/", fmt.Sprint(i))
			}
		}),
	overEach("disconnect/right-behind-an-event", "keeps in the main namespace a client that leaves another one right after its last event there",
		Required, rules(leavingCustomKeepsMain), echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			c.Connect("/custom")
			if c.WebSocket == nil {
				c.Polling.Send(`42/custom,["message",1]` + protocol.Separator + "41/custom,")
			} else {
				c.Send(`42/custom,["message",1]`)
				c.Send("41/custom,")
			}
			c.Send(`42["message","main"]`)
			p := c.Receive()
			if p.Namespace == "/custom" { // the server may still handle the event or not
				t.Expect(p, "the answer to the event").To(MatchPacket(`42/custom,["message-back",1]`))
				p = c.Receive()
			}
			t.Expect(p, "the packet of the main namespace").To(MatchPacket(`42["message-back","main"]`))
		}),
)...)

var _ = Add(
	Case{
		ID: "connect/twenty-namespaces", Level: Required, Rules: rules(namespacesShareConnection), Needs: Needs{Features: []string{DynamicNamespaces}},
		Title: fmt.Sprintf("serves %d namespaces over one connection, each with its own events and IDs, and still serves the rest when a client has left half of them", manyNamespaces),
		Run: func(t *T) {
			c, word := t.Client(OverWebSocket), t.Mark()
			var names []string
			for i := range manyNamespaces {
				names = append(names, fmt.Sprintf("/dynamic-%s_%d", word, i))
				c.Connect(names[i])
			}
			talk := func(names []string) {
				var want []any
				for i, name := range names {
					c.Send(fmt.Sprintf(`42%s["message",%d]`, Prefix(name), i))
					c.Send(fmt.Sprintf(`42%s7["message-with-ack",%d]`, Prefix(name), i))
					want = append(want, MatchPacket(fmt.Sprintf(`42%s["message-back",%d]`, Prefix(name), i)), MatchPacket(fmt.Sprintf(`43%s7[%d]`, Prefix(name), i)))
				}
				var got []*protocol.Packet // namespaces need not wait for each other
				for range want {
					got = append(got, c.Receive())
				}
				t.Expect(got, "the packets of %d namespaces", len(names)).To(ConsistOf(want...))
			}
			talk(names)
			for _, name := range names[:manyNamespaces/2] {
				c.Send("41" + Prefix(name))
			}
			talk(names[manyNamespaces/2:])
		},
	},
	Case{
		// With two namespaces, a server that closes after its second packet would send both.
		ID: "disconnect/twenty-namespaces-told-before-the-close", Level: Required, Rules: rules(serverClosesConnection), Needs: Needs{Features: []string{DynamicNamespaces}},
		Title: fmt.Sprintf("sends a DISCONNECT for each of %d namespaces before it closes the connection when the application asks for it", manyNamespaces),
		Run: func(t *T) {
			c, word := t.Client(OverWebSocket), t.Mark()
			var want []any
			for i := range manyNamespaces {
				name := fmt.Sprintf("/dynamic-%s_%d", word, i)
				c.Connect(name)
				want = append(want, MatchPacket("41"+Prefix(name)))
			}
			c.Send(fmt.Sprintf(`42/dynamic-%s_0,["leave",true]`, word))
			var got []*protocol.Packet
			for range want {
				got = append(got, c.Receive())
			}
			t.Expect(got, "the last %d packets", len(want)).To(ConsistOf(want...))
			c.Closed()
		},
	},
	Case{
		ID: "connect/no-data-after-data", Level: Recommended, Rules: rules(authIsAnEmptyObject), Needs: echo,
		Title: "passes an empty object to the application if a CONNECT has no data and an earlier one of the client had some",
		Run: func(t *T) {
			t.SendsNoAuth()
			for _, names := range [][2]string{{"/", "/custom"}, {"/custom", "/"}} {
				c, prefix := t.Client(OverWebSocket), Prefix(names[0])
				join := func(prefix, sent, want string) {
					c.Send("40" + prefix + sent)
					t.Expect(c.Receive().SID(), "the sid in the answer").NotTo(BeEmpty())
					c.Expect("42" + prefix + `["auth",` + want + `]`)
				}
				join(prefix, `{"token":"secret","n":[1]}`, `{"token":"secret","n":[1]}`)
				join(Prefix(names[1]), ``, `{}`)
				for range 2 {
					c.Send("41" + prefix)
					c.Echoes(names[1]) // the server has handled the packet
					join(prefix, ``, `{}`)
				}
			}
		},
	},
	Case{
		ID: "connect/refusals-share-nothing", Level: Recommended, Rules: rules(middlewareRefusalIsTold, unknownNamespaceIsRefused), Needs: application,
		Title: "puts the data of its own error into each CONNECT_ERROR, and none into the one for a namespace that does not exist",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			for n := range 2 {
				answers := map[string]string{"/random": `44/random,{"message":"Invalid namespace"}`} // in any order
				for _, namespace := range refusing(t) {
					c.Send(fmt.Sprintf(`40%s{"refuse":"no %d"}`, Prefix(namespace), n))
					answers[namespace] = fmt.Sprintf(`44%s{"message":"no %d","data":{"refused":"no %[2]d"}}`, Prefix(namespace), n)
				}
				c.Send("40/random,")
				for len(answers) > 0 {
					p := c.Receive()
					answer, due := answers[p.Namespace]
					t.Expect(due, "whether an answer for %s is still due", p.Namespace).To(BeTrue())
					t.Expect(p, "the packet").To(MatchPacket(answer))
					delete(answers, p.Namespace)
				}
			}
			c.Connect("/")
			c.Connect("/custom")
		},
	},
	Case{
		ID: "connect/name-used-again", Level: Recommended, Rules: rules(connectionOutlivesLastNamespace), Needs: asking,
		Title: "serves events, acknowledgements and questions each of ten times that a client leaves a namespace and joins it again",
		Run: func(t *T) {
			c, sids := t.Connected(), map[string]bool{}
			for n := range 10 {
				sid := c.Connect("/custom").SID()
				t.Expect(sids[sid], "whether a socket has had the ID %s before", sid).To(BeFalse())
				sids[sid] = true
				c.Echoes("/custom")
				c.Send(fmt.Sprintf(`42/custom,3["message-with-ack",%d]`, n))
				c.Expect(fmt.Sprintf(`43/custom,3[%d]`, n))
				id := question(t, c, "/custom", `["q"]`)
				c.Send(fmt.Sprintf(`43/custom,%s[%d]`, id, n))
				c.Expect(fmt.Sprintf(`42/custom,["answer",%d]`, n))
				c.Send("41/custom,")
				c.Echoes("/") // the server has handled the packet
			}
		},
	},
	Case{
		ID: "acks/late-answer-beside-the-next-question", Level: Required, Rules: rules(serverAsksForAck), Needs: asking,
		Title: "accepts the answer to a question that comes while it asks the next one",
		Run: func(t *T) {
			c := t.Connected()
			id := question(t, c, "/", `[0]`)
			for n := range 20 {
				c.Send(fmt.Sprintf(`42["ask",%d]`, n+1))
				c.Send(fmt.Sprintf(`43%s[%d]`, id, n)) // before the next question can have arrived
				var next, answer *protocol.Packet
				for range 2 { // the server may send either first
					if p := c.Receive(); p.ID != "" {
						next = p
					} else {
						answer = p
					}
				}
				t.Expect(answer, "the answer that the application got").NotTo(BeNil())
				t.Expect(answer, "the answer that the application got").To(MatchPacket(fmt.Sprintf(`42["answer",%d]`, n)))
				t.Expect(next, "the next question").NotTo(BeNil())
				t.Expect(next, "the next question").To(MatchPacket(fmt.Sprintf(`42%s["question",%d]`, next.ID, n+1)))
				id = next.ID
			}
		},
	},
	Case{
		ID: "upgrade/after-leaving-a-namespace", Level: Required, Rules: rules(socketsOutliveUpgrade), Needs: echo,
		Title: "continues to serve a client that leaves a namespace before or during the upgrade",
		Run: func(t *T) {
			for _, during := range []bool{false, true} {
				t.Step("leaves the namespace while a WebSocket probes: %t", during)
				c := t.Client(OverPolling)
				c.Connect("/")
				c.Connect("/custom")
				if during {
					w := c.Polling.Probe()
					c.Polling.Send("41/custom,")
					w.Send("5")
					c.WebSocket = w
				} else {
					c.Send("41/custom,")
					c.Echoes("/") // the server has handled the packet
					c.WebSocket = c.Polling.Upgrade()
				}
				c.Echoes("/")
				c.Connect("/custom")
				c.Echoes("/custom")
			}
		},
	},
	Case{
		// Recommended: a client has to pause polling before it sends the upgrade packet.
		ID: "upgrade/poll-pending-at-the-upgrade-packet", Level: Recommended, Rules: rules(upgradeLosesNothing), Needs: echo,
		Title: "answers a poll that is under way when the upgrade packet comes, and sends each event once, by that poll or over WebSocket",
		Run: func(t *T) {
			for range 5 {
				c := t.Client(OverPolling)
				c.Connect("/")
				w := c.Polling.Probe()
				poll := c.Polling.StartGET()
				t.AwaitSeen() // a poll that comes after the upgrade packet is refused
				c.Polling.Send(burst(2))
				w.Send("5")
				r := poll.Response()
				t.Expect(r.Status, "the status of the answer to the poll").To(Equal(200))
				fetched := 0
				for _, packet := range c.Polling.Packets(r) {
					switch {
					case strings.HasPrefix(packet, "42"):
						t.Expect(packet, "event %d, by the poll", fetched+1).To(MatchPacket("42" + echoes(3)[fetched]))
						fetched++
					case packet == "2":
						w.Send("3")
					}
				}
				w.Send(`42["message",2]`)
				for _, want := range echoes(3)[fetched:] {
					t.Expect(w.Receive(), "the next packet, of which the poll has fetched %d", fetched).To(MatchPacket("42" + want))
				}
				w.Close()
			}
		},
	},
	Case{
		ID: "events/to-each-socket-of-a-namespace", Level: Required, Rules: rules(eachObserverIsTold), Needs: application,
		Title: "sends an event for all sockets of a namespace to each of them, over either transport, in the same order",
		Run: func(t *T) {
			o := t.Observe(0)
			transports := []Transport{OverPolling, OverWebSocket, OverWebSocket}
			observers, clients := make([]*Client, 3), make([]*Client, 3)
			t.Together(len(observers), func(t *T, i int) {
				observers[i] = t.Client(transports[i], On(0))
				clients[i] = t.Client(OverWebSocket, On(0))
				observers[i].Connect("/conformance")
			})
			told := make([]Entry, len(clients))
			t.Together(len(told), func(t *T, i int) { // nobody polls meanwhile
				sid := clients[i].Connect("/").SID()
				told[i] = o.Await(1, OfType("connection"), func(e Entry) bool { return e.SID == sid })[0]
			})
			slices.SortFunc(told, func(a, b Entry) int { return a.Seq - b.Seq })
			for i, c := range observers {
				t.Step("reads what was sent to observer %d", i+1)
				for _, want := range told {
					t.Expect(recordFrom(t, c, want.Seq), "record %d, as observer %d got it", want.Seq, i+1).To(MatchJSONValue(want.Raw))
				}
			}
		},
	},
	Case{
		ID: "binary/half-sent-while-a-websocket-probes", Level: Recommended, Rules: rules(attachmentsMayComeLater), Needs: echo,
		Title: "assembles a packet that came over polling while a WebSocket probed and whose attachments come over that WebSocket",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/custom")
			w := c.Polling.Probe()
			list := `[` + placeholder(0) + `,` + placeholder(1) + `]`
			c.Polling.Send(`452-/custom,7["message-with-ack",` + list + `]` + protocol.Separator + "bAQI=")
			w.Send("5")
			c.WebSocket = w
			w.SendBinary("\x03")
			c.Expect(`462-/custom,7[`+list+`]`, "\x01\x02", "\x03")
		},
	},
)

// recordFrom reads what is sent to an observer until the record with the number, or the first one with a higher number.
func recordFrom(t *T, c *Client, seq int) string {
	for {
		p := c.Receive()
		name, args := p.Event()
		if p.Namespace != "/conformance" || name != "entry" || len(args) != 1 {
			t.Contradicted(p.Raw, "the packet", "an event entry of the namespace /conformance with one argument")
		}
		var record struct{ Seq int }
		t.Decode(args[0], &record, "an object with seq", "the record")
		if record.Seq >= seq {
			return string(args[0])
		}
	}
}

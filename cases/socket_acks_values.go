package cases

import (
	"fmt"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// questions is how many questions a client leaves unanswered: more than a byte can count.
const questions = 300

var _ = Add(
	Case{
		ID: "acks/one-value-of-every-kind", Level: Required, Rules: rules(ackPayloadIsAnArray), Needs: echo,
		Title: "acknowledges a single value of any type with one value",
		Run: func(t *T) {
			c := t.Connected()
			for i, value := range single {
				c.Send(fmt.Sprintf(`42%d["message-with-ack",%s]`, i, value))
				c.Expect(fmt.Sprintf(`43%d[%s]`, i, value))
			}
		},
	},
	Case{
		ID: "acks/one-value-of-the-client", Level: Required, Rules: rules(serverAsksForAck), Needs: asking,
		Title: "passes the single value of a client's acknowledgement to the application as one value, whatever its type",
		Run: func(t *T) {
			c := t.Connected()
			for _, value := range single {
				id := question(t, c, "/", `["q"]`)
				c.Send(fmt.Sprintf(`43%s[%s]`, id, value))
				c.Expect(`42["answer",` + value + `]`)
			}
		},
	},
	Case{
		ID: "acks/id-zero-with-attachments", Level: Required, Rules: rules(zeroIsAnID), Needs: echo,
		Title: "treats 0 as an ID also in packets with attachments and in other namespaces",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			for _, prefix := range []string{"", "/custom,"} {
				c.Send(`451-`+prefix+`0["message-with-ack",`+placeholder(0)+`]`, "\x01")
				c.Expect(`461-`+prefix+`0[`+placeholder(0)+`]`, "\x01")
				c.Send(`42` + prefix + `0["message-with-ack",1]`)
				c.Expect(`43` + prefix + `0[1]`)
			}
		},
	},
	Case{
		ID: "acks/id-used-again", Level: Required, Rules: rules(ackKeepsID), Needs: echo,
		Title: "acknowledges an EVENT with the ID of an earlier, acknowledged one",
		Run: func(t *T) {
			c := t.Connected()
			for i := range 3 {
				c.Send(fmt.Sprintf(`427["message-with-ack",%d]`, i))
				c.Expect(fmt.Sprintf(`437[%d]`, i))
			}
		},
	},
	Case{
		ID: "acks/many-unanswered-questions", Level: Required, Rules: rules(serverAsksForAck), Needs: asking,
		Title: fmt.Sprintf("keeps apart %d questions that a client has not answered yet, and accepts the answers in any order", questions),
		Run: func(t *T) {
			c := t.Connected()
			ids, seen := make([]string, questions), map[string]bool{}
			inPortions(questions, func(from, to int) {
				for i := from; i < to; i++ {
					c.Send(fmt.Sprintf(`42["ask",%d]`, i))
				}
				for range to - from {
					p := c.Receive()
					t.Expect(p.Type, "the type of %s", p).To(Equal(byte(protocol.Event)))
					t.Expect(p.ID, "the ID of the question %s", p).NotTo(BeEmpty())
					t.Expect(seen[p.ID], "whether another question has the ID of the question %s", p).To(BeFalse())
					seen[p.ID] = true
					_, args := p.Event()
					t.Expect(args, "the arguments of the question %s", p).To(HaveLen(1))
					var i int
					t.Decode(args[0], &i, "a number", "the number of the question %s", p)
					t.Expect(i, "the number of the question %s", p).To(And(BeNumerically(">=", 0), BeNumerically("<", questions)))
					ids[i] = p.ID
				}
			})
			inPortions(questions, func(from, to int) { // the last question is answered first
				answer := func(i int) string { return packed(t, fmt.Sprintf(`"to",%d`, i)) }
				for i := questions - 1 - from; i > questions-1-to; i-- {
					c.Send(fmt.Sprintf(`43%s[%s]`, ids[i], answer(i)))
				}
				for i := questions - 1 - from; i > questions-1-to; i-- {
					c.Expect(fmt.Sprintf(`42["answer",%s]`, answer(i)))
				}
			})
		},
	},
	Case{
		// The first ID of a namespace may be 0, which is easily taken for no ID.
		ID: "acks/first-question-of-a-namespace", Level: Required, Rules: rules(zeroIsAnID), Needs: Needs{Features: []string{DynamicNamespaces, Ask}},
		Title: "accepts the answer to the first question of a namespace, whatever its ID",
		Run: func(t *T) {
			c, name := t.Client(OverWebSocket), "/dynamic-"+t.Mark()
			c.Connect(name)
			id := question(t, c, name, `["q"]`)
			c.Send(fmt.Sprintf(`43%s%s["yes"]`, Prefix(name), id))
			c.Expect(`42` + Prefix(name) + `["answer","yes"]`)
		},
	},
	Case{
		ID: "acks/answer-after-coming-again", Level: Recommended, Rules: rules(unknownAckIsIgnored), Needs: asking,
		Title: "ignores an acknowledgement of a question from before the client left the namespace and joined it again",
		Run: func(t *T) {
			c := t.Connected()
			c.Connect("/custom")
			id := question(t, c, "/", `["q"]`)
			c.Send("41")
			c.Echoes("/custom") // the server has handled the packet
			c.Connect("/")
			c.Send(fmt.Sprintf(`43%s["late"]`, id))
			c.Echoes("/")
		},
	},
	Case{
		ID: "acks/none-for-an-unknown-event", Level: Recommended, Rules: rules(unknownEventIsIgnored), Needs: echo,
		Title: "does not acknowledge an event that nobody listens to",
		Run: func(t *T) {
			c := t.Connected()
			c.Connect("/custom")
			for _, name := range []string{"/", "/custom"} {
				c.Send(`42` + Prefix(name) + `7["nobody-listens-to-this",1]`)
				c.Echoes(name)
			}
		},
	},
	Case{
		ID: "acks/answered-after-the-upgrade", Level: Required, Rules: rules(socketsOutliveUpgrade), Needs: asking,
		Title: "accepts the answer over WebSocket to a question asked over polling",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			id := question(t, c, "/", `["q"]`)
			c.WebSocket = c.Polling.Upgrade()
			c.Send(fmt.Sprintf(`43%s["yes"]`, id))
			c.Expect(`42["answer","yes"]`)
		},
	},
	Case{
		ID: "acks/in-order-with-events", Level: Recommended, Rules: rules(eventsKeepOrder), Needs: echo,
		Title: "sends acknowledgements and events in the order in which the application creates them",
		Run: func(t *T) {
			c := t.Connected()
			for i := range 20 {
				c.Send(fmt.Sprintf(`42%d["message-with-ack",%d]`, i, i))
				c.Send(fmt.Sprintf(`42["message",%d]`, i))
			}
			for i := range 20 {
				c.Expect(fmt.Sprintf(`43%d[%d]`, i, i))
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, i))
			}
		},
	},
	Case{
		ID: "acks/asked-before-leaving-another-namespace", Level: Required, Rules: rules(serverAsksForAck), Needs: asking,
		Title: "accepts the answer to a question if the client has left another namespace meanwhile",
		Run: func(t *T) {
			c := t.Connected()
			c.Connect("/custom")
			id := question(t, c, "/", `["q"]`)
			c.Send("41/custom,")
			c.Echoes("/")
			c.Send(fmt.Sprintf(`43%s["yes"]`, id))
			c.Expect(`42["answer","yes"]`)
		},
	},
	Case{
		ID: "acks/asked-in-binary-over-two-posts", Level: Required, Rules: rules(clientAcksInBinary, attachmentsMayComeLater), Needs: asking,
		Title: "accepts an answer whose attachment comes in a second POST",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			id := question(t, c, "/", `["q"]`)
			c.Polling.Send("461-" + id + "[" + placeholder(0) + "]")
			c.Polling.Send("bCA==")
			c.Expect(`451-["answer",`+placeholder(0)+`]`, "\x08")
		},
	},
	Case{
		ID: "acks/in-a-namespace-that-ends-with-digits", Level: Required, Rules: rules(ackNamesNamespace), Needs: echo.With(DynamicNamespaces),
		Title: "separates the ID of an acknowledgement from a namespace whose name ends with digits",
		Run: func(t *T) {
			c, name := t.Client(OverWebSocket), "/dynamic-"+t.Mark()+"123"
			c.Connect(name)
			c.Send("42" + name + `,5["message-with-ack",1]`)
			c.Expect("43" + name + `,5[1]`)
		},
	},
	Case{
		ID: "acks/asked-in-binary-in-a-namespace", Level: Required, Rules: rules(clientAcksInBinary), Needs: asking,
		Title: "asks with attachments for an acknowledgement in a namespace other than the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Send(`451-/custom,["ask",`+placeholder(0)+`]`, "\x07")
			p := c.Receive()
			t.Expect(p.ID, "the ID of the question %s", p).NotTo(BeEmpty())
			t.Expect(p, "the question").To(MatchPacket(`451-/custom,`+p.ID+`["question",`+placeholder(0)+`]`, "\x07"))
			c.Send(`461-/custom,`+p.ID+`[`+placeholder(0)+`]`, "\x08")
			c.Expect(`451-/custom,["answer",`+placeholder(0)+`]`, "\x08")
		},
	},
)

package cases

import (
	"fmt"
	"slices"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

var _ = Add(slices.Concat(
	overEach("acks/answers-with-the-id", "acknowledges an EVENT with its ID and the application's values",
		Required, rules(ackKeepsID), echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			c.Send(`42456["message-with-ack",` + packed(t, kinds) + `]`)
			c.Expect(`43456[` + packed(t, kinds) + `]`)
		}),
	overEach("acks/in-a-namespace", "names the namespace in an acknowledgement outside the main one",
		Required, rules(ackNamesNamespace), echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/custom")
			c.Send(`42/custom,13["message-with-ack","bar"]`)
			c.Expect(`43/custom,13["bar"]`)
		}),
	overEach("acks/asked-of-the-client", "asks the client for an acknowledgement and passes its values to the application",
		Required, rules(serverAsksForAck), asking, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			id := question(t, c, "/", `[`+packed(t, `"q",1`)+`]`)
			args := packed(t, `"yes",{"n":1},null`)
			c.Send(fmt.Sprintf(`43%s[%s]`, id, args))
			c.Expect(`42["answer",` + args + `]`)
		}),
)...)

var _ = Add(
	Case{
		ID: "acks/id-zero", Level: Required, Rules: rules(zeroIsAnID), Needs: echo,
		Title: "treats 0 as an ID",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`420["message-with-ack",1]`)
			c.Expect(`430[1]`)
		},
	},
	Case{
		ID: "acks/large-ids", Level: Required, Rules: rules(largeIDsAreKept), Needs: echo,
		Title: "keeps IDs up to 2^53 - 1",
		Run: func(t *T) {
			c := t.Connected()
			for _, id := range []string{"7", "255", "65536", "2147483648", "4294967297", "9007199254740991"} {
				c.Send(`42` + id + `["message-with-ack",1]`)
				c.Expect(`43` + id + `[1]`)
			}
		},
	},
	Case{
		ID: "acks/empty", Level: Required, Rules: rules(ackPayloadIsAnArray), Needs: variadicEcho,
		Title: "acknowledges with an empty array if there are no values",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`4212["message-with-ack"]`)
			c.Expect(`4312[]`)
		},
	},
	Case{
		ID: "acks/none-without-an-id", Level: Required, Rules: rules(noAckWithoutID), Needs: echo,
		Title: "does not acknowledge an EVENT without an ID",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`42["message",1]`)
			c.Expect(`42["message-back",1]`)
			c.Echoes("/")
		},
	},
	Case{
		ID: "acks/once", Level: Required, Rules: rules(ackOnce), Needs: echo,
		Title: "acknowledges an EVENT exactly once",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`427["message-with-ack",1]`)
			c.Expect(`437[1]`)
			c.Echoes("/")
		},
	},
	Case{
		ID: "acks/many-under-way", Level: Required, Rules: rules(ackKeepsID), Needs: echo,
		Title: "acknowledges each of fifty EVENTs sent at once with its own ID and values",
		Run: func(t *T) {
			c := t.Connected()
			for id := range 50 {
				c.Send(fmt.Sprintf(`42%d["message-with-ack",%d]`, id, 1000+id))
			}
			got := map[string]string{}
			for range 50 {
				p := c.Receive()
				t.Expect(p.Type, "the type of %s", p).To(Equal(byte(protocol.Ack)))
				got[p.ID] = p.Data
			}
			for id := range 50 {
				t.Expect(got[fmt.Sprint(id)], "the values of ID %d", id).To(MatchJSONValue(fmt.Sprintf(`[%d]`, 1000+id)))
			}
		},
	},
	Case{
		ID: "acks/same-id-in-two-namespaces", Level: Required, Rules: rules(ackNamesNamespace), Needs: echo,
		Title: "keeps the IDs of namespaces apart",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`425["message-with-ack","m"]`)
			c.Send(`42/custom,5["message-with-ack","c"]`)
			t.Expect([]*protocol.Packet{c.Receive(), c.Receive()}, "the next two packets").To(ConsistOf( // namespaces need not wait for each other
				MatchPacket(`435["m"]`), MatchPacket(`43/custom,5["c"]`)))
		},
	},
	Case{
		ID: "acks/asked-in-a-namespace", Level: Required, Rules: rules(serverAsksForAck), Needs: asking,
		Title: "asks the client for an acknowledgement in a namespace other than the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			id := question(t, c, "/custom", `["q"]`)
			c.Send(fmt.Sprintf(`43/custom,%s["yes"]`, id))
			c.Expect(`42/custom,["answer","yes"]`)
		},
	},
	Case{
		ID: "acks/asked-twice", Level: Required, Rules: rules(serverAsksForAck), Needs: asking,
		Title: "accepts acknowledgements in any order, each for the question that it names",
		Run: func(t *T) {
			c := t.Connected()
			first := question(t, c, "/", `["one"]`)
			second := question(t, c, "/", `["two"]`)
			t.Expect(second, "the ID of the second question").NotTo(Equal(first))
			c.Send(fmt.Sprintf(`43%s["to two"]`, second))
			c.Expect(`42["answer","to two"]`)
			c.Send(fmt.Sprintf(`43%s["to one"]`, first))
			c.Expect(`42["answer","to one"]`)
		},
	},
	Case{
		ID: "acks/answered-late", Level: Required, Rules: rules(serverAsksForAck), Needs: asking,
		Title: "accepts an acknowledgement that comes a second and a half after the question",
		Run: func(t *T) {
			c := t.Connected()
			id := question(t, c, "/", `["q"]`)
			t.Wait(1500*time.Millisecond, "before the answer")
			c.Send(fmt.Sprintf(`43%s["late"]`, id))
			c.Expect(`42["answer","late"]`)
		},
	},
	Case{
		ID: "acks/answered-once", Level: Required, Rules: rules(serverAsksForAck), Needs: asking,
		Title: "uses only the first of two acknowledgements with one ID",
		Run: func(t *T) {
			c := t.Connected()
			id := question(t, c, "/", `["q"]`)
			c.Send(fmt.Sprintf(`43%s["first"]`, id))
			c.Expect(`42["answer","first"]`)
			c.Send(fmt.Sprintf(`43%s["second"]`, id))
			c.Send(`42["message","third"]`)
			m, end := c.WebSocket.ReceiveOrEnd()
			if end == nil { // whether the second may end the connection is a matter of acks/unknown-id
				t.Expect(m.Data, "the next packet").To(MatchPacket(`42["message-back","third"]`))
			}
		},
	},
	Case{
		ID: "acks/unknown-id", Level: Recommended, Rules: rules(unknownAckIsIgnored), Needs: echo,
		Title: "ignores an acknowledgement that it has not asked for",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`43789["x"]`)
			c.Echoes("/")
		},
	},
	Case{
		ID: "acks/of-the-client-in-binary", Level: Required, Rules: rules(clientAcksInBinary), Needs: asking,
		Title: "passes the attachments of a client's acknowledgement to the application",
		Run: func(t *T) {
			c := t.Connected()
			id := question(t, c, "/", `["q"]`)
			c.Send(fmt.Sprintf(`461-%s[{"bar":{"_placeholder":true,"num":0}}]`, id), "\x01\x02")
			c.Expect(`451-["answer",{"bar":{"_placeholder":true,"num":0}}]`, "\x01\x02")
		},
	},
	Case{
		ID: "acks/of-the-client-in-binary-in-a-namespace", Level: Required, Rules: rules(clientAcksInBinary), Needs: asking,
		Title: "passes the attachments of a client's acknowledgement to the application also in a namespace other than the main one",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/custom")
			id := question(t, c, "/custom", `["q"]`)
			c.Send(fmt.Sprintf(`461-/custom,%s[[{"_placeholder":true,"num":0},"bar"]]`, id), "\x01\x02")
			c.Expect(`451-/custom,["answer",[{"_placeholder":true,"num":0},"bar"]]`, "\x01\x02")
		},
	},
	Case{
		ID: "acks/answer-in-another-namespace", Level: Recommended, Rules: rules(serverAsksForAck), Needs: asking,
		Title: "accepts an acknowledgement only in the namespace in which it asked",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Connect("/")
			id := question(t, c, "/", `["q"]`)
			c.Send(fmt.Sprintf(`43/custom,%s["wrong"]`, id))
			c.Echoes("/custom")
			c.Echoes("/")
			c.Send(fmt.Sprintf(`43%s["right"]`, id))
			c.Expect(`42["answer","right"]`)
		},
	},
	Case{
		ID: "acks/answer-of-another-client", Level: Required, Rules: rules(clientsAreKeptApart), Needs: asking,
		Title: "accepts an acknowledgement only from the client that it asked",
		Run: func(t *T) {
			asked, other := t.Connected(), t.Connected()
			id := question(t, asked, "/", `["q"]`)
			other.Send(fmt.Sprintf(`43%s["not mine"]`, id))
			other.Send(`42["message","after it"]`)
			_, _ = other.WebSocket.ReceiveOrEnd() // the server has handled it, or has closed the connection
			asked.Echoes("/")
			asked.Send(fmt.Sprintf(`43%s["mine"]`, id))
			asked.Expect(`42["answer","mine"]`)
		},
	},
	Case{
		ID: "acks/plain-answer-to-binary", Level: Required, Rules: rules(binaryAckForAttachments, serverAsksForAck), Needs: asking,
		Title: "accepts a plain acknowledgement of a question with attachments",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-["ask",{"_placeholder":true,"num":0}]`, "\x07")
			p := c.Receive()
			t.Expect(p, "the question").To(MatchPacket(`451-`+p.ID+`["question",{"_placeholder":true,"num":0}]`, "\x07"))
			c.Send(fmt.Sprintf(`43%s["plain"]`, p.ID))
			c.Expect(`42["answer","plain"]`)
		},
	},
	Case{
		ID: "acks/without-payload", Level: Observed, Rules: rules(ackWithoutPayloadCloses), Needs: echo,
		Title: "closes the connection after an acknowledgement without a payload",
		Run:   observesClosing(`431`),
	},
	closes("acks/payload-is-an-object", "an acknowledgement whose payload is an object", rules(ackPayloadOtherwiseCloses), Recommended, "4.1", true, `431{}`),
	closes("acks/id-has-letters", "an EVENT whose ID has letters", rules(idIsANumber), Required, "4.1", true, `42abc["message-with-ack"]`),
	closes("acks/id-is-negative", "an EVENT whose ID is negative", rules(idIsANumber), Required, "4.1", true, `42-1["message-with-ack"]`),
	closes("acks/id-is-a-fraction", "an EVENT whose ID is a fraction", rules(idIsANumber), Required, "4.1", true, `421.5["message-with-ack"]`),
)

// question makes the application ask the client, and returns the ID under which it waits for the answer.
func question(t *T, c *Client, namespace, args string) string {
	prefix := Prefix(namespace)
	c.Send(`42` + prefix + `["ask",` + args[1:])
	p := c.Receive()
	t.Expect(p.ID, "the ID of the question %s", p).NotTo(BeEmpty())
	t.Expect(p, "the question").To(MatchPacket(`42` + prefix + p.ID + `["question",` + args[1:]))
	return p.ID
}

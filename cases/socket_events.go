package cases

import (
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// kinds are arguments of every JSON type, including extreme values.
const kinds = `1,-1.5,0,1e21,9007199254740991,-9007199254740991,0.1,"2","",true,false,null,[],[[],[null,[1]]],{},{"3":[true],"":{"deep":{"er":[{}]}}}`

var _ = Add(slices.Concat(
	overEach("events/arguments-of-every-kind", "carries arguments of every JSON type unchanged, and as many as were sent",
		Required, rules(eventArrivesUnchanged), variadicEcho, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			c.Send(`42["message",` + kinds + `]`)
			c.Expect(`42["message-back",` + kinds + `]`)
			c.Send(`42["message"]`)
			c.Expect(`42["message-back"]`)
		}),
	overEach("events/in-a-namespace", "carries events in a namespace other than the main one",
		Required, rules(eventsInNamespaces), echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/custom")
			args := packed(t, `1,"two"`)
			c.Send(`42/custom,["message",` + args + `]`)
			c.Expect(`42/custom,["message-back",` + args + `]`)
		}),
	overEach("events/burst-in-order", "keeps the order of a burst of a hundred events",
		Required, rules(eventsKeepOrder), echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			if transport == OverPolling {
				c.Polling.Send(burst(100))
			} else {
				for _, packet := range strings.Split(burst(100), protocol.Separator) {
					c.Send(packet)
				}
			}
			for i, want := range echoes(100) {
				t.Expect(c.Receive(), "event %d of 100", i+1).To(MatchPacket("42" + want))
			}
		}),
	malformed(OverPolling, "over-polling"), malformed(AfterUpgrade, "after-upgrade"),
)...)

var _ = Add(
	Case{
		ID: "events/text-of-every-script", Level: Required, Rules: rules(textArrivesUnchanged), Needs: echo,
		Title: "carries text of every script, escapes and control characters unchanged, in strings and in keys",
		Run: func(t *T) {
			c := t.Connected()
			args := packed(t, `"é€😀","\u00e9\ud83d\ude00","\"\\\/\b\f\n\r\t\u0000\u001e","ключ 値 مفتاح",{"ключ":"値","\u0000":1}`)
			c.Send(`42["message",` + args + `]`)
			c.Expect(`42["message-back",` + args + `]`)
		},
	},
	Case{
		ID: "events/large-numbers", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "carries integers up to 2^53 - 1 without loss",
		Run: func(t *T) {
			c := t.Connected()
			args := packed(t, `2147483648,4294967297,9007199254740991,-9007199254740991`)
			c.Send(`42["message",` + args + `]`)
			c.Expect(`42["message-back",` + args + `]`)
		},
	},
	Case{
		ID: "events/main-namespace-unnamed", Level: Required, Rules: rules(mainIsNotNamed), Needs: echo,
		Title: "leaves the name of the main namespace out of its packets",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`42["message",1]`)
			t.Expect(c.Receive().Named, "whether the packet names its namespace").To(BeFalse())
		},
	},
	Case{
		ID: "events/namespaces-isolated", Level: Required, Rules: rules(namespacesShareConnection), Needs: echo,
		Title: "passes an event only to the namespace that it names, and answers there",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Connect("/")
			for i := range 5 {
				c.Send(fmt.Sprintf(`42/custom,["message",%d]`, i))
				c.Expect(fmt.Sprintf(`42/custom,["message-back",%d]`, i))
				c.Send(fmt.Sprintf(`42["message",%d]`, i))
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, i))
			}
		},
	},
	Case{
		ID: "events/clients-isolated", Level: Required, Rules: rules(clientsAreKeptApart), Needs: echo,
		Title: "answers only the client that sent the event",
		Run: func(t *T) {
			a, b := t.Connected(), t.Connected()
			a.Send(`42["message","for a"]`)
			a.Expect(`42["message-back","for a"]`)
			b.Echoes("/")
			t.Expect(b.WebSocket.Drain(), "further packets of the other client").To(BeEmpty())
		},
	},
	Case{
		ID: "events/numeric-name", Level: Recommended, Rules: rules(eventNameMayBeANumber), Needs: echo,
		Title: "accepts an event whose name is a number",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`42[42,"x"]`)
			c.Echoes("/")
		},
	},
	Case{
		ID: "events/unknown-event", Level: Recommended, Rules: rules(unknownEventIsIgnored), Needs: echo,
		Title: "ignores an event that nobody listens to",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`42["nobody-listens-to-this",1]`)
			c.Send(`42["",1]`)
			c.Echoes("/")
		},
	},
	Case{
		ID: "events/prototype-keys", Level: Required, Rules: rules(prototypeKeysAreData), Needs: echo,
		Title: "carries keys named like members of every JavaScript object",
		Run: func(t *T) {
			c := t.Connected()
			args := `{"__proto__":{"x":1},"constructor":1,"toString":"x"}`
			c.Send(`42["message",` + args + `]`)
			c.Expect(`42["message-back",` + args + `]`)
			c.Send(`42["__proto__",1]`)
			c.Send(`42["hasOwnProperty"]`)
			c.Echoes("/")
		},
	},
	Case{
		ID: "events/fifty-clients", Level: Required, Rules: rules(clientsAreKeptApart), Needs: echo,
		Title: "answers fifty clients at once, each with its own events",
		Run: func(t *T) {
			t.Together(50, func(t *T, i int) {
				c := t.Connected()
				for n := range 5 {
					c.Send(fmt.Sprintf(`42["message",%s]`, packed(t, fmt.Sprintf("%d,%d", i, n))))
					c.Expect(fmt.Sprintf(`42["message-back",%s]`, packed(t, fmt.Sprintf("%d,%d", i, n))))
				}
			})
		},
	},
	Case{
		ID: "events/without-payload", Level: Observed, Rules: rules(eventWithoutPayloadCloses), Needs: echo,
		Title: "closes the connection after an EVENT without a payload",
		Run:   observesClosing(`42`),
	},
	Case{
		ID: "events/payload-is-a-number", Level: Observed, Rules: rules(eventWithoutPayloadCloses), Needs: echo,
		Title: "closes the connection after an EVENT whose payload is a number",
		Run:   observesClosing(`421`),
	},
	closes("events/payload-is-empty", "an EVENT whose payload is an empty array", rules(emptyEventCloses), Required, "4.1", true, `42[]`),
	closes("events/payload-is-an-object", "an EVENT whose payload is an object", rules(eventPayloadIsAnArray), Required, "4.1", true, `42{}`),
	closes("events/payload-is-text", "an EVENT whose payload is a string", rules(eventPayloadIsAnArray), Required, "4.1", true, `42"x"`),
	closes("events/payload-is-null", "an EVENT whose payload is null", rules(eventPayloadIsAnArray), Required, "4.1", true, `42null`),
	closes("events/payload-is-broken", "an EVENT whose payload is not JSON", rules(eventPayloadIsJSON), Required, "4.1", true, `42["a"`),
	closes("events/name-is-an-object", "an event whose name is an object", rules(eventNameIsTextOrNumber), Recommended, "4.6", true, `42[{}]`),
	closes("events/name-is-null", "an event whose name is null", rules(eventNameIsTextOrNumber), Recommended, "4.6", true, `42[null]`),
	closes("events/name-is-an-array", "an event whose name is an array", rules(eventNameIsTextOrNumber), Recommended, "4.6", true, `42[[]]`),
	closes("events/name-is-a-boolean", "an event whose name is true", rules(eventNameIsTextOrNumber), Recommended, "4.6", true, `42[true]`),
	closes("events/reserved-connect", "a client's event with the reserved name connect", rules(reservedNamesClose), Recommended, "4.6", true, `42["connect"]`),
	closes("events/reserved-connect-error", "a client's event with the reserved name connect_error", rules(reservedNamesClose), Recommended, "4.6", true, `42["connect_error"]`),
	closes("events/reserved-disconnect", "a client's event with the reserved name disconnect", rules(reservedNamesClose), Recommended, "4.6", true, `42["disconnect"]`),
	closes("events/reserved-disconnecting", "a client's event with the reserved name disconnecting", rules(reservedNamesClose), Recommended, "4.6", true, `42["disconnecting"]`),
	closes("events/reserved-new-listener", "a client's event with the reserved name newListener", rules(reservedNamesClose), Recommended, "4.6", true, `42["newListener"]`),
	closes("events/reserved-remove-listener", "a client's event with the reserved name removeListener", rules(reservedNamesClose), Recommended, "4.6", true, `42["removeListener"]`),
	Case{
		ID: "events/main-namespace-not-joined", Level: Recommended, Rules: rules(eventNotJoinedCloses, noImplicitMain), Since: "4.5", Needs: echo,
		Title: "closes the connection after an EVENT for the main namespace from a client that has joined only another one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Send(`42["message",1]`)
			c.Closed()
			t.Expect(c.WebSocket.Drain(), "further packets").To(BeEmpty())
		},
	},
	closes("events/namespace-not-joined", "an EVENT for a namespace that the client has not joined", rules(eventNotJoinedCloses), Recommended, "4.5", true, `42/custom,["message",1]`),
)

// observesClosing sends a packet about which the documents and the official server disagree.
func observesClosing(packet string) func(*T) {
	return func(t *T) {
		c := t.Connected()
		c.Send(packet)
		t.Answer("it leaves the connection open")
		c.WebSocket.ClosedWithin(t.Tolerance().Patience / 10)
		t.Answer("it closes the connection")
	}
}

var _ = Add(
	Case{
		ID: "events/malformed-in-a-namespace", Level: Required, Rules: rules(eventPayloadIsAnArray), Needs: echo,
		Title: "ends the session after an EVENT in another namespace whose payload is an object, a string or an empty array",
		Run: func(t *T) {
			for _, payload := range []string{`{}`, `"message"`, `[]`, `7{"0":"message"}`} {
				t.Step("sends %s", payload)
				c := t.Client(OverWebSocket)
				c.Connect("/custom")
				c.Send("42/custom," + payload)
				c.Closed()
			}
		},
	},
	Case{
		ID: "events/malformed-with-an-attachment", Level: Required, Rules: rules(eventPayloadIsAnArray), Needs: echo,
		Title: "ends the session after an EVENT with an attachment whose payload is an object",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-{"message":`+placeholder(0)+`}`, "\x01")
			c.Closed()
		},
	},
)

// malformed returns the case for a malformed packet over a transport other than a plain WebSocket.
func malformed(transport Transport, slug string) []Case {
	return []Case{{
		ID: "events/malformed-" + slug, Level: Required, Rules: rules(eventPayloadIsAnArray), Needs: echo,
		Title: "ends the session after an EVENT whose payload is an object, over " + string(transport),
		Run: func(t *T) {
			c := t.Client(transport)
			c.Connect("/")
			if transport == OverPolling { // the server may answer the POST or not
				_, _ = c.Polling.StartPOST(`42{}`).Outcome(t.Tolerance().Patience)
			} else {
				c.Send(`42{}`)
			}
			c.Closed()
		},
	}}
}

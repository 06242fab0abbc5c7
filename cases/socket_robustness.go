package cases

import (
	. "example.test/conformance/suite"
)

var _ = Add(
	Case{
		ID: "robustness/event-named-error", Level: Recommended, Rules: rules(unknownEventIsIgnored), Needs: echo,
		Title: "survives a client's event with the name error",
		Run: func(t *T) {
			other, c := t.Connected(), t.Connected()
			c.Send(`42["error","x"]`)
			c.Echoes("/")
			other.Echoes("/")
		},
	},
	Case{
		ID: "robustness/packets-cut-short", Level: Required, Rules: rules(offenderEndsAlone), Needs: echo,
		Title: "continues to serve other clients when one sends a packet that is cut short, or that announces more attachments than a server can hold",
		Run: func(t *T) {
			other := t.Connected()
			whole := `451-/custom,7["message-with-ack",` + placeholder(0) + `]`
			for length := 1; length < len(whole); length += 3 {
				c := t.Client(OverWebSocket)
				c.Connect("/custom")
				c.Send(whole[:length], "\x01")
				c.Close()
			}
			for _, count := range []string{"1000000", "2147483647", "99999999999", "18446744073709551616"} { // more attachments than a server can hold
				c := t.Client(OverWebSocket)
				c.Connect("/custom")
				c.Send(`45`+count+`-/custom,["message",`+placeholder(0)+`]`, "\x01")
				c.Close()
			}
			other.Echoes("/")
			t.Connected().Echoes("/")
		},
	},
	Case{
		ID: "robustness/incomplete-packets", Level: Required, Rules: rules(offenderEndsAlone), Needs: echo,
		Title: "serves the other clients, even if one sends a packet that lacks a part that its type needs, or has one that its type does not allow",
		Run: func(t *T) {
			other := t.Connected()
			for _, packet := range []string{
				`43`, `43["x"]`, `43/custom,["x"]`, `4212`, `42/custom,12`, `42/custom`, `42/`, `427[]`, `40/custom,5{"a":1}`, `405`, `41/custom,7`, `4`, `44`, `44/custom,`,
				`451-`, `451-["message"]`, `461-["x",` + placeholder(0) + `]`, `461-/custom,` + placeholder(0), `451-7`,
			} {
				t.Step("sends %q", packet)
				c := t.Connected()
				c.Connect("/custom")
				c.Send(packet, "\x01")
				c.Send(`42["message","after it"]`)
				_, _ = c.WebSocket.ReceiveOrEnd() // the server has handled it, or has closed the connection
				c.Close()
				other.Echoes("/")
			}
			t.Connected().Echoes("/")
		},
	},
)

package cases

import (
	. "example.test/conformance/suite"
)

var _ = Add(
	Case{
		ID: "robustness/event-named-error", Level: Recommended, Source: socketEvents, Needs: echo,
		Faults: []string{"events/unknown-event-closes"},
		Title:  "survives a client's event with the name error",
		Run: func(t *T) {
			other, c := t.Connected(), t.Connected()
			c.Send(`42["error","x"]`)
			c.Echoes("/")
			other.Echoes("/")
		},
	},
	Case{
		ID: "robustness/packets-cut-short", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"robustness/broken-packet-closes-all"},
		Title:  "serves the other clients whatever part of a packet one sends",
		Run: func(t *T) {
			other := t.Connected()
			whole := `451-/custom,7["message-with-ack",` + hole(0) + `]`
			for length := 1; length < len(whole); length += 3 {
				c := t.Client(OverWebSocket)
				c.Connect("/custom")
				c.Send(whole[:length], "\x01")
				c.Close()
			}
			other.Echoes("/")
			t.Connected().Echoes("/")
		},
	},
)

package cases

import (
	"fmt"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "disconnect/client-is-not-heard-afterwards", Level: Required, Rules: rules(leftClientIsOutside), Needs: application,
		Title: "answers no event of a client in a namespace that it has left, or from which the application has disconnected it",
		Run: func(t *T) {
			namespaces := []string{"/", "/custom"}
			t.Together(2*len(namespaces), func(t *T, i int) {
				left, asked := namespaces[i%len(namespaces)], i/len(namespaces) > 0
				c := t.Client(OverWebSocket)
				c.Connect(other(left))
				c.Connect(left)
				if asked {
					c.Send("42" + Prefix(left) + `["leave"]`)
					c.Expect("41" + Prefix(left))
				} else {
					c.Send("41" + Prefix(left))
				}
				c.Send("42" + Prefix(left) + `["message",` + asJSON(t.Mark()) + `]`)
				ignoredOrClosed(t, c, left, other(left))
			})
		},
	},
	Case{
		ID: "connect/refused-client-is-not-heard", Level: Required, Rules: rules(refusedClientIsOutside), Needs: application,
		Title: "answers no event of a client in a namespace whose middleware has refused it",
		Run: func(t *T) {
			namespaces := refusing(t)
			kinds := []string{`["message",%s]`, `7["message-with-ack",%s]`, `["ask",%s]`}
			t.Together(len(namespaces)*len(kinds), func(t *T, i int) {
				name, kind := namespaces[i%len(namespaces)], kinds[i/len(namespaces)]
				c := t.Client(OverWebSocket)
				c.Connect(other(name))
				c.Send("40" + Prefix(name) + `{"refuse":"not today"}`)
				refusedWith(t, c, name, "not today")
				c.Send("42" + Prefix(name) + fmt.Sprintf(kind, asJSON(t.Mark())))
				ignoredOrClosed(t, c, name, other(name))
			})
		},
	},
)

// ignoredOrClosed checks that nothing comes from a namespace that the client is not in before an echo from one that it is in,
// or before the server closes the connection.
func ignoredOrClosed(t *T, c *Client, outside, joined string) {
	word := t.Mark()
	c.Send("42" + Prefix(joined) + `["message",` + asJSON(word) + `]`)
	for {
		m, end := c.WebSocket.ReceiveOrEnd()
		if end != nil {
			return
		}
		p := t.Packet(m.Data)
		t.Expect(p.Namespace, "the namespace of %s", p).NotTo(Equal(outside))
		if _, args := p.Event(); p.Type == protocol.Event && len(args) == 1 && protocol.SameJSON(string(args[0]), asJSON(word)) {
			return
		}
	}
}

package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

// Large messages: servers that read, count or write them in slices tear characters, or count something other than bytes.

var _ = Add(overEach("encoding/large-text-in-slices", "carries large texts of characters of four bytes, whatever offset they begin at, and a string of 300,000 letters",
	Required, rules(textIsUTF8, messageUnchanged), echo, func(t *T, transport Transport) {
		c := t.Client(transport)
		c.Connect("/")
		for offset := range 4 {
			text := strings.Repeat("x", offset) + strings.Repeat("😀", fitting(t, 200_000)/8)
			echoesText(c, text)
		}
		letters := strings.Repeat("abcde12345", fitting(t, 300_000)/10)
		echoesText(c, letters)
	})...)

var _ = Add(
	Case{
		ID: "websocket/large-in-fragments", Level: Required, Rules: rules(fragmentsAreJoined), Needs: echo,
		Title: "joins the fragments of a WebSocket message of 100,000 bytes",
		Run: func(t *T) {
			c := t.Connected()
			packet := fmt.Sprintf(`42["message",%q]`, strings.Repeat("x", max(fitting(t, 100_000)-30, 1)))
			third := len(packet) / 3
			c.WebSocket.Unbroken(func() {
				c.WebSocket.SendRaw(wire.Frame(wire.Text, false, []byte(packet[:third])))
				c.WebSocket.SendRaw(wire.Frame(wire.Continuation, false, []byte(packet[third:2*third])))
				c.WebSocket.SendRaw(wire.Frame(wire.Continuation, true, []byte(packet[2*third:])))
			})
			c.Expect(strings.Replace(packet, "message", "message-back", 1))
		},
	},
	Case{
		ID: "websocket/header-apart-from-its-payload", Level: Required, Rules: rules(fragmentsAreJoined, messageUnchanged), Needs: echo,
		Title: "reads a WebSocket frame of which the header comes first and the payload a moment later",
		Run: func(t *T) {
			c := t.Connected()
			for _, size := range []int{10, fitting(t, 200), fitting(t, 70_000)} { // each has another form of the length
				packet := fmt.Sprintf(`42["message",%q]`, strings.Repeat("y", max(size-30, 1)))
				frame := wire.Frame(wire.Text, true, []byte(packet))
				header := len(frame) - len(packet)
				c.WebSocket.Unbroken(func() {
					c.WebSocket.SendRaw(frame[:header])
					t.AwaitSeen()
					c.WebSocket.SendRaw(frame[header:])
				})
				c.Expect(strings.Replace(packet, "message", "message-back", 1))
			}
		},
	},
	Case{
		ID: "polling/nearly-as-large-as-allowed", Level: Required, Rules: rules(maxPayloadTaken), Needs: echo, Since: "4.5",
		Title: "accepts POSTs of nearly maxPayload bytes in characters of two bytes, and in base64",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			boundedPayload(t, c.Polling.Open)
			size := fitting(t, int(c.Polling.Open.MaxPayload))
			text := strings.Repeat("é", max(size/2-20, 1))
			echoesText(c, text)
			attachment := strings.Repeat("\x00\xff\x01", max(size/4-40, 1)) // base64 takes four bytes for three
			c.Send(`451-["message",`+placeholder(0)+`]`, attachment)
			c.Expect(`451-["message-back",`+placeholder(0)+`]`, attachment)
		},
	},
	Case{
		ID: "polling/many-packets-wait", Level: Required, Rules: rules(eventsKeepOrder, packetsKeptBetweenPolls), Needs: echo,
		Title: "delivers each of 150 packets that wait for a poll, in order",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			n := max(min(150, fitting(t, 4000)/25), 1)
			c.Polling.Send(burst(n))
			t.AwaitSeen()
			expectEchoes(c, n)
		},
	},
	Case{
		ID: "headers/each-on-large-post", Level: Required, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "sends what the hook headers sets also with the answer to a POST of 100,000 bytes",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			mark := t.Mark()
			r := t.POST(marked(c.Polling.Query(), mark), fmt.Sprintf(`42["message",%q]`, strings.Repeat("z", max(fitting(t, 100_000)-30, 1))))
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(r.Header.Values("x-each"), "the header that the hook set").To(Equal([]string{mark}))
		},
	},
)

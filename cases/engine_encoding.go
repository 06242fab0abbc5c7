package cases

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// scripts has characters of two, three and four bytes in UTF-8.
const scripts = "é€😀"

// every has every byte value once.
var every = func() string {
	var b [256]byte
	for i := range b {
		b[i] = byte(i)
	}
	return string(b[:])
}()

// overEach makes a case for each transport, with the same rules.
func overEach(id, title string, level Level, checked []*Rule, needs Needs, run func(*T, Transport)) (all []Case) {
	for slug, transport := range map[string]Transport{"polling": OverPolling, "websocket": OverWebSocket, "upgrade": AfterUpgrade} {
		all = append(all, Case{
			ID:    id + "-" + map[string]string{"polling": "over-polling", "websocket": "over-websocket", "upgrade": "after-upgrade"}[slug],
			Title: title + ", over " + string(transport), Level: level, Rules: checked, Needs: needs,
			Run: func(t *T) { run(t, transport) },
		})
	}
	return all
}

var _ = Add(overEach("encoding/text-of-every-script", "carries characters of two, three and four bytes unchanged",
	Required, rules(textIsUTF8), echo, func(t *T, transport Transport) {
		c := t.Client(transport)
		c.Connect("/")
		args := packed(t, fmt.Sprintf(`%q,{%q:1}`, scripts, scripts))
		c.Send(`42["message",` + args + `]`)
		c.Expect(`42["message-back",` + args + `]`)
	})...)

// echoesText checks that the application echoes a text in the main namespace.
func echoesText(c *Client, text string) {
	c.Send(fmt.Sprintf(`42["message",%q]`, text))
	c.Expect(fmt.Sprintf(`42["message-back",%q]`, text))
}

// lookalikes are texts that a wrong decoding changes: as form data, URLs, scripts or ISO 8859-1, or as UTF-8 decoded twice.
var lookalikes = []string{"é", "Ã©", `a\nb`, "a\nb\tc\r\n", "%41%2B", "a+b c", "a=1&b=2", "&lt;<é>", " b", "3", "6:4"}

var _ = Add(overEach("encoding/text-that-looks-encoded", "carries text that looks encoded unchanged",
	Required, rules(messageUnchanged), echo, func(t *T, transport Transport) {
		c := t.Client(transport)
		c.Connect("/")
		for _, text := range lookalikes {
			echoesText(c, text)
		}
	})...)

var _ = Add(overEach("encoding/large-message", "carries a message of a hundred thousand bytes, or of nearly maxPayload, unchanged",
	Required, rules(largeMessageUnchanged), echo, func(t *T, transport Transport) {
		c := t.Client(transport)
		c.Connect("/")
		text := strings.Repeat("0123456789", 10_000)[:fitting(t, 100_000)]
		echoesText(c, text)
	})...)

var _ = Add(overEach("encoding/large-message-keeps-its-place", "handles a large message before a small one that follows it, and answers in that order",
	Required, rules(largeMessageUnchanged), echo, func(t *T, transport Transport) {
		c := t.Client(transport)
		c.Connect("/")
		text := strings.Repeat("0123456789", 10_000)[:fitting(t, 100_000)]
		for n := range 2 {
			c.Send(fmt.Sprintf(`42["message",%s]`, packed(t, fmt.Sprintf(`%d,%q`, n, text))))
			c.Send(fmt.Sprintf(`42["message",%d]`, n))
		}
		for n := range 2 {
			c.Expect(fmt.Sprintf(`42["message-back",%s]`, packed(t, fmt.Sprintf(`%d,%q`, n, text))))
			c.Expect(fmt.Sprintf(`42["message-back",%d]`, n))
		}
	})...)

var _ = Add(overEach("encoding/every-byte", "carries a binary message of every byte value unchanged, both ways",
	Required, rules(everyByteSurvives), echo, func(t *T, transport Transport) {
		c := t.Client(transport)
		c.Connect("/")
		c.Send(`451-["message",{"_placeholder":true,"num":0}]`, every)
		c.Expect(`451-["message-back",{"_placeholder":true,"num":0}]`, every)
	})...)

var _ = Add(
	Case{
		ID: "encoding/character-split-over-segments", Level: Required, Rules: rules(splitCharactersJoined), Needs: echo,
		Title: "joins the bytes of a character that come in two TCP segments",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			packet := fmt.Sprintf(`42["message",%q]`, scripts)
			cut := strings.Index(packet, "😀") + 2
			r := t.HTTP("POST", c.Polling.Query(), InSegments(packet[:cut], packet[cut:]))
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			c.Expect(fmt.Sprintf(`42["message-back",%q]`, scripts))
		},
	},
	Case{
		ID: "encoding/length-in-bytes", Level: Required, Rules: rules(lengthCountsBytes), Needs: echo,
		Title: "counts the length of an answer in bytes, not in characters",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(fmt.Sprintf(`42["message",%q]`, scripts))
			for range 3 { // a ping may come first
				r := c.Polling.GET()
				t.Expect(r.Truncated, "whether the answer was cut off").To(BeFalse())
				if length := r.Header.Get("Content-Length"); length != "" {
					t.Expect(length, "the Content-Length of %q", r.Body).To(Equal(strconv.Itoa(len(r.Body))))
				}
				if r.Body != "2" {
					t.Expect(c.Polling.Packets(r), "the packets of the answer").To(ContainElement(MatchPacket(fmt.Sprintf(`42["message-back",%q]`, scripts))))
					return
				}
				c.Polling.Send("3")
			}
		},
	},
	Case{
		ID: "encoding/payload-separator", Level: Required, Rules: rules(separatorBetweenPackets), Needs: echo,
		Title: "separates the packets of a payload with the record separator",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Join("/")
			c.Polling.Send(burst(2))
			var bodies, messages []string
			for range 4 {
				r := c.Polling.GET()
				bodies = append(bodies, r.Body)
				for _, packet := range c.Polling.Packets(r) {
					if packet != "2" && packet != "6" {
						messages = append(messages, packet)
					}
				}
				if strings.Count(strings.Join(bodies, ""), "message-back") == 2 {
					break
				}
				c.Polling.Send("3")
			}
			t.Expect(messages, "the packets of %q", bodies).To(HaveLen(2))
			for i, want := range echoes(2) {
				t.Expect(messages[i], "packet %d of 2", i+1).To(MatchPacket("42" + want))
			}
		},
	},
	Case{
		ID: "encoding/separator-for-a-poll-that-waits", Level: Required, Rules: rules(separatorBetweenPackets, textAndBinaryKeepOrder), Needs: echo,
		Title: "separates the packets of an answer to a poll that waited for them",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			want := []any{MatchPacket(`451-["message-back",{"_placeholder":true,"num":0}]`), Equal("bAQI=")}
			for range 3 {
				poll, since := idle(t, c.Polling), time.Now()
				c.Send(`451-["message",{"_placeholder":true,"num":0}]`, "\x01\x02")
				for got, polls := 0, 0; got < len(want); polls++ {
					if polls > 0 { // a ping came first
						poll = c.Polling.StartGET()
					}
					if polls == 10 {
						t.Absent(since, "an event with its attachment, within ten polls,")
					}
					r := poll.Response()
					t.Expect(r.Status, "the status of the answer to a poll").To(Equal(200))
					for _, packet := range c.Polling.Packets(r) {
						switch {
						case packet == "2":
							c.Polling.Send("3")
						case packet != "6" && got < len(want):
							t.Expect(packet, "packet %d of %d", got+1, len(want)).To(want[got].(types.GomegaMatcher))
							got++
						}
					}
				}
			}
		},
	},
	Case{
		ID: "encoding/base64-from-the-server", Level: Required, Rules: rules(serverBinaryIsBase64), Needs: echo,
		Title: "sends binary data over polling as b and base64, in the standard alphabet and with padding",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			for _, data := range []string{"\xfb\xff\xfe\x00", every} { // the second is longer than a base64 line in mail
				c.Send(`451-["message",{"_placeholder":true,"num":0}]`, data)
				t.Expect(c.Polling.Receive(), "the packet over polling").To(MatchPacket(`451-["message-back",{"_placeholder":true,"num":0}]`))
				t.Expect(c.Polling.Receive(), "the attachment over polling").To(Equal("b" + base64.StdEncoding.EncodeToString([]byte(data))))
			}
		},
	},
	Case{
		ID: "encoding/base64-without-padding", Level: Observed, Rules: rules(unpaddedBase64Taken), Needs: echo,
		Title: "accepts base64 without padding",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(`451-["message",{"_placeholder":true,"num":0}]` + protocol.Separator + "bAQIDBA")
			t.Answer("it does not")
			c.Expect(`451-["message-back",{"_placeholder":true,"num":0}]`, "\x01\x02\x03\x04")
			t.Answer("it does")
		},
	},
	Case{
		ID: "encoding/text-and-binary-in-order", Level: Required, Rules: rules(textAndBinaryKeepOrder), Needs: echo,
		Title: "keeps the order of text and binary packets in one payload",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(strings.Join([]string{
				`42["message",0]`, `451-["message",` + packed(t, `1,`+placeholder(0)) + `]`, "bAQ==", `42["message",2]`,
			}, protocol.Separator))
			c.Expect(`42["message-back",0]`)
			c.Expect(`451-["message-back",`+packed(t, `1,`+placeholder(0))+`]`, "\x01")
			c.Expect(`42["message-back",2]`)
		},
	},
	Case{
		ID: "encoding/binary-frame", Level: Required, Rules: rules(binaryAsItIs, textInTextMessages), Needs: echo,
		Title: "sends binary data over WebSocket as it is, in binary messages, and text in text messages",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-["message",{"_placeholder":true,"num":0}]`, "\x01\x02\x03\x04")
			t.Expect(c.WebSocket.Receive(), "the packet over WebSocket").To(MatchPacket(`451-["message-back",{"_placeholder":true,"num":0}]`))
			t.Expect(c.WebSocket.ReceiveBinary(), "the binary message").To(Equal("\x01\x02\x03\x04"))
		},
	},
	Case{
		ID: "encoding/empty-binary-frame", Level: Required, Rules: rules(binaryMayBeEmpty), Needs: echo,
		Title: "carries an empty binary message over WebSocket",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-["message",{"_placeholder":true,"num":0}]`, "")
			c.Expect(`451-["message-back",{"_placeholder":true,"num":0}]`, "")
		},
	},
	Case{
		ID: "encoding/base64-over-websocket", Level: Observed, Rules: rules(base64OverWebSocketTaken), Needs: echo,
		Title: "treats base64 in a text message over WebSocket as binary data",
		Run: func(t *T) {
			c := t.Connected()
			c.WebSocket.Send(`451-["message",{"_placeholder":true,"num":0}]`)
			c.WebSocket.Send("bAQIDBA==")
			t.Answer("it does not")
			c.Expect(`451-["message-back",{"_placeholder":true,"num":0}]`, "\x01\x02\x03\x04")
			t.Answer("it does")
		},
	},
)

var _ = Add(overEach("encoding/escaped-separator", "carries a record separator within a text, however it is escaped",
	Required, rules(messageUnchanged), echo, func(t *T, transport Transport) {
		c := t.Client(transport)
		c.Connect("/")
		c.Send(`42["message","a\u001eb\u0000\u2028\"\\"]`)
		c.Expect(`42["message-back","a\u001eb\u0000\u2028\"\\"]`)
	})...)

var _ = Add(
	Case{
		ID: "encoding/character-split-over-websocket-segments", Level: Required, Rules: rules(splitCharactersJoined), Needs: echo,
		Title: "joins the bytes of a WebSocket message that come in several TCP segments",
		Run: func(t *T) {
			c := t.Connected()
			frame := wire.Frame(wire.Text, true, fmt.Appendf(nil, `42["message",%q]`, scripts))
			for _, cut := range []int{3, len(frame) - 4, len(frame) - 3} { // within the frame's head, and within the last character
				c.WebSocket.Unbroken(func() {
					c.WebSocket.SendRaw(frame[:cut])
					t.AwaitSeen()
					c.WebSocket.SendRaw(frame[cut:])
				})
				c.Expect(fmt.Sprintf(`42["message-back",%q]`, scripts))
			}
		},
	},
	Case{
		ID: "encoding/character-split-over-fragments", Level: Required, Rules: rules(splitCharactersJoined, fragmentsAreJoined), Needs: echo,
		Title: "joins the bytes of a character that come in two fragments of a WebSocket message",
		Run: func(t *T) {
			c := t.Connected()
			packet := fmt.Sprintf(`42["message",%q]`, scripts)
			for _, character := range []string{"é", "€", "😀"} {
				cut := strings.Index(packet, character) + 1
				c.WebSocket.Unbroken(func() {
					c.WebSocket.SendRaw(wire.Frame(wire.Text, false, []byte(packet[:cut])))
					c.WebSocket.SendRaw(wire.Frame(wire.Continuation, true, []byte(packet[cut:])))
				})
				c.Expect(fmt.Sprintf(`42["message-back",%q]`, scripts))
			}
		},
	},
	Case{
		ID: "encoding/binary-fragments", Level: Required, Rules: rules(fragmentsAreJoined), Needs: echo,
		Title: "joins the fragments of a binary WebSocket message",
		Run: func(t *T) {
			c := t.Connected()
			if fitting(t, len(every)) < len(every) {
				t.Unverified("the target accepts less than the %d bytes that the case has to send at once", len(every))
			}
			c.WebSocket.Send(`451-["message",{"_placeholder":true,"num":0}]`)
			c.WebSocket.Unbroken(func() {
				c.WebSocket.SendRaw(wire.Frame(wire.Binary, false, []byte(every[:100])))
				c.WebSocket.SendRaw(wire.Frame(wire.Continuation, false, nil))
				c.WebSocket.SendRaw(wire.Frame(wire.Continuation, true, []byte(every[100:])))
			})
			c.Expect(`451-["message-back",{"_placeholder":true,"num":0}]`, every)
		},
	},
	Case{
		ID: "encoding/frame-sizes", Level: Required, Rules: rules(binaryAsItIs), Needs: echo,
		Title: "carries WebSocket messages of the sizes at which the frame's head changes",
		Run: func(t *T) {
			c := t.Connected()
			for _, size := range []int{1, 125, 126, 127, 65535, 65536} {
				if size > fitting(t, size) {
					break // a server may not accept messages of that size
				}
				data := strings.Repeat("\xff", size)
				t.Step("%d bytes", size)
				c.Send(`451-["message",{"_placeholder":true,"num":0}]`, data)
				c.Expect(`451-["message-back",{"_placeholder":true,"num":0}]`, data)
			}
			for _, size := range []int{125, 126, 65535, 65536} {
				if size > fitting(t, size) {
					break
				}
				text := strings.Repeat("x", size-len(`42["message",""]`))
				t.Step("a text message of %d bytes", size)
				echoesText(c, text)
			}
		},
	},
)

package cases

import (
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// placeholder stands for an attachment in a packet's JSON.
func placeholder(num any) string { return fmt.Sprintf(`{"_placeholder":true,"num":%v}`, num) }

var _ = Add(slices.Concat(
	overEach("binary/several-attachments", "carries several attachments with their event, in order",
		Required, rules(severalAttachments, attachmentsAreBinary), echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			c.Send(`452-["message",`+packed(t, placeholder(0)+`,"between",`+placeholder(1))+`]`, "\x01\x02\x03", "\x04\x05\x06")
			c.Expect(`452-["message-back",`+packed(t, placeholder(0)+`,"between",`+placeholder(1))+`]`, "\x01\x02\x03", "\x04\x05\x06")
		}),
	overEach("binary/acknowledgement", "acknowledges an event that has attachments with attachments",
		Required, rules(binaryAckForAttachments), echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			c.Send(`452-789["message-with-ack",`+packed(t, placeholder(0)+`,`+placeholder(1))+`]`, "\x01", "\x02\x03")
			c.Expect(`462-789[`+packed(t, placeholder(0)+`,`+placeholder(1))+`]`, "\x01", "\x02\x03")
		}),
)...)

var _ = Add(
	Case{
		ID: "binary/order-of-the-head", Level: Required, Rules: rules(orderOfHead), Needs: echo,
		Title: "writes the head of a packet in the order type, attachments, namespace, ID",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Send(`451-/custom,7["message-with-ack",`+placeholder(0)+`]`, "\x09")
			c.Expect(`461-/custom,7[`+placeholder(0)+`]`, "\x09")
		},
	},
	Case{
		ID: "binary/nested", Level: Required, Rules: rules(placeholdersNest), Needs: echo,
		Title: "puts attachments where their placeholders stand, however deep",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`452-["message",{"a":[{"b":`+placeholder(0)+`}],"z":`+placeholder(1)+`}]`, "\x01", "\x02")
			p := c.Receive()
			var first, second any = 0, 1
			want := func() string {
				return `452-["message-back",{"a":[{"b":` + placeholder(first) + `}],"z":` + placeholder(second) + `}]`
			}
			// The server may number the attachments of an object in any order.
			if !protocol.SameJSON(p.Data, want()[len("452-"):]) {
				first, second = 1, 0
			}
			t.Expect(p.Raw, "the packet").To(MatchPacket(want()))
			t.Expect(p.Attachments[first.(int)], "the attachment of b").To(Equal("\x01"))
			t.Expect(p.Attachments[second.(int)], "the attachment of z").To(Equal("\x02"))
		},
	},
	Case{
		ID: "binary/reordered", Level: Required, Rules: rules(placeholderNumbersAttachment), Needs: variadicEcho,
		Title: "uses the number of a placeholder as the number of the attachment, whatever their order",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`452-["message",`+placeholder(1)+`,`+placeholder(0)+`]`, "\x01", "\x02")
			p := c.Receive()
			t.Expect(p.Attachments, "the attachments of %s", p).To(HaveLen(2))
			_, args := p.Event()
			t.Expect(args, "the arguments of %s", p).To(HaveLen(2))
			first := 0 // the server may number its own attachments in any order
			if protocol.SameJSON(string(args[0]), placeholder(1)) {
				first = 1
			}
			t.Expect(args[0], "argument 1 of %s", p).To(MatchJSONValue(placeholder(first)))
			t.Expect(args[1], "argument 2 of %s", p).To(MatchJSONValue(placeholder(1 - first)))
			t.Expect(p.Attachments[first], "the attachment of argument 1").To(Equal("\x02"))
			t.Expect(p.Attachments[1-first], "the attachment of argument 2").To(Equal("\x01"))
		},
	},
	Case{
		ID: "binary/one-attachment-twice", Level: Observed, Rules: rules(placeholderNumbersAttachment), Needs: echo,
		Title: "lets two placeholders stand for one attachment",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-["message",`+packed(t, placeholder(0)+`,`+placeholder(0))+`]`, "\x01")
			t.Answer("it does not")
			p := c.Receive()
			for _, a := range p.Attachments {
				t.Expect(a, "an attachment of %s", p).To(Equal("\x01"))
			}
			t.Answer("it does, and answers with %d attachments", len(p.Attachments))
		},
	},
	Case{
		ID: "binary/empty", Level: Required, Rules: rules(attachmentMayBeEmpty), Needs: echo,
		Title: "carries an empty attachment, also over polling",
		Run: func(t *T) {
			for _, transport := range []Transport{OverWebSocket, OverPolling} {
				c := t.Client(transport)
				c.Connect("/")
				c.Send(`452-["message",`+packed(t, placeholder(0)+`,`+placeholder(1))+`]`, "", "x")
				c.Expect(`452-["message-back",`+packed(t, placeholder(0)+`,`+placeholder(1))+`]`, "", "x")
			}
		},
	},
	Case{
		ID: "binary/large", Level: Required, Rules: rules(attachmentsFollowPacket), Needs: echo,
		Title: "carries an attachment of a hundred thousand bytes, or of nearly maxPayload, unchanged",
		Run: func(t *T) {
			c, data := t.Connected(), strings.Repeat(every, 400)
			data = data[:fitting(t, len(data))]
			c.Send(`451-["message",`+placeholder(0)+`]`, data)
			c.Expect(`451-["message-back",`+placeholder(0)+`]`, data)
		},
	},
	Case{
		ID: "binary/over-two-posts", Level: Required, Rules: rules(attachmentsMayComeLater, severalAttachments), Needs: echo,
		Title: "assembles a packet whose attachments come with a later POST",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(`452-["message",` + packed(t, placeholder(0)+`,`+placeholder(1)) + `]`)
			c.Polling.Send("bAQID")
			c.Polling.Send("bBAUG")
			c.Expect(`452-["message-back",`+packed(t, placeholder(0)+`,`+placeholder(1))+`]`, "\x01\x02\x03", "\x04\x05\x06")
		},
	},
	Case{
		ID: "binary/in-a-namespace", Level: Required, Rules: rules(orderOfHead), Needs: echo,
		Title: "carries attachments in a namespace other than the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Send(`451-/custom,["message",`+placeholder(0)+`]`, "\x01")
			c.Expect(`451-/custom,["message-back",`+placeholder(0)+`]`, "\x01")
		},
	},
	Case{
		ID: "binary/between-plain-events", Level: Required, Rules: rules(attachmentsFollowPacket), Needs: echo,
		Title: "keeps the order of events with and without attachments",
		Run: func(t *T) {
			c := t.Connected()
			for i := range 5 {
				c.Send(fmt.Sprintf(`42["message",%d]`, i))
				c.Send(`451-["message",`+placeholder(0)+`]`, string(rune('a'+i)))
			}
			for i := range 5 {
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, i))
				c.Expect(`451-["message-back",`+placeholder(0)+`]`, string(rune('a'+i)))
			}
		},
	},
	Case{
		ID: "binary/kept-apart", Level: Required, Rules: rules(clientsAreKeptApart), Needs: echo,
		Title: "keeps apart the alternating attachments of two clients",
		Run: func(t *T) {
			a, b := t.Connected(), t.Connected()
			for _, c := range []*Client{a, b} {
				c.Send(`452-["message",` + packed(t, placeholder(0)+`,`+placeholder(1)) + `]`)
				c.WebSocket.StaysOpen() // the server has handled the packet
			}
			for _, one := range []string{"first", "second"} {
				for who, c := range []*Client{a, b} {
					c.WebSocket.SendBinary(fmt.Sprint(one, who))
					c.WebSocket.StaysOpen()
				}
			}
			for who, c := range []*Client{a, b} {
				c.Expect(`452-["message-back",`+packed(t, placeholder(0)+`,`+placeholder(1))+`]`, fmt.Sprint("first", who), fmt.Sprint("second", who))
			}
		},
	},
	Case{
		ID: "binary/ten-attachments", Level: Required, Rules: rules(severalAttachments), Needs: echo,
		Title: "carries ten attachments",
		Run: func(t *T) {
			c := t.Connected()
			var placeholders, attachments []string
			for i := range 10 {
				placeholders, attachments = append(placeholders, placeholder(i)), append(attachments, string(rune('a'+i)))
			}
			list := packed(t, strings.Join(placeholders, ","))
			c.Send(`4510-["message",`+list+`]`, attachments...)
			c.Expect(`4510-["message-back",`+list+`]`, attachments...)
		},
	},
	Case{
		ID: "binary/more-than-ten-attachments", Level: Observed, Rules: rules(tenAttachmentsAtMost), Needs: echo,
		Title: "closes the connection after a packet with more than ten attachments",
		Run: func(t *T) {
			c := t.Connected()
			var placeholders []string
			for i := range 11 {
				placeholders = append(placeholders, placeholder(i))
			}
			c.Send(`4511-["message",` + packed(t, strings.Join(placeholders, ",")) + `]`)
			t.Answer("it leaves the connection open")
			c.WebSocket.ClosedWithin(t.Tolerance().Patience / 10)
			t.Answer("it closes the connection")
		},
	},
	Case{
		ID: "binary/unexpected", Level: Recommended, Rules: rules(unannouncedAttachmentCloses), Needs: echo,
		Title: "closes the connection after a binary message that no packet announced",
		Run: func(t *T) {
			c := t.Connected()
			c.WebSocket.SendBinary("\x01")
			c.Closed()
		},
	},
	Case{
		ID: "binary/text-in-place-of-an-attachment", Level: Recommended, Rules: rules(textForAttachmentCloses), Needs: echo,
		Title: "closes the connection after a text packet if an attachment is due",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-["message",` + placeholder(0) + `]`)
			c.Send(`42["message",1]`)
			c.Closed()
		},
	},
	illegal("number-out-of-range", "a placeholder whose number is out of range", rules(placeholderWithoutAttachmentCloses), `451-["message",`+placeholder(1)+`]`, 1),
	illegal("number-negative", "a placeholder whose number is negative", rules(placeholderWithoutAttachmentCloses), `451-["message",`+placeholder(-1)+`]`, 1),
	illegal("number-as-text", "a placeholder whose number is a string", rules(placeholderWithoutAttachmentCloses), `451-["message",`+placeholder(`"0"`)+`]`, 1),
	illegal("count-missing", "a packet of a binary type without a number of attachments", rules(attachmentCountIsANumber), `45["message"]`, 0),
	illegal("count-empty", "a packet whose number of attachments is empty", rules(attachmentCountIsANumber), `45-["message"]`, 0),
	illegal("count-has-letters", "a packet whose number of attachments has letters", rules(attachmentCountIsANumber), `45abc-["message"]`, 0),
	illegal("count-is-a-fraction", "a packet whose number of attachments is a fraction", rules(attachmentCountIsANumber), `451.5-["message",`+placeholder(0)+`]`, 0),
	illegal("count-is-negative", "a packet whose number of attachments is negative", rules(attachmentCountIsANumber), `45-1-["message"]`, 0),
	Case{
		ID: "binary/no-attachments", Level: Recommended, Rules: rules(binaryWithoutAttachmentsCloses), Since: "4.6", Needs: echo,
		Title: "closes the connection after a packet of a binary type that announces no attachments",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`450-["message",1]`)
			c.Closed()
		},
	},
)

// illegal returns the case for a malformed packet of a binary type, followed by that many attachments.
func illegal(slug, what string, checked []*Rule, packet string, attachments int) Case {
	return Case{
		ID: "binary/" + slug, Level: Recommended, Rules: checked, Since: "4.6", Needs: echo,
		Title: "closes the connection after " + what,
		Run: func(t *T) {
			c := t.Connected()
			c.Send(packet, slices.Repeat([]string{"\x01"}, attachments)...)
			c.Closed()
		},
	}
}

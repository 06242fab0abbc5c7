package cases

import (
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// hole stands for an attachment in a packet's JSON.
func hole(num any) string { return fmt.Sprintf(`{"_placeholder":true,"num":%v}`, num) }

var _ = Add(slices.Concat(
	overEach("binary/several-attachments", "carries several attachments with their event, in order",
		Required, socketEncoding, echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			c.Send(`452-["message",`+hole(0)+`,"between",`+hole(1)+`]`, "\x01\x02\x03", "\x04\x05\x06")
			c.Expect(`452-["message-back",`+hole(0)+`,"between",`+hole(1)+`]`, "\x01\x02\x03", "\x04\x05\x06")
		}),
	overEach("binary/acknowledgement", "acknowledges an event that has attachments with attachments",
		Required, socketAcks, echo, func(t *T, transport Transport) {
			c := t.Client(transport)
			c.Connect("/")
			c.Send(`452-789["message-with-ack",`+hole(0)+`,`+hole(1)+`]`, "\x01", "\x02\x03")
			c.Expect(`462-789[`+hole(0)+`,`+hole(1)+`]`, "\x01", "\x02\x03")
		}),
)...)

var _ = Add(
	Case{
		ID: "binary/order-of-the-head", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"acks/binary-lost", "binary/type-of-text"},
		Title:  "writes the head of a packet in the order type, attachments, namespace, ID",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Send(`451-/custom,7["message-with-ack",`+hole(0)+`]`, "\x09")
			c.Expect(`461-/custom,7[`+hole(0)+`]`, "\x09")
		},
	},
	Case{
		ID: "binary/nested", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/nested-in-base64", "binary/received-nested-not-filled"},
		Title:  "puts attachments where their placeholders stand, however deep",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`452-["message",{"a":[{"b":`+hole(0)+`}],"z":`+hole(1)+`}]`, "\x01", "\x02")
			p := c.Receive()
			var first, second any = 0, 1
			want := func() string {
				return `452-["message-back",{"a":[{"b":` + hole(first) + `}],"z":` + hole(second) + `}]`
			}
			// The order in which an object's attachments are numbered is the server's choice.
			if !SameJSON(p.Data, want()[len("452-"):]) {
				first, second = 1, 0
			}
			t.Expect(p.Raw).To(MatchPacket(want()))
			t.Expect(p.Attachments[first.(int)]).To(Equal("\x01"), "the attachment of b")
			t.Expect(p.Attachments[second.(int)]).To(Equal("\x02"), "the attachment of z")
		},
	},
	Case{
		ID: "binary/reordered", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/count-always-one", "binary/last-byte-lost"},
		Title:  "takes the number of a placeholder for the number of the attachment, whatever their order",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`452-["message",`+hole(1)+`,`+hole(0)+`]`, "\x01", "\x02")
			p := c.Receive()
			t.Expect(p.Attachments).To(HaveLen(2), "the attachments of %s", p)
			_, args := p.Event()
			t.Expect(args).To(HaveLen(2), "the arguments of %s", p)
			first := 0 // how the server numbers its own attachments is its choice
			if SameJSON(string(args[0]), hole(1)) {
				first = 1
			}
			t.Expect(args[0]).To(MatchJSONValue(hole(first)), "argument 1 of %s", p)
			t.Expect(args[1]).To(MatchJSONValue(hole(1-first)), "argument 2 of %s", p)
			t.Expect(p.Attachments[first]).To(Equal("\x02"), "the attachment of argument 1")
			t.Expect(p.Attachments[1-first]).To(Equal("\x01"), "the attachment of argument 2")
		},
	},
	Case{
		ID: "binary/one-attachment-twice", Level: Observed, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/only-the-first", "binary/received-lost"},
		Title:  "lets two placeholders stand for one attachment",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-["message",`+hole(0)+`,`+hole(0)+`]`, "\x01")
			t.Answer("it does not")
			p := c.Receive()
			for _, a := range p.Attachments {
				t.Expect(a).To(Equal("\x01"), "an attachment of %s", p)
			}
			t.Answer("it does, and answers with %d attachments", len(p.Attachments))
		},
	},
	Case{
		ID: "binary/empty", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/empty-not-sent", "binary/received-empty-as-null"},
		Title:  "carries an empty attachment, over polling, too",
		Run: func(t *T) {
			for _, transport := range []Transport{OverWebSocket, OverPolling} {
				c := t.Client(transport)
				c.Connect("/")
				c.Send(`452-["message",`+hole(0)+`,`+hole(1)+`]`, "", "x")
				c.Expect(`452-["message-back",`+hole(0)+`,`+hole(1)+`]`, "", "x")
			}
		},
	},
	Case{
		ID: "binary/large", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/bytes-as-text", "binary/zero-bytes-end"},
		Title:  "carries an attachment of a hundred thousand bytes, or of nearly maxPayload, unchanged",
		Run: func(t *T) {
			c, data := t.Connected(), strings.Repeat(every, 400)
			data = data[:fitting(t, len(data))]
			c.Send(`451-["message",`+hole(0)+`]`, data)
			c.Expect(`451-["message-back",`+hole(0)+`]`, data)
		},
	},
	Case{
		ID: "binary/over-two-posts", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/parted", "binary/reversed"},
		Title:  "puts a packet together whose attachments come by a later POST",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(`452-["message",` + hole(0) + `,` + hole(1) + `]`)
			c.Polling.Send("bAQID")
			c.Polling.Send("bBAUG")
			c.Expect(`452-["message-back",`+hole(0)+`,`+hole(1)+`]`, "\x01\x02\x03", "\x04\x05\x06")
		},
	},
	Case{
		ID: "binary/in-a-namespace", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/in-base64", "binary/namespace-left-out"},
		Title:  "carries attachments in a namespace other than the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/custom")
			c.Send(`451-/custom,["message",`+hole(0)+`]`, "\x01")
			c.Expect(`451-/custom,["message-back",`+hole(0)+`]`, "\x01")
		},
	},
	Case{
		ID: "binary/between-plain-events", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/num-a-string", "binary/num-from-one"},
		Title:  "keeps the order of events with attachments and without",
		Run: func(t *T) {
			c := t.Connected()
			for i := range 5 {
				c.Send(fmt.Sprintf(`42["message",%d]`, i))
				c.Send(`451-["message",`+hole(0)+`]`, string(rune('a'+i)))
			}
			for i := range 5 {
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, i))
				c.Expect(`451-["message-back",`+hole(0)+`]`, string(rune('a'+i)))
			}
		},
	},
	Case{
		ID: "binary/kept-apart", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/one-decoder"},
		Title:  "keeps the attachments of two clients apart that come by turns",
		Run: func(t *T) {
			a, b := t.Connected(), t.Connected()
			for _, c := range []*Client{a, b} {
				c.Send(`452-["message",` + hole(0) + `,` + hole(1) + `]`)
				c.WebSocket.StaysOpen() // the server has acted on the packet
			}
			for _, one := range []string{"first", "second"} {
				for who, c := range []*Client{a, b} {
					c.WebSocket.SendBinary(fmt.Sprint(one, who))
					c.WebSocket.StaysOpen()
				}
			}
			for who, c := range []*Client{a, b} {
				c.Expect(`452-["message-back",`+hole(0)+`,`+hole(1)+`]`, fmt.Sprint("first", who), fmt.Sprint("second", who))
			}
		},
	},
	Case{
		ID: "binary/ten-attachments", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/before-the-header", "binary/more-than-five-refused"},
		Title:  "carries ten attachments",
		Run: func(t *T) {
			c := t.Connected()
			var holes, attachments []string
			for i := range 10 {
				holes, attachments = append(holes, hole(i)), append(attachments, string(rune('a'+i)))
			}
			list := strings.Join(holes, ",")
			c.Send(`4510-["message",`+list+`]`, attachments...)
			c.Expect(`4510-["message-back",`+list+`]`, attachments...)
		},
	},
	Case{
		ID: "binary/more-than-ten-attachments", Level: Observed, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/any-count-accepted"},
		Title:  "closes the connection upon a packet of more than ten attachments",
		Run: func(t *T) {
			c := t.Connected()
			var holes []string
			for i := range 11 {
				holes = append(holes, hole(i))
			}
			c.Send(`4511-["message",` + strings.Join(holes, ",") + `]`)
			t.Answer("it leaves the connection open")
			c.WebSocket.ClosedWithin(t.Tolerance().Patience / 10)
			t.Answer("it closes the connection")
		},
	},
	Case{
		ID: "binary/unexpected", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/unannounced-ignored"},
		Title:  "closes the connection upon a binary message that no packet announced",
		Run: func(t *T) {
			c := t.Connected()
			c.WebSocket.SendBinary("\x01")
			c.Closed()
		},
	},
	Case{
		ID: "binary/text-in-place-of-an-attachment", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"binary/text-between-accepted"},
		Title:  "closes the connection upon a text packet where an attachment is due",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-["message",` + hole(0) + `]`)
			c.Send(`42["message",1]`)
			c.Closed()
		},
	},
	illegal("number-out-of-range", "a placeholder whose number is out of range", `451-["message",`+hole(1)+`]`, 1),
	illegal("number-negative", "a placeholder whose number is negative", `451-["message",`+hole(-1)+`]`, 1),
	illegal("number-as-text", "a placeholder whose number is a string", `451-["message",`+hole(`"0"`)+`]`, 1),
	illegal("count-missing", "a packet of a binary type without a number of attachments", `45["message"]`, 0),
	illegal("count-empty", "a packet whose number of attachments is empty", `45-["message"]`, 0),
	illegal("count-has-letters", "a packet whose number of attachments has letters", `45abc-["message"]`, 0),
	illegal("count-is-a-fraction", "a packet whose number of attachments is a fraction", `451.5-["message",`+hole(0)+`]`, 0),
	illegal("count-is-negative", "a packet whose number of attachments is negative", `45-1-["message"]`, 0),
	Case{
		ID: "binary/no-attachments", Level: Recommended, Source: socketEncoding, Since: "4.6", Needs: echo,
		Faults: []string{"binary/count-zero-accepted"},
		Title:  "closes the connection upon a packet of a binary type that announces no attachments",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`450-["message",1]`)
			c.Closed()
		},
	},
)

// illegal is the case of a malformed packet of a binary type, followed by that many attachments.
func illegal(slug, what, packet string, attachments int) Case {
	return Case{
		ID: "binary/" + slug, Level: Required, Source: socketEncoding, Since: "4.6", Needs: echo,
		Title: "closes the connection upon " + what,
		Run: func(t *T) {
			c := t.Connected()
			c.Send(packet, slices.Repeat([]string{"\x01"}, attachments)...)
			c.Closed()
		},
	}
}

package cases

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "binary/placeholder-written-otherwise", Level: Required, Rules: rules(attachmentsFollowPacket), Needs: echo,
		Title: "recognizes a placeholder by its keys, whatever their order and the white space between them",
		Run: func(t *T) {
			c := t.Connected()
			for _, written := range []string{`{"num":0,"_placeholder":true}`, `{ "_placeholder" : true , "num" : 0 }`, `{"_placeholder": true, "num": 0}`} {
				c.Send(`451-["message",`+written+`]`, "\x01\x02")
				c.Expect(`451-["message-back",`+placeholder(0)+`]`, "\x01\x02")
			}
		},
	},
	Case{
		ID: "binary/text-like-a-placeholder", Level: Required, Rules: rules(attachmentsFollowPacket), Needs: echo,
		Title: "treats text that looks like a placeholder, and an object with a number of the same name, as data",
		Run: func(t *T) {
			c := t.Connected()
			args := packed(t, `"{\"_placeholder\":true,\"num\":0}",{"num":0},`+placeholder(0)+`,"_placeholder"`)
			c.Send(`451-["message",`+args+`]`, "\x01")
			c.Expect(`451-["message-back",`+args+`]`, "\x01")
		},
	},
	Case{
		ID: "binary/placeholder-twice", Level: Recommended, Rules: rules(attachmentNamedTwice), Needs: variadicEcho,
		Title: "puts one attachment in the place of each placeholder with its number",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-["message",`+placeholder(0)+`,`+placeholder(0)+`]`, "\x01\x02")
			t.Expect(c.Receive(), "the answer").To(Or(
				MatchPacket(`452-["message-back",`+placeholder(0)+`,`+placeholder(1)+`]`, "\x01\x02", "\x01\x02"),
				MatchPacket(`451-["message-back",`+placeholder(0)+`,`+placeholder(0)+`]`, "\x01\x02"),
			))
		},
	},
	Case{
		ID: "binary/nested-in-arrays", Level: Required, Rules: rules(placeholdersNest), Needs: echo,
		Title: "puts attachments where their placeholders stand in arrays within arrays, and ten levels deep",
		Run: func(t *T) {
			c := t.Connected()
			for _, arg := range []string{`[` + placeholder(0) + `]`, `[[1,` + placeholder(0) + `]]`, `[[[[[{"a":[[[[` + placeholder(0) + `]]]]}]]]]]`} {
				c.Send(`451-["message",`+arg+`]`, "\x01")
				c.Expect(`451-["message-back",`+arg+`]`, "\x01")
			}
		},
	},
	Case{
		ID: "binary/after-a-ping", Level: Required, Rules: rules(attachmentsMayComeLater), Needs: echo, Waits: PingIntervals(2),
		Title: "waits for the attachments of a packet while pings are sent and answered",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`452-["message",` + packed(t, placeholder(0)+`,`+placeholder(1)) + `]`)
			c.WebSocket.SendBinary("\x01")
			t.Wait(2*t.Timings().PingInterval, "until pings have come and been answered")
			c.WebSocket.SendBinary("\x02")
			c.Expect(`452-["message-back",`+packed(t, placeholder(0)+`,`+placeholder(1))+`]`, "\x01", "\x02")
		},
	},
	Case{
		ID: "binary/over-an-upgrade", Level: Recommended, Rules: rules(attachmentsMayComeLater), Needs: echo,
		Title: "assembles a packet that came over polling and whose attachments come over WebSocket after the upgrade",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Send(`452-["message",` + packed(t, placeholder(0)+`,`+placeholder(1)) + `]` + protocol.Separator + "bAQI=")
			c.WebSocket = c.Polling.Upgrade()
			c.WebSocket.SendBinary("\x03")
			c.Expect(`452-["message-back",`+packed(t, placeholder(0)+`,`+placeholder(1))+`]`, "\x01\x02", "\x03")
		},
	},
	Case{
		ID: "binary/kept-apart-over-polling", Level: Required, Rules: rules(clientsAreKeptApart), Needs: echo,
		Title: "keeps apart the alternating attachments of two clients over polling",
		Run: func(t *T) {
			both := make([]*Client, 2)
			t.Together(2, func(t *T, who int) { // at once, since no poll fetches the pings in the meantime
				both[who] = t.Client(OverPolling)
				both[who].Connect("/")
			})
			t.Together(2, func(t *T, who int) { both[who].Polling.Send(`451-["message",` + placeholder(0) + `]`) })
			t.Together(2, func(t *T, who int) {
				content := fmt.Sprint("of ", who)
				both[who].Polling.Send("b" + base64.StdEncoding.EncodeToString([]byte(content)))
				both[who].Expect(`451-["message-back",`+placeholder(0)+`]`, content)
			})
		},
	},
	Case{
		ID: "binary/between-plain-events-over-polling", Level: Required, Rules: rules(attachmentsFollowPacket), Needs: echo,
		Title: "keeps the order of events with and without attachments over polling, and lets nothing come between a packet and its attachments",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			const packet = `42["message","plain"]` + protocol.Separator + `451-["message",{"_placeholder":true,"num":0}]` + protocol.Separator + "bAQI="
			c.Polling.Send(strings.Join(slices.Repeat([]string{packet}, 5), protocol.Separator))
			for range 5 {
				c.Expect(`42["message-back","plain"]`)
				c.Expect(`451-["message-back",`+placeholder(0)+`]`, "\x01\x02")
			}
		},
	},
	Case{
		ID: "binary/false-placeholder-is-data", Level: Required, Rules: rules(attachmentsFollowPacket), Needs: echo,
		Title: "treats an object with a false _placeholder as data, beside a true one for an attachment",
		Run: func(t *T) {
			c := t.Connected()
			const value = `[{"_placeholder":false,"num":0},{"_placeholder":true,"num":0}]`
			c.Send(`451-["message",`+value+`]`, "\x01\x02")
			c.Expect(`451-["message-back",`+value+`]`, "\x01\x02")
		},
	},
	Case{
		ID: "binary/reserved-name", Level: Recommended, Rules: rules(reservedNamesClose), Since: "4.6", Needs: echo,
		Title: "closes the connection after a client's event with a reserved name and attachments",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`451-["disconnect",`+placeholder(0)+`]`, "\x01")
			c.Closed()
		},
	},
)

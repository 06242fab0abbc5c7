package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// single are values that, alone, are easily taken for none, or for several.
var single = []string{`null`, `false`, `0`, `""`, `[]`, `{}`, `[1,2]`, `[[]]`, `[null]`}

var _ = Add(
	Case{
		ID: "events/one-argument-of-every-kind", Level: Required, Source: socketEvents, Needs: echo,
		Faults: []string{"events/nulls-at-the-end-dropped", "events/sole-array-spread", "events/sole-falsy-argument-dropped"},
		Title:  "carries a single argument as one, whatever its kind, and nulls behind the others",
		Run: func(t *T) {
			c := t.Connected()
			for _, args := range append(slices.Clone(single), `1,null,null`) {
				c.Send(`42["message",` + args + `]`)
				c.Expect(`42["message-back",` + args + `]`)
			}
		},
	},
	Case{
		ID: "events/forty-arguments", Level: Required, Source: socketEvents, Needs: echo,
		Faults: []string{"events/arguments-after-the-sixteenth-lost"},
		Title:  "carries forty arguments",
		Run: func(t *T) {
			c := t.Connected()
			var list []string
			for i := range 40 {
				list = append(list, fmt.Sprint(i))
			}
			args := strings.Join(list, ",")
			c.Send(`42["message",` + args + `]`)
			c.Expect(`42["message-back",` + args + `]`)
		},
	},
	Case{
		ID: "events/look-alikes-of-other-values", Level: Required, Source: socketEvents, Needs: echo,
		Faults: []string{"events/buffer-objects-read", "events/dates-rewritten", "events/json-in-strings-parsed"},
		Title:  "carries strings and objects unchanged that look like values of other kinds",
		Run: func(t *T) {
			c := t.Connected()
			for _, arg := range []string{
				`"null"`, `"true"`, `"12"`, `"{}"`, `"[1]"`, `"{\"a\":1}"`, `"2021-05-11T00:00:00Z"`, `"2021-05-11T00:00:00+02:00"`,
				`{"type":"Buffer","data":[1,2]}`, `{"base64":true,"data":"AQI="}`, `{"type":2,"nsp":"/","data":["message"]}`, `{"toJSON":1}`,
			} {
				c.Send(`42["message",` + arg + `]`)
				c.Expect(`42["message-back",` + arg + `]`)
			}
		},
	},
	Case{
		ID: "events/placeholder-without-attachments", Level: Recommended, Source: socketEncoding, Needs: echo,
		Faults: []string{"events/placeholders-read-without-attachments"},
		Title:  "takes an object that looks like a placeholder for data where the event has no attachments",
		Run: func(t *T) {
			c := t.Connected()
			args := hole(0) + `,{"deep":[` + hole(1) + `]}`
			c.Send(`42["message",` + args + `]`)
			c.Expect(`42["message-back",` + args + `]`)
		},
	},
	Case{
		ID: "events/fractions", Level: Required, Source: socketEvents, Needs: echo,
		Faults: []string{"events/fractions-rounded"},
		Title:  "carries fractions, small numbers and large ones as exactly as 64 bits hold them",
		Run: func(t *T) {
			c := t.Connected()
			for _, number := range []string{`3.141592653589793`, `-0.1234567890123`, `1e-7`, `-2.5e-10`, `1.5e300`, `123456789.12345679`} {
				c.Send(`42["message",` + number + `]`)
				p := c.Receive()
				name, args := p.Event()
				t.Expect(name).To(Equal("message-back"), "the event in %s", p)
				t.Expect(args).To(HaveLen(1), "the arguments in %s", p)
				var got, want float64 // a server may write more digits than it needs
				t.Expect(json.Unmarshal(args[0], &got)).To(Succeed(), "the argument in %s, a number", p)
				_ = json.Unmarshal([]byte(number), &want)
				t.Expect(got).To(Equal(want), "the argument in %s", p)
			}
		},
	},
	Case{
		ID: "events/deep-values", Level: Recommended, Source: socketEvents, Needs: echo,
		Faults: []string{"events/deep-values-close"},
		Title:  "carries objects and arrays forty levels deep",
		Run: func(t *T) {
			c := t.Connected()
			arg := strings.Repeat(`[{"a":`, 20) + `1` + strings.Repeat(`}]`, 20)
			c.Send(`42["message",` + arg + `]`)
			c.Expect(`42["message-back",` + arg + `]`)
		},
	},
	Case{
		ID: "events/large-in-order", Level: Required, Source: socketEvents, Needs: echo,
		Faults: []string{"events/large-overtaken"},
		Title:  "keeps the order of large events and small ones, with attachments and without",
		Run: func(t *T) {
			c, large := t.Connected(), strings.Repeat("x", fitting(t, 100_000))
			for i := range 3 {
				c.Send(fmt.Sprintf(`42["message",%d,%q]`, i, large))
				c.Send(fmt.Sprintf(`42["message",%d]`, i))
				c.Send(fmt.Sprintf(`451-["message",%d,%s]`, i, hole(0)), large)
				c.Send(fmt.Sprintf(`42["message","after",%d]`, i))
			}
			for i := range 3 {
				c.Expect(fmt.Sprintf(`42["message-back",%d,%q]`, i, large))
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, i))
				c.Expect(fmt.Sprintf(`451-["message-back",%d,%s]`, i, hole(0)), large)
				c.Expect(fmt.Sprintf(`42["message-back","after",%d]`, i))
			}
		},
	},
	Case{
		ID: "events/json-with-white-space", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"events/white-space-closes"},
		Title:  "takes JSON that has white space between its tokens",
		Run: func(t *T) {
			c := t.Connected()
			c.Send("42[ \"message\" ,\t1 ,\r\n { \"a\" : [ 2 , 3 ] } ]")
			c.Expect(`42["message-back",1,{"a":[2,3]}]`)
		},
	},
	Case{
		ID: "events/name-with-escapes", Level: Required, Source: socketEncoding, Needs: echo,
		Faults: []string{"events/escapes-in-names-kept"},
		Title:  "reads the escapes of JSON in an event's name",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`42["\u006dess\u0061ge",1]`)
			c.Expect(`42["message-back",1]`)
		},
	},
	Case{
		ID: "events/names-of-any-characters", Level: Recommended, Source: socketEvents, Needs: echo,
		Faults: []string{"events/names-cut-at-brackets"},
		Title:  "takes names that hold brackets, commas, quotes and letters of other scripts, and those that only the server's own events have",
		Run: func(t *T) {
			c := t.Connected()
			for _, name := range []string{`a],[b`, `a,b`, `\"`, `{}`, `é€😀`, `connection`, `new_namespace`, `ping`, `pong`, `reconnect`, `open`, `close`, `data`, `upgrade`} {
				c.Send(`42["` + name + `",1]`)
				c.Echoes("/")
			}
		},
	},
	Case{
		ID: "events/names-that-look-alike", Level: Required, Source: socketEvents, Needs: echo,
		Faults: []string{"events/names-compared-loosely"},
		Title:  "hands an event to those alone who listen to exactly its name",
		Run: func(t *T) {
			c := t.Connected()
			for _, name := range []string{`Message`, `MESSAGE`, ` message`, `message `, `messag`, `messages`, `message-back`, `message\u0000`, `*`, `message.*`} {
				c.Send(`42["` + name + `",1]`)
				c.Echoes("/")
			}
		},
	},
	Case{
		ID: "events/explicit-main-namespace", Level: Recommended, Source: socketEncoding, Needs: echo,
		Faults: []string{"events/explicit-main-namespace-closes"},
		Title:  "takes a slash for the main namespace in other packets than CONNECT, too",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`42/,["message",1]`)
			c.Expect(`42["message-back",1]`)
			c.Send(`42/,7["message-with-ack",1]`)
			c.Expect(`437[1]`)
			c.Send(`41/,`)
			c.WebSocket.StaysOpen() // the server has acted on the packet
			c.Connect("/")
		},
	},
	closes("events/payload-goes-on", "an EVENT whose payload has more behind it than a JSON array", socketEvents, Required, "4.1", true, `42["message",1]["message",2]`),
	Case{
		ID: "events/payload-is-nearly-json", Level: Recommended, Source: socketEvents, Needs: echo,
		Faults: []string{"events/loose-json-accepted"},
		Title:  "closes the connection upon an EVENT whose payload only a lenient reader takes for JSON",
		Run: func(t *T) {
			for _, payload := range []string{
				`["message",NaN]`, `["message",-Infinity]`, `["message",1,]`, `['message',1]`, `[message,1]`, `["message",01]`, `["message",.5]`,
				`["message",0x10]`, `["message",/*1*/1]`, "[\"message\",\"a\tb\"]", `["message","\x41"]`,
			} {
				t.Step("sends %q", payload)
				c := t.Connected()
				c.Send("42" + payload)
				c.Closed()
			}
		},
	},
)

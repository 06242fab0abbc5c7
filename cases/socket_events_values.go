package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// single are values that, as the only one, are easily taken for none or for several.
var single = []string{`null`, `false`, `0`, `""`, `[]`, `{}`, `[1,2]`, `[[]]`, `[null]`}

var _ = Add(
	Case{
		ID: "events/one-argument-of-every-kind", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "carries a single argument of any type as one argument, and keeps trailing nulls",
		Run: func(t *T) {
			c := t.Connected()
			for _, args := range append(slices.Clone(single), packed(t, `1,null,null`)) {
				c.Send(`42["message",` + args + `]`)
				c.Expect(`42["message-back",` + args + `]`)
			}
		},
	},
	Case{
		ID: "events/forty-arguments", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: variadicEcho,
		Title: "carries forty arguments",
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
		ID: "events/look-alikes-of-other-values", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "carries strings and objects that look like values of other types unchanged",
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
		ID: "events/text-like-the-head-of-a-packet", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "delivers text that looks like a namespace, an ID or the head of a packet",
		Run: func(t *T) {
			c := t.Connected()
			for _, text := range []string{"/a,b", "/custom,", "/,7[1]", "12[", "1-[2]", `42/custom,7[\"a\"]`, "],[", ",", "-", "0{}", "?a=b,c"} {
				c.Send(fmt.Sprintf(`42["message","%s"]`, text))
				c.Expect(fmt.Sprintf(`42["message-back","%s"]`, text))
				c.Send(fmt.Sprintf(`421["message-with-ack","%s"]`, text))
				c.Expect(fmt.Sprintf(`431["%s"]`, text))
			}
		},
	},
	Case{
		ID: "events/each-escape-by-itself", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "reads each form in which JSON lets a client escape a character",
		Run: func(t *T) {
			c := t.Connected()
			for _, one := range [][2]string{
				{`a\/b`, `a/b`}, {`a\\b`, `a\\b`}, {`a\"b`, `a\"b`}, {`a\bb`, `a\u0008b`}, {`a\fb`, `a\u000cb`}, {`a\nb`, `a\nb`}, {`a\rb`, `a\rb`}, {`a\tb`, `a\tb`},
				{`a\u0062`, `ab`}, {`a\u00E9`, `aé`}, {`a\u20ac`, `a€`}, {`a\uD83D\ude00`, `a😀`}, {`\\/`, `\\/`}, {`\\u0061`, `\\u0061`}, {`\/\/`, `//`},
			} {
				c.Send(fmt.Sprintf(`42["message","%s"]`, one[0]))
				c.Expect(fmt.Sprintf(`42["message-back","%s"]`, one[1]))
			}
		},
	},
	Case{
		ID: "events/placeholder-without-attachments", Level: Recommended, Rules: rules(attachmentsFollowPacket), Needs: echo,
		Title: "treats an object that looks like a placeholder as data if the event has no attachments",
		Run: func(t *T) {
			c := t.Connected()
			args := packed(t, placeholder(0)+`,{"deep":[`+placeholder(1)+`]}`)
			c.Send(`42["message",` + args + `]`)
			c.Expect(`42["message-back",` + args + `]`)
		},
	},
	Case{
		ID: "events/fractions", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "carries fractions, small and large numbers with the precision of 64 bits",
		Run: func(t *T) {
			c := t.Connected()
			for _, number := range []string{`3.141592653589793`, `-0.1234567890123`, `1e-7`, `-2.5e-10`, `1.5e300`, `123456789.12345679`} {
				c.Send(`42["message",` + number + `]`)
				p := c.Receive()
				name, args := p.Event()
				t.Expect(name, "the event in %s", p).To(Equal("message-back"))
				t.Expect(args, "the arguments in %s", p).To(HaveLen(1))
				var got, want float64 // a server may write more digits than it needs
				t.Decode(args[0], &got, "a number", "the argument in %s", p)
				_ = json.Unmarshal([]byte(number), &want)
				t.Expect(got, "the argument in %s", p).To(Equal(want))
			}
		},
	},
	Case{
		ID: "events/deep-values", Level: Recommended, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "carries objects and arrays forty levels deep",
		Run: func(t *T) {
			c := t.Connected()
			arg := strings.Repeat(`[{"a":`, 20) + `1` + strings.Repeat(`}]`, 20)
			c.Send(`42["message",` + arg + `]`)
			c.Expect(`42["message-back",` + arg + `]`)
		},
	},
	Case{
		ID: "events/large-in-order", Level: Required, Rules: rules(eventsKeepOrder), Needs: echo,
		Title: "keeps the order of large and small events, with and without attachments",
		Run: func(t *T) {
			c, large := t.Connected(), strings.Repeat("x", fitting(t, 100_000))
			for i := range 3 {
				c.Send(fmt.Sprintf(`42["message",%s]`, packed(t, fmt.Sprintf(`%d,%q`, i, large))))
				c.Send(fmt.Sprintf(`42["message",%d]`, i))
				c.Send(fmt.Sprintf(`451-["message",%s]`, packed(t, fmt.Sprintf(`%d,%s`, i, placeholder(0)))), large)
				c.Send(fmt.Sprintf(`42["message",%s]`, packed(t, fmt.Sprintf(`"after",%d`, i))))
			}
			for i := range 3 {
				c.Expect(fmt.Sprintf(`42["message-back",%s]`, packed(t, fmt.Sprintf(`%d,%q`, i, large))))
				c.Expect(fmt.Sprintf(`42["message-back",%d]`, i))
				c.Expect(fmt.Sprintf(`451-["message-back",%s]`, packed(t, fmt.Sprintf(`%d,%s`, i, placeholder(0)))), large)
				c.Expect(fmt.Sprintf(`42["message-back",%s]`, packed(t, fmt.Sprintf(`"after",%d`, i))))
			}
		},
	},
	Case{
		ID: "events/json-with-white-space", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "accepts JSON with white space between its tokens",
		Run: func(t *T) {
			c := t.Connected()
			c.Send("42[ \"message\" ,\t" + packed(t, "1 ,\r\n { \"a\" : [ 2 , 3 ] } ") + "]")
			c.Expect(`42["message-back",` + packed(t, `1,{"a":[2,3]}`) + `]`)
		},
	},
	Case{
		ID: "events/name-with-escapes", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "decodes JSON escapes in an event's name",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`42["\u006dess\u0061ge",1]`)
			c.Expect(`42["message-back",1]`)
		},
	},
	Case{
		ID: "events/names-of-any-characters", Level: Recommended, Rules: rules(unknownEventIsIgnored), Needs: echo,
		Title: "accepts names with brackets, commas, quotes and letters of other scripts, and names that only the server's own events have",
		Run: func(t *T) {
			c := t.Connected()
			for _, name := range []string{`a],[b`, `a,b`, `\"`, `{}`, `é€😀`, `connection`, `new_namespace`, `ping`, `pong`, `reconnect`, `open`, `close`, `data`, `upgrade`} {
				c.Send(`42["` + name + `",1]`)
				c.Echoes("/")
			}
		},
	},
	Case{
		ID: "events/names-that-look-alike", Level: Required, Rules: rules(eventArrivesUnchanged), Needs: echo,
		Title: "passes an event only to those that listen to exactly its name",
		Run: func(t *T) {
			c := t.Connected()
			for _, name := range []string{`Message`, `MESSAGE`, ` message`, `message `, `messag`, `messages`, `message-back`, `message\u0000`, `*`, `message.*`} {
				c.Send(`42["` + name + `",1]`)
				c.Echoes("/")
			}
		},
	},
	Case{
		ID: "events/explicit-main-namespace", Level: Recommended, Rules: rules(slashIsMain), Needs: echo,
		Title: "treats a slash as the main namespace also in packets other than CONNECT",
		Run: func(t *T) {
			c := t.Connected()
			c.Connect("/custom")
			c.Send(`42/,["message",1]`)
			c.Expect(`42["message-back",1]`)
			c.Send(`42/,7["message-with-ack",1]`)
			c.Expect(`437[1]`)
			c.Send(`41/,`)
			c.Echoes("/custom") // the server has handled the packet
			c.Connect("/")
		},
	},
	closes("events/payload-goes-on", "an EVENT whose payload has more after the JSON array", rules(eventPayloadIsJSON), Required, "4.1", true, `42["message",1]["message",2]`),
	Case{
		ID: "events/payload-is-nearly-json", Level: Recommended, Rules: rules(eventPayloadIsJSON), Needs: echo,
		Title: "closes the connection after an EVENT whose payload only a lenient parser accepts as JSON",
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

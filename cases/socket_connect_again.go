package cases

import (
	"slices"
	"strings"
	"time"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// Clients that join, are refused and come again, and the time that they have for it.

var _ = Add(
	Case{
		ID: "connect/auth-of-each-time", Level: Required, Source: socketConnect, Needs: application,
		Faults: []string{"connect/auth-of-the-first-time", "connect/middleware-once-per-client"},
		Title:  "takes the data of the last CONNECT, and asks the middleware again, where a client leaves a namespace and joins it again",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			for _, prefix := range []string{"", "/custom,"} {
				for _, data := range []string{`{"n":1}`, `{"n":2}`, `{"__proto__":{"n":3},"constructor":4}`, `{"other":5}`} {
					c.Send("40" + prefix + data)
					t.Expect(c.Receive().SID()).NotTo(BeEmpty(), "the sid in the answer")
					c.Expect("42" + prefix + `["auth",` + data + `]`)
					c.Send("41" + prefix)
					c.WebSocket.StaysOpen() // the server has acted on the packet
				}
				c.Send("40" + prefix + `{"refuse":"not any more"}`)
				t.Expect(c.Receive().Raw).To(HavePrefix("44"+prefix+"{"), "the answer")
			}
		},
	},
	Case{
		ID: "connect/auth-is-not-merged", Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/auth-merged"},
		Title:  "hands nothing of the data of one namespace's CONNECT to the application as another's",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			for _, one := range [][2]string{{"", `{"main":1}`}, {"/custom,", `{"custom":2}`}} {
				c.Send("40" + one[0] + one[1])
				t.Expect(c.Receive().SID()).NotTo(BeEmpty(), "the sid in the answer")
				c.Expect("42" + one[0] + `["auth",` + one[1] + `]`)
			}
		},
	},
	Case{
		ID: "connect/refusal-with-any-message", Level: Recommended, Source: socketConnect, Needs: application,
		Faults: []string{"connect/empty-refusal-ignored"},
		Title:  "refuses a client by a middleware's error whatever its message: empty, long, or of other scripts",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			for _, message := range []string{``, `é€😀 \"quoted\" \\`, strings.Repeat("x", 2000), `Invalid namespace`} {
				c.Send(`40{"refuse":"` + message + `"}`)
				c.Expect(`44{"message":"` + message + `","data":{"refused":"` + message + `"}}`)
			}
		},
	},
	Case{
		ID: "connect/refusal-leaves-the-others", Level: Required, Source: socketConnect, Needs: application,
		Faults: []string{"connect/refusal-ends-the-others"},
		Title:  "keeps a client in the namespaces that it has joined when another one refuses it",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Send(`40/custom,{"refuse":"not today"}`)
			t.Expect(c.Receive().Raw).To(HavePrefix("44/custom,{"), "the answer")
			c.Echoes("/")
			c.Send(`40/random,`)
			t.Expect(c.Receive().Raw).To(HavePrefix("44/random,{"), "the answer")
			c.Echoes("/")
			c.Connect("/custom")
			c.Echoes("/custom")
		},
	},
	Case{
		ID: "connect/while-events-come", Level: Required, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/events-lost-while-joining"},
		Title:  "takes the events of a namespace that a client is in while it joins another one",
		Run: func(t *T) {
			c := t.Connected()
			c.Send("40/custom,")
			c.Send(`42["message",1]`)
			c.Send(`427["message-with-ack",2]`)
			var custom, main []*Packet
			for range 4 {
				if p := c.Receive(); p.Namespace == "/custom" {
					custom = append(custom, p)
				} else {
					main = append(main, p)
				}
			}
			t.Expect(main).To(ConsistOf(MatchPacket(`42["message-back",1]`), MatchPacket(`437[2]`)), "the packets of the main namespace")
			t.Expect(custom).To(HaveLen(2), "the packets of the other one")
			t.Expect(custom[0].SID()).NotTo(BeEmpty(), "the sid in the answer to the CONNECT")
			t.Expect(custom[1]).To(MatchPacket(`42/custom,["auth",{}]`))
		},
	},
	Case{
		ID: "connect/sid-without-the-session", Level: Recommended, Source: socketConnect, Needs: echo,
		Faults: []string{"connect/sid-holds-that-of-the-session"},
		Title:  "gives a socket an ID that does not tell the session's, which is a secret of its client",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			for _, name := range []string{"/", "/custom"} {
				t.Expect(c.Connect(name).SID()).NotTo(ContainSubstring(c.SessionID()), "the ID of the socket in %s", name)
			}
		},
	},
	Case{
		ID: "connect/duplicate-in-a-namespace", Level: Recommended, Source: socketConnect, Since: "4.5", Needs: echo,
		Faults: []string{"connect/duplicate-in-a-namespace-answered"},
		Title:  "closes the connection upon a second CONNECT to a namespace other than the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`40/custom,{"n":1}`)
			c.Closed()
		},
	},
	Case{
		ID: "connect/timeout-is-not-restarted", Level: Recommended, Source: socketConnect, Needs: application, Timing: true, Waits: ConnectDeadline,
		Faults: []string{"connect/timeout-ended-by-a-refusal", "connect/timeout-restarted"},
		Title:  "closes a connection at connectTimeout that a namespace and a middleware have refused in the meantime",
		Run: func(t *T) {
			w := t.WebSocket()
			start := time.Now()
			t.Wait(t.Timings().ConnectTimeout/2, "for half of connectTimeout")
			for _, packet := range []string{`40/random,`, `40{"refuse":"not today"}`, `40/custom,{"refuse":"not today"}`} {
				w.Send(packet)
				t.Expect(w.Receive()).To(HavePrefix("44"), "the answer to %s", packet)
			}
			end := w.ClosedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			between(t, "the time until the connection closed", end.At.Sub(start), t.Timings().ConnectTimeout)
		},
	},
	Case{
		ID: "connect/timeout-ends-with-any-namespace", Level: Recommended, Source: socketConnect, Needs: application, Timing: true,
		Faults: []string{"connect/timeout-goes-on-in-other-namespaces"},
		Waits:  func(t Timings) time.Duration { return t.ConnectTimeout * 5 / 4 },
		Title:  "keeps a connection that has joined another namespace than the main one before connectTimeout, or has left the only one again",
		Run: func(t *T) {
			names := []string{"/custom"}
			if info := t.Info(0); info != nil && slices.Contains(info.Features, DynamicNamespaces) {
				names = append(names, "/dynamic-"+t.Mark())
			}
			var stay []*Client
			for _, name := range names {
				c := t.Client(OverWebSocket)
				c.Connect(name)
				stay = append(stay, c)
			}
			gone := t.Connected()
			gone.Send("41")
			t.Wait(t.Timings().ConnectTimeout*5/4, "beyond connectTimeout")
			for i, c := range stay {
				c.Echoes(names[i])
			}
			gone.WebSocket.StaysOpen()
			gone.Connect("/")
		},
	},
)

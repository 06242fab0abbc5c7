package cases

import (
	"slices"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// Clients that join, are refused and come again, and the time that they have to do so.

var _ = Add(
	Case{
		ID: "connect/auth-of-each-time", Level: Required, Rules: rules(authReachesApplication, middlewareRefusalIsTold), Needs: application,
		Title: "uses the data of the last CONNECT and runs the middleware again when a client leaves a namespace and joins it again",
		Run: func(t *T) {
			o := t.Observe(0)
			for _, name := range []string{"/", "/custom"} {
				c, prefix := t.Client(OverWebSocket), Prefix(name)
				c.Connect(other(name)) // a server may close the connection of a client that is no longer in any namespace
				for _, data := range []string{`{"n":1}`, `{"n":2}`, `{"__proto__":{"n":3},"constructor":4}`, `{"other":5}`} {
					c.Send("40" + prefix + data)
					sid := c.Receive().SID()
					t.Expect(sid, "the sid in the answer").NotTo(BeEmpty())
					c.Expect("42" + prefix + `["auth",` + data + `]`)
					c.Send("41" + prefix)
					o.Await(1, left(sid)...)
				}
				if slices.Contains(refusing(t), name) {
					c.Send("40" + prefix + `{"refuse":"not any more"}`)
					t.Expect(c.Receive().Raw, "the answer").To(HavePrefix("44" + prefix + "{"))
				}
			}
		},
	},
	Case{
		ID: "connect/auth-is-not-merged", Level: Required, Rules: rules(authReachesNamespaces), Needs: echo,
		Title: "does not pass data of one namespace's CONNECT to the application as another's",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			for _, one := range [][2]string{{"", `{"main":1}`}, {"/custom,", `{"custom":2}`}} {
				c.Send("40" + one[0] + one[1])
				t.Expect(c.Receive().SID(), "the sid in the answer").NotTo(BeEmpty())
				c.Expect("42" + one[0] + `["auth",` + one[1] + `]`)
			}
		},
	},
	Case{
		ID: "connect/refusal-with-any-message", Level: Required, Rules: rules(middlewareRefusalIsTold), Needs: application,
		Title: "refuses a client because of a middleware's error, whatever its message: empty, long, or in other scripts",
		Run: func(t *T) {
			messages := []string{``, `é€😀 "quoted" \`, strings.Repeat("x", 2000), `Invalid namespace`}
			t.Together(len(messages), func(t *T, i int) {
				c := t.Client(OverWebSocket)
				c.Send(`40{"refuse":` + asJSON(messages[i]) + `}`)
				refusedWith(t, c, "/", messages[i])
			})
		},
	},
	Case{
		ID: "connect/refusal-leaves-the-others", Level: Required, Rules: rules(refusalKeepsConnection), Needs: application,
		Title: "keeps a client in the namespaces that it has joined when another one refuses it",
		Run: func(t *T) {
			for _, name := range refusing(t) {
				c := t.Client(OverWebSocket)
				c.Connect(other(name))
				c.Send("40" + Prefix(name) + `{"refuse":"not today"}`)
				t.Expect(c.Receive().Raw, "the answer").To(HavePrefix("44" + Prefix(name) + "{"))
				c.Echoes(other(name))
				c.Send(`40/random,`)
				t.Expect(c.Receive().Raw, "the answer").To(HavePrefix("44/random,"))
				c.Echoes(other(name))
				c.Join(name)
				c.Echoes(name)
			}
		},
	},
	Case{
		ID: "connect/while-events-come", Level: Required, Rules: rules(namespacesShareConnection), Needs: echo,
		Title: "accepts events for a namespace that a client is in while it joins another one",
		Run: func(t *T) {
			t.SendsNoAuth()
			c := t.Connected()
			c.Send("40/custom,")
			c.Send(`42["message",1]`)
			c.Send(`427["message-with-ack",2]`)
			var custom, main []*protocol.Packet
			for range 4 {
				if p := c.Receive(); p.Namespace == "/custom" {
					custom = append(custom, p)
				} else {
					main = append(main, p)
				}
			}
			t.Expect(main, "the packets of the main namespace").To(ConsistOf(MatchPacket(`42["message-back",1]`), MatchPacket(`437[2]`)))
			t.Expect(custom, "the packets of the other one").To(HaveLen(2))
			t.Expect(custom[0].SID(), "the sid in the answer to the CONNECT").NotTo(BeEmpty())
			t.Expect(custom[1], "the packet after the answer to the CONNECT").To(MatchPacket(`42/custom,["auth",{}]`))
		},
	},
	Case{
		ID: "connect/sid-without-the-session", Level: Recommended, Rules: rules(socketIDIsNotSessionID), Needs: echo,
		Title: "gives a socket an ID that does not reveal the session's, which is a secret of its client",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			for _, name := range []string{"/", "/custom"} {
				t.Expect(c.Connect(name).SID(), "the ID of the socket in %s", name).NotTo(ContainSubstring(c.SessionID()))
			}
		},
	},
	Case{
		ID: "connect/duplicate-in-a-namespace", Level: Recommended, Rules: rules(secondConnectCloses), Since: "4.5", Needs: echo,
		Title: "closes the connection after a second CONNECT to a namespace other than the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`40/custom,{"n":1}`)
			c.Closed()
		},
	},
	Case{
		ID: "connect/timeout-is-not-restarted", Level: Recommended, Rules: rules(connectTimeoutCloses), Needs: closing, Timing: true, Waits: ConnectDeadline,
		Title: "counts connectTimeout from the opening of a connection, even if CONNECTs are refused in the meantime",
		Run: func(t *T) {
			asked := time.Now()
			w := t.WebSocket()
			opened := time.Now()
			t.Wait(t.Timings().ConnectTimeout/2, "for half of connectTimeout")
			refused := connectsToRefuse(t)
			for _, packet := range refused { // all at once: the target may be far away
				w.Send(packet)
			}
			for i := range refused {
				t.Expect(w.Receive(), "answer %d of %d to the CONNECTs", i+1, len(refused)).To(HavePrefix("44"))
			}
			end := w.ClosedWithin(t.Timings().ConnectTimeout + t.Tolerance().Patience)
			fires(t, "the time until the connection closed", end.At, asked, opened, t.Timings().ConnectTimeout)
		},
	},
	Case{
		ID: "connect/timeout-ends-with-any-namespace", Level: Required, Rules: rules(joiningStopsConnectTimeout), Needs: closing, Timing: true,
		Waits: BeyondConnectDeadline,
		Title: "keeps a connection open beyond connectTimeout if it has joined a namespace other than the main one",
		Run: func(t *T) {
			names := []string{"/custom"}
			if info := t.Info(0); info != nil && info.Declares(DynamicNamespaces) {
				names = append(names, "/dynamic-"+t.Mark())
			}
			var stay []*Client
			for _, name := range names {
				c := t.Client(OverWebSocket)
				c.Connect(name)
				stay = append(stay, c)
			}
			t.Wait(Beyond(t.Timings().ConnectTimeout), "beyond connectTimeout")
			for i, c := range stay {
				c.Echoes(names[i])
			}
		},
	},
)

package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// left selects the record of a socket's disconnection.
func left(sid string) []func(Entry) bool {
	return []func(Entry) bool{OfType("disconnect"), func(e Entry) bool { return e.SID == sid }}
}

// reasoned is what a case needs to look at the reason of a disconnect event.
var reasoned = application.With(DisconnectReasons)

var _ = Add(
	Case{
		ID: "disconnect/client-leaves-main", Level: Required, Rules: rules(applicationLearnsOfLeaving), Needs: application,
		Title: "tells the application once that a client has left the main namespace",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			c.Connect("/custom")
			sid := c.Connect("/").SID()
			c.Send("41")
			o.Await(1, left(sid)...)
			c.Connect("/")
			entries := o.Entries(left(sid)...)
			t.Expect(entries, "the disconnections of the socket").To(HaveLen(1))
			t.Expect(entries[0].Namespace, "the namespace").To(Equal("/"))
		},
	},
	Case{
		ID: "disconnect/client-leaves-custom", Level: Required, Rules: rules(disconnectWithoutComma), Needs: application,
		Title: "tells the application that a client has left another namespace, with or without the comma",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Connected()
			for _, packet := range []string{"41/custom,", "41/custom"} {
				sid := c.Connect("/custom").SID()
				c.Send(packet)
				entries := o.Await(1, left(sid)...)
				t.Expect(entries[0].Namespace, "the namespace").To(Equal("/custom"))
				c.Echoes("/")
			}
		},
	},
	Case{
		ID: "disconnect/reason-client", Level: Recommended, Rules: rules(disconnectReasons), Needs: reasoned,
		Title: "gives the reason client namespace disconnect if the client has left",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sid := c.Connect("/").SID()
			c.Send("41")
			t.Expect(o.Await(1, left(sid)...)[0].Reason, "the reason").To(Equal("client namespace disconnect"))
		},
	},
	Case{
		ID: "disconnect/reason-server", Level: Recommended, Rules: rules(disconnectReasons), Needs: reasoned,
		Title: "gives the reason server namespace disconnect if the application has disconnected the client",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sid := c.Connect("/").SID()
			c.Send(`42["leave"]`)
			t.Expect(o.Await(1, left(sid)...)[0].Reason, "the reason").To(Equal("server namespace disconnect"))
		},
	},
	Case{
		ID: "disconnect/reason-transport", Level: Recommended, Rules: rules(disconnectReasons), Needs: reasoned,
		Title: "gives the reason transport close or transport error, in every namespace, if the connection has ended",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
			c.Close()
			for _, sid := range sids {
				t.Expect(o.Await(1, left(sid)...)[0].Reason, "the reason").To(beOfTheTransport())
			}
		},
	},
	Case{
		ID: "disconnect/reason-broken-packet", Level: Recommended, Rules: rules(disconnectReasons), Needs: reasoned,
		Title: "gives the reason parse error if the client has sent something that is not a packet",
		Run: func(t *T) {
			for _, transport := range Transports {
				o, c := t.Observe(0), t.Client(transport)
				sid := c.Connect("/").SID()
				if c.WebSocket != nil {
					c.WebSocket.Send("abc")
				} else {
					c.Polling.StartPOST("abc").Outcome(t.Tolerance().Patience)
				}
				t.Expect(o.Await(1, left(sid)...)[0].Reason, "the reason, over %s", transport).To(Equal("parse error"))
			}
		},
	},
	Case{
		ID: "disconnect/end-of-the-connection", Level: Required, Rules: rules(endOfConnectionEndsSockets), Needs: application,
		Title: "tells the application once, in every namespace, that the client is gone when the connection has ended",
		Run: func(t *T) {
			o := t.Observe(0)
			for _, transport := range Transports {
				c := t.Client(transport)
				sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
				c.Close()
				for _, sid := range sids {
					t.Expect(o.Await(1, left(sid)...), "the disconnections of the socket, over %s", transport).To(HaveLen(1))
				}
			}
		},
	},
	Case{
		ID: "disconnect/not-answered", Level: Required, Rules: rules(disconnectIsNotAnswered), Needs: echo,
		Title: "does not answer a DISCONNECT",
		Run: func(t *T) {
			c := t.Connected()
			c.Connect("/custom")
			c.Send("41")
			c.Echoes("/custom")
		},
	},
	Case{
		ID: "disconnect/connection-outlives-the-last", Level: Recommended, Rules: rules(connectionOutlivesLastNamespace), Needs: echo,
		Title: "lets a client that has left all namespaces join again, as another socket",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			first := c.Connect("/").SID()
			c.Send("41")
			outside(t, c)
			t.Expect(c.Join("/").SID(), "the ID of the second socket").NotTo(Equal(first))
			c.Echoes("/")
		},
	},
	Case{
		ID: "disconnect/back-at-once", Level: Observed, Rules: rules(joiningAgainAtOnce), Needs: echo,
		Title: "lets a client that leaves a namespace join it again without waiting for anything",
		Run: func(t *T) {
			c := t.Connected()
			c.Connect("/custom")
			for i := range 20 {
				t.Answer("it ends the connection of a client that does so, or does not let it in: time %d of 20", i+1)
				c.Send("41/custom,")
				c.Join("/custom")
			}
			c.Echoes("/custom")
			t.Answer("it does, 20 times of 20")
		},
	},
	Case{
		ID: "disconnect/custom-leaves-main", Level: Required, Rules: rules(leavingCustomKeepsMain), Needs: echo,
		Title: "keeps a client in the main namespace when it leaves another one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send("41/custom,")
			c.Echoes("/")
		},
	},
	Case{
		ID: "disconnect/main-leaves-custom", Level: Required, Rules: rules(leavingMainKeepsCustom), Needs: echo,
		Title: "keeps a client in another namespace when it leaves the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send("41")
			c.Echoes("/custom")
		},
	},
	Case{
		ID: "disconnect/by-the-server", Level: Required, Rules: rules(serverDisconnects, leaveDisconnects), Needs: application,
		Title: "sends a DISCONNECT when the application disconnects the client from a namespace, and keeps the connection",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42["leave",false]`)
			t.Expect(c.Receive(), "the packet").To(MatchPacket("41"))
			c.Echoes("/custom")
			c = t.Connected() // leaving and coming back at once is a matter for other rules
			c.Connect("/custom")
			c.Send(`42/custom,["leave"]`)
			t.Expect(c.Receive(), "the packet").To(MatchPacket("41/custom,"))
			c.Echoes("/")
		},
	},
	Case{
		ID: "disconnect/by-the-server-over-polling", Level: Required, Rules: rules(serverDisconnects), Needs: application,
		Title: "sends a DISCONNECT also over polling",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42/custom,["leave"]`)
			t.Expect(c.Receive(), "the packet").To(MatchPacket("41/custom,"))
			c.Echoes("/")
		},
	},
	Case{
		ID: "disconnect/server-closes-the-connection", Level: Recommended, Rules: rules(serverClosesConnection, applicationLearnsOfLeaving), Needs: application,
		Title: "closes the connection when the application asks for it, and tells each namespace",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
			c.Send(`42["leave",true]`)
			c.Closed()
			for _, sid := range sids {
				t.Expect(o.Await(1, left(sid)...), "the disconnections of a socket").To(HaveLen(1))
			}
		},
	},
	Case{
		ID: "disconnect/told-before-the-close", Level: Required, Rules: rules(serverClosesConnection), Needs: application,
		Title: "sends a DISCONNECT for each namespace before it closes the connection when the application asks for it",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42["leave",true]`)
			t.Expect([]*protocol.Packet{c.Receive(), c.Receive()}, "the next two packets").To(ConsistOf(MatchPacket("41"), MatchPacket("41/custom,")))
			c.Closed()
		},
	},
	closes("disconnect/event-afterwards", "an EVENT for a namespace that the client has left", rules(packetNotJoinedCloses), Recommended, "4.5", true, "41", `42["message",1]`),
	closes("disconnect/namespace-not-joined", "a DISCONNECT for a namespace that the client has not joined", rules(packetNotJoinedCloses), Recommended, "4.5", true, "41/custom,"),
	closes("disconnect/with-payload", "a DISCONNECT that has a payload", rules(disconnectWithPayloadCloses), Recommended, "4.1", true, `41{"a":1}`),
	Case{
		ID: "disconnect/many-times", Level: Required, Rules: rules(applicationLearnsOfLeaving), Needs: application,
		Title: "lets a client join and leave twenty times, and tells the application each time",
		Run: func(t *T) {
			o, c, name := t.Observe(0), t.Connected(), "/custom"
			seen := map[string]bool{}
			for range 20 {
				sid := c.Join(name).SID()
				seen[sid] = true
				c.Send(fmt.Sprintf("41%s,", name))
				o.Await(1, left(sid)...)
			}
			c.Echoes("/")
			t.Expect(seen, "the IDs of the sockets").To(HaveLen(20))
			t.Expect(o.Entries(OfType("disconnect"), func(e Entry) bool { return seen[e.SID] }), "the disconnections").To(HaveLen(20))
		},
	},
	Case{
		ID: "disconnect/not-told-again", Level: Required, Rules: rules(endOfConnectionEndsSockets, applicationLearnsOfLeaving), Needs: application,
		Title: "tells the application once about a client that leaves a namespace and then ends the connection",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			first, stays := c.Connect("/").SID(), c.Connect("/custom").SID()
			c.Send("41")
			o.Await(1, left(first)...)
			second := c.Connect("/").SID()
			c.Send(`42["leave"]`)
			t.Expect(c.Receive(), "the packet").To(MatchPacket("41"))
			c.Close()
			o.Await(1, left(stays)...)
			for _, sid := range []string{first, second, stays} {
				t.Expect(o.Due(1, left(sid)...), "the disconnections of a socket").To(HaveLen(1))
			}
		},
	},
	Case{
		ID: "disconnect/server-leaves-the-others", Level: Required, Rules: rules(serverDisconnects), Needs: application,
		Title: "keeps a client in its other namespaces when the application disconnects it from the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42["leave"]`)
			t.Expect(c.Receive(), "the packet").To(MatchPacket("41"))
			c.Echoes("/custom")
		},
	},
	Case{
		ID: "disconnect/of-a-silent-client", Level: Required, Rules: rules(endOfConnectionEndsSockets), Needs: application, Waits: HeartbeatDeadline,
		Title: "tells the application once, in every namespace, that a client is gone when it answers no ping",
		Run: func(t *T) {
			for _, entries := range silent(t) {
				t.Expect(entries, "the disconnections of the socket").To(HaveLen(1))
			}
		},
	},
	Case{
		ID: "disconnect/reason-ping-timeout", Level: Recommended, Rules: rules(disconnectReasons), Needs: reasoned, Waits: HeartbeatDeadline,
		Title: "gives the reason ping timeout if a client answers no ping",
		Run: func(t *T) {
			for _, entries := range silent(t) {
				t.Expect(entries[0].Reason, "the reason").To(Equal("ping timeout"))
			}
		},
	},
	Case{
		ID: "disconnect/reason-transport-over-polling", Level: Recommended, Rules: rules(disconnectReasons), Needs: reasoned,
		Title: "gives the reason transport close if a client ends a polling session",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverPolling)
			sid := c.Connect("/").SID()
			c.Close()
			t.Expect(o.Await(1, left(sid)...)[0].Reason, "the reason").To(Equal("transport close"))
		},
	},
	Case{
		ID: "disconnect/reason-client-over-polling", Level: Recommended, Rules: rules(disconnectReasons), Needs: reasoned,
		Title: "gives the reason client namespace disconnect if the client has left over polling",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverPolling)
			c.Connect("/")
			sid := c.Connect("/custom").SID()
			c.Send("41/custom,")
			t.Expect(o.Await(1, left(sid)...)[0].Reason, "the reason").To(Equal("client namespace disconnect"))
		},
	},
	Case{
		ID: "disconnect/reason-of-a-closed-connection", Level: Recommended, Rules: rules(disconnectReasons), Needs: reasoned,
		Title: "gives the reason server namespace disconnect, in every namespace, if the application closes the connection",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
			c.Send(`42["leave",true]`)
			for _, sid := range sids {
				t.Expect(o.Await(1, left(sid)...)[0].Reason, "the reason").To(Equal("server namespace disconnect"))
			}
		},
	},
	Case{
		ID: "disconnect/server-closes-polling", Level: Recommended, Rules: rules(serverClosesConnection), Needs: application,
		Title: "sends a DISCONNECT also over polling when the application closes the connection, and ends the session",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Send(`42["leave",true]`)
			t.Expect(c.Receive(), "the packet").To(MatchPacket("41"))
			c.Closed()
		},
	},
	Case{
		ID: "disconnect/event-after-the-server", Level: Recommended, Rules: rules(packetNotJoinedCloses), Since: "4.5", Needs: application,
		Title: "closes the connection after an EVENT for a namespace from which the application has disconnected the client",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42/custom,["leave"]`)
			t.Expect(c.Receive(), "the packet").To(MatchPacket("41/custom,"))
			c.Send(`42/custom,["message",1]`)
			c.Closed()
		},
	},
	Case{
		ID: "disconnect/any-packet-not-joined", Level: Recommended, Rules: rules(packetNotJoinedCloses), Since: "4.5", Needs: echo,
		Title: "closes the connection after a packet of any type except CONNECT for a namespace that the client is not in, while it is in another",
		Run: func(t *T) {
			for _, packet := range []string{`42["message",1]`, `431["x"]`, `44{"message":"x"}`, `451-["message",` + placeholder(0) + `]`, `461-1[` + placeholder(0) + `]`} {
				t.Step("sends %s", packet)
				c := t.Connected()
				c.Connect("/custom")
				c.Send("41")
				c.Echoes("/custom") // the server has handled the packet
				c.Send(packet)
				if strings.Contains(packet, "_placeholder") {
					c.WebSocket.SendBinary("\x01")
				}
				c.Closed()
			}
		},
	},
	Case{
		ID: "disconnect/of-a-packet-out-of-place", Level: Recommended, Rules: rules(endOfConnectionEndsSockets), Since: "4.5", Needs: application,
		Title: "tells the application once about a client whose second CONNECT ended the connection",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Connected()
			sid := c.Connect("/custom").SID()
			c.Send("40")
			c.Closed()
			t.Expect(o.Await(1, left(sid)...), "the disconnections of the socket").To(HaveLen(1))
		},
	},
	Case{
		ID: "disconnect/of-a-malformed-packet", Level: Required, Rules: rules(endOfConnectionEndsSockets), Needs: application,
		Title: "tells the application once, in every namespace, about a client whose malformed packet ended the connection",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
			c.Send(`42{}`)
			c.Closed()
			for _, sid := range sids {
				t.Expect(o.Await(1, left(sid)...), "the disconnections of the socket").To(HaveLen(1))
			}
		},
	},
)

// outside waits until the server has handled the packets of a client that is in no namespace: the server refuses another
// CONNECT.
func outside(t *T, c *Client) {
	name := "/" + t.Mark()
	c.Send("40" + Prefix(name))
	t.Expect(c.Receive().Raw, "the answer to the CONNECT to a namespace that does not exist").To(HavePrefix("44" + Prefix(name)))
}

// silent opens a connection that joins two namespaces and answers no ping. It returns the disconnections of its sockets.
// Whether the server also closes the WebSocket is another rule.
func silent(t *T) (all [][]Entry) {
	o, c := t.Observe(0), t.Client(OverWebSocket)
	sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
	c.WebSocket.AnswerPings(false)
	t.Wait(HeartbeatDeadline(t.Timings()), "until a client that answers no ping is gone")
	for _, sid := range sids {
		all = append(all, o.Await(1, left(sid)...))
	}
	return all
}

// beOfTheTransport matches the reasons for the end of a WebSocket connection. A proxy in front of the server may reset the
// connection when the client closes it, which is an error to the server.
func beOfTheTransport() types.GomegaMatcher { return BeElementOf("transport close", "transport error") }

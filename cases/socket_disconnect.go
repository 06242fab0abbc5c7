package cases

import (
	"fmt"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// left selects the record of a socket's disconnection.
func left(sid string) []func(Entry) bool {
	return []func(Entry) bool{OfType("disconnect"), func(e Entry) bool { return e.SID == sid }}
}

var _ = Add(
	Case{
		ID: "disconnect/client-leaves-main", Level: Required, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/raised-twice"},
		Title:  "tells the application once that a client has left the main namespace",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sid := c.Connect("/").SID()
			c.Send("41")
			o.Await(1, left(sid)...)
			c.Connect("/")
			entries := o.Entries(left(sid)...)
			t.Expect(entries).To(HaveLen(1), "the disconnections of the socket")
			t.Expect(entries[0].Namespace).To(Equal("/"), "the namespace")
		},
	},
	Case{
		ID: "disconnect/client-leaves-custom", Level: Required, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/comma-demanded"},
		Title:  "tells the application that a client has left another namespace, with the comma or without",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			for _, packet := range []string{"41/custom,", "41/custom"} {
				sid := c.Connect("/custom").SID()
				c.Send(packet)
				entries := o.Await(1, left(sid)...)
				t.Expect(entries[0].Namespace).To(Equal("/custom"), "the namespace")
				c.WebSocket.StaysOpen()
			}
		},
	},
	Case{
		ID: "disconnect/reason-client", Level: Recommended, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/client-reason-of-the-transport", "disconnect/client-unnoticed"},
		Title:  "gives the reason client namespace disconnect where the client has left",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sid := c.Connect("/").SID()
			c.Send("41")
			t.Expect(o.Await(1, left(sid)...)[0].Reason).To(Equal("client namespace disconnect"), "the reason")
		},
	},
	Case{
		ID: "disconnect/reason-server", Level: Recommended, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/reason-missing", "disconnect/server-reason-of-the-client"},
		Title:  "gives the reason server namespace disconnect where the application has disconnected the client",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sid := c.Connect("/").SID()
			c.Send(`42["leave"]`)
			t.Expect(o.Await(1, left(sid)...)[0].Reason).To(Equal("server namespace disconnect"), "the reason")
		},
	},
	Case{
		ID: "disconnect/reason-transport", Level: Recommended, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/transport-reason-of-the-client", "disconnect/transport-unnoticed-in-custom-namespaces"},
		Title:  "gives the reason transport close, in every namespace, where the connection has ended",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
			c.Close()
			for _, sid := range sids {
				t.Expect(o.Await(1, left(sid)...)[0].Reason).To(Equal("transport close"), "the reason")
			}
		},
	},
	Case{
		ID: "disconnect/reason-broken-packet", Level: Recommended, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/broken-packet-reason-of-the-transport"},
		Title:  "gives the reason parse error where the client has sent what is no packet",
		Run: func(t *T) {
			for _, transport := range Transports {
				o, c := t.Observe(0), t.Client(transport)
				sid := c.Connect("/").SID()
				if c.WebSocket != nil {
					c.WebSocket.Send("abc")
				} else {
					c.Polling.StartPOST("abc").Outcome(t.Tolerance().Patience)
				}
				t.Expect(o.Await(1, left(sid)...)[0].Reason).To(Equal("parse error"), "the reason, over %s", transport)
			}
		},
	},
	Case{
		ID: "disconnect/end-of-the-connection", Level: Required, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/transport-unnoticed"},
		Title:  "tells the application once, in every namespace, that the client is gone where the connection has ended",
		Run: func(t *T) {
			o := t.Observe(0)
			for _, transport := range Transports {
				c := t.Client(transport)
				sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
				c.Close()
				for _, sid := range sids {
					t.Expect(o.Await(1, left(sid)...)).To(HaveLen(1), "the disconnections of the socket, over %s", transport)
				}
			}
		},
	},
	Case{
		ID: "disconnect/not-answered", Level: Required, Source: socketDisconnect, Needs: echo,
		Faults: []string{"disconnect/answered", "disconnect/last-one-closes-the-session"},
		Title:  "answers no DISCONNECT, and keeps the connection",
		Run: func(t *T) {
			c := t.Connected()
			c.Send("41")
			c.Connect("/custom")
			c.Echoes("/custom")
		},
	},
	Case{
		ID: "disconnect/connection-outlives-the-last", Level: Required, Source: socketDisconnect, Needs: echo,
		Faults: []string{"disconnect/closes-the-session", "disconnect/return-refused"},
		Title:  "lets a client that has left all namespaces join again, as another socket",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			first := c.Connect("/").SID()
			c.Send("41")
			c.WebSocket.StaysOpen()
			t.Expect(c.Connect("/").SID()).NotTo(Equal(first), "the ID of the second socket")
			c.Echoes("/")
		},
	},
	Case{
		ID: "disconnect/custom-leaves-main", Level: Required, Source: socketDisconnect, Needs: echo,
		Faults: []string{"disconnect/leaves-the-main-namespace"},
		Title:  "keeps a client in the main namespace that has left another one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send("41/custom,")
			c.Echoes("/")
		},
	},
	Case{
		ID: "disconnect/main-leaves-custom", Level: Required, Source: socketDisconnect, Needs: echo,
		Faults: []string{"disconnect/leaves-all-namespaces"},
		Title:  "keeps a client in another namespace that has left the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send("41")
			c.Echoes("/custom")
		},
	},
	Case{
		ID: "disconnect/by-the-server", Level: Required, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/server-gives-a-reason", "disconnect/server-silent"},
		Title:  "sends a DISCONNECT where the application disconnects the client from a namespace, and keeps the connection",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42/custom,["leave"]`)
			t.Expect(c.Receive()).To(MatchPacket("41/custom,"))
			c.Echoes("/")
			c.Send(`42["leave",false]`)
			t.Expect(c.Receive()).To(MatchPacket("41"))
			c.Connect("/")
			c.Echoes("/")
		},
	},
	Case{
		ID: "disconnect/by-the-server-over-polling", Level: Required, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/server-always-closes", "disconnect/server-leaves-out-the-namespace"},
		Title:  "sends a DISCONNECT over polling, too",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/custom")
			c.Send(`42/custom,["leave"]`)
			t.Expect(c.Receive()).To(MatchPacket("41/custom,"))
			c.Connect("/")
		},
	},
	Case{
		ID: "disconnect/server-closes-the-connection", Level: Recommended, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/server-never-closes", "disconnect/server-unnoticed"},
		Title:  "closes the connection where the application asks for that, and tells each namespace",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
			c.Send(`42["leave",true]`)
			c.Closed()
			for _, sid := range sids {
				t.Expect(o.Await(1, left(sid)...)).To(HaveLen(1), "the disconnections of a socket")
			}
		},
	},
	Case{
		ID: "disconnect/told-before-the-close", Level: Recommended, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/server-closes-untold"},
		Title:  "sends a DISCONNECT for each namespace before it closes the connection where the application asks for that",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42["leave",true]`)
			t.Expect([]*Packet{c.Receive(), c.Receive()}).To(ConsistOf(MatchPacket("41"), MatchPacket("41/custom,")))
			c.Closed()
		},
	},
	closes("disconnect/event-afterwards", "an EVENT for a namespace that the client has left", socketDisconnect, Recommended, "4.5", true, "41", `42["message",1]`),
	closes("disconnect/namespace-not-joined", "a DISCONNECT for a namespace that the client has not joined", socketDisconnect, Recommended, "4.5", true, "41/custom,"),
	closes("disconnect/with-payload", "a DISCONNECT that has a payload", socketDisconnect, Recommended, "4.1", true, `41{"a":1}`),
	Case{
		ID: "disconnect/many-times", Level: Required, Source: socketDisconnect, Needs: application,
		Faults: []string{"connect/sid-kept-on-reconnect"},
		Title:  "lets a client join and leave twenty times, and tells the application each time",
		Run: func(t *T) {
			o, c, name := t.Observe(0), t.Client(OverWebSocket), "/custom"
			seen := map[string]bool{}
			for range 20 {
				sid := c.Connect(name).SID()
				seen[sid] = true
				c.Send(fmt.Sprintf("41%s,", name))
				c.WebSocket.StaysOpen() // the server has acted on the packet
			}
			c.Connect("/")
			t.Expect(seen).To(HaveLen(20), "the IDs of the sockets")
			t.Expect(o.Entries(OfType("disconnect"), func(e Entry) bool { return seen[e.SID] })).To(HaveLen(20), "the disconnections")
		},
	},
	Case{
		ID: "disconnect/not-told-again", Level: Required, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/told-again-at-the-end"},
		Title:  "tells the application once that a client has gone which leaves a namespace, and ends the connection then",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			first := c.Connect("/").SID()
			c.Send("41")
			o.Await(1, left(first)...)
			second, stays := c.Connect("/").SID(), c.Connect("/custom").SID()
			c.Send(`42["leave"]`)
			t.Expect(c.Receive()).To(MatchPacket("41"))
			c.Close()
			o.Await(1, left(stays)...)
			for _, sid := range []string{first, second, stays} {
				t.Expect(o.Entries(left(sid)...)).To(HaveLen(1), "the disconnections of a socket")
			}
		},
	},
	Case{
		ID: "disconnect/server-leaves-the-others", Level: Required, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/server-leaves-all-namespaces"},
		Title:  "keeps a client in the other namespaces that the application disconnects from the main one",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42["leave"]`)
			t.Expect(c.Receive()).To(MatchPacket("41"))
			c.Echoes("/custom")
		},
	},
	Case{
		ID: "disconnect/of-a-silent-client", Level: Required, Source: socketDisconnect, Needs: application, Waits: HeartbeatDeadline,
		Faults: []string{"disconnect/ping-timeout-unnoticed"},
		Title:  "tells the application once, in every namespace, that a client is gone which answers no ping",
		Run: func(t *T) {
			for _, entries := range silent(t) {
				t.Expect(entries).To(HaveLen(1), "the disconnections of the socket")
			}
		},
	},
	Case{
		ID: "disconnect/reason-ping-timeout", Level: Recommended, Source: socketDisconnect, Needs: application, Waits: HeartbeatDeadline,
		Faults: []string{"disconnect/ping-timeout-reason-of-the-transport"},
		Title:  "gives the reason ping timeout where a client answers no ping",
		Run: func(t *T) {
			for _, entries := range silent(t) {
				t.Expect(entries[0].Reason).To(Equal("ping timeout"), "the reason")
			}
		},
	},
	Case{
		ID: "disconnect/reason-transport-over-polling", Level: Recommended, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/transport-reason-of-the-client"},
		Title:  "gives the reason transport close where a client ends a polling session",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverPolling)
			sid := c.Connect("/").SID()
			c.Close()
			t.Expect(o.Await(1, left(sid)...)[0].Reason).To(Equal("transport close"), "the reason")
		},
	},
	Case{
		ID: "disconnect/reason-of-a-closed-connection", Level: Recommended, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/server-reason-of-the-client"},
		Title:  "gives the reason server namespace disconnect, in every namespace, where the application closes the connection",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
			c.Send(`42["leave",true]`)
			for _, sid := range sids {
				t.Expect(o.Await(1, left(sid)...)[0].Reason).To(Equal("server namespace disconnect"), "the reason")
			}
		},
	},
	Case{
		ID: "disconnect/server-closes-polling", Level: Recommended, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/server-closes-untold", "disconnect/server-never-closes"},
		Title:  "sends a DISCONNECT over polling, too, where the application closes the connection, and ends the session",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Send(`42["leave",true]`)
			t.Expect(c.Receive()).To(MatchPacket("41"))
			c.Closed()
		},
	},
	Case{
		ID: "disconnect/event-after-the-server", Level: Recommended, Source: socketDisconnect, Since: "4.5", Needs: application,
		Faults: []string{"disconnect/packets-afterwards-ignored"},
		Title:  "closes the connection upon an EVENT for a namespace that the application has disconnected the client from",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Connect("/")
			c.Connect("/custom")
			c.Send(`42/custom,["leave"]`)
			t.Expect(c.Receive()).To(MatchPacket("41/custom,"))
			c.Send(`42/custom,["message",1]`)
			c.Closed()
		},
	},
	Case{
		ID: "disconnect/any-packet-not-joined", Level: Recommended, Source: socketDisconnect, Since: "4.5", Needs: echo,
		Faults: []string{"events/not-joined-ignored"},
		Title:  "closes the connection upon a packet of any type but CONNECT for a namespace that the client is not in, while it is in another",
		Run: func(t *T) {
			for _, packet := range []string{`42["message",1]`, `431["x"]`, `44{"message":"x"}`, `451-["message",` + hole(0) + `]`, `461-1[` + hole(0) + `]`} {
				t.Step("sends %s", packet)
				c := t.Connected()
				c.Connect("/custom")
				c.Send("41")
				c.WebSocket.StaysOpen() // the server has acted on the packet
				c.Send(packet)
				if strings.Contains(packet, "_placeholder") {
					c.WebSocket.SendBinary("\x01")
				}
				c.Closed()
			}
		},
	},
	Case{
		ID: "disconnect/of-a-packet-out-of-place", Level: Recommended, Source: socketDisconnect, Since: "4.5", Needs: application,
		Faults: []string{"disconnect/forced-close-unnoticed"},
		Title:  "tells the application once that a client is gone whose second CONNECT ended the connection",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Connected()
			sid := c.Connect("/custom").SID()
			c.Send("40")
			c.Closed()
			t.Expect(o.Await(1, left(sid)...)).To(HaveLen(1), "the disconnections of the socket")
		},
	},
	Case{
		ID: "disconnect/of-a-malformed-packet", Level: Required, Source: socketDisconnect, Needs: application,
		Faults: []string{"disconnect/forced-close-unnoticed"},
		Title:  "tells the application once, in every namespace, that a client is gone whose malformed packet ended the connection",
		Run: func(t *T) {
			o, c := t.Observe(0), t.Client(OverWebSocket)
			sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
			c.Send(`42{}`)
			c.Closed()
			for _, sid := range sids {
				t.Expect(o.Await(1, left(sid)...)).To(HaveLen(1), "the disconnections of the socket")
			}
		},
	},
)

// silent opens a connection in two namespaces that answers no ping, and returns the disconnections of its sockets.
func silent(t *T) (all [][]Entry) {
	o, c := t.Observe(0), t.Client(OverWebSocket)
	sids := []string{c.Connect("/").SID(), c.Connect("/custom").SID()}
	c.WebSocket.AnswerPings(false)
	c.WebSocket.ClosedWithin(HeartbeatDeadline(t.Timings()) + t.Tolerance().Patience)
	for _, sid := range sids {
		all = append(all, o.Await(1, left(sid)...))
	}
	return all
}

package cases

import (
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "websocket/one-packet-a-message", Level: Required, Rules: rules(onePacketPerMessage), Needs: echo,
		Title: "sends each packet in its own WebSocket message",
		Run: func(t *T) {
			c := t.Client(OverWebSocket)
			c.Join("/")
			for _, packet := range strings.Split(burst(10), protocol.Separator) {
				c.Send(packet)
			}
			for i, want := range echoes(10) {
				m := c.WebSocket.ReceiveMessage()
				t.Expect(m.Data, "message %d of 10", i+1).To(MatchPacket("42" + want))
			}
		},
	},
	Case{
		ID: "websocket/separator-is-data", Level: Required, Rules: rules(separatorIsDataInMessage), Needs: echo,
		Title: "treats a record separator within a WebSocket message as data",
		Run: func(t *T) {
			// The unescaped character is not allowed within a JSON string, so the whole is not a valid Socket.IO packet; as
			// a separator, it would split it into two valid ones. Whether the server closes the connection for it, and
			// whether it ignores text after valid JSON, are other rules.
			w := t.Connected().WebSocket
			w.Send(`42["message",1]` + protocol.Separator + `42["message",2]`)
			w.Send(`42["message",3]`)
			for {
				m, end := w.ReceiveOrEnd()
				if end != nil {
					return
				}
				if last, _ := MatchPacket(`42["message-back",3]`).Match(m.Data); last {
					return
				}
				t.Expect(m.Data, "the answer to the part before the separator, if any").NotTo(MatchPacket(`42["message-back",2]`))
			}
		},
	},
	Case{
		ID: "websocket/fragments-joined", Level: Required, Rules: rules(fragmentsAreJoined), Needs: echo,
		Title: "joins the fragments of a WebSocket message, with or without control frames between them",
		Run: func(t *T) {
			c := t.Connected()
			w := c.WebSocket
			w.Unbroken(func() {
				w.SendRaw(wire.Frame(wire.Text, false, []byte(`42["mess`)))
				w.SendRaw(wire.Frame(wire.Ping, true, nil))
				w.SendRaw(wire.Frame(wire.Continuation, false, []byte(`age","a b`)))
				w.SendRaw(wire.Frame(wire.Continuation, true, []byte(`"]`)))
			})
			c.Expect(`42["message-back","a b"]`)
		},
	},
	Case{
		ID: "websocket/version-missing", Level: Required, Rules: rules(webSocketWithoutVersionRefused),
		Title: "does not open a session for a WebSocket whose protocol version is missing or not a number",
		Run: func(t *T) {
			refusedSocket(t, "?transport=websocket")
			refusedSocket(t, "?EIO=abc&transport=websocket")
			refusedSocket(t, "?EIO=4abc&transport=websocket")
		},
	},
	Case{
		ID: "websocket/version-refused-cleanly", Level: Observed, Rules: rules(webSocketRefusedCleanly),
		Title: "refuses a WebSocket without a protocol version with an HTTP error or a close frame",
		Run: func(t *T) {
			w, r := t.Upgrade("?transport=websocket")
			if w == nil {
				t.Answer("it answers %v", r)
				return
			}
			refusesSocketProtocol(t, w)
			end := w.Closed()
			t.Answer("it opens the WebSocket, which then ends: %s", end)
			t.Expect(end.Code, "the code of the close frame").NotTo(BeZero())
		},
	},
	Case{
		ID: "websocket/unknown-session", Level: Required, Rules: rules(webSocketOfUnknownSessionRefused),
		Title: "refuses a WebSocket for an unknown session",
		Run:   func(t *T) { refusedSocket(t, t.Draw("?EIO=4&transport=websocket&sid=never-was")) },
	},
	Case{
		ID: "websocket/transport-named-like-an-object-member", Level: Required, Rules: rules(objectMemberIsNoTransport),
		Title: "does not open a session for a WebSocket whose transport is named like a member of every JavaScript object, and goes on",
		Run: func(t *T) {
			other := stay(t)
			for _, name := range []string{"constructor", "__proto__", "toString", "hasOwnProperty"} {
				refusedSocket(t, "?EIO=4&transport="+name)
			}
			other.StaysOpen()
			t.WebSocket()
		},
	},
	Case{
		ID: "websocket/second-socket-for-a-session", Level: Observed, Rules: rules(secondWebSocketClosed),
		Title: "closes a second WebSocket for a session that was opened over WebSocket, and keeps the first",
		Run: func(t *T) {
			first := stay(t)
			second, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + Escaped(first.SID))
			if second == nil {
				t.Answer("it refuses the handshake: %v", r)
				return
			}
			second.Send("2probe")
			t.Answer("it leaves the second open")
			second.ClosedWithin(t.Tolerance().Patience / 10)
			t.Answer("it opens and closes the second")
			first.StaysOpen()
		},
	},
	Case{
		ID: "websocket/too-large", Level: Recommended, Rules: rules(largeMessageCloses), Since: "4.5",
		Title: "closes the connection after a WebSocket message of more than maxPayload bytes",
		Run: func(t *T) {
			w := t.WebSocket()
			boundedPayload(t, w.Open)
			w.Send("40")
			w.Receive()
			w.SendAnySize(`42["` + strings.Repeat("x", int(w.Open.MaxPayload)) + `"]`)
			w.Closed()
		},
	},
	Case{
		ID: "websocket/as-large-as-allowed", Level: Required, Rules: rules(maxPayloadTaken), Since: "4.5",
		Title: "accepts a WebSocket message of exactly maxPayload bytes",
		Run: func(t *T) {
			w := t.WebSocket()
			boundedPayload(t, w.Open)
			w.Send("40")
			w.Receive()
			w.Send(`42["` + strings.Repeat("x", int(w.Open.MaxPayload)-6) + `"]`)
			w.StaysOpen()
			w.Send(t.Draw("40/nowhere,"))
			for !strings.HasPrefix(w.Receive(), t.Draw("44/nowhere,")) { // it may greet the client first
			}
		},
	},
	Case{
		ID: "websocket/client-closes", Level: Required, Rules: rules(sessionEndsWithItsWebSocket),
		Title: "ends the session when the client closes the WebSocket",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Close()
			forgotten(t, w.SID)
		},
	},
	Case{
		ID: "websocket/client-breaks-off", Level: Required, Rules: rules(sessionEndsWithItsWebSocket),
		Title: "ends the session when the TCP connection of the WebSocket is lost",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Break()
			forgotten(t, w.SID)
		},
	},
	Case{
		ID: "websocket/server-closes-with-a-frame", Level: Recommended, Rules: rules(serverClosesWebSocket), Needs: Needs{Application: true},
		Title: "closes the WebSocket with a close frame when the application closes the connection",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`42["leave",true]`)
			end := c.WebSocket.Closed()
			t.Expect(end.Code, "the code of the close frame").NotTo(BeZero())
			forgotten(t, c.SessionID())
		},
	},
	Case{
		ID: "websocket/invalid-packet", Level: Required, Rules: rules(noPacketClosesWebSocket),
		Title: "closes the connection after a message that is not a packet",
		Run: func(t *T) {
			for _, message := range []string{"abc", "7", "x4hello"} {
				w := stay(t)
				t.Step("sends %q", message)
				w.Send(message)
				w.Closed()
			}
		},
	},
	Case{
		ID: "websocket/empty-message", Level: Recommended, Rules: rules(emptyMessageCloses),
		Title: "closes the connection after an empty text message",
		Run: func(t *T) {
			w := stay(t)
			w.Send("")
			w.Closed()
		},
	},
	ignores("open", "0", "an open packet", clientOpenIgnored),
	ignores("noop", "6", "a noop", clientNoopIgnored),
	ignores("upgrade", "5", "an upgrade packet outside an upgrade", strayUpgradeIgnored),
	ignores("unasked-pong", "3", "an unsolicited pong", unsolicitedPongIgnored),
	Case{
		ID: "websocket/close-packet", Level: Observed, Rules: rules(closePacketClosesWebSocket),
		Title: "closes the connection after the client's close packet",
		Run: func(t *T) {
			w := stay(t)
			w.Send("1")
			t.Answer("it leaves the connection open")
			w.ClosedWithin(t.Tolerance().Patience / 10)
			t.Answer("it closes the connection")
		},
	},
	Case{
		ID: "websocket/client-ping", Level: Recommended, Rules: rules(clientPingCloses),
		Title: "closes the connection after a ping of the client, which protocol version 4 does not allow",
		Run: func(t *T) {
			w := stay(t)
			w.Send("2")
			w.Closed()
		},
	},
	Case{
		ID: "websocket/close-frame-answered", Level: Required,
		Rules: rules(serverClosesWebSocket),
		Title: "answers the client's close frame with one of its own",
		Run: func(t *T) {
			w := t.WebSocket()
			w.SendRaw(wire.Frame(wire.Close, true, []byte("\x03\xe8")))
			end := w.Closed()
			t.Expect(end.Code, "the code of the close frame").OfTimer().NotTo(BeZero()) // a lost connection has none either
		},
	},
	Case{
		ID: "websocket/ended-sessions-are-forgotten", Level: Recommended, Rules: rules(noPacketClosesWebSocket),
		Title: "also ends the session when it closes the connection because of something that the protocol does not allow",
		Run: func(t *T) {
			for _, message := range []string{"abc", "2", ""} {
				w := stay(t)
				t.Step("sends %q", message)
				w.Send(message)
				w.Closed()
				forgotten(t, w.SID)
			}
		},
	},
	Case{
		ID: "websocket/connection-header-of-several-tokens", Level: Required,
		Rules: rules(handshakeHeadersAreTokens),
		Title: "finds the token Upgrade in a Connection header with other tokens, as Firefox sends it, and ignores the case of both headers",
		Run: func(t *T) {
			for _, change := range [][2]string{{"Connection", "keep-alive, Upgrade"}, {"Connection", "upgrade"}, {"Upgrade", "WebSocket"}} {
				r := t.GET("?EIO=4&transport=websocket", handshakeWith(change)...)
				t.Expect(r.Status, "the status with %s set to %q", change[0], change[1]).To(Equal(101))
			}
		},
	},
	Case{
		ID: "websocket/control-pings", Level: Required, Rules: rules(controlPingsAreNoHeartbeat),
		Title: "answers the pings of the WebSocket protocol itself",
		Run:   func(t *T) { t.WebSocket().StaysOpen() },
	},
)

// ignores returns the case for a packet that a client need not send.
func ignores(slug, packet, what string, rule *Rule) Case {
	return Case{
		ID: "websocket/ignores-" + slug, Level: Recommended, Rules: rules(rule),
		Title: "ignores " + what,
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send(packet)
			w.StaysOpen()
			w.Send(t.Draw("40/nowhere,"))
			t.Expect(w.Receive(), "the answer to a later packet").To(HavePrefix(t.Draw("44/nowhere,")))
		},
	}
}

// forgotten checks that a session has ended: the server soon no longer knows its ID. It must not take as long as the
// heartbeat, which ends a session without a client however the server treats the end of the connection.
func forgotten(t *T, sid string) {
	patience := min(t.Tolerance().Patience, HeartbeatDeadline(t.Timings())/2)
	since := time.Now()
	for ; time.Since(since) < patience; t.Wait(patience/50, "until the session is forgotten") {
		if r := t.GET("?EIO=4&transport=polling&sid=" + Escaped(sid)); r.Status == 400 && !strings.Contains(r.Body, `"code":3`) {
			return
		}
	}
	t.Endless(since, "the session %s", sid)
}

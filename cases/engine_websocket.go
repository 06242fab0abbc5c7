package cases

import (
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

var _ = Add(
	Case{
		ID: "websocket/one-packet-a-message", Level: Required, Source: engineWebSocket, Needs: echo,
		Faults: []string{"websocket/every-tenth-message-lost"},
		Title:  "sends each packet in a WebSocket message of its own",
		Run: func(t *T) {
			c := t.Connected()
			for _, packet := range strings.Split(burst(10), Separator) {
				c.Send(packet)
			}
			for i, want := range echoes(10) {
				m := c.WebSocket.ReceiveMessage()
				t.Expect(m.Data).To(MatchPacket("42"+want), "message %d of 10", i+1)
			}
		},
	},
	Case{
		ID: "websocket/separator-is-data", Level: Required, Source: engineWebSocket, Needs: echo,
		Faults: []string{"websocket/separator-splits-messages"},
		Title:  "takes a record separator within a WebSocket message as data",
		Run: func(t *T) {
			// Within a JSON string the character is not allowed as it stands, so the whole is no Socket.IO packet;
			// taken for a separator, it would part two good ones.
			c := t.Connected()
			c.WebSocket.Send(`42["message",1]` + Separator + `42["message",2]`)
			c.Closed()
			t.Expect(c.WebSocket.Drain()).To(BeEmpty(), "the answers")
		},
	},
	Case{
		ID: "websocket/fragments-joined", Level: Required, Source: engineWebSocket, Needs: echo,
		Faults: []string{"websocket/messages-doubled"},
		Title:  "joins the fragments of a WebSocket message, control frames between them or not",
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
		ID: "websocket/version-missing", Level: Required, Source: engineWebSocket,
		Faults: []string{"handshake/protocol-version-optional"},
		Title:  "opens no session for a WebSocket without a protocol version, or with one that is no number",
		Run: func(t *T) {
			refusedSocket(t, "?transport=websocket")
			refusedSocket(t, "?EIO=abc&transport=websocket")
		},
	},
	Case{
		ID: "websocket/version-refused-cleanly", Level: Observed, Source: engineWebSocket,
		Faults: []string{"handshake/protocol-version-optional"},
		Title:  "refuses a WebSocket without a protocol version by an HTTP error or a close frame",
		Run: func(t *T) {
			w, r := t.Upgrade("?transport=websocket")
			if w == nil {
				t.Answer("it answers %v", r)
				return
			}
			refusesSocketProtocol(t, w)
			end := w.Closed()
			t.Answer("it opens the WebSocket, which ends then: %s", end)
			t.Expect(end.Code).NotTo(BeZero(), "the code of the close frame: %s", end)
		},
	},
	Case{
		ID: "websocket/unknown-session", Level: Required, Source: engineWebSocket,
		Faults: []string{"errors/websocket-opened-all-the-same"},
		Title:  "refuses a WebSocket for an unknown session",
		Run:    func(t *T) { refusedSocket(t, "?EIO=4&transport=websocket&sid=never-was") },
	},
	Case{
		ID: "websocket/transport-named-like-an-object-member", Level: Required, Source: engineWebSocket,
		Faults: []string{"errors/websocket-opened-all-the-same"},
		Title:  "opens no session for a WebSocket whose transport is named like a member of every JavaScript object, and lives on",
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
		ID: "websocket/second-socket-for-a-session", Level: Observed, Source: engineWebSocket,
		Faults: []string{"websocket/second-socket-lives", "websocket/second-socket-takes-over"},
		Title:  "closes a second WebSocket for a session that was opened over WebSocket, and keeps the first",
		Run: func(t *T) {
			first := t.WebSocket()
			second, r := t.Upgrade("?EIO=4&transport=websocket&sid=" + first.SID)
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
		ID: "websocket/too-large", Level: Recommended, Source: engineWebSocket, Since: "4.5",
		Faults: []string{"handshake/max-payload-too-small"},
		Title:  "closes the connection upon a WebSocket message of more than maxPayload bytes",
		Run: func(t *T) {
			w := t.WebSocket()
			boundedPayload(t, w.Open)
			w.Send("40")
			w.Receive()
			w.Send(`42["` + strings.Repeat("x", int(w.Open.MaxPayload)) + `"]`)
			w.Closed()
		},
	},
	Case{
		ID: "websocket/as-large-as-allowed", Level: Required, Source: engineWebSocket, Since: "4.5",
		Faults: []string{"websocket/no-control-pong"},
		Title:  "takes a WebSocket message of exactly maxPayload bytes",
		Run: func(t *T) {
			w := t.WebSocket()
			boundedPayload(t, w.Open)
			w.Send("40")
			w.Receive()
			w.Send(`42["` + strings.Repeat("x", int(w.Open.MaxPayload)-6) + `"]`)
			w.StaysOpen()
			w.Send("40/nowhere,")
			for !strings.HasPrefix(w.Receive(), "44/nowhere,") { // it may greet the client first
			}
		},
	},
	Case{
		ID: "websocket/client-closes", Level: Required, Source: engineWebSocket,
		Faults: []string{"polling/sessions-outlive-their-end"},
		Title:  "ends the session when the client closes the WebSocket",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Close()
			forgotten(t, w.SID)
		},
	},
	Case{
		ID: "websocket/client-breaks-off", Level: Required, Source: engineWebSocket,
		Faults: []string{"polling/sessions-outlive-their-end"},
		Title:  "ends the session when the TCP connection of the WebSocket breaks off",
		Run: func(t *T) {
			w := t.WebSocket()
			w.Break()
			forgotten(t, w.SID)
		},
	},
	Case{
		ID: "websocket/server-closes-with-a-frame", Level: Recommended, Source: enginePackets, Needs: Needs{Application: true},
		Faults: []string{"websocket/no-close-frame"},
		Title:  "closes the WebSocket with a close frame when the application closes the connection",
		Run: func(t *T) {
			c := t.Connected()
			c.Send(`42["leave",true]`)
			end := c.WebSocket.Closed()
			t.Expect(end.Code).NotTo(BeZero(), "the code of the close frame: %s", end)
			forgotten(t, c.SessionID())
		},
	},
	Case{
		ID: "websocket/invalid-packet", Level: Required, Source: enginePackets,
		Faults: []string{"websocket/broken-packet-forgiven"},
		Title:  "closes the connection upon a message that is no packet",
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
		ID: "websocket/empty-message", Level: Recommended, Source: enginePackets,
		Faults: []string{"websocket/empty-message-forgiven"},
		Title:  "closes the connection upon an empty text message",
		Run: func(t *T) {
			w := stay(t)
			w.Send("")
			w.Closed()
		},
	},
	ignores("open", "0", "an open packet"),
	ignores("noop", "6", "a noop"),
	ignores("upgrade", "5", "an upgrade packet outside of an upgrade"),
	ignores("unasked-pong", "3", "a pong that it did not ask for"),
	Case{
		ID: "websocket/close-packet", Level: Observed, Source: enginePackets,
		Faults: []string{"polling/close-packet-ignored"},
		Title:  "closes the connection upon the client's close packet",
		Run: func(t *T) {
			w := stay(t)
			w.Send("1")
			t.Answer("it leaves the connection open")
			w.ClosedWithin(t.Tolerance().Patience / 10)
			t.Answer("it closes the connection")
		},
	},
	Case{
		ID: "websocket/client-ping", Level: Recommended, Source: engineHeartbeat,
		Faults: []string{"heartbeat/client-pings-forgiven"},
		Title:  "closes the connection upon a ping of the client, which protocol version 4 does not have",
		Run: func(t *T) {
			w := stay(t)
			w.Send("2")
			w.Closed()
		},
	},
	Case{
		ID: "websocket/close-frame-answered", Level: Required,
		Source: Source{Document: "RFC 6455", Section: "5.5.1 Close", URL: "https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1"},
		Faults: []string{"websocket/no-close-frame"},
		Title:  "answers the client's close frame with one of its own",
		Run: func(t *T) {
			w := t.WebSocket()
			w.SendRaw(wire.Frame(wire.Close, true, []byte("\x03\xe8")))
			end := w.Closed()
			t.Expect(end.Code).NotTo(BeZero(), "the code of the close frame: %s", end)
		},
	},
	Case{
		ID: "websocket/ended-sessions-are-forgotten", Level: Recommended, Source: enginePackets,
		Faults: []string{"polling/sessions-outlive-their-end"},
		Title:  "ends the session, too, where it closes the connection upon what the protocol does not allow",
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
		Source: Source{Document: "RFC 6455", Section: "4.2.1 Reading the client's opening handshake", URL: "https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1"},
		Faults: []string{"websocket/upgrade-headers-compared-whole"},
		Title:  "finds the token Upgrade in a Connection header that has others beside it, as Firefox sends it, and reads both headers in any case",
		Run: func(t *T) {
			for _, change := range [][2]string{{"Connection", "keep-alive, Upgrade"}, {"Connection", "upgrade"}, {"Upgrade", "WebSocket"}} {
				r := t.GET("?EIO=4&transport=websocket", handshakeWith(change)...)
				t.Expect(r.Status).To(Equal(101), "the status where %s is %q: %v", change[0], change[1], r)
			}
		},
	},
	Case{
		ID: "websocket/control-pings", Level: Required, Source: engineHeartbeat,
		Faults: []string{"websocket/no-control-pong"},
		Title:  "answers the pings of the WebSocket protocol itself",
		Run:    func(t *T) { t.WebSocket().StaysOpen() },
	},
)

// ignores is the case of a packet that a client need not send.
func ignores(slug, packet, what string) Case {
	return Case{
		ID: "websocket/ignores-" + slug, Level: Recommended, Source: enginePackets,
		Title: "ignores " + what,
		Run: func(t *T) {
			w := t.WebSocket()
			w.Send(packet)
			w.StaysOpen()
			w.Send("40/nowhere,")
			t.Expect(w.Receive()).To(HavePrefix("44/nowhere,"), "the answer to a later packet")
		},
	}
}

// forgotten sees that a session is over: a server knows its ID no more, though not at once. It must not take as long as
// the heartbeat, which ends a session without a client whatever the server makes of the connection's end.
func forgotten(t *T, sid string) {
	patience := min(t.Tolerance().Patience, HeartbeatDeadline(t.Timings())/2)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); t.Wait(patience/50, "until the session is forgotten") {
		if r := t.GET("?EIO=4&transport=polling&sid=" + sid); r.Status == 400 && !strings.Contains(r.Body, `"code":3`) {
			return
		}
	}
	t.Failf("Expected\n    the session %s to be over\nbut\n    the server still knows it after %d ms", sid, patience.Milliseconds())
}

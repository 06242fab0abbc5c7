package cases

import (
	"fmt"
	"slices"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

// brokenFrames are WebSocket frames that RFC 6455 forbids.
var brokenFrames = []struct {
	slug, what string
	frame      []byte
}{
	{"reserved-opcode", "a frame with a reserved opcode", wire.Frame(wire.Opcode(0x3), true, []byte("x"))},
	{"lone-continuation", "a continuation frame outside a message", wire.Frame(wire.Continuation, true, []byte("x"))},
	{"fragmented-control-frame", "a fragmented control frame", wire.Frame(wire.Ping, false, []byte("x"))},
	{"large-control-frame", "a control frame of more than 125 bytes", wire.Frame(wire.Ping, true, []byte(strings.Repeat("x", 126)))},
	{"reserved-bit-1", "a frame with the first reserved bit set, which compression would use", withBit(rsv1)},
	{"reserved-bit-2", "a frame with the second reserved bit set", withBit(0x20)},
	{"reserved-bit-3", "a frame with the third reserved bit set", withBit(0x10)},
	{"message-within-a-message", "a text frame before the last fragment of another message", slices.Concat(
		wire.Frame(wire.Text, false, []byte(`42["a`)), wire.Frame(wire.Text, true, []byte(`42["b"]`)), wire.Frame(wire.Continuation, true, []byte(`"]`)))},
	{"unmasked-frame", "a frame without a mask", []byte("\x81\x013")},
	{"text-that-is-no-utf-8", "a text message that is not UTF-8", wire.Frame(wire.Text, true, []byte("42[\"message\",\"\xff\xfe\"]"))},
}

// withBit returns a frame with one of the bits set that are reserved for extensions.
func withBit(bit byte) []byte {
	frame := wire.Frame(wire.Text, true, []byte(`42["message"]`))
	frame[0] |= bit
	return frame
}

var _ = func() struct{} {
	for _, b := range brokenFrames {
		Add(Case{
			ID: "robustness/" + b.slug, Level: Recommended, Rules: rules(forbiddenFrameCloses),
			Title: "closes a WebSocket that sends " + b.what + ", and no other",
			Run: func(t *T) {
				w, other := stay(t), t.WebSocket()
				w.SendRaw(b.frame)
				w.Closed()
				other.StaysOpen()
			},
		})
	}
	return struct{}{}
}()

var _ = Add(
	Case{
		ID: "robustness/sessions-are-kept-apart", Level: Required, Rules: rules(clientsAreKeptApart), Needs: echo,
		Title: "keeps the messages of simultaneous sessions apart, over each transport",
		Run: func(t *T) {
			t.Together(4*len(Transports), func(t *T, i int) {
				c := t.Client(Transports[i%len(Transports)])
				c.Connect("/")
				for n := range 5 {
					c.Send(fmt.Sprintf(`42["message",%s]`, packed(t, fmt.Sprintf("%d,%d", i, n))))
					c.Expect(fmt.Sprintf(`42["message-back",%s]`, packed(t, fmt.Sprintf("%d,%d", i, n))))
				}
			})
		},
	},
	Case{
		ID: "robustness/handshakes-at-once", Level: Required, Rules: rules(manyMayConnectAtOnce, sidIsUnique),
		Title: "opens 50 sessions at once, each with its own sid",
		Run: func(t *T) {
			sids := make([]string, 50)
			t.NeedsSessions(len(sids))
			t.Together(len(sids), func(t *T, i int) {
				if i%2 == 0 {
					sids[i] = t.OpenPolling().SID
				} else {
					sids[i] = t.OpenWebSocket().SID
				}
			})
			seen := map[string]bool{}
			for _, sid := range sids {
				t.Expect(seen, "the sids of the other sessions").NotTo(HaveKey(sid))
				seen[sid] = true
			}
		},
	},
	Case{
		ID: "robustness/session-dies-alone", Level: Required, Rules: rules(offenderEndsAlone),
		Title: "closes only the session whose client broke the protocol",
		Run: func(t *T) {
			w := stay(t)
			broken := joined(t, OverPolling).Polling
			broken.StartPOST("abc").Outcome(t.Tolerance().Patience)
			broken.Ended()
			p := t.Polling()
			another := stay(t)
			another.Send("abc")
			another.Closed()
			w.StaysOpen()
			p.Lives()
		},
	},
	Case{
		ID: "robustness/broken-frame-right-behind-the-handshake", Level: Required, Rules: rules(offenderEndsAlone),
		Title: "closes only the session whose client sends a forbidden frame in one piece with the WebSocket handshake",
		Run: func(t *T) {
			other := stay(t)
			for _, query := range []string{"?EIO=4&transport=websocket", "?EIO=4&transport=websocket&sid=" + Escaped(t.Polling().SID)} {
				frame := wire.Frame(wire.Text, true, []byte("2probe"))
				frame[0] |= 0x30 // two bits reserved for extensions
				conn := t.TCP()
				_, _ = conn.Write(append([]byte(t.Head("GET", query, handshakeHeaders()...)), frame...))
				t.AwaitSeen() // otherwise the connection may end before the server has read it
				_ = conn.Close()
				other.StaysOpen()
			}
			t.WebSocket()
		},
	},
	Case{
		ID: "robustness/bytes-that-are-no-http", Level: Required, Rules: rules(junkIsSurvived),
		Title: "continues to serve after a connection that did not send HTTP",
		Run: func(t *T) {
			for _, junk := range []string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\x00\xff\xfe\r\n\r\n", "2probe\r\n\r\n"} {
				conn := t.TCP()
				_, _ = conn.Write([]byte(junk))
				t.Polling()
				_ = conn.Close()
			}
			t.WebSocket()
		},
	},
)

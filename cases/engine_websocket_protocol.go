package cases

import (
	"bufio"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

// What RFC 6455 asks of every WebSocket server, and what clients and proxies make use of.

var _ = Add(
	Case{
		ID: "websocket/pong-has-the-data-of-the-ping", Level: Required, Rules: rules(pongHasTheDataOfThePing),
		Title: "answers a ping of the WebSocket protocol with a pong that has the same data, up to 125 bytes",
		Run: func(t *T) {
			w := stay(t)
			for _, size := range []int{0, 1, 64, 65, 125} {
				t.Step("with %d bytes", size)
				w.AnswersPing(strings.Repeat("\xff", size/2) + strings.Repeat("x", size-size/2))
			}
		},
	},
	Case{
		ID: "websocket/unsolicited-control-pong", Level: Required, Rules: rules(unsolicitedControlPongIgnored),
		Title: "ignores a pong frame of the WebSocket protocol that answers no ping",
		Run: func(t *T) {
			w := joined(t, OverWebSocket).WebSocket
			for _, data := range []string{"", "unsolicited"} {
				w.SendRaw(wire.Frame(wire.Pong, true, []byte(data)))
			}
			w.StaysOpen()
			w.Send(t.Draw("40/nowhere,"))
			t.Expect(nextAnswer(w.Receive), "the answer to a later packet").To(HavePrefix(t.Draw("44/nowhere,")))
		},
	},
	Case{
		ID: "websocket/close-codes-of-applications", Level: Recommended, Rules: rules(closeCodesOfApplications),
		Title: "answers a close frame with a code of 3000 to 4999 and a reason, and does not treat it as a protocol error",
		Run: func(t *T) {
			for _, code := range []uint16{3000, 4000, 4999} {
				w := t.WebSocket()
				w.SendRaw(wire.Frame(wire.Close, true, append(binary.BigEndian.AppendUint16(nil, code), "the page has gone"...)))
				t.Expect(w.Closed().Code, "the code of the answer to a close frame with the code %d", code).NotTo(BeElementOf(1002, 1007))
			}
		},
	},
	Case{
		ID: "websocket/frame-in-pieces", Level: Required, Rules: rules(framesMayComeInPieces),
		Title: "reads a WebSocket frame wherever TCP splits it",
		Run: func(t *T) {
			w := joined(t, OverWebSocket).WebSocket
			for at := 1; at <= 7; at += 2 { // within the head and behind it
				frame := wire.Frame(wire.Text, true, []byte(t.Draw("40/nowhere,")))
				w.Unbroken(func() {
					w.SendRaw(frame[:at])
					t.Wait(30*time.Millisecond, "before the rest of the frame")
					w.SendRaw(frame[at:])
				})
				t.Expect(nextAnswer(w.Receive), "the answer to a packet whose frame is split after byte %d", at).To(HavePrefix(t.Draw("44/nowhere,")))
			}
		},
	},
	Case{
		ID: "websocket/nothing-agreed-that-was-not-offered", Level: Required, Rules: rules(onlyOffersAreAgreedTo),
		Title: "opens a WebSocket without extensions and subprotocols that the client did not offer",
		Run: func(t *T) {
			opened := func(what string, given ...Option) http.Header {
				w, r := t.Opened("?EIO=4&transport=websocket", given...)
				t.Expect(w, "the WebSocket of a client that offers %s", what).NotTo(BeNil())
				return r.Header
			}
			nothing := opened("nothing")
			t.Expect(nothing.Values("Sec-WebSocket-Extensions"), "the extensions that are agreed to if none was offered").To(BeEmpty())
			t.Expect(nothing.Values("Sec-WebSocket-Protocol"), "the subprotocol that is chosen if none was offered").To(BeEmpty())
			two := opened("two subprotocols", Header("Sec-WebSocket-Protocol", "chat, superchat"))
			t.Expect(strings.Join(two.Values("Sec-WebSocket-Protocol"), ","), "the subprotocol that is chosen of chat and superchat, if any").To(BeElementOf("", "chat", "superchat"))
		},
	},
	Case{
		ID: "websocket/header-names-in-any-case", Level: Required, Rules: rules(headerNamesInAnyCase),
		Title: "opens a WebSocket for a handshake whose header names are in lower or upper case, as some proxies send them",
		Run: func(t *T) {
			for what, change := range map[string]func(string) string{"lower": strings.ToLower, "upper": strings.ToUpper} {
				conn, since := t.TCP(), time.Now()
				_, _ = io.WriteString(conn, withNames(t.Head("GET", "?EIO=4&transport=websocket", handshakeHeaders()...), change))
				r := finalAnswer(t, bufio.NewReader(conn), "GET", since, "the answer to a handshake with header names in %s case", what)
				t.Expect(r.StatusCode, "the status with header names in %s case", what).To(Equal(101))
			}
		},
	},
)

// withNames changes the names of a request's headers.
func withNames(head string, change func(string) string) string {
	lines := strings.SplitAfter(head, "\r\n")
	for i, line := range lines[1:] {
		name, rest, _ := strings.Cut(line, ":")
		if rest != "" {
			lines[i+1] = change(name) + ":" + rest
		}
	}
	return strings.Join(lines, "")
}

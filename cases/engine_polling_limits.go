package cases

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

// What maxPayload counts: the bytes of one payload, or of one WebSocket message, however they come.

var _ = Add(
	overLimit("polling/limit-counts-bytes", "counts bytes, not characters, and answers a POST of more than maxPayload bytes with 413",
		"polling/limit-in-characters", func(limit int) string { return "4" + strings.Repeat("€", limit/3+1) }),
	overLimit("polling/limit-counts-all-packets", "counts the packets of a POST together, and answers more than maxPayload bytes with 413",
		"polling/limit-for-each-packet", func(limit int) string {
			half := "3" + strings.Repeat("x", limit/2)
			return half + protocol.Separator + half
		}),
	Case{
		ID: "polling/chunked-post", Level: Recommended, Rules: rules(chunkedPOSTTaken),
		Title: "accepts a POST whose body is sent in chunks without a length, or asks for the length with 411",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			r := chunked(t, p, "40", t.Draw("/nowhere,"))
			t.Expect(r, "the answer").NotTo(BeNil())
			t.Expect(r.Status, "the status of the answer").To(BeElementOf(200, 411))
			if r.Status == 200 {
				t.Expect(nextAnswer(p.Receive), "the answer to the packet").To(HavePrefix(t.Draw("44/nowhere,")))
			}
			p.Lives()
		},
	},
	Case{
		ID: "polling/chunked-post-too-large", Level: Recommended, Rules: rules(largePOSTRefused), Since: "4.5",
		Title: "does not accept a POST of more than maxPayload bytes that is sent in chunks without a length",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			boundedPayload(t, p.Open)
			half := "4" + strings.Repeat("x", int(p.Open.MaxPayload)/2)
			if r := chunked(t, p, half, half); r != nil { // a server may close the connection before it has read everything
				t.Expect(r.Status, "the status of the answer").To(BeElementOf(411, 413))
			}
			p.Lives()
		},
	},
	Case{
		ID: "websocket/limit-counts-bytes", Level: Recommended, Rules: rules(largeMessageCloses), Since: "4.5",
		Title: "counts bytes, not characters, and closes the connection after a WebSocket message of more than maxPayload bytes",
		Run: func(t *T) {
			w := stay(t)
			boundedPayload(t, w.Open)
			w.SendAnySize(`42["` + strings.Repeat("€", int(w.Open.MaxPayload)/3+1) + `"]`)
			w.Closed()
		},
	},
	Case{
		ID: "websocket/limit-counts-all-fragments", Level: Recommended, Rules: rules(largeMessageCloses), Since: "4.5",
		Title: "counts the fragments of a WebSocket message together, and closes the connection after more than maxPayload bytes",
		Run: func(t *T) {
			w := stay(t)
			boundedPayload(t, w.Open)
			half := strings.Repeat("x", int(w.Open.MaxPayload)/2)
			w.Unbroken(func() {
				w.SendRaw(wire.Frame(wire.Text, false, []byte(`42["`+half)))
				w.SendRaw(wire.Frame(wire.Continuation, true, []byte(half+`"]`)))
			})
			w.Closed()
		},
	},
)

// overLimit returns the case for a POST that is too large only if its size is counted correctly.
func overLimit(id, title, fault string, payload func(limit int) string) Case {
	return Case{
		ID: id, Level: Recommended, Rules: rules(largePOSTRefused), Since: "4.5", Title: title,
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			boundedPayload(t, p.Open)
			r, err := p.StartPOST(payload(int(p.Open.MaxPayload))).Outcome(t.Tolerance().Patience)
			if err == nil { // a server may close the connection before it has read everything
				t.Expect(r.Status, "the status of the answer").To(Equal(413))
			}
			p.Lives()
		},
	}
}

// chunked sends a POST in the chunked coding of HTTP (RFC 9112, section 7.1). It returns nil if the connection ends without
// an answer.
func chunked(t *T, p *Polling, chunks ...string) *Response {
	conn := t.TCP()
	head := t.Head("POST", p.Query())
	_, _ = conn.Write([]byte(strings.Replace(head, "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", 1)))
	for _, chunk := range append(chunks, "") {
		_, _ = fmt.Fprintf(conn, "%x\r\n%s\r\n", len(chunk), chunk)
	}
	r, err := wire.FinalResponse(bufio.NewReader(conn), "POST")
	if err != nil {
		return nil
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<10))
	return t.Took(&Response{Status: r.StatusCode, Header: r.Header, Body: string(body), At: time.Now()}, p.Query())
}

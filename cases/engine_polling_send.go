package cases

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

var (
	echo         = Needs{Echo: true}
	variadicEcho = echo.With(Variadic) // for packets with more or fewer than one argument
)

// packed returns arguments in the form that the target's handlers take: as they are, or as one array if each handler takes
// exactly one argument.
func packed(t *T, args string) string {
	if t.Info(0).Declares(Variadic) {
		return args
	}
	return "[" + args + "]"
}

// expectEchoes reads the answers to a burst, however the server divides them into payloads.
func expectEchoes(c *Client, n int) {
	for _, want := range echoes(n) {
		c.Expect("42" + want)
	}
}

var _ = Add(
	Case{
		ID: "polling/post-answered-ok", Level: Required, Rules: rules(postAnsweredOK),
		Title: "answers a POST with 200 and ok",
		Run: func(t *T) {
			r := t.Polling().POST("40")
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(r.Body, "the body").To(Equal("ok"))
		},
	},
	Case{
		ID: "polling/post-content-type", Level: Observed, Rules: rules(postAnswerIsPlainText),
		Title: "declares the answer to a POST as plain text in UTF-8",
		Run: func(t *T) {
			kind := t.Polling().POST("40").Header.Get("Content-Type")
			t.Answer("it declares %s", kind)
			t.Expect(strings.ToLower(strings.ReplaceAll(kind, " ", "")), "the Content-Type").To(Equal("text/plain;charset=utf-8"))
		},
	},
	Case{
		ID: "polling/post-without-content-type", Level: Recommended, Rules: rules(untypedPOSTIsText),
		Title: "reads a POST without a Content-Type as plain text",
		Run: func(t *T) {
			p := t.Polling()
			r := t.POST(p.Query(), "40", Untyped())
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(p.Receive(), "the answer to the packet").To(HavePrefix("40{"))
		},
	},
	Case{
		ID: "polling/untyped-post-is-utf-8", Level: Recommended, Rules: rules(untypedPOSTIsText, textIsUTF8),
		Title: "reads a POST without a Content-Type as UTF-8",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			r := t.POST(p.Query(), t.Draw("40/nowhere-é€😀,"), Untyped())
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(nextAnswer(p.Receive), "the answer to the packet").To(HavePrefix(t.Draw("44/nowhere-é€😀,")))
		},
	},
	Case{
		ID: "polling/post-content-type-in-other-forms", Level: Required, Rules: rules(mediaTypeInAnyForm),
		Title: "accepts a POST as plain text in UTF-8 in whatever case the Content-Type is written, with or without a space and with or without the charset",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			for _, form := range []string{"text/plain;charset=utf-8", "text/plain; charset=UTF-8", "Text/Plain;Charset=UTF-8", "text/plain"} {
				r := p.POST(t.Draw("40/nowhere-é€😀,"), Header("Content-Type", form))
				t.Expect(r.Status, "the status of the answer to a POST as %s", form).To(Equal(200))
				t.Expect(nextAnswer(p.Receive), "the answer to the packet of a POST as %s", form).To(HavePrefix(t.Draw("44/nowhere-é€😀,")))
			}
		},
	},
	Case{
		ID: "polling/post-body-after-a-while", Level: Required, Rules: rules(bodyMayComeLater),
		Title: "reads the body of a POST that begins a while after its head, and comes byte by byte",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			body := t.Draw("40/nowhere,")
			conn := t.TCP()
			_, _ = io.WriteString(conn, t.Head("POST", p.Query(), Body(body)))
			t.Wait(min(400*time.Millisecond, p.Open.PingInterval/2), "before the body")
			last := len(body) - 1
			for i := range last {
				_, _ = io.WriteString(conn, body[i:i+1])
				t.Wait(2*time.Millisecond, "before the next byte of the body")
			}
			since := time.Now()
			_, _ = io.WriteString(conn, body[last:])
			r := finalAnswer(t, bufio.NewReader(conn), "POST", since, "the answer to the POST")
			t.Expect(r.StatusCode, "the status of the answer").To(Equal(200))
			t.Expect(nextAnswer(p.Receive), "the answer to the packet").To(HavePrefix(t.Draw("44/nowhere,")))
		},
	},
	Case{
		ID: "polling/post-as-plain-text", Level: Required, Rules: rules(textPOSTTaken),
		Title: "accepts a POST declared as plain text in UTF-8",
		Run: func(t *T) {
			p := t.Polling()
			r := p.POST("40", Header("Content-Type", "text/plain;charset=UTF-8"))
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(p.Receive(), "the answer to the packet").To(HavePrefix("40{"))
		},
	},
	Case{
		ID: "polling/post-as-octets", Level: Observed, Rules: rules(octetsPOSTTaken),
		Title: "accepts a POST declared as application/octet-stream, which the document demands for binary data",
		Run: func(t *T) {
			r := t.Polling().POST("bAQIDBA==", Header("Content-Type", "application/octet-stream"))
			t.Answer("it answers %v", r)
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
		},
	},
	Case{
		ID: "polling/post-to-unknown-session", Level: Required, Rules: rules(postToUnknownSessionRefused),
		Title: "answers a POST to an unknown session with 400",
		Run: func(t *T) {
			r := t.POST(t.Draw("?EIO=4&transport=polling&sid=never-was"), "40")
			t.Expect(r.Status, "the status of the answer").To(Equal(400))
		},
	},
	Case{
		ID: "polling/posts-at-once", Level: Required, Rules: rules(secondPOSTEndsSession, secondPOSTRefused),
		Title: "refuses the second of two POSTs at once and closes the session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			status := twoPOSTs(t, p, func() int { return p.POST("3").Status })
			t.Expect(status, "the status of the answer").To(BeElementOf(400, 500))
			p.Ended()
		},
	},
	Case{
		ID: "polling/second-post-after-a-while", Level: Required, Rules: rules(secondPOSTEndsSession, secondPOSTRefused),
		Title: "refuses a POST that comes a while after another whose body is still under way, and closes the session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			first := halfOfPOST(t, p)
			t.Wait(min(700*time.Millisecond, p.Open.PingInterval*2/3), "before the second POST")
			status := p.POST("3").Status
			if status == 200 {
				actsOnHeads(t)
			}
			finish(first)
			t.Expect(status, "the status of the second POST").To(BeElementOf(400, 500))
			p.Ended()
		},
	},
	Case{
		ID: "polling/posts-at-once-answered-400", Level: Required, Rules: rules(secondPOSTRefused), Since: "4.6",
		Title: "answers the second of two POSTs at once with 400",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			status := twoPOSTs(t, p, func() int { return p.POST("3").Status })
			t.Expect(status, "the status of the answer").To(Equal(400))
		},
	},
	Case{
		ID: "polling/posts-half-sent-at-once", Level: Required, Rules: rules(secondPOSTEndsSession, secondPOSTRefused),
		Title: "refuses the second of two half-sent POSTs and closes the session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			status := twoPOSTs(t, p, func() int {
				return finished(t, halfOfPOST(t, p))
			})
			t.Expect(status, "the status of the answer").To(BeElementOf(400, 500))
			p.Ended()
		},
	},
	Case{
		ID: "polling/post-broken-off", Level: Recommended, Rules: rules(brokenPOSTEndsSession),
		Title: "closes the session when the client aborts a POST",
		Run: func(t *T) {
			actsOnHeads(t)
			p := joined(t, OverPolling).Polling
			conn := t.TCP()
			_, _ = conn.Write([]byte(t.Head("POST", p.Query(), Declaring(10)) + "40"))
			t.AwaitSeen()
			_ = conn.Close()
			p.Ended()
		},
	},
	Case{
		ID: "polling/post-too-large", Level: Recommended, Rules: rules(largePOSTRefused), Since: "4.5",
		Title: "answers a POST of more than maxPayload bytes with 413 and keeps the session",
		Run: func(t *T) {
			p := t.Polling()
			boundedPayload(t, p.Open)
			r, err := p.StartPOST("4" + strings.Repeat("x", int(p.Open.MaxPayload))).Outcome(t.Tolerance().Patience)
			if err == nil { // a server may close the connection before it has read everything
				t.Expect(r.Status, "the status of the answer").To(Equal(413))
			}
			p.Lives()
		},
	},
	Case{
		ID: "polling/post-as-large-as-allowed", Level: Required, Rules: rules(maxPayloadTaken), Since: "4.5",
		Title: "accepts a POST of exactly maxPayload bytes",
		Run: func(t *T) {
			p := t.Polling()
			boundedPayload(t, p.Open)
			// An event of that size, whose content does not matter: the client has joined its namespace first.
			packet := `42["` + strings.Repeat("x", int(p.Open.MaxPayload)-6) + `"]`
			p.Send("40")
			t.Expect(p.Receive(), "the answer to the CONNECT").To(HavePrefix("40{"))
			r := p.POST(packet)
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			p.Lives()
		},
	},
	Case{
		ID: "polling/empty-post", Level: Recommended, Rules: rules(emptyPOSTEndsSession),
		Title: "closes the session after a POST without a body",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			p.StartPOST("").Outcome(t.Tolerance().Patience)
			p.Ended()
		},
	},
	Case{
		ID: "polling/order-within-a-post", Level: Required, Rules: rules(postsKeepOrder, severalEventsInPost), Needs: echo,
		Title: "handles the packets of one POST in order",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(burst(10))
			expectEchoes(c, 10)
		},
	},
	Case{
		ID: "polling/order-of-posts", Level: Required, Rules: rules(postsKeepOrder), Needs: echo,
		Title: "handles POSTs in order",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			for i := range 4 {
				c.Send(fmt.Sprintf(`42["message",%d]`, i))
			}
			expectEchoes(c, 4)
		},
	},
	Case{
		ID: "polling/invalid-packet", Level: Required, Rules: rules(noPacketEndsPolling),
		Title: "closes the session after a POST that is not a packet",
		Run: func(t *T) {
			for _, body := range []string{"abc", "7", "x4hello", "{}"} {
				p := joined(t, OverPolling).Polling
				t.Step("posts %q", body)
				p.StartPOST(body).Outcome(t.Tolerance().Patience)
				p.Ended()
			}
		},
	},
	Case{
		ID: "polling/invalid-packet-among-others", Level: Required, Rules: rules(noPacketEndsPolling),
		Title: "closes the session after a payload with one invalid packet, in any position",
		Run: func(t *T) {
			for _, body := range []string{"3" + protocol.Separator + "abc", "3" + protocol.Separator + "7" + protocol.Separator + "3"} {
				p := joined(t, OverPolling).Polling
				t.Step("posts %q", body)
				p.StartPOST(body).Outcome(t.Tolerance().Patience)
				p.Ended()
			}
		},
	},
	Case{
		ID: "polling/payload-of-protocol-3", Level: Required, Rules: rules(noLengthPrefixes),
		Title: "closes the session after a length-prefixed payload, as in protocol version 3",
		Run: func(t *T) {
			// No packet of version 4 has a type above 6. A length such as 21 would make a ping of the payload, and no document
			// says what happens to a ping of a client.
			for _, body := range []string{`7:42["a"]`, fmt.Sprintf(`97:42["message",%q]`, strings.Repeat("x", 81))} {
				p := joined(t, OverPolling).Polling
				t.Step("posts %q", body)
				p.StartPOST(body).Outcome(t.Tolerance().Patience)
				p.Ended()
			}
		},
	},
	Case{
		ID: "polling/trailing-separator", Level: Recommended, Rules: rules(emptyPacketEndsSession),
		Title: "closes the session after a payload that ends with a separator",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			p.StartPOST("3" + protocol.Separator).Outcome(t.Tolerance().Patience)
			p.Ended()
		},
	},
	Case{
		ID: "polling/empty-packet-within-a-payload", Level: Recommended, Rules: rules(emptyPacketEndsSession),
		Title: "closes the session after a payload that begins with a separator or has two in a row",
		Run: func(t *T) {
			for _, body := range []string{protocol.Separator + "3", "3" + protocol.Separator + protocol.Separator + "3"} {
				p := joined(t, OverPolling).Polling
				t.Step("posts %q", body)
				p.StartPOST(body).Outcome(t.Tolerance().Patience)
				p.Ended()
			}
		},
	},
	Case{
		ID: "polling/ignores-other-packets", Level: Recommended, Rules: rules(clientOpenIgnored),
		Title: "ignores an open packet, a noop and an upgrade packet that come by POST",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			for _, packet := range []string{"0", "5", "6"} {
				p.Send(packet)
				p.Lives()
			}
			p.Send(t.Draw("40/nowhere,"))
			t.Expect(nextAnswer(p.Receive), "the answer to a later packet").To(HavePrefix(t.Draw("44/nowhere,")))
		},
	},
	Case{
		ID: "polling/close-packet", Level: Required, Rules: rules(closePacketEndsPolling),
		Title: "ends the session after the client's close packet, and answers the poll under way",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			poll := idle(t, p)
			p.Send("1")
			r := poll.Response()
			t.Expect(r.Status, "the status of the poll").To(Equal(200))
			t.Expect(protocol.ParsePayload(r.Body), "the packets of the poll's answer, which may be a ping sent before").To(ContainElement(BeElementOf("6", "1", "2")))
			p.Ended()
		},
	},
	Case{
		ID: "polling/put-within-a-session", Level: Observed, Rules: rules(putRefusedWithinSession),
		Title: "answers a PUT within a session with an error and keeps the session",
		Run: func(t *T) {
			p := t.Polling()
			r := t.HTTP("PUT", p.Query())
			t.Answer("it answers %d", r.Status)
			t.Expect(r.Status, "the status of the answer").To(BeNumerically(">=", 400))
			p.Lives()
		},
	},
)

// twoPOSTs sends a POST while another one of the session is half sent. Then it sends the rest of that one, since otherwise
// every further POST, even with a pong, would be refused. It returns the status of the refused POST: the second, or the
// first if the target handled the second one first. If none is refused, it returns 200.
func twoPOSTs(t *T, p *Polling, second func() int) (status int) {
	first := halfOfPOST(t, p)
	status = second()
	if status == 200 {
		actsOnHeads(t)
		return finished(t, first)
	}
	finish(first)
	return status
}

// halfOfPOST sends half of a POST.
func halfOfPOST(t *T, p *Polling) *wire.Conn {
	conn := t.TCP()
	_, _ = conn.Write([]byte(t.Head("POST", p.Query(), Declaring(10)) + "42"))
	t.AwaitSeen()
	return conn
}

// finish sends the rest of a POST.
func finish(conn *wire.Conn) { _, _ = conn.Write([]byte(`["post"]`)) }

// finished sends the rest of a POST, and returns the status of its answer.
func finished(t *T, conn *wire.Conn) int {
	since := time.Now()
	finish(conn)
	r := finalAnswer(t, bufio.NewReader(conn), "POST", since, "the answer to the POST")
	defer r.Body.Close()
	return r.StatusCode
}

// actsOnHeads ends a case that sends half of a POST if the target waits for the whole request before it acts, for example
// behind a proxy that buffers requests. Such a target never sees two POSTs at once, or one that is aborted. The test is the
// head of a POST for an unknown session that expects 100 (RFC 9110, section 10.1.1): a target that acts on the head refuses
// at once, and one that wants the body first answers with 100 at most.
func actsOnHeads(t *T) {
	conn := t.TCP()
	_, _ = conn.Write([]byte(t.Head("POST", t.Draw("?EIO=4&transport=polling&sid=never-was"), Declaring(10), Header("Expect", "100-continue"))))
	if _, err := wire.FinalResponse(bufio.NewReader(conn), "POST"); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Inapplicable("the target, or a proxy in front of it, reads the whole POST before it acts: a POST for an unknown session is not refused before its body comes")
	}
}

// burst returns n numbered events for the echo application in one payload.
func burst(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`42["message",%d]`, i))
	}
	return strings.Join(all, protocol.Separator)
}

// echoes returns the data of the answers to a burst.
func echoes(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf(`["message-back",%d]`, i))
	}
	return all
}

// fitting returns the number of bytes, or almost the size of the target's largest payload if that is less. The rest is for
// the packet's head, or for the packet before an attachment.
func fitting(t *T, bytes int) int {
	if n := t.Timings().MaxPayload; n > 0 && n < 1<<30 {
		return min(bytes, int(n)*9/10)
	}
	return bytes
}

// boundedPayload ends a case about the largest payload if its size is unknown, or larger than a test should send.
func boundedPayload(t *T, open *protocol.OpenPacket) {
	const least = 16 // bytes of a message that asks for an answer
	switch n := open.MaxPayload; {
	case n <= 0 || n > 16<<20:
		t.Inapplicable("the largest payload is unknown or more than 16 MiB: %d bytes", n)
	case n < least:
		t.Unverified("the largest payload, %d bytes, is too small for a message", n)
	}
}

package cases

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

var echo = Needs{Echo: true}

// expectEchoes reads the answers to a burst, however the server puts them into payloads.
func expectEchoes(c *Client, n int) {
	for _, want := range echoes(n) {
		c.Expect("42" + want)
	}
}

var _ = Add(
	Case{
		ID: "polling/post-answered-ok", Level: Required, Source: enginePollingSend,
		Faults: []string{"polling/post-answered-with-json", "polling/post-answered-with-nothing"},
		Title:  "answers a POST with 200 and ok",
		Run: func(t *T) {
			r := t.Polling().POST("40")
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			t.Expect(r.Body).To(Equal("ok"), "the body")
		},
	},
	Case{
		ID: "polling/post-content-type", Level: Observed, Source: socketSample,
		Faults: []string{"polling/post-as-html"},
		Title:  "declares the answer to a POST as plain text in UTF-8",
		Run: func(t *T) {
			kind := t.Polling().POST("40").Header.Get("Content-Type")
			t.Answer("it declares %s", kind)
			t.Expect(strings.ToLower(strings.ReplaceAll(kind, " ", ""))).To(Equal("text/plain;charset=utf-8"), "the Content-Type")
		},
	},
	Case{
		ID: "polling/post-without-content-type", Level: Recommended, Source: enginePollingHeaders,
		Faults: []string{"polling/payload-reversed"},
		Title:  "takes a POST without a Content-Type as plain text",
		Run: func(t *T) {
			p := t.Polling()
			r := t.POST(p.Query(), "40")
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			t.Expect(p.Receive()).To(HavePrefix("40{"), "the answer to the packet")
		},
	},
	Case{
		ID: "polling/post-as-plain-text", Level: Required, Source: enginePollingHeaders,
		Faults: []string{"polling/payload-reversed"},
		Title:  "takes a POST that is declared as plain text in UTF-8",
		Run: func(t *T) {
			p := t.Polling()
			r := p.POST("40", Header("Content-Type", "text/plain;charset=UTF-8"))
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			t.Expect(p.Receive()).To(HavePrefix("40{"), "the answer to the packet")
		},
	},
	Case{
		ID: "polling/post-as-octets", Level: Observed, Source: enginePollingHeaders,
		Faults: []string{"polling/post-answered-with-204"},
		Title:  "takes a POST that is declared as octets, which the document demands for binary data",
		Run: func(t *T) {
			r := t.Polling().POST("bAQIDBA==", Header("Content-Type", "application/octet-stream"))
			t.Answer("it answers %v", r)
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
		},
	},
	Case{
		ID: "polling/post-to-unknown-session", Level: Required, Source: enginePollingSend,
		Faults: []string{"errors/status-404"},
		Title:  "answers a POST to an unknown session with 400",
		Run: func(t *T) {
			r := t.POST("?EIO=4&transport=polling&sid=never-was", "40")
			t.Expect(r.Status).To(Equal(400), "the status of %v", r)
		},
	},
	Case{
		ID: "polling/posts-at-once", Level: Required, Source: enginePollingSend,
		Faults: []string{"polling/overlap-allowed"},
		Title:  "refuses the second of two POSTs at once and closes the session",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			r := secondPOST(t, p)
			if r.Status == 200 {
				actsOnHeads(t)
			}
			t.Expect(r.Status).To(BeElementOf(400, 500), "the status of %v", r)
			p.Ended()
		},
	},
	Case{
		ID: "polling/posts-at-once-answered-400", Level: Required, Source: enginePollingSend, Since: "4.6",
		Faults: []string{"polling/overlap-allowed"},
		Title:  "answers the second of two POSTs at once with 400",
		Run: func(t *T) {
			r := secondPOST(t, joined(t, OverPolling).Polling)
			if r.Status == 200 {
				actsOnHeads(t)
			}
			t.Expect(r.Status).To(Equal(400), "the status of %v", r)
		},
	},
	Case{
		ID: "polling/post-broken-off", Level: Recommended, Source: enginePollingSend,
		Faults: []string{"polling/aborted-poll-forgiven"},
		Title:  "closes the session when the client breaks a POST off",
		Run: func(t *T) {
			actsOnHeads(t)
			p := joined(t, OverPolling).Polling
			conn := t.TCP()
			_, _ = conn.Write([]byte(t.Head("POST", p.Query(), Declaring(10)) + "40"))
			t.Seen()
			_ = conn.Close()
			p.Ended()
		},
	},
	Case{
		ID: "polling/post-too-large", Level: Recommended, Source: enginePollingSend, Since: "4.5",
		Faults: []string{"polling/no-limit", "polling/oversize-ends-the-session"},
		Title:  "answers a POST of more than maxPayload bytes with 413 and keeps the session",
		Run: func(t *T) {
			p := t.Polling()
			boundedPayload(t, p.Open)
			r, err := p.StartPOST("4" + strings.Repeat("x", int(p.Open.MaxPayload))).Outcome(t.Tolerance().Patience)
			if err == nil { // a server may close the connection before it has read all
				t.Expect(r.Status).To(Equal(413), "the status of %v", r)
			}
			p.Lives()
		},
	},
	Case{
		ID: "polling/post-as-large-as-allowed", Level: Required, Source: enginePollingSend, Since: "4.5",
		Faults: []string{"polling/limit-off-by-one"},
		Title:  "takes a POST of exactly maxPayload bytes",
		Run: func(t *T) {
			p := t.Polling()
			boundedPayload(t, p.Open)
			// An event of that size for a namespace whose join comes first: what it says does not matter.
			packet := `42["` + strings.Repeat("x", int(p.Open.MaxPayload)-6) + `"]`
			p.Send("40")
			t.Expect(p.Receive()).To(HavePrefix("40{"), "the answer to the CONNECT")
			r := p.POST(packet)
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			p.Lives()
		},
	},
	Case{
		ID: "polling/empty-post", Level: Recommended, Source: enginePollingSend,
		Faults: []string{"polling/empty-post-forgiven"},
		Title:  "closes the session upon a POST without a body",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			p.StartPOST("").Outcome(t.Tolerance().Patience)
			p.Ended()
		},
	},
	Case{
		ID: "polling/order-within-a-post", Level: Required, Source: enginePollingSend, Needs: echo,
		Faults: []string{"polling/first-packet-of-a-post-only"},
		Title:  "acts on the packets of one POST in their order",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(burst(10))
			expectEchoes(c, 10)
		},
	},
	Case{
		ID: "polling/order-of-posts", Level: Required, Source: enginePollingSend, Needs: echo,
		Faults: []string{"polling/trailing-separator"},
		Title:  "acts on POSTs in their order",
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
		ID: "polling/invalid-packet", Level: Required, Source: enginePackets,
		Faults: []string{"polling/broken-packet-forgiven"},
		Title:  "closes the session upon a POST of what is no packet",
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
		ID: "polling/invalid-packet-among-others", Level: Required, Source: enginePackets,
		Faults: []string{"polling/broken-packet-among-others-forgiven"},
		Title:  "closes the session upon a payload of which one packet is none, wherever it stands",
		Run: func(t *T) {
			for _, body := range []string{"3" + Separator + "abc", "3" + Separator + "7" + Separator + "3"} {
				p := joined(t, OverPolling).Polling
				t.Step("posts %q", body)
				p.StartPOST(body).Outcome(t.Tolerance().Patience)
				p.Ended()
			}
		},
	},
	Case{
		ID: "polling/payload-of-protocol-3", Level: Required, Source: engineHistory,
		Faults: []string{"polling/payload-length-prefixed"},
		Title:  "closes the session upon a length-prefixed payload, as protocol version 3 had it",
		Run: func(t *T) {
			// Taken for packets of version 4, the first is of an unknown type, the second a ping.
			for _, body := range []string{`7:42["a"]`, `21:42["message","hello"]`} {
				p := joined(t, OverPolling).Polling
				t.Step("posts %q", body)
				p.StartPOST(body).Outcome(t.Tolerance().Patience)
				p.Ended()
			}
		},
	},
	Case{
		ID: "polling/trailing-separator", Level: Recommended, Source: engineEncodingHTTP,
		Faults: []string{"polling/newline-separator"},
		Title:  "closes the session upon a payload that ends with a separator",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			p.StartPOST("3" + Separator).Outcome(t.Tolerance().Patience)
			p.Ended()
		},
	},
	Case{
		ID: "polling/empty-packet-within-a-payload", Level: Recommended, Source: engineEncodingHTTP,
		Faults: []string{"polling/empty-packets-passed-over"},
		Title:  "closes the session upon a payload that begins with a separator, or has two of them in a row",
		Run: func(t *T) {
			for _, body := range []string{Separator + "3", "3" + Separator + Separator + "3"} {
				p := joined(t, OverPolling).Polling
				t.Step("posts %q", body)
				p.StartPOST(body).Outcome(t.Tolerance().Patience)
				p.Ended()
			}
		},
	},
	Case{
		ID: "polling/ignores-other-packets", Level: Recommended, Source: enginePackets,
		Faults: []string{"websocket/noop-ends-the-session", "websocket/open-packet-ends-the-session"},
		Title:  "ignores an open packet, a noop, and an upgrade packet that come by POST",
		Run: func(t *T) {
			p := t.Polling()
			for _, packet := range []string{"0", "5", "6"} {
				p.Send(packet)
				p.Lives()
			}
			p.Send("40/nowhere,")
			t.Expect(p.Receive()).To(HavePrefix("44/nowhere,"), "the answer to a later packet")
		},
	},
	Case{
		ID: "polling/close-packet", Level: Required, Source: enginePackets,
		Faults: []string{"polling/newline-separator"},
		Title:  "ends the session upon the client's close packet, and answers the poll under way",
		Run: func(t *T) {
			p := joined(t, OverPolling).Polling
			poll := idle(t, p)
			p.Send("1")
			r := poll.Response()
			t.Expect(r.Status).To(Equal(200), "the status of the poll")
			t.Expect(ParsePayload(r.Body)).To(ContainElement(BeElementOf("6", "1", "2")), "the packets of the poll's answer, which may be a ping sent before")
			p.Ended()
		},
	},
	Case{
		ID: "polling/put-within-a-session", Level: Observed, Source: enginePollingSend,
		Faults: []string{"polling/post-answered-with-204"},
		Title:  "answers a PUT within a session with an error and keeps the session",
		Run: func(t *T) {
			p := t.Polling()
			r := t.HTTP("PUT", p.Query())
			t.Answer("it answers %d", r.Status)
			t.Expect(r.Status).To(BeNumerically(">=", 400), "the status of %v", r)
			p.Lives()
		},
	},
)

// secondPOST sends a POST while another one of the session is under way, and returns its answer.
func secondPOST(t *T, p *Polling) *Response {
	first := t.TCP()
	_, _ = first.Write([]byte(t.Head("POST", p.Query(), Declaring(10)) + "40"))
	t.Seen()
	return p.POST("3")
}

// actsOnHeads ends a case that sends half of a POST, where the target waits for the whole before it does anything: a
// proxy that buffers requests stands before it, say. Then it never sees two POSTs at once, nor one that is broken off.
// The head of a POST for an unknown session tells, where the client waits for leave to send the body (RFC 9110,
// section 10.1.1): who acts on it refuses at once, who wants the body first says 100 at most.
func actsOnHeads(t *T) {
	conn := t.TCP()
	_, _ = conn.Write([]byte(t.Head("POST", "?EIO=4&transport=polling&sid=never-was", Declaring(10), Header("Expect", "100-continue"))))
	answers := bufio.NewReader(conn)
	for {
		r, err := http.ReadResponse(answers, nil)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Inapplicable("the target, or a proxy before it, reads a POST whole before it acts on it: one for an unknown session is not refused before its body comes")
		}
		if err != nil || r.StatusCode != http.StatusContinue {
			return
		}
	}
}

// burst of n numbered events of the echo application in one payload.
func burst(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`42["message",%d]`, i))
	}
	return strings.Join(all, Separator)
}

// echoes are the data of the answers to a burst.
func echoes(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf(`["message-back",%d]`, i))
	}
	return all
}

// fitting is a number of bytes, or nearly as many as the target's largest payload holds where that is less: a packet
// has a head, and an attachment a packet before it.
func fitting(t *T, bytes int) int {
	if n := t.Timings().MaxPayload; n > 0 && n < 1<<30 {
		return min(bytes, int(n)*9/10)
	}
	return bytes
}

// boundedPayload ends a case about the largest payload where that is not told, or larger than a test should send.
func boundedPayload(t *T, open *OpenPacket) {
	if n := open.MaxPayload; n <= 0 || n > 16<<20 {
		t.Inapplicable("the largest payload is not told, or more than 16 MiB: %d bytes", n)
	}
}

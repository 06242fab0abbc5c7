package cases

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// What a session over polling owes to the HTTP below it: connections that are kept and shared, bodies in
// pieces, compression, caches and cookies.

var _ = Add(
	Case{
		ID: "polling/sessions-share-a-connection", Level: Required, Source: enginePollingQuery,
		Faults: []string{"polling/session-of-the-connection", "polling/handshake-of-the-connection"},
		Title:  "tells sessions by their sid where their requests come over one connection, as browsers and proxies send them",
		Run: func(t *T) {
			connection := keepAlive(t)
			var queries []string
			for range 2 {
				r := connection("GET", "?EIO=4&transport=polling", "")
				t.Expect(r.Status).To(Equal(200), "the status of a handshake: %v", r)
				open, err := ParseOpen(ParsePayload(r.Body)[0])
				t.Expect(err).NotTo(HaveOccurred(), "the open packet %s", r.Body)
				queries = append(queries, "?EIO=4&transport=polling&sid="+open.SID)
			}
			t.Expect(queries[1]).NotTo(Equal(queries[0]), "the second session")
			for i, query := range queries {
				r := connection("POST", query, fmt.Sprintf("40/nowhere-%d,", i))
				t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			}
			for i, query := range queries {
				seen := ""
				for range 3 { // a ping may come first
					r := connection("GET", query, "")
					t.Expect(r.Status).To(Equal(200), "the status of a poll: %v", r)
					if seen += r.Body; strings.Contains(seen, "44") {
						break
					}
				}
				t.Expect(seen).To(ContainSubstring(fmt.Sprintf("44/nowhere-%d,", i)), "what session %d of 2 gets", i+1)
			}
		},
	},
	Case{
		ID: "polling/bodies-at-once", Level: Required, Source: engineEncoding, Needs: echo,
		Faults: []string{"polling/body-decoder-of-all-sessions"},
		Title:  "keeps the POSTs of two sessions apart whose bodies come at once, a character of one cut in two",
		Run: func(t *T) {
			first, second := t.Client(OverPolling), t.Client(OverPolling)
			first.Connect("/")
			second.Connect("/")
			packet := fmt.Sprintf(`42["message",%q]`, scripts)
			cut := strings.Index(packet, "😀") + 2
			conn := t.TCP()
			_, _ = conn.Write([]byte(t.Head("POST", first.Polling.Query(), Body(packet)) + packet[:cut]))
			t.Seen()
			second.Send(packet)
			_, _ = conn.Write([]byte(packet[cut:]))
			second.Expect(fmt.Sprintf(`42["message-back",%q]`, scripts))
			first.Expect(fmt.Sprintf(`42["message-back",%q]`, scripts))
		},
	},
	Case{
		ID: "encoding/compressed-answer", Level: Required, Source: engineEncodingHTTP, Needs: echo,
		Faults: []string{"encoding/compressed-cut-short", "encoding/compressed-under-another-name", "encoding/compressed-unasked"},
		Title:  "compresses the answer to a poll as it declares and the client allows, or not at all",
		Run: func(t *T) {
			text := strings.Repeat("0123456789é", fitting(t, 12_000)/len("0123456789é"))
			for _, allowed := range []string{"gzip", "gzip;q=0, identity", "gzip, deflate, br"} {
				c := t.Client(OverPolling)
				c.Connect("/")
				for n := range 2 { // the second one shows that the first is over
					t.Step("message %d to a client that allows %q", n+1, allowed)
					c.Polling.Send(fmt.Sprintf(`42["message",%d,%q]`, n, text))
					expectAmong(t, c.Polling, fmt.Sprintf(`42["message-back",%d,%q]`, n, text), func() string {
						return plain(t, c.Polling.GET(Header("Accept-Encoding", allowed)), allowed)
					})
				}
			}
		},
	},
	Case{
		ID: "headers/each-on-compressed-poll", Level: Required, Source: responseHeaders, Needs: Needs{Application: true, Features: []string{Headers}},
		Faults: []string{"headers/each-never-on-compressed-polls"},
		Title:  "sends what the hook headers sets with an answer that may be compressed, too",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(fmt.Sprintf(`42["message",%q]`, strings.Repeat("0123456789", fitting(t, 10_000)/10)))
			mark := t.Mark()
			r := t.GET(marked(c.Polling.Query(), mark), Header("Accept-Encoding", "gzip"))
			t.Expect(r.Status).To(Equal(200), "the status of %v", r)
			t.Expect(r.Header.Values("x-each")).To(Equal([]string{mark}), "the header that the hook set")
		},
	},
	Case{
		ID: "handshake/is-not-cached", Level: Recommended, Source: engineHandshake, Since: "4.7",
		Faults: []string{"handshake/caching-allowed"},
		Title:  "forbids caching of the answer to a handshake, lest another client gets its sid",
		Run: func(t *T) {
			t.Expect(strings.ToLower(t.Polling().Handshake.Header.Get("Cache-Control"))).To(ContainSubstring("no-store"), "the Cache-Control")
		},
	},
	Case{
		ID: "handshake/cookie-names-no-session", Level: Required, Source: enginePollingQuery,
		Faults: []string{"handshake/cookie-names-the-session"},
		Title:  "opens a session of its own for a handshake whose cookie holds the sid of another",
		Run: func(t *T) {
			first := t.Polling()
			second := t.Polling(Header("Cookie", "io="+first.SID+"; sid="+first.SID))
			t.Expect(second.SID).NotTo(Equal(first.SID), "the second session's sid")
			third := t.WebSocket(Header("Cookie", "io="+first.SID))
			t.Expect(third.SID).NotTo(Equal(first.SID), "the sid of a session over WebSocket")
			first.Lives()
			second.Lives()
		},
	},
	Case{
		ID: "handshake/sid-is-not-given-again", Level: Recommended, Source: engineHandshake,
		Faults: []string{"handshake/sids-given-again"},
		Title:  "gives the sid of a session that has ended to no later one",
		Run: func(t *T) {
			ended := t.Polling()
			ended.Send("1")
			ended.Ended()
			for range 10 {
				t.Expect(t.Polling().SID).NotTo(Equal(ended.SID), "the sid of a later session")
			}
		},
	},
)

// keepAlive opens one connection for several requests, one after the other. The case ends as inapplicable where
// the server does not keep it, as HTTP allows.
func keepAlive(t *T) func(method, path, body string) *Response {
	conn := t.TCP()
	reader := bufio.NewReader(conn)
	used := false
	return func(method, path, body string) *Response {
		_, _ = conn.Write([]byte(t.Head(method, path, Body(body)) + body))
		r, err := http.ReadResponse(reader, &http.Request{Method: method})
		if used && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
			t.Inapplicable("the server closes a connection after an answer")
		}
		t.Expect(err).NotTo(HaveOccurred(), "the answer to %s %s over a connection that is kept", method, path)
		defer r.Body.Close()
		text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		t.Expect(err).NotTo(HaveOccurred(), "the body of the answer to %s %s", method, path)
		if used = true; r.Close {
			t.Inapplicable("the server closes a connection after an answer")
		}
		return &Response{Status: r.StatusCode, Header: r.Header, Body: string(text)}
	}
}

// plain gives the body of an answer as it was before it was compressed.
func plain(t *T, r *Response, allowed string) string {
	t.Expect(r.Status).To(Equal(200), "the status of %v", r)
	t.Expect(r.Truncated).To(BeFalse(), "whether the answer broke off")
	switch coding := strings.ToLower(r.Header.Get("Content-Encoding")); coding {
	case "", "identity":
		return r.Body
	case "gzip":
		t.Expect(allowed).NotTo(ContainSubstring("q=0"), "the codings that the client allows, of an answer in gzip")
		reader, err := gzip.NewReader(strings.NewReader(r.Body))
		t.Expect(err).NotTo(HaveOccurred(), "the body, which is declared as gzip")
		text, err := io.ReadAll(io.LimitReader(reader, 1<<20))
		t.Expect(err).NotTo(HaveOccurred(), "the body, which is declared as gzip")
		return string(text)
	default:
		t.Expect(allowed).To(ContainSubstring(coding), "the codings that the client allows, of an answer in %s", coding)
		t.Inapplicable("the server prefers the coding %s, which the suite cannot read", coding)
		return ""
	}
}

// expectAmong polls until a payload holds the wanted packet; pings are answered.
func expectAmong(t *T, p *Polling, want string, poll func() string) {
	for range 4 {
		for _, packet := range p.Packets(&Response{Body: poll()}) {
			if packet == "2" {
				p.Send("3")
				continue
			}
			t.Expect(packet).To(MatchPacket(want))
			return
		}
	}
	t.Fail("four polls brought no message")
}

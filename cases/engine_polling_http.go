package cases

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

// What HTTP means for a session over polling: persistent and shared connections, bodies in pieces, compression, caches and
// cookies.

var _ = Add(
	Case{
		ID: "polling/sessions-share-a-connection", Level: Required, Rules: rules(sidNamesTheSession),
		Title: "distinguishes sessions by sid when their requests share one connection, as browsers and proxies send them",
		Run: func(t *T) {
			connection := keepAlive(t)
			var queries []string
			for range 2 {
				_, query := openedOver(t, connection, marked(PollingQuery, t.Mark()))
				queries = append(queries, query)
			}
			t.Expect(queries[1], "the second session").NotTo(Equal(queries[0]))
			for i, query := range queries {
				r := connection("POST", query, fmt.Sprintf(t.Draw("40/nowhere-%d,"), i))
				t.Expect(r.Status, "the status of the answer").To(Equal(200))
			}
			for i, query := range queries {
				seen := ""
				for range 3 { // a ping may come first
					r := connection("GET", query, "")
					t.Expect(r.Status, "the status of a poll").To(Equal(200))
					if seen += r.Body; strings.Contains(seen, "44") {
						break
					}
				}
				t.Expect(seen, "the packets of session %d of 2", i+1).To(ContainSubstring(fmt.Sprintf(t.Draw("44/nowhere-%d,"), i)))
			}
		},
	},
	Case{
		ID: "polling/bodies-at-once", Level: Required, Rules: rules(splitCharactersJoined), Needs: echo,
		Title: "keeps two sessions' POSTs apart when one comes between the halves of the other, in the middle of a character",
		Run: func(t *T) {
			var clients [2]*Client
			t.Together(len(clients), func(t *T, i int) {
				clients[i] = t.Client(OverPolling)
				clients[i].Connect("/")
			})
			first, second := clients[0], clients[1]
			packet := fmt.Sprintf(`42["message",%q]`, scripts)
			cut := strings.Index(packet, "😀") + 2
			conn := t.TCP()
			_, _ = conn.Write([]byte(t.Head("POST", first.Polling.Query(), Body(packet)) + packet[:cut]))
			t.AwaitSeen()
			second.Send(packet)
			_, _ = conn.Write([]byte(packet[cut:]))
			second.Expect(fmt.Sprintf(`42["message-back",%q]`, scripts))
			first.Expect(fmt.Sprintf(`42["message-back",%q]`, scripts))
		},
	},
	Case{
		ID: "encoding/compressed-answer", Level: Required, Rules: rules(compressionIsDeclared), Needs: echo,
		Title: "compresses the answer to a poll as declared and as the client allows, or not at all",
		Run: func(t *T) {
			text := strings.Repeat("0123456789é", fitting(t, 12_000)/len("0123456789é"))
			for _, allowed := range []string{"gzip", "identity", "gzip, deflate, br"} {
				c := t.Client(OverPolling)
				c.Connect("/")
				for n := range 2 { // the second one shows that the first is complete
					t.Step("message %d to a client that allows %q", n+1, allowed)
					args := packed(t, fmt.Sprintf(`%d,%q`, n, text))
					c.Polling.Send(`42["message",` + args + `]`)
					expectAmong(t, c.Polling, `42["message-back",`+args+`]`, func() string {
						return plain(t, c.Polling.GET(Header("Accept-Encoding", allowed)), allowed)
					})
				}
			}
		},
	},
	Case{
		ID: "headers/each-on-compressed-poll", Level: Required, Rules: rules(eachForEveryRequest), Needs: Needs{Application: true, Features: []string{Headers}},
		Title: "sends what the hook headers sets also with an answer that may be compressed",
		Run: func(t *T) {
			c := t.Client(OverPolling)
			c.Connect("/")
			c.Polling.Send(fmt.Sprintf(`42["message",%q]`, strings.Repeat("0123456789", fitting(t, 10_000)/10)))
			mark := t.Mark()
			r := t.GET(marked(c.Polling.Query(), mark), Header("Accept-Encoding", "gzip"))
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Expect(r.Header.Values("x-each"), "the header that the hook set").To(Equal([]string{mark}))
		},
	},
	Case{
		ID: "handshake/version-of-each-request-of-a-connection", Level: Required, Rules: rules(version3Refused, opensOverPolling),
		Title: "takes the protocol version from each of several requests over one connection",
		Run: func(t *T) {
			connection := keepAlive(t)
			for range 2 {
				r := connection("GET", "?EIO=3&transport=polling", "")
				refusesProtocol(t, r)
				t.Expect(r.Status, "the status of the answer to a request of version 3").To(Equal(400))
				openedOver(t, connection, marked(PollingQuery, t.Mark()))
			}
		},
	},
	Case{
		ID: "handshake/pipelined", Level: Recommended, Rules: rules(pipelinedAreAnsweredInOrder),
		Title: "answers two requests that come together over one connection, in their order",
		Run: func(t *T) {
			conn, asked := t.TCP(), time.Now()
			_, _ = io.WriteString(conn, t.Head("GET", t.Draw("?EIO=4&transport=carrier-pigeon"))+t.Head("GET", "?EIO=4&transport=polling"))
			reader := bufio.NewReader(conn)
			for _, want := range []int{400, 200} {
				r := finalAnswer(t, reader, "GET", asked, "the answer with status %d", want)
				body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
				_ = r.Body.Close()
				t.Expect(r.StatusCode, "the status of the answer").To(Equal(want))
				if want == 200 {
					t.Begun(t.OpenPacket(protocol.ParsePayload(string(body))[0]), asked)
				} else if r.Close {
					t.Inapplicable("the server closes a connection after an answer")
				}
			}
		},
	},
	Case{
		ID: "headers/initial-for-each-session-of-a-connection", Level: Required, Rules: rules(initialForFirstRequest, initialForNoOther), Needs: initialHook,
		Title: "calls initial_headers once for each of three sessions that open over one connection, and sends what it sets",
		Run: func(t *T) {
			o, connection := t.Observe(0), keepAlive(t)
			for n := range 3 {
				mark := t.Mark()
				r, _ := openedOver(t, connection, marked(PollingQuery, mark))
				t.Expect(r.Header.Values("x-initial"), "the header that the hook set for session %d of 3", n+1).To(Equal([]string{mark}))
				t.Expect(Gathered(called(o, InitialHeaders, mark)), "the number of calls of initial_headers for session %d of 3", n+1).To(Equal(1))
			}
		},
	},
	Case{
		ID: "headers/each-for-all-requests-of-a-connection", Level: Required, Rules: rules(eachForEveryRequest), Needs: eachHook,
		Title: "calls headers once for each request of two sessions whose requests share one connection, and sends what it sets",
		Run: func(t *T) {
			o, connection := t.Observe(0), keepAlive(t)
			var marks []string
			hooked := func(what string, r *Response) {
				t.Expect(r.Status, "the status of the answer to %s", what).To(Equal(200))
				t.Expect(r.Header.Values("x-each"), "the header that the hook set for %s", what).To(Equal(marks[len(marks)-1:]))
			}
			mark := func() string {
				marks = append(marks, t.Mark())
				return marks[len(marks)-1]
			}
			for range 2 {
				r, session := openedOver(t, connection, marked(PollingQuery, mark()))
				hooked("a handshake", r)
				hooked("a POST", connection("POST", marked(session, mark()), t.Draw("40/nowhere,")))
				hooked("a poll", connection("GET", marked(session, mark()), ""))
			}
			for n, one := range marks { // the sessions may have ended by now
				t.Expect(Gathered(called(o, Headers, one)), "the number of calls of headers for request %d of %d", n+1, len(marks)).To(Equal(1))
			}
		},
	},
	Case{
		ID: "headers/nothing-left-for-later-requests-of-a-connection", Level: Required, Rules: rules(headersBelongToOneRequest), Needs: bothHooks,
		Title: "does not send what the hooks set for one request with a later request over the same connection",
		Run: func(t *T) {
			connection := keepAlive(t)
			mark := t.Mark()
			r, _ := openedOver(t, connection, marked(PollingQuery, mark))
			t.Expect(r.Header.Values("x-each"), "the header that the hook set for a handshake with a mark").To(Equal([]string{mark}))
			_, session := openedOver(t, connection, PollingQuery)
			r = connection("POST", session, "40")
			t.Expect(r.Status, "the status of a POST without").To(Equal(200))
			for _, name := range []string{"x-each", "x-initial"} {
				t.Expect(r.Header.Values(name), "the header %s of a POST without", name).To(BeEmpty())
			}
			t.Expect(r.Header.Values("set-cookie"), "the cookies of a POST").NotTo(ContainElement("mycookie=456"))
		},
	},
	Case{
		ID: "errors/refused-post-is-answered-once", Level: Required, Rules: rules(postToUnknownSessionRefused),
		Title: "answers a refused POST once, so that the next request over the connection gets its own answer",
		Run: func(t *T) {
			connection := keepAlive(t)
			for range 3 {
				r := connection("POST", t.Draw("?EIO=4&transport=polling&sid=never-was"), "40")
				t.Expect(r.Status, "the status of the answer to the POST").To(Equal(400))
				openedOver(t, connection, marked(PollingQuery, t.Mark()))
			}
		},
	},
	Case{
		ID: "errors/each-refusal-over-a-connection-raises-its-own", Level: Required, Rules: rules(refusalRaisesOneEvent, eventHasCodeAndMessage, eventHasContext),
		Needs: Needs{Features: []string{ConnectionError}},
		Title: "raises connection_error once, with the right code, for each of three refused requests over one connection",
		Run: func(t *T) {
			o, connection := t.Observe(0), keepAlive(t)
			for _, one := range []struct {
				query string
				code  int
			}{{"?EIO=4&transport=carrier-pigeon", 0}, {"?EIO=4&transport=polling&sid=never-was", unknownSession}, {"?EIO=4&transport=carrier-pigeon", 0}} {
				mark := t.Mark()
				r := connection("GET", marked(t.Draw(one.query), mark), "")
				t.Expect(r.Status, "the status of the answer").To(BeNumerically(">=", 400))
				asAnnounced(t, once(t, o, mark), one.code, false)
			}
		},
	},
	Case{
		ID: "handshake/is-not-cached", Level: Recommended, Rules: rules(answersAreNotCached), Since: "4.7",
		Title: "forbids caching of the answer to a handshake, so that no other client gets its sid",
		Run: func(t *T) {
			t.Expect(strings.ToLower(t.Polling().Handshake.Header.Get("Cache-Control")), "the Cache-Control").To(ContainSubstring("no-store"))
		},
	},
	Case{
		ID: "handshake/cookie-names-no-session", Level: Required, Rules: rules(sidNamesTheSession),
		Title: "opens a new session for a handshake whose cookie contains the sid of another",
		Run: func(t *T) {
			first := t.Polling()
			second := t.OpenPolling(Header("Cookie", "io="+first.SID+"; sid="+first.SID))
			t.Expect(second.SID, "the second session's sid").NotTo(Equal(first.SID))
			third := t.OpenWebSocket(Header("Cookie", "io="+first.SID))
			t.Expect(third.SID, "the sid of a session over WebSocket").NotTo(Equal(first.SID))
			first.Lives()
			second.Lives()
		},
	},
	Case{
		ID: "handshake/sid-is-not-given-again", Level: Recommended, Rules: rules(sidIsUnique),
		Title: "does not give the sid of an ended session to a later one",
		Run: func(t *T) {
			ended := staying(t)
			ended.Send("1")
			ended.Ended()
			for range 10 {
				t.Expect(t.Polling().SID, "the sid of a later session").NotTo(Equal(ended.SID))
			}
		},
	},
)

// keepAlive opens one connection for several requests, one after another. The case ends as inapplicable if the server does
// not keep the connection, as HTTP allows.
func keepAlive(t *T) func(method, path, body string) *Response {
	conn := t.TCP()
	reader := bufio.NewReader(conn)
	used := false
	return func(method, path, body string) *Response {
		since := time.Now()
		_, _ = conn.Write([]byte(t.Head(method, path, Body(body)) + body))
		r, err := wire.FinalResponse(reader, method)
		if used && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
			t.Inapplicable("the server closes a connection after an answer")
		}
		if err != nil {
			t.Unanswered(err, since, "the answer to %s %s over a persistent connection", method, path)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			t.Unanswered(err, since, "the body of the answer to %s %s", method, path)
		}
		if used = true; r.Close {
			t.Inapplicable("the server closes a connection after an answer")
		}
		return t.Took(&Response{Status: r.StatusCode, Header: r.Header, Body: string(text), At: time.Now()}, path)
	}
}

// openedOver opens a session over a connection for several requests, by a handshake with that query. It returns the answer to
// the handshake, and the query of further requests.
func openedOver(t *T, connection func(method, path, body string) *Response, handshake string) (r *Response, query string) {
	asked := time.Now()
	r = connection("GET", handshake, "")
	t.Expect(r.Status, "the status of a handshake").To(Equal(200))
	open := t.OpenPacket(protocol.ParsePayload(r.Body)[0])
	t.Begun(open, asked)
	return r, "?EIO=4&transport=polling&sid=" + Escaped(open.SID)
}

// plain returns the decompressed body of an answer.
func plain(t *T, r *Response, allowed string) string {
	t.Expect(r.Status, "the status of the answer").To(Equal(200))
	t.Expect(r.Truncated, "whether the answer was cut off").To(BeFalse())
	switch coding := strings.ToLower(r.Header.Get("Content-Encoding")); coding {
	case "", "identity":
		return r.Body
	case "gzip":
		t.Expect(allowed, "the codings that the client allows, for an answer in gzip").To(ContainSubstring("gzip"))
		reader, err := gzip.NewReader(strings.NewReader(r.Body))
		t.Expect(err, "the body, which is declared as gzip").NotTo(HaveOccurred())
		text, err := io.ReadAll(io.LimitReader(reader, 1<<20))
		t.Expect(err, "the body, which is declared as gzip").NotTo(HaveOccurred())
		return string(text)
	default:
		t.Expect(allowed, "the codings that the client allows, for an answer in %s", coding).To(ContainSubstring(coding))
		t.Inapplicable("the server prefers the coding %s, which the suite cannot read", coding)
		return ""
	}
}

// expectAmong polls until a payload contains the wanted packet. It answers pings.
func expectAmong(t *T, p *Polling, want string, poll func() string) {
	since := time.Now()
	for range 4 {
		for _, packet := range p.Packets(&Response{Body: poll()}) {
			if packet == "2" {
				p.Send("3")
				continue
			}
			if packet == "6" {
				continue
			}
			t.Expect(packet, "the packet over polling").To(MatchPacket(want))
			return
		}
	}
	t.Absent(since, "a message within four polls")
}

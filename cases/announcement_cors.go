package cases

import (
	"net/http"
	"strings"

	. "example.test/conformance/suite"
	. "github.com/onsi/gomega"
)

// The contract recommends CORS for any origin. It does not say whether the answer names the origin or all origins, or
// whether credentials are allowed. So these rules are Recommended, and accept what a browser may accept by the Fetch
// standard (https://fetch.spec.whatwg.org/#http-cors-protocol). They apply only if the application allows pages of other
// origins anything at all: it may allow none, or only those that it knows.

// otherOrigin is the origin of a page that the server does not serve.
const otherOrigin = "http://other.example"

var conforming = Needs{Application: true}

// sharing ends a case if the target allows nothing to pages of other origins.
func sharing(t *T) { t.Requires(CORSAbility) }

// shared expects that a page of an origin may read an answer.
func shared(t *T, header http.Header, of string) {
	t.Expect(header.Values("Access-Control-Allow-Origin"), "Access-Control-Allow-Origin of %s", of).To(
		Or(Equal([]string{"*"}), Equal([]string{t.Draw(otherOrigin)})))
}

var _ = Add(
	Case{
		ID: "headers/cors-on-each-answer", Level: Required, Rules: rules(sharedWithinSessions), Needs: conforming,
		Title: "lets a page of another origin read every answer of a polling session",
		Run: func(t *T) {
			sharing(t)
			origin := Header("Origin", t.Draw(otherOrigin))
			p := t.Polling(origin)
			shared(t, p.Handshake.Header, "the handshake")
			shared(t, p.POST("40", origin).Header, "a POST")
			shared(t, p.GET(origin).Header, "a poll")
		},
	},
	Case{
		ID: "headers/cors-on-refusals", Level: Recommended, Rules: rules(sharedRefusals), Needs: conforming,
		Title: "lets a page of another origin read why its request is refused",
		Run: func(t *T) {
			sharing(t)
			paths := []string{t.Draw("?EIO=4&transport=polling&sid=never-was"), t.Draw("?EIO=4&transport=carrier-pigeon"), "?EIO=3&transport=polling"}
			if t.Info(0).Declares(AllowRequest) {
				paths = append(paths, t.Draw("?EIO=4&transport=polling&deny=turned-away"))
			}
			for _, path := range paths {
				r := t.GET(path, Header("Origin", t.Draw(otherOrigin)))
				if speaksProtocol3(t, r) {
					continue
				}
				t.Expect(r.Status, "the status of the answer").To(BeNumerically(">=", 400))
				shared(t, r.Header, "the refusal of "+path)
			}
		},
	},
	Case{
		ID: "headers/cors-on-failed-requests", Level: Recommended, Rules: rules(sharedRefusals), Needs: conforming, Since: "4.5",
		Title: "lets a page of another origin read that its POST was too large, or that its poll was the second of two at once",
		Run: func(t *T) {
			sharing(t)
			origin := Header("Origin", t.Draw(otherOrigin))
			p := joined(t, OverPolling).Polling
			boundedPayload(t, p.Open)
			large, err := p.StartPOST("4"+strings.Repeat("x", int(p.Open.MaxPayload)), origin).Outcome(t.Tolerance().Patience)
			if err == nil { // a server may close the connection before it has read everything
				shared(t, large.Header, "a POST that is too large")
			}
			idle(t, p)
			second := p.GET(origin)
			shared(t, second.Header, "the second of two polls at once")
		},
	},
	Case{
		ID: "headers/cors-on-websocket-handshake", Level: Recommended, Rules: rules(sharedWebSockets), Needs: conforming, Since: "4.6",
		Title: "sends the CORS headers also with the 101 of a WebSocket handshake",
		Run: func(t *T) {
			sharing(t)
			origin := Header("Origin", t.Draw(otherOrigin))
			shared(t, t.WebSocket(origin).ResponseHeader(), "the 101 of a session")
			p := t.Polling(origin)
			w, r := t.Upgrade("?EIO=4&transport=websocket&sid="+Escaped(p.SID), origin)
			t.Expect(w, "the WebSocket of the upgrade").NotTo(BeNil())
			shared(t, r.Header, "the 101 of an upgrade")
		},
	},
	Case{
		ID: "headers/cors-beside-the-hooks", Level: Recommended, Rules: rules(hooksAddToTheAnswer, sharedWithinSessions), Needs: bothHooks,
		Title: "sends what the hooks set along with the CORS headers",
		Run: func(t *T) {
			sharing(t)
			mark := t.Mark()
			p := t.Polling(Marked(mark), Header("Origin", t.Draw(otherOrigin)))
			shared(t, p.Handshake.Header, "the handshake")
			t.Expect(p.Handshake.Header.Get("x-initial"), "the header that initial_headers set").To(Equal(mark))
			t.Expect(p.Handshake.Header.Get("x-each"), "the header that headers set").To(Equal(mark))
			r := t.POST(marked(p.Query(), mark), "40", Header("Origin", t.Draw(otherOrigin)))
			shared(t, r.Header, "a POST")
			t.Expect(r.Header.Get("x-each"), "the header that headers set").To(Equal(mark))
		},
	},
	Case{
		ID: "headers/cors-beside-the-hooks-over-websocket", Level: Recommended, Rules: rules(hooksAddToTheAnswer, sharedWebSockets), Needs: bothHooks, Since: "4.6",
		Title: "sends what the hooks set along with the CORS headers also with the 101 of a WebSocket handshake",
		Run: func(t *T) {
			sharing(t)
			origin, mark := Header("Origin", t.Draw(otherOrigin)), t.Mark()
			header := t.WebSocket(Marked(mark), origin).ResponseHeader()
			shared(t, header, "the 101 of a session")
			t.Expect(header.Get("x-initial"), "the header that initial_headers set").To(Equal(mark))
			t.Expect(header.Get("x-each"), "the header that headers set").To(Equal(mark))
			mark = t.Mark()
			w, r := t.Upgrade("?EIO=4&transport=websocket&sid="+Escaped(t.Polling(origin).SID)+"&mark="+mark, origin)
			t.Expect(w, "the WebSocket of the upgrade").NotTo(BeNil())
			shared(t, r.Header, "the 101 of an upgrade")
			t.Expect(r.Header.Get("x-each"), "the header that headers set for an upgrade").To(Equal(mark))
		},
	},
	Case{
		ID: "headers/cors-allows-what-is-asked-for", Level: Recommended, Rules: rules(preflightsAreAnswered), Needs: conforming,
		Title: "allows the headers that a preflight request asks for",
		Run: func(t *T) {
			sharing(t)
			r := preflight(t, "?EIO=4&transport=polling")
			var allowed []string
			for _, line := range r.Header.Values("Access-Control-Allow-Headers") {
				for _, name := range strings.Split(strings.ToLower(line), ",") {
					allowed = append(allowed, strings.TrimSpace(name))
				}
			}
			t.Expect(allowed, "the headers that are allowed").To(Or(ContainElement("*"), ContainElements("content-type", "x-of-the-page")))
		},
	},
	Case{
		ID: "headers/cors-preflight-is-not-checked", Level: Recommended, Rules: rules(preflightsAreAnswered), Needs: conforming,
		Title: "answers a preflight request whether or not the request that follows will succeed",
		Run: func(t *T) {
			sharing(t)
			for _, path := range []string{t.Draw("?EIO=4&transport=polling&sid=never-was"), t.Draw("?EIO=4&transport=carrier-pigeon"), ""} {
				preflight(t, path)
			}
		},
	},
	Case{
		ID: "headers/cors-credentials-of-a-named-origin", Level: Recommended, Rules: rules(credentialsOfNamedOrigins), Needs: conforming,
		Title: "names the origin if it allows credentials: browsers do not accept an asterisk then",
		Run: func(t *T) {
			sharing(t)
			origin := Header("Origin", t.Draw(otherOrigin))
			p := t.Polling(origin)
			for of, header := range map[string]http.Header{
				"the handshake": p.Handshake.Header, "a POST": p.POST("40", origin).Header, "a preflight": preflight(t, "?EIO=4&transport=polling").Header,
			} {
				if header.Get("Access-Control-Allow-Credentials") == "true" {
					t.Expect(header.Get("Access-Control-Allow-Origin"), "Access-Control-Allow-Origin of %s, which allows credentials", of).To(Equal(t.Draw(otherOrigin)))
				}
			}
		},
	},
	Case{
		ID: "headers/cors-varies-with-the-origin", Level: Recommended, Rules: rules(varyingWithOrigins), Needs: conforming,
		Title: "says that the answer varies with the origin if it names the origin",
		Run: func(t *T) {
			header := t.Polling(Header("Origin", t.Draw(otherOrigin))).Handshake.Header
			if header.Get("Access-Control-Allow-Origin") == t.Draw(otherOrigin) {
				t.Expect(strings.ToLower(strings.Join(header.Values("Vary"), ",")), "Vary").To(Or(ContainSubstring("origin"), ContainSubstring("*")))
			}
		},
	},
	Case{
		ID: "headers/any-origin-is-served", Level: Recommended, Rules: rules(noOriginRefused), Needs: Needs{Features: []string{ConnectionError}},
		Title: "opens sessions for pages of any origin over both transports, and raises no connection_error",
		Run: func(t *T) {
			o, mark := t.Observe(0), t.Mark()
			for _, origin := range []string{"null", "https://a.example:8443", "file://", "capacitor://localhost", "http://[::1]:3000", "http://xn--bcher-kva.example"} {
				t.Step("a page of the origin %s", origin)
				t.OpenPolling(Marked(mark), Header("Origin", origin))
				t.OpenWebSocket(Marked(mark), Header("Origin", origin))
			}
			none(t, o, mark)
		},
	},
)

// preflight sends the request that a browser makes before a page of another origin may send a POST with its own headers.
func preflight(t *T, path string) *Response {
	r := t.HTTP("OPTIONS", path, Header("Origin", t.Draw(otherOrigin)),
		Header("Access-Control-Request-Method", "POST"), Header("Access-Control-Request-Headers", "content-type,x-of-the-page"))
	t.Expect(r.Status, "the status of the answer to a preflight").To(And(BeNumerically(">=", 200), BeNumerically("<", 300)))
	shared(t, r.Header, "a preflight")
	return r
}

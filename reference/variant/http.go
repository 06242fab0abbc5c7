package variant

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

const (
	anyBody   = "The documents specify the refusal and its status, but not its body."
	anyHeader = "HTTP (RFC 9110) lets a server add header fields; the documents name those that have a meaning."
)

func init() {
	register(
		Variant{
			Name: "http/refusals-with-more-keys", Summary: "adds keys to the body of a refusal",
			Permitted: "The announcement shows code and message, but does not forbid other keys.",
			Apply: refusals(func(a *engineio.Answer) {
				a.Body = []byte(strings.Replace(string(a.Body), "{", `{"requestId":"x","at":1,`, 1))
			}),
		},
		Variant{
			Name: "http/refusals-in-other-words", Summary: "gives the reason of a refusal in words of its own, in the official server's JSON", Permitted: anyBody,
			Apply: refusals(func(a *engineio.Answer) {
				var body map[string]any
				if json.Unmarshal(a.Body, &body) == nil && body["code"] != 4.0 {
					body["message"] = fmt.Sprintf("refused: %v", body["message"])
					a.Body, _ = json.Marshal(body)
				}
			}),
		},
		Variant{
			Name: "http/refusals-with-text", Summary: "refuses with a line of text", Permitted: anyBody,
			Apply: refusals(func(a *engineio.Answer) {
				a.Header.Set("Content-Type", "text/plain")
				a.Body = []byte("this request was refused")
			}),
		},
		Variant{
			Name: "http/refusals-without-a-body", Summary: "refuses with an empty body", Permitted: anyBody,
			Apply: refusals(func(a *engineio.Answer) {
				a.Header.Del("Content-Type")
				a.Body = nil
			}),
		},
		Variant{
			Name: "http/refusals-with-html", Summary: "refuses with an HTML page", Permitted: anyBody,
			Apply: refusals(func(a *engineio.Answer) {
				a.Header.Set("Content-Type", "text/html")
				a.Body = []byte("<!doctype html><title>Bad request</title>")
			}),
		},
		Variant{
			Name: "http/forbidden-with-401", Summary: "answers a request that allowRequest refuses with 401",
			Permitted: "The announcement names code 4 but no status.",
			Apply:     coded(4, 401),
		},
		Variant{
			Name: "http/forbidden-with-400", Summary: "answers a request that allowRequest refuses with 400",
			Permitted: "The announcement names code 4 but no status.",
			Apply:     coded(4, 400),
		},
		Variant{
			Name: "http/more-headers", Summary: "adds headers to each answer", Permitted: anyHeader,
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				a.Header.Set("Server", "odd/1")
				a.Header.Set("X-Powered-By", "odd")
				a.Header.Set("Vary", "Origin")
				a.Header.Add("Set-Cookie", "route=a; Path=/; HttpOnly")
				a.Header.Add("Set-Cookie", "io=b; Path=/; SameSite=Lax")
			}),
		},
		Variant{
			Name: "http/cache-control", Summary: "forbids caching with several headers", Permitted: anyHeader,
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				a.Header.Set("Cache-Control", "no-store, no-cache, must-revalidate")
				a.Header.Set("Pragma", "no-cache")
				a.Header.Set("Expires", "0")
			}),
		},
		Variant{
			Name: "http/connection-close", Summary: "closes the connection after each answer",
			Permitted: "HTTP (RFC 9112, section 9.6) lets a server close a connection after any answer.",
			Apply:     answers(func(_ *http.Request, a *engineio.Answer) { a.Header.Set("Connection", "close") }),
		},
		Variant{
			Name: "http/text-without-a-charset", Summary: "sends payloads as text/plain without a charset",
			Permitted: "The document has text/plain; charset=UTF-8 in examples, and says that plain text may be inferred.",
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				if a.On == engineio.PollAnswer || a.On == engineio.HandshakeAnswer {
					a.Header.Set("Content-Type", "text/plain")
				}
			}),
		},
		Variant{
			Name: "http/charset-in-lower-case", Summary: "writes the content type as text/plain;charset=utf-8",
			Permitted: "The names of media types and charsets do not depend on case, and white space is optional (RFC 9110, section 8.3).",
			Apply: answers(func(_ *http.Request, a *engineio.Answer) {
				if a.On == engineio.PollAnswer || a.On == engineio.HandshakeAnswer {
					a.Header.Set("Content-Type", "text/plain;charset=utf-8")
				}
			}),
		},
		Variant{
			Name: "http/ok-as-plain-text", Summary: "sends the answer ok to a POST as text/plain",
			Permitted: "The document asks for 200 and the body ok, but names no content type.",
			Apply:     okAs("text/plain"),
		},
		Variant{
			Name: "http/chunked-answers", Summary: "sends its answers in chunks",
			Permitted: "HTTP (RFC 9112, section 7.1) lets a server send a body in chunks.",
			Apply: override.Engine(func(rules *engineio.Rules) {
				rules.Headers = override.Length(rules.Headers, func(_ *http.Request, a *engineio.Answer) {
					a.Header.Del("Content-Length")
					a.Header.Set("Transfer-Encoding", "chunked")
				})
			}),
		},
		Variant{
			Name: "http/sids-that-a-query-escapes", Summary: "gives sessions IDs with characters that a query must escape",
			Permitted: "The document says that sid is a string but nothing about its characters; clients escape them.",
			Apply: override.Engine(func(rules *engineio.Rules) {
				rules.Handshake = override.SessionID(rules.Handshake, func(id string) string { return "a+b/c=&%20#" + id })
			}),
		},
		Variant{
			Name: "http/short-sids", Summary: "numbers its sessions",
			Permitted: "The document says that sid is a string but nothing about its length.",
			Apply: override.Engine(func(rules *engineio.Rules) {
				n := counter()
				rules.Handshake = override.SessionID(rules.Handshake, func(string) string { return fmt.Sprint(n()) })
			}),
		},
		Variant{
			Name: "http/long-sids", Summary: "gives sessions IDs of 500 characters",
			Permitted: "The document says that sid is a string but nothing about its length.",
			Apply: override.Engine(func(rules *engineio.Rules) {
				rules.Handshake = override.SessionID(rules.Handshake, func(id string) string { return id + strings.Repeat("x", 500-len(id)) })
			}),
		},
		Variant{
			Name: "http/odd-socket-ids", Summary: "gives sockets IDs with quotes, slashes and non-ASCII letters",
			Permitted: "The document says that sid is a string but nothing about its characters.",
			Apply: override.SocketIO(func(rules *reference.Rules) {
				rules.Connect = override.SocketID(rules.Connect, func(_ client, _, id string) string { return `ä/"\` + id })
			}),
		},
		Variant{
			Name: "http/another-upgrade-offered", Summary: "offers an upgrade to webtransport as well",
			Permitted: "The document says that upgrades is a list of available upgrades; clients use those that they know.",
			Apply: openPacket(func(text string) string {
				return strings.Replace(text, `["websocket"]`, `["webtransport","websocket"]`, 1)
			}),
		},
	)
}

// refusals changes the answers that refuse a request.
func refusals(change func(*engineio.Answer)) func(*application.Options) {
	return answers(func(_ *http.Request, a *engineio.Answer) {
		if a.On == engineio.RefusalAnswer {
			change(a)
		}
	})
}

// coded changes the status of refusals whose body has that code.
func coded(code, status int) func(*application.Options) {
	return refusals(func(a *engineio.Answer) {
		var body struct{ Code *int }
		if json.Unmarshal(a.Body, &body) == nil && body.Code != nil && *body.Code == code {
			a.Status = status
		}
	})
}

// answers changes each answer over plain HTTP.
func answers(change func(*http.Request, *engineio.Answer)) func(*application.Options) {
	return override.Engine(func(rules *engineio.Rules) { rules.Headers = override.Answer(rules.Headers, change) })
}

// okAs sends the answer ok to a POST with that content type.
func okAs(contentType string) func(*application.Options) {
	return answers(func(_ *http.Request, a *engineio.Answer) {
		if a.On == engineio.PostAnswer {
			a.Header.Set("Content-Type", contentType)
		}
	})
}

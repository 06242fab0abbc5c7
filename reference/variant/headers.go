package variant

import (
	"bytes"
	"net/http"
	"strings"

	"example.test/conformance/reference/engineio"
)

func init() {
	register(
		headed("http/security-headers", "adds headers that browsers act on", map[string]string{
			"Strict-Transport-Security": "max-age=31536000", "Content-Security-Policy": "default-src 'none'",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "cross-origin",
		}),
		headed("http/long-header", "adds a header of 4000 bytes", map[string]string{"X-Trace": strings.Repeat("abcd", 1000)}),
		headed("http/validators", "adds an ETag and a modification time", map[string]string{
			"ETag": `W/"1"`, "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT", "Cache-Control": "no-store",
		}),
		headed("http/keep-alive-told", "says how long it keeps connections open", map[string]string{"Keep-Alive": "timeout=5, max=100"}),
		headed("http/vary-everything", "says that its answers vary with everything", map[string]string{"Vary": "*"}),
		headed("http/cors-with-more-headers", "exposes more headers to pages, and says for how long", map[string]string{
			"Access-Control-Expose-Headers": "X-Trace", "Access-Control-Max-Age": "600",
		}),
		Variant{
			Name: "http/forbidden-with-404", Summary: "answers a request that allowRequest refuses with 404",
			Permitted: "The announcement names code 4 but no status.",
			Apply:     coded(4, 404),
		},
		Variant{
			Name: "http/ok-as-octets", Summary: "sends the answer ok to a POST as application/octet-stream",
			Permitted: "The document asks for 200 and the body ok, but names no content type.",
			Apply:     okAs("application/octet-stream"),
		},
		Variant{
			Name: "link/headers-without-space", Summary: "writes no space between the name of a header and its value",
			Permitted: "White space around the value of a header field is optional (RFC 9112, section 5).",
			Apply:     lines(func(name, value []byte) []byte { return slicesOf(name, ":", bytes.TrimSpace(value)) }),
		},
		Variant{
			Name: "link/headers-with-much-space", Summary: "writes tabs and spaces around the values of headers",
			Permitted: "White space around the value of a header field is optional (RFC 9112, section 5).",
			Apply:     lines(func(name, value []byte) []byte { return slicesOf(name, ": \t ", bytes.TrimSpace(value), " \t") }),
		},
		Variant{
			Name: "link/headers-in-capitals", Summary: "writes the names of headers in capitals",
			Permitted: "The names of header fields do not depend on case (RFC 9110, section 5.1).",
			Apply:     lines(func(name, value []byte) []byte { return slicesOf(bytes.ToUpper(name), ":", value) }),
		},
		Variant{
			Name: "link/other-reason", Summary: "writes its own reason phrase after the status",
			Permitted: "A client should ignore the reason phrase (RFC 9112, section 4).",
			Apply:     reasoned("As You Like It"),
		},
		Variant{
			Name: "link/no-reason", Summary: "writes no reason phrase after the status",
			Permitted: "The reason phrase may be empty (RFC 9112, section 4).",
			Apply:     reasoned(""),
		},
	)
}

func headed(name, summary string, headers map[string]string) Variant {
	return Variant{
		Name: name, Summary: summary, Permitted: anyHeader,
		Apply: answers(func(_ *http.Request, a *engineio.Answer) {
			for name, value := range headers {
				a.Header.Set(name, value)
			}
		}),
	}
}

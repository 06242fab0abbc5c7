package cases

import (
	"bufio"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
	. "github.com/onsi/gomega"
)

// Different HTTP forms of the same request.

// codings are values of Accept-Encoding, with the codings that they allow.
var codings = []struct {
	slug, what string
	accept     []string
	allowed    []string
}{
	{"deflate-alone", "with deflate in the zlib format, if at all, when the client allows no other coding", []string{"deflate", "deflate;q=0.5", "DEFLATE"}, []string{"deflate"}},
	{"gzip-alone", "with gzip, if at all, when the client allows no other coding", []string{"gzip;q=0.001", "GZIP", "identity;q=0.1, gzip"}, []string{"gzip"}},
	{"refused", "only if the client names a coding with a weight above 0", []string{
		"gzip;q=0, deflate;q=0", "*;q=0", "identity;q=1, *;q=0", "gzip;q=0.000,deflate; q=0", "identity", "",
	}, nil},
}

var _ = func() struct{} {
	for _, one := range codings {
		Add(Case{
			ID: "encoding/compressed-" + one.slug, Level: Recommended, Rules: rules(compressionIsDeclared), Needs: variadicEcho,
			Title: "compresses the answer to a poll " + one.what,
			Run: func(t *T) {
				text := strings.Repeat("0123456789é", fitting(t, 5_000)/len("0123456789é"))
				c := t.Client(OverPolling)
				c.Connect("/")
				for n, accept := range one.accept {
					t.Step("message %d to a client that allows %q", n, accept)
					c.Polling.Send(fmt.Sprintf(`42["message",%d,%q]`, n, text))
					expectAmong(t, c.Polling, fmt.Sprintf(`42["message-back",%d,%q]`, n, text), func() string {
						return decoded(t, c.Polling.GET(Header("Accept-Encoding", accept)), one.allowed)
					})
				}
			},
		})
	}
	return struct{}{}
}()

// decoded returns the decompressed body of an answer, which may use one of the allowed codings.
func decoded(t *T, r *Response, allowed []string) string {
	t.Expect(r.Status, "the status of the answer").To(Equal(200))
	t.Expect(r.Truncated, "whether the answer was cut off").To(BeFalse())
	coding := strings.ToLower(r.Header.Get("Content-Encoding"))
	if coding == "" || coding == "identity" {
		return r.Body
	}
	t.Expect(slices.Contains(allowed, coding), "whether the client allows the coding %s", coding).To(BeTrue())
	var reader io.Reader
	var err error
	if coding == "gzip" {
		reader, err = gzip.NewReader(strings.NewReader(r.Body))
	} else { // the zlib format, not raw deflate (RFC 9110, section 8.4.1.2)
		reader, err = zlib.NewReader(strings.NewReader(r.Body))
	}
	t.Expect(err, "the body, which is declared as %s", coding).NotTo(HaveOccurred())
	text, err := io.ReadAll(io.LimitReader(reader, 1<<20))
	t.Expect(err, "the body, which is declared as %s", coding).NotTo(HaveOccurred())
	return string(text)
}

var _ = Add(
	Case{
		ID: "handshake/parameters-escaped", Level: Recommended, Rules: rules(escapedParametersCount),
		Title: "reads parameters with characters that are escaped unnecessarily",
		Run: func(t *T) {
			r := t.GET("?EIO=%34&transport=%70oll%69ng")
			t.Expect(r.Status, "the status of the answer to the handshake").To(Equal(200))
			p := t.Polling()
			escaped := ""
			for _, b := range []byte(p.SID) {
				escaped += fmt.Sprintf("%%%02X", b)
			}
			r = t.POST("?EIO=4&transport=polling&s%69d="+escaped, "3")
			t.Expect(r.Status, "the status of the answer to a POST whose sid is escaped").To(Equal(200))
		},
	},
	Case{
		ID: "handshake/over-http-1-0", Level: Recommended, Rules: rules(olderHTTPIsAnswered),
		Title: "opens a session for an HTTP/1.0 request, and ends the answer by its length or by closing the connection",
		Run: func(t *T) {
			asked := time.Now()
			r := rewritten(t, "?EIO=4&transport=polling", func(head string) string {
				return strings.Replace(head, " HTTP/1.1\r\n", " HTTP/1.0\r\n", 1)
			})
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Begun(t.OpenPacket(protocol.ParsePayload(r.Body)[0]), asked)
		},
	},
	Case{
		ID: "handshake/target-in-absolute-form", Level: Observed, Rules: rules(absoluteFormIsTaken),
		Title: "opens a session for a request whose target is a whole URL",
		Run: func(t *T) {
			asked := time.Now()
			r := rewritten(t, "?EIO=4&transport=polling", func(head string) string {
				_, authority, _ := strings.Cut(head, "Host: ")
				authority, _, _ = strings.Cut(authority, "\r\n")
				return strings.Replace(head, "GET /", "GET http://"+authority+"/", 1)
			})
			t.Answer("it answers %d", r.Status)
			t.Expect(r.Status, "the status of the answer").To(Equal(200))
			t.Begun(t.OpenPacket(protocol.ParsePayload(r.Body)[0]), asked)
		},
	},
)

// rewritten sends a GET with a head that the case has changed, and reads the answer to its end.
func rewritten(t *T, path string, change func(head string) string) *Response {
	conn, since := t.TCP(), time.Now()
	_, _ = conn.Write([]byte(change(t.Head("GET", path))))
	r := finalAnswer(t, bufio.NewReader(conn), "GET", since, "the answer to the GET of %s", path)
	defer r.Body.Close()
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		t.Unanswered(err, since, "the body of the answer to the GET of %s", path)
	}
	return t.Took(&Response{Status: r.StatusCode, Header: r.Header, Body: string(body), At: time.Now()}, path)
}

// finalAnswer reads the head of the answer to a request that the case has written since that time. The subject names the
// answer.
func finalAnswer(t *T, r *bufio.Reader, method string, since time.Time, subject string, args ...any) *http.Response {
	answer, err := wire.FinalResponse(r, method)
	if err != nil {
		t.Unanswered(err, since, subject, args...)
	}
	return answer
}

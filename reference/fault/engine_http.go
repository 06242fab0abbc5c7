package fault

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
)

// Faults of how a session over polling uses HTTP: connections, bodies in pieces, lengths, compression and cookies.
func init() {
	register(
		engine("polling/session-of-the-connection", "the first session of a TCP connection gets all its requests", func(d *engineio.Departures) {
			var first sync.Map
			d.Query = func(r *http.Request, q url.Values) {
				if sid := q.Get("sid"); sid != "" && q.Get("transport") == engineio.Polling {
					was, _ := first.LoadOrStore(r.RemoteAddr, sid)
					q.Set("sid", was.(string))
				}
			}
		}),
		engine("polling/handshake-of-the-connection", "a second handshake over a TCP connection is answered as the first was", func(d *engineio.Departures) {
			var answers sync.Map
			d.Answer = func(r *http.Request, a *engineio.Answer) {
				if a.Kind == engineio.HandshakeAnswer {
					was, _ := answers.LoadOrStore(r.RemoteAddr, a.Body)
					a.Body = was.([]byte)
				}
			}
		}),
		engine("polling/body-decoder-of-all-sessions", "a character that a piece of a POST cuts in two is completed by the next piece of any POST", func(d *engineio.Departures) {
			shared := &pieces{}
			d.BodyReader = func(_ *http.Request, from io.Reader) io.Reader { return reading(shared.from(from)) }
		}),
		engine("polling/broken-packet-among-others-forgiven", "what is no packet is ignored in a payload that has others", func(d *engineio.Departures) {
			d.BrokenPacket = func(transport string, body []byte) bool {
				return transport == engineio.Polling && bytes.IndexByte(body, '\x1e') > 0
			}
		}),
		engine("polling/empty-packets-passed-over", "empty packets of a payload are passed over", func(d *engineio.Departures) {
			d.Body = onPolling(func(b []byte) []byte {
				return bytes.Join(bytes.FieldsFunc(b, func(c rune) bool { return c == '\x1e' }), []byte{'\x1e'})
			})
		}),
		incoming("encoding/large-messages-overtaken", "a large message of a client is acted on behind the next one", "", func() func(*engineio.Session, []engineio.Packet) []engineio.Packet {
			var large perSession[[]engineio.Packet]
			return func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				kept := large.of(s)
				if len(packets) == 1 && len(packets[0].Data) > 20_000 {
					*kept = append(*kept, packets...)
					return nil
				}
				packets = append(packets, *kept...)
				*kept = nil
				return packets
			}
		}()),
		engine("encoding/text-decoded-twice", "what is UTF-8 again once it is decoded is decoded again", func(d *engineio.Departures) {
			d.Body = func(_ string, body []byte) []byte {
				if again := latin1(body); !bytes.Contains(again, []byte("?")) && utf8.Valid(again) {
					return again
				}
				return body
			}
		}),
		engine("encoding/text-as-in-forms", "the body of a POST is decoded as that of a form", func(d *engineio.Departures) {
			d.Body = onPolling(func(b []byte) []byte {
				if text, err := url.QueryUnescape(string(b)); err == nil {
					return []byte(text)
				}
				return b
			})
		}),
		engine("encoding/base64-in-lines", "binary packets over polling are broken into lines of 76 characters, as in mail", func(d *engineio.Departures) {
			d.Payload = func(b []byte) []byte {
				return eachBinary(b, func(s string) string {
					var lines []string
					for ; len(s) > 76; s = s[76:] {
						lines = append(lines, s[:76])
					}
					return strings.Join(append(lines, s), "\r\n")
				})
			}
		}),
		compressing("encoding/compressed-unasked", "answers to polls are compressed, whether the client allows it or not", false, func(a *engineio.Answer, _ []byte) {}),
		compressing("encoding/compressed-cut-short", "a compressed answer is cut short", true, func(a *engineio.Answer, _ []byte) {
			a.Body = truncated(a.Body, len(a.Body)*3/4)
		}),
		compressing("encoding/compressed-under-another-name", "an answer that is compressed with deflate is declared as gzip", true, func(a *engineio.Answer, text []byte) {
			var b bytes.Buffer
			w, _ := flate.NewWriter(&b, flate.DefaultCompression)
			_, _ = w.Write(text)
			_ = w.Close()
			a.Body = b.Bytes()
		}),
		answers("headers/each-never-on-compressed-polls", "what headers sets is not sent to a client that allows compression", func(r *http.Request, a *engineio.Answer) {
			if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				a.Header.Del("X-Each")
			}
		}),
		inVerification("websocket/upgrade-headers-compared-whole", "the headers Upgrade and Connection of a WebSocket handshake must be written exactly as in the examples", func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal == nil && websocket.IsWebSocketUpgrade(r) && (r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade") {
				return refused(engineio.BadRequest, "name", "TRANSPORT_HANDSHAKE_ERROR")
			}
			return refusal
		}),
		inAnswers("handshake/caching-allowed", "the answer to a handshake does not forbid caching", engineio.HandshakeAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Del("Cache-Control") }),
		engine("handshake/cookie-names-the-session", "a cookie with a session's ID stands for the sid of a handshake", func(d *engineio.Departures) {
			d.Query = func(r *http.Request, q url.Values) {
				if c, err := r.Cookie("io"); err == nil && !q.Has("sid") {
					q.Set("sid", c.Value)
				}
			}
		}),
		engine("handshake/sids-given-again", "the ID of a session that its client has closed is given to the next one", func(d *engineio.Departures) {
			free := make(chan string, 1000)
			d.Incoming = func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
				for _, p := range packets {
					if p.Type == engineio.Close && transport == engineio.Polling {
						id := s.ID()
						go func() { free <- id }()
					}
				}
				return packets
			}
			d.SessionID = func(id string) string {
				select {
				case again := <-free:
					return again
				default:
					return id
				}
			}
		}),
	)
}

// reading is an io.Reader.
type reading func([]byte) (int, error)

func (f reading) Read(b []byte) (int, error) { return f(b) }

// pieces keeps the first bytes of a character whose last ones have not come, for whoever reads next.
type pieces struct {
	mu   sync.Mutex
	kept []byte
}

func (k *pieces) from(r io.Reader) func([]byte) (int, error) {
	return func(b []byte) (int, error) {
		n, err := r.Read(b[:max(len(b)-utf8.UTFMax, 1)])
		if n == 0 {
			return n, err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		text := append(bytes.Clone(k.kept), b[:n]...)
		whole := len(text)
		for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
			if start := text[len(text)-back:]; utf8.RuneStart(start[0]) {
				if !utf8.FullRune(start) {
					whole -= back
				}
				break
			}
		}
		k.kept = bytes.Clone(text[whole:])
		return copy(b, text[:whole]), err
	}
}

// compressing makes a fault of a server that compresses answers to polls: the change comes after.
func compressing(name, summary string, asked bool, change func(a *engineio.Answer, plain []byte)) Fault {
	return inAnswers(name, summary, engineio.PollAnswer, func(r *http.Request, a *engineio.Answer) {
		allowed := r.Header.Get("Accept-Encoding")
		if len(a.Body) < 1024 || asked && (!strings.Contains(allowed, "gzip") || strings.Contains(allowed, "q=0")) {
			return
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(a.Body)
		_ = w.Close()
		a.Header.Set("Content-Encoding", "gzip")
		text := a.Body
		a.Body = b.Bytes()
		change(a, text)
	})
}

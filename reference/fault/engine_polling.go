package fault

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"example.test/conformance/reference/engineio"
)

func init() {
	register(
		inAnswers("polling/post-answered-with-nothing", "a POST is answered with an empty body", engineio.PostAnswer, func(_ *http.Request, a *engineio.Answer) { a.Body = nil }),
		inAnswers("polling/post-answered-with-204", "a POST is answered with 204", engineio.PostAnswer, func(_ *http.Request, a *engineio.Answer) { a.Status, a.Body = http.StatusNoContent, nil }),
		inAnswers("polling/post-answered-with-json", "a POST is answered with ok as a JSON string", engineio.PostAnswer, func(_ *http.Request, a *engineio.Answer) { a.Body = []byte(`"ok"`) }),
		inAnswers("polling/post-as-html", "the answer to a POST is declared as HTML", engineio.PostAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Set("Content-Type", "text/html") }),
		inAnswers("polling/caching-allowed", "answers to polls do not forbid caching", engineio.PollAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Del("Cache-Control") }),
		inAnswers("polling/octets", "answers to polls have the Content-Type of octets", engineio.PollAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Set("Content-Type", "application/octet-stream") }),
		engine("polling/overlap-allowed", "two polls, or two POSTs, at once are allowed", func(d *engineio.Departures) { d.IgnoreOverlap = true }),
		engine("polling/overlap-spares-the-session", "the second of two polls at once is refused, but the session goes on", func(d *engineio.Departures) { d.OverlapSpares = true }),
		engine("polling/aborted-poll-forgiven", "a poll or a POST that the client breaks off leaves the session as it is", func(d *engineio.Departures) { d.IgnoreAbort = true }),
		engine("polling/oversize-ends-the-session", "a POST that is too large ends the session", func(d *engineio.Departures) { d.OversizeEnds = true }),
		engine("polling/no-limit", "a POST may be ten times as large as maxPayload says", func(d *engineio.Departures) { d.MaxPayload = func(n int64) int64 { return 10 * n } }),
		engine("polling/limit-off-by-one", "a payload of exactly maxPayload bytes is too large", func(d *engineio.Departures) { d.MaxPayload = func(n int64) int64 { return n - 1 } }),
		engine("polling/close-packet-ignored", "the client's close packet is ignored", func(d *engineio.Departures) { d.IgnoreClose = true }),
		engine("polling/sessions-outlive-their-end", "a session that is over is still known, and polls of it are answered", func(d *engineio.Departures) { d.SessionOutlives = true }),
		engine("polling/unknown-session-opens-one", "a poll with an unknown sid opens a session", func(d *engineio.Departures) {
			d.Verified = func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal != nil && refusal.Code == engineio.SessionUnknown && r.Method == http.MethodGet && q.Get("transport") == engineio.Polling {
					return nil
				}
				return refusal
			}
		}),
		engine("polling/one-packet-an-answer", "an answer to a poll holds one packet only, and the others are lost", func(d *engineio.Departures) {
			d.Payload = func(b []byte) []byte {
				first, _, _ := bytes.Cut(b, []byte{'\x1e'})
				return first
			}
		}),
		engine("polling/trailing-separator", "a separator follows each packet of a payload, the last one too", func(d *engineio.Departures) {
			d.Payload = func(b []byte) []byte { return append(b, '\x1e') }
		}),
		engine("polling/newline-separator", "the packets of a payload are separated by newlines", func(d *engineio.Departures) {
			d.Payload = func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{'\x1e'}, []byte{'\n'}) }
		}),
		engine("polling/payload-reversed", "the packets of a payload come in reverse order", func(d *engineio.Departures) {
			d.Payload = func(b []byte) []byte {
				packets := bytes.Split(b, []byte{'\x1e'})
				slices.Reverse(packets)
				return bytes.Join(packets, []byte{'\x1e'})
			}
		}),
		engine("polling/payload-length-prefixed", "payloads are length-prefixed, as in protocol version 3", func(d *engineio.Departures) {
			d.Payload = func(b []byte) []byte {
				return append(strconv.AppendInt(nil, int64(len(b)), 10), append([]byte(":"), b...)...)
			}
		}),
		engine("polling/first-packet-of-a-post-only", "only the first packet of a POST is read", func(d *engineio.Departures) {
			d.Body = onPolling(func(b []byte) []byte {
				first, _, _ := bytes.Cut(b, []byte{'\x1e'})
				return first
			})
		}),
		engine("polling/post-is-one-packet", "a POST is taken for a single packet, separators included", func(d *engineio.Departures) {
			d.Body = onPolling(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{'\x1e'}, []byte(" ")) })
		}),
		engine("polling/broken-packet-forgiven", "what is no packet is ignored over polling", func(d *engineio.Departures) {
			d.BrokenPacket = func(transport string, _ []byte) bool { return transport == engineio.Polling }
		}),
		engine("polling/empty-post-forgiven", "an empty POST is ignored", func(d *engineio.Departures) {
			d.BrokenPacket = func(_ string, body []byte) bool { return len(body) == 0 }
		}),
		outgoing("polling/noise-before-messages", "a noop precedes each message over polling", engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			if len(packets) > 0 && isMessage(packets[0]) {
				return append([]engineio.Packet{{Type: engineio.Noop}}, packets...)
			}
			return packets
		}),
		outgoing("polling/last-buffered-packet-lost", "of several packets that wait for a poll the last is lost", engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
			if len(packets) > 1 {
				return packets[:len(packets)-1]
			}
			return packets
		}),
		engine("encoding/characters-for-bytes", "the Content-Length counts characters in place of bytes", func(d *engineio.Departures) {
			d.Written = func(_ *http.Request, a *engineio.Answer) {
				if n := len([]rune(string(a.Body))); n < len(a.Body) {
					a.Body = a.Body[:n]
					a.Header.Set("Content-Length", strconv.Itoa(n))
				}
			}
		}),
		engine("encoding/latin-1-in", "what clients send over polling is read as ISO 8859-1", func(d *engineio.Departures) {
			d.Body = onPolling(func(b []byte) []byte {
				var text []rune
				for _, c := range b {
					text = append(text, rune(c))
				}
				return []byte(string(text))
			})
		}),
		engine("encoding/latin-1-out", "payloads are written in ISO 8859-1", func(d *engineio.Departures) { d.Payload = latin1 }),
		outgoing("encoding/astral-characters-lost", "characters of four bytes are written as question marks", "", mapped(func(p engineio.Packet) engineio.Packet {
			if !p.Binary {
				p.Data = bytes.Map(func(c rune) rune {
					if c > 0xffff {
						return '?'
					}
					return c
				}, p.Data)
			}
			return p
		})),
		engine("encoding/base64-without-padding", "binary packets over polling have no padding", func(d *engineio.Departures) {
			d.Payload = func(b []byte) []byte {
				return eachBinary(b, func(s string) string { return string(bytes.TrimRight([]byte(s), "=")) })
			}
		}),
		engine("encoding/base64-for-urls", "binary packets over polling are in the URL alphabet of base64", func(d *engineio.Departures) {
			d.Payload = func(b []byte) []byte {
				return eachBinary(b, func(s string) string {
					data, _ := base64.StdEncoding.DecodeString(s)
					return base64.URLEncoding.EncodeToString(data)
				})
			}
		}),
		engine("encoding/binary-with-type-digit", "binary packets over polling begin with b4, as in protocol version 3", func(d *engineio.Departures) {
			d.Payload = func(b []byte) []byte { return eachBinary(b, func(s string) string { return "4" + s }) }
		}),
		incoming("encoding/binary-as-text-from-polling", "a binary packet over polling is taken for text", engineio.Polling, mapped(func(p engineio.Packet) engineio.Packet {
			if p.Binary {
				p.Binary = false
			}
			return p
		})),
		incoming("encoding/binary-truncated-at-nul", "a binary message ends at its first zero byte", "", mapped(func(p engineio.Packet) engineio.Packet {
			if p.Binary {
				p.Data, _, _ = bytes.Cut(p.Data, []byte{0})
			}
			return p
		})),
		outgoing("encoding/large-messages-truncated", "messages are cut at 64 KiB", "", mapped(func(p engineio.Packet) engineio.Packet {
			p.Data = truncated(p.Data, 64<<10)
			return p
		})),
	)
}

func onPolling(f func([]byte) []byte) func(string, []byte) []byte {
	return func(transport string, body []byte) []byte {
		if transport == engineio.Polling {
			return f(body)
		}
		return body
	}
}

// eachBinary changes the base64 of each binary packet of a payload.
func eachBinary(payload []byte, change func(string) string) []byte {
	packets := bytes.Split(payload, []byte{'\x1e'})
	for i, p := range packets {
		if bytes.HasPrefix(p, []byte("b")) {
			packets[i] = append([]byte("b"), change(string(p[1:]))...)
		}
	}
	return bytes.Join(packets, []byte{'\x1e'})
}

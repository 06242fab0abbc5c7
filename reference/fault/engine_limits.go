package fault

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"example.test/conformance/reference/engineio"
)

// Faults of what maxPayload counts, and of bodies that come without a length.
func init() {
	register(
		engine("polling/chunked-post-is-empty", "a POST without a Content-Length is taken for an empty one", func(d *engineio.Departures) {
			d.BodyReader = func(r *http.Request, from io.Reader) io.Reader {
				if r.ContentLength < 0 {
					return strings.NewReader("")
				}
				return from
			}
		}),
		engine("polling/chunked-post-without-limit", "a POST without a Content-Length may be of any size", func(d *engineio.Departures) {
			d.BodyReader = func(r *http.Request, from io.Reader) io.Reader {
				if r.ContentLength < 0 {
					return r.Body
				}
				return from
			}
		}),
		engine("polling/limit-in-characters", "maxPayload counts the characters of a POST", func(d *engineio.Departures) {
			d.Size = func(body []byte) int64 { return int64(utf8.RuneCount(body)) }
		}),
		engine("polling/limit-for-each-packet", "maxPayload is for each packet of a POST", func(d *engineio.Departures) {
			d.Size = func(body []byte) (largest int64) {
				for _, packet := range bytes.Split(body, []byte{'\x1e'}) {
					largest = max(largest, int64(len(packet)))
				}
				return largest
			}
		}),
		engine("websocket/limit-in-characters", "maxPayload counts characters, of a WebSocket message, too", func(d *engineio.Departures) {
			var limit atomic.Int64
			d.MaxPayload = func(n int64) int64 {
				limit.Store(n)
				return utf8.UTFMax * n
			}
			d.Size = func(body []byte) int64 { return int64(utf8.RuneCount(body)) }
			d.Incoming = func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
				for _, p := range packets {
					if transport == engineio.WebSocket && !p.Binary && int64(utf8.RuneCount(p.Data)) >= limit.Load() {
						s.Abort("transport error")
					}
				}
				return packets
			}
		}),
	)
}

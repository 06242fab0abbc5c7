package fault

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// unlimitedInChunks limits only POSTs with a Content-Length.
type unlimitedInChunks struct{ engineio.PollingRules }

func (f unlimitedInChunks) Read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength < 0 {
		return io.ReadAll(r.Body)
	}
	return f.PollingRules.Read(w, r, limit)
}

// Faults in how large a POST may be, and in bodies without a length.
func init() {
	register(
		Fault{
			Name:     "polling/oversize-ends-the-session",
			Breaks:   "engine.io/22",
			Sentence: "A POST that is too large ends the session.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Session = override.Ends(rules.Session, true, engineio.Oversize) }),
		},
		Fault{
			Name:     "polling/no-limit",
			Breaks:   "engine.io/22",
			Sentence: "A POST may be ten times as large as maxPayload says.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = override.MaxPayload(rules.Session, func(n int64) int64 { return 10 * n })
			}),
		},
		Fault{
			Name:     "polling/limit-off-by-one",
			Breaks:   "engine.io/23",
			Sentence: "A payload of exactly maxPayload bytes is too large.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = override.MaxPayload(rules.Session, func(n int64) int64 { return n - 1 })
			}),
		},
		Fault{
			Name:     "polling/limit-counts-three-bytes-a-character",
			Breaks:   "engine.io/23",
			Sentence: "A character of two bytes counts as three in a POST.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Polling = override.Size(rules.Polling, func(body []byte) int64 {
					n := int64(len(body))
					for _, b := range body {
						if b >= 0xc0 { // the first byte of such a character
							n++
						}
					}
					return n
				})
			}),
		},
		Fault{
			Name:     "polling/chunked-post-is-empty",
			Breaks:   "robustness/7",
			Sentence: "A POST without a Content-Length is taken for an empty one.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Polling = override.Body(rules.Polling, func(r *http.Request, from io.Reader) io.Reader {
					if r.ContentLength < 0 {
						return strings.NewReader("")
					}
					return from
				})
			}),
		},
		Fault{
			Name:     "polling/chunked-post-without-limit",
			Breaks:   "engine.io/22",
			Sentence: "A POST without a Content-Length may be of any size.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Polling = unlimitedInChunks{rules.Polling} }),
		},
		Fault{
			Name:     "polling/limit-in-characters",
			Breaks:   "engine.io/22",
			Sentence: "maxPayload limits the characters of a POST instead of its bytes.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Polling = override.Size(rules.Polling, func(body []byte) int64 { return int64(utf8.RuneCount(body)) })
			}),
		},
		Fault{
			Name:     "polling/limit-for-each-packet",
			Breaks:   "engine.io/22",
			Sentence: "maxPayload limits each packet of a POST instead of the whole.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Polling = override.Size(rules.Polling, func(body []byte) (largest int64) {
					for _, packet := range bytes.Split(body, []byte{'\x1e'}) {
						largest = max(largest, int64(len(packet)))
					}
					return largest
				})
			}),
		},
	)
}

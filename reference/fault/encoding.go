package fault

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in how payloads and binary messages are written and read.
func init() {
	register(
		Fault{
			Name:     "encoding/characters-for-bytes",
			Breaks:   "engine.io/108",
			Sentence: "The Content-Length counts characters instead of bytes.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Headers = override.Length(rules.Headers, func(_ *http.Request, a *engineio.Answer) {
					if n := len([]rune(string(a.Body))); n < len(a.Body) {
						a.Body = a.Body[:n]
						a.Header.Set("Content-Length", strconv.Itoa(n))
					}
				})
			}),
		},
		Fault{
			Name:     "encoding/latin-1-in",
			Breaks:   "engine.io/105",
			Sentence: "The bodies that clients send over polling are read as ISO 8859-1.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, onPolling(func(b []byte) []byte {
					var text []rune
					for _, c := range b {
						text = append(text, rune(c))
					}
					return []byte(string(text))
				}))
			}),
		},
		Fault{
			Name:     "encoding/latin-1-out",
			Breaks:   "engine.io/105",
			Sentence: "Payloads are written in ISO 8859-1.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Encoding = override.Payload(rules.Encoding, latin1) }),
		},
		Fault{
			Name:     "encoding/astral-characters-lost",
			Breaks:   "engine.io/105",
			Sentence: "Characters of four bytes are written as question marks.",
			Apply: outgoing("", mapped(func(p engineio.Packet) engineio.Packet {
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
		},
		Fault{
			Name:     "encoding/base64-without-padding",
			Breaks:   "engine.io/111",
			Sentence: "Binary packets over polling have no padding.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Payload(rules.Encoding, func(b []byte) []byte {
					return eachBinary(b, func(s string) string { return string(bytes.TrimRight([]byte(s), "=")) })
				})
			}),
		},
		Fault{
			Name:     "encoding/base64-for-urls",
			Breaks:   "engine.io/111",
			Sentence: "Binary packets over polling use the URL alphabet of base64.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Payload(rules.Encoding, func(b []byte) []byte {
					return eachBinary(b, func(s string) string {
						data, _ := base64.StdEncoding.DecodeString(s)
						return base64.URLEncoding.EncodeToString(data)
					})
				})
			}),
		},
		Fault{
			Name:     "encoding/separator-lost-where-a-poll-waits",
			Breaks:   "engine.io/109",
			Sentence: "When a poll has waited for packets, there is no separator between the packets of its answer.",
			Apply: fresh(func() apply {
				var polls sync.Map // when each began, by its request
				return all(inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
					polls.Store(r, time.Now())
					return refusal
				}), inAnswers(engineio.PollAnswer, func(r *http.Request, a *engineio.Answer) {
					if began, ok := polls.LoadAndDelete(r); ok && time.Since(began.(time.Time)) > 20*time.Millisecond {
						a.Body = bytes.ReplaceAll(a.Body, []byte{'\x1e'}, nil)
					}
				}))
			}),
		},
		Fault{
			Name:     "encoding/binary-with-type-digit",
			Breaks:   "engine.io/111",
			Sentence: "Binary packets over polling begin with b4, as in protocol version 3.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Payload(rules.Encoding, func(b []byte) []byte { return eachBinary(b, func(s string) string { return "4" + s }) })
			}),
		},
		Fault{
			Name:     "encoding/binary-as-text-from-polling",
			Breaks:   "engine.io/113",
			Sentence: "A binary packet over polling is taken for text.",
			Apply: incoming(engineio.Polling, mapped(func(p engineio.Packet) engineio.Packet {
				if p.Binary {
					p.Binary = false
				}
				return p
			})),
		},
		Fault{
			Name:     "encoding/binary-truncated-at-nul",
			Breaks:   "engine.io/113",
			Sentence: "A binary message ends at its first zero byte.",
			Apply: incoming("", mapped(func(p engineio.Packet) engineio.Packet {
				if p.Binary {
					p.Data, _, _ = bytes.Cut(p.Data, []byte{0})
				}
				return p
			})),
		},
		Fault{
			Name:     "encoding/large-messages-truncated",
			Breaks:   "engine.io/104",
			Sentence: "Messages are cut at 64 KiB.",
			Apply: outgoing("", mapped(func(p engineio.Packet) engineio.Packet {
				p.Data = truncated(p.Data, 64<<10)
				return p
			})),
		},
		Fault{
			Name:     "encoding/segments-decoded-apart",
			Breaks:   "engine.io/107",
			Sentence: "The text of a WebSocket frame that comes in several TCP segments loses its non-ASCII characters.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.opcode == 1 && f.inPieces {
					f.payload = bytes.Map(func(c rune) rune {
						if c > unicode.MaxASCII {
							return '?'
						}
						return c
					}, f.payload)
				}
			}),
		},
		Fault{
			Name:     "encoding/pieces-decoded-apart",
			Breaks:   "engine.io/107",
			Sentence: "Each piece of a POST is decoded by itself, so that characters split between pieces are lost.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Polling = override.Body(rules.Polling, func(_ *http.Request, from io.Reader) io.Reader {
					return reading(func(b []byte) (int, error) {
						n, err := from.Read(b)
						for rest := b[:n]; len(rest) > 0; {
							c, size := utf8.DecodeRune(rest)
							if c == utf8.RuneError {
								rest[0] = '?'
							}
							rest = rest[size:]
						}
						return n, err
					})
				})
			}),
		},
		Fault{
			Name:     "encoding/large-messages-overtaken",
			Breaks:   "engine.io/104",
			Sentence: "A large message of a client is handled after the next one.",
			Apply: incoming("", func() func(*engineio.Session, []engineio.Packet) []engineio.Packet {
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
		},
		Fault{
			Name:     "encoding/text-decoded-twice",
			Breaks:   "engine.io/102",
			Sentence: "Text that is valid UTF-8 again after decoding is decoded again.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, func(_ string, body []byte) []byte {
					if again := latin1(body); !bytes.Contains(again, []byte("?")) && utf8.Valid(again) {
						return again
					}
					return body
				})
			}),
		},
		Fault{
			Name:     "encoding/text-as-in-forms",
			Breaks:   "engine.io/102",
			Sentence: "The body of a POST is decoded as that of a form.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, onPolling(func(b []byte) []byte {
					if text, err := url.QueryUnescape(string(b)); err == nil {
						return []byte(text)
					}
					return b
				}))
			}),
		},
		Fault{
			Name:     "encoding/base64-in-lines",
			Breaks:   "engine.io/111",
			Sentence: "Binary packets over polling are broken into lines of 76 characters, as in mail.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Payload(rules.Encoding, func(b []byte) []byte {
					return eachBinary(b, func(s string) string {
						var lines []string
						for ; len(s) > 76; s = s[76:] {
							lines = append(lines, s[:76])
						}
						return strings.Join(append(lines, s), "\r\n")
					})
				})
			}),
		},
		Fault{
			Name:     "encoding/compressed-unasked",
			Breaks:   "robustness/6",
			Sentence: "Answers to polls are compressed, whether the client allows it or not.",
			Apply:    compressing(false, func(a *engineio.Answer, _ []byte) {}),
		},
		Fault{
			Name:     "encoding/compressed-cut-short",
			Breaks:   "robustness/6",
			Sentence: "A compressed answer is cut short.",
			Apply: compressing(true, func(a *engineio.Answer, _ []byte) {
				a.Body = truncated(a.Body, len(a.Body)*3/4)
			}),
		},
		Fault{
			Name:     "encoding/compressed-under-another-name",
			Breaks:   "robustness/6",
			Sentence: "An answer that is compressed with deflate is declared as gzip.",
			Apply: compressing(true, func(a *engineio.Answer, text []byte) {
				var b bytes.Buffer
				w, _ := flate.NewWriter(&b, flate.DefaultCompression)
				_, _ = w.Write(text)
				_ = w.Close()
				a.Body = b.Bytes()
			}),
		},
		Fault{
			Name:     "encoding/deflate-without-zlib",
			Breaks:   "robustness/6",
			Sentence: "Answers to clients that allow only deflate are raw deflate data.",
			Apply: deflating(func(accept string) bool { return accept == "deflate" }, func(text []byte) []byte {
				var b bytes.Buffer
				w, _ := flate.NewWriter(&b, flate.DefaultCompression)
				_, _ = w.Write(text)
				_ = w.Close()
				return b.Bytes()
			}),
		},
		Fault{
			Name:     "encoding/weights-of-all-codings-unread",
			Breaks:   "robustness/6",
			Sentence: "Answers are compressed although an asterisk gives every coding the weight 0.",
			Apply:    deflating(func(accept string) bool { return strings.Contains(accept, "*") }, zlibbed),
		},
		Fault{
			Name:     "encoding/weights-behind-a-space-unread",
			Breaks:   "robustness/6",
			Sentence: "A weight of 0 after a space does not count.",
			Apply:    deflating(func(accept string) bool { return strings.Contains(accept, "; q=0") }, zlibbed),
		},
		Fault{
			Name:     "encoding/deflate-for-gzip-in-capitals",
			Breaks:   "robustness/6",
			Sentence: "Clients that write gzip in capitals get deflate.",
			Apply:    deflating(func(accept string) bool { return accept == "GZIP" }, zlibbed),
		},
		Fault{
			Name:     "encoding/nul-lost",
			Breaks:   "engine.io/102",
			Sentence: "An escaped NUL in a text is lost.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, func(_ string, body []byte) []byte { return bytes.ReplaceAll(body, []byte(`\u0000`), nil) })
			}),
		},
		Fault{
			Name:     "encoding/binary-behind-text",
			Breaks:   "engine.io/112",
			Sentence: "Packets with binary data are handled after all other packets of their POST.",
			Apply: incoming(engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				var text, binary []engineio.Packet
				for i, p := range packets {
					if p.Binary || i+1 < len(packets) && packets[i+1].Binary {
						binary = append(binary, p)
					} else {
						text = append(text, p)
					}
				}
				return append(text, binary...)
			}),
		},
		Fault{
			Name:     "encoding/unpadded-base64-refused",
			Breaks:   "engine.io/115",
			Sentence: "Base64 without padding is not accepted as a packet.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, onPolling(func(body []byte) []byte {
					for packet := range bytes.SplitSeq(body, []byte{'\x1e'}) {
						if bytes.HasPrefix(packet, []byte("b")) && len(packet)%4 != 1 {
							return nil
						}
					}
					return body
				}))
			}),
		},
	)
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

func truncated(data []byte, n int) []byte {
	if len(data) > n {
		return data[:n]
	}
	return data
}

// latin1 writes each character above U+00FF as a question mark, and every other one as one byte.
func latin1(text []byte) []byte {
	var b []byte
	for _, c := range string(text) {
		if c > 0xff {
			c = '?'
		}
		b = append(b, byte(c))
	}
	return b
}

// compressing makes a fault of a server that compresses answers to polls: the change comes after.
func compressing(asked bool, change func(a *engineio.Answer, plain []byte)) apply {
	return inAnswers(engineio.PollAnswer, func(r *http.Request, a *engineio.Answer) {
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

// deflating makes a fault of a server that declares the coding deflate for some of its clients.
func deflating(acts func(accept string) bool, compress func([]byte) []byte) apply {
	return inAnswers(engineio.PollAnswer, func(r *http.Request, a *engineio.Answer) {
		if len(a.Body) < 1024 || !acts(r.Header.Get("Accept-Encoding")) {
			return
		}
		a.Header.Set("Content-Encoding", "deflate")
		a.Body = compress(a.Body)
	})
}

func zlibbed(text []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(text)
	_ = w.Close()
	return b.Bytes()
}

package fault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Faults in the values that events carry.
func init() {
	register(
		Fault{
			Name:     "events/nulls-at-the-end-dropped",
			Breaks:   "socket.io/150",
			Sentence: "Trailing null arguments of an event are left out.",
			Apply: sentEvents(func(p pkt) {
				for len(p.Data) > 1 && p.Data[len(p.Data)-1].String() == `null` {
					p.Data = p.Data[:len(p.Data)-1]
				}
			}),
		},
		Fault{
			Name:     "events/sole-array-spread",
			Breaks:   "socket.io/150",
			Sentence: "If an event's only argument is an array, its elements arrive as several arguments.",
			Apply: sentEvents(func(p pkt) {
				if len(p.Data) == 2 {
					p.Data = append(p.Data[:1:1], spread(p.Data[1:])...)
				}
			}),
		},
		Fault{
			Name:     "events/sole-falsy-argument-dropped",
			Breaks:   "socket.io/150",
			Sentence: "An event's only argument is left out if it is false, 0 or an empty string.",
			Apply: sentEvents(func(p pkt) {
				if len(p.Data) == 2 && empty(p.Data[1]) && p.Data[1].String() != `null` {
					p.Data = p.Data[:1]
				}
			}),
		},
		Fault{
			Name:     "events/arguments-after-the-sixteenth-lost",
			Breaks:   "socket.io/150",
			Sentence: "Events lose all arguments after the sixteenth.",
			Apply:    sentEvents(func(p pkt) { p.Data = p.Data[:min(len(p.Data), 17)] }),
		},
		Fault{
			Name:     "events/json-in-strings-parsed",
			Breaks:   "socket.io/150",
			Sentence: "Strings that hold a JSON object or array arrive as that object or array.",
			Apply: sentValues(func(v any) any {
				var inner any
				if s, ok := v.(string); ok && (strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[")) && json.Unmarshal([]byte(s), &inner) == nil {
					return inner
				}
				return v
			}),
		},
		Fault{
			Name:     "events/dates-rewritten",
			Breaks:   "socket.io/150",
			Sentence: "Strings that hold a date arrive in UTC with milliseconds.",
			Apply: sentValues(eachString(func(s string) string {
				if at, err := time.Parse(time.RFC3339, s); err == nil {
					return at.UTC().Format("2006-01-02T15:04:05.000Z")
				}
				return s
			})),
		},
		Fault{
			Name:     "events/buffer-objects-read",
			Breaks:   "socket.io/150",
			Sentence: "Objects that look like a Node Buffer in JSON arrive as base64.",
			Apply: sentValues(func(v any) any {
				object, _ := v.(map[string]any)
				data, isList := object["data"].([]any)
				if object["type"] != "Buffer" || !isList {
					return v
				}
				var content []byte
				for _, one := range data {
					n, _ := strconv.Atoi(one.(json.Number).String())
					content = append(content, byte(n))
				}
				return base64.StdEncoding.EncodeToString(content)
			}),
		},
		Fault{
			Name:     "events/placeholders-read-without-attachments",
			Breaks:   "socket.io/192",
			Sentence: "An object that looks like a placeholder ends the session if the event has no attachments.",
			Apply:    aborting(`^2.*"_placeholder":true`),
		},
		Fault{
			Name:     "events/fractions-rounded",
			Breaks:   "socket.io/150",
			Sentence: "Numbers arrive with six digits after the decimal point.",
			Apply: sentValues(eachNumber(func(n json.Number) any {
				f, _ := n.Float64()
				if math.Abs(f) > 1e9 {
					return n
				}
				return math.Round(f*1e6) / 1e6
			})),
		},
		Fault{
			Name:     "events/deep-values-close",
			Breaks:   "socket.io/150",
			Sentence: "An event with more than 32 levels ends the session.",
			Apply:    received(deeperThan(32)),
		},
		Fault{
			Name:     "events/large-overtaken",
			Breaks:   "socket.io/153",
			Sentence: "Events of more than 16 KiB are sent a moment later than those that follow.",
			Apply: encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
				size := 0
				for _, m := range messages {
					size += len(m.Data)
				}
				if size <= 16<<10 {
					return messages
				}
				time.AfterFunc(20*time.Millisecond, func() { c.Session().Send(messages...) })
				return nil
			}),
		},
		Fault{
			Name:     "events/white-space-closes",
			Breaks:   "socket.io/150",
			Sentence: "White space before an event's name ends the session.",
			Apply:    aborting(`^2\[\s`),
		},
		Fault{
			Name:     "events/escapes-in-names-kept",
			Breaks:   "socket.io/150",
			Sentence: "The escapes in an event's name are not decoded, so that no listener matches.",
			Apply: received(func(_ client, text string) bool {
				return strings.HasPrefix(text, `2["\u`)
			}),
		},
		Fault{
			Name:     "events/names-cut-at-brackets",
			Breaks:   "socket.io/161",
			Sentence: "A bracket or a comma in an event's name ends the session.",
			Apply:    aborting(`^2\["[^"]*[\],]`),
		},
		Fault{
			Name:     "events/names-compared-loosely",
			Breaks:   "socket.io/150",
			Sentence: "The names of events are compared without regard to case and white space.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if isEventPacket(p) && p.Name() != "" {
					p.Data[0] = of(strings.TrimSpace(strings.ToLower(p.Name())))
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "events/explicit-main-namespace-closes",
			Breaks:   "socket.io/133",
			Sentence: "Only CONNECT packets can name the main namespace.",
			Apply:    aborting(`^[1-6]/,`),
		},
		Fault{
			Name:     "events/rest-behind-json-ignored",
			Breaks:   "socket.io/157",
			Sentence: "Data after the payload of an EVENT packet is ignored.",
			Apply: malformed(func(c client, m engineio.Message, _ error) bool {
				text, isEvent := bytes.CutPrefix(m.Data, []byte(`2`))
				var payload json.RawMessage
				if !isEvent || json.NewDecoder(bytes.NewReader(text)).Decode(&payload) != nil {
					return false
				}
				var decoder packet.Decoder
				p, _ := decoder.Text(append([]byte(`2`), payload...))
				if p != nil {
					c.Handle(p)
				}
				return p != nil
			}),
		},
		Fault{
			Name:     "events/loose-json-accepted",
			Breaks:   "socket.io/157",
			Sentence: "NaN and trailing commas are accepted.",
			Apply:    ignored(`^2\[.*(NaN|Infinity|,\])`),
		},
		Fault{
			Name:     "events/numeric-keys-as-arrays",
			Breaks:   "socket.io/150",
			Sentence: "Objects with the keys 0, 1, 2 and so on arrive as arrays.",
			Apply:    sentValues(countedAsArray),
		},
		Fault{
			Name:     "events/fractions-of-dates-cut",
			Breaks:   "socket.io/150",
			Sentence: "Strings that hold a date with milliseconds arrive without them.",
			Apply:    sentValues(eachString(withoutMilliseconds)),
		},
		Fault{
			Name:     "events/levels-beyond-64-close",
			Breaks:   "socket.io/150",
			Sentence: "An event with more than 64 levels ends the session.",
			Apply: received(func(c client, text string) bool {
				return strings.HasPrefix(text, "2") && deeperThan(64)(c, text)
			}),
		},
		Fault{
			Name:     "events/denormal-numbers-zero",
			Breaks:   "socket.io/150",
			Sentence: "Numbers closer to 0 than 1e-307 arrive as 0.",
			Apply: sentValues(eachNumber(func(n json.Number) any {
				if f, _ := n.Float64(); f < 1e-307 && f > -1e-307 {
					return 0
				}
				return n
			})),
		},
		Fault{
			Name:     "events/keys-of-one-case",
			Breaks:   "socket.io/150",
			Sentence: "Of keys that differ only in case, only the first is kept.",
			Apply: sentValues(func(v any) any {
				object, _ := v.(map[string]any)
				for key := range object {
					if _, twice := object[strings.ToUpper(key)]; twice && strings.ToUpper(key) != key {
						delete(object, key)
					}
				}
				return v
			}),
		},
		Fault{
			Name:     "events/keys-with-dots-unfolded",
			Breaks:   "socket.io/150",
			Sentence: "A key with a dot arrives as an object within an object.",
			Apply: sentValues(func(v any) any {
				object, _ := v.(map[string]any)
				for key, inner := range object {
					if outer, rest, dotted := strings.Cut(key, "."); dotted {
						delete(object, key)
						object[outer] = map[string]any{rest: inner}
					}
				}
				return v
			}),
		},
		Fault{
			Name:     "events/lost-at-64-kib",
			Breaks:   "socket.io/150",
			Sentence: "An event of exactly 65536 bytes is not read.",
			Apply:    received(func(_ client, text string) bool { return len(text) == 65535 }),
		},
		Fault{
			Name:     "events/first-of-repeated-keys",
			Breaks:   "socket.io/150",
			Sentence: "If a key is repeated, its first value is kept.",
			Apply: encoded(func(_ client, _ pkt, messages []engineio.Message) []engineio.Message {
				messages[0].Data = regexp.MustCompile(`("[a-z_]+":)(\d),"[a-z_]+":\d}`).ReplaceAll(messages[0].Data, []byte("$1$2}"))
				return messages
			}),
		},
		Fault{
			Name:     "events/byte-order-marks-stripped",
			Breaks:   "socket.io/152",
			Sentence: "A byte order mark at the beginning of a string is left out.",
			Apply:    sentValues(eachString(func(s string) string { return strings.TrimPrefix(s, "\ufeff") })),
		},
		Fault{
			Name:     "events/line-separators-as-line-feeds",
			Breaks:   "socket.io/152",
			Sentence: "The line separators of Unicode arrive as line feeds.",
			Apply: sentValues(eachRune(func(r rune) string {
				if r == '\u2028' || r == '\u2029' {
					return "\n"
				}
				return string(r)
			})),
		},
		Fault{
			Name:     "events/planes-beyond-the-second-lost",
			Breaks:   "socket.io/152",
			Sentence: "Characters beyond the second supplementary plane arrive as replacement characters.",
			Apply: sentValues(eachRune(func(r rune) string {
				if r > 0x2ffff {
					return "\ufffd"
				}
				return string(r)
			})),
		},
		Fault{
			Name:     "events/text-normalised",
			Breaks:   "socket.io/152",
			Sentence: "Letters with a combining acute accent arrive as one character.",
			Apply:    sentValues(eachString(func(s string) string { return strings.ReplaceAll(s, "e\u0301", "é") })),
		},
		Fault{
			Name:     "events/lone-surrogates-replaced",
			Breaks:   "socket.io/152",
			Sentence: "A lone surrogate arrives as a replacement character.",
			Apply: encoded(func(_ client, _ pkt, messages []engineio.Message) []engineio.Message {
				messages[0].Data = surrogates.ReplaceAllFunc(messages[0].Data, func(escapes []byte) []byte {
					if len(escapes) == len(`\ud83d\ude00`) {
						return escapes
					}
					return []byte(`\ufffd`)
				})
				return messages
			}),
		},
	)
}

// surrogates matches the escapes of a pair of surrogates, or of a lone one.
var surrogates = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}`)

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

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

func init() {
	register(
		Fault{"events/nulls-at-the-end-dropped", "nulls behind the other arguments of an event are left out", sentEvents(func(p pkt) {
			for len(p.Data) > 1 && p.Data[len(p.Data)-1].String() == `null` {
				p.Data = p.Data[:len(p.Data)-1]
			}
		})},
		Fault{"events/sole-array-spread", "an event's only argument, where it is an array, arrives as several", sentEvents(func(p pkt) {
			if len(p.Data) == 2 {
				p.Data = append(p.Data[:1:1], spread(p.Data[1:])...)
			}
		})},
		Fault{"events/sole-falsy-argument-dropped", "an event's only argument is left out where it is false, 0 or an empty string", sentEvents(func(p pkt) {
			if len(p.Data) == 2 && empty(p.Data[1]) && p.Data[1].String() != `null` {
				p.Data = p.Data[:1]
			}
		})},
		Fault{"events/arguments-after-the-sixteenth-lost", "events lose all arguments behind the sixteenth", sentEvents(func(p pkt) { p.Data = p.Data[:min(len(p.Data), 17)] })},
		Fault{"events/json-in-strings-parsed", "strings that hold a JSON object or array arrive as that", sentValues(func(v any) any {
			var inner any
			if s, ok := v.(string); ok && (strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[")) && json.Unmarshal([]byte(s), &inner) == nil {
				return inner
			}
			return v
		})},
		Fault{"events/dates-rewritten", "strings that hold a date arrive in UTC with milliseconds", sentValues(eachString(func(s string) string {
			if at, err := time.Parse(time.RFC3339, s); err == nil {
				return at.UTC().Format("2006-01-02T15:04:05.000Z")
			}
			return s
		}))},
		Fault{"events/buffer-objects-read", "objects of the form that Node gives a buffer in JSON arrive as base64", sentValues(func(v any) any {
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
		})},
		Fault{"events/placeholders-read-without-attachments", "an object that looks like a placeholder ends the session where the event has no attachments", aborting(`^2.*"_placeholder":true`)},
		Fault{"events/fractions-rounded", "numbers arrive with six digits behind the point", sentValues(eachNumber(func(n json.Number) any {
			f, _ := n.Float64()
			if math.Abs(f) > 1e9 {
				return n
			}
			return math.Round(f*1e6) / 1e6
		}))},
		Fault{"events/deep-values-close", "an event of more than 32 levels ends the session", received(func(c client, text string) bool {
			depth, deepest := 0, 0
			for _, r := range text {
				switch r {
				case '[', '{':
					depth++
					deepest = max(deepest, depth)
				case ']', '}':
					depth--
				}
			}
			if deepest > 32 {
				c.Abort()
			}
			return deepest > 32
		})},
		Fault{"events/large-overtaken", "events of more than 16 KiB leave a moment later than those that follow", encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
			size := 0
			for _, m := range messages {
				size += len(m.Data)
			}
			if size <= 16<<10 {
				return messages
			}
			time.AfterFunc(20*time.Millisecond, func() { c.Session().Send(messages...) })
			return nil
		})},
		Fault{"events/white-space-closes", "white space before an event's name ends the session", aborting(`^2\[\s`)},
		Fault{"events/escapes-in-names-kept", "the escapes in an event's name are not read, so that nobody listens to it", received(func(_ client, text string) bool {
			return strings.HasPrefix(text, `2["\u`)
		})},
		Fault{"events/names-cut-at-brackets", "a bracket or a comma in an event's name ends the session", aborting(`^2\["[^"]*[\],]`)},
		Fault{"events/names-compared-loosely", "the names of events are compared without case and white space", packetsIn(func(_ client, p pkt) []pkt {
			if isEventPacket(p) && p.Name() != "" {
				p.Data[0] = of(strings.TrimSpace(strings.ToLower(p.Name())))
			}
			return []pkt{p}
		})},
		Fault{"events/explicit-main-namespace-closes", "the main namespace can be named in CONNECT packets only", aborting(`^[1-6]/,`)},
		Fault{"events/rest-behind-json-ignored", "what follows the payload of an EVENT packet is not noticed", malformed(func(c client, m engineio.Message, _ error) bool {
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
		})},
		Fault{"events/loose-json-accepted", "NaN and commas behind the last value are no errors", ignored(`^2\[.*(NaN|Infinity|,\])`)},

		Fault{"acks/sole-array-spread", "the only value of an acknowledgement, where it is an array, is sent as several", sent(packet.Ack, func(p pkt) { p.Data = spread(p.Data) })},
		Fault{"acks/sole-empty-value-dropped", "the only value of an acknowledgement is left out where it is null, false, 0 or an empty string", sent(packet.Ack, func(p pkt) {
			if len(p.Data) == 1 && empty(p.Data[0]) {
				p.Data = nil
			}
		})},
		Fault{"acks/answers-sole-array-spread", "the only value of a client's acknowledgement, where it is an array, counts as several", packetsIn(func(_ client, p pkt) []pkt {
			if isAck(p) {
				p.Data = spread(p.Data)
			}
			return []pkt{p}
		})},

		Fault{"binary/placeholder-of-one-spelling", "a placeholder with its keys in another order, or with white space, ends the session", aborting(`^[56]\d+-.*(\d,\s*"_placeholder"|"_placeholder"\s+:|"_placeholder":\s)`)},
		Fault{"binary/placeholders-in-text-filled", "text that reads like a placeholder is taken for one", rewritten(`^([56]\d+-.*)"\{\\"_placeholder\\":true,\\"num\\":(\d+)\}"`, `$1{"_placeholder":true,"num":$2}`)},
		Fault{"binary/reserved-names-accepted", "clients may send events with reserved names where they have attachments", rewritten(`^(5\d+-(?:/[^,]*,)?\d*\[")(connect|connect_error|disconnect|disconnecting|newListener|removeListener)"`, `${1}not-$2"`)},
		Fault{"binary/given-up-at-the-upgrade", "attachments that come over another transport than their packet end the session", fresh(func() apply {
			var transports memory[string]
			return func(o *application.Options) {
				o.Socket.Received = func(c client, m engineio.Message) []engineio.Message {
					other := false
					transports.of(c, func(transport *string) {
						if !m.Binary {
							*transport = c.Session().Transport()
						}
						other = *transport != c.Session().Transport()
					})
					if other {
						c.Abort()
						return nil
					}
					return []engineio.Message{m}
				}
			}
		})},
		Fault{"binary/given-up-early", "a packet whose attachments do not come within a tenth of a second ends the session", fresh(func() apply {
			var heads memory[time.Time]
			return func(o *application.Options) {
				o.Socket.Received = func(c client, m engineio.Message) []engineio.Message {
					late := false
					heads.of(c, func(at *time.Time) {
						if !m.Binary {
							*at = time.Now()
						}
						late = m.Binary && time.Since(*at) > 100*time.Millisecond
					})
					if late {
						c.Abort()
						return nil
					}
					return []engineio.Message{m}
				}
			}
		})},
	)
}

// spread gives the elements of the only value where it is an array.
func spread(values []value) []value {
	if len(values) == 1 {
		if elements, err := values[0].Elements(); err == nil && len(values[0].Attachments()) == 0 {
			return elements
		}
	}
	return values
}

func empty(v value) bool {
	switch v.String() {
	case `null`, `false`, `0`, `""`:
		return true
	}
	return false
}

// aborting ends the session upon a text that matches the pattern.
func aborting(pattern string) apply {
	compiled := regexp.MustCompile(pattern)
	return received(func(c client, text string) bool {
		matches := compiled.MatchString(text)
		if matches {
			c.Abort()
		}
		return matches
	})
}

// rewritten replaces what matches the pattern in the texts of clients.
func rewritten(pattern, replacement string) apply {
	compiled := regexp.MustCompile(pattern)
	return func(o *application.Options) {
		o.Socket.Received = func(_ client, m engineio.Message) []engineio.Message {
			if !m.Binary {
				m.Data = compiled.ReplaceAll(m.Data, []byte(replacement))
			}
			return []engineio.Message{m}
		}
	}
}

package fault

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

func init() {
	register(
		Fault{"events/first-argument-only", "events lose all arguments but the first", sentEvents(func(p pkt) { p.Data = p.Data[:min(len(p.Data), 2)] })},
		Fault{"events/last-argument-lost", "events lose their last argument, as if it were a callback", sentEvents(func(p pkt) { p.Data = p.Data[:max(len(p.Data)-1, 1)] })},
		Fault{"events/arguments-in-one-array", "the arguments of an event arrive as one array", sentEvents(func(p pkt) { p.Data = []value{p.Data[0], packet.Array(p.Data[1:]...)} })},
		Fault{"events/arguments-reversed", "the arguments of an event arrive in the reverse order", sentEvents(func(p pkt) { slices.Reverse(p.Data[1:]) })},
		Fault{"events/no-argument-as-null", "an event without arguments arrives with one that is null", sentEvents(func(p pkt) {
			if len(p.Data) == 1 {
				p.Data = append(p.Data, value{})
			}
		})},
		Fault{"events/offset-without-recovery", "events carry the offset of a recovery that the client was not offered", sentEvents(func(p pkt) {
			if p.ID == nil {
				p.Data = append(p.Data, of("offset"))
			}
		})},
		Fault{"events/name-lost", "events arrive without their name", sentEvents(func(p pkt) { p.Data = p.Data[1:] })},
		Fault{"events/name-in-capitals", "the names of events arrive in capitals", sentEvents(func(p pkt) { p.Data[0] = of(strings.ToUpper(p.Name())) })},
		Fault{"events/numbers-as-strings", "numbers arrive as strings", sentValues(eachNumber(func(n json.Number) any { return n.String() }))},
		Fault{"events/fractions-cut-off", "numbers lose their fractions", sentValues(eachNumber(func(n json.Number) any {
			f, _ := n.Float64()
			return int64(f)
		}))},
		Fault{"events/integers-of-32-bits", "integers beyond 32 bits wrap around", sentValues(eachNumber(func(n json.Number) any {
			if i, err := n.Int64(); err == nil {
				return int32(i)
			}
			return n
		}))},
		Fault{"events/negative-numbers-lost", "negative numbers lose their sign", sentValues(eachNumber(func(n json.Number) any { return json.Number(strings.TrimPrefix(n.String(), "-")) }))},
		Fault{"events/booleans-as-numbers", "booleans arrive as 0 and 1", sentValues(func(v any) any {
			switch v {
			case true:
				return 1
			case false:
				return 0
			}
			return v
		})},
		Fault{"events/null-arguments-dropped", "arguments that are null are left out", sentEvents(func(p pkt) {
			p.Data = slices.DeleteFunc(p.Data, func(v value) bool { return v.String() == `null` })
		})},
		Fault{"events/falsy-arguments-null", "arguments that are false, 0 or an empty string arrive as null", sentEvents(func(p pkt) {
			for i, v := range p.Data[1:] {
				switch v.String() {
				case `false`, `0`, `""`:
					p.Data[i+1] = value{}
				}
			}
		})},
		Fault{"events/empty-arrays-as-objects", "empty arrays arrive as objects", sentValues(func(v any) any {
			if list, ok := v.([]any); ok && len(list) == 0 {
				return map[string]any{}
			}
			return v
		})},
		Fault{"events/nested-values-as-text", "objects and arrays within objects arrive as JSON text", sentValues(func(v any) any {
			if object, ok := v.(map[string]any); ok {
				for key, inner := range object {
					switch inner.(type) {
					case map[string]any, []any:
						object[key] = of(inner).String()
					}
				}
			}
			return v
		})},
		Fault{"events/keys-outside-ascii-lost", "keys of objects that are not ASCII are left out", sentValues(func(v any) any {
			if object, ok := v.(map[string]any); ok {
				for key := range object {
					if strings.ContainsFunc(key, func(r rune) bool { return r > 127 }) {
						delete(object, key)
					}
				}
			}
			return v
		})},
		Fault{"events/prototype-keys-lost", "keys that are special in JavaScript are left out", sentValues(func(v any) any {
			if object, ok := v.(map[string]any); ok {
				delete(object, "__proto__")
				delete(object, "constructor")
			}
			return v
		})},
		Fault{"events/prototype-keys-close", "a __proto__ key ends the session", received(func(c client, text string) bool {
			if strings.Contains(text, `"__proto__"`) {
				c.Abort()
				return true
			}
			return false
		})},
		Fault{"events/astral-characters-lost", "characters beyond the basic plane arrive as two question marks", sentValues(eachRune(func(r rune) string {
			if r > 0xFFFF {
				return "??"
			}
			return string(r)
		}))},
		Fault{"events/characters-of-one-byte", "characters beyond Latin-1 arrive as question marks", sentValues(eachRune(func(r rune) string {
			if r > 0xFF {
				return "?"
			}
			return string(r)
		}))},
		Fault{"events/utf-8-encoded-twice", "text is encoded in UTF-8 twice", sentValues(eachString(func(s string) string {
			var twice strings.Builder
			for _, b := range []byte(s) {
				twice.WriteRune(rune(b))
			}
			return twice.String()
		}))},
		Fault{"events/strings-end-at-nul", "strings end at the first NUL character", sentValues(eachString(func(s string) string {
			s, _, _ = strings.Cut(s, "\x00")
			return s
		}))},
		Fault{"events/long-strings-cut", "strings end after 16 KiB", sentValues(eachString(func(s string) string { return s[:min(len(s), 16<<10)] }))},
		Fault{"events/large-events-lost", "events of more than 64 KiB are not sent", encoded(func(_ client, _ pkt, messages []engineio.Message) []engineio.Message {
			if len(messages[0].Data) > 64<<10 {
				return nil
			}
			return messages
		})},
		Fault{"events/namespace-left-out", "events of custom namespaces arrive in the main one", sentEvents(func(p pkt) { p.Namespace = "/" })},
		Fault{"events/main-namespace-spelled-out", "events of the main namespace spell it out", written(packet.Event, `^2([\[0-9])`, `2/,$1`)},
		Fault{"events/in-all-namespaces", "events arrive in all namespaces that the client has joined", packetsOut(func(c client, p pkt) []pkt {
			packets := []pkt{p}
			if p.Type == packet.Event && p.Name() != "auth" {
				for _, name := range c.Namespaces() {
					if name != p.Namespace && name != control {
						packets = append(packets, &packet.Packet{Type: p.Type, Namespace: name, Data: p.Data})
					}
				}
			}
			return packets
		})},
		Fault{"events/received-twice", "every event of a client is handled twice", packetsIn(func(_ client, p pkt) []pkt {
			if p.Type == packet.Event && p.ID == nil {
				return []pkt{p, p}
			}
			return []pkt{p}
		})},
		Fault{"events/lost-in-a-burst", "every tenth event of a session is lost", fresh(func() apply {
			var counts memory[int]
			return dropped(func(c client, p pkt) (lost bool) {
				counts.of(c, func(n *int) {
					if p.Type == packet.Event {
						*n++
						lost = *n%10 == 0
					}
				})
				return lost
			})
		})},
		Fault{"events/reordered-in-a-burst", "every fifth event of a session is overtaken by the next", fresh(overtaken)},
		Fault{"events/held-back", "an event leaves only when the next one comes", fresh(func() apply {
			var held memory[[]engineio.Message]
			return encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
				if p.Type == packet.Event && p.Name() != "auth" {
					held.of(c, func(kept *[]engineio.Message) { messages, *kept = *kept, messages })
				}
				return messages
			})
		})},

		Fault{"events/payload-of-another-client", "an event that leaves right behind one to another client carries the payload of that one", fresh(func() apply {
			var mu sync.Mutex
			var last client
			var left time.Time
			var sent []engineio.Message
			return encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
				if p.Type != packet.Event || p.Name() == "auth" {
					return messages
				}
				mu.Lock()
				defer mu.Unlock()
				if last != nil && last != c && time.Since(left) < 5*time.Millisecond {
					last = nil // the buffer is its own again with the next
					return sent
				}
				last, left, sent = c, time.Now(), messages
				return messages
			})
		})},
		Fault{"events/missing-payload-ignored", "an EVENT packet without a payload is not noticed", ignored(`^2(/[^,]*,)?$`)},
		Fault{"events/empty-array-ignored", "an EVENT packet with an empty array is not noticed", ignored(`^2(/[^,]*,)?\[\s*\]$`)},
		Fault{"events/object-ignored", "an EVENT packet with an object is not noticed", ignored(`^2\{`)},
		Fault{"events/scalar-ignored", "an EVENT packet with a string, a number or null is not noticed", ignored(`^2("|null|\d+$)`)},
		Fault{"events/broken-json-ignored", "an EVENT packet with broken JSON is not noticed", malformed(func(_ client, m engineio.Message, _ error) bool {
			return bytes.HasPrefix(m.Data, []byte(`2[`)) && !json.Valid(m.Data[1:])
		})},
		Fault{"events/name-of-any-type", "an event's name may be an object, an array, a boolean or null", ignored(`^2\[\s*(\{|\[|null|true|false)`)},
		Fault{"events/reserved-names-accepted", "clients may send events with reserved names", ignored(`^2\["(connect|connect_error|disconnect|disconnecting|newListener|removeListener)"`)},
		Fault{"events/reserved-names-incomplete", "of the reserved names only connect and disconnect are refused", ignored(`^2\["(connect_error|disconnecting|newListener|removeListener)"`)},
		Fault{"events/numeric-name-closes", "an event whose name is a number ends the session", received(func(c client, text string) bool {
			numeric := regexp.MustCompile(`^2\[\d`).MatchString(text)
			if numeric {
				c.Abort()
			}
			return numeric
		})},
		Fault{"events/unknown-event-closes", "an event that nobody listens to ends the session", packetsIn(func(c client, p pkt) []pkt {
			if isEventPacket(p) && !slices.Contains([]string{"message", "message-with-ack", "ask", "leave"}, p.Name()) {
				c.Abort()
				return nil
			}
			return []pkt{p}
		})},
		Fault{"events/unknown-type-ignored", "a packet of an unknown type is not noticed", malformed(func(_ client, _ engineio.Message, err error) bool { return errors.Is(err, packet.ErrType) })},
		Fault{"events/not-joined-ignored", "an event for a namespace that the client has not joined is not noticed", tolerated(func(c client, p pkt, v reference.Violation) bool {
			return v == reference.NotConnected && isEventPacket(p) && len(c.Namespaces()) > 0
		})},
		Fault{"events/not-joined-goes-to-main", "an event for a namespace that the client has not joined is handled in the main one", tolerated(func(c client, p pkt, v reference.Violation) bool {
			if v != reference.NotConnected || !isEventPacket(p) || !slices.Contains(c.Namespaces(), "/") {
				return false
			}
			c.Handle(&packet.Packet{Type: p.Type, Namespace: "/", ID: p.ID, Data: p.Data})
			return true
		})},
	)
}

// overtaken holds every fifth event back until the next one, or for a moment where there is none.
func overtaken() apply {
	type state struct {
		count int
		held  []engineio.Message
	}
	var states memory[state]
	return encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
		if p.Type != packet.Event {
			return messages
		}
		states.of(c, func(s *state) {
			s.count++
			if s.count%5 == 0 {
				s.held, messages = messages, nil
				time.AfterFunc(50*time.Millisecond, func() {
					states.of(c, func(s *state) {
						if s.held != nil {
							c.Session().Send(s.held...)
							s.held = nil
						}
					})
				})
				return
			}
			messages, s.held = append(messages, s.held...), nil
		})
		return messages
	})
}

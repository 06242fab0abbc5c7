package fault

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults in events: which arrive, in which order, and how they are read and written.
func init() {
	register(
		Fault{
			Name:     "events/first-argument-only",
			Breaks:   "socket.io/150",
			Sentence: "Events lose all arguments but the first.",
			Apply:    sentEvents(func(p pkt) { p.Data = p.Data[:min(len(p.Data), 2)] }),
		},
		Fault{
			Name:     "events/last-argument-lost",
			Breaks:   "socket.io/150",
			Sentence: "Events lose their last argument, as if it were a callback.",
			Apply:    sentEvents(func(p pkt) { p.Data = p.Data[:max(len(p.Data)-1, 1)] }),
		},
		Fault{
			Name:     "events/arguments-in-one-array",
			Breaks:   "socket.io/150",
			Sentence: "The arguments of an event arrive as one array.",
			Apply:    sentEvents(func(p pkt) { p.Data = []value{p.Data[0], packet.Array(p.Data[1:]...)} }),
		},
		Fault{
			Name:     "events/arguments-reversed",
			Breaks:   "socket.io/150",
			Sentence: "The arguments of an event arrive in the reverse order.",
			Apply:    sentEvents(func(p pkt) { slices.Reverse(p.Data[1:]) }),
		},
		Fault{
			Name:     "events/no-argument-as-null",
			Breaks:   "socket.io/150",
			Sentence: "An event without arguments arrives with one argument, null.",
			Apply: sentEvents(func(p pkt) {
				if len(p.Data) == 1 {
					p.Data = append(p.Data, value{})
				}
			}),
		},
		Fault{
			Name:     "events/offset-without-recovery",
			Breaks:   "socket.io/150",
			Sentence: "Events carry the offset of a recovery that the client was not offered.",
			Apply: sentEvents(func(p pkt) {
				if p.ID == nil {
					p.Data = append(p.Data, of("offset"))
				}
			}),
		},
		Fault{
			Name:     "events/name-lost",
			Breaks:   "socket.io/150",
			Sentence: "Events arrive without their name.",
			Apply:    sentEvents(func(p pkt) { p.Data = p.Data[1:] }),
		},
		Fault{
			Name:     "events/name-in-capitals",
			Breaks:   "socket.io/150",
			Sentence: "The names of events arrive in capitals.",
			Apply:    sentEvents(func(p pkt) { p.Data[0] = of(strings.ToUpper(p.Name())) }),
		},
		Fault{
			Name:     "events/numbers-as-strings",
			Breaks:   "socket.io/150",
			Sentence: "Numbers arrive as strings.",
			Apply:    sentValues(eachNumber(func(n json.Number) any { return n.String() })),
		},
		Fault{
			Name:     "events/fractions-cut-off",
			Breaks:   "socket.io/150",
			Sentence: "Numbers lose their fractions.",
			Apply: sentValues(eachNumber(func(n json.Number) any {
				f, _ := n.Float64()
				return int64(f)
			})),
		},
		Fault{
			Name:     "events/integers-of-32-bits",
			Breaks:   "socket.io/150",
			Sentence: "Integers beyond 32 bits wrap around.",
			Apply: sentValues(eachNumber(func(n json.Number) any {
				if i, err := n.Int64(); err == nil {
					return int32(i)
				}
				return n
			})),
		},
		Fault{
			Name:     "events/negative-numbers-lost",
			Breaks:   "socket.io/150",
			Sentence: "Negative numbers lose their sign.",
			Apply:    sentValues(eachNumber(func(n json.Number) any { return json.Number(strings.TrimPrefix(n.String(), "-")) })),
		},
		Fault{
			Name:     "events/booleans-as-numbers",
			Breaks:   "socket.io/150",
			Sentence: "Booleans arrive as 0 and 1.",
			Apply: sentValues(func(v any) any {
				switch v {
				case true:
					return 1
				case false:
					return 0
				}
				return v
			}),
		},
		Fault{
			Name:     "events/null-arguments-dropped",
			Breaks:   "socket.io/150",
			Sentence: "Arguments that are null are left out.",
			Apply: sentEvents(func(p pkt) {
				p.Data = slices.DeleteFunc(p.Data, func(v value) bool { return v.String() == `null` })
			}),
		},
		Fault{
			Name:     "events/falsy-arguments-null",
			Breaks:   "socket.io/150",
			Sentence: "Arguments that are false, 0 or an empty string arrive as null.",
			Apply: sentEvents(func(p pkt) {
				for i, v := range p.Data[1:] {
					switch v.String() {
					case `false`, `0`, `""`:
						p.Data[i+1] = value{}
					}
				}
			}),
		},
		Fault{
			Name:     "events/empty-arrays-as-objects",
			Breaks:   "socket.io/150",
			Sentence: "Empty arrays arrive as objects.",
			Apply: sentValues(func(v any) any {
				if list, ok := v.([]any); ok && len(list) == 0 {
					return map[string]any{}
				}
				return v
			}),
		},
		Fault{
			Name:     "events/nested-values-as-text",
			Breaks:   "socket.io/150",
			Sentence: "Objects and arrays within objects arrive as JSON text.",
			Apply: sentValues(func(v any) any {
				if object, ok := v.(map[string]any); ok {
					for key, inner := range object {
						switch inner.(type) {
						case map[string]any, []any:
							// Nested JSON text doubles its escapes at each level, so deep values stay unchanged.
							if text := of(inner).String(); len(text) < 1000 {
								object[key] = text
							}
						}
					}
				}
				return v
			}),
		},
		Fault{
			Name:     "events/keys-outside-ascii-lost",
			Breaks:   "socket.io/152",
			Sentence: "Keys of objects that are not ASCII are left out.",
			Apply: sentValues(func(v any) any {
				if object, ok := v.(map[string]any); ok {
					for key := range object {
						if strings.ContainsFunc(key, func(r rune) bool { return r > 127 }) {
							delete(object, key)
						}
					}
				}
				return v
			}),
		},
		Fault{
			Name:     "events/prototype-keys-lost",
			Breaks:   "socket.io/163",
			Sentence: "Keys that are special in JavaScript are left out.",
			Apply: sentValues(func(v any) any {
				if object, ok := v.(map[string]any); ok {
					delete(object, "__proto__")
					delete(object, "constructor")
				}
				return v
			}),
		},
		Fault{
			Name:     "events/astral-characters-lost",
			Breaks:   "socket.io/152",
			Sentence: "Characters outside the Basic Multilingual Plane arrive as two question marks.",
			Apply: sentValues(eachRune(func(r rune) string {
				if r > 0xFFFF {
					return "??"
				}
				return string(r)
			})),
		},
		Fault{
			Name:     "events/characters-of-one-byte",
			Breaks:   "socket.io/152",
			Sentence: "Characters beyond Latin-1 arrive as question marks.",
			Apply: sentValues(eachRune(func(r rune) string {
				if r > 0xFF {
					return "?"
				}
				return string(r)
			})),
		},
		Fault{
			Name:     "events/utf-8-encoded-twice",
			Breaks:   "socket.io/152",
			Sentence: "Text is encoded in UTF-8 twice.",
			Apply: sentValues(eachString(func(s string) string {
				var twice strings.Builder
				for _, b := range []byte(s) {
					twice.WriteRune(rune(b))
				}
				return twice.String()
			})),
		},
		Fault{
			Name:     "events/strings-end-at-nul",
			Breaks:   "socket.io/152",
			Sentence: "Strings end at the first NUL character.",
			Apply: sentValues(eachString(func(s string) string {
				s, _, _ = strings.Cut(s, "\x00")
				return s
			})),
		},
		Fault{
			Name:     "events/long-strings-cut",
			Breaks:   "engine.io/104",
			Sentence: "Strings end after 16 KiB.",
			Apply:    sentValues(eachString(func(s string) string { return s[:min(len(s), 16<<10)] })),
		},
		Fault{
			Name:     "events/large-events-lost",
			Breaks:   "engine.io/104",
			Sentence: "Events of more than 64 KiB are not sent.",
			Apply: encoded(func(_ client, _ pkt, messages []engineio.Message) []engineio.Message {
				if len(messages[0].Data) > 64<<10 {
					return nil
				}
				return messages
			}),
		},
		Fault{
			Name:     "events/namespace-left-out",
			Breaks:   "socket.io/151",
			Sentence: "Events of custom namespaces arrive in the main one.",
			Apply:    sentEvents(func(p pkt) { p.Namespace = "/" }),
		},
		Fault{
			Name:     "events/main-namespace-spelled-out",
			Breaks:   "socket.io/191",
			Sentence: "Events of the main namespace name it.",
			Apply:    written(packet.Event, `^2([\[0-9])`, `2/,$1`),
		},
		Fault{
			Name:     "events/in-all-namespaces",
			Breaks:   "socket.io/140",
			Sentence: "Events arrive in all namespaces that the client has joined.",
			Apply: packetsOut(func(c client, p pkt) []pkt {
				packets := []pkt{p}
				if p.Type == packet.Event && p.Name() != "auth" {
					for _, name := range c.Namespaces() {
						if name != p.Namespace && name != control {
							packets = append(packets, &packet.Packet{Type: p.Type, Namespace: name, Data: p.Data})
						}
					}
				}
				return packets
			}),
		},
		Fault{
			Name:     "events/received-twice",
			Breaks:   "socket.io/153",
			Sentence: "Every event of a client is handled twice.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if p.Type == packet.Event && p.ID == nil {
					return []pkt{p, p}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "events/lost-in-a-burst",
			Breaks:   "socket.io/153",
			Sentence: "Every tenth event of a session is lost.",
			Apply: fresh(func() apply {
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
			}),
		},
		Fault{
			Name:     "events/reordered-in-a-burst",
			Breaks:   "socket.io/153",
			Sentence: "Every fifth event of a session is overtaken by the next.",
			Apply:    fresh(overtaken),
		},
		Fault{
			Name:     "events/held-back",
			Breaks:   "socket.io/153",
			Sentence: "An event is sent only when the next one is due.",
			Apply: fresh(func() apply {
				var held memory[[]engineio.Message]
				return encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
					if p.Type == packet.Event && p.Name() != "auth" {
						held.of(c, func(kept *[]engineio.Message) { messages, *kept = *kept, messages })
					}
					return messages
				})
			}),
		},
		Fault{
			Name:     "events/payload-of-another-client",
			Breaks:   "robustness/2",
			Sentence: "An event that is sent right after one to another client carries that one's payload.",
			Apply: fresh(func() apply {
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
						last = nil // the next event has its own buffer again
						return sent
					}
					last, left, sent = c, time.Now(), messages
					return messages
				})
			}),
		},
		Fault{
			Name:     "events/lost-in-dynamic-namespaces-after-the-upgrade",
			Breaks:   "socket.io/211",
			Sentence: "Events of dynamic namespaces are lost once the session has been upgraded.",
			Apply: dropped(func(c client, p pkt) bool {
				return isEventPacket(p) && isDynamic(p.Namespace) && wasUpgraded(c)
			}),
		},
		Fault{
			Name:     "events/lost-in-custom-namespaces-while-a-websocket-probes",
			Breaks:   "engine.io/92",
			Sentence: "Events of custom namespaces are lost while a WebSocket probes.",
			Apply: dropped(func(c client, p pkt) bool {
				return isEventPacket(p) && p.Namespace == "/custom" && c.Session().Probed()
			}),
		},
		Fault{
			Name:     "events/lost-in-dynamic-namespaces-over-polling",
			Breaks:   "socket.io/151",
			Sentence: "Over polling, the second and later events of a dynamic namespace are lost.",
			Apply: fresh(func() apply {
				var counts memory[int]
				return dropped(func(c client, p pkt) (lost bool) {
					if isEventPacket(p) && p.Name() == "message-back" && isDynamic(p.Namespace) && c.Session().Transport() == engineio.Polling {
						counts.of(c, func(n *int) { *n++; lost = *n > 1 })
					}
					return lost
				})
			}),
		},
		Fault{
			Name:     "events/to-one-socket-of-a-namespace",
			Breaks:   "contract/24",
			Sentence: "An event for all sockets of a namespace reaches only the one that joined first.",
			Apply: fresh(func() apply {
				var mu sync.Mutex
				oldest := map[*reference.Namespace]*reference.Socket{}
				return broadcast(func(ns *reference.Namespace, all []*reference.Socket) []*reference.Socket {
					mu.Lock()
					defer mu.Unlock()
					if len(all) == 0 {
						return nil
					}
					if !slices.Contains(all, oldest[ns]) {
						oldest[ns] = all[0]
					}
					return []*reference.Socket{oldest[ns]}
				})
			}),
		},
		Fault{
			Name:     "events/to-no-socket-on-polling",
			Breaks:   "contract/24",
			Sentence: "An event for all sockets of a namespace does not reach those on polling.",
			Apply: broadcast(func(_ *reference.Namespace, all []*reference.Socket) []*reference.Socket {
				return slices.DeleteFunc(slices.Clone(all), func(s *reference.Socket) bool { return s.Session().Transport() == engineio.Polling })
			}),
		},
	)
}

// broadcast lets f choose the sockets that get an event for all sockets of a namespace.
func broadcast(f func(ns *reference.Namespace, all []*reference.Socket) []*reference.Socket) apply {
	return socketIO(func(rules *reference.Rules) { rules.Namespaces = override.Receivers(rules.Namespaces, f) })
}

// overtaken holds every fifth event back until the next one, or for a moment if there is none.
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

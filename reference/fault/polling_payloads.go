package fault

import (
	"bytes"
	"slices"
	"strconv"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in the packets of polls and POSTs.
func init() {
	register(
		Fault{
			Name:     "polling/one-packet-an-answer",
			Breaks:   "engine.io/29",
			Sentence: "An answer to a poll holds only one packet, and the others are lost.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Payload(rules.Encoding, func(b []byte) []byte {
					first, _, _ := bytes.Cut(b, []byte{'\x1e'})
					return first
				})
			}),
		},
		Fault{
			Name:     "polling/trailing-separator",
			Breaks:   "engine.io/109",
			Sentence: "A separator follows each packet of a payload, the last one too.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Payload(rules.Encoding, func(b []byte) []byte { return append(b, '\x1e') })
			}),
		},
		Fault{
			Name:     "polling/newline-separator",
			Breaks:   "engine.io/109",
			Sentence: "The packets of a payload are separated by newlines.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Payload(rules.Encoding, func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{'\x1e'}, []byte{'\n'}) })
			}),
		},
		Fault{
			Name:     "polling/payload-reversed",
			Breaks:   "engine.io/29",
			Sentence: "The packets of a payload come in reverse order.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Payload(rules.Encoding, func(b []byte) []byte {
					packets := bytes.Split(b, []byte{'\x1e'})
					slices.Reverse(packets)
					return bytes.Join(packets, []byte{'\x1e'})
				})
			}),
		},
		Fault{
			Name:     "polling/payload-length-prefixed",
			Breaks:   "engine.io/124",
			Sentence: "Payloads are length-prefixed, as in protocol version 3.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Payload(rules.Encoding, func(b []byte) []byte {
					return append(strconv.AppendInt(nil, int64(len(b)), 10), append([]byte(":"), b...)...)
				})
			}),
		},
		Fault{
			Name:     "polling/lengths-understood",
			Breaks:   "engine.io/124",
			Sentence: "The length before the packet of a POST, as in protocol version 3, is skipped.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, onPolling(func(b []byte) []byte {
					if length, packet, found := bytes.Cut(b, []byte(":")); found && string(length) == strconv.Itoa(len(packet)) {
						return packet
					}
					return b
				}))
			}),
		},
		Fault{
			Name:     "polling/first-packet-of-a-post-only",
			Breaks:   "engine.io/21",
			Sentence: "Only the first packet of a POST is read.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, onPolling(func(b []byte) []byte {
					first, _, _ := bytes.Cut(b, []byte{'\x1e'})
					return first
				}))
			}),
		},
		Fault{
			Name:     "polling/post-is-one-packet",
			Breaks:   "engine.io/109",
			Sentence: "A POST is taken for a single packet, separators included.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, onPolling(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{'\x1e'}, []byte(" ")) }))
			}),
		},
		Fault{
			Name:     "polling/broken-packet-forgiven",
			Breaks:   "engine.io/49",
			Sentence: "Invalid packets are ignored over polling.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Tolerate(rules.Encoding, func(transport string, _ []byte) bool { return transport == engineio.Polling })
			}),
		},
		Fault{
			Name:     "polling/empty-post-forgiven",
			Breaks:   "engine.io/24",
			Sentence: "An empty POST is ignored.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Tolerate(rules.Encoding, func(_ string, body []byte) bool { return len(body) == 0 })
			}),
		},
		Fault{
			Name:     "polling/noise-before-messages",
			Breaks:   "engine.io/88",
			Sentence: "A noop precedes each message over polling.",
			Apply: outgoing(engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				if len(packets) > 0 && isMessage(packets[0]) {
					return append([]engineio.Packet{{Type: engineio.Noop}}, packets...)
				}
				return packets
			}),
		},
		Fault{
			Name:     "polling/last-buffered-packet-lost",
			Breaks:   "engine.io/30",
			Sentence: "If several packets wait for a poll, the last is lost.",
			Apply: outgoing(engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				if len(packets) > 1 {
					return packets[:len(packets)-1]
				}
				return packets
			}),
		},
		Fault{
			Name:     "polling/broken-packet-among-others-forgiven",
			Breaks:   "engine.io/49",
			Sentence: "Invalid packets are ignored in a payload that has other packets.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Tolerate(rules.Encoding, func(transport string, body []byte) bool {
					return transport == engineio.Polling && bytes.IndexByte(body, '\x1e') > 0
				})
			}),
		},
		Fault{
			Name:     "polling/empty-packets-passed-over",
			Breaks:   "engine.io/114",
			Sentence: "Empty packets of a payload are skipped.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, onPolling(func(b []byte) []byte {
					return bytes.Join(bytes.FieldsFunc(b, func(c rune) bool { return c == '\x1e' }), []byte{'\x1e'})
				}))
			}),
		},
		Fault{
			Name:     "polling/one-event-of-a-post",
			Breaks:   "socket.io/210",
			Sentence: "Only the first of several events in one POST is handled.",
			Apply: incoming(engineio.Polling, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				seen := false
				return without(func(p engineio.Packet) bool {
					again := seen && isEvent(p)
					seen = seen || isEvent(p)
					return again
				})(nil, packets)
			}),
		},
		Fault{
			Name:     "polling/posts-overtaken",
			Breaks:   "engine.io/21",
			Sentence: "The events of a POST are handled after those of the next.",
			Apply: incoming(engineio.Polling, func() func(*engineio.Session, []engineio.Packet) []engineio.Packet {
				var held perSession[[]engineio.Packet]
				return func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
					kept := held.of(s)
					if len(*kept) == 0 && len(packets) == 1 && isEvent(packets[0]) {
						*kept = packets
						return nil
					}
					packets = append(packets, *kept...)
					*kept = nil
					return packets
				}
			}()),
		},
	)
}

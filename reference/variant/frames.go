package variant

import (
	"bytes"
	"math/rand/v2"
	"time"

	"example.test/conformance/reference/application"
)

const inFragments = "WebSocket (RFC 6455, section 5.4): a message may be sent in several frames, and each may be empty."

func init() {
	register(
		Variant{
			Name: "link/long-websocket-pings", Summary: "sends a WebSocket ping of 125 bytes before each message",
			Permitted: "WebSocket (RFC 6455, section 5.5): a control frame may have 125 bytes.",
			Apply: messages(func(frame []byte) [][]byte {
				return [][]byte{slicesOf([]byte{0x89, 125}, bytes.Repeat([]byte("p"), 125), frame)}
			}),
		},
		Variant{
			Name: "link/empty-websocket-pings", Summary: "sends two empty WebSocket pings before each message",
			Permitted: "WebSocket (RFC 6455, section 5.5.2): an endpoint may send a ping at any time while the connection is open.",
			Apply:     messages(func(frame []byte) [][]byte { return [][]byte{slicesOf([]byte{0x89, 0, 0x89, 0}, frame)} }),
		},
		Variant{
			Name: "link/one-byte-a-fragment", Summary: "sends each byte of a short message in its own frame", Permitted: inFragments,
			Apply: shortMessages(func(opcode byte, payload []byte) (frames []byte) {
				for i, b := range payload {
					if i > 0 {
						opcode = 0
					}
					if i == len(payload)-1 {
						opcode |= 0x80
					}
					frames = append(frames, opcode, 1, b)
				}
				return frames
			}),
		},
		Variant{
			Name: "link/empty-first-fragment", Summary: "begins each short message with an empty frame", Permitted: inFragments,
			Apply: shortMessages(func(opcode byte, payload []byte) []byte {
				return slicesOf([]byte{opcode, 0, 0x80, byte(len(payload))}, payload)
			}),
		},
		Variant{
			Name: "link/empty-last-fragment", Summary: "ends each short message with an empty frame", Permitted: inFragments,
			Apply: shortMessages(func(opcode byte, payload []byte) []byte {
				return slicesOf([]byte{opcode, byte(len(payload))}, payload, []byte{0x80, 0})
			}),
		},
		Variant{
			Name: "link/pings-within-messages", Summary: "sends a WebSocket ping between the two frames of each short message",
			Permitted: "WebSocket (RFC 6455, section 5.4): control frames may be injected in the middle of a fragmented message.",
			Apply: shortMessages(func(opcode byte, payload []byte) []byte {
				return slicesOf([]byte{opcode, 1}, payload[:1], []byte{0x89, 0, 0x80, byte(len(payload) - 1)}, payload[1:])
			}),
		},
		Variant{
			Name: "link/in-two-segments", Summary: "writes each answer in two segments", Permitted: "TCP is a stream: segment boundaries mean nothing.",
			Apply: written(func() func([]byte) [][]byte {
				return func(p []byte) [][]byte { return [][]byte{p[:len(p)/2], p[len(p)/2:]} }
			}),
		},
		Variant{
			Name: "link/head-before-body", Summary: "writes the body of an answer 5 ms after its head", Permitted: "TCP is a stream: segment boundaries mean nothing.",
			Apply: written(func() func([]byte) [][]byte {
				return func(p []byte) [][]byte {
					if !isHead(p) {
						time.Sleep(5 * time.Millisecond)
					}
					return same(p)
				}
			}),
		},
		Variant{
			Name: "link/jitter", Summary: "writes each piece up to 20 ms late", Permitted: "The documents do not demand any speed.",
			Apply: written(func() func([]byte) [][]byte {
				return func(p []byte) [][]byte {
					time.Sleep(rand.N(20 * time.Millisecond))
					return same(p)
				}
			}),
		},
		Variant{
			Name: "link/early-hints-before-websockets", Summary: "sends 103 before it opens a WebSocket",
			Permitted: "HTTP (RFC 9110, section 15.2): a client must be able to read one or more 1xx responses before the final one.",
			Apply: written(func() func([]byte) [][]byte {
				return func(p []byte) [][]byte {
					if isSwitch(p) {
						return [][]byte{[]byte("HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"), p}
					}
					return same(p)
				}
			}),
		},
	)
}

// shortMessages changes the frames of messages of 2 to 125 bytes that a server writes to an open WebSocket.
func shortMessages(change func(opcode byte, payload []byte) []byte) func(*application.Options) {
	return messages(func(frame []byte) [][]byte {
		if len(frame) < 4 || frame[1] > 125 || len(frame) != int(frame[1])+2 {
			return same(frame)
		}
		return [][]byte{change(frame[0]&0x0f, frame[2:])}
	})
}

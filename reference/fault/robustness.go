package fault

import (
	"bytes"
	"net"
	"regexp"
	"sync"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults that let one client harm others, and faults in optional forms of what clients send.
func init() {
	register(
		Fault{
			Name:     "robustness/unmasked-frames-taken",
			Breaks:   "robustness/1",
			Sentence: "Frames of a client may be unmasked.",
			Apply:    inFrames(func(f *frame, _ byte) { f.masked = true }),
		},
		Fault{
			Name:     "robustness/reserved-opcodes-ignored",
			Breaks:   "robustness/1",
			Sentence: "Frames with reserved opcodes are ignored.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.opcode >= 3 && f.opcode <= 7 || f.opcode > 0xa {
					toPong(f)
				}
			}),
		},
		Fault{
			Name:     "robustness/lone-continuations-ignored",
			Breaks:   "robustness/1",
			Sentence: "Continuation frames outside a message are ignored.",
			Apply: inFrames(func(f *frame, open byte) {
				if f.opcode == 0 && open == 0 {
					toPong(f)
				}
			}),
		},
		Fault{
			Name:     "robustness/broken-text-mended",
			Breaks:   "robustness/1",
			Sentence: "Invalid UTF-8 in a text message is replaced.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.opcode == 1 {
					f.payload = bytes.ToValidUTF8(f.payload, []byte("?"))
				}
			}),
		},
		Fault{
			Name:     "robustness/fragmented-control-frames-taken",
			Breaks:   "robustness/1",
			Sentence: "Control frames may be fragmented.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.opcode >= 8 {
					f.final = true
				}
			}),
		},
		Fault{
			Name:     "robustness/large-control-frames-taken",
			Breaks:   "robustness/1",
			Sentence: "Control frames may be of any size.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.opcode >= 8 && len(f.payload) > 125 {
					f.payload = f.payload[:125]
				}
			}),
		},
		Fault{
			Name:     "robustness/reserved-bits-ignored",
			Breaks:   "robustness/1",
			Sentence: "The bits of a frame that are reserved for extensions are ignored.",
			Apply:    inFrames(func(f *frame, _ byte) { f.reserved = 0 }),
		},
		Fault{
			Name:     "robustness/message-within-a-message-ignored",
			Breaks:   "robustness/1",
			Sentence: "A text or binary frame before the last fragment of another message is ignored.",
			Apply: inFrames(func(f *frame, open byte) {
				if f.opcode != 0 && f.opcode < 3 && open != 0 {
					toPong(f)
				}
			}),
		},
		Fault{
			Name:     "robustness/junk-stops-the-server",
			Breaks:   "robustness/4",
			Sentence: "A connection that does not begin with an HTTP method stops the server.",
			Apply: onConnections(func(c net.Conn, l net.Listener) net.Conn {
				return &closesListenerConn{Conn: c, listener: l}
			}),
		},
		Fault{
			Name:     "robustness/broken-packet-ends-all-sessions",
			Breaks:   "robustness/3",
			Sentence: "An invalid packet ends the sessions of all clients.",
			Apply: engine(func(rules *engineio.Rules) {
				var all sync.Map
				rules.Handshake = override.OpenPacket(rules.Handshake, func(s *engineio.Session, _, text string) engineio.Packet {
					all.Store(s, nil)
					return engineio.Packet{Type: engineio.Open, Data: []byte(text)}
				})
				rules.Encoding = override.Tolerate(rules.Encoding, func(string, []byte) bool {
					all.Range(func(s, _ any) bool {
						s.(*engineio.Session).Abort("parse error")
						return true
					})
					return false
				})
			}),
		},
		Fault{
			Name:     "robustness/room-for-announced-attachments",
			Breaks:   "robustness/3",
			Sentence: "A packet that announces a million attachments or more ends every session that has joined a namespace.",
			Apply: fresh(func() apply {
				var mu sync.Mutex
				var joined []client
				announces := regexp.MustCompile(`^[56]\d{7,}-`)
				return all(packetsIn(func(c client, p pkt) []pkt {
					if p.Type == packet.Connect {
						mu.Lock()
						defer mu.Unlock()
						joined = append(joined, c)
					}
					return []pkt{p}
				}), received(func(_ client, text string) bool {
					if !announces.MatchString(text) {
						return false
					}
					mu.Lock()
					everyone := joined
					joined = nil
					mu.Unlock()
					for _, c := range everyone {
						c.Abort()
					}
					return true
				}))
			}),
		},
		Fault{
			Name:     "robustness/early-frame-closes-all",
			Breaks:   "robustness/3",
			Sentence: "A frame with reserved bits that comes in one piece with the WebSocket handshake ends all connections.",
			Apply: fresh(func() apply {
				var conns sync.Map
				return onConnections(func(c net.Conn, _ net.Listener) net.Conn {
					conns.Store(c, nil)
					return &earlyConn{Conn: c, all: &conns}
				})
			}),
		},
		Fault{
			Name:     "robustness/broken-packet-closes-all",
			Breaks:   "robustness/3",
			Sentence: "A packet that cannot be read ends every session that has joined a namespace.",
			Apply: fresh(func() apply {
				var mu sync.Mutex
				var joined []client
				return all(packetsIn(func(c client, p pkt) []pkt {
					if p.Type == packet.Connect {
						mu.Lock()
						defer mu.Unlock()
						joined = append(joined, c)
					}
					return []pkt{p}
				}), malformed(func(client, engineio.Message, error) bool {
					mu.Lock()
					everyone := joined
					joined = nil
					mu.Unlock()
					for _, c := range everyone {
						c.Abort()
					}
					return false
				}))
			}),
		},
	)
}

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

// Faults of servers that one client can make fail others, and of forms that clients may choose.
func init() {
	register(
		Fault{
			Name:     "robustness/unmasked-frames-taken",
			Breaks:   "robustness/1",
			Sentence: "Frames of a client need no mask.",
			Apply:    inFrames(func(f *frame, _ byte) { f.masked = true }),
		},
		Fault{
			Name:     "robustness/reserved-opcodes-ignored",
			Breaks:   "robustness/1",
			Sentence: "Frames of reserved opcodes are ignored.",
			Apply: inFrames(func(f *frame, _ byte) {
				if f.opcode >= 3 && f.opcode <= 7 || f.opcode > 0xa {
					toPong(f)
				}
			}),
		},
		Fault{
			Name:     "robustness/lone-continuations-ignored",
			Breaks:   "robustness/1",
			Sentence: "Continuations of no message are ignored.",
			Apply: inFrames(func(f *frame, open byte) {
				if f.opcode == 0 && open == 0 {
					toPong(f)
				}
			}),
		},
		Fault{
			Name:     "robustness/broken-text-mended",
			Breaks:   "robustness/1",
			Sentence: "What is no UTF-8 in a text message is replaced.",
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
			Name:     "robustness/junk-stops-the-server",
			Breaks:   "robustness/4",
			Sentence: "A connection that begins with no HTTP method stops the server.",
			Apply: onConnections(func(c net.Conn, l net.Listener) net.Conn {
				return &touchyConn{Conn: c, listener: l}
			}),
		},
		Fault{
			Name:     "robustness/broken-packet-ends-all-sessions",
			Breaks:   "robustness/3",
			Sentence: "What is no packet ends the sessions of all clients.",
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
			Sentence: "A frame that comes in one piece with the WebSocket handshake and has reserved bits ends all connections.",
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

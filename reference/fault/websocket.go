package fault

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in WebSockets: which belong to a session, and how their messages are read and written.
func init() {
	register(
		Fault{
			Name:     "websocket/broken-packet-forgiven",
			Breaks:   "engine.io/48",
			Sentence: "Invalid packets are ignored over WebSocket.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Tolerate(rules.Encoding, func(transport string, _ []byte) bool { return transport == engineio.WebSocket })
			}),
		},
		Fault{
			Name:     "websocket/empty-message-forgiven",
			Breaks:   "engine.io/50",
			Sentence: "An empty text message is ignored.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Tolerate(rules.Encoding, func(transport string, body []byte) bool { return transport == engineio.WebSocket && len(body) == 0 })
			}),
		},
		Fault{
			Name:     "websocket/separator-splits-messages",
			Breaks:   "engine.io/40",
			Sentence: "A separator within a text message splits it, as in a payload.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Encoding = payloadsOverWebSocket{rules.Encoding} }),
		},
		Fault{
			Name:     "websocket/messages-joined",
			Breaks:   "engine.io/39",
			Sentence: "Packets that go out together are joined in one WebSocket message.",
			Apply: outgoing(engineio.WebSocket, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				var all []engineio.Packet
				for _, p := range packets {
					if n := len(all); n > 0 && !p.Binary && !all[n-1].Binary {
						all[n-1].Data = append(append(append([]byte{}, all[n-1].Data...), '\x1e'), p.Encode()...)
						continue
					}
					all = append(all, p)
				}
				return all
			}),
		},
		Fault{
			Name:     "websocket/binary-as-base64",
			Breaks:   "engine.io/118",
			Sentence: "Over WebSocket, binary messages are sent as base64.",
			Apply: outgoing(engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
				if p.Binary {
					return engineio.Packet{Type: 'b', Data: []byte(base64.StdEncoding.EncodeToString(p.Data))}
				}
				return p
			})),
		},
		Fault{
			Name:     "websocket/binary-with-type",
			Breaks:   "engine.io/118",
			Sentence: "Over WebSocket, binary messages begin with the byte 4, as in protocol version 3.",
			Apply: outgoing(engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
				if p.Binary {
					p.Data = append([]byte{4}, p.Data...)
				}
				return p
			})),
		},
		Fault{
			Name:     "websocket/binary-without-first-byte",
			Breaks:   "engine.io/118",
			Sentence: "The first byte of a binary message is taken for a type.",
			Apply: incoming(engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
				if p.Binary && len(p.Data) > 0 {
					p.Data = p.Data[1:]
				}
				return p
			})),
		},
		Fault{
			Name:     "websocket/empty-binary-lost",
			Breaks:   "engine.io/119",
			Sentence: "Empty binary messages are not sent.",
			Apply:    outgoing(engineio.WebSocket, without(func(p engineio.Packet) bool { return p.Binary && len(p.Data) == 0 })),
		},
		Fault{
			Name:     "websocket/second-socket-takes-over",
			Breaks:   "engine.io/95",
			Sentence: "A second WebSocket takes a session over from the first.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.WebSocket = seconded{rules.WebSocket, engineio.SecondReplaces, anySession}
			}),
		},
		Fault{
			Name:     "websocket/second-socket-lives",
			Breaks:   "engine.io/96",
			Sentence: "A second WebSocket for a session is left open.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.WebSocket = seconded{rules.WebSocket, engineio.SecondStays, anySession}
			}),
		},
		Fault{
			Name:     "websocket/no-control-pong",
			Breaks:   "engine.io/86",
			Sentence: "The pings of the WebSocket protocol itself are not answered.",
			Apply:    engine(func(rules *engineio.Rules) { rules.WebSocket = ignoresPingFrames{rules.WebSocket} }),
		},
		Fault{
			Name:     "websocket/no-close-frame",
			Breaks:   "engine.io/57",
			Sentence: "The server closes WebSockets without a close frame.",
			Apply:    engine(func(rules *engineio.Rules) { rules.WebSocket = breakingOff{rules.WebSocket} }),
		},
		Fault{
			Name:     "websocket/messages-reordered",
			Breaks:   "engine.io/92",
			Sentence: "Messages that go out together are sent in reverse order.",
			Apply: outgoing(engineio.WebSocket, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				all := slices.Clone(packets)
				if !slices.ContainsFunc(all, func(p engineio.Packet) bool { return !isEvent(p) }) {
					slices.Reverse(all)
				}
				return all
			}),
		},
		Fault{
			Name:     "websocket/every-tenth-message-lost",
			Breaks:   "engine.io/102",
			Sentence: "One in ten events of the client over WebSocket is lost.",
			Apply: engine(func(rules *engineio.Rules) {
				var came perSession[int]
				rules.Session = override.Incoming(rules.Session, func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
					return without(func(p engineio.Packet) bool {
						if transport != engineio.WebSocket || !isEvent(p) {
							return false
						}
						count := came.of(s)
						*count++
						return *count%10 == 0
					})(s, packets)
				})
			}),
		},
		Fault{
			Name:     "websocket/messages-doubled",
			Breaks:   "engine.io/102",
			Sentence: "Each message over WebSocket is sent twice.",
			Apply: outgoing(engineio.WebSocket, func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
				var all []engineio.Packet
				for _, p := range packets {
					all = append(all, p)
					if isEvent(p) {
						all = append(all, p)
					}
				}
				return all
			}),
		},
		Fault{
			Name:     "websocket/open-packet-ends-the-session",
			Breaks:   "engine.io/51",
			Sentence: "An open packet of the client ends the session.",
			Apply: incoming("", mapped(func(p engineio.Packet) engineio.Packet {
				if p.Type == engineio.Open {
					return asTyped(p, engineio.Close)
				}
				return p
			})),
		},
		Fault{
			Name:     "websocket/noop-ends-the-session",
			Breaks:   "engine.io/52",
			Sentence: "A noop of the client ends the session.",
			Apply: incoming("", mapped(func(p engineio.Packet) engineio.Packet {
				if p.Type == engineio.Noop || p.Type == engineio.Upgrade {
					return asTyped(p, engineio.Close)
				}
				return p
			})),
		},
		Fault{
			Name:     "websocket/upgrade-headers-compared-whole",
			Breaks:   "robustness/8",
			Sentence: "The headers Upgrade and Connection of a WebSocket handshake must be written exactly as in the examples.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal == nil && websocket.IsWebSocketUpgrade(r) && (r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade") {
					return refused(engineio.BadRequest, "name", "TRANSPORT_HANDSHAKE_ERROR")
				}
				return refusal
			}),
		},
		Fault{
			Name:     "websocket/limit-in-characters",
			Breaks:   "engine.io/44",
			Sentence: "maxPayload limits the characters of a WebSocket message instead of its bytes.",
			Apply: engine(func(rules *engineio.Rules) {
				var limit atomic.Int64
				rules.Session = override.MaxPayload(rules.Session, func(n int64) int64 {
					limit.Store(n)
					return utf8.UTFMax * n
				})
				rules.Polling = override.Size(rules.Polling, func(body []byte) int64 { return int64(utf8.UTFMax * utf8.RuneCount(body)) })
				rules.Session = override.Incoming(rules.Session, func(s *engineio.Session, transport string, packets []engineio.Packet) []engineio.Packet {
					for _, p := range packets {
						if transport == engineio.WebSocket && !p.Binary && int64(utf8.RuneCount(p.Data)) >= limit.Load() {
							s.Abort("transport error")
						}
					}
					return packets
				})
			}),
		},
		Fault{
			Name:     "websocket/version-optional",
			Breaks:   "engine.io/36",
			Sentence: "A WebSocket without a protocol version opens a session.",
			Apply: queries(func(r *http.Request, q url.Values) {
				if websocket.IsWebSocketUpgrade(r) && !q.Has("EIO") {
					q.Set("EIO", "4")
				}
			}),
		},
		Fault{
			Name:     "websocket/transport-optional",
			Breaks:   "engine.io/37",
			Sentence: "A WebSocket without a transport opens a session.",
			Apply: queries(func(r *http.Request, q url.Values) {
				if websocket.IsWebSocketUpgrade(r) && !q.Has("transport") {
					q.Set("transport", engineio.WebSocket)
				}
			}),
		},
		Fault{
			Name:     "websocket/refused-without-a-close-frame",
			Breaks:   "engine.io/38",
			Sentence: "A WebSocket without a protocol version is accepted, and then closed without a close frame.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.WebSocket = breakingOff{rules.WebSocket}
				rules.Requests = override.Query(rules.Requests, func(r *http.Request, q url.Values) {
					if websocket.IsWebSocketUpgrade(r) && !q.Has("EIO") {
						q.Set("EIO", "4")
					}
				})
				rules.Session = override.Outgoing(rules.Session, func(s *engineio.Session, _ string, packets []engineio.Packet) []engineio.Packet {
					if s.Request().URL.Query().Has("EIO") {
						return packets
					}
					go s.Abort("parse error") // Abort must wait until this call returns
					return nil
				})
			}),
		},
		Fault{
			Name:     "websocket/fragments-are-messages",
			Breaks:   "engine.io/41",
			Sentence: "Each fragment of a WebSocket message is taken for a message.",
			Apply: inFrames(func(f *frame, open byte) {
				if f.opcode == 0 && open != 0 {
					f.opcode = open
				}
				f.final = true
			}),
		},
		Fault{
			Name:     "websocket/second-socket-beside-the-first",
			Breaks:   "engine.io/42",
			Sentence: "A second WebSocket for a session that was opened over WebSocket is left open.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.WebSocket = seconded{rules.WebSocket, engineio.SecondStays, overWebSocket}
			}),
		},
		Fault{
			Name:     "websocket/unknown-session-opens-one",
			Breaks:   "engine.io/43",
			Sentence: "A WebSocket with an unknown sid opens a session.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal != nil && refusal.Code == engineio.SessionUnknown && websocket.IsWebSocketUpgrade(r) {
					return nil
				}
				return refusal
			}),
		},
		Fault{
			Name:     "websocket/upgrade-packet-ends-the-session",
			Breaks:   "engine.io/53",
			Sentence: "An upgrade packet outside an upgrade ends the session.",
			Apply: incoming(engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
				if p.Type == engineio.Upgrade {
					return asTyped(p, engineio.Close)
				}
				return p
			})),
		},
		Fault{
			Name:     "websocket/close-packet-ignored",
			Breaks:   "engine.io/55",
			Sentence: "A close packet over WebSocket is ignored.",
			Apply:    incoming(engineio.WebSocket, without(func(p engineio.Packet) bool { return p.Type == engineio.Close })),
		},
		Fault{
			Name:     "websocket/later-events-joined",
			Breaks:   "engine.io/39",
			Sentence: "From a session's third event on, two events share each WebSocket message.",
			Apply: outgoing(engineio.WebSocket, func() func(*engineio.Session, []engineio.Packet) []engineio.Packet {
				type events struct {
					count int
					held  []byte
				}
				var all perSession[events]
				return func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
					of := all.of(s)
					if len(packets) != 1 || !isEvent(packets[0]) {
						return packets
					}
					switch of.count++; {
					case of.count < 3:
					case of.held == nil:
						of.held = packets[0].Encode()
						return nil
					default:
						packets[0].Data = append(append(of.held[1:], '\x1e'), packets[0].Encode()...)
						of.held = nil
					}
					return packets
				}
			}()),
		},
		Fault{
			Name:     "websocket/attachments-header-in-a-binary-message",
			Breaks:   "engine.io/117",
			Sentence: "The text of an event with attachments is sent in a binary WebSocket message.",
			Apply: outgoing(engineio.WebSocket, mapped(func(p engineio.Packet) engineio.Packet {
				if isMessage(p) && !p.Binary && bytes.HasPrefix(p.Data, []byte("5")) {
					p.Data, p.Binary = p.Encode(), true
				}
				return p
			})),
		},
		Fault{
			Name:     "websocket/base64-refused",
			Breaks:   "engine.io/120",
			Sentence: "Base64 in a WebSocket text message is not accepted as a packet.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, func(transport string, body []byte) []byte {
					if transport == engineio.WebSocket && bytes.HasPrefix(body, []byte("b")) {
						return nil
					}
					return body
				})
			}),
		},
	)
}

func asTyped(p engineio.Packet, kind byte) engineio.Packet {
	p.Type = kind
	return p
}

// payloadsOverWebSocket reads a text message as a payload.
type payloadsOverWebSocket struct{ engineio.EncodingRules }

func (f payloadsOverWebSocket) Decode(_ string, text []byte) ([]engineio.Packet, error) {
	return f.EncodingRules.Decode(engineio.Polling, text)
}

// seconded does not close the second WebSocket of certain sessions but does something else with it.
type seconded struct {
	engineio.WebSocketRules
	instead engineio.Second
	of      func(*engineio.Session) bool
}

func (f seconded) Second(s *engineio.Session) engineio.Second {
	if f.of(s) {
		return f.instead
	}
	return f.WebSocketRules.Second(s)
}

func anySession(*engineio.Session) bool { return true }

func overWebSocket(s *engineio.Session) bool { return websocket.IsWebSocketUpgrade(s.Request()) }

// ignoresPingFrames answers no ping frame.
type ignoresPingFrames struct{ engineio.WebSocketRules }

func (ignoresPingFrames) AnswersPings() bool { return false }

// breakingOff closes WebSockets without a close frame.
type breakingOff struct{ engineio.WebSocketRules }

func (breakingOff) SendsCloseFrame() bool { return false }

package fault

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in the open packet, and in which requests open a session.
func init() {
	register(
		Fault{
			Name:     "handshake/open-packet-of-another-type",
			Breaks:   "engine.io/62",
			Sentence: "The open packet has the type of a message.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Handshake = override.OpenPacket(rules.Handshake, func(_ *engineio.Session, _, text string) engineio.Packet {
					return engineio.Packet{Type: engineio.Text, Data: []byte(text)}
				})
			}),
		},
		Fault{
			Name:     "handshake/open-packet-without-type",
			Breaks:   "engine.io/61",
			Sentence: "The open packet is the bare JSON object.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Handshake = override.OpenPacket(rules.Handshake, func(_ *engineio.Session, _, text string) engineio.Packet {
					return engineio.Packet{Type: text[0], Data: []byte(text[1:])}
				})
			}),
		},
		Fault{
			Name:     "handshake/websocket-open-packet-binary",
			Breaks:   "engine.io/62",
			Sentence: "Over WebSocket, the open packet is a binary message.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Handshake = override.OpenPacket(rules.Handshake, func(_ *engineio.Session, transport, text string) engineio.Packet {
					if transport == engineio.WebSocket {
						return engineio.Packet{Type: engineio.Text, Data: []byte("0" + text), Binary: true}
					}
					return engineio.Packet{Type: engineio.Open, Data: []byte(text)}
				})
			}),
		},
		Fault{
			Name:     "handshake/upgrades-empty-over-polling",
			Breaks:   "engine.io/64",
			Sentence: "A polling session is not offered an upgrade.",
			Apply:    inOpenPacket(engineio.Polling, func(f map[string]any) { f["upgrades"] = []string{} }),
		},
		Fault{
			Name:     "handshake/upgrades-null-over-polling",
			Breaks:   "engine.io/64",
			Sentence: "Over polling, upgrades is null.",
			Apply:    inOpenPacket(engineio.Polling, func(f map[string]any) { f["upgrades"] = nil }),
		},
		Fault{
			Name:     "handshake/upgrades-under-another-name",
			Breaks:   "engine.io/64",
			Sentence: "The upgrade to WebSocket is offered as webSocket.",
			Apply:    inOpenPacket(engineio.Polling, func(f map[string]any) { f["upgrades"] = []string{"webSocket"} }),
		},
		Fault{
			Name:     "handshake/upgrades-null-over-websocket",
			Breaks:   "engine.io/65",
			Sentence: "Over WebSocket, upgrades is null.",
			Apply:    inOpenPacket(engineio.WebSocket, func(f map[string]any) { f["upgrades"] = nil }),
		},
		Fault{
			Name:     "handshake/upgrades-offered-over-websocket",
			Breaks:   "engine.io/65",
			Sentence: "A session over WebSocket is offered the upgrade to WebSocket.",
			Apply:    inOpenPacket(engineio.WebSocket, func(f map[string]any) { f["upgrades"] = []string{"websocket"} }),
		},
		Fault{
			Name:     "handshake/upgrades-as-text",
			Breaks:   "engine.io/64",
			Sentence: "The value of upgrades is a string.",
			Apply:    inOpenPacket(engineio.Polling, func(f map[string]any) { f["upgrades"] = "websocket" }),
		},
		Fault{
			Name:     "handshake/times-in-seconds",
			Breaks:   "engine.io/66",
			Sentence: "The times of the heartbeat are in seconds.",
			Apply: inOpenPacket("", func(f map[string]any) {
				f["pingInterval"], f["pingTimeout"] = f["pingInterval"].(float64)/1000, f["pingTimeout"].(float64)/1000
			}),
		},
		Fault{
			Name:     "handshake/times-as-text",
			Breaks:   "engine.io/61",
			Sentence: "The times of the heartbeat are strings.",
			Apply: inOpenPacket("", func(f map[string]any) {
				f["pingInterval"], f["pingTimeout"] = fmt.Sprint(f["pingInterval"]), fmt.Sprint(f["pingTimeout"])
			}),
		},
		Fault{
			Name:     "handshake/interval-told-too-long",
			Breaks:   "engine.io/66",
			Sentence: "The announced pingInterval is twice the real one.",
			Apply:    inOpenPacket("", func(f map[string]any) { f["pingInterval"] = f["pingInterval"].(float64) * 2 }),
		},
		Fault{
			Name:     "handshake/other-times-over-websocket",
			Breaks:   "engine.io/67",
			Sentence: "Over WebSocket, the open packet has a pingTimeout other than over polling.",
			Apply:    inOpenPacket(engineio.WebSocket, func(f map[string]any) { f["pingTimeout"] = f["pingTimeout"].(float64) + 100 }),
		},
		Fault{
			Name:     "handshake/no-ping-timeout",
			Breaks:   "engine.io/62",
			Sentence: "The open packet lacks pingTimeout.",
			Apply:    inOpenPacket("", func(f map[string]any) { delete(f, "pingTimeout") }),
		},
		Fault{
			Name:     "handshake/no-max-payload",
			Breaks:   "engine.io/68",
			Sentence: "The open packet lacks maxPayload.",
			Apply:    inOpenPacket("", func(f map[string]any) { delete(f, "maxPayload") }),
		},
		Fault{
			Name:     "handshake/max-payload-as-text",
			Breaks:   "engine.io/68",
			Sentence: "maxPayload is a string.",
			Apply:    inOpenPacket("", func(f map[string]any) { f["maxPayload"] = "1000000" }),
		},
		Fault{
			Name:     "handshake/max-payload-too-small",
			Breaks:   "engine.io/44",
			Sentence: "The announced maxPayload is a tenth of what the server accepts.",
			Apply:    inOpenPacket("", func(f map[string]any) { f["maxPayload"] = f["maxPayload"].(float64) / 10 }),
		},
		Fault{
			Name:     "handshake/keys-in-snake-case",
			Breaks:   "engine.io/62",
			Sentence: "The open packet's keys are in snake case.",
			Apply: inOpenPacket("", func(f map[string]any) {
				f["ping_interval"], f["ping_timeout"] = f["pingInterval"], f["pingTimeout"]
				delete(f, "pingInterval")
				delete(f, "pingTimeout")
			}),
		},
		Fault{
			Name:     "handshake/extra-key",
			Breaks:   "engine.io/69",
			Sentence: "The open packet has a key that the protocol does not know.",
			Apply:    inOpenPacket("", func(f map[string]any) { f["serverTime"] = 1 }),
		},
		Fault{
			Name:     "handshake/sid-as-number",
			Breaks:   "engine.io/63",
			Sentence: "The sid is a number.",
			Apply:    inOpenPacket("", func(f map[string]any) { f["sid"] = 12345678901234567 }),
		},
		Fault{
			Name:     "handshake/sids-count-up",
			Breaks:   "engine.io/70",
			Sentence: "The session IDs are consecutive numbers.",
			Apply: engine(func(rules *engineio.Rules) {
				var n atomic.Int64
				rules.Handshake = override.SessionID(rules.Handshake, func(string) string { return fmt.Sprint(1000 + n.Add(1)) })
			}),
		},
		Fault{
			Name:     "handshake/sid-repeats",
			Breaks:   "engine.io/70",
			Sentence: "All sessions opened within the same hundredth of a second get the same ID.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Handshake = override.SessionID(rules.Handshake, func(string) string { return fmt.Sprintf("s%d", time.Now().UnixMilli()/10) })
			}),
		},
		Fault{
			Name:     "handshake/short-sid",
			Breaks:   "engine.io/70",
			Sentence: "The session IDs have four characters.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Handshake = override.SessionID(rules.Handshake, func(id string) string { return id[:4] })
			}),
		},
		Fault{
			Name:     "handshake/any-protocol-version",
			Breaks:   "engine.io/4",
			Sentence: "A handshake of any protocol version is accepted.",
			Apply:    queries(func(_ *http.Request, q url.Values) { q.Set("EIO", "4") }),
		},
		Fault{
			Name:     "handshake/protocol-3-in-form-only",
			Breaks:   "engine.io/5",
			Sentence: "The answer to a handshake of another protocol version is length-prefixed, but the session has version 4.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Requests = override.Query(rules.Requests, func(_ *http.Request, q url.Values) { q.Set("EIO", "4") })
				rules.Headers = override.Answer(rules.Headers, func(r *http.Request, a *engineio.Answer) {
					if a.On == engineio.HandshakeAnswer && r.URL.Query().Get("EIO") != "4" {
						a.Body = fmt.Appendf(nil, "%d:%s", len(a.Body), a.Body)
					}
				})
			}),
		},
		Fault{
			Name:     "handshake/protocol-version-optional",
			Breaks:   "engine.io/3",
			Sentence: "A handshake without a protocol version is accepted.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				if !q.Has("EIO") {
					q.Set("EIO", "4")
				}
			}),
		},
		Fault{
			Name:     "handshake/newer-protocol-version",
			Breaks:   "engine.io/6",
			Sentence: "Protocol versions above 4 are taken for 4.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				if q.Get("EIO") > "4" && len(q.Get("EIO")) == 1 {
					q.Set("EIO", "4")
				}
			}),
		},
		Fault{
			Name:     "handshake/transport-defaults-to-polling",
			Breaks:   "engine.io/8",
			Sentence: "A request without a known transport is taken for polling.",
			Apply: queries(func(r *http.Request, q url.Values) {
				if t := q.Get("transport"); t != "websocket" {
					q.Set("transport", "polling")
				}
			}),
		},
		Fault{
			Name:     "handshake/missing-transport-is-polling",
			Breaks:   "engine.io/7",
			Sentence: "A request without a transport is taken for polling.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				if !q.Has("transport") {
					q.Set("transport", "polling")
				}
			}),
		},
		Fault{
			Name:     "handshake/any-method",
			Breaks:   "engine.io/59",
			Sentence: "A handshake with any method is accepted.",
			Apply: inVerification(func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal != nil && refusal.Code == engineio.BadHandshakeMethod {
					return nil
				}
				return refusal
			}),
		},
		Fault{
			Name:     "handshake/post-opens-a-session",
			Breaks:   "engine.io/58",
			Sentence: "A handshake by POST is accepted.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal != nil && refusal.Code == engineio.BadHandshakeMethod && r.Method == http.MethodPost {
					return nil
				}
				return refusal
			}),
		},
		Fault{
			Name:     "handshake/extra-parameters-refused",
			Breaks:   "engine.io/12",
			Sentence: "A request with a parameter that the protocol does not know is refused.",
			Apply: inVerification(func(_ *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				for name := range q {
					if !slices.Contains([]string{"EIO", "transport", "sid", "mark", "deny"}, name) {
						return &engineio.Refusal{Code: engineio.BadRequest}
					}
				}
				return refusal
			}),
		},
		Fault{
			Name:     "handshake/websocket-opens-over-plain-http",
			Breaks:   "engine.io/11",
			Sentence: "A plain GET of the transport websocket opens a session.",
			Apply: inVerification(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal != nil && refusal.Code == engineio.BadRequest && refusal.Context["name"] == "TRANSPORT_HANDSHAKE_ERROR" {
					return nil
				}
				return refusal
			}),
		},
		Fault{
			Name:     "handshake/created",
			Breaks:   "engine.io/61",
			Sentence: "A polling handshake is answered with 201.",
			Apply:    inAnswers(engineio.HandshakeAnswer, func(_ *http.Request, a *engineio.Answer) { a.Status = http.StatusCreated }),
		},
		Fault{
			Name:     "handshake/as-json",
			Breaks:   "socket.io/207",
			Sentence: "A polling handshake is answered with the Content-Type of JSON.",
			Apply:    inAnswers(engineio.HandshakeAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Set("Content-Type", "application/json") }),
		},
		Fault{
			Name:     "handshake/length-prefixed",
			Breaks:   "engine.io/61",
			Sentence: "The open packet is length-prefixed, as in protocol version 3.",
			Apply: inAnswers(engineio.HandshakeAnswer, func(_ *http.Request, a *engineio.Answer) {
				a.Body = []byte(fmt.Sprintf("%d:%s", len(a.Body), a.Body))
			}),
		},
		Fault{
			Name:     "handshake/cors-missing",
			Breaks:   "engine.io/74",
			Sentence: "Only the answer to a preflight request has CORS headers.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Headers = override.Answer(rules.Headers, func(_ *http.Request, a *engineio.Answer) { a.Header.Del("Access-Control-Allow-Origin") })
			}),
		},
		Fault{
			Name:     "handshake/preflight-refused",
			Breaks:   "announcement/52",
			Sentence: "A CORS preflight request is taken for a handshake.",
			Apply:    engine(func(rules *engineio.Rules) { rules.CORS = withoutPreflights{rules.CORS} }),
		},
		Fault{
			Name:     "handshake/path-without-slash",
			Breaks:   "engine.io/2",
			Sentence: "The path without its trailing slash is served, too.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Requests = override.Serves(rules.Requests, func(path string) string {
					if !strings.HasSuffix(path, "/") {
						return path + "/"
					}
					return path
				})
			}),
		},
	)
}

// withoutPreflights serves preflight requests like any others.
type withoutPreflights struct{ engineio.CORSRules }

func (withoutPreflights) AnswersPreflight(*http.Request) bool { return false }

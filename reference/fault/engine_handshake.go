package fault

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
)

func init() {
	register(
		engine("handshake/open-packet-of-another-type", "the open packet has the type of a message", func(d *engineio.Departures) {
			d.OpenPacket = func(_ *engineio.Session, _, text string) engineio.Packet {
				return engineio.Packet{Type: engineio.Text, Data: []byte(text)}
			}
		}),
		engine("handshake/open-packet-without-type", "the open packet is the bare JSON object", func(d *engineio.Departures) {
			d.OpenPacket = func(_ *engineio.Session, _, text string) engineio.Packet {
				return engineio.Packet{Type: text[0], Data: []byte(text[1:])}
			}
		}),
		engine("handshake/websocket-open-packet-binary", "over WebSocket the open packet is a binary message", func(d *engineio.Departures) {
			d.OpenPacket = func(_ *engineio.Session, transport, text string) engineio.Packet {
				if transport == engineio.WebSocket {
					return engineio.Packet{Type: engineio.Text, Data: []byte("0" + text), Binary: true}
				}
				return engineio.Packet{Type: engineio.Open, Data: []byte(text)}
			}
		}),
		inOpenPacket("handshake/upgrades-empty-over-polling", "a polling session is offered no upgrade", engineio.Polling, func(f map[string]any) { f["upgrades"] = []string{} }),
		inOpenPacket("handshake/upgrades-null-over-polling", "over polling upgrades is null", engineio.Polling, func(f map[string]any) { f["upgrades"] = nil }),
		inOpenPacket("handshake/upgrades-under-another-name", "the upgrade to WebSocket is offered as webSocket", engineio.Polling, func(f map[string]any) { f["upgrades"] = []string{"webSocket"} }),
		inOpenPacket("handshake/upgrades-null-over-websocket", "over WebSocket upgrades is null", engineio.WebSocket, func(f map[string]any) { f["upgrades"] = nil }),
		inOpenPacket("handshake/upgrades-offered-over-websocket", "a session over WebSocket is offered the upgrade to WebSocket", engineio.WebSocket, func(f map[string]any) { f["upgrades"] = []string{"websocket"} }),
		inOpenPacket("handshake/upgrades-as-text", "upgrades is a string", engineio.Polling, func(f map[string]any) { f["upgrades"] = "websocket" }),
		inOpenPacket("handshake/times-in-seconds", "the times of the heartbeat are in seconds", "", func(f map[string]any) {
			f["pingInterval"], f["pingTimeout"] = f["pingInterval"].(float64)/1000, f["pingTimeout"].(float64)/1000
		}),
		inOpenPacket("handshake/times-as-text", "the times of the heartbeat are strings", "", func(f map[string]any) {
			f["pingInterval"], f["pingTimeout"] = fmt.Sprint(f["pingInterval"]), fmt.Sprint(f["pingTimeout"])
		}),
		inOpenPacket("handshake/interval-told-too-long", "pingInterval is told as twice of what it is", "", func(f map[string]any) { f["pingInterval"] = f["pingInterval"].(float64) * 2 }),
		inOpenPacket("handshake/other-times-over-websocket", "over WebSocket pingTimeout is told as another than over polling", engineio.WebSocket, func(f map[string]any) { f["pingTimeout"] = f["pingTimeout"].(float64) + 100 }),
		inOpenPacket("handshake/no-ping-timeout", "the open packet lacks pingTimeout", "", func(f map[string]any) { delete(f, "pingTimeout") }),
		inOpenPacket("handshake/no-max-payload", "the open packet lacks maxPayload", "", func(f map[string]any) { delete(f, "maxPayload") }),
		inOpenPacket("handshake/max-payload-as-text", "maxPayload is a string", "", func(f map[string]any) { f["maxPayload"] = "1000000" }),
		inOpenPacket("handshake/max-payload-too-small", "maxPayload says a tenth of what the server takes", "", func(f map[string]any) { f["maxPayload"] = f["maxPayload"].(float64) / 10 }),
		inOpenPacket("handshake/keys-in-snake-case", "the open packet's keys are in snake case", "", func(f map[string]any) {
			f["ping_interval"], f["ping_timeout"] = f["pingInterval"], f["pingTimeout"]
			delete(f, "pingInterval")
			delete(f, "pingTimeout")
		}),
		inOpenPacket("handshake/extra-key", "the open packet has a key that the protocol does not know", "", func(f map[string]any) { f["serverTime"] = 1 }),
		inOpenPacket("handshake/sid-as-number", "the sid is a number", "", func(f map[string]any) { f["sid"] = 12345678901234567 }),
		Fault{"handshake/sids-count-up", "the session IDs are consecutive numbers", func(o *application.Options) {
			var n atomic.Int64
			o.Engine.SessionID = func(string) string { return fmt.Sprint(1000 + n.Add(1)) }
		}},
		Fault{"handshake/sid-repeats", "every hundredth of a second all sessions get one ID", func(o *application.Options) {
			o.Engine.SessionID = func(string) string { return fmt.Sprintf("s%d", time.Now().UnixMilli()/10) }
		}},
		Fault{"handshake/short-sid", "the session IDs have four characters", func(o *application.Options) {
			o.Engine.SessionID = func(id string) string { return id[:4] }
		}},
		engine("handshake/any-protocol-version", "a handshake of any protocol version is accepted", func(d *engineio.Departures) {
			d.Query = func(_ *http.Request, q url.Values) { q.Set("EIO", "4") }
		}),
		engine("handshake/protocol-3-in-form-only", "to a handshake of another protocol version the open packet is length-prefixed, the session is of version 4", func(d *engineio.Departures) {
			d.Query = func(_ *http.Request, q url.Values) { q.Set("EIO", "4") }
			d.Answer = func(r *http.Request, a *engineio.Answer) {
				if a.Kind == engineio.HandshakeAnswer && r.URL.Query().Get("EIO") != "4" {
					a.Body = fmt.Appendf(nil, "%d:%s", len(a.Body), a.Body)
				}
			}
		}),
		engine("handshake/protocol-version-optional", "a handshake without protocol version is accepted", func(d *engineio.Departures) {
			d.Query = func(_ *http.Request, q url.Values) {
				if !q.Has("EIO") {
					q.Set("EIO", "4")
				}
			}
		}),
		engine("handshake/newer-protocol-version", "protocol versions above 4 are taken for 4", func(d *engineio.Departures) {
			d.Query = func(_ *http.Request, q url.Values) {
				if q.Get("EIO") > "4" && len(q.Get("EIO")) == 1 {
					q.Set("EIO", "4")
				}
			}
		}),
		engine("handshake/transport-defaults-to-polling", "a request without a known transport is taken for polling", func(d *engineio.Departures) {
			d.Query = func(r *http.Request, q url.Values) {
				if t := q.Get("transport"); t != "websocket" {
					q.Set("transport", "polling")
				}
			}
		}),
		engine("handshake/missing-transport-is-polling", "a request without a transport is taken for polling", func(d *engineio.Departures) {
			d.Query = func(_ *http.Request, q url.Values) {
				if !q.Has("transport") {
					q.Set("transport", "polling")
				}
			}
		}),
		inVerification("handshake/any-method", "a handshake by any method is accepted", func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal != nil && refusal.Code == engineio.BadHandshakeMethod {
				return nil
			}
			return refusal
		}),
		inVerification("handshake/post-opens-a-session", "a handshake by POST is accepted", func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal != nil && refusal.Code == engineio.BadHandshakeMethod && r.Method == http.MethodPost {
				return nil
			}
			return refusal
		}),
		inVerification("handshake/extra-parameters-refused", "a request with a parameter that the protocol does not know is refused", func(_ *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			for name := range q {
				if !slices.Contains([]string{"EIO", "transport", "sid", "mark", "deny"}, name) {
					return &engineio.Refusal{Code: engineio.BadRequest}
				}
			}
			return refusal
		}),
		inVerification("handshake/websocket-opens-over-plain-http", "a plain GET of the transport websocket opens a session", func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal != nil && refusal.Code == engineio.BadRequest && refusal.Context["name"] == "TRANSPORT_HANDSHAKE_ERROR" {
				return nil
			}
			return refusal
		}),
		inAnswers("handshake/created", "a polling handshake is answered with 201", engineio.HandshakeAnswer, func(_ *http.Request, a *engineio.Answer) { a.Status = http.StatusCreated }),
		inAnswers("handshake/as-json", "a polling handshake is answered with the Content-Type of JSON", engineio.HandshakeAnswer, func(_ *http.Request, a *engineio.Answer) { a.Header.Set("Content-Type", "application/json") }),
		inAnswers("handshake/length-prefixed", "the open packet is length-prefixed, as in protocol version 3", engineio.HandshakeAnswer, func(_ *http.Request, a *engineio.Answer) {
			a.Body = []byte(fmt.Sprintf("%d:%s", len(a.Body), a.Body))
		}),
		engine("handshake/cors-missing", "no answer but that to a preflight request carries the headers of CORS", func(d *engineio.Departures) {
			d.Answer = func(_ *http.Request, a *engineio.Answer) { a.Header.Del("Access-Control-Allow-Origin") }
		}),
		engine("handshake/preflight-refused", "a preflight request of CORS is taken for a handshake", func(d *engineio.Departures) { d.NoPreflight = true }),
		engine("handshake/path-without-slash", "the path without its trailing slash is served, too", func(d *engineio.Departures) {
			d.Path = func(path string) string {
				if !strings.HasSuffix(path, "/") {
					return path + "/"
				}
				return path
			}
		}),
	)
}

package fault

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Faults of what is refused, with which of several reasons, and of what is no connection error.
func init() {
	register(
		engine("errors/transport-read-leniently", "a transport's name may be in capitals, have spaces around it, or be empty", func(d *engineio.Departures) {
			d.Query = func(r *http.Request, q url.Values) {
				name := strings.TrimSpace(strings.ToLower(q.Get("transport")))
				if name == "" && q.Has("transport") {
					name = engineio.Polling
				}
				if name == engineio.Polling || name == engineio.WebSocket {
					q.Set("transport", name)
				}
			}
		}),
		engine("errors/protocol-read-leniently", "the protocol version is read as a number, may be empty, and its key may be in small letters", func(d *engineio.Departures) {
			d.Query = func(_ *http.Request, q url.Values) {
				text := q.Get("EIO")
				if n, err := strconv.Atoi(text); err == nil && n == 4 || text == "" && q.Has("EIO") || q.Get("eio") == "4" {
					q.Set("EIO", "4")
				}
			}
		}),
		engine("errors/protocol-by-its-first-digit", "of the protocol version only the first digit counts", func(d *engineio.Departures) {
			d.Query = func(_ *http.Request, q url.Values) {
				if strings.HasPrefix(q.Get("EIO"), "4") {
					q.Set("EIO", "4")
				}
			}
		}),
		insteadOf("errors/session-checked-first", "an unknown session is refused before an unknown transport", func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal.Code == engineio.TransportUnknown && q.Get("sid") != "" {
				return refused(engineio.SessionUnknown, "sid", q.Get("sid"))
			}
			return refusal
		}),
		insteadOf("errors/method-checked-first", "a method is refused before an unknown transport or session", func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			handshake := q.Get("sid") == "" && r.Method != http.MethodGet
			if handshake || !slices.Contains([]string{http.MethodGet, http.MethodPost}, r.Method) {
				return refused(engineio.BadHandshakeMethod, "method", r.Method)
			}
			return refusal
		}),
		insteadOf("errors/protocol-checked-first", "another protocol version is refused before all else", func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if q.Get("EIO") != "4" {
				return refused(engineio.UnsupportedProtocol, "protocol", 3)
			}
			return refusal
		}),
		insteadOf("errors/application-asked-first", "the application is asked before anything is checked", func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if q.Has("deny") {
				return forbidden(q)
			}
			return refusal
		}),
		inVerification("errors/application-asked-within-sessions", "the application is asked for each request of a session", func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal == nil && q.Has("deny") {
				return forbidden(q)
			}
			return refusal
		}),
		inVerification("errors/empty-sid-is-a-session", "an empty sid is an unknown session", func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if q.Has("sid") && q.Get("sid") == "" {
				return refused(engineio.SessionUnknown, "sid", "")
			}
			return refusal
		}),
		inVerification("errors/head-is-get", "a HEAD opens a session as a GET does", func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal != nil && refusal.Code == engineio.BadHandshakeMethod && r.Method == http.MethodHead {
				return nil
			}
			return refusal
		}),
		inVerification("errors/reason-in-ascii", "the application's words lose what is not ASCII", func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal == nil || refusal.Code != engineio.Forbidden {
				return refusal
			}
			words := strings.Map(func(c rune) rune {
				if c > 127 {
					return '?'
				}
				return c
			}, refusal.Message)
			changed := refused(engineio.Forbidden, "message", words)
			changed.Message = words
			return changed
		}),
		inVerification("errors/context-undecoded", "the context has the session's name as it stands in the query", func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal == nil || refusal.Code != engineio.SessionUnknown {
				return refusal
			}
			for _, pair := range strings.Split(r.URL.RawQuery, "&") {
				if sid, ok := strings.CutPrefix(pair, "sid="); ok {
					return refused(engineio.SessionUnknown, "sid", sid)
				}
			}
			return refusal
		}),
		inRefusals("errors/context-transports-swapped", "the context swaps the request's transport and the session's", engineio.BadRequest, func(r *engineio.Refusal) {
			if r.Context["name"] == "TRANSPORT_MISMATCH" {
				r.Context = map[string]any{"name": r.Context["name"], "transport": r.Context["previousTransport"], "previousTransport": r.Context["transport"]}
			}
		}),
		inEvents("errors/no-context-for-websockets", "the context of a refused WebSocket handshake is missing", func(e engineio.ConnectionError) []engineio.ConnectionError {
			if websocket.IsWebSocketUpgrade(e.Request) {
				e.Context = nil
			}
			return []engineio.ConnectionError{e}
		}),
		onOccasion("errors/event-for-preflights", "a preflight request raises connection_error", engineio.Preflight),
		onOccasion("errors/event-for-other-paths", "a request of another path raises connection_error", engineio.ForeignPath),
		onOccasion("errors/event-for-malformed-websockets", "a malformed WebSocket handshake raises connection_error", engineio.MalformedHandshake),
		onOccasion("errors/event-for-methods-within-sessions", "a method that a session does not serve raises connection_error", engineio.UnservedMethod),
		onOccasion("errors/event-for-overlaps", "the second of two polls at once raises connection_error", engineio.Overlap),
		onOccasion("errors/event-for-oversize", "a POST that is too large raises connection_error", engineio.Oversize),
		onOccasion("errors/event-for-broken-payloads", "a POST that is no payload raises connection_error", engineio.BrokenPayload),
		onOccasion("errors/event-for-broken-off-polls", "a poll that is broken off raises connection_error", engineio.BrokenOffPoll),
		onOccasion("errors/event-for-second-websockets", "a WebSocket beside that of the session raises connection_error", engineio.SecondSocket),
		onOccasion("errors/event-for-heartbeat-timeouts", "a client that answers no ping raises connection_error", engineio.PingTimeout),
		onOccasion("errors/event-for-idle-clients", "a client that joins no namespace in time raises connection_error", engineio.ClosedByServer),
		engine("errors/other-methods-end-the-session", "a method that a session does not serve ends it", func(d *engineio.Departures) { d.OtherMethodsEnd = true }),
		Fault{"errors/event-for-connect-errors", "a client that is refused raises connection_error", packetsOut(func(c client, p pkt) []pkt {
			if p.Type == packet.ConnectError {
				c.Session().Raise()
			}
			return []pkt{p}
		})},
	)
}

// insteadOf makes a fault that gives other reasons for what is refused.
func insteadOf(name, summary string, change func(*http.Request, url.Values, *engineio.Refusal) *engineio.Refusal) Fault {
	return inVerification(name, summary, func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
		if refusal == nil {
			return nil
		}
		return change(r, q, refusal)
	})
}

func refused(code int, key string, value any) *engineio.Refusal {
	return &engineio.Refusal{Code: code, Context: map[string]any{key: value}}
}

func forbidden(q url.Values) *engineio.Refusal {
	refusal := refused(engineio.Forbidden, "message", q.Get("deny"))
	refusal.Message = q.Get("deny")
	return refusal
}

// onOccasion makes a fault that raises a connection error where none is due.
func onOccasion(name, summary string, occasion engineio.Occasion) Fault {
	return engine(name, summary, func(d *engineio.Departures) {
		d.RaiseOn = func(o engineio.Occasion) bool { return o == occasion }
	})
}

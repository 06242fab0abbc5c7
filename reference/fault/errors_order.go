package fault

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in which of several reasons a refusal has.
func init() {
	register(
		Fault{
			Name:     "errors/session-s-transport-for-any",
			Breaks:   "announcement/66",
			Sentence: "A request of a session is served whatever transport it names.",
			Apply: engine(func(rules *engineio.Rules) {
				living := sessions(rules)
				rules.Requests = override.Query(rules.Requests, func(r *http.Request, q url.Values) {
					switch name := q.Get("transport"); {
					case name == engineio.Polling || name == engineio.WebSocket || !living(q):
					case websocket.IsWebSocketUpgrade(r):
						q.Set("transport", engineio.WebSocket)
					default:
						q.Set("transport", engineio.Polling)
					}
				})
			}),
		},
		Fault{
			Name:     "errors/session-s-transport-first",
			Breaks:   "announcement/59",
			Sentence: "A request with an unknown transport and a known session is refused with code 3.",
			Apply: engine(func(rules *engineio.Rules) {
				living := sessions(rules)
				rules.Requests = override.Verify(rules.Requests, func(_ *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
					if refusal != nil && refusal.Code == engineio.TransportUnknown && living(q) {
						return refused(engineio.BadRequest, "name", "TRANSPORT_MISMATCH")
					}
					return refusal
				})
			}),
		},
		Fault{
			Name:     "errors/message-of-the-session-s-own",
			Breaks:   "announcement/71",
			Sentence: "An unknown transport within a session has code 0 and the message of code 3.",
			Apply: engine(func(rules *engineio.Rules) {
				living := sessions(rules)
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					if e.Code == engineio.TransportUnknown && living(e.Request.URL.Query()) {
						e.Message = standard(engineio.BadRequest)
					}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		Fault{
			Name:     "errors/transport-read-leniently",
			Breaks:   "announcement/60",
			Sentence: "A transport's name may be in capitals, have spaces around it, or be empty.",
			Apply: queries(func(r *http.Request, q url.Values) {
				name := strings.TrimSpace(strings.ToLower(q.Get("transport")))
				if name == "" && q.Has("transport") {
					name = engineio.Polling
				}
				if name == engineio.Polling || name == engineio.WebSocket {
					q.Set("transport", name)
				}
			}),
		},
		Fault{
			Name:     "errors/protocol-read-leniently",
			Breaks:   "announcement/60",
			Sentence: "The protocol version is read as a number, may be empty, and its key may be in small letters.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				text := q.Get("EIO")
				if n, err := strconv.Atoi(text); err == nil && n == 4 || text == "" && q.Has("EIO") || q.Get("eio") == "4" {
					q.Set("EIO", "4")
				}
			}),
		},
		Fault{
			Name:     "errors/protocol-by-its-first-digit",
			Breaks:   "announcement/6",
			Sentence: "Only the first digit of the protocol version counts.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				if strings.HasPrefix(q.Get("EIO"), "4") {
					q.Set("EIO", "4")
				}
			}),
		},
		Fault{
			Name:     "errors/missing-transport-is-bad-request",
			Breaks:   "announcement/62",
			Sentence: "A request without a transport is refused with code 3.",
			Apply: insteadOf(func(_ *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal.Code == engineio.TransportUnknown && !q.Has("transport") {
					return refused(engineio.BadRequest, "transport", nil)
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/missing-protocol-is-bad-request",
			Breaks:   "announcement/65",
			Sentence: "A handshake without a protocol version is refused with code 3.",
			Apply: insteadOf(func(_ *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal.Code == engineio.UnsupportedProtocol && q.Get("EIO") == "" {
					return refused(engineio.BadRequest, "protocol", 3)
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/plain-websocket-is-transport-unknown",
			Breaks:   "announcement/63",
			Sentence: "A plain GET of the transport websocket is refused with code 0.",
			Apply: inRefusals(engineio.BadRequest, func(r *engineio.Refusal) {
				if r.Context["name"] == "TRANSPORT_HANDSHAKE_ERROR" {
					r.Code = engineio.TransportUnknown
				}
			}),
		},
		Fault{
			Name:     "errors/session-checked-first",
			Breaks:   "announcement/59",
			Sentence: "An unknown session is refused before an unknown transport.",
			Apply: insteadOf(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal.Code == engineio.TransportUnknown && q.Get("sid") != "" {
					return refused(engineio.SessionUnknown, "sid", q.Get("sid"))
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/method-checked-first",
			Breaks:   "announcement/59",
			Sentence: "A method is refused before an unknown transport or session.",
			Apply: insteadOf(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				handshake := q.Get("sid") == "" && r.Method != http.MethodGet
				if handshake || !slices.Contains([]string{http.MethodGet, http.MethodPost}, r.Method) {
					return refused(engineio.BadHandshakeMethod, "method", r.Method)
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/protocol-checked-first",
			Breaks:   "announcement/59",
			Sentence: "Another protocol version is refused before anything else is checked.",
			Apply: insteadOf(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if q.Get("EIO") != "4" {
					return refused(engineio.UnsupportedProtocol, "protocol", 3)
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/application-asked-first",
			Breaks:   "announcement/59",
			Sentence: "The application is asked before anything is checked.",
			Apply: insteadOf(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if q.Has("deny") {
					return forbidden(q)
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/application-asked-within-sessions",
			Breaks:   "announcement/49",
			Sentence: "The application is asked for each request of a session.",
			Apply: inVerification(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal == nil && q.Has("deny") {
					return forbidden(q)
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/empty-sid-is-a-session",
			Breaks:   "announcement/61",
			Sentence: "An empty sid is an unknown session.",
			Apply: inVerification(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if q.Has("sid") && q.Get("sid") == "" {
					return refused(engineio.SessionUnknown, "sid", "")
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/head-is-get",
			Breaks:   "announcement/3",
			Sentence: "A HEAD opens a session as a GET does.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal != nil && refusal.Code == engineio.BadHandshakeMethod && r.Method == http.MethodHead {
					return nil
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/reason-in-ascii",
			Breaks:   "contract/10",
			Sentence: "The application's message loses its non-ASCII characters.",
			Apply: inVerification(func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
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
		},
		Fault{
			Name:     "errors/context-undecoded",
			Breaks:   "announcement/72",
			Sentence: "The context has the session's ID as it is encoded in the query.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
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
		},
		Fault{
			Name:     "errors/context-transports-swapped",
			Breaks:   "announcement/72",
			Sentence: "The context swaps the request's transport and the session's.",
			Apply: inRefusals(engineio.BadRequest, func(r *engineio.Refusal) {
				if r.Context["name"] == "TRANSPORT_MISMATCH" {
					r.Context = map[string]any{"name": r.Context["name"], "transport": r.Context["previousTransport"], "previousTransport": r.Context["transport"]}
				}
			}),
		},
		Fault{
			Name:     "errors/no-context-for-websockets",
			Breaks:   "announcement/8",
			Sentence: "The error of a refused WebSocket handshake has no context.",
			Apply: records(func(e application.Entry) []application.Entry {
				if address, _ := e.Fields["url"].(string); strings.Contains(address, "transport=websocket") {
					delete(e.Fields, "context")
				}
				return []application.Entry{e}
			}),
		},
	)
}

// insteadOf makes a fault that refuses requests for other reasons.
func insteadOf(change func(*http.Request, url.Values, *engineio.Refusal) *engineio.Refusal) apply {
	return inVerification(func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal {
		if refusal == nil {
			return nil
		}
		return change(r, q, refusal)
	})
}

func forbidden(q url.Values) *engineio.Refusal {
	refusal := refused(engineio.Forbidden, "message", q.Get("deny"))
	refusal.Message = q.Get("deny")
	return refusal
}

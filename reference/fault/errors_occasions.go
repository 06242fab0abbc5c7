package fault

import (
	"net/http"
	"net/url"
	"sync"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults that raise connection errors wrongly, and faults in what a refusal does to a session.
func init() {
	register(
		Fault{
			Name:     "errors/unknown-transport-ends-the-session",
			Breaks:   "announcement/10",
			Sentence: "A request for an unknown transport ends the session that it names.",
			Apply: ending(func(_ *http.Request, refusal *engineio.Refusal) bool {
				return refusal.Code == engineio.TransportUnknown
			}),
		},
		Fault{
			Name:     "errors/refused-websocket-ends-the-session",
			Breaks:   "announcement/10",
			Sentence: "A WebSocket handshake that is refused ends the session that it names.",
			Apply: ending(func(r *http.Request, _ *engineio.Refusal) bool {
				return websocket.IsWebSocketUpgrade(r)
			}),
		},
		Fault{
			Name:     "errors/mismatched-post-ends-the-session",
			Breaks:   "announcement/10",
			Sentence: "A POST to a session that is on WebSocket ends that session.",
			Apply: ending(func(r *http.Request, refusal *engineio.Refusal) bool {
				return r.Method == http.MethodPost && refusal.Code == engineio.BadRequest
			}),
		},
		Fault{
			Name:     "errors/plain-websocket-ends-the-session",
			Breaks:   "announcement/10",
			Sentence: "A plain GET of the transport websocket ends the polling session that it names.",
			Apply: ending(func(r *http.Request, refusal *engineio.Refusal) bool {
				return r.Method == http.MethodGet && refusal.Code == engineio.BadRequest && r.URL.Query().Get("transport") == engineio.WebSocket
			}),
		},
		Fault{
			Name:     "errors/sid-cut-off",
			Breaks:   "announcement/2",
			Sentence: "Only the first twenty characters of a session's ID count.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				if sid := q.Get("sid"); len(sid) > 20 {
					q.Set("sid", sid[:20])
				}
			}),
		},
		Fault{
			Name:     "errors/event-by-server-and-session",
			Breaks:   "announcement/7",
			Sentence: "An unknown transport raises connection_error twice if the request names a session.",
			Apply: engine(func(rules *engineio.Rules) {
				living := sessions(rules)
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					if e.Code == engineio.TransportUnknown && living(e.Request.URL.Query()) {
						return []engineio.ConnectionError{e, e}
					}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		Fault{
			Name:     "errors/one-event-a-session",
			Breaks:   "announcement/7",
			Sentence: "Of all refused requests of a session, only the first raises connection_error.",
			Apply: engine(func(rules *engineio.Rules) {
				living := sessions(rules)
				var raised sync.Map
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					if q := e.Request.URL.Query(); living(q) {
						if _, before := raised.LoadOrStore(q.Get("sid"), true); before {
							return nil
						}
					}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		Fault{
			Name:     "errors/one-event-a-connection",
			Breaks:   "announcement/7",
			Sentence: "Of all refused requests of a TCP connection, only the first raises connection_error.",
			Apply: engine(func(rules *engineio.Rules) {
				var raised sync.Map
				rules.Errors = override.Raised(rules.Errors, func(e engineio.ConnectionError) []engineio.ConnectionError {
					if _, before := raised.LoadOrStore(e.Request.RemoteAddr, true); before {
						return nil
					}
					return []engineio.ConnectionError{e}
				})
			}),
		},
		Fault{
			Name:     "errors/event-for-preflights",
			Breaks:   "announcement/50",
			Sentence: "A preflight request raises connection_error.",
			Apply:    onOccasion(engineio.Preflight),
		},
		Fault{
			Name:     "errors/event-for-other-paths",
			Breaks:   "announcement/73",
			Sentence: "A request of another path raises connection_error.",
			Apply:    onOccasion(engineio.ForeignPath),
		},
		Fault{
			Name:     "errors/event-for-malformed-websockets",
			Breaks:   "announcement/50",
			Sentence: "A malformed WebSocket handshake raises connection_error.",
			Apply:    onOccasion(engineio.MalformedHandshake),
		},
		Fault{
			Name:     "errors/event-for-methods-within-sessions",
			Breaks:   "announcement/50",
			Sentence: "A method that a session does not serve raises connection_error.",
			Apply:    onOccasion(engineio.UnservedMethod),
		},
		Fault{
			Name:     "errors/event-for-overlaps",
			Breaks:   "announcement/50",
			Sentence: "The second of two polls at once raises connection_error.",
			Apply:    onOccasion(engineio.SecondPoll),
		},
		Fault{
			Name:     "errors/event-for-oversize",
			Breaks:   "announcement/50",
			Sentence: "A POST that is too large raises connection_error.",
			Apply:    onOccasion(engineio.Oversize),
		},
		Fault{
			Name:     "errors/event-for-broken-payloads",
			Breaks:   "announcement/50",
			Sentence: "A POST with an invalid payload raises connection_error.",
			Apply:    onOccasion(engineio.BrokenPayload),
		},
		Fault{
			Name:     "errors/event-for-broken-off-polls",
			Breaks:   "announcement/9",
			Sentence: "A poll that the client aborts raises connection_error.",
			Apply:    onOccasion(engineio.BrokenOffPoll),
		},
		Fault{
			Name:     "errors/event-for-second-websockets",
			Breaks:   "announcement/50",
			Sentence: "A second WebSocket for a session raises connection_error.",
			Apply:    onOccasion(engineio.SecondSocket),
		},
		Fault{
			Name:     "errors/event-for-heartbeat-timeouts",
			Breaks:   "announcement/9",
			Sentence: "A client that answers no ping raises connection_error.",
			Apply:    onOccasion(engineio.PingTimeout),
		},
		Fault{
			Name:     "errors/event-for-idle-clients",
			Breaks:   "announcement/9",
			Sentence: "A client that joins no namespace in time raises connection_error.",
			Apply:    onOccasion(engineio.ClosedByServer),
		},
		Fault{
			Name:     "errors/other-methods-end-the-session",
			Breaks:   "announcement/10",
			Sentence: "A method that a session does not serve ends it.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Session = override.Ends(rules.Session, true, engineio.UnservedMethod)
			}),
		},
		Fault{
			Name:     "errors/event-for-connect-errors",
			Breaks:   "announcement/9",
			Sentence: "A client that is refused raises connection_error.",
			Apply:    onOccasion(engineio.ClientRefused),
		},
	)
}

// ending makes a fault that ends the session named by a refused request.
func ending(ends func(*http.Request, *engineio.Refusal) bool) apply {
	return engine(func(rules *engineio.Rules) { rules.Requests = override.RefusalEnds(rules.Requests, ends) })
}

// onOccasion makes a fault that raises a connection error when none is due.
func onOccasion(occasion engineio.Occasion) apply {
	return engine(func(rules *engineio.Rules) { rules.Errors = raisingOn{rules.Errors, occasion} })
}

// raisingOn raises a connection error on one more occasion.
type raisingOn struct {
	engineio.ErrorRules
	occasion engineio.Occasion
}

func (f raisingOn) Raised(on engineio.Occasion, e engineio.ConnectionError) []engineio.ConnectionError {
	if on == f.occasion {
		return []engineio.ConnectionError{e}
	}
	return f.ErrorRules.Raised(on, e)
}

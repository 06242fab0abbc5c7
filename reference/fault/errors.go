package fault

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

// Faults in refusals, and in the connection errors that the application gets.
func init() {
	register(
		Fault{
			Name:     "errors/codes-off-by-one",
			Breaks:   "announcement/71",
			Sentence: "The codes count from 1.",
			Apply: inRefusals(-1, func(r *engineio.Refusal) {
				r.Message = standard(r.Code)
				r.Code++
			}),
		},
		Fault{
			Name:     "errors/unknown-session-is-bad-request",
			Breaks:   "announcement/2",
			Sentence: "An unknown session is refused with code 3.",
			Apply:    inRefusals(engineio.SessionUnknown, func(r *engineio.Refusal) { r.Code, r.Message = engineio.BadRequest, "" }),
		},
		Fault{
			Name:     "errors/bad-method-is-bad-request",
			Breaks:   "announcement/3",
			Sentence: "A handshake by another method is refused with code 3.",
			Apply:    inRefusals(engineio.BadHandshakeMethod, func(r *engineio.Refusal) { r.Code = engineio.BadRequest }),
		},
		Fault{
			Name:     "errors/mismatch-is-unknown-session",
			Breaks:   "announcement/4",
			Sentence: "A request with a transport other than the session's is refused with code 1.",
			Apply:    inRefusals(engineio.BadRequest, func(r *engineio.Refusal) { r.Code = engineio.SessionUnknown }),
		},
		Fault{
			Name:     "errors/unsupported-protocol-is-bad-request",
			Breaks:   "announcement/6",
			Sentence: "Another protocol version is refused with code 3.",
			Apply:    inRefusals(engineio.UnsupportedProtocol, func(r *engineio.Refusal) { r.Code = engineio.BadRequest }),
		},
		Fault{
			Name:     "errors/unsupported-protocol-is-transport-unknown",
			Breaks:   "announcement/6",
			Sentence: "Another protocol version is refused with code 0.",
			Apply:    inRefusals(engineio.UnsupportedProtocol, func(r *engineio.Refusal) { r.Code = engineio.TransportUnknown }),
		},
		Fault{
			Name:     "errors/forbidden-is-bad-request",
			Breaks:   "announcement/5",
			Sentence: "A request that the application does not allow is refused with code 3.",
			Apply:    inRefusals(engineio.Forbidden, func(r *engineio.Refusal) { r.Code = engineio.BadRequest }),
		},
		Fault{
			Name:     "errors/reason-swallowed",
			Breaks:   "contract/10",
			Sentence: "The application's message is replaced with the server's own.",
			Apply:    inRefusals(engineio.Forbidden, func(r *engineio.Refusal) { r.Message = "" }),
		},
		Fault{
			Name:     "errors/transport-is-bad-request",
			Breaks:   "announcement/1",
			Sentence: "An unknown transport is refused with code 3.",
			Apply:    inRefusals(engineio.TransportUnknown, func(r *engineio.Refusal) { r.Code = engineio.BadRequest }),
		},
		Fault{
			Name:     "errors/no-context",
			Breaks:   "announcement/8",
			Sentence: "Errors have no context.",
			Apply: records(func(e application.Entry) []application.Entry {
				delete(e.Fields, "context")
				return []application.Entry{e}
			}),
		},
		Fault{
			Name:     "errors/context-of-names-only",
			Breaks:   "announcement/72",
			Sentence: "The context has only the kind of the error.",
			Apply: inRefusals(-1, func(r *engineio.Refusal) {
				context := map[string]any{}
				if name, ok := r.Context["name"]; ok {
					context["name"] = name
				}
				r.Context = context
			}),
		},
		Fault{
			Name:     "errors/context-without-name",
			Breaks:   "announcement/72",
			Sentence: "The context does not name the kind of the error.",
			Apply: inRefusals(-1, func(r *engineio.Refusal) {
				context := map[string]any{}
				for key, value := range r.Context {
					if key != "name" {
						context[key] = value
					}
				}
				r.Context = context
			}),
		},
		Fault{
			Name:     "errors/context-values-as-text",
			Breaks:   "announcement/72",
			Sentence: "The context's numbers are strings.",
			Apply: inRefusals(-1, func(r *engineio.Refusal) {
				context := map[string]any{}
				for key, value := range r.Context {
					context[key] = fmt.Sprint(value)
				}
				r.Context = context
			}),
		},
		Fault{
			Name:     "errors/other-protocol-in-session-accepted",
			Breaks:   "announcement/64",
			Sentence: "A session accepts requests with another protocol version.",
			Apply: queries(func(_ *http.Request, q url.Values) {
				if q.Has("sid") {
					q.Set("EIO", "4")
				}
			}),
		},
		Fault{
			Name:     "errors/body-is-text",
			Breaks:   "announcement/68",
			Sentence: "The answer to a refused request is the message in plain text.",
			Apply: inAnswers(engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) {
				a.Body = []byte(messageIn(a.Body))
				a.Header.Set("Content-Type", "text/plain")
			})),
		},
		Fault{
			Name:     "errors/body-empty",
			Breaks:   "announcement/68",
			Sentence: "The answer to a refused request has no body.",
			Apply:    inAnswers(engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) { a.Body = nil }),
		},
		Fault{
			Name:     "errors/code-as-text",
			Breaks:   "announcement/68",
			Sentence: "The code is a string.",
			Apply: inAnswers(engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) {
				code, rest, _ := strings.Cut(strings.TrimPrefix(string(a.Body), `{"code":`), ",")
				a.Body = []byte(fmt.Sprintf(`{"code":%q,%s`, code, rest))
			})),
		},
		Fault{
			Name:     "errors/message-of-another-code",
			Breaks:   "announcement/69",
			Sentence: "The body has the right code and the message of another one.",
			Apply: inAnswers(engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) {
				for _, message := range []string{"Transport unknown", "Session ID unknown", "Bad handshake method", "Unsupported protocol version"} {
					a.Body = bytes.Replace(a.Body, []byte(message), []byte("Bad request"), 1)
				}
			})),
		},
		Fault{
			Name:     "errors/message-in-lower-case",
			Breaks:   "announcement/68",
			Sentence: "The messages are in lower case.",
			Apply:    inAnswers(engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) { a.Body = bytes.ToLower(a.Body) }),
		},
		Fault{
			Name:     "errors/other-keys",
			Breaks:   "announcement/68",
			Sentence: "The keys of the body are error and reason.",
			Apply: inAnswers(engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) {
				a.Body = bytes.Replace(bytes.Replace(a.Body, []byte(`"code"`), []byte(`"error"`), 1), []byte(`"message"`), []byte(`"reason"`), 1)
			})),
		},
		Fault{
			Name:     "errors/body-as-html",
			Breaks:   "announcement/12",
			Sentence: "The body is declared as HTML.",
			Apply:    inAnswers(engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) { a.Header.Set("Content-Type", "text/html") })),
		},
		Fault{
			Name:     "errors/status-200",
			Breaks:   "announcement/66",
			Sentence: "Refused requests are answered with 200.",
			Apply:    inAnswers(engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) { a.Status = http.StatusOK })),
		},
		Fault{
			Name:     "errors/status-500",
			Breaks:   "announcement/66",
			Sentence: "Refused requests are answered with 500.",
			Apply:    inAnswers(engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) { a.Status = http.StatusInternalServerError }),
		},
		Fault{
			Name:     "errors/status-404",
			Breaks:   "engine.io/26",
			Sentence: "An unknown session is answered with 404.",
			Apply: inAnswers(engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) {
				if bytes.Contains(a.Body, []byte("Session ID unknown")) {
					a.Status = http.StatusNotFound
				}
			}),
		},
		Fault{
			Name:     "errors/forbidden-with-400",
			Breaks:   "announcement/67",
			Sentence: "A request that the application does not allow is answered with 400.",
			Apply: inAnswers(engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) {
				if a.Status == http.StatusForbidden {
					a.Status = http.StatusBadRequest
				}
			}),
		},
		Fault{
			Name:     "errors/websocket-forbidden-with-403",
			Breaks:   "announcement/11",
			Sentence: "A WebSocket that the application does not allow is refused with 403.",
			Apply: inAnswers(engineio.RefusalAnswer, func(r *http.Request, a *engineio.Answer) {
				if websocket.IsWebSocketUpgrade(r) && r.URL.Query().Has("deny") {
					a.Status = http.StatusForbidden
				}
			}),
		},
		Fault{
			Name:     "errors/websocket-refused-with-json",
			Breaks:   "announcement/11",
			Sentence: "A WebSocket handshake is refused with JSON.",
			Apply: inAnswers(engineio.RefusalAnswer, func(r *http.Request, a *engineio.Answer) {
				if websocket.IsWebSocketUpgrade(r) {
					a.Body = []byte(fmt.Sprintf(`{"message":%q}`, a.Body))
				}
			}),
		},
		Fault{
			Name:     "errors/websocket-opened-all-the-same",
			Breaks:   "announcement/66",
			Sentence: "A WebSocket handshake that should be refused opens a session.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if websocket.IsWebSocketUpgrade(r) && r.Method == http.MethodGet {
					return nil
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/application-not-asked-for-websockets",
			Breaks:   "announcement/5",
			Sentence: "The application is not asked whether it allows a WebSocket.",
			Apply: inVerification(func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal != nil && refusal.Code == engineio.Forbidden && websocket.IsWebSocketUpgrade(r) {
					return nil
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/application-not-asked",
			Breaks:   "announcement/5",
			Sentence: "The application is not asked whether it allows a request.",
			Apply: inVerification(func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
				if refusal != nil && refusal.Code == engineio.Forbidden {
					return nil
				}
				return refusal
			}),
		},
		Fault{
			Name:     "errors/mismatch-ends-the-session",
			Breaks:   "announcement/10",
			Sentence: "A poll of a session that is on WebSocket ends that session.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Requests = override.RefusalEnds(rules.Requests, func(_ *http.Request, refusal *engineio.Refusal) bool {
					return refusal.Context["name"] == "TRANSPORT_MISMATCH"
				})
			}),
		},
		Fault{
			Name:     "errors/no-event",
			Breaks:   "announcement/7",
			Sentence: "No connection_error is raised.",
			Apply:    inEvents(func(engineio.ConnectionError) []engineio.ConnectionError { return nil }),
		},
		Fault{
			Name:     "errors/event-twice",
			Breaks:   "announcement/7",
			Sentence: "connection_error is raised twice.",
			Apply: inEvents(func(e engineio.ConnectionError) []engineio.ConnectionError {
				return []engineio.ConnectionError{e, e}
			}),
		},
		Fault{
			Name:     "errors/no-event-for-websockets",
			Breaks:   "announcement/7",
			Sentence: "A refused WebSocket handshake raises no connection_error.",
			Apply: inEvents(func(e engineio.ConnectionError) []engineio.ConnectionError {
				if websocket.IsWebSocketUpgrade(e.Request) {
					return nil
				}
				return []engineio.ConnectionError{e}
			}),
		},
		Fault{
			Name:     "errors/no-event-within-sessions",
			Breaks:   "announcement/7",
			Sentence: "A refused request with a sid raises no connection_error.",
			Apply: inEvents(func(e engineio.ConnectionError) []engineio.ConnectionError {
				if e.Request.URL.Query().Has("sid") {
					return nil
				}
				return []engineio.ConnectionError{e}
			}),
		},
		Fault{
			Name:     "errors/event-with-the-application-s-words",
			Breaks:   "announcement/71",
			Sentence: "The event's message is the application's instead of the code's own.",
			Apply: inEvents(func(e engineio.ConnectionError) []engineio.ConnectionError {
				if words, ok := e.Context["message"].(string); ok && words != "" {
					e.Message = words
				}
				return []engineio.ConnectionError{e}
			}),
		},
		Fault{
			Name:     "errors/event-without-message",
			Breaks:   "announcement/71",
			Sentence: "The event has no message.",
			Apply: inEvents(func(e engineio.ConnectionError) []engineio.ConnectionError {
				e.Message = ""
				return []engineio.ConnectionError{e}
			}),
		},
		Fault{
			Name:     "errors/event-with-code-3-only",
			Breaks:   "announcement/71",
			Sentence: "The event's code is always 3.",
			Apply: inEvents(func(e engineio.ConnectionError) []engineio.ConnectionError {
				e.Code = engineio.BadRequest
				return []engineio.ConnectionError{e}
			}),
		},
		Fault{
			Name:     "errors/event-of-another-request",
			Breaks:   "announcement/70",
			Sentence: "The event has the request without its query.",
			Apply: inEvents(func(e engineio.ConnectionError) []engineio.ConnectionError {
				copied := e.Request.Clone(e.Request.Context())
				mark := copied.URL.Query().Get("mark")
				copied.URL.RawQuery = "mark=" + mark
				copied.RequestURI = copied.URL.String()
				e.Request = copied
				return []engineio.ConnectionError{e}
			}),
		},
		Fault{
			Name:     "errors/event-for-every-handshake",
			Breaks:   "announcement/9",
			Sentence: "A handshake that succeeds raises connection_error, too.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Errors = raisingOn{rules.Errors, engineio.AcceptedHandshake} }),
		},
		Fault{
			Name:     "errors/event-for-broken-packets",
			Breaks:   "announcement/9",
			Sentence: "A broken packet raises connection_error.",
			Apply:    engine(func(rules *engineio.Rules) { rules.Errors = raisingOn{rules.Errors, engineio.AbortedByServer} }),
		},
	)
}

func messageIn(body []byte) string {
	_, message, _ := strings.Cut(string(body), `"message":"`)
	return strings.TrimSuffix(message, `"}`)
}

// onHTTP applies a change only to answers to plain HTTP requests.
func onHTTP(change func(*engineio.Answer)) func(*http.Request, *engineio.Answer) {
	return func(r *http.Request, a *engineio.Answer) {
		if !websocket.IsWebSocketUpgrade(r) {
			change(a)
		}
	}
}

package fault

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
)

func init() {
	register(
		inRefusals("errors/codes-off-by-one", "the codes count from 1", -1, func(r *engineio.Refusal) {
			r.Message = standard(r.Code)
			r.Code++
		}),
		inRefusals("errors/unknown-session-is-bad-request", "an unknown session is refused with code 3", engineio.SessionUnknown, func(r *engineio.Refusal) { r.Code, r.Message = engineio.BadRequest, "" }),
		inRefusals("errors/bad-method-is-bad-request", "a handshake by another method is refused with code 3", engineio.BadHandshakeMethod, func(r *engineio.Refusal) { r.Code = engineio.BadRequest }),
		inRefusals("errors/mismatch-is-unknown-session", "a request of another transport than the session's is refused with code 1", engineio.BadRequest, func(r *engineio.Refusal) { r.Code = engineio.SessionUnknown }),
		inRefusals("errors/unsupported-protocol-is-bad-request", "another protocol version is refused with code 3", engineio.UnsupportedProtocol, func(r *engineio.Refusal) { r.Code = engineio.BadRequest }),
		inRefusals("errors/unsupported-protocol-is-transport-unknown", "another protocol version is refused with code 0", engineio.UnsupportedProtocol, func(r *engineio.Refusal) { r.Code = engineio.TransportUnknown }),
		inRefusals("errors/forbidden-is-bad-request", "what the application does not allow is refused with code 3", engineio.Forbidden, func(r *engineio.Refusal) { r.Code = engineio.BadRequest }),
		inRefusals("errors/reason-swallowed", "the application's words are replaced by the server's own", engineio.Forbidden, func(r *engineio.Refusal) { r.Message = "" }),
		inRefusals("errors/transport-is-bad-request", "an unknown transport is refused with code 3", engineio.TransportUnknown, func(r *engineio.Refusal) { r.Code = engineio.BadRequest }),
		inRefusals("errors/no-context", "the context is empty", -1, func(r *engineio.Refusal) { r.Context = nil }),
		inRefusals("errors/context-of-names-only", "the context has the kind of the error only", -1, func(r *engineio.Refusal) {
			context := map[string]any{}
			if name, ok := r.Context["name"]; ok {
				context["name"] = name
			}
			r.Context = context
		}),
		inRefusals("errors/context-without-name", "the context does not name the kind of the error", -1, func(r *engineio.Refusal) {
			context := map[string]any{}
			for key, value := range r.Context {
				if key != "name" {
					context[key] = value
				}
			}
			r.Context = context
		}),
		inRefusals("errors/context-values-as-text", "the context's numbers are strings", -1, func(r *engineio.Refusal) {
			context := map[string]any{}
			for key, value := range r.Context {
				context[key] = fmt.Sprint(value)
			}
			r.Context = context
		}),
		engine("errors/other-protocol-in-session-accepted", "a session takes requests of another protocol version", func(d *engineio.Departures) {
			d.Query = func(_ *http.Request, q url.Values) {
				if q.Has("sid") {
					q.Set("EIO", "4")
				}
			}
		}),

		inAnswers("errors/body-is-text", "the answer to a refused request is the message in plain text", engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) {
			a.Body = []byte(messageIn(a.Body))
			a.Header.Set("Content-Type", "text/plain")
		})),
		inAnswers("errors/body-empty", "the answer to a refused request has no body", engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) { a.Body = nil }),
		inAnswers("errors/code-as-text", "the code is a string", engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) {
			code, rest, _ := strings.Cut(strings.TrimPrefix(string(a.Body), `{"code":`), ",")
			a.Body = []byte(fmt.Sprintf(`{"code":%q,%s`, code, rest))
		})),
		inAnswers("errors/message-in-lower-case", "the messages are in lower case", engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) { a.Body = bytes.ToLower(a.Body) }),
		inAnswers("errors/other-keys", "the body's keys are error and reason", engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) {
			a.Body = bytes.Replace(bytes.Replace(a.Body, []byte(`"code"`), []byte(`"error"`), 1), []byte(`"message"`), []byte(`"reason"`), 1)
		})),
		inAnswers("errors/body-as-html", "the body is declared as HTML", engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) { a.Header.Set("Content-Type", "text/html") })),
		inAnswers("errors/status-200", "refused requests are answered with 200", engineio.RefusalAnswer, onHTTP(func(a *engineio.Answer) { a.Status = http.StatusOK })),
		inAnswers("errors/status-500", "refused requests are answered with 500", engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) { a.Status = http.StatusInternalServerError }),
		inAnswers("errors/status-404", "an unknown session is answered with 404", engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) {
			if bytes.Contains(a.Body, []byte("Session ID unknown")) {
				a.Status = http.StatusNotFound
			}
		}),
		inAnswers("errors/forbidden-with-400", "what the application does not allow is answered with 400", engineio.RefusalAnswer, func(_ *http.Request, a *engineio.Answer) {
			if a.Status == http.StatusForbidden {
				a.Status = http.StatusBadRequest
			}
		}),
		inAnswers("errors/websocket-forbidden-with-403", "a WebSocket that the application does not allow is refused with 403", engineio.RefusalAnswer, func(r *http.Request, a *engineio.Answer) {
			if websocket.IsWebSocketUpgrade(r) && r.URL.Query().Has("deny") {
				a.Status = http.StatusForbidden
			}
		}),
		inAnswers("errors/websocket-refused-with-json", "a WebSocket handshake is refused with JSON", engineio.RefusalAnswer, func(r *http.Request, a *engineio.Answer) {
			if websocket.IsWebSocketUpgrade(r) {
				a.Body = []byte(fmt.Sprintf(`{"message":%q}`, a.Body))
			}
		}),
		inVerification("errors/websocket-opened-all-the-same", "a WebSocket handshake that ought to be refused opens a session", func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if websocket.IsWebSocketUpgrade(r) && r.Method == http.MethodGet {
				return nil
			}
			return refusal
		}),
		inVerification("errors/application-not-asked-for-websockets", "the application is not asked whether it allows a WebSocket", func(r *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal != nil && refusal.Code == engineio.Forbidden && websocket.IsWebSocketUpgrade(r) {
				return nil
			}
			return refusal
		}),
		inVerification("errors/application-not-asked", "the application is not asked whether it allows a request", func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
			if refusal != nil && refusal.Code == engineio.Forbidden {
				return nil
			}
			return refusal
		}),
		engine("errors/mismatch-ends-the-session", "a poll of a session that is on WebSocket ends that session", func(d *engineio.Departures) { d.MismatchEnds = true }),

		inEvents("errors/no-event", "no connection_error is raised", func(engineio.ConnectionError) []engineio.ConnectionError { return nil }),
		inEvents("errors/event-twice", "connection_error is raised twice", func(e engineio.ConnectionError) []engineio.ConnectionError {
			return []engineio.ConnectionError{e, e}
		}),
		inEvents("errors/no-event-for-websockets", "a refused WebSocket handshake raises no connection_error", func(e engineio.ConnectionError) []engineio.ConnectionError {
			if websocket.IsWebSocketUpgrade(e.Request) {
				return nil
			}
			return []engineio.ConnectionError{e}
		}),
		inEvents("errors/no-event-within-sessions", "a refused request with a sid raises no connection_error", func(e engineio.ConnectionError) []engineio.ConnectionError {
			if e.Request.URL.Query().Has("sid") {
				return nil
			}
			return []engineio.ConnectionError{e}
		}),
		inEvents("errors/event-with-the-application-s-words", "the event's message is the application's in place of the code's own", func(e engineio.ConnectionError) []engineio.ConnectionError {
			if words, ok := e.Context["message"].(string); ok && words != "" {
				e.Message = words
			}
			return []engineio.ConnectionError{e}
		}),
		inEvents("errors/event-without-message", "the event has no message", func(e engineio.ConnectionError) []engineio.ConnectionError {
			e.Message = ""
			return []engineio.ConnectionError{e}
		}),
		inEvents("errors/event-with-code-3-only", "the event's code is always 3", func(e engineio.ConnectionError) []engineio.ConnectionError {
			e.Code = engineio.BadRequest
			return []engineio.ConnectionError{e}
		}),
		inEvents("errors/event-of-another-request", "the event has the request without its query", func(e engineio.ConnectionError) []engineio.ConnectionError {
			copied := e.Request.Clone(e.Request.Context())
			mark := copied.URL.Query().Get("mark")
			copied.URL.RawQuery = "mark=" + mark
			copied.RequestURI = copied.URL.String()
			e.Request = copied
			return []engineio.ConnectionError{e}
		}),
		engine("errors/event-for-every-handshake", "a handshake that succeeds raises connection_error, too", func(d *engineio.Departures) { d.RaiseForAll = true }),
		engine("errors/event-for-broken-packets", "a broken packet raises connection_error", func(d *engineio.Departures) { d.RaiseForAborts = true }),
	)
}

func standard(code int) string {
	messages := []string{"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version"}
	return messages[code]
}

func messageIn(body []byte) string {
	_, message, _ := strings.Cut(string(body), `"message":"`)
	return strings.TrimSuffix(message, `"}`)
}

// onHTTP leaves refused WebSocket handshakes as they are.
func onHTTP(change func(*engineio.Answer)) func(*http.Request, *engineio.Answer) {
	return func(r *http.Request, a *engineio.Answer) {
		if !websocket.IsWebSocketUpgrade(r) {
			change(a)
		}
	}
}

package engineio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gorilla/websocket"
)

// Codes of a [ConnectionError].
const (
	TransportUnknown = iota
	SessionUnknown
	BadHandshakeMethod
	BadRequest
	Forbidden
	UnsupportedProtocol
)

// messages of the codes, as the announcement of Socket.IO 4.1.0 lists them.
var messages = [...]string{
	"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version",
}

// ConnectionError says why a request was refused.
type ConnectionError struct {
	Request *http.Request
	Code    int
	Message string         // the code's own
	Context map[string]any // more about it, by the code
}

// Refusal is the outcome of a request's verification.
type Refusal struct {
	Code    int
	Message string // in the answer, where it is not the code's own
	Context map[string]any
}

// text of the answer.
func (r *Refusal) text() string {
	if r.Message != "" {
		return r.Message
	}
	return r.standard()
}

func (r *Refusal) standard() string {
	if r.Code >= 0 && r.Code < len(messages) {
		return messages[r.Code]
	}
	return "Unknown error"
}

func because(code int, context ...any) *Refusal {
	r := &Refusal{Code: code, Context: map[string]any{}}
	for i := 0; i+1 < len(context); i += 2 {
		r.Context[context[i].(string)] = context[i+1]
	}
	return r
}

// last value of a query parameter, as the official server takes it.
func last(q url.Values, name string) string {
	if all := q[name]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// protocol version that a request asks for: 4, or 3 for whatever else.
func protocol(q url.Values) int {
	if last(q, "EIO") == "4" {
		return 4
	}
	return 3
}

// verify decides about a request in the order of the official server's checks. It finds the session
// that the request names.
func (s *Server) verify(r *http.Request, q url.Values) (*Session, *Refusal) {
	transport, sid := last(q, "transport"), last(q, "sid")
	if !slices.Contains(s.options.Transports, transport) {
		if !q.Has("transport") {
			return nil, because(TransportUnknown)
		}
		return nil, because(TransportUnknown, "transport", transport)
	}
	upgrading := websocket.IsWebSocketUpgrade(r)
	if sid != "" {
		session := s.session(sid)
		switch {
		case session == nil:
			return nil, because(SessionUnknown, "sid", sid)
		case !upgrading && session.Transport() != transport && (!s.options.Departures.PollAfterUpgrade || r.Method != http.MethodGet):
			if s.options.Departures.MismatchEnds {
				session.end("transport error")
			}
			return nil, because(BadRequest, "name", "TRANSPORT_MISMATCH", "transport", transport, "previousTransport", session.Transport())
		case protocol(q) != 4:
			return nil, because(BadRequest, "name", "PROTOCOL_MISMATCH", "protocol", protocol(q), "previousProtocol", 4)
		case upgrading && transport != WebSocket:
			return nil, because(BadRequest, "name", "TRANSPORT_MISMATCH", "transport", transport, "previousTransport", session.Transport())
		}
		return session, nil
	}
	switch {
	case r.Method != http.MethodGet:
		return nil, because(BadHandshakeMethod, "method", r.Method)
	case upgrading != (transport == WebSocket):
		return nil, because(BadRequest, "name", "TRANSPORT_HANDSHAKE_ERROR")
	}
	if s.options.AllowRequest != nil {
		if err := s.options.AllowRequest(r); err != nil {
			refusal := because(Forbidden, "message", err.Error())
			refusal.Message = err.Error()
			return nil, refusal
		}
	}
	if protocol(q) != 4 {
		return nil, because(UnsupportedProtocol, "protocol", protocol(q))
	}
	return nil, nil
}

// refuse raises the event and writes the answer: JSON for plain HTTP, plain text and the connection's
// end for a WebSocket handshake.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, refusal *Refusal) {
	s.raise(ConnectionError{Request: r, Code: refusal.Code, Message: refusal.standard(), Context: refusal.Context})
	answer := &Answer{Kind: RefusalAnswer, Status: http.StatusBadRequest, Header: w.Header()}
	if s.options.Departures.HookRefusals {
		s.hooks(answer.Header, r, HandshakeAnswer)
	}
	if websocket.IsWebSocketUpgrade(r) {
		answer.Header.Set("Connection", "close")
		answer.Header.Set("Content-Type", "text/plain; charset=UTF-8")
		answer.Body = []byte(refusal.text())
	} else {
		if refusal.Code == Forbidden {
			answer.Status = http.StatusForbidden
		}
		answer.Header.Set("Content-Type", "application/json")
		answer.Body, _ = json.Marshal(struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		}{refusal.Code, refusal.text()})
	}
	s.write(w, r, answer)
}

func (s *Server) raise(e ConnectionError) {
	events := []ConnectionError{e}
	if f := s.options.Departures.Raise; f != nil {
		events = f(e)
	}
	if s.options.OnConnectionError != nil {
		for _, e := range events {
			s.options.OnConnectionError(e)
		}
	}
}

// fail answers a request within a session that came to nothing. It raises no connection error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, o Occasion, status int) {
	s.occasion(o, r)
	if f := s.options.Departures.Failed; f != nil {
		f(w.Header())
	}
	w.WriteHeader(status)
}

// occasion raises a connection error, or calls the hooks, where a departure wants it.
func (s *Server) occasion(o Occasion, r *http.Request) {
	if f := s.options.Departures.HookOn; f != nil && f(o) {
		s.hooks(http.Header{}, r, HandshakeAnswer)
	}
	if f := s.options.Departures.RaiseOn; f != nil && f(o) {
		s.raise(ConnectionError{Request: r, Code: BadRequest, Message: messages[BadRequest]})
	}
}

// Raise raises a connection error with the session's request. It is for departures: a right server raises none of a session.
func (s *Session) Raise() {
	s.server.raise(ConnectionError{Request: s.request, Code: BadRequest, Message: messages[BadRequest]})
}

// Answer is a response over plain HTTP on its way out.
type Answer struct {
	Kind   AnswerKind
	Status int
	Header http.Header
	Body   []byte
}

// AnswerKind says what a response answers.
type AnswerKind string

// The kinds of answers.
const (
	HandshakeAnswer AnswerKind = "handshake"
	PollAnswer      AnswerKind = "poll"
	PostAnswer      AnswerKind = "post"
	SocketAnswer    AnswerKind = "websocket" // the 101, of a session's first request
	UpgradeAnswer   AnswerKind = "upgrade"   // the 101, of a session that is on polling
	RefusalAnswer   AnswerKind = "refusal"
)

func (s *Server) write(w http.ResponseWriter, r *http.Request, a *Answer) {
	if f := s.options.Departures.Answer; f != nil {
		f(r, a)
	}
	a.Header.Set("Content-Length", strconv.Itoa(len(a.Body)))
	if f := s.options.Departures.Written; f != nil {
		f(r, a)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

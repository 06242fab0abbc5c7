package engineio

import (
	"encoding/json"
	"net/http"

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
	Message string         // the message of the code
	Context map[string]any // details, depending on the code
}

// ErrorRules decide when connection errors are raised.
type ErrorRules interface {
	// Raised returns the connection errors to raise on an occasion. e is the one that describes it.
	Raised(on Occasion, e ConnectionError) []ConnectionError
}

// DefaultErrors has the rules of the announcement of Socket.IO 4.1.0, section "Add a way to get access to the reason of a
// connection error".
type DefaultErrors struct{}

// Raised returns e for each request that is refused, before it is answered, and nothing on any other occasion.
func (DefaultErrors) Raised(on Occasion, e ConnectionError) []ConnectionError {
	if on == RefusalAnswer {
		return []ConnectionError{e}
	}
	return nil
}

// refuse raises the event and writes the answer: JSON for plain HTTP, plain text for a WebSocket handshake, whose
// connection it closes.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, refusal *Refusal) {
	s.raise(RefusalAnswer, ConnectionError{Request: r, Code: refusal.Code, Message: refusal.standard(), Context: refusal.Context})
	answer := &Answer{On: RefusalAnswer, Status: http.StatusBadRequest, Header: w.Header()}
	s.hooks(answer.Header, r, RefusalAnswer)
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

func (s *Server) raise(on Occasion, e ConnectionError) {
	if s.options.OnConnectionError == nil {
		return
	}
	for _, e := range s.rules.Errors.Raised(on, e) {
		s.options.OnConnectionError(e)
	}
}

// fail answers a request within a session that has failed.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, on Occasion, status int) {
	s.occasion(on, r)
	s.write(w, r, &Answer{On: on, Status: status, Header: w.Header()})
}

// occasion applies the rules for hooks and connection errors on an occasion that is neither a refusal nor an answer.
func (s *Server) occasion(on Occasion, r *http.Request) {
	s.hooks(http.Header{}, r, on)
	s.raise(on, ConnectionError{Request: r, Code: BadRequest, Message: messages[BadRequest]})
}

// Occasion reports to the session's server an occasion that the server cannot see itself.
func (s *Session) Occasion(on Occasion) { s.server.occasion(on, s.request) }

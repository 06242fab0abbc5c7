package engineio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/websocket"
)

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

// RequestRules decide which requests are served.
type RequestRules interface {
	// Serves reports whether a request for a path is the server's, whose own path is root.
	Serves(path, root string) bool
	// Query gives the parameters of a request.
	Query(r *http.Request) url.Values
	// Verify gives the session that a request is for, nil for a handshake, or the reason why it is refused.
	Verify(c Check) (*Session, *Refusal)
	// RefusalEnds reports whether a request that is refused ends the session that it names.
	RefusalEnds(r *http.Request, refusal *Refusal) bool
}

// Check is a request to verify.
type Check struct {
	Request      *http.Request
	Query        url.Values
	Session      *Session // that the sid names; nil where there is none
	Transports   []string // that the server has
	AllowRequest func(*http.Request) error
}

// DefaultRequests has the rules of the protocol document on requests, sections "HTTP long-polling: request path" and "query
// parameters".
type DefaultRequests struct{}

// Serves is true for all that is below the server's path.
func (DefaultRequests) Serves(path, root string) bool { return strings.HasPrefix(path, root) }

// Query takes the parameters as they are.
func (DefaultRequests) Query(r *http.Request) url.Values { return r.URL.Query() }

// Verify makes the checks of the official server in its order: the transport must be one that the server has, the session
// known, on that transport and of that protocol version, and a handshake a GET request that the application allows.
func (DefaultRequests) Verify(c Check) (*Session, *Refusal) {
	q := c.Query
	transport, sid := last(q, "transport"), last(q, "sid")
	if !slices.Contains(c.Transports, transport) {
		if !q.Has("transport") {
			return nil, because(TransportUnknown)
		}
		return nil, because(TransportUnknown, "transport", transport)
	}
	upgrading := websocket.IsWebSocketUpgrade(c.Request)
	if sid != "" {
		switch {
		case c.Session == nil:
			return nil, because(SessionUnknown, "sid", sid)
		case !upgrading && c.Session.Transport() != transport:
			return nil, because(BadRequest, "name", "TRANSPORT_MISMATCH", "transport", transport, "previousTransport", c.Session.Transport())
		case protocol(q) != 4:
			return nil, because(BadRequest, "name", "PROTOCOL_MISMATCH", "protocol", protocol(q), "previousProtocol", 4)
		case upgrading && transport != WebSocket:
			return nil, because(BadRequest, "name", "TRANSPORT_MISMATCH", "transport", transport, "previousTransport", c.Session.Transport())
		}
		return c.Session, nil
	}
	switch {
	case c.Request.Method != http.MethodGet:
		return nil, because(BadHandshakeMethod, "method", c.Request.Method)
	case upgrading != (transport == WebSocket):
		return nil, because(BadRequest, "name", "TRANSPORT_HANDSHAKE_ERROR")
	}
	if c.AllowRequest != nil {
		if err := c.AllowRequest(c.Request); err != nil {
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

// RefusalEnds is false: anybody can send a request that names a session.
func (DefaultRequests) RefusalEnds(*http.Request, *Refusal) bool { return false }

package engineio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/websocket"
)

// Refusal says why the verification of a request refused it.
type Refusal struct {
	Code    int
	Message string // in the answer, if it is not the message of the code
	Context map[string]any
}

// text is the message in the answer.
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

// newRefusal returns a refusal; context lists its keys and values in turn.
func newRefusal(code int, context ...any) *Refusal {
	r := &Refusal{Code: code, Context: map[string]any{}}
	for i := 0; i+1 < len(context); i += 2 {
		r.Context[context[i].(string)] = context[i+1]
	}
	return r
}

// last returns the last value of a query parameter, as the official server does.
func last(q url.Values, name string) string {
	if all := q[name]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// protocol returns the protocol version that a request asks for: 4, or 3 for anything else.
func protocol(q url.Values) int {
	if last(q, "EIO") == "4" {
		return 4
	}
	return 3
}

// RequestRules decide which requests are served.
type RequestRules interface {
	// Serves reports whether a server with the path root serves a request for path.
	Serves(path, root string) bool
	// Query returns the parameters of a request.
	Query(r *http.Request) url.Values
	// Verify returns the session that a request is for, or nil for a handshake. If it refuses the request, it returns the
	// reason.
	Verify(c Check) (*Session, *Refusal)
	// RefusalEnds reports whether a refused request ends the session that it names.
	RefusalEnds(r *http.Request, refusal *Refusal) bool
}

// Check is a request to verify.
type Check struct {
	Request      *http.Request
	Query        url.Values
	Session      *Session // the one that the sid names; nil if there is none
	Transports   []string // those that the server has
	AllowRequest func(*http.Request) error
}

// DefaultRequests has the rules of the protocol document on requests, sections "HTTP long-polling: request path" and "query
// parameters".
type DefaultRequests struct{}

// Serves is true for every path below the server's.
func (DefaultRequests) Serves(path, root string) bool { return strings.HasPrefix(path, root) }

// Query returns the parameters as they are.
func (DefaultRequests) Query(r *http.Request) url.Values { return r.URL.Query() }

// Verify makes the checks of the official server in its order: the server must have the transport; the session must be
// known, and must use that transport and protocol version; a handshake must be a GET request that the application allows.
func (DefaultRequests) Verify(c Check) (*Session, *Refusal) {
	q := c.Query
	transport, sid := last(q, "transport"), last(q, "sid")
	if !slices.Contains(c.Transports, transport) {
		if !q.Has("transport") {
			return nil, newRefusal(TransportUnknown)
		}
		return nil, newRefusal(TransportUnknown, "transport", transport)
	}
	upgrading := websocket.IsWebSocketUpgrade(c.Request)
	if sid != "" {
		switch {
		case c.Session == nil:
			return nil, newRefusal(SessionUnknown, "sid", sid)
		case !upgrading && c.Session.Transport() != transport:
			return nil, newRefusal(BadRequest, "name", "TRANSPORT_MISMATCH", "transport", transport, "previousTransport", c.Session.Transport())
		case protocol(q) != 4:
			return nil, newRefusal(BadRequest, "name", "PROTOCOL_MISMATCH", "protocol", protocol(q), "previousProtocol", 4)
		case upgrading && transport != WebSocket:
			return nil, newRefusal(BadRequest, "name", "TRANSPORT_MISMATCH", "transport", transport, "previousTransport", c.Session.Transport())
		}
		return c.Session, nil
	}
	switch {
	case c.Request.Method != http.MethodGet:
		return nil, newRefusal(BadHandshakeMethod, "method", c.Request.Method)
	case upgrading != (transport == WebSocket):
		return nil, newRefusal(BadRequest, "name", "TRANSPORT_HANDSHAKE_ERROR")
	}
	if c.AllowRequest != nil {
		if err := c.AllowRequest(c.Request); err != nil {
			refusal := newRefusal(Forbidden, "message", err.Error())
			refusal.Message = err.Error()
			return nil, refusal
		}
	}
	if protocol(q) != 4 {
		return nil, newRefusal(UnsupportedProtocol, "protocol", protocol(q))
	}
	return nil, nil
}

// RefusalEnds is false: anybody can send a request that names a session.
func (DefaultRequests) RefusalEnds(*http.Request, *Refusal) bool { return false }

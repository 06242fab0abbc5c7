package engineio

import (
	"net/http"
	"slices"
	"strconv"
)

// CORS lets pages of other origins use the server.
type CORS struct {
	Origins     []string // "*" means any origin
	Credentials bool
}

// answer writes a response of the session over polling.
func (s *Session) answer(w http.ResponseWriter, r *http.Request, on Occasion, body []byte) {
	a := &Answer{On: on, Status: http.StatusOK, Header: w.Header(), Body: body}
	a.Header.Set("Content-Type", "text/plain; charset=UTF-8")
	a.Header.Set("Cache-Control", "no-store")
	s.server.hooks(a.Header, r, on)
	s.server.write(w, r, a)
}

// Answer is a response over plain HTTP before it is written.
type Answer struct {
	On     Occasion
	Status int
	Header http.Header
	Body   []byte
}

// Hook is one of the application's functions that may set headers of a response.
type Hook string

// The hooks.
const (
	InitialHeaders Hook = "initial_headers"
	Headers        Hook = "headers"
)

// HeaderRules decide which headers a response has.
type HeaderRules interface {
	// Hooks returns the hooks to call for a request on an occasion, in order.
	Hooks(r *http.Request, on Occasion) []Hook
	// Hooked sees the headers after the hooks of an occasion have been called.
	Hooked(r *http.Request, on Occasion, h http.Header)
	// Answer sees an answer before its length is set.
	Answer(r *http.Request, a *Answer)
	// Length sets the header that gives the length of an answer.
	Length(r *http.Request, a *Answer)
}

// DefaultHeaders has the rules of the announcement of Socket.IO 4.1.0, section "Add a way to customize the response
// headers", and of HTTP.
type DefaultHeaders struct{}

// Hooks returns both for the response to a session's first request, initial_headers before headers, and only headers for
// each other response of a session. A refusal calls none.
func (DefaultHeaders) Hooks(_ *http.Request, on Occasion) []Hook {
	switch on {
	case HandshakeAnswer, SocketAnswer:
		return []Hook{InitialHeaders, Headers}
	case PollAnswer, PostAnswer, UpgradeAnswer:
		return []Hook{Headers}
	}
	return nil
}

// Hooked changes nothing: what the hooks set is sent with this response, as it is.
func (DefaultHeaders) Hooked(*http.Request, Occasion, http.Header) {}

// Answer changes nothing: the body is not compressed.
func (DefaultHeaders) Answer(*http.Request, *Answer) {}

// Length is Content-Length, in bytes (RFC 9110, section 8.6).
func (DefaultHeaders) Length(_ *http.Request, a *Answer) {
	a.Header.Set("Content-Length", strconv.Itoa(len(a.Body)))
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, a *Answer) {
	s.rules.Headers.Answer(r, a)
	s.rules.Headers.Length(r, a)
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// hooks lets the application set headers of a response.
func (s *Server) hooks(header http.Header, r *http.Request, on Occasion) {
	hooks := s.rules.Headers.Hooks(r, on)
	for _, hook := range hooks {
		call := s.options.OnHeaders
		if hook == InitialHeaders {
			call = s.options.OnInitialHeaders
		}
		if call != nil {
			call(header, r)
		}
	}
	if len(hooks) > 0 {
		s.rules.Headers.Hooked(r, on, header)
	}
}

// CORSRules decide what pages of other origins may do.
type CORSRules interface {
	// AllowOrigin sets the headers of each response that let a page use the server.
	AllowOrigin(cors *CORS, r *http.Request, h http.Header)
	// AnswersPreflight reports whether a request is a preflight request and is answered as one.
	AnswersPreflight(r *http.Request) bool
	// Preflight sets the headers of the answer to a preflight request.
	Preflight(r *http.Request, h http.Header)
}

// DefaultCORS is the CORS protocol of the Fetch standard, as the cors module of the official server speaks it.
type DefaultCORS struct{}

// AllowOrigin names the request's origin if it is one of those allowed, or "*" if all are.
func (DefaultCORS) AllowOrigin(cors *CORS, r *http.Request, h http.Header) {
	origin := r.Header.Get("Origin")
	switch {
	case slices.Contains(cors.Origins, "*"):
		h.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(cors.Origins, origin):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Vary", "Origin")
	}
	if cors.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
}

// AnswersPreflight is true for OPTIONS.
func (DefaultCORS) AnswersPreflight(r *http.Request) bool { return r.Method == http.MethodOptions }

// Preflight allows all methods, and the headers that the request asks for.
func (DefaultCORS) Preflight(r *http.Request, h http.Header) {
	h.Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
		h.Add("Vary", "Access-Control-Request-Headers")
	}
}

// allowOrigin lets pages of other origins use the server, and answers preflight requests.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) (answered bool) {
	if s.options.CORS == nil {
		return false
	}
	s.rules.CORS.AllowOrigin(s.options.CORS, r, w.Header())
	if !s.rules.CORS.AnswersPreflight(r) {
		return false
	}
	s.rules.CORS.Preflight(r, w.Header())
	s.occasion(Preflight, r)
	w.WriteHeader(http.StatusNoContent)
	return true
}

package engineio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Server is an http.Handler that speaks Engine.IO.
type Server struct {
	options  Options
	upgrader websocket.Upgrader

	mu       sync.Mutex
	closed   bool
	sessions map[string]*Session
	running  sync.WaitGroup // goroutines of sessions
}

// NewServer returns a server that waits for requests.
func NewServer(options Options) *Server {
	return &Server{
		options:  options.withDefaults(),
		sessions: map[string]*Session{},
		upgrader: websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }},
	}
}

// Close ends all sessions and refuses further ones. It waits until nothing of the server runs any more, or the
// context ends, whose error it returns then.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	var all []*Session
	for _, session := range s.sessions {
		all = append(all, session)
	}
	s.mu.Unlock()
	for _, session := range all {
		session.end("server shutting down")
	}
	// What is on its way to a client that reads gets there; one that does not read is not waited for.
	cut := time.AfterFunc(2*closeTimeout, func() {
		for _, session := range all {
			session.cut()
		}
	})
	defer cut.Stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.running.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) session(id string) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[id]
}

func (s *Server) forget(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[session.id] == session {
		delete(s.sessions, session.id)
	}
}

// ServeHTTP answers the requests below the server's path.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(changed(s.options.Departures.Path, r.URL.Path), s.options.Path) {
		s.occasion(ForeignPath, r)
		http.NotFound(w, r)
		return
	}
	if s.allowOrigin(w, r) {
		return
	}
	q := r.URL.Query()
	if f := s.options.Departures.Query; f != nil {
		f(r, q)
	}
	session, refusal := s.verify(r, q)
	if f := s.options.Departures.Verified; f != nil {
		refusal = f(r, q, refusal)
	}
	switch {
	case refusal != nil:
		s.refuse(w, r, refusal)
	case session == nil:
		s.handshake(w, r, q)
	case websocket.IsWebSocketUpgrade(r):
		s.beside(w, r, session)
	case r.Method == http.MethodGet:
		session.poll(w, r)
	case r.Method == http.MethodPost:
		session.post(w, r)
	default:
		if s.options.Departures.OtherMethodsEnd {
			session.end("transport error")
		}
		s.fail(w, r, UnservedMethod, http.StatusBadRequest)
	}
}

// allowOrigin sets the headers that let pages of other origins use the server, and answers preflights.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) (answered bool) {
	cors := s.options.CORS
	if cors == nil {
		return false
	}
	origin, h := r.Header.Get("Origin"), w.Header()
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
	if r.Method != http.MethodOptions || s.options.Departures.NoPreflight {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
		h.Add("Vary", "Access-Control-Request-Headers")
	}
	if f := s.options.Departures.Preflight; f != nil {
		f(r, h)
	}
	s.occasion(Preflight, r)
	w.WriteHeader(http.StatusNoContent)
	return true
}

// handshake opens a session.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request, q url.Values) {
	if s.options.Departures.RaiseForAll {
		s.raise(ConnectionError{Request: r, Code: BadRequest, Message: messages[BadRequest]})
	}
	id, err := s.options.GenerateID(r)
	if err != nil {
		s.refuse(w, r, because(BadRequest, "name", "ID_GENERATION_ERROR", "error", err.Error()))
		return
	}
	id = changed(s.options.Departures.SessionID, id)
	session := newSession(s, id, r, last(q, "transport"))
	var socket *websocket.Conn
	if websocket.IsWebSocketUpgrade(r) {
		if socket = s.upgrade(w, r, SocketAnswer); socket == nil {
			return
		}
	}
	switch accepted := s.enter(session, true); {
	case !accepted && socket != nil:
		_ = socket.Close()
	case !accepted:
		w.WriteHeader(http.StatusServiceUnavailable)
	case socket != nil:
		defer s.running.Done()
		session.overWebSocket(socket)
	default:
		defer s.running.Done()
		if cookie := s.options.Cookie; cookie != nil {
			own := *cookie
			own.Value = id
			w.Header().Add("Set-Cookie", own.String())
		}
		session.openOverPolling(w, r)
	}
}

// enter counts a goroutine that serves a session. A fresh session is known from then on, and the goroutine that calls
// the application for it is counted, too. It reports false where the server is closed or the session over.
func (s *Server) enter(session *Session, fresh bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !fresh && s.sessions[session.id] != session {
		return false
	}
	s.running.Add(1)
	if fresh {
		s.sessions[session.id] = session
		s.running.Add(1)
	}
	return true
}

// upgrade answers a WebSocket handshake. It returns nil where that is malformed, and answered so.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, kind AnswerKind) *websocket.Conn {
	header := http.Header{}
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	if r.Header.Get("Sec-WebSocket-Version") == "13" && err == nil && len(key) == 16 && r.Method == http.MethodGet {
		for name, values := range w.Header() { // of CORS
			header[name] = values
		}
		s.hooks(header, r, kind)
	}
	socket, err := s.upgrader.Upgrade(w, r, header)
	if err != nil {
		s.occasion(MalformedHandshake, r)
		return nil
	}
	if s.options.Departures.NoControlPong {
		socket.SetPingHandler(func(string) error { return nil })
	}
	if s.options.Departures.NoCloseFrame {
		socket.SetCloseHandler(func(int, string) error { return nil })
	}
	socket.SetReadLimit(changed(s.options.Departures.MaxPayload, s.options.MaxPayload))
	return socket
}

// hooks lets the application set headers of a response.
func (s *Server) hooks(header http.Header, r *http.Request, kind AnswerKind) {
	d := &s.options.Departures
	call := func(name string, hook func(http.Header, *http.Request), usual int) {
		if d.Calls != nil {
			usual = d.Calls(name, kind, usual)
		}
		for range usual {
			if hook != nil {
				hook(header, r)
			}
		}
	}
	first := 0
	if kind == HandshakeAnswer || kind == SocketAnswer {
		first = 1
	}
	if d.HeadersFirst {
		call("headers", s.options.OnHeaders, 1)
		call("initial_headers", s.options.OnInitialHeaders, first)
	} else {
		call("initial_headers", s.options.OnInitialHeaders, first)
		call("headers", s.options.OnHeaders, 1)
	}
	if d.Hooked != nil {
		d.Hooked(r, kind, header)
	}
}

func randomID(*http.Request) (string, error) {
	var b [15]byte
	_, err := rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:]), err
}

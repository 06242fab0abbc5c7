package engineio

import (
	"context"
	"encoding/base64"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Server is an http.Handler that speaks Engine.IO.
type Server struct {
	options  Options
	rules    Rules
	upgrader websocket.Upgrader

	mu       sync.Mutex
	closed   bool
	sessions map[string]*Session
	running  sync.WaitGroup // the goroutines of sessions
}

// NewServer returns a server that is ready for requests.
func NewServer(options Options) *Server {
	return &Server{
		options:  options.withDefaults(),
		rules:    options.Rules.WithDefaults(),
		sessions: map[string]*Session{},
		upgrader: websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }, EnableCompression: options.Compression},
	}
}

// Close ends all sessions and refuses new ones. It waits until all goroutines of the server have ended, or until ctx is
// done, and then returns ctx's error.
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
	// A client that reads gets what is on its way. Close does not wait for one that does not read.
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

// knows reports whether requests can still reach a session.
func (s *Server) knows(session *Session) bool { return s.session(session.id) == session }

func (s *Server) forget(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[session.id] == session {
		delete(s.sessions, session.id)
	}
}

// ServeHTTP answers the requests below the server's path.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rules := s.rules.Requests
	if !rules.Serves(r.URL.Path, s.options.Path) {
		s.occasion(ForeignPath, r)
		http.NotFound(w, r)
		return
	}
	if s.allowOrigin(w, r) {
		return
	}
	q := rules.Query(r)
	named := s.session(last(q, "sid"))
	session, refusal := rules.Verify(Check{
		Request: r, Query: q, Session: named, Transports: s.options.Transports, AllowRequest: s.options.AllowRequest,
	})
	switch {
	case refusal != nil:
		if named != nil && rules.RefusalEnds(r, refusal) {
			named.end("transport error")
		}
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
		session.happened(UnservedMethod, "transport error")
		s.fail(w, r, UnservedMethod, http.StatusBadRequest)
	}
}

// upgrade answers a WebSocket handshake. If the handshake is malformed, upgrade answers with an error and returns nil.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, on Occasion) *websocket.Conn {
	header := http.Header{}
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	if r.Header.Get("Sec-WebSocket-Version") == "13" && err == nil && len(key) == 16 && r.Method == http.MethodGet {
		for name, values := range w.Header() { // for CORS
			header[name] = values
		}
		s.hooks(header, r, on)
	}
	socket, err := s.upgrader.Upgrade(w, r, header)
	if err != nil {
		s.occasion(MalformedHandshake, r)
		return nil
	}
	if !s.rules.WebSocket.AnswersPings() {
		socket.SetPingHandler(func(string) error { return nil })
	}
	if !s.rules.WebSocket.SendsCloseFrame() {
		socket.SetCloseHandler(func(int, string) error { return nil })
	}
	socket.SetReadLimit(s.rules.Session.MaxPayload(s.options.MaxPayload))
	return socket
}

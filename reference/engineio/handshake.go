package engineio

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/gorilla/websocket"
)

// HandshakeRules decide what opens a session.
type HandshakeRules interface {
	// SessionID returns the ID of a session, given the one that was generated for it.
	SessionID(made string) string
	// OpenPacket returns the first packet of a session.
	OpenPacket(s *Session, transport string, o Opening) Packet
}

// Opening is the content of an open packet.
type Opening struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int64    `json:"pingInterval"` // in milliseconds
	PingTimeout  int64    `json:"pingTimeout"`  // in milliseconds
	MaxPayload   int64    `json:"maxPayload"`   // in bytes
}

// DefaultHandshake is the handshake of the protocol document, section "Handshake".
type DefaultHandshake struct{}

// SessionID is the generated one.
func (DefaultHandshake) SessionID(made string) string { return made }

// OpenPacket has all fields: "If the server accepts the connection, then it MUST respond with an open packet with the
// following JSON-encoded payload".
func (DefaultHandshake) OpenPacket(_ *Session, _ string, o Opening) Packet {
	text, _ := json.Marshal(o)
	return Packet{Type: Open, Data: text}
}

// openOverPolling answers the handshake of a session over polling.
func (s *Session) openOverPolling(w http.ResponseWriter, r *http.Request) {
	packets := s.outgoing(Polling, []Packet{s.open(Polling)})
	s.answer(w, r, HandshakeAnswer, join(packets))
}

// handshake opens a session.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request, q url.Values) {
	s.occasion(AcceptedHandshake, r)
	id, err := s.options.GenerateID(r)
	if err != nil {
		s.refuse(w, r, newRefusal(BadRequest, "name", "ID_GENERATION_ERROR", "error", err.Error()))
		return
	}
	id = s.rules.Handshake.SessionID(id)
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

// enter counts a goroutine that serves a session. It also registers a fresh session and counts the goroutine that calls the
// application for it. It returns false if the server is closed or the session has ended.
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

func randomID(*http.Request) (string, error) {
	var b [15]byte
	_, err := rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:]), err
}

// open tells the application about the session and returns the open packet.
func (s *Session) open(transport string) Packet {
	upgrades := []string{}
	if transport == Polling {
		for _, other := range s.server.options.Transports {
			if other == WebSocket {
				upgrades = append(upgrades, other)
			}
		}
	}
	options := &s.server.options
	packet := s.server.rules.Handshake.OpenPacket(s, transport, Opening{
		SID: s.id, Upgrades: upgrades, PingInterval: options.PingInterval.Milliseconds(), PingTimeout: options.PingTimeout.Milliseconds(),
		MaxPayload: options.MaxPayload,
	})
	options.OnConnection(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == opening { // and has not ended already
		s.state = established
		s.beat()
	}
	go s.tell()
	return packet
}

// overWebSocket serves a session that was opened over WebSocket.
func (s *Session) overWebSocket(conn *websocket.Conn) {
	k := newSocket(conn, s.server.rules.WebSocket)
	packet := s.open(WebSocket)
	s.mu.Lock()
	s.socket = k
	k.send(s.outgoing(WebSocket, []Packet{packet}))
	s.flush()
	if s.state == ended {
		k.close()
	}
	s.mu.Unlock()
	k.run(s.message, func() { s.happened(SocketLost, "transport close") })
}

// Package engineio is a server of the Engine.IO protocol, revision 4: HTTP long-polling, WebSocket and the upgrade between
// them. It is meant to be read next to
// https://github.com/socketio/socket.io/blob/main/docs/engine.io-protocol/v4-current.md. Where that document is silent, it
// does what engine.io 6.6 does.
package engineio

import (
	"net/http"
	"time"
)

// Options configures a [Server]. The zero value of each field means its default, which the comments name.
type Options struct {
	Path           string        // "/engine.io/"
	PingInterval   time.Duration // 25 s
	PingTimeout    time.Duration // 20 s
	UpgradeTimeout time.Duration // 10 s: how long a WebSocket of a polling session may probe
	MaxPayload     int64         // 1,000,000 bytes: the limit for a POST's body or a WebSocket message
	Transports     []string      // "polling" and "websocket"
	Cookie         *http.Cookie  // none; a template for the cookie that holds the session's ID
	CORS           *CORS         // none
	Compression    bool          // whether to compress the messages of WebSockets whose clients offer permessage-deflate (RFC 7692)

	// AllowRequest refuses a handshake by returning an error, whose text is sent to the client. An empty text means
	// "Forbidden".
	AllowRequest func(*http.Request) error
	// GenerateID makes a session's ID: 20 random characters.
	GenerateID func(*http.Request) (string, error)

	// OnConnection is called for each session before its open packet goes out. It must call [Session.Handle].
	OnConnection func(*Session)
	// OnConnectionError is called once for each refused request, before the refusal is written.
	OnConnectionError func(ConnectionError)
	// OnInitialHeaders may set headers of the response to a session's first request.
	OnInitialHeaders func(http.Header, *http.Request)
	// OnHeaders may set headers of each response of a session, including the WebSocket handshake. It is called second.
	OnHeaders func(http.Header, *http.Request)

	// Rules are the server's decisions; those of the protocol by default.
	Rules Rules
}

func (o Options) withDefaults() Options {
	if o.Path == "" {
		o.Path = "/engine.io/"
	}
	for to, value := range map[*time.Duration]time.Duration{
		&o.PingInterval: 25 * time.Second, &o.PingTimeout: 20 * time.Second, &o.UpgradeTimeout: 10 * time.Second,
	} {
		if *to <= 0 {
			*to = value
		}
	}
	if o.MaxPayload <= 0 {
		o.MaxPayload = 1_000_000
	}
	if o.Transports == nil {
		o.Transports = []string{Polling, WebSocket}
	}
	if o.GenerateID == nil {
		o.GenerateID = randomID
	}
	if o.OnConnection == nil {
		o.OnConnection = func(s *Session) { s.Handle(func(Message) {}, func(string) {}) }
	}
	return o
}

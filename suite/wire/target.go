package wire

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// DefaultPath is the Engine.IO path under Socket.IO.
const DefaultPath = "/socket.io/"

// Target is one server under test.
type Target struct {
	Index  int         // from 0, in the order of the command line
	Secure bool        // TLS
	Host   string      // host and port, as dialled and as sent in the Host header
	Path   string      // the Engine.IO path, "/socket.io/" by default
	Header http.Header // sent with every request
	TLS    *tls.Config // of a secure target; nil for the defaults
	// MaxPayload that the target announces, in bytes; 0 where that is not known.
	MaxPayload int64

	secrets []string
}

// ParseTarget reads the URL of a target: http, https, ws or wss; a path other than "/" is the
// Engine.IO path. A user and password become an Authorization header.
func ParseTarget(raw string) (*Target, error) {
	u, err := url.Parse(raw)
	raw = WithoutUser(raw) // for the log of a job
	if err != nil {
		return nil, fmt.Errorf("%q is no URL", raw)
	}
	t := &Target{Path: u.EscapedPath(), Header: http.Header{}}
	port := "80"
	switch u.Scheme {
	case "http", "ws":
	case "https", "wss":
		t.Secure, port = true, "443"
	default:
		return nil, fmt.Errorf("%q has no scheme http, https, ws or wss", raw)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("%q names no host", raw)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q has a query or a fragment: give the path only", raw)
	}
	if u.Port() != "" {
		if n, err := strconv.Atoi(u.Port()); err != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("%q has the port %s, and ports are 1 to 65535", raw, u.Port())
		}
		port = u.Port()
	}
	t.Host = net.JoinHostPort(u.Hostname(), port)
	if t.Path == "" || t.Path == "/" {
		t.Path = DefaultPath
	}
	if !strings.HasSuffix(t.Path, "/") {
		t.Path += "/"
	}
	if u.User != nil {
		password, _ := u.User.Password()
		credentials := base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))
		t.Header.Set("Authorization", "Basic "+credentials)
		t.Hide(credentials)
		t.Hide(password)
	}
	return t, nil
}

var user = regexp.MustCompile(`(^|//)[^/\s]*@`)

// WithoutUser leaves user and password out of what may be a URL.
func WithoutUser(raw string) string { return user.ReplaceAllString(raw, "$1") }

// URL of the target, without credentials.
func (t *Target) URL() string {
	scheme := "http"
	if t.Secure {
		scheme = "https"
	}
	path := t.Path
	if path == DefaultPath {
		path = ""
	}
	return scheme + "://" + t.Host + path
}

// SetHeader adds a header to every request. Its value is hidden in every trace where its name says
// that it is secret.
func (t *Target) SetHeader(name, value string) {
	t.Header.Add(name, value)
	if Secret(name) {
		t.Hide(value)
		if _, credentials, found := strings.Cut(value, " "); found {
			t.Hide(credentials)
		}
	}
}

// Secret reports whether a header's name says that its value is secret.
func Secret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"authorization", "cookie", "token", "key", "secret", "password"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// Hide keeps a value out of every trace.
func (t *Target) Hide(value string) {
	if value != "" {
		t.secrets = append(t.secrets, value)
	}
}

// Redact replaces what is to be hidden.
func (t *Target) Redact(text string) string {
	for _, secret := range t.secrets {
		text = strings.ReplaceAll(text, secret, "[hidden]")
	}
	return text
}

// DialWebSocket opens a recorded connection for a WebSocket handshake: what follows its heads is
// recorded frame by frame.
func (t *Target) DialWebSocket(ctx context.Context, recorder *Recorder) (*Conn, error) {
	conn, err := t.Dial(ctx, recorder, "websocket")
	if err != nil {
		return nil, err
	}
	conn.upgraded = true
	return conn, nil
}

// Dial opens a recorded connection of that kind ("http", "websocket", "tcp").
func (t *Target) Dial(ctx context.Context, recorder *Recorder, kind string) (*Conn, error) {
	dialer := net.Dialer{KeepAlive: -1} // every wait has a deadline of its own
	plain, err := dialer.DialContext(ctx, "tcp", t.Host)
	c := &Conn{Conn: plain, name: recorder.Name(kind), target: t, recorder: recorder}
	if err != nil {
		c.note("close", "not connected: "+err.Error())
		return nil, err
	}
	if t.Secure {
		secure := tls.Client(plain, t.TLSConfig("http/1.1"))
		if err := secure.HandshakeContext(ctx); err != nil {
			plain.Close()
			c.note("close", "TLS handshake failed: "+err.Error())
			return nil, err
		}
		c.Conn = secure
	}
	c.note("open", "connected to "+t.Host)
	return c, nil
}

// TLSConfig of a connection that offers those protocols of the application to a secure target, by ALPN.
func (t *Target) TLSConfig(protocols ...string) *tls.Config {
	config := t.TLS.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(t.Host)
	}
	config.NextProtos = protocols
	return config
}

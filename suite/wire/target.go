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
	"sync/atomic"
	"time"
)

// DefaultPath is the Engine.IO path under Socket.IO.
const DefaultPath = "/socket.io/"

// Target is one server under test.
type Target struct {
	Index  int         // from 0, in the order of the command line
	Secure bool        // TLS
	Host   string      // host and port, as dialled and as sent in the Host header
	Path   string      // the Engine.IO path, "/socket.io/" by default
	Query  string      // appended to the query of every request: "token=abc"
	Agent  string      // the User-Agent, unless Header has one
	Name   string      // the Host header, if it differs from Host
	Header http.Header // sent with every request
	TLS    *tls.Config // of a secure target; nil for the defaults
	// MaxPayload is the largest payload that the target announces, in bytes; 0 if unknown.
	MaxPayload int64

	// Budget is shared by all targets of the process; nil for none.
	Budget *Budget
	// Pace is shared by all targets of a run; nil for none.
	Pace *Pace

	redactor Redactor
	heard    atomic.Int64 // when a connection last carried a byte from it, in nanoseconds since epoch
}

// epoch is the origin of times that must not follow changes of the clock.
var epoch = time.Now()

// Heard returns when any connection last carried a byte from the target; zero if none did.
func (t *Target) Heard() time.Time {
	if n := t.heard.Load(); n != 0 {
		return epoch.Add(time.Duration(n))
	}
	return time.Time{}
}

// ParseTarget reads the URL of a target: http, https, ws or wss; a path other than "/" is the Engine.IO path. A user and
// password become an Authorization header.
func ParseTarget(raw string) (*Target, error) {
	u, err := url.Parse(raw)
	raw = WithoutSecretQuery(WithoutUser(raw)) // the message may end up in a log
	if err != nil {
		return nil, fmt.Errorf("%q is not a URL", raw)
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
	if u.Fragment != "" {
		return nil, fmt.Errorf("%q has a fragment, which is never sent: leave it out", raw)
	}
	if err := t.takeQuery(u.RawQuery); err != nil {
		return nil, fmt.Errorf("%q %w", withoutQuery(raw), err)
	}
	if u.Port() != "" {
		if n, err := strconv.Atoi(u.Port()); err != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("%q has the port %s, but ports are 1 to 65535", raw, u.Port())
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
		t.hideHeader("Authorization", "Basic "+credentials)
	}
	return t, nil
}

var user = regexp.MustCompile(`(^|//)[^/\s]*@`)

// WithoutUser removes user and password from a text that may be a URL.
func WithoutUser(raw string) string { return user.ReplaceAllString(raw, "$1") }

// URL returns the URL of the target, without credentials.
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

// SetHeader adds a header to every request; the header Host replaces the host of the URL. If the name suggests that the
// value is secret, it is hidden in every trace.
func (t *Target) SetHeader(name, value string) {
	if strings.EqualFold(name, "Host") {
		t.Name = value
		return
	}
	t.Header.Add(name, value)
	if Secret(name) {
		t.hideHeader(name, value)
	}
}

// hideHeader hides the value of a header and the secrets in it.
func (t *Target) hideHeader(name, value string) {
	scheme, credentials, found := strings.Cut(value, " ")
	if !found {
		t.Hide(value)
	} else {
		t.redactor.hideBehind(value, len(scheme)+1)
		t.Hide(strings.TrimSpace(credentials))
		if pair, err := base64.StdEncoding.DecodeString(strings.TrimSpace(credentials)); err == nil && strings.EqualFold(scheme, "basic") {
			t.Hide(string(pair))
			_, password, _ := strings.Cut(string(pair), ":")
			t.Hide(password)
		}
	}
	if strings.EqualFold(name, "Cookie") {
		for pair := range strings.SplitSeq(value, ";") {
			if _, cookie, _ := strings.Cut(pair, "="); len(cookie) >= shortestTail {
				t.Hide(cookie)
			}
		}
	}
}

// Secret reports whether a header's name suggests that its value is secret.
func Secret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"authorization", "cookie", "token", "key", "secret", "password"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// Hide keeps a value out of every trace and report. It must not be called once the target is in use.
func (t *Target) Hide(value string) { t.redactor.Hide(value) }

// Redact returns a text without the hidden values.
func (t *Target) Redact(text string) string { return t.redactor.Redact(text) }

// Escaped returns a session ID as clients put it into a query: everything is percent-encoded except letters, digits and
// -_.!~*'().
func Escaped(sid string) string {
	const plain = "-_.!~*'()"
	var b strings.Builder
	for _, c := range []byte(sid) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// DialWebSocket opens a recorded connection for a WebSocket handshake: everything after the heads is recorded frame by
// frame.
func (t *Target) DialWebSocket(ctx context.Context, recorder *Recorder) (*Conn, error) {
	conn, err := t.Dial(ctx, recorder, KindWebSocket)
	if err != nil {
		return nil, err
	}
	conn.upgraded = true
	return conn, nil
}

// Dial opens a recorded connection of that kind, when the pace allows it.
func (t *Target) Dial(ctx context.Context, recorder *Recorder, kind Kind) (*Conn, error) {
	ctx, err := t.Await(ctx, "")
	if err != nil {
		return nil, err
	}
	c := &Conn{Conn: take(ctx), name: recorder.Name(kind), target: t, recorder: recorder}
	c.out.secrets.redactor, c.in.secrets.redactor = &t.redactor, &t.redactor
	if c.Conn == nil {
		conn, inTLS, err := t.open(ctx)
		if err != nil {
			c.note(Event{NotOpened: &NotOpened{Kind: kind, Address: t.Host, TLS: inTLS, Error: text(err.Error())}})
			return nil, err
		}
		c.Conn = conn
	}
	c.note(Event{Opened: &Opened{Kind: kind, Address: t.Host}})
	return c, nil
}

// open opens a connection. InTLS means that it was the TLS handshake that failed.
func (t *Target) open(ctx context.Context) (conn net.Conn, inTLS bool, err error) {
	dialer := net.Dialer{KeepAlive: -1} // every wait has a deadline of its own
	plain, err := dialer.DialContext(ctx, "tcp", t.Host)
	if err != nil || !t.Secure {
		return plain, false, err
	}
	secure := tls.Client(plain, t.TLSConfig("http/1.1"))
	if err := secure.HandshakeContext(ctx); err != nil {
		plain.Close()
		return nil, true, err
	}
	return secure, false, nil
}

// TLSConfig returns the configuration for a connection to a secure target that offers those application protocols by ALPN.
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

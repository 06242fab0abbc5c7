package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/wire"
)

// multiplexes checks HTTP/2, which browsers use for polling wherever it is offered, while a WebSocket needs HTTP/1.1 or
// extended CONNECT.
func (e *examination) multiplexes(ctx context.Context) {
	if !e.target.Secure {
		return // browsers speak HTTP/2 only over TLS
	}
	extended, refused, err := e.offersHTTP2(ctx)
	switch {
	case errors.Is(err, errNotOffered):
		e.fine("HTTP/2", "it is not offered (ALPN): requests and WebSockets go over HTTP/1.1")
		return
	case err != nil:
		e.broken("HTTP/2, which the server offers, does not work")
		e.say("HTTP/2", Problem, "Turn HTTP/2 off at the server or the proxy, or fix it there: browsers use it if it is offered.", "it is offered (ALPN), but the connection fails: %v", err)
		return
	}
	webSockets := "WebSockets go over HTTP/1.1, because extended CONNECT (RFC 8441) is not offered"
	if extended {
		webSockets = "so do WebSockets, with extended CONNECT (RFC 8441)"
	}
	took, err := e.pollsOverHTTP2(ctx)
	if err != nil {
		e.broken("polling does not work over HTTP/2, which the server offers")
		e.say("HTTP/2", Problem, "Let requests over HTTP/2 through to the server like others, or turn HTTP/2 off there: browsers use it if it is offered.",
			"polling works over HTTP/1.1, but not over HTTP/2, which is offered (ALPN): %v", err)
		return
	}
	if refused != nil {
		e.say("HTTP/2", Note, "Let extended CONNECT through to the server, or turn it off at the proxy: browsers that have an HTTP/2 connection open WebSockets over it.",
			"polling works over it, but a WebSocket does not, although extended CONNECT (RFC 8441) is offered: %v", refused)
		return
	}
	e.fine("HTTP/2", "it is offered besides HTTP/1.1 (ALPN); polling works over it, in %s; %s", milliseconds(took), webSockets)
}

// broken says why no page connects.
func (e *examination) broken(why string) {
	for _, client := range e.d.Clients {
		if client.Origin != "" {
			client.Because = why
		}
	}
}

var errNotOffered = errors.New("HTTP/2 is not offered")

// offersHTTP2 reports whether the server's initial settings allow a WebSocket over HTTP/2, and if so, why it does not open
// anyway.
func (e *examination) offersHTTP2(ctx context.Context) (extended bool, refused, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dialer := tls.Dialer{Config: e.target.TLSConfig("h2", "http/1.1")}
	conn, err := dialer.DialContext(ctx, "tcp", e.target.Host)
	if err != nil {
		return false, nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if conn.(*tls.Conn).ConnectionState().NegotiatedProtocol != "h2" {
		return false, nil, errNotOffered
	}
	c := frames{conn}
	if extended, err = c.begin(); err != nil || !extended {
		return false, nil, err
	}
	return true, c.openWebSocket(e.target, withQuery(e.target, handshakeOfSockets)), nil
}

// pollsOverHTTP2 opens a session over polling and closes it.
func (e *examination) pollsOverHTTP2(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("nothing came within %d s", int(patience.Seconds())))
	defer cancel()
	transport := &http.Transport{TLSClientConfig: e.target.TLSConfig("h2"), ForceAttemptHTTP2: true, DisableCompression: true}
	defer transport.CloseIdleConnections()
	send := func(method, query, body string) (string, error) {
		r, err := http.NewRequestWithContext(ctx, method, "https://"+e.target.Host+e.target.Path+withQuery(e.target, query), strings.NewReader(body))
		if err != nil {
			return "", err
		}
		r.Header, r.Host = e.target.Header.Clone(), e.target.Name
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
		}
		answer, err := transport.RoundTrip(r)
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return "", err
		}
		defer answer.Body.Close()
		content, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
		switch {
		case err != nil:
			return "", err
		case answer.ProtoMajor != 2:
			return "", fmt.Errorf("the answer came over %s", answer.Proto)
		case answer.StatusCode != http.StatusOK:
			return "", fmt.Errorf("%s is answered with %d %s", method, answer.StatusCode, first(string(content), 80))
		}
		return string(content), nil
	}
	begin := time.Now()
	content, err := send(http.MethodGet, handshake, "")
	took := time.Since(begin)
	if err != nil {
		return 0, err
	}
	open, err := protocol.ParseOpen(protocol.ParsePayload(content)[0])
	if err != nil {
		return 0, fmt.Errorf("no session opens: %w", err)
	}
	_, err = send(http.MethodPost, handshake+"&sid="+wire.Escaped(open.SID), "1")
	return took, err
}

// withQuery appends the query of a target's URL to that of a request.
func withQuery(t *wire.Target, query string) string {
	if t.Query == "" {
		return query
	}
	return query + "&" + t.Query
}

// certificateNames returns the DNS names in a secure target's certificate.
func certificateNames(ctx context.Context, t *wire.Target) []string {
	config := t.TLSConfig("http/1.1")
	config.InsecureSkipVerify = true // nothing is sent
	dialer := tls.Dialer{Config: config}
	conn, err := dialer.DialContext(ctx, "tcp", t.Host)
	if err != nil {
		return nil
	}
	defer conn.Close()
	certificates := conn.(*tls.Conn).ConnectionState().PeerCertificates
	if len(certificates) == 0 {
		return nil
	}
	return certificates[0].DNSNames
}

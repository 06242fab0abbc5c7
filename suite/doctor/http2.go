package doctor

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"example.test/conformance/suite"
)

// multiplexes looks at HTTP/2, which browsers use for polling wherever it is offered, while a WebSocket
// needs HTTP/1.1, or extended CONNECT.
func (e *examination) multiplexes(ctx context.Context) {
	if !e.target.Secure {
		return // browsers speak HTTP/2 over TLS alone
	}
	extended, err := e.offersHTTP2(ctx)
	switch {
	case errors.Is(err, errNotOffered):
		e.fine("HTTP/2", "it is not offered (ALPN): requests and WebSockets go over HTTP/1.1")
		return
	case err != nil:
		e.say("HTTP/2", Problem, "Turn HTTP/2 off at the server or the proxy, or mend it there: browsers take it where it is offered.", "it is offered (ALPN), but the connection fails: %v", err)
		return
	}
	webSockets := "WebSockets go over HTTP/1.1, for extended CONNECT (RFC 8441) is not offered"
	if extended {
		webSockets = "extended CONNECT (RFC 8441) is offered, too, so that browsers open WebSockets with it; that is not tried here"
	}
	took, err := e.pollsOverHTTP2(ctx)
	if err != nil {
		e.say("HTTP/2", Problem, "Let requests over HTTP/2 through to the server as others are, or turn HTTP/2 off there: browsers take it where it is offered.",
			"polling works over HTTP/1.1, and not over HTTP/2, which is offered (ALPN): %v", err)
		return
	}
	e.fine("HTTP/2", "it is offered beside HTTP/1.1 (ALPN); polling works over it, in %s; %s", milliseconds(took), webSockets)
}

var errNotOffered = errors.New("HTTP/2 is not offered")

// offersHTTP2 reports whether a WebSocket may be opened over HTTP/2, by the settings with which the server begins.
func (e *examination) offersHTTP2(ctx context.Context) (extended bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dialer := tls.Dialer{Config: e.target.TLSConfig("h2", "http/1.1")}
	conn, err := dialer.DialContext(ctx, "tcp", e.target.Host)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if conn.(*tls.Conn).ConnectionState().NegotiatedProtocol != "h2" {
		return false, errNotOffered
	}
	const settings = 4
	if _, err := conn.Write([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")); err != nil {
		return false, err
	}
	head := make([]byte, 9) // of a frame: the length in three bytes, type, flags and stream
	if _, err := io.ReadFull(conn, head); err != nil {
		return false, fmt.Errorf("the server sends no settings: %w", err)
	}
	length := int(head[0])<<16 | int(head[1])<<8 | int(head[2])
	if head[3] != settings || length > 1<<14 {
		return false, fmt.Errorf("the server begins with a frame of type %d and not with settings", head[3])
	}
	content := make([]byte, length)
	if _, err := io.ReadFull(conn, content); err != nil {
		return false, err
	}
	const enableConnectProtocol = 8
	for ; len(content) >= 6; content = content[6:] {
		if binary.BigEndian.Uint16(content) == enableConnectProtocol {
			extended = binary.BigEndian.Uint32(content[2:]) == 1
		}
	}
	return extended, nil
}

// pollsOverHTTP2 opens a session over polling and closes it.
func (e *examination) pollsOverHTTP2(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("nothing came within %d s", int(patience.Seconds())))
	defer cancel()
	transport := &http.Transport{TLSClientConfig: e.target.TLSConfig("h2"), ForceAttemptHTTP2: true, DisableCompression: true}
	defer transport.CloseIdleConnections()
	send := func(method, query, body string) (string, error) {
		r, err := http.NewRequestWithContext(ctx, method, "https://"+e.target.Host+e.target.Path+query, strings.NewReader(body))
		if err != nil {
			return "", err
		}
		r.Header = e.target.Header.Clone()
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
	open, err := suite.ParseOpen(suite.ParsePayload(content)[0])
	if err != nil {
		return 0, fmt.Errorf("no session opens: %w", err)
	}
	_, err = send(http.MethodPost, handshake+"&sid="+open.SID, "1")
	return took, err
}

package doctor_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"example.test/conformance/suite/doctor"
	"example.test/conformance/suite/wire"
)

// secure serves with TLS and examines the server.
func secure(t *testing.T, h http.Handler, change func(*httptest.Server)) *doctor.Diagnosis {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	change(s)
	s.StartTLS()
	t.Cleanup(s.CloseClientConnections)
	target, err := wire.ParseTarget(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	target.TLS = &tls.Config{RootCAs: pool}
	return doctor.Examine(t.Context(), target, doctor.Options{}, nil)
}

func finds(t *testing.T, d *doctor.Diagnosis, check string, grade doctor.Grade, says, advice string) {
	t.Helper()
	for _, f := range d.Findings {
		if f.Check == check && f.Grade == grade && strings.Contains(f.Says, says) && strings.Contains(f.Advice, advice) {
			return
		}
	}
	t.Errorf("want a %s of %s with %q and %q, got %+v", grade, check, says, advice, d.Findings)
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	t.Run("offered", func(t *testing.T) {
		t.Parallel()
		d := secure(t, proxy(server(t)), func(s *httptest.Server) { s.EnableHTTP2 = true })
		finds(t, d, "HTTP/2", doctor.Fine, "offered besides HTTP/1.1 (ALPN); polling works over it", "")
		finds(t, d, "HTTP/2", doctor.Fine, "extended CONNECT (RFC 8441) is not offered", "")
		if d.Problems() > 0 {
			t.Errorf("%+v", d)
		}
	})
	t.Run("not offered", func(t *testing.T) {
		t.Parallel()
		d := secure(t, proxy(server(t)), func(s *httptest.Server) {})
		finds(t, d, "HTTP/2", doctor.Fine, "not offered", "")
	})
	t.Run("broken", func(t *testing.T) {
		t.Parallel()
		p := proxy(server(t))
		d := secure(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor == 2 {
				answers(421, "Misdirected").ServeHTTP(w, r)
				return
			}
			p.ServeHTTP(w, r)
		}), func(s *httptest.Server) { s.EnableHTTP2 = true })
		finds(t, d, "HTTP/2", doctor.Problem, "GET is answered with 421 Misdirected", "turn HTTP/2 off")
	})
	t.Run("HTTP/1.1 not offered", func(t *testing.T) {
		t.Parallel()
		d := secure(t, proxy(server(t)), func(s *httptest.Server) {
			s.EnableHTTP2 = true
			s.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
				return &tls.Config{Certificates: s.TLS.Certificates, NextProtos: []string{"other"}}, nil // Go accepts HTTP/1.1 besides h2
			}}
		})
		finds(t, d, "connection", doctor.Problem, "no application protocol", "offer HTTP/1.1, too")
	})
}

// A server that speaks HTTP/1.1, and begins HTTP/2 with the given bytes.
func TestHTTP2Settings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		begins, says string
		grade        doctor.Grade
	}{
		"no settings": {"\x00\x00\x00\x06\x00\x00\x00\x00\x00", "begins with a frame of type 6", doctor.Problem},
		"cut off":     {"\x00\x00", "sends no settings", doctor.Problem},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := secure(t, proxy(server(t)), func(s *httptest.Server) {
				s.TLS = &tls.Config{NextProtos: []string{"h2", "http/1.1"}}
				s.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) {
					defer conn.Close()
					_, _ = io.WriteString(conn, c.begins)
					_, _ = io.Copy(io.Discard, io.LimitReader(conn, 24+9))
				}}
			})
			finds(t, d, "HTTP/2", c.grade, c.says, "")
		})
	}
}

// A server that accepts WebSockets over HTTP/2 says so first, and is then asked for one.
func TestExtendedConnect(t *testing.T) {
	t.Parallel()
	const headers = "\x00\x00\x01\x01\x04\x00\x00\x00\x01"
	for name, c := range map[string]struct {
		answer, says string
		grade        doctor.Grade
	}{
		"opens":   {headers + "\x88" + "\x00\x00\x08\x06\x00\x00\x00\x00\x00pingpong" + "\x00\x00\x0c\x00\x00\x00\x00\x00\x01\x81\x0b0{\"sid\":\"a", "so do WebSockets, with extended CONNECT", doctor.Fine},
		"refuses": {headers + "\x8c", "a WebSocket does not, although extended CONNECT (RFC 8441) is offered: it is answered with 400", doctor.Note},
		"resets":  {"\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x01", "ends it with a frame", doctor.Note},
		"ends":    {"", "no open packet came", doctor.Note},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			p := proxy(server(t))
			d := secure(t, p, func(s *httptest.Server) {
				s.TLS = &tls.Config{NextProtos: []string{"h2", "http/1.1"}}
				s.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) {
					if asked.Add(1) == 1 {
						defer conn.Close()
						_, _ = io.WriteString(conn, "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00\x01")
						_, _ = io.ReadFull(conn, make([]byte, 24+9+9+9+1)) // preface, two frames of settings, headers
						_, _ = io.WriteString(conn, c.answer)
						_ = conn.CloseWrite()
						_, _ = io.Copy(io.Discard, conn)
						return
					}
					once := &once{Conn: conn, over: make(chan struct{})}
					real := &http.Server{Handler: p, ConnState: func(_ net.Conn, state http.ConnState) {
						if state == http.StateClosed {
							close(once.over)
						}
					}}
					_ = real.Serve(once)
				}}
			})
			finds(t, d, "HTTP/2", c.grade, c.says, "")
		})
	}
}

// once is a listener for a single connection, until that ends.
type once struct {
	*tls.Conn
	taken bool
	over  chan struct{}
}

func (o *once) Accept() (net.Conn, error) {
	if !o.taken {
		o.taken = true
		return o.Conn, nil
	}
	<-o.over
	return nil, net.ErrClosed
}

func (o *once) Addr() net.Addr { return o.LocalAddr() }
func (o *once) Close() error   { return nil }

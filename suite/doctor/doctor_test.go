package doctor_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/suite/doctor"
	"example.test/conformance/suite/wire"
)

// server starts a reference server without faults.
func server(t *testing.T) *url.URL {
	t.Helper()
	return serverWith(t, application.Options{})
}

// serverWith starts a reference server whose clients may be slow, since the machine may be busy.
func serverWith(t *testing.T, options application.Options) *url.URL {
	t.Helper()
	options.PingTimeout, options.ConnectTimeout = 5*time.Second, 20*time.Second
	c, err := application.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = c.Close(ctx)
	})
	u, _ := url.Parse(c.URLs()[0])
	return u
}

func examine(t *testing.T, address string) *doctor.Diagnosis {
	t.Helper()
	target, err := wire.ParseTarget(address)
	if err != nil {
		t.Fatal(err)
	}
	return doctor.Examine(t.Context(), target, doctor.Options{}, nil)
}

func proxy(u *url.URL) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }, ErrorLog: log.New(io.Discard, "", 0)}
}

func before(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.CloseClientConnections)
	return s.URL
}

// atPath forwards one path to a server as the server's own, and answers everything below another path with a web page.
func atPath(path, page string, u *url.URL) http.Handler {
	p := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(u)
		r.Out.URL.Path = "/socket.io/"
	}, ErrorLog: log.New(io.Discard, "", 0)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == path:
			p.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, page):
			answers(200, "<title>Chat</title>", "Content-Type", "text/html").ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// begins listens, and sends the same answer to every client that sends something.
func begins(t *testing.T, with string) string {
	t.Helper()
	return listens(t, func(conn net.Conn) {
		defer conn.Close()
		if n, _ := conn.Read(make([]byte, 4096)); n > 0 {
			_, _ = io.WriteString(conn, with)
		}
	})
}

// listens passes each connection to serve, in its own goroutine.
func listens(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return "http://" + l.Addr().String()
}

// changing is a proxy that changes headers on the way there and back.
func changing(u *url.URL, there func(http.Header), back func(http.Header)) http.Handler {
	p := proxy(u)
	p.ModifyResponse = func(r *http.Response) error {
		if back != nil {
			back(r.Header)
		}
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if there != nil {
			there(r.Header)
		}
		p.ServeHTTP(w, r)
	})
}

func answers(status int, body string, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// impatient forwards TCP, and closes connections that are idle for a while.
func impatient(t *testing.T, u *url.URL, idle time.Duration) string {
	t.Helper()
	return listens(t, func(client net.Conn) {
		server, err := net.Dial("tcp", u.Host)
		if err != nil {
			client.Close()
			return
		}
		last := atomic.Int64{}
		pass := func(to, from net.Conn) {
			defer to.Close()
			defer from.Close()
			b := make([]byte, 4096)
			for {
				n, err := from.Read(b)
				last.Store(time.Now().UnixNano())
				if err != nil {
					return
				}
				if _, err := to.Write(b[:n]); err != nil {
					return
				}
			}
		}
		last.Store(time.Now().UnixNano())
		go pass(client, server)
		go pass(server, client)
		go func() {
			for time.Since(time.Unix(0, last.Load())) < idle {
				time.Sleep(10 * time.Millisecond)
			}
			client.Close()
			server.Close()
		}()
	})
}

func TestFineServerHasNoProblem(t *testing.T) {
	t.Parallel()
	d := examine(t, server(t).String())
	if got, want := d.Verdict(), "Does the official client connect from here, and stay? In Node yes, over WebSocket."; got != want || !d.Well() {
		t.Errorf("got %q", got)
	}
	if d.Problems() > 0 || !d.Reached || len(d.Findings) < 9 {
		t.Errorf("%+v", d)
	}
	for _, f := range d.Findings {
		if f.Grade != doctor.Fine || f.Advice != "" {
			t.Errorf("%+v", f)
		}
	}
}

func TestProblemsAreFound(t *testing.T) {
	t.Parallel()
	var turn atomic.Int64
	tlsServer := httptest.NewTLSServer(http.NotFoundHandler())
	tlsServer.Config.ErrorLog = nil
	t.Cleanup(tlsServer.Close)
	for name, c := range map[string]struct {
		url           string
		check, advice string
		grade         doctor.Grade
		reached       bool
	}{
		"nothing listens":               {"http://127.0.0.1:1", "connection", "Start the server", doctor.Problem, false},
		"TLS without a known authority": {tlsServer.URL, "connection", "trust the authority", doctor.Problem, false},
		"no TLS at the port":            {strings.Replace(server(t).String(), "http:", "https:", 1), "connection", "Use http://", doctor.Problem, false},
		"a web server":                  {before(t, http.NotFoundHandler()), "handshake", "no Engine.IO server", doctor.Problem, false},
		"a gateway without a server":    {before(t, answers(502, "Bad Gateway")), "handshake", "Start the server behind the proxy", doctor.Problem, false},
		"Socket.IO 2":                   {before(t, answers(200, `95:0{"sid":"SzueuPlRnQhNStc6AAAA","upgrades":["websocket"],"pingInterval":1000,"pingTimeout":8000}2:40`)), "handshake", "allowEIO3: true", doctor.Problem, true},
		"a cache":                       {before(t, cache(proxy(server(t)))), "cache", "Turn caching off", doctor.Problem, true},
		"a limit of bodies":             {before(t, limits(proxy(server(t)), 20_000)), "bodies", "Raise the limit", doctor.Problem, true},
		"a raw WebSocket server":        {before(t, http.HandlerFunc(raw)), "handshake", "new WebSocket(url)", doctor.Problem, false},
		"a filter on the Host header":   {before(t, named("localhost", proxy(server(t)))), "handshake", "Use a URL with the server's name", doctor.Problem, false},
		"one that closes":               {before(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })), "handshake", "speaks HTTP at all", doctor.Problem, false},
		"WebSockets alone get through":  {before(t, webSocketsOnly(proxy(server(t)))), "handshake", "Let plain GET and POST", doctor.Problem, true},
		"a redirect":                    {before(t, http.RedirectHandler("https://elsewhere.example/", http.StatusMovedPermanently)), "handshake", "do not follow redirects", doctor.Problem, false},
		"another path":                  {server(t).String() + "/chat/", "handshake", `Set path: "/socket.io/"`, doctor.Problem, false},
		"version 3 alone":               {before(t, answers(400, `{"code":5,"message":"Unsupported protocol version"}`)), "handshake", "protocol version", doctor.Problem, true},
		"a refusal by the application":  {before(t, answers(403, `{"code":4,"message":"Forbidden"}`)), "handshake", "allowRequest", doctor.Problem, true},
		"a proxy that strips Upgrade":   {before(t, changing(server(t), func(h http.Header) { h.Del("Upgrade"); h.Del("Connection") }, nil)), "WebSocket", "proxy_set_header", doctor.Problem, true},
		"TLS at the port":               {strings.Replace(tlsServer.URL, "https:", "http:", 1), "handshake", "Use https://", doctor.Problem, false},
		"HTTP/2 alone":                  {begins(t, "\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80"), "handshake", "speak HTTP/1.1 there, too", doctor.Problem, false},
		"garbage":                       {begins(t, "\x1b[31m\xff\xfe\r\n\r\n"), "handshake", "speaks HTTP at all", doctor.Problem, false},
		"a path without a slash":        {before(t, atPath("/chat", "/chat", server(t))) + "/chat", "handshake", "addTrailingSlash: false", doctor.Problem, false},
		"the path of the page":          {before(t, atPath("/app/socket.io/", "/app", server(t))) + "/app", "handshake", `Set path: "/app/socket.io/"`, doctor.Problem, false},
		"POST refused": {before(t, func() http.HandlerFunc {
			p := proxy(server(t))
			return func(w http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					answers(405, "").ServeHTTP(w, r)
					return
				}
				p.ServeHTTP(w, r)
			}
		}()), "requests over polling", "Let POST requests through", doctor.Problem, true},
		"a balancer by session ID": {before(t, func() http.Handler {
			both := []http.Handler{proxy(server(t)), proxy(server(t))}
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := turn.Add(1)
				if id := r.URL.Query().Get("sid"); id != "" {
					n = int64(id[0])
				}
				both[n%2].ServeHTTP(w, r)
			})
		}()), "sticky sessions", "Turn on sticky sessions", doctor.Problem, true},
		"a balancer by cookie": {before(t, func() http.Handler {
			both := []http.Handler{proxy(server(t)), proxy(server(t))}
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n := turn.Add(1) % 2
				if c, err := r.Cookie("node"); err == nil {
					n = int64(len(c.Value)) % 2
				}
				http.SetCookie(w, &http.Cookie{Name: "node", Value: strings.Repeat("x", int(n)+2)})
				both[n].ServeHTTP(w, r)
			})
		}()), "sticky sessions", "withCredentials: true", doctor.Problem, true},
		"a proxy that cuts polls before a ping": {before(t, http.HandlerFunc(func(u *url.URL) http.HandlerFunc {
			p := proxy(u)
			return func(w http.ResponseWriter, r *http.Request) {
				if r.Method == "GET" && r.URL.Query().Has("sid") && r.URL.Query().Get("transport") == "polling" {
					http.TimeoutHandler(p, 200*time.Millisecond, "").ServeHTTP(w, r)
					return
				}
				p.ServeHTTP(w, r)
			}
		}(serverWith(t, application.Options{PingInterval: 3 * time.Second})))), "heartbeat", "proxy_read_timeout", doctor.Problem, true},
		"compression that cannot be read": {before(t, changing(server(t), nil, func(h http.Header) {
			if h.Get("Content-Length") > "1500" && len(h.Get("Content-Length")) == 4 {
				h.Set("Content-Encoding", "gzip")
			}
		})), "compression", "Let only the server or only the proxy compress", doctor.Problem, true},
		"no sticky sessions": {before(t, func() http.Handler {
			both := []http.Handler{proxy(server(t)), proxy(server(t))}
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { both[turn.Add(1)%2].ServeHTTP(w, r) })
		}()), "sticky sessions", "Turn on sticky sessions", doctor.Problem, true},
		"a proxy that cuts waiting polls": {before(t, http.HandlerFunc(func(u *url.URL) http.HandlerFunc {
			p := proxy(u)
			return func(w http.ResponseWriter, r *http.Request) {
				if r.Method == "GET" && r.URL.Query().Get("transport") == "polling" && r.URL.Query().Has("sid") {
					http.TimeoutHandler(p, 20*time.Millisecond, "").ServeHTTP(w, r)
					return
				}
				p.ServeHTTP(w, r)
			}
		}(server(t)))), "polling", "cuts waiting requests off", doctor.Problem, true},
		"a proxy that closes idle connections": {impatient(t, server(t), 200*time.Millisecond), "heartbeat", "closes idle connections", doctor.Problem, true},
		"no CORS":                              {before(t, changing(server(t), nil, func(h http.Header) { h.Del("Access-Control-Allow-Origin") })), "other origins", "cors:", doctor.Note, true},
		"CORS twice":                           {before(t, changing(server(t), nil, func(h http.Header) { h.Add("Access-Control-Allow-Origin", "*") })), "other origins", "browsers refuse two", doctor.Problem, true},
		"WebSockets refused by the application": {before(t, http.HandlerFunc(func(u *url.URL) http.HandlerFunc {
			p := proxy(u)
			return func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("transport") == "websocket" {
					answers(400, "not you", "Content-Type", "text/html").ServeHTTP(w, r)
					return
				}
				p.ServeHTTP(w, r)
			}
		}(server(t)))), "WebSocket", "allowRequest", doctor.Problem, true},
		"no WebSocket at the server": {before(t, http.HandlerFunc(func(u *url.URL) http.HandlerFunc {
			p := proxy(u)
			return func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("transport") == "websocket" {
					answers(400, `{"code":0,"message":"Transport unknown"}`).ServeHTTP(w, r)
					return
				}
				p.ServeHTTP(w, r)
			}
		}(server(t)))), "WebSocket", "Allow the transport websocket", doctor.Note, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := examine(t, c.url)
			if d.Reached != c.reached {
				t.Errorf("got reached %v", d.Reached)
			}
			found := false
			for _, f := range d.Findings {
				found = found || f.Check == c.check && f.Grade == c.grade && strings.Contains(f.Advice, c.advice)
				if (f.Grade == doctor.Fine) != (f.Advice == "") {
					t.Errorf("%+v", f)
				}
			}
			if !found {
				t.Errorf("want a %s of %s with %q, got %+v", c.grade, c.check, c.advice, d.Findings)
			}
		})
	}
}

// A server with only WebSockets lets no client in that begins with polling. There is no other problem: it needs no upgrade.
func TestWebSocketAlone(t *testing.T) {
	t.Parallel()
	p := proxy(server(t))
	d := examine(t, before(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("transport") == "polling" {
			answers(400, `{"code":0,"message":"Transport unknown"}`).ServeHTTP(w, r)
			return
		}
		p.ServeHTTP(w, r)
	})))
	for _, f := range d.Findings {
		if f.Grade != doctor.Fine && f.Check != "handshake" {
			t.Errorf("%+v", f)
		}
	}
	finds(t, d, "handshake", doctor.Problem, "polling is turned off", `transports: ["websocket"]`)
	if got, want := d.Verdict(), "Does the official client connect from here, and stay? In Node no, because polling, with which it begins, is turned off at the server."; got != want {
		t.Errorf("got %q", got)
	}
	finds(t, d, "heartbeat", doctor.Fine, "over WebSocket", "")
}

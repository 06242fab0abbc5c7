package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.test/conformance/fixtures"
)

// setUp is a server, or a proxy in front of one, to which the official client may or may not connect.
type setUp struct {
	name  string
	start func(*site) string // returns the URL, or "" if the test has failed
	flags []string           // of the doctor, besides the URL
	// The equivalent settings of the client.
	options   map[string]any
	query     string // of the URL
	namespace string
	origin    pageOrigin
	stay      time.Duration // how long the client is watched; a while if 0
	alone     bool          // run alone: the answers depend on the number of earlier requests
	// node and page are the beginnings of the answers: "yes" and the transport, or "no, because" and part of the reason.
	node, page string
	says       string // part of what the doctor says before that
	// mended is tried afterwards, with the lines that the doctor gives for the proxy in that check.
	check, proxy string
	mended       *setUp
}

// pageOrigin is the origin of a page that connects, too.
type pageOrigin int

const (
	noPage pageOrigin = iota
	otherOrigin
	ownOrigin
)

// site is what set-ups share.
type site struct {
	t       *testing.T
	servers map[string]string // URLs of servers, by the names in bareServers
	lines   []string          // that fix a proxy
}

func (s *site) host(name string) string {
	_, host, _ := strings.Cut(s.servers[name], "//")
	return host
}

// direct starts no proxy in front of a server.
func direct(name string) func(*site) string {
	return func(s *site) string { return s.servers[name] }
}

// behind starts a proxy in front of servers. In its configuration, $A and $B are their addresses, DEAD is an address where
// nothing listens, and LINES are the lines that the doctor gave.
func behind(proxy, configuration, a, b string) func(*site) string {
	return func(s *site) string {
		text := strings.NewReplacer(
			"LINES", strings.Join(s.lines, "\n"), "BACKEND", s.host(a), "$A", s.host(a), "$B", s.host(b), "DEAD", nobody, "NAME", "chat",
		).Replace(configuration)
		for _, line := range s.lines { // replace the names in the doctor's lines
			text = strings.Replace(text, line, strings.NewReplacer("BACKEND", s.host(a), "NAME", "chat").Replace(line), 1)
		}
		address, err := fixtures.Proxy(s.t, proxy, text)
		if err != nil {
			s.t.Error(err)
			return ""
		}
		return "http://" + address
	}
}

// bareServers are the servers that all set-ups share. Slow pings give a proxy time to cut a connection.
func bareServers(certificate map[string]any) map[string]any {
	type spec = map[string]any
	cors := func(origin any) spec { return spec{"cors": spec{"origin": origin}} }
	const slow = 8000
	return map[string]any{
		"open":      spec{"options": cors("*")},
		"one":       spec{"options": cors("*")},
		"two":       spec{"options": cors("*")},
		"slow":      spec{"options": spec{"pingInterval": slow, "cors": spec{"origin": "*"}}},
		"closed":    spec{},
		"elsewhere": spec{"options": cors("https://elsewhere.example")},
		"reflects":  spec{"options": cors(true)},
		"websocket": spec{"options": spec{"transports": []string{"websocket"}, "cors": spec{"origin": "*"}}},
		"polling":   spec{"options": spec{"transports": []string{"polling"}, "cors": spec{"origin": "*"}}},
		"token":     spec{"token": "let-me-in", "options": cors("*")},
		"query":     spec{"query": "let-me-in", "options": cors("*")},
		"header":    spec{"header": "let-me-in", "options": cors("*")},
		"small":     spec{"options": spec{"maxHttpBufferSize": 2000}},
		"hanging":   spec{"hang": "/chat/"},
		"two.5":     spec{"version": "2.5.1", "options": spec{"origins": "*:*"}},
		"three.1":   spec{"version": "3.1.2", "options": cors("*")},
		"older":     spec{"options": spec{"allowEIO3": true, "cors": spec{"origin": "*"}}},
		"raw":       spec{"kind": "raw"},
		"hang":      spec{"kind": "hang"},
		"none":      spec{"kind": "none"},
		"secure":    spec{"tls": certificate, "options": cors("*")},
		"pages":     spec{},
	}
}

const (
	noWebSocket = "proxy_http_version 1.0;"
	viaNginx    = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_set_header Host $http_host;`
)

// nginx returns a configuration with further lines in http, upstream and location.
func nginx(http, upstream, location string) string {
	return `events {}
http {
  access_log off; client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy; fastcgi_temp_path FOLDER/f; uwsgi_temp_path FOLDER/u; scgi_temp_path FOLDER/s;
  ` + http + `
  upstream servers {
` + upstream + `
  }
  server {
    listen 127.0.0.1:PORT;
    location / {
      proxy_pass http://servers;
` + location + `
    }
  }
}
`
}

const (
	serverA  = "server $A;"
	serverAB = "server $A; server $B;"
)

func haproxy(times, backend string) string {
	return `defaults
  mode http
  timeout connect 5s
  timeout client 60s
` + times + `
frontend all
  bind 127.0.0.1:PORT
  default_backend servers
backend servers
` + backend + `
`
}

const backendAB = "server a $A\nserver b $B\n"

const (
	patientTimes   = "timeout server 60s"
	impatientTimes = "timeout server 3s\ntimeout tunnel 3s"
)

func caddy(site, block string) string {
	return "http://:PORT {\nbind 127.0.0.1\n" + site + "\nreverse_proxy " + block + "\n}\n"
}

const balancer = `<Proxy "balancer://chat">
  BalancerMember "http://$A" route=a
  BalancerMember "http://$B" route=b
</Proxy>
ProxyPass "/" "balancer://chat/"
`

const (
	misrouted = "no, because its requests do not all reach the server"
	overWS    = "yes, over WebSocket"
	overPoll  = "yes, over polling"
)

// setUps are the set-ups on which the doctor's answer is compared with the official client.
var setUps = []setUp{
	// Servers.
	{name: "socket.io 4", start: direct("open"), origin: otherOrigin, node: overWS, page: overWS},
	{name: "no CORS", start: direct("closed"), origin: otherOrigin, node: overWS, page: "no, because the server's answers allow no page", says: "Set cors:"},
	{name: "no CORS, own page", start: direct("closed"), origin: ownOrigin, node: overWS, page: overWS},
	{name: "CORS of another origin", start: direct("elsewhere"), origin: otherOrigin, node: overWS, page: "no, because the server allows only pages of https://elsewhere.example"},
	{name: "CORS that mirrors", start: direct("reflects"), origin: otherOrigin, node: overWS, page: overWS},
	{name: "WebSocket alone", start: direct("websocket"), origin: otherOrigin, node: "no, because polling, with which it begins", page: "no, because polling", says: `transports: ["websocket"]`},
	{name: "polling alone", start: direct("polling"), origin: otherOrigin, node: overPoll, page: overPoll, says: "offers no upgrade"},
	{name: "middleware, no auth", start: direct("token"), origin: otherOrigin, node: `no, because the server refuses it in the namespace /, with "unauthorized"`, page: "no, because the server refuses it", says: "--auth"},
	{name: "middleware, auth", start: direct("token"), flags: []string{"--auth", `{"token":"let-me-in"}`}, options: map[string]any{"auth": map[string]any{"token": "let-me-in"}}, origin: otherOrigin, node: overWS, page: overWS},
	{name: "token in the URL", start: direct("query"), query: "/?token=let-me-in", origin: otherOrigin, node: overWS, page: overWS},
	{name: "token by --query", start: direct("query"), flags: []string{"--query", "token=let-me-in"}, options: map[string]any{"query": map[string]any{"token": "let-me-in"}}, node: overWS},
	{name: "no token", start: direct("query"), node: `no, because the server's application refuses it, with 403 "not allowed"`, says: "allowRequest"},
	{name: "header", start: direct("header"), flags: []string{"-H", "X-Token: let-me-in"}, options: map[string]any{"extraHeaders": map[string]any{"X-Token": "let-me-in"}}, origin: otherOrigin, node: overWS, page: overWS},
	{name: "a namespace", start: direct("open"), namespace: "/admin", origin: otherOrigin, node: overWS, page: overWS},
	{name: "no such namespace", start: direct("open"), namespace: "/nowhere", node: `no, because the server refuses it in the namespace /nowhere, with "Invalid namespace"`, says: "Check the namespace's name"},
	{name: "socket.io 2", start: direct("two.5"), origin: otherOrigin, node: "no, because the server runs Socket.IO 2", page: "no, because the server runs Socket.IO 2", says: "allowEIO3"},
	{name: "socket.io 3", start: direct("three.1"), origin: otherOrigin, node: overWS, page: overWS},
	{name: "socket.io 4 with allowEIO3", start: direct("older"), node: overWS, says: "version 3 of Socket.IO 2 clients, too"},
	{name: "small bodies at the server", start: direct("small"), node: overWS},
	{name: "raw WebSocket server", start: direct("raw"), node: "no, because what answers there is a WebSocket server", says: "new WebSocket(url)"},
	{name: "no Socket.IO", start: direct("none"), node: "no, because no Engine.IO server answers"},
	{name: "hang", start: direct("hang"), node: "no, because /socket.io/ is not answered within the 20 s"},
	{name: "a path that hangs", start: func(s *site) string { return s.servers["hanging"] + "/chat/" }, options: map[string]any{"path": "/chat/"}, node: "no, because /chat/ is not answered within", says: `Set path: "/socket.io/"`},
	{name: "another path", start: func(s *site) string { return s.servers["open"] + "/chat/" }, options: map[string]any{"path": "/chat/"}, node: "no, because no Engine.IO server answers at /chat/: one does at /socket.io/"},
	{name: "nothing listens", start: func(s *site) string { return "http://" + nobody }, node: "no, because nothing listens at"},
	{name: "TLS on a plain port", start: func(s *site) string { return strings.Replace(s.servers["open"], "http:", "https:", 1) }, node: "no, because", says: "Use http://"},
	{name: "plain on a port of TLS", start: func(s *site) string { return strings.Replace(s.servers["secure"], "https:", "http:", 1) }, node: "no, because the port speaks TLS", says: "Use https://"},
	{name: "an authority that is not trusted", start: direct("secure"), node: "no, because the certificate of", says: "--ca"},
	{name: "an authority that is", start: direct("secure"), flags: []string{"--ca", "AUTHORITY"}, options: map[string]any{"ca": "AUTHORITY"}, node: overWS},
	{name: "a certificate taken on trust", start: direct("secure"), flags: []string{"--insecure"}, options: map[string]any{"rejectUnauthorized": false}, origin: otherOrigin, node: overWS + ", with rejectUnauthorized: false", page: "no, because browsers do not trust its certificate"},

	// nginx.
	{name: "nginx as it is", start: behind(fixtures.Nginx, nginx("", serverA, noWebSocket), "open", ""), origin: otherOrigin, node: overPoll, page: overPoll,
		check: "WebSocket", proxy: "nginx", mended: &setUp{name: "nginx, mended", start: behind(fixtures.Nginx, nginx("", serverA, "LINES"), "open", ""), origin: otherOrigin, node: overWS, page: overWS}},
	{name: "nginx in turn", alone: true, start: behind(fixtures.Nginx, nginx("", serverAB, viaNginx), "one", "two"), node: misrouted,
		check: "sticky sessions", proxy: "nginx", mended: &setUp{name: "nginx in turn, mended", start: behind(fixtures.Nginx, nginx("", "LINES\n"+serverAB, viaNginx), "one", "two"), node: overWS}},
	{name: "nginx without patience", start: behind(fixtures.Nginx, nginx("", serverA, viaNginx+"proxy_read_timeout 3s;"), "slow", ""), stay: longStay, node: "no, because it connects, and loses its connection",
		check: "heartbeat", proxy: "nginx", mended: &setUp{name: "nginx without patience, mended", start: behind(fixtures.Nginx, nginx("", serverA, viaNginx+"\nLINES"), "slow", ""), stay: longStay, node: overWS}},
	{name: "nginx with small bodies", start: behind(fixtures.Nginx, nginx("client_max_body_size 20k;", serverA, viaNginx), "open", ""), node: overWS, says: "is answered with 413",
		check: "bodies", proxy: "nginx", mended: &setUp{name: "nginx with small bodies, mended", start: behind(fixtures.Nginx, nginx("client_max_body_size 20k;", serverA, viaNginx+"\nLINES"), "open", ""), node: overWS, says: "fine    bodies"}},
	{name: "nginx that caches", start: behind(fixtures.Nginx, nginx(caches, serverA, viaNginx), "open", ""), node: "no, because something in between answers its handshake from a cache",
		check: "cache", proxy: "nginx", mended: &setUp{name: "nginx that caches, mended", start: behind(fixtures.Nginx, nginx(caches, serverA, viaNginx+"\nLINES"), "open", ""), node: overWS}},
	{name: "nginx by name", start: behind(fixtures.Nginx, nginx("server { listen 127.0.0.1:PORT default_server; return 403; }", serverA, viaNginx+"} server_name localhost; location /x {"), "open", ""), node: "no, because requests for the host 127.0.0.1", says: "a filter on the Host header"},
	{name: "nginx by name, closing", start: behind(fixtures.Nginx, nginx("server { listen 127.0.0.1:PORT default_server; return 444; }", serverA, viaNginx+"} server_name localhost; location /x {"), "open", ""), node: "no, because requests for the host 127.0.0.1", says: "a filter on the Host header"},
	{name: "nginx by name, named", start: func(s *site) string {
		return strings.Replace(behind(fixtures.Nginx, nginx("server { listen 127.0.0.1:PORT default_server; return 403; }", serverA, viaNginx+"} server_name localhost; location /x {"), "open", "")(s), "127.0.0.1", "localhost", 1)
	}, node: overWS},
	{name: "nginx with CORS twice", start: behind(fixtures.Nginx, nginx("", serverA, viaNginx+"add_header Access-Control-Allow-Origin *;"), "open", ""), origin: otherOrigin, node: overWS, page: "no, because Access-Control-Allow-Origin is set twice"},
	{name: "nginx without POST", start: behind(fixtures.Nginx, nginx("", serverA, viaNginx+"limit_except GET { deny all; }"), "open", ""), node: "no, because its POST request is answered with 403", says: "Let POST requests through"},
	{name: "nginx without a server", start: behind(fixtures.Nginx, nginx("", "server DEAD;", viaNginx), "open", ""), node: "no, because no Engine.IO server answers at /socket.io/, which is answered with 502", says: "Start the server behind the proxy"},
	{name: "nginx that redirects", start: behind(fixtures.Nginx, nginx("", serverA, viaNginx+"return 301 https://elsewhere.example$request_uri;"), "open", ""), node: "no, because it is redirected to https://elsewhere.example"},
	{name: "nginx with a password", start: behind(fixtures.Nginx, nginx("", serverA, viaNginx+"if ($http_authorization = '') { return 401; }"), "open", ""), node: "no, because no Engine.IO server answers at /socket.io/, which is answered with 401", says: "Give with -H"},

	// HAProxy.
	{name: "HAProxy in turn", alone: true, start: behind(fixtures.HAProxy, haproxy(patientTimes, backendAB), "one", "two"), node: misrouted,
		check: "sticky sessions", proxy: "HAProxy", mended: &setUp{name: "HAProxy in turn, mended", start: behind(fixtures.HAProxy, haproxy(patientTimes, "LINES\n"+backendAB), "one", "two"), node: overWS}},
	{name: "HAProxy by cookie", alone: true, start: behind(fixtures.HAProxy, haproxy(patientTimes, "cookie NODE insert indirect nocache\nserver a $A cookie a\nserver b $B cookie b"), "one", "two"), origin: ownOrigin, node: misrouted, page: overWS, says: "withCredentials: true"},
	{name: "HAProxy by cookie, another page", alone: true, start: behind(fixtures.HAProxy, haproxy(patientTimes, "cookie NODE insert indirect nocache\nserver a $A cookie a\nserver b $B cookie b"), "one", "two"), origin: otherOrigin, node: misrouted, page: misrouted},
	{name: "HAProxy without patience", start: behind(fixtures.HAProxy, haproxy(impatientTimes, "server a $A"), "slow", ""), stay: longStay, node: "no, because",
		check: "heartbeat", proxy: "HAProxy", mended: &setUp{name: "HAProxy without patience, mended", start: behind(fixtures.HAProxy, haproxy("LINES", "server a $A"), "slow", ""), stay: longStay, node: overWS}},
	{name: "HAProxy without Upgrade", start: behind(fixtures.HAProxy, haproxy(patientTimes, "http-request del-header Upgrade\nserver a $A"), "open", ""), node: overPoll},

	// Apache.
	{name: "Apache as it is", start: behind(fixtures.Apache, `ProxyPass "/" "http://$A/"`, "open", ""), origin: otherOrigin, node: overPoll, page: overPoll,
		check: "WebSocket", proxy: "Apache", mended: &setUp{name: "Apache, mended", start: behind(fixtures.Apache, "LINES\nProxyPass \"/\" \"http://$A/\"", "open", ""), origin: otherOrigin, node: overWS, page: overWS}},
	{name: "Apache in turn", alone: true, start: behind(fixtures.Apache, balancer, "one", "two"), node: misrouted,
		check: "sticky sessions", proxy: "Apache", mended: &setUp{name: "Apache in turn, mended", alone: true, start: behind(fixtures.Apache, balancer+"LINES", "one", "two"), origin: ownOrigin, node: misrouted, page: overPoll}},
	{name: "Apache without patience", start: behind(fixtures.Apache, "ProxyTimeout 3\nProxyPass \"/\" \"http://$A/\"", "slow", ""), stay: longStay, node: "no, because it connects, and loses its connection",
		check: "heartbeat", proxy: "Apache", mended: &setUp{name: "Apache without patience, mended", start: behind(fixtures.Apache, "LINES\nProxyPass \"/\" \"http://$A/\"", "slow", ""), stay: longStay, node: overPoll}},

	// Caddy.
	{name: "Caddy as it is", start: behind(fixtures.Caddy, caddy("", "$A"), "open", ""), origin: otherOrigin, node: overWS, page: overWS},
	{name: "Caddy in turn", alone: true, start: behind(fixtures.Caddy, caddy("", "$A $B {\nlb_policy round_robin\n}"), "one", "two"), node: misrouted,
		check: "sticky sessions", proxy: "Caddy", mended: &setUp{name: "Caddy in turn, mended", start: behind(fixtures.Caddy, caddy("", "$A $B {\nLINES\n}"), "one", "two"), node: overWS}},
	{name: "Caddy without patience", start: behind(fixtures.Caddy, caddy("", "$A {\nheader_up -Upgrade\ntransport http {\nresponse_header_timeout 3s\n}\n}"), "slow", ""), stay: longStay, node: "no, because it connects, and loses its connection",
		check: "heartbeat", proxy: "Caddy", mended: &setUp{name: "Caddy without patience, mended", start: behind(fixtures.Caddy, caddy("", "$A {\ntransport http {\nLINES\n}\n}"), "slow", ""), stay: longStay, node: overWS}},
	{name: "Caddy with small bodies", start: behind(fixtures.Caddy, caddy("request_body {\nmax_size 20000\n}", "$A"), "open", ""), node: overWS, says: "a body of 980000 bytes is answered with",
		check: "bodies", proxy: "Caddy", mended: &setUp{name: "Caddy with small bodies, mended", start: behind(fixtures.Caddy, caddy("request_body {\nLINES\n}", "$A"), "open", ""), node: overWS, says: "fine    bodies"}},

	// Others.
	{name: "a WebSocket that carries nothing", start: silentWebSocket("open"), node: overPoll, says: "no open packet comes"},
}

const caches = `proxy_cache_path FOLDER/cache keys_zone=all:1m; proxy_cache all; proxy_cache_key $uri; proxy_cache_valid 200 1m; proxy_ignore_headers Cache-Control;`

// silentWebSocket starts a proxy that opens each WebSocket itself and forwards nothing.
func silentWebSocket(name string) func(*site) string {
	return func(s *site) string {
		front, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Error(err)
			return ""
		}
		onward := reverse(s.servers[name])
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") == "" {
				onward.ServeHTTP(w, r)
				return
			}
			conn, err := opening.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer conn.Close()
			for err == nil {
				_, _, err = conn.ReadMessage()
			}
		})}
		go func() { _ = server.Serve(front) }()
		s.t.Cleanup(func() { _ = server.Close() })
		return "http://" + front.Addr().String()
	}
}

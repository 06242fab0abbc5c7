package doctor_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"example.test/conformance/suite/doctor"
	"example.test/conformance/suite/wire"
)

// cache answers every GET request with the answer to the first one.
func cache(h http.Handler) http.Handler {
	var mu sync.Mutex
	var kept *httptest.ResponseRecorder
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "GET" || r.URL.Query().Get("transport") != "polling" {
			h.ServeHTTP(w, r)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if kept == nil {
			kept = httptest.NewRecorder()
			h.ServeHTTP(kept, r)
		}
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	})
}

// limits refuses bodies above a size.
func limits(h http.Handler, most int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > most {
			answers(http.StatusRequestEntityTooLarge, "too large").ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// named answers to one host name only.
func named(name string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, _ := strings.Cut(r.Host, ":"); host != name {
			answers(http.StatusForbidden, "no such host").ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// raw is a WebSocket server that says hello.
func raw(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.WriteMessage(websocket.TextMessage, []byte("hello"))
	_, _, _ = conn.ReadMessage()
}

// webSocketsOnly forwards WebSockets and answers everything else with 404.
func webSocketsOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// asked examines with options.
func asked(t *testing.T, address string, o doctor.Options) *doctor.Diagnosis {
	t.Helper()
	target, err := wire.ParseTarget(address)
	if err != nil {
		t.Fatal(err)
	}
	return doctor.Examine(t.Context(), target, o, nil)
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	const question = "Does the official client connect from here, and stay? "
	const page = "https://page.example"
	reference := server(t)
	only := func(origin string) http.Handler {
		return changing(reference, nil, func(h http.Header) {
			if h.Get("Access-Control-Allow-Origin") != "" {
				h.Set("Access-Control-Allow-Origin", origin)
			}
		})
	}
	for name, c := range map[string]struct {
		url     string
		options doctor.Options
		verdict string
	}{
		"a page": {reference.String(), doctor.Options{Origin: page}, "In Node yes, over WebSocket; in a browser page of " + page + " yes, over WebSocket."},
		"a page of another origin": {before(t, only("https://other.example")), doctor.Options{Origin: page},
			"In Node yes, over WebSocket; in a browser page of " + page + " no, because the server allows only pages of https://other.example (CORS)."},
		"a page of that origin": {before(t, only(page)), doctor.Options{Origin: page}, "In Node yes, over WebSocket; in a browser page of " + page + " yes, over WebSocket."},
		"no such namespace":     {reference.String(), doctor.Options{Namespace: "/nowhere"}, `In Node no, because the server refuses it in the namespace /nowhere, with "Invalid namespace".`},
		"a refusal":             {reference.String(), doctor.Options{Auth: json.RawMessage(`{"refuse":"not you"}`)}, `In Node no, because the server refuses it in the namespace /, with "not you".`},
		"nothing":               {"http://127.0.0.1:1", doctor.Options{Origin: page}, "In Node no, because nothing listens at 127.0.0.1:1; in a browser page of " + page + " no, because nothing listens at 127.0.0.1:1."},
		"Upgrade stripped":      {before(t, changing(reference, func(h http.Header) { h.Del("Upgrade"); h.Del("Connection") }, nil)), doctor.Options{}, "In Node yes, over polling."},
		"plain HTTP and https":  {strings.Replace(reference.String(), "127.0.0.1", "localhost", 1), doctor.Options{Origin: page}, "In Node yes, over WebSocket; in a browser page of " + page + " yes, over WebSocket."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := asked(t, c.url, c.options)
			if got := d.Verdict(); got != question+c.verdict {
				t.Errorf("got %q\n%+v", got, d.Findings)
			}
			if d.Well() != !strings.Contains(c.verdict, " no, ") {
				t.Errorf("got well %v", d.Well())
			}
		})
	}
}

// A page keeps cookies of its own origin, and so stays connected where a client in Node does not.
func TestStickinessByCookieServesOwnPages(t *testing.T) {
	t.Parallel()
	both := []*url.URL{server(t), server(t)}
	var mu sync.Mutex
	turn := 0
	address := before(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		turn++
		n := turn % 2
		mu.Unlock()
		if c, err := r.Cookie("node"); err == nil {
			n = len(c.Value)
		} else {
			http.SetCookie(w, &http.Cookie{Name: "node", Value: strings.Repeat("x", n)})
		}
		proxy(both[n%2]).ServeHTTP(w, r)
	}))
	d := asked(t, address, doctor.Options{Origin: address})
	finds(t, d, "sticky sessions", doctor.Problem, "only for clients that send the cookies", "withCredentials: true")
	if got := d.Verdict(); !strings.Contains(got, "In Node no, because ") || !strings.HasSuffix(got, " yes, over WebSocket.") {
		t.Errorf("got %q", got)
	}
}

// The lines are for the proxy that answers, or for all proxies.
func TestLinesForProxies(t *testing.T) {
	t.Parallel()
	stripped := func(h http.Header) { h.Del("Upgrade"); h.Del("Connection") }
	for says, want := range map[string][]string{
		"nginx/1.22.1": {"nginx"}, "Apache/2.4.71": {"Apache"}, "Caddy": {"Caddy"}, "": {"nginx", "HAProxy", "Caddy", "Apache", "Traefik"},
	} {
		d := asked(t, before(t, changing(server(t), stripped, func(h http.Header) { h.Set("Server", says) })), doctor.Options{})
		var got []string
		for _, f := range d.Findings {
			for _, p := range f.Proxies {
				got = append(got, p.Proxy)
				if len(p.Lines) != 2 || strings.Contains(strings.Join(p.Lines, ""), "PATH") {
					t.Errorf("%q", p.Lines)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("for %q, got lines for %q", says, got)
		}
	}
}

func TestParseOrigin(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://Example.org": "https://example.org", "http://example.org:80/": "http://example.org", "https://example.org:8443": "https://example.org:8443",
		"http://[::1]:3000": "http://[::1]:3000", "http://[::1]": "http://[::1]", "null": "null",
		"example.org": "", "ftp://example.org": "", "https://example.org/chat": "", "https://me:pass@example.org": "", "https://": "", "https://a.example?x=1": "",
	} {
		got, err := doctor.ParseOrigin(raw)
		if got != want || (err != nil) != (want == "") || err != nil && strings.Contains(err.Error(), "pass") {
			t.Errorf("for %q, got %q, %v", raw, got, err)
		}
	}
}

// An https page may not send anything to a server without TLS, unless the server is on the same machine.
func TestPagesOfHTTPSNeedTLS(t *testing.T) {
	t.Parallel()
	target, err := wire.ParseTarget("http://192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if why := doctor.Blocked(target, "https://page.example"); !strings.Contains(why, "https") {
		t.Errorf("got %q", why)
	}
	if why := doctor.Blocked(target, "http://page.example"); why != "" {
		t.Errorf("got %q", why)
	}
}

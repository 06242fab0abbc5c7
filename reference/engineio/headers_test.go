package engineio_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
)

// TestContexts tries each refusal over HTTP and, if a WebSocket handshake can cause it, over WebSocket too.
func TestContexts(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var raised []engineio.ConnectionError
	asked := 0
	base := echo(t, engineio.Options{
		OnConnectionError: func(e engineio.ConnectionError) { mu.Lock(); raised = append(raised, e); mu.Unlock() },
		AllowRequest: func(r *http.Request) error {
			asked++
			if r.URL.Query().Has("deny") {
				return errors.New(r.URL.Query().Get("deny"))
			}
			return nil
		},
		GenerateID: func(r *http.Request) (string, error) {
			if r.URL.Query().Has("noid") {
				return "", errors.New("no ID")
			}
			return fmt.Sprintf("id-%p", r), nil
		},
	})
	session := open(t, base)
	sid := session[strings.Index(session, "&sid="):]
	onSocket := dial(t, base+"&transport=websocket")
	packet := receive(t, onSocket)
	socketSID := "&sid=" + strings.Split(packet, `"`)[3]
	asked = 0

	type context = map[string]any
	for _, c := range []struct {
		method, query string
		code          int
		message       string // of the answer, if it is not the message of the code
		context       context
		socket        bool // the same over WebSocket
		asks          int  // how often the application is asked, over HTTP
	}{
		{"GET", "EIO=4", 0, "", context{}, true, 0},
		{"GET", "EIO=4&transport=", 0, "", context{"transport": ""}, true, 0},
		{"GET", "EIO=4&transport=POLLING", 0, "", context{"transport": "POLLING"}, true, 0},
		{"GET", "EIO=3&transport=__proto__&sid=no", 0, "", context{"transport": "__proto__"}, true, 0},
		{"GET", "EIO=3&transport=websocket&sid=%6eo", 1, "", context{"sid": "no"}, true, 0},
		{"PUT", "EIO=4&transport=polling&sid=constructor", 1, "", context{"sid": "constructor"}, false, 0},
		{"GET", "EIO=4&transport=polling&sid=a&sid=b", 1, "", context{"sid": "b"}, false, 0},
		{"GET", "EIO=3&transport=websocket" + sid, 3, "", context{"name": "TRANSPORT_MISMATCH", "transport": "websocket", "previousTransport": "polling"}, false, 0},
		{"POST", "EIO=4&transport=polling" + socketSID, 3, "", context{"name": "TRANSPORT_MISMATCH", "transport": "polling", "previousTransport": "websocket"}, false, 0},
		{"GET", "EIO=3&transport=polling" + sid, 3, "", context{"name": "PROTOCOL_MISMATCH", "protocol": 3, "previousProtocol": 4}, false, 0},
		{"POST", "EIO=3&transport=websocket&deny=no", 2, "", context{"method": "POST"}, false, 0},
		{"DELETE", "transport=polling", 2, "", context{"method": "DELETE"}, false, 0},
		{"OPTIONS", "EIO=4&transport=polling", 2, "", context{"method": "OPTIONS"}, false, 0},
		{"GET", "EIO=3&transport=websocket&deny=no", 3, "", context{"name": "TRANSPORT_HANDSHAKE_ERROR"}, false, 0},
		{"GET", "EIO=3&transport=polling&deny=thou+shall+not+pass", 4, "thou shall not pass", context{"message": "thou shall not pass"}, false, 1},
		{"GET", "EIO=4&transport=polling&deny=", 4, "", context{"message": ""}, false, 1},
		{"GET", "EIO=5&transport=polling&noid", 5, "", context{"protocol": 3}, false, 1},
		{"GET", "EIO=4&EIO=&transport=polling", 5, "", context{"protocol": 3}, false, 1},
		{"GET", "EIO=4&transport=polling&noid", 3, "", context{"name": "ID_GENERATION_ERROR", "error": "no ID"}, false, 1},
	} {
		root := base[:strings.Index(base, "?")+1]
		messages := []string{"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version"}
		text, wantStatus := c.message, 400
		if text == "" {
			text = messages[c.code]
		}
		if c.code == engineio.Forbidden {
			wantStatus = 403
		}
		check := func(what string) {
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			if len(raised) != 1 {
				t.Fatalf("%s: raised %+v", what, raised)
			}
			e := raised[0]
			raised = nil
			if e.Code != c.code || e.Message != messages[c.code] || e.Request.URL.RawQuery != c.query || !cmp.Equal(e.Context, c.context) {
				t.Errorf("%s: raised %d %q %v for %s", what, e.Code, e.Message, e.Context, e.Request.URL)
			}
		}
		status, body := request(t, c.method, root+c.query, "")
		expect(t, c.method+" "+c.query, status, body, wantStatus, fmt.Sprintf(`{"code":%d,"message":%q}`, c.code, text))
		check(c.method + " " + c.query)
		if asked != c.asks {
			t.Errorf("%s: the application was asked %d times", c.query, asked)
		}
		asked = 0
		if !c.socket {
			continue
		}
		_, response, err := websocket.DefaultDialer.Dial(strings.Replace(root, "http", "ws", 1)+c.query, nil)
		if err == nil || response == nil || response.StatusCode != 400 {
			t.Fatalf("a WebSocket for %s: %v %v", c.query, response, err)
		}
		check("a WebSocket for " + c.query)
	}

	for query, want := range map[string]string{
		"&transport=websocket&deny=nope": "nope", "&transport=websocket&deny=": "Forbidden", "&transport=polling": "Bad request",
		"&transport=websocket&noid": "Bad request", "&transport=websocket&EIO=3": "Unsupported protocol version",
	} {
		_, response, err := websocket.DefaultDialer.Dial(strings.Replace(base, "http", "ws", 1)+query, nil)
		if err == nil || response == nil || response.StatusCode != 400 || !response.Close {
			t.Fatalf("a WebSocket for %s: %v %v", query, response, err)
		}
		body := make([]byte, 100)
		n, _ := response.Body.Read(body)
		if string(body[:n]) != want {
			t.Errorf("a WebSocket for %s: %q", query, body[:n])
		}
	}
	request(t, "POST", session, "4alive")
	status, body := request(t, "GET", session, "")
	expect(t, "the session in the end", status, body, 200, "4alive")
	send(t, onSocket, "4alive")
	if got := receive(t, onSocket); got != "4alive" {
		t.Error(got)
	}
}

// TestHooks counts the calls of both hooks for each kind of request, and checks the headers that they set.
func TestHooks(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var calls []string
	hook := func(name string) func(http.Header, *http.Request) {
		return func(h http.Header, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, name)
			h.Set("Test", name)
			if name == "initial" {
				h.Add("Set-Cookie", "mycookie=456")
			}
		}
	}
	base := echo(t, engineio.Options{
		Cookie:           &http.Cookie{Name: "io", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode},
		CORS:             &engineio.CORS{Origins: []string{"*"}},
		OnInitialHeaders: hook("initial"), OnHeaders: hook("each"),
	})
	both, each := []string{"initial", "each"}, []string{"each"}
	check := func(what string, h http.Header, want, cookies []string) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(calls, want) {
			t.Errorf("%s: called %v, not %v", what, calls, want)
		}
		calls = nil
		set := []string(nil)
		if len(want) > 0 {
			set = []string{"each"}
		}
		if got := h.Values("Test"); !slices.Equal(got, set) {
			t.Errorf("%s: Test is %q", what, got)
		}
		if got := h.Values("Set-Cookie"); !slices.Equal(got, cookies) {
			t.Errorf("%s: Set-Cookie is %q", what, got)
		}
		if got := h.Values("Access-Control-Allow-Origin"); !slices.Equal(got, []string{"*"}) {
			t.Errorf("%s: Access-Control-Allow-Origin is %q", what, got)
		}
	}
	do := func(method, url, body string, wantStatus int) http.Header {
		t.Helper()
		r, _ := http.NewRequest(method, url, strings.NewReader(body))
		r.Header.Set("Access-Control-Request-Headers", "x-mine")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != wantStatus {
			t.Errorf("%s %s: %d", method, url, response.StatusCode)
		}
		if wantStatus == 200 {
			if got := response.Header.Get("Content-Type"); got != "text/plain; charset=UTF-8" {
				t.Errorf("%s: Content-Type is %q", method, got)
			}
			if got := response.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("%s: Cache-Control is %q", method, got)
			}
		}
		return response.Header
	}
	session := open(t, base)
	sid := session[strings.LastIndex(session, "=")+1:]
	mu.Lock()
	calls = nil
	mu.Unlock()
	handshake := do("GET", base+"&transport=polling", "", 200)
	cookies := handshake.Values("Set-Cookie")
	if len(cookies) != 2 || !strings.HasPrefix(cookies[0], "io=") || !strings.HasSuffix(cookies[0], "; Path=/; HttpOnly; SameSite=Lax") || cookies[1] != "mycookie=456" {
		t.Errorf("the handshake sets the cookies %q", cookies)
	}
	check("a handshake", handshake, both, cookies)
	check("a POST", do("POST", session, "4a", 200), each, nil)
	check("a poll", do("GET", session, "", 200), each, nil)
	check("a refusal", do("GET", base+"&transport=foo", "", 400), nil, nil)
	check("a POST too large", do("POST", session, strings.Repeat("4", 1_000_001), 413), nil, nil)
	check("a PUT", do("PUT", session, "", 400), nil, nil)
	check("a HEAD", do("HEAD", session, "", 400), nil, nil)
	preflight := do("OPTIONS", base+"&transport=foo", "", 204)
	check("a preflight", preflight, nil, nil)
	if preflight.Get("Access-Control-Allow-Headers") != "x-mine" || !strings.Contains(preflight.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("a preflight is answered with %v", preflight)
	}
	check("a POST after the one too large", do("POST", session, "4b", 200), each, nil)

	for what, url := range map[string]string{"a WebSocket": base + "&transport=websocket", "an upgrade": base + "&transport=websocket&sid=" + sid} {
		socket, response, err := websocket.DefaultDialer.Dial(strings.Replace(url, "http", "ws", 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
		if what == "a WebSocket" {
			check(what, response.Header, both, []string{"mycookie=456"})
			receive(t, socket)
		} else {
			check(what, response.Header, each, nil)
			send(t, socket, "2probe")
			receive(t, socket)
			send(t, socket, "5")
			if got := receive(t, socket); got != "4b" {
				t.Error(got)
			}
		}
		send(t, socket, "4x")
		if got := receive(t, socket); got != "4x" {
			t.Error(got)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(calls) > 0 {
		t.Errorf("messages called %v", calls)
	}
}

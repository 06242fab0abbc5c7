package engineio_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"example.test/conformance/reference/engineio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo starts a server that sends each message back and closes the session on "close".
func echo(t *testing.T, options engineio.Options) string {
	t.Helper()
	options.OnConnection = func(s *engineio.Session) {
		s.Handle(func(m engineio.Message) {
			if string(m.Data) == "close" {
				s.Close()
				return
			}
			s.Send(m)
		}, func(string) {})
	}
	server := engineio.NewServer(options)
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		listener.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return listener.URL + "/engine.io/?EIO=4"
}

func request(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

func expect(t *testing.T, what string, status int, body string, wantStatus int, wantBody string) {
	t.Helper()
	if status != wantStatus || body != wantBody {
		t.Errorf("%s: %d %q, not %d %q", what, status, body, wantStatus, wantBody)
	}
}

// open opens a polling session and returns the URL of its requests.
func open(t *testing.T, base string) string {
	t.Helper()
	status, body := request(t, "GET", base+"&transport=polling", "")
	var packet struct{ SID string }
	if status != 200 || json.Unmarshal([]byte(strings.TrimPrefix(body, "0")), &packet) != nil {
		t.Fatal(status, body)
	}
	return base + "&transport=polling&sid=" + packet.SID
}

func dial(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	socket, _, err := websocket.DefaultDialer.Dial(strings.Replace(url, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket
}

func receive(t *testing.T, socket *websocket.Conn) string {
	t.Helper()
	_ = socket.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, data, err := socket.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func send(t *testing.T, socket *websocket.Conn, text string) {
	t.Helper()
	if err := socket.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestPolling(t *testing.T) {
	t.Parallel()
	session := open(t, echo(t, engineio.Options{}))
	status, body := request(t, "POST", session, "4a\x1ebAQID\x1e4é€😀")
	expect(t, "the POST", status, body, 200, "ok")
	got := ""
	for strings.Count(got, "\x1e") < 3 {
		_, body := request(t, "GET", session, "")
		got += body + "\x1e"
	}
	if got != "4a\x1ebAQID\x1e4é€😀\x1e" {
		t.Errorf("the polls brought %q", got)
	}
	request(t, "POST", session, "4close")
	status, body = request(t, "GET", session, "")
	expect(t, "the last poll", status, body, 200, "1")
	status, _ = request(t, "GET", session, "")
	expect(t, "a later poll", status, "", 400, "")
}

func TestWebSocket(t *testing.T) {
	t.Parallel()
	socket := dial(t, echo(t, engineio.Options{})+"&transport=websocket")
	if open := receive(t, socket); !strings.HasPrefix(open, `0{"sid":"`) {
		t.Fatal(open)
	}
	send(t, socket, "4hello")
	if got := receive(t, socket); got != "4hello" {
		t.Error(got)
	}
	send(t, socket, "4close")
	_, _, err := socket.ReadMessage()
	if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != websocket.CloseNoStatusReceived {
		t.Error(err)
	}
}

func TestUpgradeCarriesWhatWasBuffered(t *testing.T) {
	t.Parallel()
	session := open(t, echo(t, engineio.Options{}))
	request(t, "POST", session, "4a\x1e4b")
	socket := dial(t, strings.Replace(session, "transport=polling", "transport=websocket", 1))
	send(t, socket, "2probe")
	if got := receive(t, socket); got != "3probe" {
		t.Fatal(got)
	}
	request(t, "POST", session, "4c")
	send(t, socket, "5")
	for _, want := range []string{"4a", "4b", "4c"} {
		if got := receive(t, socket); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	status, _ := request(t, "GET", session, "")
	expect(t, "a poll after the upgrade", status, "", 400, "")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	var raised []engineio.ConnectionError
	base := echo(t, engineio.Options{
		OnConnectionError: func(e engineio.ConnectionError) { raised = append(raised, e) },
		AllowRequest: func(r *http.Request) error {
			if r.URL.Query().Has("deny") {
				return errors.New("no way")
			}
			return nil
		},
	})
	bare := strings.TrimSuffix(base, "EIO=4")
	for i, c := range []struct {
		method, url string
		status      int
		body        string
	}{
		{"GET", base + "&transport=foo", 400, `{"code":0,"message":"Transport unknown"}`},
		{"GET", base + "&transport=polling&sid=x", 400, `{"code":1,"message":"Session ID unknown"}`},
		{"POST", base + "&transport=polling", 400, `{"code":2,"message":"Bad handshake method"}`},
		{"GET", base + "&transport=websocket", 400, `{"code":3,"message":"Bad request"}`},
		{"GET", base + "&transport=polling&deny=", 403, `{"code":4,"message":"no way"}`},
		{"GET", bare + "transport=polling", 400, `{"code":5,"message":"Unsupported protocol version"}`},
	} {
		status, body := request(t, c.method, c.url, "")
		expect(t, c.url, status, body, c.status, c.body)
		if len(raised) != i+1 || raised[i].Code != i {
			t.Fatalf("%s raised %+v", c.url, raised)
		}
	}
}

func TestHeartbeatEndsASilentSession(t *testing.T) {
	t.Parallel()
	base := echo(t, engineio.Options{PingInterval: 50 * time.Millisecond, PingTimeout: 500 * time.Millisecond})
	socket := dial(t, base+"&transport=websocket")
	receive(t, socket)
	for range 3 {
		if got := receive(t, socket); got != "2" {
			t.Fatal(got)
		}
		send(t, socket, "3")
	}
	if got := receive(t, socket); got != "2" {
		t.Fatal(got)
	}
	if _, _, err := socket.ReadMessage(); err == nil {
		t.Error("the connection outlived its heartbeat")
	}
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	answered := make(chan string, 1)
	t.Cleanup(func() { // after the server was closed
		if got := <-answered; got != "1" {
			t.Errorf("the poll under way was answered with %q", got)
		}
	})
	base := echo(t, engineio.Options{})
	session := open(t, base)
	asked := make(chan struct{})
	go func() {
		close(asked)
		response, err := http.Get(session)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answered <- string(body)
	}()
	<-asked
	socket := dial(t, base+"&transport=websocket")
	receive(t, socket)
	for range 100 { // the poll has surely arrived by then
		request(t, "GET", base+"&transport=foo", "")
	}
}

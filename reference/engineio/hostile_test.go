package engineio_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
)

// patience is how long a test waits for something that must happen, even on a slow machine.
const patience = 10 * time.Second

// raw opens a connection to the server of a URL and writes text to it.
func raw(t *testing.T, base, text string) net.Conn {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// bare starts a server without an application and returns it with its URL. The test closes the server.
func bare(t *testing.T, options engineio.Options) (*engineio.Server, string) {
	t.Helper()
	server := engineio.NewServer(options)
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		_ = server.Close(context.Background())
		listener.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return server, listener.URL + "/engine.io/?EIO=4"
}

func TestEndInsideOfOnConnection(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*engineio.Session){
		"Abort": func(s *engineio.Session) { s.Abort("forced close") },
		"Close": func(s *engineio.Session) { s.Send(engineio.Message{Data: []byte("bye")}); s.Close() },
	} {
		reasons := make(chan string, 2)
		_, base := bare(t, engineio.Options{OnConnection: func(s *engineio.Session) {
			s.Handle(func(engineio.Message) {}, func(reason string) { reasons <- reason })
			end(s)
		}})
		t.Run(name+" over WebSocket", func(t *testing.T) {
			socket := dial(t, base+"&transport=websocket")
			receive(t, socket)
			if name == "Close" {
				if got := receive(t, socket); got != "4bye" {
					t.Error(got)
				}
			}
			_ = socket.SetReadDeadline(time.Now().Add(patience))
			if _, data, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNoStatusReceived) {
				t.Errorf("got %q, %v, want a close frame", data, err)
			}
			if got := <-reasons; got != "forced close" {
				t.Error(got)
			}
		})
		t.Run(name+" over polling", func(t *testing.T) {
			session := open(t, base)
			if name == "Close" {
				status, body := request(t, "GET", session, "")
				expect(t, "the poll", status, body, 200, "4bye\x1e1")
			}
			status, _ := request(t, "GET", session, "")
			expect(t, "a later poll", status, "", 400, "")
			if got := <-reasons; got != "forced close" {
				t.Error(got)
			}
		})
		if len(reasons) > 0 {
			t.Errorf("%s: the end was reported twice", name)
		}
	}
}

func TestStalledPostEndsWithTheSession(t *testing.T) {
	t.Parallel()
	base := echo(t, engineio.Options{})
	session := open(t, base)
	u, _ := url.Parse(session)
	stalled := raw(t, base, "POST "+u.RequestURI()+" HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4hel")
	for deadline := time.Now().Add(patience); ; { // until the first POST has arrived
		if status, _ := request(t, "POST", session, "4x"); status == 400 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("two POSTs at once were accepted")
		}
	}
	answer, _ := io.ReadAll(stalled)
	if bytes.Contains(answer, []byte("200 OK")) {
		t.Errorf("the POST of a session that has ended was answered with %q", answer)
	}
	if _, err := stalled.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("the stalled POST is held open: %v", err)
	}
	status, body := request(t, "GET", session, "")
	expect(t, "a later poll", status, body, 400, `{"code":1,"message":"Session ID unknown"}`)
}

// upgraded reads the answer to a WebSocket handshake.
func upgraded(t *testing.T, conn net.Conn) *bufio.Reader {
	t.Helper()
	r := bufio.NewReader(conn)
	response, err := http.ReadResponse(r, nil)
	if err != nil || response.StatusCode != 101 {
		t.Fatal(response, err)
	}
	return r
}

// frame reads one short frame of the server.
func frame(r *bufio.Reader) (opcode byte, payload []byte, err error) {
	head := make([]byte, 2)
	if _, err = io.ReadFull(r, head); err != nil {
		return 0, nil, err
	}
	n := int(head[1])
	if n == 126 {
		var long [2]byte
		if _, err = io.ReadFull(r, long[:]); err != nil {
			return 0, nil, err
		}
		n = int(binary.BigEndian.Uint16(long[:]))
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(r, payload)
	return head[0] & 0xf, payload, err
}

const socketHeaders = " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"

// TestOversizeIsToldToAClientThatGoesOnSending checks that a reset does not lose the close frame.
func TestOversizeIsToldToAClientThatGoesOnSending(t *testing.T) {
	t.Parallel()
	base := echo(t, engineio.Options{MaxPayload: 1000})
	u, _ := url.Parse(base + "&transport=websocket")
	for range 20 {
		conn := raw(t, base, "GET "+u.RequestURI()+socketHeaders)
		r := upgraded(t, conn)
		if _, _, err := frame(r); err != nil {
			t.Fatal(err)
		}
		head := []byte{0x81, 0x80 | 127, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0} // 1 MiB, with a mask of zeros
		if _, err := conn.Write(head); err != nil {
			t.Fatal(err)
		}
		chunk := bytes.Repeat([]byte("4"), 64<<10)
		begun := time.Now()
		inTime := func() bool { return time.Since(begun) < 500*time.Millisecond } // later the server no longer reads
		for range 16 {
			if _, err := conn.Write(chunk); err != nil && inTime() {
				t.Fatalf("writing was cut off: %v", err)
			}
			time.Sleep(time.Millisecond)
		}
		if !inTime() {
			continue
		}
		opcode, payload, err := frame(r)
		if err != nil || opcode != 8 || len(payload) < 2 || binary.BigEndian.Uint16(payload) != websocket.CloseMessageTooBig {
			t.Fatalf("got opcode %d, %q, %v, want a close frame with 1009", opcode, payload, err)
		}
	}
}

// TestCloseDoesNotWaitForAClientThatDoesNotRead gives the server half of the time limit for one write.
func TestCloseDoesNotWaitForAClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	sessions := make(chan *engineio.Session, 1)
	server, base := bare(t, engineio.Options{OnConnection: func(s *engineio.Session) {
		s.Handle(func(engineio.Message) {}, func(string) {})
		sessions <- s
	}})
	u, _ := url.Parse(base + "&transport=websocket")
	conn := raw(t, base, "GET "+u.RequestURI()+socketHeaders)
	upgraded(t, conn)
	s := <-sessions
	for range 32 {
		s.Send(engineio.Message{Data: make([]byte, 1<<20), Binary: true})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestClientThatNeverPollsIsGivenUp checks that the server keeps a limited amount for such a client.
func TestClientThatNeverPollsIsGivenUp(t *testing.T) {
	t.Parallel()
	session := open(t, echo(t, engineio.Options{}))
	body := "4" + strings.Repeat("x", 999_000)
	for i := range 200 {
		if status, _ := request(t, "POST", session, body); status != 200 {
			if i < 32 {
				t.Errorf("given up after %d messages", i)
			}
			return
		}
	}
	t.Error("the server keeps 200 MB for a client that does not poll")
}

func TestCloseDuringAnUpgrade(t *testing.T) {
	t.Parallel()
	sessions := make(chan *engineio.Session, 1)
	_, base := bare(t, engineio.Options{OnConnection: func(s *engineio.Session) {
		s.Handle(func(engineio.Message) {}, func(string) {})
		sessions <- s
	}})
	session := open(t, base)
	s := <-sessions
	socket := dial(t, strings.Replace(session, "transport=polling", "transport=websocket", 1))
	send(t, socket, "2probe")
	receive(t, socket)
	s.Send(engineio.Message{Data: []byte("last")})
	s.Close()
	send(t, socket, "5")
	if got := receive(t, socket); got != "4last" {
		t.Error(got)
	}
	if _, data, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNoStatusReceived) {
		t.Errorf("got %q, %v, want a close frame", data, err)
	}
}

func TestRefusalIsNoPage(t *testing.T) {
	t.Parallel()
	base := echo(t, engineio.Options{AllowRequest: func(r *http.Request) error { return fmt.Errorf("%s", r.URL.Query().Get("deny")) }})
	_, response, _ := websocket.DefaultDialer.Dial(strings.Replace(base, "http", "ws", 1)+"&transport=websocket&deny="+url.QueryEscape("<script>"), nil)
	if response == nil || response.StatusCode != 400 {
		t.Fatal(response)
	}
	body, _ := io.ReadAll(response.Body)
	if kind := response.Header.Get("Content-Type"); string(body) != "<script>" || !strings.HasPrefix(kind, "text/plain") {
		t.Errorf("%q as %s", body, kind)
	}
	var answer struct{ Message string }
	_, text := request(t, "GET", base+"&transport=polling&deny="+url.QueryEscape(`"<é`), "")
	if json.Unmarshal([]byte(text), &answer) != nil || answer.Message != `"<é` {
		t.Error(text)
	}
}

// TestSessionEndsWithTheCloseFrame checks this even if the client leaves the connection itself open.
func TestSessionEndsWithTheCloseFrame(t *testing.T) {
	t.Parallel()
	closed := make(chan string, 1)
	_, base := bare(t, engineio.Options{OnConnection: func(s *engineio.Session) {
		s.Handle(func(engineio.Message) {}, func(string) {
			s.Send(engineio.Message{Data: []byte("too late")})
			closed <- s.ID()
		})
	}})
	u, _ := url.Parse(base + "&transport=websocket")
	conn := raw(t, base, "GET "+u.RequestURI()+socketHeaders)
	r := upgraded(t, conn)
	if _, _, err := frame(r); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte{0x88, 0x80, 0, 0, 0, 0}); err != nil {
		t.Fatal(err)
	}
	if opcode, payload, err := frame(r); err != nil || opcode != 8 {
		t.Errorf("got opcode %d, %q, %v, want a close frame", opcode, payload, err)
	}
	if _, _, err := frame(r); err != io.EOF {
		t.Errorf("%v after the close frame", err)
	}
	id := <-closed
	status, body := request(t, "GET", base+"&transport=polling&sid="+id, "")
	expect(t, "a poll of the session", status, body, 400, `{"code":1,"message":"Session ID unknown"}`)
}

package engineio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/engineio"
)

const gone = `{"code":1,"message":"Session ID unknown"}`

// answer is the answer to a request that runs in the background.
type answer struct {
	status int
	body   string
	err    error
}

// beside sends a request in the background.
func beside(ctx context.Context, method, url string) <-chan answer {
	answers := make(chan answer, 1)
	go func() {
		r, _ := http.NewRequestWithContext(ctx, method, url, nil)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			answers <- answer{err: err}
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		answers <- answer{response.StatusCode, string(body), err}
	}()
	return answers
}

// settle waits until a request sent in the background should have reached the server.
func settle() { time.Sleep(200 * time.Millisecond) }

func TestOverlappingPollsEndTheSession(t *testing.T) {
	t.Parallel()
	session := open(t, echo(t, engineio.Options{}))
	one, two := beside(t.Context(), "GET", session), beside(t.Context(), "GET", session)
	got := []answer{<-one, <-two} // whichever came first
	if got[0].status == 400 {
		got[0], got[1] = got[1], got[0]
	}
	expect(t, "the first poll", got[0].status, got[0].body, 200, "1")
	expect(t, "the second", got[1].status, got[1].body, 400, "")
	status, body := request(t, "GET", session, "")
	expect(t, "a later one", status, body, 400, gone)
}

func TestAbortedRequestsEndTheSession(t *testing.T) {
	t.Parallel()
	base := echo(t, engineio.Options{})
	for method, rest := range map[string]string{"GET": "\r\n", "POST": "Content-Length: 100\r\n\r\n4hel"} {
		session := open(t, base)
		u, _ := url.Parse(session)
		raw(t, base, method+" "+u.RequestURI()+" HTTP/1.1\r\nHost: x\r\n"+rest).Close()
		for deadline := time.Now().Add(patience); ; settle() {
			status, body := request(t, "POST", session, "3") // no pong answers it, which would end the poll
			if status == 400 && body == gone {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the session outlives an aborted %s: %d %q", method, status, body)
			}
		}
	}
}

func TestPackets(t *testing.T) {
	t.Parallel()
	base := echo(t, engineio.Options{MaxPayload: 200_000})
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	big := "4" + strings.Repeat("x", 100_000)
	const base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7/P3+/w=="

	t.Run("polling", func(t *testing.T) {
		session := open(t, base)
		for sent, want := range map[string]string{
			"4": "4", big: big, "4é€😀": "4é€😀", "b" + base64: "b" + base64, "bAQ": "bAQ==", "b": "b",
			"0\x1e6\x1e5\x1e3\x1e4on": "4on",
		} {
			status, body := request(t, "POST", session, sent)
			expect(t, "the POST", status, body, 200, "ok")
			if _, body = request(t, "GET", session, ""); body != want {
				t.Errorf("%.50q came back as %.50q", sent, body)
			}
		}
		status, _ := request(t, "POST", session, "4"+strings.Repeat("x", 200_000))
		expect(t, "a POST one byte too large", status, "", 413, "")
		status, body := request(t, "POST", session, "4"+strings.Repeat("x", 199_999))
		expect(t, "a POST of the largest size", status, body, 200, "ok")
	})
	t.Run("WebSocket", func(t *testing.T) {
		socket := dial(t, base+"&transport=websocket")
		receive(t, socket)
		for sent, want := range map[string]string{
			"4": "4", big: big, "4é€😀": "4é€😀", "4a\x1e4b": "4a\x1e4b", "bAQID": "\x01\x02\x03",
		} {
			send(t, socket, sent)
			if got := receive(t, socket); got != want {
				t.Errorf("%.50q came back as %.50q", sent, got)
			}
		}
		for _, data := range [][]byte{all, {}} {
			if err := socket.WriteMessage(websocket.BinaryMessage, data); err != nil {
				t.Fatal(err)
			}
			if kind, got, err := socket.ReadMessage(); kind != websocket.BinaryMessage || !bytes.Equal(got, data) {
				t.Errorf("%x came back as %x, %d, %v", data, got, kind, err)
			}
		}
		for _, ignored := range []string{"0", "6", "5", "3"} {
			send(t, socket, ignored)
		}
		send(t, socket, "4on")
		if got := receive(t, socket); got != "4on" {
			t.Error(got)
		}
	})
	for _, broken := range []string{"7", "abc", "", "2", "1", "4\xff"} {
		t.Run(fmt.Sprintf("broken %q", broken), func(t *testing.T) {
			session := open(t, base)
			status, body := request(t, "POST", session, broken)
			expect(t, "the POST", status, body, 200, "ok")
			status, body = request(t, "GET", session, "")
			expect(t, "a poll", status, body, 400, gone)
			if broken == "4\xff" {
				return // the dialer cannot send it without breaking RFC 6455
			}
			socket := dial(t, base+"&transport=websocket")
			receive(t, socket)
			send(t, socket, broken)
			_ = socket.SetReadDeadline(time.Now().Add(patience))
			if _, data, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNoStatusReceived) {
				t.Errorf("got %q, %v, want a close frame", data, err)
			}
		})
	}
	t.Run("trailing separator", func(t *testing.T) {
		messages := make(chan string, 1)
		_, base := bare(t, engineio.Options{OnConnection: func(s *engineio.Session) {
			s.Handle(func(m engineio.Message) { messages <- string(m.Data) }, func(reason string) { messages <- reason })
		}})
		request(t, "POST", open(t, base), "4a\x1e")
		if one, two := <-messages, <-messages; one != "a" || two != "parse error" {
			t.Error(one, two)
		}
	})
}

func TestClosePacketAnswersThePoll(t *testing.T) {
	t.Parallel()
	session := open(t, echo(t, engineio.Options{}))
	poll := beside(t.Context(), "GET", session)
	settle()
	status, body := request(t, "POST", session, "1")
	expect(t, "the POST", status, body, 200, "ok")
	got := <-poll
	expect(t, "the poll", got.status, got.body, 200, "6")
	status, body = request(t, "GET", session, "")
	expect(t, "a later one", status, body, 400, gone)
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	base := echo(t, engineio.Options{UpgradeTimeout: time.Second})
	session := open(t, base)
	aside := strings.Replace(session, "transport=polling", "transport=websocket", 1)
	ended := func(what string, socket *websocket.Conn) {
		t.Helper()
		_ = socket.SetReadDeadline(time.Now().Add(patience))
		if _, data, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNoStatusReceived) {
			t.Errorf("%s: got %q, %v, want a close frame", what, data, err)
		}
	}
	alive := func(what string) {
		t.Helper()
		request(t, "POST", session, "4x")
		status, body := request(t, "GET", session, "")
		expect(t, what, status, body, 200, "4x")
	}
	for _, first := range []string{"2", "5", "4x", "7", "3probe"} {
		socket := dial(t, aside)
		send(t, socket, first)
		ended("a WebSocket that begins with "+first, socket)
		alive("the session after " + first)
	}
	slow := dial(t, aside)
	send(t, slow, "2probe")
	receive(t, slow)
	ended("a probe without end", slow)
	alive("the session after a probe without end")

	poll := beside(t.Context(), "GET", session)
	settle()
	socket := dial(t, aside)
	send(t, socket, "2probe")
	if got := receive(t, socket); got != "3probe" {
		t.Fatal(got)
	}
	got := <-poll
	expect(t, "the poll under way", got.status, got.body, 200, "6")
	for range 3 {
		status, body := request(t, "GET", session, "")
		expect(t, "a poll during the upgrade", status, body, 200, "6")
	}
	second := dial(t, aside)
	ended("a second WebSocket during the upgrade", second)
	request(t, "POST", session, "4a\x1ebAQID\x1e4b")
	send(t, socket, "5")
	for _, want := range []string{"4a", "\x01\x02\x03", "4b"} {
		if got := receive(t, socket); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	status, body := request(t, "GET", session, "")
	expect(t, "a poll after the upgrade", status, body, 400, `{"code":3,"message":"Bad request"}`)
	third := dial(t, aside)
	send(t, third, "2probe")
	ended("a WebSocket after the upgrade", third)
	send(t, socket, "4x")
	if got := receive(t, socket); got != "4x" {
		t.Error(got)
	}

	only := dial(t, base+"&transport=websocket")
	var packet struct{ SID string }
	_ = json.Unmarshal([]byte(receive(t, only)[1:]), &packet)
	again := dial(t, base+"&transport=websocket&sid="+packet.SID)
	ended("a second WebSocket of a session opened over WebSocket", again)
	send(t, only, "4x")
	if got := receive(t, only); got != "4x" {
		t.Error(got)
	}
}

// TestHeartbeatSurvivesTheUpgrade upgrades with and without a ping that waits for its pong.
func TestHeartbeatSurvivesTheUpgrade(t *testing.T) {
	t.Parallel()
	base := echo(t, engineio.Options{PingInterval: 100 * time.Millisecond, PingTimeout: 700 * time.Millisecond})
	for _, outstanding := range []bool{false, true} {
		session := open(t, base)
		if outstanding {
			status, body := request(t, "GET", session, "")
			expect(t, "the poll", status, body, 200, "2")
		}
		socket := dial(t, strings.Replace(session, "transport=polling", "transport=websocket", 1))
		send(t, socket, "2probe")
		receive(t, socket)
		send(t, socket, "5")
		if outstanding {
			send(t, socket, "3")
		}
		for range 2 {
			if got := receive(t, socket); got != "2" {
				t.Fatal(got)
			}
			send(t, socket, "3")
		}
		if got := receive(t, socket); got != "2" {
			t.Fatal(got)
		}
		_ = socket.SetReadDeadline(time.Now().Add(patience))
		if _, data, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNoStatusReceived) {
			t.Errorf("got %q, %v, want a close frame", data, err)
		}
	}
	session := open(t, base)
	request(t, "GET", session, "") // a ping that gets no pong
	socket := dial(t, strings.Replace(session, "transport=polling", "transport=websocket", 1))
	send(t, socket, "2probe")
	receive(t, socket)
	send(t, socket, "5")
	_ = socket.SetReadDeadline(time.Now().Add(patience))
	if _, data, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNoStatusReceived) {
		t.Errorf("got %q, %v, want a close frame", data, err)
	}
}

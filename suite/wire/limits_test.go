package wire

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// pieces splits a text into bytes.
func bytewise(text string) (all []string) {
	for i := range len(text) {
		all = append(all, text[i:i+1])
	}
	return all
}

func TestAResponseMayComeByteByByte(t *testing.T) {
	text := "HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("a", 150) + "\r\nContent-Length: 2\r\n\r\nok"
	response, err := answer(t, bytewise(text)...).Do(t.Context(), NewRecorder(), Request{Method: "GET"})
	if err != nil || response.Body != "ok" {
		t.Error(response, err)
	}
}

func TestTheFinalResponseCounts(t *testing.T) {
	t.Parallel()
	interim := "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"
	final := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for name, pieces := range map[string][]string{"at once": {interim + final}, "byte by byte": bytewise(interim + final)} {
		response, err := answer(t, pieces...).Do(t.Context(), NewRecorder(), Request{Method: "GET"})
		if err != nil || response.Status != 200 || response.Body != "ok" {
			t.Errorf("%s: %v, %v", name, response, err)
		}
		_, refusal, err := answer(t, pieces...).Upgrade(t.Context(), NewRecorder(), "", nil)
		if refusal == nil || refusal.Status != 200 || refusal.Body != "ok" {
			t.Errorf("%s, in a WebSocket handshake: %v, %v", name, refusal, err)
		}
	}
	if _, err := answer(t, slices.Repeat([]string{interim}, 3000)...).Do(t.Context(), NewRecorder(), Request{Method: "GET"}); err == nil {
		t.Error("want an error, because no final response came")
	}
}

func TestWebSocketBehindAnEarlyHint(t *testing.T) {
	target := websocketServer(t, unmasked(Text, true, "hello"))
	target.Host = before(t, target.Host, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
	r := NewRecorder()
	w, _, err := target.Upgrade(t.Context(), r, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Break()
	m, end := w.Receive()
	if end != nil || m.Data != "hello" {
		t.Fatal(m, end)
	}
	if e := r.Trace().Find(m.Seq); e == nil || e.Frame == nil || e.Frame.Text != "hello" {
		t.Errorf("got the event %+v", e)
	}
}

// before relays one connection and lets the server send something first.
func before(t *testing.T, host, first string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		s, err := net.Dial("tcp", host)
		if err != nil {
			return
		}
		defer s.Close()
		_, _ = c.Write([]byte(first))
		go relay(s, c)
		relay(c, s)
	}()
	return l.Addr().String()
}

func relay(to, from net.Conn) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if _, broken := to.Write(buffer[:n]); err != nil || broken != nil {
			return
		}
	}
}

// TestControlFramesStayOutOfOtherFrames sends a ping while a frame is half written.
func TestControlFramesStayOutOfOtherFrames(t *testing.T) {
	target := websocketServer(t, unmasked(Ping, true, "one"), unmasked(Text, true, "now"), unmasked(Ping, true, "two"), unmasked(Text, true, "end"), unmasked(Close, true, ""))
	r := NewRecorder()
	w, _, err := target.Upgrade(t.Context(), r, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Break()
	frame := Frame(Text, false, []byte("half"))
	_ = w.Raw(frame[:8])
	if m, end := w.Receive(); end != nil || m.Data != "now" { // the ping is answered first
		t.Fatal(m, end)
	}
	_ = w.Raw(frame[8:])
	if m, end := w.Receive(); end != nil || m.Data != "end" {
		t.Fatal(m, end)
	}
	_ = w.Raw(Frame(Continuation, true, nil))
	var got []string
	for _, e := range r.Trace() {
		if f := e.Frame; f != nil && f.Direction == Sent {
			got = append(got, fmt.Sprintf("%s %s", f.Opcode, f.Text))
		}
		if e.Bytes != nil {
			t.Errorf("got bytes that are not a frame: %+v", e.Bytes)
		}
	}
	if want := []string{"text half", "pong one", "pong two", "continuation "}; !slices.Equal(got, want) {
		t.Errorf("sent %q", got)
	}
}

func TestBudgetBreaksConnections(t *testing.T) {
	budget := &Budget{}
	if err := budget.Take(MaxContent - 1<<20); err != nil {
		t.Fatal(err)
	}
	large := append([]string{"HTTP/1.1 200 OK\r\n\r\n"}, slices.Repeat([]string{strings.Repeat("a", 1<<18)}, 8)...)
	target := answer(t, large...)
	target.Budget = budget
	if _, err := target.Do(t.Context(), NewRecorder(), Request{Method: "GET"}); !errors.Is(err, ErrFlood) {
		t.Error(err)
	}
	if held := budget.held(); held != MaxContent-1<<20 {
		t.Errorf("budget holds %d bytes", held)
	}
	target = answer(t, large[:3]...)
	target.Budget = budget
	response, err := target.Do(t.Context(), NewRecorder(), Request{Method: "GET"})
	if err != nil || budget.held() != MaxContent-1<<19 {
		t.Error(err, budget.held())
	}
	runtime.KeepAlive(response)
	for range 100 { // once it is no longer referenced
		runtime.GC()
		if budget.held() == MaxContent-1<<20 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("budget holds %d bytes", budget.held())
}

func TestTracesShareABudget(t *testing.T) {
	target := &Target{Budget: &Budget{}}
	total, least := int64(0), int64(MaxTraces)
	var all []*Recorder
	for range 500 {
		r := NewRecorder(target)
		for range 300 {
			r.Record("observer-1", 0, Entry, "event", strings.Repeat("\x01", 500))
		}
		total, least = total+r.weight, min(least, r.weight)
		all = append(all, r)
	}
	if total > MaxTraces+500*leastTrace || least < leastTrace/2 {
		t.Errorf("got %d bytes in total, at least %d per trace", total, least)
	}
	for _, r := range all {
		r.Shorten(1, 10)
		r.Drop()
	}
	if target.Budget.traces != 0 {
		t.Errorf("%d bytes are still taken", target.Budget.traces)
	}
}

func TestRequestLinesStayOne(t *testing.T) {
	target, _ := ParseTarget("http://localhost/")
	head := string(target.Head(Request{Method: "GET", Path: "?sid=a\r\nX: y\r\n\r\nGET / HTTP/1.1"}))
	plain := string(target.Head(Request{Method: "GET", Path: "?sid=a"}))
	if strings.Count(head, "\r\n") != strings.Count(plain, "\r\n") {
		t.Errorf("%q", head)
	}
	if got := Escaped("a b&c=d%é+/'-_.!~*()#"); got != "a%20b%26c%3Dd%25%C3%A9%2B%2F'-_.!~*()%23" {
		t.Error(got)
	}
}

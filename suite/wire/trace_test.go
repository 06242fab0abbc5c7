package wire

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shown returns a trace as JSON.
func shown(t *testing.T, trace Trace) string {
	t.Helper()
	all, err := json.Marshal(trace)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// websocketServer answers a WebSocket handshake, writes the pieces with pauses between them, and closes.
func websocketServer(t *testing.T, pieces ...[]byte) *Target {
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
		r := bufio.NewReader(c)
		key := ""
		for line := "-"; line != "\r\n"; {
			if line, err = r.ReadString('\n'); err != nil {
				return
			}
			if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Sec-WebSocket-Key") {
				key = strings.TrimSpace(value)
			}
		}
		fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept(key))
		for _, p := range pieces {
			time.Sleep(5 * time.Millisecond)
			_, _ = c.Write(p)
		}
	}()
	target, err := ParseTarget("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// accept returns the answer to the key of a WebSocket handshake (RFC 6455, section 4.2.2).
func accept(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// unmasked returns a frame as a server sends it.
func unmasked(opcode Opcode, final bool, payload string) []byte {
	f := []byte{byte(opcode), byte(len(payload))}
	if final {
		f[0] |= 0x80
	}
	return append(f, payload...)
}

// TestMessagesAreThoseOfTheirFrames reads messages late, after the library has read them ahead together.
func TestMessagesAreThoseOfTheirFrames(t *testing.T) {
	both := slices.Concat(unmasked(Text, true, "one"), unmasked(Text, false, "tw"), unmasked(Ping, true, ""), unmasked(Continuation, true, "o"))
	target := websocketServer(t, both, unmasked(Binary, true, "three"), unmasked(Close, true, "\x03\xe9bye"))
	r := NewRecorder()
	w, response, err := target.Upgrade(t.Context(), r, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Break()
	for _, seq := range response.About {
		if e := r.Trace().Find(seq); e == nil || e.HTTP == nil {
			t.Errorf("the response is about %v", e)
		}
	}
	for _, want := range []string{"one", "two", "three"} {
		m, end := w.Receive()
		if end != nil || m.Data != want {
			t.Fatal(m, end)
		}
		e := r.Trace().Find(m.Seq)
		if e == nil || e.Frame == nil || !e.Frame.Final || !strings.HasSuffix(want, e.Frame.Text+string(e.Frame.Bytes)) {
			t.Errorf("%q came with %+v", want, e)
		}
		if e != nil && !m.At.Equal(r.Time(*e)) {
			t.Errorf("%q came at %v, and its frame at %v", want, m.At, r.Time(*e))
		}
		if want == "two" && time.Since(m.At) < 20*time.Millisecond {
			t.Error("the second message has the time of the request, not of its arrival")
		}
		time.Sleep(30 * time.Millisecond)
	}
	_, end := w.Receive()
	if end == nil || end.Code != 1001 || len(end.About) != 1 {
		t.Fatalf("%+v", end)
	}
	if e := r.Trace().Find(end.About[0]); e == nil || e.Frame == nil || e.Frame.Opcode != Close || e.Frame.Code != 1001 || e.Frame.Text != "bye" {
		t.Errorf("the end is about %+v", e)
	}
}

func TestHalfAFrameIsRecorded(t *testing.T) {
	target := websocketServer(t, unmasked(Text, true, "whole")[:4])
	r := NewRecorder()
	w, _, err := target.Upgrade(t.Context(), r, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, end := w.Receive()
	if end == nil || end.Err == nil {
		t.Fatal(end)
	}
	trace := r.Trace()
	var half *FrameData
	for _, e := range trace {
		if e.Frame != nil && e.Frame.Direction == Received {
			half = e.Frame
		}
	}
	if half == nil || !half.Cut || half.Text != "wh" || half.Length != 5 {
		t.Errorf("%+v", half)
	}
	if e := trace.Find(end.About[0]); e == nil || e.Closed == nil || e.Closed.By != ByServer {
		t.Errorf("the end is about %+v", e)
	}
}

func TestResponsesNameTheirEvents(t *testing.T) {
	r := NewRecorder()
	response, err := answer(t, "HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n", "\r\nok").Do(t.Context(), r, Request{Method: "GET", Path: "?EIO=4"})
	if err != nil {
		t.Fatal(err)
	}
	trace := r.Trace()
	directions := ""
	for _, seq := range response.About {
		directions += string(trace.Find(seq).HTTP.Direction) + " "
	}
	if directions != "sent received received " {
		t.Errorf("the events have the directions %s", directions)
	}
}

func TestSealedRecordersStayAsTheyAre(t *testing.T) {
	r := NewRecorder()
	first := r.Step("a step")
	sealed := r.Seal()
	if e := r.Step("later"); e.Seq != 0 {
		t.Errorf("an event after the seal got the number %d", e.Seq)
	}
	if diff := cmp.Diff(Trace{first}, sealed); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(sealed, r.Trace()); diff != "" {
		t.Error(diff)
	}
}

func TestShortenedTracesKeepWhatIsReferredTo(t *testing.T) {
	r := NewRecorder()
	long := strings.Repeat("é", 50)
	for range 10 {
		r.Record("observer-1", 0, Entry, "event", long)
	}
	whole := r.Trace()
	short := whole.Shortened(3, 11, 7, 9)
	var got []string
	for _, e := range short {
		text := fmt.Sprint(e.Seq)
		if e.Lost != nil {
			text += fmt.Sprintf(" lost %d", e.Lost.Events)
		} else {
			text += fmt.Sprintf(" kept %d of %d", len(e.Record.Text), e.Record.Len())
		}
		got = append(got, text)
	}
	want := []string{"1 kept 10 of 100", "2 kept 10 of 100", "3 kept 10 of 100", "4 lost 3", "7 kept 100 of 100", "8 lost 1", "9 kept 100 of 100", "10 lost 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(whole, r.Trace()); diff != "" {
		t.Errorf("shortening changed the events: %s", diff)
	}
}

func TestEventsAsJSON(t *testing.T) {
	trace := Trace{
		{Seq: 1, At: 0.5, Connection: "http-1", Opened: &Opened{KindHTTP, "127.0.0.1:80"}},
		{Seq: 2, At: 1, Connection: "http-1", HTTP: &HTTPData{Sent, Content{Text: "GET / HTTP/1.1\r\n\r\n"}}},
		{Seq: 3, At: 1, Connection: "tcp-1", Target: 1, NotOpened: &NotOpened{KindTCP, "x:1", true, "refused"}},
		{Seq: 5, At: 1.25, Connection: "websocket-1", Frame: &FrameData{Direction: Received, Opcode: Continuation, Length: 70000, Masked: true, Content: Content{Bytes: []byte{255}, Size: 70000}}},
		{Seq: 6, At: 2, Connection: "websocket-1", Frame: &FrameData{Direction: Received, Opcode: Close, Final: true, Length: 2, Code: 1000}},
		{Seq: 7, At: 2, Connection: "websocket-1", Bytes: &RawData{Received, Content{Text: "?"}}},
		{Seq: 8, At: 2, Connection: "websocket-1", Closed: &Closed{By: Nobody, Error: "reset"}},
		{Seq: 9, At: 2, Session: &SessionEnd{ByClient, WithPacket}},
		{Seq: 10, At: 2, Connection: "observer-1", Record: &RecordData{Command, "info", Content{Text: "null"}}},
		{Seq: 11, At: 2, Timer: &Timer{time.Second, "for nothing"}},
		{Seq: 12, At: 2, Step: &Step{"sees"}},
		{Seq: 13, At: 2, Lost: &Lost{Events: 3}},
	}
	text := shown(t, trace)
	want := `[{"seq":1,"at":0.5,"connection":"http-1","opened":{"kind":"http","address":"127.0.0.1:80"}},` +
		`{"seq":2,"at":1,"connection":"http-1","http":{"direction":"sent","text":"GET / HTTP/1.1\r\n\r\n"}},` +
		`{"seq":3,"at":1,"connection":"tcp-1","target":1,"notOpened":{"kind":"tcp","address":"x:1","tls":true,"error":"refused"}},` +
		`{"seq":5,"at":1.25,"connection":"websocket-1","frame":{"direction":"received","opcode":"continuation","masked":true,"length":70000,"bytes":"/w==","size":70000}},` +
		`{"seq":6,"at":2,"connection":"websocket-1","frame":{"direction":"received","opcode":"close","final":true,"length":2,"code":1000}},` +
		`{"seq":7,"at":2,"connection":"websocket-1","bytes":{"direction":"received","text":"?"}},` +
		`{"seq":8,"at":2,"connection":"websocket-1","closed":{"by":"nobody","error":"reset"}},` +
		`{"seq":9,"at":2,"session":{"by":"client","with":"packet"}},` +
		`{"seq":10,"at":2,"connection":"observer-1","record":{"kind":"command","name":"info","text":"null"}},` +
		`{"seq":11,"at":2,"timer":{"duration":1000000000,"why":"for nothing"}},` +
		`{"seq":12,"at":2,"step":{"text":"sees"}},{"seq":13,"at":2,"lost":{"events":3}}]`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
	var again Trace
	if err := json.Unmarshal([]byte(text), &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(trace, again); diff != "" {
		t.Error(diff)
	}
}

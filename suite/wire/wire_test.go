package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// answer serves one connection: it reads to the end of the request and writes the bytes, piece by piece.
func answer(t *testing.T, pieces ...string) *Target {
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
		_, _ = bufio.NewReader(c).ReadString('\n')
		for _, piece := range pieces {
			_, _ = c.Write([]byte(piece))
			time.Sleep(time.Millisecond)
		}
	}()
	target, err := ParseTarget("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestParseTarget(t *testing.T) {
	for raw, want := range map[string]string{
		"http://localhost:3000":            "http://localhost:3000 /socket.io/",
		"ws://localhost:3000/":             "http://localhost:3000 /socket.io/",
		"https://example.test":             "https://example.test:443 /socket.io/",
		"wss://example.test/engine.io":     "https://example.test:443/engine.io/ /engine.io/",
		"http://user:secret@[::1]:80/a/b/": "http://[::1]:80/a/b/ /a/b/",
	} {
		target, err := ParseTarget(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got := target.URL() + " " + target.Path; got != want {
			t.Errorf("%s was parsed as %s, want %s", raw, got, want)
		}
	}
	for _, raw := range []string{"localhost:3000", "ftp://x", "http://", "http://x?sid=a", "http://x#a", "http://x:%zz"} {
		if _, err := ParseTarget(raw); err == nil {
			t.Errorf("%s was accepted", raw)
		}
	}
}

func TestSecretsAreNotRecorded(t *testing.T) {
	target := answer(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nk3y-value")
	target.SetHeader("X-Api-Key", "k3y-value")
	target.SetHeader("X-Plain", "shown")
	recorder := NewRecorder()
	response, err := target.Do(t.Context(), recorder, Request{Method: "GET", Path: "?EIO=4"})
	if err != nil || response.Body != "k3y-value" {
		t.Fatal(response, err)
	}
	text := shown(t, recorder.Trace())
	if strings.Contains(text, "k3y-value") || strings.Count(text, "[hidden]") != 2 || !strings.Contains(text, "shown") {
		t.Error(text)
	}
}

func TestResponsesOfEveryForm(t *testing.T) {
	for name, c := range map[string]struct {
		pieces []string
		want   Response
	}{
		"length":     {[]string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok"}, Response{Status: 200, Body: "ok"}},
		"chunked":    {[]string{"HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n", "1\r\nb\r\n0\r\n\r\n"}, Response{Status: 400, Body: "ab", Chunked: true}},
		"until end":  {[]string{"HTTP/1.0 200 OK\r\n\r\nall"}, Response{Status: 200, Body: "all"}},
		"broken off": {[]string{"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"}, Response{Status: 200, Body: "half", Truncated: true}},
	} {
		response, err := answer(t, c.pieces...).Do(t.Context(), NewRecorder(), Request{Method: "GET"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, *response, cmpopts.IgnoreFields(Response{}, "Header", "At", "About")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for name, pieces := range map[string][]string{"nothing": {}, "nonsense": {"\x00\x01\x02"}, "no status": {"HTTP/1.1 what\r\n\r\n"}} {
		if response, err := answer(t, pieces...).Do(t.Context(), NewRecorder(), Request{Method: "GET"}); err == nil {
			t.Errorf("%s was parsed as %v", name, response)
		}
	}
}

func TestFloodsAreCutOff(t *testing.T) {
	for name, pieces := range map[string][]string{
		"a head without end": append([]string{"HTTP/1.1 200 OK\r\n"}, slices.Repeat([]string{"X-A: " + strings.Repeat("a", 1000) + "\r\n"}, 300)...),
		"a body without end": append([]string{"HTTP/1.1 200 OK\r\n\r\n"}, slices.Repeat([]string{strings.Repeat("a", 1<<20)}, 5)...),
	} {
		if _, err := answer(t, pieces...).Do(t.Context(), NewRecorder(), Request{Method: "GET"}); !errors.Is(err, ErrFlood) {
			t.Errorf("%s, in a response: %v", name, err)
		}
		if !strings.Contains(name, "head") {
			continue
		}
		if _, _, err := answer(t, pieces...).Upgrade(t.Context(), NewRecorder(), "", nil); !errors.Is(err, ErrFlood) {
			t.Errorf("%s, in a WebSocket handshake: %v", name, err)
		}
	}
	large := append([]string{"HTTP/1.1 200 OK\r\n\r\n"}, slices.Repeat([]string{strings.Repeat("a", 1<<20)}, 5)...)
	target := answer(t, large...)
	target.MaxPayload = 1_000_000
	if r, err := target.Do(t.Context(), NewRecorder(), Request{Method: "GET"}); err != nil || len(r.Body) != 5<<20 {
		t.Errorf("a body within the limit: %v", err)
	}
}

func TestContextEndsARequest(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	target, _ := ParseTarget("http://" + l.Addr().String())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if response, err := target.Do(ctx, NewRecorder(), Request{Method: "GET"}); err == nil {
		t.Error(response)
	}
}

func TestFramesAreRecordedOneByOne(t *testing.T) {
	for _, size := range []int{0, 5, 125, 126, 65535, 65536} {
		payload := []byte(strings.Repeat("x", size))
		stream := append(Frame(Text, false, payload), Frame(Ping, true, []byte("p"))...)
		stream = append(stream, Frame(Continuation, true, nil)...)
		for _, step := range []int{1, 7, len(stream)} {
			var d decoder
			var got []string
			for rest := stream; len(rest) > 0; {
				n := min(step, len(rest))
				d.decode(rest[:n], func(e Event, _ []byte, size int) {
					f := e.Frame
					got = append(got, fmt.Sprintf("%s final=%t masked=%t length %d, got %d", f.Opcode, f.Final, f.Masked, f.Length, size))
				})
				rest = rest[n:]
			}
			want := []string{
				fmt.Sprintf("text final=false masked=true length %d, got %d", size, size),
				"ping final=true masked=true length 1, got 1", "continuation final=true masked=true length 0, got 0",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d bytes, %d at once: %s", size, step, diff)
			}
		}
	}
}

func TestRecordingsAreBounded(t *testing.T) {
	r := NewRecorder()
	for range 2 * MaxEvents {
		r.Record("observer-1", 0, Entry, "event", strings.Repeat("é", MaxEventBytes))
	}
	total, lost := 0, 0
	for _, e := range r.Trace() {
		if c := e.Content(); c != nil {
			total += len(c.Text) + len(c.Bytes)
			if len(c.Bytes) > 0 {
				t.Fatal("a character was cut in two")
			}
		}
		if e.Lost != nil {
			lost += e.Lost.Events
		}
	}
	if n := len(r.Trace()) - 1 + lost; n != 2*MaxEvents {
		t.Errorf("got %d events, counting lost ones", n)
	}
	if total > MaxTraceBytes+2*MaxEventBytes {
		t.Errorf("kept %d bytes", total)
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(Frame(Text, true, []byte("40")), 1)
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"), 3)
	f.Add([]byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5}, 2)
	f.Fuzz(func(t *testing.T, stream []byte, step int) {
		var d decoder
		step = max(1, min(step, 1<<16))
		kept := 0
		for rest := stream; len(rest) > 0; {
			n := min(step, len(rest))
			d.decode(rest[:n], func(_ Event, p []byte, _ int) { kept += len(p) })
			rest = rest[n:]
		}
		d.finish(func(_ Event, p []byte, _ int) { kept += len(p) })
		if kept > 2*len(stream) {
			t.Fatalf("%d bytes became %d", len(stream), kept)
		}
	})
}

func FuzzResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = readResponse(bufio.NewReader(strings.NewReader(string(raw))), "GET", &Target{MaxPayload: MaxBody}, nil)
	})
}

package suite

import (
	"reflect"
	"strings"
	"testing"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// traced returns a trace of one request and its answer.
func traced(sent, received string) wire.Trace {
	return wire.Trace{
		{Seq: 1, Connection: "http-1", HTTP: &wire.HTTPData{Direction: wire.Sent, Content: wire.Content{Text: sent}}},
		{Seq: 2, Connection: "http-1", HTTP: &wire.HTTPData{Direction: wire.Received, Content: wire.Content{Text: received}}},
	}
}

func TestRecordsAgreeWithTheWire(t *testing.T) {
	const (
		get     = "GET /socket.io/?EIO=4&transport=sail&mark=m1 HTTP/1.1\r\nHost: a\r\n\r\n"
		unknown = "HTTP/1.1 400 Bad Request\r\nContent-Length: 40\r\n\r\n{\"code\":0,\"message\":\"Transport unknown\"}"
		silent  = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
		plain   = "HTTP/1.1 400 Bad Request\r\nContent-Length: 17\r\n\r\nTransport unknown"
		denied  = "HTTP/1.1 403 Forbidden\r\nContent-Length: 27\r\n\r\n{\"code\":4,\"message\":\"no-3\"}"
		granted = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Each: m1\r\n\r\nok"
		bare    = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
		opened  = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
		early   = "HTTP/1.1 103 Early Hints\r\n\r\n" + unknown
		part    = "HTTP/1.1 400 Bad Request\r\nContent-Length: 40\r\n\r\n{\"code\":0"
		sail    = "/socket.io/?EIO=4&transport=sail&mark=m1"
	)
	refusal := func(code, message, method, url string) Entry {
		return Entry{Type: ConnectionError, Mark: "m1", Code: []byte(code), Message: message, Method: method, URL: url}
	}
	hook := Entry{Type: Headers, Mark: "m1", Method: "GET", URL: sail}
	for name, one := range map[string]struct {
		e        Entry
		received string
		differs  string // in the subject; empty if the wire contradicts nothing
		agrees   bool
	}{
		"the same":                      {refusal("0", "Transport unknown", "GET", sail), unknown, "", true},
		"a code of another form":        {refusal("0.0", "Transport unknown", "GET", sail), unknown, "", true},
		"behind an interim answer":      {refusal("0", "Transport unknown", "GET", sail), early, "", true},
		"another code":                  {refusal("3", "Transport unknown", "GET", sail), unknown, "the code", false},
		"another message":               {refusal("0", "Bad request", "GET", sail), unknown, "the message", false},
		"an answer without a reason":    {refusal("3", "Bad request", "GET", sail), silent, "", false},
		"an answer that is cut short":   {refusal("3", "Bad request", "GET", sail), part, "", false},
		"no answer":                     {refusal("3", "Bad request", "GET", sail), "", "", false},
		"a text":                        {refusal("0", "Transport unknown", "GET", sail), plain, "", true},
		"a text of another reason":      {refusal("3", "Bad request", "GET", sail), plain, "the message", false},
		"the application's own message": {refusal("4", "Forbidden", "GET", sail), denied, "", true},
		"that message in both":          {refusal("4", "no-3", "GET", sail), denied, "", true},
		"the message of another one":    {refusal("4", "no-4", "GET", sail), denied, "the message", false},
		"a request that was granted":    {refusal("0", "Transport unknown", "GET", sail), granted, "the status", false},
		"a WebSocket that was opened":   {refusal("5", "Unsupported protocol version", "GET", sail), opened, "", false},
		"another method":                {refusal("0", "Transport unknown", "POST", sail), unknown, "the method", false},
		"another parameter":             {refusal("0", "Transport unknown", "GET", "/socket.io/?EIO=4&transport=oars&mark=m1"), unknown, "the method", false},
		"a hook":                        {hook, granted, "", true},
		"a hook that set nothing":       {hook, bare, "the header x-each", false},
		"a hook of a refusal":           {hook, unknown, "", false},
	} {
		target, err := wire.ParseTarget("http://a")
		if err != nil {
			t.Fatal(err)
		}
		c := newT(&Environment{Targets: []*wire.Target{target}}, &Case{})
		f, agrees := c.confront(one.e, 0, ofMark(exchanges(traced(get, one.received)), 0, "m1"))
		switch {
		case agrees != one.agrees, f == nil != (one.differs == ""):
			t.Errorf("%s: agrees %v, contradicted by %+v", name, agrees, f)
		case f != nil && !strings.HasPrefix(f.Subject, one.differs):
			t.Errorf("%s: the subject is %q", name, f.Subject)
		}
	}
}

// Nothing is concluded from what is not certain.
func TestOnlyWholeTracesContradict(t *testing.T) {
	const get = "GET /?mark=m1 HTTP/1.1\r\n\r\n"
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	if all := exchanges(append(traced(get, ok), wire.Event{Seq: 3, Lost: &wire.Lost{Events: 1}})); len(all) != 0 {
		t.Errorf("an incomplete trace has %d exchanges, want 0", len(all))
	}
	if all := exchanges(traced(get+get, ok+ok)); len(all) != 1 || all[0].readable {
		t.Errorf("two requests over one connection: got %+v", all)
	}
	raw := wire.Event{Seq: 3, Connection: "tcp-1", Bytes: &wire.RawData{Direction: wire.Sent, Content: wire.Content{Text: "GET /?mark=m1 HTTP/1.1\r\n"}}}
	if all := ofMark(exchanges(append(traced(get, ok), raw)), 0, "m1"); len(all) != 2 {
		t.Errorf("with bytes that no HTTP client sends: got %d exchanges, want 2", len(all))
	}
}

func TestSocketsOfTheWire(t *testing.T) {
	trace := append(traced("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n40{\"sid\":\"s1\"}\x1e40/custom,{\"sid\":\"s2\"}"),
		wire.Event{Seq: 3, Connection: "websocket-1", Frame: &wire.FrameData{Direction: wire.Received, Content: wire.Content{Text: `40/dynamic-x,{"sid":"s1"}`}}})
	sockets, names := joins(trace)
	want := map[string][]string{"s1": {"/", "/dynamic-x"}, "s2": {"/custom"}}
	if !reflect.DeepEqual(sockets, want) || !names["/dynamic-x"] {
		t.Errorf("the sockets are %v, the namespaces %v", sockets, names)
	}
}

func TestWitnessesInOneSentence(t *testing.T) {
	r := result.Results{Cases: []CaseResult{{Level: Required, Witness: result.OnWire}, {Level: Required, Witness: result.OnWord}, {Level: Required, Witness: result.OnWord}, {Level: Required}}}
	r.Count()
	if got, want := r.Rests(), "Of the verdicts, 1 on the wire, 2 on the application's word alone."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

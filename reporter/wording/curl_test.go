package wording

import (
	"testing"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

func TestCurl(t *testing.T) {
	r := &result.Results{Targets: []result.TargetResult{{URL: "http://localhost:3000/socket.io/"}, {URL: "https://b.example/socket.io/"}}}
	sent := func(target int, text string) wire.Event {
		return wire.Event{Seq: 2, Connection: "http-1", Target: target, HTTP: &wire.HTTPData{Direction: wire.Sent, Content: wire.Content{Text: text}}}
	}
	received := wire.Event{Seq: 3, Connection: "http-1", HTTP: &wire.HTTPData{Direction: wire.Received, Content: wire.Content{Text: "HTTP/1.1 200 OK\r\n\r\n"}}}
	for _, test := range []struct {
		event wire.Event
		want  string
	}{
		{
			sent(0, "GET /socket.io/?EIO=4&transport=abc HTTP/1.1\r\nHost: localhost:3000\r\nUser-Agent: conformance/1\r\nAccept: */*\r\nOrigin: https://it's.example\r\n\r\n"),
			`curl -i -H 'Origin: https://it'\''s.example' 'http://localhost:3000/socket.io/?EIO=4&transport=abc'`,
		},
		{
			sent(1, "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: b.example\r\nContent-Length: 5\r\n\r\n4a\x1e'b"),
			`curl -i -X 'POST' --data-binary $'4a\x1e\'b' 'https://b.example/socket.io/?EIO=4&transport=polling'`,
		},
		{sent(0, "GET /socket.io/?EIO=4 HTTP/1.0\r\nHost: a\r\n\r\n"), `curl -i --http1.0 'http://a/socket.io/?EIO=4'`},
		{sent(0, "GET /socket.io/?EIO=4&sid=abc HTTP/1.1\r\nHost: a\r\n\r\n"), ""},
		{sent(0, "GET /socket.io/ HTTP/1.1\r\nHost: a\r\nCookie: …\r\n\r\n"), ""},
		{sent(0, "GET /socket.io/ HT"), ""},
	} {
		one := result.CaseResult{Evidence: []result.Failure{{About: []int{3}}}, Trace: wire.Trace{test.event, received}}
		if got := Curl(r, one); got != test.want {
			t.Errorf("%q leads to\n%s\nin place of\n%s", test.event.HTTP.Text, got, test.want)
		}
	}
	if got := Curl(r, result.CaseResult{Evidence: []result.Failure{{About: []int{1}}}, Trace: wire.Trace{received}}); got != "" {
		t.Errorf("a failure about no request leads to %s", got)
	}
}

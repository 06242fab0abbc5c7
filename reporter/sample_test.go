package reporter_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

var began = time.Date(2026, 5, 4, 9, 30, 0, 123e6, time.UTC)

// sample is a run of n cases with every outcome among them, always the same for the same n.
func sample(n int) *suite.Results {
	random := rand.New(rand.NewPCG(1, 2))
	r := &suite.Results{
		Schema:  suite.Schema,
		Suite:   suite.SuiteBuild{Version: "1.2.0", Commit: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", Go: "go1.26.8", Catalogue: "5c" + strings.Repeat("0123456789abcde", 4) + "03"},
		Command: "conformance --target http://localhost:3000/ --target http://localhost:3001/ --edition 4.8 --profile cluster",
		Edition: "4.8", Profile: suite.ProfileCluster, Seed: 42,
		LeftOut:   []string{"2 cases do not apply: they need the feature headers, which the target does not declare."},
		StartedAt: began, DurationMs: 3412.5,
	}
	for i, port := range []int{3000, 3001} {
		info := &suite.Info{
			Contract: 1, Instance: instanceNames[i], Edition: "4.8", ConnectTimeout: 1000, ServerSideEmitTimeout: 500,
			Features: []string{"connection_error", "initial_headers", "new_namespace", "dynamic_namespaces", "server_side_emit", "server_side_emit_ack"},
		}
		info.Implementation.Name, info.Implementation.Version, info.Implementation.Language = "socket.io", "4.8.4", "JavaScript"
		r.Targets = append(r.Targets, suite.TargetResult{
			URL: fmt.Sprintf("http://localhost:%d/socket.io/", port), Info: info,
			Found: []string{"polling", "WebSocket", "conformance application", "pingInterval 300 ms, pingTimeout 200 ms"},
		})
	}
	for i := range n {
		r.Cases = append(r.Cases, sampleCase(i, random))
	}
	slices.SortStableFunc(r.Cases, func(a, b suite.CaseResult) int {
		return slices.Index(suite.Areas, a.Area) - slices.Index(suite.Areas, b.Area)
	})
	r.Count()
	r.Judge()
	return r
}

var (
	instanceNames = []string{"instance-a", "instance-b"}
	rules         = []string{
		"answers a polling request of an unknown transport with code 0",
		"closes the connection when no pong arrives within the ping timeout",
		"sends the initial headers on the first response of a session and on no other one",
		"raises connection_error once, with code 3, when it refuses a handshake by the application's rule",
		"delivers what one instance emits to each other instance, once",
		"answers the probe and takes the upgrade without losing a packet",
	}
	slugs = []string{"unknown-transport", "closes-without-pong", "initial-headers-once", "forbidden-event", "delivers-to-others", "answers-the-probe"}
)

func sampleCase(i int, random *rand.Rand) suite.CaseResult {
	area := suite.Areas[i%len(suite.Areas)]
	c := suite.CaseResult{
		ID: fmt.Sprintf("%s/%s-%d", area, slugs[i%len(slugs)], i+1), Title: rules[i%len(rules)], Area: area,
		Level: suite.Required, Since: "4.1", Outcome: suite.Passed, Attempts: 1,
		Source: suite.Source{Document: "Engine.IO protocol", Section: "Upgrade", URL: "https://socket.io/docs/v4/engine-io-protocol/#upgrade"},
		Faults: []string{area + "/silent", area + "/twice"},
		Rerun:  "conformance --target http://localhost:3000/ --target http://localhost:3001/ --only " + fmt.Sprintf("%s/%s-%d", area, slugs[i%len(slugs)], i+1),
	}
	c.StartedAt = began.Add(time.Duration(40+i*3) * time.Millisecond)
	c.DurationMs = float64(5 + random.IntN(400))
	if i%23 == 7 {
		c.DurationMs = float64(1500 + random.IntN(1800))
	}
	c.Trace = httpTrace(i)
	if i%2 == 1 {
		c.Trace = websocketTrace(i)
	}
	switch {
	case i == 8:
		c.Outcome, c.Message = suite.Errored, "panic: runtime error: index out of range [3] with length 3"
	case i == 3 || i%71 == 11:
		c.Outcome = suite.Failed
		c.Step = "asks with a transport that does not exist"
		c.Expected = "to match JSON of\n{\"code\":0,\"message\":\"Transport unknown\"}"
		c.Received = "{\"code\":1,\"message\":\"Transport unknown\"}"
		c.Message = "The body\nExpected\n    " + c.Received + "\n" + strings.Replace(c.Expected, "\n", "\n    ", 1)
		c.Site = "cases/errors.go:42"
	case i == 4 || i%67 == 13:
		c.Outcome, c.Message = suite.Failed, "no packet arrived within 2 s, expected a noop: the pending poll stayed open"
	case i == 5 || i%41 == 9:
		c.Outcome, c.Level = suite.Warned, suite.Recommended
		c.Expected, c.Received = "to equal\ntext/plain; charset=UTF-8", "text/html"
		c.Message = "Expected\n    text/html\nto equal\n    text/plain; charset=UTF-8"
	case i == 6 || i%53 == 10:
		c.Outcome, c.Reason = suite.Unverified, "it needs connect/answers-the-main-namespace, which is failed"
	case i == 7 || i%19 == 8:
		c.Outcome, c.Reason, c.Trace, c.Attempts = suite.Inapplicable, "the target does not declare the feature headers", nil, 0
		c.StartedAt, c.DurationMs = time.Time{}, 0
	case i == 14 || i%61 == 16:
		c.Outcome, c.Level, c.Message = suite.Known, suite.Recommended, "Expected\n    <int>: 500\nto equal\n    <int>: 400"
		c.KnownFailure = &suite.KnownFailure{Case: area + "/*", Reason: "the framework answers before we can", Until: "2031-01-31"}
	case i == 15 || i%97 == 20:
		c.Outcome, c.Reason = suite.Stale, "It passed, though the list of known failures holds it."
		c.KnownFailure = &suite.KnownFailure{Case: c.ID, Reason: "not yet mended"}
	case i == 9 || i%37 == 5:
		c.Level, c.Reason = suite.Observed, "The server answers 400 and keeps the session."
	case i%7 == 2:
		c.Level = suite.Recommended
	}
	return c
}

// traceBuilder builds a trace with a little time between its events.
type traceBuilder struct {
	events wire.Trace
	at     float64
}

func (b *traceBuilder) add(connection string, target int, d wire.Direction, kind, frame, text string) {
	b.at += 1.7
	b.events = append(b.events, wire.Event{At: b.at, Connection: connection, Target: target, Direction: d, Kind: kind, Frame: frame, Text: text})
}

const handshakeBody = `0{"sid":"Dz3kq0nGJ2iTbBdvAAAB","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`

func httpTrace(i int) wire.Trace {
	b := &traceBuilder{}
	response := func(connection string, status, body string) {
		b.add(connection, 0, wire.Received, "http", "", fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: %d\r\nDate: Mon, 04 May 2026 09:30:00 GMT\r\n\r\n%s", status, len(body), body))
		b.add(connection, 0, wire.Noted, "close", "", "closed by the server")
	}
	b.add("", 0, wire.Noted, "step", "", "opens a session over HTTP long-polling")
	b.add("http-1", 0, wire.Noted, "open", "", "connected to 127.0.0.1:3000")
	b.add("http-1", 0, wire.Sent, "http", "", "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost:3000\r\nAccept: */*\r\nConnection: close\r\n\r\n")
	response("http-1", "200 OK", handshakeBody)
	b.add("", 0, wire.Noted, "step", "", "connects to the main namespace")
	b.add("http-2", 0, wire.Sent, "http", "", "POST /socket.io/?EIO=4&transport=polling&sid=Dz3kq0nGJ2iTbBdvAAAB HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length: 2\r\n\r\n40")
	response("http-2", "200 OK", "ok")
	b.add("", 0, wire.Noted, "timer", "", fmt.Sprintf("waits %d ms: nothing else may come", 100+i))
	b.add("http-3", 0, wire.Sent, "http", "", "GET /socket.io/?EIO=4&transport=polling&sid=Dz3kq0nGJ2iTbBdvAAAB HTTP/1.1\r\nHost: localhost:3000\r\n\r\n")
	response("http-3", "200 OK", "40{\"sid\":\"wZX3oN0bSVIhsaknAAAI\"}\x1e42[\"auth\",{}]\x1e2")
	b.add("", 0, wire.Noted, "step", "", "asks with a transport that does not exist")
	b.add("http-4", 0, wire.Sent, "http", "", "GET /socket.io/?EIO=4&transport=carrier-pigeon HTTP/1.1\r\nHost: localhost:3000\r\n\r\n")
	response("http-4", "400 Bad Request", `{"code":1,"message":"Transport unknown"}`)
	return b.events
}

func websocketTrace(i int) wire.Trace {
	b := &traceBuilder{}
	b.add("", 0, wire.Noted, "step", "", "opens a WebSocket on each instance")
	for target, connection := range []string{"websocket-1", "websocket-2"} {
		b.add(connection, target, wire.Noted, "open", "", fmt.Sprintf("connected to 127.0.0.1:%d", 3000+target))
		b.add(connection, target, wire.Sent, "http", "", "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		b.add(connection, target, wire.Received, "http", "", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
		b.add(connection, target, wire.Received, "text", "text, 113 bytes", handshakeBody)
		b.add(connection, target, wire.Sent, "text", "text, masked, 2 bytes", "40")
		b.add(connection, target, wire.Received, "text", "text, 32 bytes", `40{"sid":"Qw3oN0bSVIhsaknAAAI"}`)
	}
	b.add("", 0, wire.Noted, "step", "", "emits from one instance with an attachment")
	b.add("observer-1", 0, wire.Sent, "entry", "command", `{"event":"serverSideEmit","args":["hello",1,{"a":[null,true]}]}`)
	b.add("observer-2", 1, wire.Received, "entry", "entry", `{"event":"server_side_event","args":["hello",1,{"a":[null,true]}]}`)
	b.add("websocket-1", 0, wire.Sent, "text", "text, masked, 50 bytes", fmt.Sprintf(`451-/custom,%d["upload",{"_placeholder":true,"num":0}]`, i))
	b.add("websocket-1", 0, wire.Sent, "binary", "binary, masked, 6 bytes", "")
	b.events[len(b.events)-1].Bytes = []byte{0, 1, 2, 0xfe, 0xff, 0x80}
	b.add("websocket-1", 0, wire.Received, "text", "text, 12 bytes", fmt.Sprintf(`43/custom,%d["ok"]`, i))
	b.add("websocket-1", 0, wire.Received, "text", "text, 1 bytes", "2")
	b.add("websocket-1", 0, wire.Sent, "text", "text, masked, 1 bytes", "3")
	b.add("", 0, wire.Noted, "timer", "", "waits 700 ms: the heartbeat must fail")
	b.at += 700
	b.add("websocket-2", 1, wire.Received, "control", "close, 2 bytes", "")
	b.events[len(b.events)-1].Bytes = []byte{0x03, 0xe8}
	b.add("websocket-2", 1, wire.Noted, "close", "", "closed by the server")
	b.add("websocket-1", 0, wire.Noted, "close", "", "closed by the suite")
	return b.events
}

// vicious is text that tries to break out of every report.
var vicious = strings.Join([]string{
	"<script>alert(document.title)</script>", "</pre></details></style><img src=http://192.0.2.1/x onerror=alert(1)>", "]]>", "<![CDATA[", "-->", "&amp;&#0;",
	"\x00\x01\x1b[31m\x7f\u0085", "\u202eevil\u202c\u2066\u200b\ufeff", "\xed\xa0\x80\xff\xfe", "\u2028\u2029\ufffe\uffff", "\U000e0041",
	"|`*_[x](javascript:alert(1))", "::error::injected\r\n::set-output name=x::y", "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307",
}, "\r\n")

// hostile is a run against a target that puts such text wherever it can.
func hostile() *suite.Results {
	r := sample(24)
	long := strings.Repeat("A<\x00\xff", 1<<18)
	info := r.Targets[0].Info
	info.Instance, info.Implementation.Name, info.Implementation.Version = vicious, vicious+long, vicious
	info.Features = append(info.Features, vicious, long)
	r.Targets[0].Found = append(r.Targets[0].Found, vicious)
	r.Targets[1].URL = "http://localhost/" + vicious
	r.LeftOut = append(r.LeftOut, vicious)
	for i := range r.Cases {
		c := &r.Cases[i]
		c.Message, c.Reason, c.Step = c.Message+vicious, c.Reason+vicious, vicious
		c.Expected, c.Received = vicious, vicious
		if i%8 == 0 {
			c.Message, c.Received = long, vicious+long
		}
		for j := range c.Trace {
			e := &c.Trace[j]
			e.Text += vicious
			if j%5 == 0 {
				e.Text, e.Bytes = "", []byte(vicious)
			}
		}
		c.Trace = append(c.Trace, wire.Event{At: 9999, Connection: "http-<b>\x00", Direction: wire.Received, Kind: "bytes", Bytes: []byte(long[:4096]), Size: len(long)})
		if i%8 == 1 {
			c.Trace = append(c.Trace, wire.Event{At: 9999, Direction: wire.Received, Kind: "text", Text: long})
		}
	}
	return r
}

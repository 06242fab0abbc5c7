// Package sample holds the runs, traces and texts that the tests of the reporters report.
package sample

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Began is when the samples began.
var Began = time.Date(2026, 5, 4, 9, 30, 0, 123e6, time.UTC)

// Run is a run of n cases with every outcome among them, always the same for the same n.
func Run(n int) *result.Results {
	random := rand.New(rand.NewPCG(1, 2))
	r := &result.Results{
		Schema:  result.Schema,
		Suite:   result.SuiteBuild{Version: "1.2.0", Commit: "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", Go: "go1.26.8", Sources: strings.Repeat("0d", 32), Catalogue: "5c" + strings.Repeat("0123456789abcde", 4) + "03"},
		Command: "conformance --target http://localhost:3000/ --target http://localhost:3001/ --edition 4.8 --profile cluster",
		Edition: "4.8", Profile: result.ProfileCluster, Requirements: "1.0.0", Seed: 42,
		LeftOut:   []string{"2 cases do not apply: they need the feature headers, which the target does not declare."},
		StartedAt: Began, DurationMs: 3412.5,
	}
	for i, port := range []int{3000, 3001} {
		info := &result.Info{
			Contract: 1, Instance: instanceNames[i], Edition: "4.8", ConnectTimeout: 1000, ServerSideEmitTimeout: 500,
			Features: []string{"connection_error", "initial_headers", "new_namespace", "dynamic_namespaces", "server_side_emit", "server_side_emit_ack"},
		}
		info.Implementation.Name, info.Implementation.Version, info.Implementation.Language = "socket.io", "4.8.4", "JavaScript"
		r.Targets = append(r.Targets, result.TargetResult{
			URL: fmt.Sprintf("http://localhost:%d/socket.io/", port), Info: info,
			Found: []string{"polling", "WebSocket", "conformance application", "pingInterval 300 ms, pingTimeout 200 ms"},
		})
	}
	for i := range n {
		r.Cases = append(r.Cases, sampleCase(i, random))
	}
	slices.SortStableFunc(r.Cases, func(a, b result.CaseResult) int {
		return slices.Index(result.Areas, a.Area) - slices.Index(result.Areas, b.Area)
	})
	for _, c := range r.Cases {
		if len(c.Evidence) > 0 {
			r.Clauses = append(r.Clauses, clause(c))
		}
	}
	r.Clauses = append(r.Clauses, result.Clause{
		Rule: "engine.io/124", Sentence: "The client sends the upgrade packet last.", Basis: "official-test", Derivation: "E22 sends it after the probe.",
		Source: result.Source{Document: "Engine.IO protocol", Section: "Handshake", URL: "https://socket.io/docs/v4/engine-io-protocol/#handshake"},
	})
	r.Count()
	r.Judge()
	r.FindCauses()
	return r
}

// clause returns the clause of the main rule of a case.
func clause(c result.CaseResult) result.Clause {
	return result.Clause{
		Rule: c.Rules[0], Sentence: "A server " + c.Title + ".", Source: c.Source, Basis: "must", Quote: "A server MUST do so.",
		Mistakes: []string{"It is done later.", "It is done twice.", "It is done over one transport only.", "It is left out <b>altogether</b>."},
	}
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

// Absence is the failure that the subject did not come within two seconds.
func Absence(subject string) result.Failure {
	return result.Failure{
		Kind: result.Absence, Subject: subject, Expected: result.Expectation{Relation: result.Comes},
		Received: result.Value{Form: result.Nothing}, Span: result.Span{From: Began, Until: Began.Add(2 * time.Second)},
	}
}

func sampleCase(i int, random *rand.Rand) result.CaseResult {
	area := result.Areas[i%len(result.Areas)]
	c := result.CaseResult{
		ID: fmt.Sprintf("%s/%s-%d", area, slugs[i%len(slugs)], i+1), Title: rules[i%len(rules)], Area: area,
		Level: result.Required, Since: "4.1", Outcome: result.Passed, Attempts: 1,
		Source: result.Source{Document: "Engine.IO protocol", Section: "Upgrade", URL: "https://socket.io/docs/v4/engine-io-protocol/#upgrade"},
		Rules:  []string{fmt.Sprintf("engine.io/%d", i+1), "engine.io/124"},
		Rerun:  "conformance --target http://localhost:3000/ --target http://localhost:3001/ --only " + fmt.Sprintf("%s/%s-%d", area, slugs[i%len(slugs)], i+1),
	}
	c.StartedAt = Began.Add(time.Duration(40+i*3) * time.Millisecond)
	c.DurationMs = float64(5 + random.IntN(400))
	if i%23 == 7 {
		c.DurationMs = float64(1500 + random.IntN(1800))
	}
	c.Trace = HTTPTrace(i)
	if i%2 == 1 {
		c.Trace = WebSocketTrace(i)
	}
	switch {
	case i == 8:
		c.Outcome, c.Message = result.Errored, "panic: runtime error: index out of range [3] with length 3"
	case i == 3 || i%71 == 11:
		c.Outcome = result.Failed
		c.Evidence = []result.Failure{{
			Kind: result.Content, Step: "asks with a transport that does not exist", Site: "cases/errors.go:42", Subject: "the body of the answer",
			Expected: result.Expectation{Relation: result.HasJSON, Value: &result.Value{Form: result.JSON, Text: `{"code":0,"message":"Transport unknown"}`}},
			Received: result.Value{Form: result.JSON, Text: `{"code":1,"message":"Transport unknown"}`},
		}}
	case i == 4 || i%67 == 13:
		c.Outcome = result.Failed
		c.Evidence = []result.Failure{Absence("the noop that answers the poll")}
	case i == 5 || i%41 == 9:
		c.Outcome, c.Level = result.Warned, result.Recommended
		c.Evidence = []result.Failure{{
			Kind: result.Content, Subject: "the Content-Type of the answer",
			Expected: result.Expectation{Relation: result.Equals, Value: &result.Value{Form: result.Text, Text: "text/plain; charset=UTF-8"}},
			Received: result.Value{Form: result.Text, Text: "text/html"},
		}}
	case i == 6 || i%53 == 10:
		c.Outcome, c.Reason = result.Unverified, "it needs connect/answers-the-main-namespace, which is failed"
	case i == 7 || i%19 == 8:
		c.Outcome, c.Reason, c.Trace, c.Attempts = result.Inapplicable, "the target does not declare the feature headers", nil, 0
		c.StartedAt, c.DurationMs = time.Time{}, 0
	case i == 14 || i%61 == 16:
		c.Outcome, c.Level = result.Known, result.Recommended
		c.Evidence = []result.Failure{{
			Kind: result.Content, Subject: "the status of the answer",
			Expected: result.Expectation{Relation: result.Equals, Value: &result.Value{Form: result.JSON, Text: "400"}},
			Received: result.Value{Form: result.Response, Status: 500, Text: "Internal Server Error"},
		}}
		c.KnownFailure = &result.KnownFailure{Case: area + "/*", Reason: "the framework answers before we can", Until: "2031-01-31"}
	case i == 15 || i%97 == 20:
		c.Outcome, c.Reason = result.Stale, "It passed, though the list of known failures holds it."
		c.KnownFailure = &result.KnownFailure{Case: c.ID, Reason: "not yet mended"}
	case i == 9 || i%37 == 5:
		c.Level, c.Reason = result.Observed, "The server answers 400 and keeps the session."
	case i == 12 || i%59 == 21:
		c.Outcome, c.Level, c.Evidence = result.Noted, result.Observed, []result.Failure{Absence("a pong")}
	case i == 1 || i%89 == 33:
		c.Outcome, c.Evidence, c.Attempts = result.Unstable, []result.Failure{Absence("a packet")}, 4
	case i%7 == 2:
		c.Level = result.Recommended
	}
	return c
}

// traceBuilder builds a trace with a little time between its events.
type traceBuilder struct {
	events wire.Trace
	at     float64
}

func (b *traceBuilder) add(connection string, target int, e wire.Event) {
	b.at += 1.7
	e.Seq, e.At, e.Connection, e.Target = len(b.events)+1, b.at, connection, target
	b.events = append(b.events, e)
}

func opened(kind wire.Kind, port int) wire.Event {
	return wire.Event{Opened: &wire.Opened{Kind: kind, Address: fmt.Sprintf("127.0.0.1:%d", port)}}
}

func closed(by wire.Party) wire.Event { return wire.Event{Closed: &wire.Closed{By: by}} }

func step(text string) wire.Event { return wire.Event{Step: &wire.Step{Text: text}} }

func timer(ms int, why string) wire.Event {
	return wire.Event{Timer: &wire.Timer{Duration: time.Duration(ms) * time.Millisecond, Why: why}}
}

func message(d wire.Direction, text string) wire.Event {
	return wire.Event{HTTP: &wire.HTTPData{Direction: d, Content: wire.Content{Text: text}}}
}

// Frame returns a final frame, masked if the suite sent it.
func Frame(d wire.Direction, opcode wire.Opcode, payload string) wire.Event {
	f := &wire.FrameData{Direction: d, Opcode: opcode, Final: true, Masked: d == wire.Sent, Length: uint64(len(payload))}
	if opcode == wire.Binary {
		f.Bytes = []byte(payload)
	} else {
		f.Text = payload
	}
	return wire.Event{Frame: f}
}

func record(kind wire.RecordKind, name, text string) wire.Event {
	return wire.Event{Record: &wire.RecordData{Kind: kind, Name: name, Content: wire.Content{Text: text}}}
}

const handshakeBody = `0{"sid":"Dz3kq0nGJ2iTbBdvAAAB","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`

// HTTPTrace returns a session over HTTP long-polling.
func HTTPTrace(i int) wire.Trace {
	b := &traceBuilder{}
	response := func(connection string, status, body string) {
		b.add(connection, 0, message(wire.Received, fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: %d\r\nDate: Mon, 04 May 2026 09:30:00 GMT\r\n\r\n%s", status, len(body), body)))
		b.add(connection, 0, closed(wire.ByServer))
	}
	b.add("", 0, step("opens a session over HTTP long-polling"))
	b.add("http-1", 0, opened(wire.KindHTTP, 3000))
	b.add("http-1", 0, message(wire.Sent, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost:3000\r\nAccept: */*\r\nConnection: close\r\n\r\n"))
	response("http-1", "200 OK", handshakeBody)
	b.add("", 0, step("connects to the main namespace"))
	b.add("http-2", 0, message(wire.Sent, "POST /socket.io/?EIO=4&transport=polling&sid=Dz3kq0nGJ2iTbBdvAAAB HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length: 2\r\n\r\n40"))
	response("http-2", "200 OK", "ok")
	b.add("", 0, timer(100+i, "nothing else may come"))
	b.add("http-3", 0, message(wire.Sent, "GET /socket.io/?EIO=4&transport=polling&sid=Dz3kq0nGJ2iTbBdvAAAB HTTP/1.1\r\nHost: localhost:3000\r\n\r\n"))
	response("http-3", "200 OK", "40{\"sid\":\"wZX3oN0bSVIhsaknAAAI\"}\x1e42[\"auth\",{}]\x1e2")
	b.add("", 0, step("asks with a transport that does not exist"))
	b.add("http-4", 0, message(wire.Sent, "GET /socket.io/?EIO=4&transport=carrier-pigeon HTTP/1.1\r\nHost: localhost:3000\r\n\r\n"))
	response("http-4", "400 Bad Request", `{"code":1,"message":"Transport unknown"}`)
	return b.events
}

// WebSocketTrace returns two sessions over WebSocket, one on each instance.
func WebSocketTrace(i int) wire.Trace {
	b := &traceBuilder{}
	b.add("", 0, step("opens a WebSocket on each instance"))
	for target, connection := range []string{"websocket-1", "websocket-2"} {
		b.add(connection, target, opened(wire.KindWebSocket, 3000+target))
		b.add(connection, target, message(wire.Sent, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
		b.add(connection, target, message(wire.Received, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"))
		b.add(connection, target, Frame(wire.Received, wire.Text, handshakeBody))
		b.add(connection, target, Frame(wire.Sent, wire.Text, "40"))
		b.add(connection, target, Frame(wire.Received, wire.Text, `40{"sid":"Qw3oN0bSVIhsaknAAAI"}`))
	}
	b.add("", 0, step("emits from one instance with an attachment"))
	b.add("observer-1", 0, record(wire.Command, "serverSideEmit", `{"args":["hello",1,{"a":[null,true]}]}`))
	b.add("observer-2", 1, record(wire.Entry, "server_side_event", `{"event":"server_side_event","args":["hello",1,{"a":[null,true]}]}`))
	b.add("websocket-1", 0, Frame(wire.Sent, wire.Text, fmt.Sprintf(`451-/custom,%d["upload",{"_placeholder":true,"num":0}]`, i)))
	b.add("websocket-1", 0, Frame(wire.Sent, wire.Binary, "\x00\x01\x02\xfe\xff\x80"))
	b.add("websocket-1", 0, Frame(wire.Received, wire.Text, fmt.Sprintf(`43/custom,%d["ok"]`, i)))
	b.add("websocket-1", 0, Frame(wire.Received, wire.Text, "2"))
	b.add("websocket-1", 0, Frame(wire.Sent, wire.Text, "3"))
	b.add("", 0, timer(700, "the heartbeat must fail"))
	b.at += 700
	b.add("websocket-2", 1, wire.Event{Frame: &wire.FrameData{Direction: wire.Received, Opcode: wire.Close, Final: true, Length: 2, Code: 1000}})
	b.add("websocket-2", 1, closed(wire.ByServer))
	b.add("websocket-1", 0, closed(wire.BySuite))
	return b.events
}

// HostileText is text that tries to break out of every report.
var HostileText = strings.Join([]string{
	"<script>alert(document.title)</script>", "</pre></details></style><img src=http://192.0.2.1/x onerror=alert(1)>", "]]>", "<![CDATA[", "-->", "&amp;&#0;",
	"\x00\x01\x1b[31m\x7f\u0085", "\u202eevil\u202c\u2066\u200b\ufeff", "\xed\xa0\x80\xff\xfe", "\u2028\u2029\ufffe\uffff", "\U000e0041",
	"|`*_[x](javascript:alert(1))", "::error::injected\r\n::set-output name=x::y", "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307",
}, "\r\n")

// Hostile returns a run against a target that puts such text wherever it can.
func Hostile() *result.Results {
	r := Run(24)
	long := strings.Repeat("A<\x00\xff", 1<<18)
	info := r.Targets[0].Info
	info.Instance, info.Implementation.Name, info.Implementation.Version = HostileText, HostileText+long, HostileText
	info.Features = append(info.Features, HostileText, long)
	r.Targets[0].Found = append(r.Targets[0].Found, HostileText)
	r.Targets[1].URL = "http://localhost/" + HostileText
	r.LeftOut = append(r.LeftOut, HostileText)
	for i := range r.Cases {
		c := &r.Cases[i]
		c.Message, c.Reason = c.Message+HostileText, c.Reason+HostileText
		evil := &result.Value{Form: result.Form(HostileText), Text: HostileText, Items: []result.Value{{Form: result.Text, Text: HostileText}}}
		c.Evidence = append(c.Evidence, result.Failure{
			Kind: result.Kind(HostileText), Subject: HostileText, Step: HostileText, Given: HostileText, Site: HostileText, Received: *evil,
			Expected: result.Expectation{Relation: result.Relation(HostileText), Comparator: HostileText, Words: HostileText, Value: evil, Of: []result.Expectation{{Relation: result.Is, Words: HostileText}}},
		})
		if i%8 == 0 {
			c.Message = long
			c.Evidence[0].Received = result.Value{Form: result.List, Items: []result.Value{{Form: result.Packet, Text: HostileText + long}}}
		}
		for j := range c.Trace {
			e := &c.Trace[j]
			switch content := e.Content(); {
			case content == nil && e.Step != nil:
				e.Step.Text += HostileText
			case content == nil && e.Timer != nil:
				e.Timer.Why += HostileText
			case content == nil && e.Closed != nil:
				e.Closed = &wire.Closed{By: wire.Nobody, Error: HostileText}
			case content == nil && e.Opened != nil:
				e.Opened.Address += HostileText
			case j%5 == 0:
				content.Text, content.Bytes = "", []byte(HostileText)
			case content != nil:
				content.Text += HostileText
			}
			if e.Record != nil {
				e.Record.Name += HostileText
			}
		}
		c.Trace = append(c.Trace, wire.Event{Seq: 999, At: 9999, Connection: "http-<b>\x00", Bytes: &wire.RawData{Direction: wire.Received, Content: wire.Content{Bytes: []byte(long[:4096]), Size: len(long)}}})
		if i%8 == 1 {
			c.Trace = append(c.Trace, wire.Event{Seq: 1000, At: 9999, Frame: &wire.FrameData{Direction: wire.Received, Opcode: wire.Text, Length: uint64(len(long)), Content: wire.Content{Text: long}}})
		}
	}
	r.FindCauses()
	return r
}

// Changed returns a copy of a run in which some cases have another outcome.
func Changed(r *result.Results, outcomes map[int]result.Outcome) *result.Results {
	after := *r
	after.Cases = slices.Clone(r.Cases)
	for i, o := range outcomes {
		after.Cases[i].Outcome = o
	}
	after.Count()
	after.Judge()
	after.FindCauses()
	return &after
}

// Green returns a run that passed, except for the given outcomes.
func Green(n int, outcomes map[int]result.Outcome) *result.Results {
	r := Run(n)
	for i := range r.Cases {
		r.Cases[i].Outcome, r.Cases[i].Level = result.Passed, result.Required
	}
	return Changed(r, outcomes)
}

// ManyCauses returns a run in which n cases failed for that many causes.
func ManyCauses(n, causes int) *result.Results {
	r := Green(n, nil)
	for i := range r.Cases {
		c := &r.Cases[i]
		c.Outcome, c.Evidence = result.Failed, []result.Failure{Absence(fmt.Sprintf("the packet %d", i%causes))}
		c.Rules, c.Trace = []string{fmt.Sprintf("engine.io/%d", i%causes)}, nil
	}
	return Changed(r, nil)
}

// Written returns what a report writes.
func Written(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

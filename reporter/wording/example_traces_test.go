package wording

import (
	"testing"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

func TestFirstDifference(t *testing.T) {
	http := func(seq int, direction wire.Direction, text string) wire.Event {
		return wire.Event{Seq: seq, Connection: "http-1", HTTP: &wire.HTTPData{Direction: direction, Content: wire.Content{Text: text}}}
	}
	frame := func(seq int, direction wire.Direction, text string) wire.Event {
		return wire.Event{Seq: seq, Connection: "websocket-1", Frame: &wire.FrameData{Direction: direction, Opcode: wire.Text, Final: true, Content: wire.Content{Text: text}}}
	}
	asked := func(sid string) wire.Event {
		return http(1, wire.Sent, "GET /socket.io/?EIO=4&sid="+sid+"&t=x"+sid+" HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	on := func(connection string, e wire.Event, seq int) wire.Event {
		e.Connection, e.Seq = connection, seq
		return e
	}
	for name, test := range map[string]struct {
		trace, example wire.Trace
		about          []int
		ours, theirs   int
		step           int
	}{
		"another status": {
			wire.Trace{asked("a"), http(2, wire.Received, "HTTP/1.1 200 OK\r\n\r\nok")},
			wire.Trace{asked("b"), http(3, wire.Received, "HTTP/1.1 400 Bad Request\r\n\r\n{}")}, nil, 2, 3, 0,
		},
		"another packet, heartbeats aside": {
			wire.Trace{frame(1, wire.Sent, "40"), frame(2, wire.Received, "2"), frame(3, wire.Received, `44{"message":"no"}`)},
			wire.Trace{frame(1, wire.Sent, "40"), frame(2, wire.Received, `40{"sid":"x"}`), frame(3, wire.Received, "2")}, nil, 3, 2, 0,
		},
		"nothing came": {
			wire.Trace{frame(1, wire.Sent, "420[\"a\"]")},
			wire.Trace{frame(1, wire.Sent, "420[\"a\"]"), frame(2, wire.Received, "430[]")}, nil, 0, 2, 0,
		},
		"the same shape, so what the failure is about": {
			wire.Trace{frame(1, wire.Sent, "420[\"a\"]"), frame(2, wire.Received, "430[1]")},
			wire.Trace{frame(1, wire.Sent, "420[\"a\"]"), frame(5, wire.Received, "430[2]")}, []int{2}, 2, 5, 0,
		},
		"an answer in two pieces": {
			wire.Trace{asked("a"), http(2, wire.Received, "HTTP/1.1 200 OK\r\n\r\n"), http(3, wire.Received, "2")},
			wire.Trace{asked("b"), http(2, wire.Received, "HTTP/1.1 200 OK\r\n\r\n1")}, []int{3}, 2, 2, 0,
		},
		"what the failure is about, behind another difference": {
			wire.Trace{
				asked("a"), http(2, wire.Received, "HTTP/1.1 200 OK\r\n\r\nOK"), on("http-2", asked("a"), 3), on("http-3", asked("none"), 4),
				on("http-3", http(0, wire.Received, "HTTP/1.1 404 Not Found\r\n\r\n"), 5), on("http-2", http(0, wire.Received, "HTTP/1.1 200 OK\r\n\r\n2"), 6),
			},
			wire.Trace{
				asked("b"), http(2, wire.Received, "HTTP/1.1 200 OK\r\n\r\nok"), on("http-7", asked("b"), 3), on("http-8", asked("none"), 4),
				on("http-7", http(0, wire.Received, "HTTP/1.1 200 OK\r\n\r\n1"), 5), on("http-8", http(0, wire.Received, "HTTP/1.1 400 Bad Request\r\n\r\n"), 6),
			}, []int{3, 6}, 6, 5, 0,
		},
		"a close that did not come, and an answer that did": {
			wire.Trace{frame(1, wire.Sent, "2probe"), frame(2, wire.Received, "3probe"), on("http-1", asked("a"), 3), on("http-1", http(0, wire.Received, "HTTP/1.1 200 OK\r\n\r\nOK"), 4)},
			wire.Trace{
				frame(1, wire.Sent, "2probe"), frame(2, wire.Received, "3probe"), on("http-1", asked("b"), 3),
				{Seq: 4, Connection: "websocket-1", Closed: &wire.Closed{By: wire.ByServer}}, on("http-1", http(0, wire.Received, "HTTP/1.1 200 OK\r\n\r\nok"), 5),
			}, nil, 0, 4, 0,
		},
		"in the step that failed": {
			trace: wire.Trace{
				{Seq: 1, Step: &wire.Step{Text: "posts"}}, on("http-1", asked("a"), 2), on("http-1", http(0, wire.Received, "HTTP/1.1 200 OK\r\n\r\nok"), 3),
				on("http-2", asked("a"), 4),
			},
			example: wire.Trace{
				{Seq: 1, Step: &wire.Step{Text: "posts"}}, on("http-1", asked("b"), 2), on("http-1", http(0, wire.Received, "HTTP/1.1 400 Bad Request\r\n\r\n"), 3),
				{Seq: 4, Step: &wire.Step{Text: "opens another"}}, on("http-2", asked("b"), 5), on("http-2", http(0, wire.Received, "HTTP/1.1 200 OK\r\n\r\n0{}"), 6),
			}, step: 1, ours: 3, theirs: 3,
		},
		"no difference": {trace: wire.Trace{asked("a")}, example: wire.Trace{asked("b")}},
	} {
		if ours, theirs := FirstDifference(test.trace, test.example, result.Failure{About: test.about, StepSeq: test.step}); ours != test.ours || theirs != test.theirs {
			t.Errorf("%s: %d and %d, not %d and %d", name, ours, theirs, test.ours, test.theirs)
		}
	}
}

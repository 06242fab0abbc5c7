package wording

import (
	"testing"

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
	for name, test := range map[string]struct {
		trace, example wire.Trace
		about          []int
		ours, theirs   int
	}{
		"another status": {
			wire.Trace{asked("a"), http(2, wire.Received, "HTTP/1.1 200 OK\r\n\r\nok")},
			wire.Trace{asked("b"), http(3, wire.Received, "HTTP/1.1 400 Bad Request\r\n\r\n{}")}, nil, 2, 3,
		},
		"another packet, heartbeats aside": {
			wire.Trace{frame(1, wire.Sent, "40"), frame(2, wire.Received, "2"), frame(3, wire.Received, `44{"message":"no"}`)},
			wire.Trace{frame(1, wire.Sent, "40"), frame(2, wire.Received, `40{"sid":"x"}`), frame(3, wire.Received, "2")}, nil, 3, 2,
		},
		"nothing came": {
			wire.Trace{frame(1, wire.Sent, "420[\"a\"]")},
			wire.Trace{frame(1, wire.Sent, "420[\"a\"]"), frame(2, wire.Received, "430[]")}, nil, 0, 2,
		},
		"the same shape, so what the failure is about": {
			wire.Trace{frame(1, wire.Sent, "420[\"a\"]"), frame(2, wire.Received, "430[1]")},
			wire.Trace{frame(1, wire.Sent, "420[\"a\"]"), frame(5, wire.Received, "430[2]")}, []int{2}, 2, 5,
		},
		"no difference": {wire.Trace{asked("a")}, wire.Trace{asked("b")}, nil, 0, 0},
	} {
		if ours, theirs := FirstDifference(test.trace, test.example, test.about); ours != test.ours || theirs != test.theirs {
			t.Errorf("%s: %d and %d, not %d and %d", name, ours, theirs, test.ours, test.theirs)
		}
	}
}

package html_test

import (
	"strings"
	"testing"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// A case with two instances has a diagram of its messages, and a case with one instance has none.
func TestSpaceTimeDiagram(t *testing.T) {
	t.Parallel()
	frame := func(seq, target int, direction wire.Direction, text string) wire.Event {
		return wire.Event{
			Seq: seq, At: float64(seq) * 10, Connection: "websocket-1", Target: target,
			Frame: &wire.FrameData{Direction: direction, Opcode: wire.Text, Final: true, Content: wire.Content{Text: text}},
		}
	}
	trace := wire.Trace{
		frame(1, 0, wire.Sent, `42["sent to A"]`),
		frame(2, 1, wire.Received, `42["<b>"]`),
	}
	of := func(trace wire.Trace) string {
		return page(t, &result.Results{
			Targets: []result.TargetResult{{URL: "http://127.0.0.1:1"}, {URL: "http://127.0.0.1:2"}},
			Cases:   []result.CaseResult{{ID: "cluster/x", Level: result.Required, Outcome: result.Failed, Trace: trace}},
		})
	}
	drawn := between(t, of(trace), `<svg class="spacetime"`, "</svg>")
	for _, want := range []string{">instance A<", ">suite<", ">instance B<", "42[&#34;sent to A&#34;]", "42[&#34;&lt;b&gt;&#34;]", `<g class="in">`} {
		if !strings.Contains(drawn, want) {
			t.Errorf("%q is not in %s", want, drawn)
		}
	}
	if strings.Contains(of(trace[:1]), "spacetime\"") {
		t.Error("a single instance has a diagram")
	}
	for seq := 3; seq < 100; seq++ {
		trace = append(trace, frame(seq, seq%2, wire.Sent, "2"))
	}
	if !strings.Contains(of(trace), "39 further messages not drawn.") {
		t.Error("it does not say that messages are left out")
	}
}

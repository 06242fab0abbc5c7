package suite

import (
	"encoding/json"
	"fmt"

	"github.com/onsi/gomega/types"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// silent is embedded by the suite's matchers: the methods that gomega uses for its own messages are never called.
type silent struct{}

func (silent) FailureMessage(any) string        { return "" }
func (silent) NegatedFailureMessage(any) string { return "" }

// MatchPacket matches a Socket.IO packet, or an Engine.IO packet's text, written out: `42/custom,7["a",1]`. The head must
// match exactly; the JSON after it must have the same value: white space, the order of keys and the escaping of characters
// are the server's choice. Attachments, if given, must follow the packet, in the order of the placeholders' numbers.
func MatchPacket(want string, attachments ...string) types.GomegaMatcher {
	return &packetMatcher{want: want, attachments: attachments}
}

type packetMatcher struct {
	silent
	want        string
	attachments []string
}

func (m *packetMatcher) Match(actual any) (bool, error) {
	var got string
	var attachments []string
	switch v := actual.(type) {
	case string:
		got = v
	case *protocol.Packet:
		got, attachments = v.Raw, v.Attachments
	default:
		return false, fmt.Errorf("MatchPacket takes a string or a *protocol.Packet, not %T", actual)
	}
	return protocol.SameMessage(got, attachments, m.want, m.attachments), nil
}

// Expectation implements [Describer].
func (m *packetMatcher) Expectation() result.Expectation {
	value := packetValue(m.want, m.attachments)
	return result.Expectation{Relation: result.IsPacket, Value: &value}
}

// MatchJSONValue matches a JSON text (string, []byte, json.RawMessage) with the same value as the wanted one.
func MatchJSONValue(want string) types.GomegaMatcher { return &jsonMatcher{want: want} }

type jsonMatcher struct {
	silent
	want string
}

func (m *jsonMatcher) Match(actual any) (bool, error) {
	return protocol.SameJSON(jsonText(actual), m.want), nil
}

// Expectation implements [Describer].
func (m *jsonMatcher) Expectation() result.Expectation {
	value := text(result.JSON, m.want)
	return result.Expectation{Relation: result.HasJSON, Value: &value}
}

func jsonText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case json.RawMessage:
		return string(v)
	case []json.RawMessage:
		b, _ := json.Marshal(v)
		return string(b)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// ContainJSON matches a JSON object that holds at least the wanted keys, with the same values.
func ContainJSON(want string) types.GomegaMatcher { return &containMatcher{want: want} }

type containMatcher struct {
	silent
	want string
}

func (m *containMatcher) Match(actual any) (bool, error) {
	holds, err := protocol.HoldsJSON(jsonText(actual), m.want)
	if err != nil {
		return false, fmt.Errorf("ContainJSON: %w", err)
	}
	return holds, nil
}

// Expectation implements [Describer].
func (m *containMatcher) Expectation() result.Expectation {
	value := text(result.JSON, m.want)
	return result.Expectation{Relation: result.HoldsJSON, Value: &value}
}

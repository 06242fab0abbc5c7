package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"

	"github.com/onsi/gomega/types"
)

// MatchPacket matches a Socket.IO packet, or an Engine.IO packet's text, written out:
// `42/custom,7["a",1]`. The head must be the same to the character; the JSON behind it must have the
// same value: white space, the order of keys and the escaping of characters are the server's choice.
// Attachments, where given, must follow the packet in that order.
func MatchPacket(want string, attachments ...string) types.GomegaMatcher {
	return &packetMatcher{want: want, attachments: attachments}
}

type packetMatcher struct {
	want        string
	attachments []string
	problem     string
}

func (m *packetMatcher) Match(actual any) (bool, error) {
	var got string
	var attachments []string
	switch v := actual.(type) {
	case string:
		got = v
	case *Packet:
		got, attachments = v.Raw, v.Attachments
	default:
		return false, fmt.Errorf("MatchPacket takes a string or a *suite.Packet, not %T", actual)
	}
	m.problem = difference(got, m.want)
	if m.problem == "" && len(attachments) != len(m.attachments) {
		m.problem = fmt.Sprintf("%d attachments instead of %d", len(attachments), len(m.attachments))
	}
	for i := 0; m.problem == "" && i < len(attachments); i++ {
		if attachments[i] != m.attachments[i] {
			m.problem = fmt.Sprintf("attachment %d is % x", i, clip(attachments[i], 64))
		}
	}
	return m.problem == "", nil
}

// difference between two packets in words; empty where there is none.
func difference(got, want string) string {
	g, gotErr := ParsePacket(got)
	w, wantErr := ParsePacket(want)
	if wantErr != nil { // an Engine.IO packet
		if got != want {
			return "the packets differ"
		}
		return ""
	}
	if gotErr != nil {
		return gotErr.Error()
	}
	gotHead, wantHead := strings.TrimSuffix(got, g.Data), strings.TrimSuffix(want, w.Data)
	if gotHead != wantHead {
		return fmt.Sprintf("the packet's head is %q instead of %q", gotHead, wantHead)
	}
	if g.Data == w.Data || g.Data != "" && w.Data != "" && SameJSON(g.Data, w.Data) {
		return ""
	}
	return "the JSON behind the head has another value"
}

func (m *packetMatcher) text(actual any) string {
	if p, ok := actual.(*Packet); ok {
		return p.String()
	}
	return fmt.Sprintf("%q", actual)
}

func (m *packetMatcher) wanted() string {
	p := Packet{Raw: m.want, Attachments: m.attachments}
	return p.String()
}

func (m *packetMatcher) FailureMessage(actual any) string {
	return fmt.Sprintf("Expected\n    %s\nto be the packet\n    %s\nbut %s", m.text(actual), m.wanted(), m.problem)
}

func (m *packetMatcher) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("Expected\n    %s\nnot to be the packet\n    %s", m.text(actual), m.wanted())
}

// SameJSON reports whether two JSON texts have the same value. Whole numbers are compared at any size: 1.0 is 1, and
// 9007199254740993 is not 9007199254740992. Fractions are compared as 64 bits hold them: a server may write more
// digits of 0.1 than it needs.
func SameJSON(a, b string) bool {
	if a == b { // as most are: large ones are costly to take apart
		return json.Valid([]byte(a))
	}
	x, errX := decodeJSON(a)
	y, errY := decodeJSON(b)
	return errX == nil && errY == nil && sameValue(x, y)
}

func decodeJSON(s string) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.UseNumber()
	if err = d.Decode(&v); err == nil && d.More() {
		err = fmt.Errorf("more than one JSON value")
	}
	return v, err
}

func sameValue(a, b any) bool {
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		return ok && (x == y || sameNumber(string(x), string(y)))
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !sameValue(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			w, has := y[k]
			if !has || !sameValue(v, w) {
				return false
			}
		}
		return true
	default:
		return a == b
	}
}

func sameNumber(a, b string) bool {
	if len(a) > 40 || len(b) > 40 { // an exponent may be huge
		return false
	}
	x, _, errX := big.ParseFloat(a, 10, 256, big.ToNearestEven)
	y, _, errY := big.ParseFloat(b, 10, 256, big.ToNearestEven)
	if errX != nil || errY != nil {
		return false
	}
	if x.IsInt() || y.IsInt() {
		return x.Cmp(y) == 0
	}
	near, _ := x.Float64()
	other, _ := y.Float64()
	return near == other
}

// MatchJSONValue matches a JSON text (string, []byte, json.RawMessage) of the same value as the wanted one.
func MatchJSONValue(want string) types.GomegaMatcher { return &jsonMatcher{want} }

type jsonMatcher struct{ want string }

func (m *jsonMatcher) Match(actual any) (bool, error) {
	return SameJSON(jsonText(actual), m.want), nil
}

func (m *jsonMatcher) FailureMessage(actual any) string {
	return fmt.Sprintf("Expected\n    %s\nto have the JSON value\n    %s", clip(jsonText(actual), 2000), m.want)
}

func (m *jsonMatcher) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("Expected\n    %s\nnot to have the JSON value\n    %s", clip(jsonText(actual), 2000), m.want)
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
func ContainJSON(want string) types.GomegaMatcher { return &containMatcher{want} }

type containMatcher struct{ want string }

func (m *containMatcher) Match(actual any) (bool, error) {
	wanted, err := decodeJSON(m.want)
	if err != nil {
		return false, fmt.Errorf("ContainJSON: %w", err)
	}
	got, err := decodeJSON(jsonText(actual))
	object, isObject := got.(map[string]any)
	if err != nil || !isObject {
		return false, nil
	}
	for key, value := range wanted.(map[string]any) {
		if v, has := object[key]; !has || !sameValue(v, value) {
			return false, nil
		}
	}
	return true, nil
}

func (m *containMatcher) FailureMessage(actual any) string {
	return fmt.Sprintf("Expected\n    %s\nto be a JSON object that holds\n    %s", clip(jsonText(actual), 2000), m.want)
}

func (m *containMatcher) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("Expected\n    %s\nto be no JSON object that holds\n    %s", clip(jsonText(actual), 2000), m.want)
}

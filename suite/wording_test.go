package suite

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// Reports are read by people who may not know Go: its types and units stay out of them.
func TestWording(t *testing.T) {
	text := "no other server"
	for _, one := range []struct {
		name               string
		actual             any
		matcher            types.GomegaMatcher
		expected, received string
	}{
		{"duration", 158400000 * time.Nanosecond, gomega.BeNumerically(">=", 270*time.Millisecond), "to be >=\n270.0 ms", "158.4 ms"},
		{"text", "42[1]", gomega.Equal("43[1]"), "to equal\n43[1]", "42[1]"},
		{"number", 413, gomega.Equal(400), "to equal\n400", "413"},
		{"pointer", &text, gomega.BeNil(), "to be nil", `"no other server"`},
		{"values", []json.RawMessage{json.RawMessage(`{"a":1}`)}, gomega.BeEmpty(), "to be empty", `[{"a":1}]`},
		{"object", `{"a":1}`, ContainJSON(`{"b":1}`), "to be a JSON object that holds\n{\"b\":1}", `{"a":1}`},
		{"alternatives", "c", gomega.Or(gomega.Equal("a"), gomega.Equal("b")), "To satisfy at least one of these matchers: [a b]", "c"},
		{"markup of the target", "<b>: bold", gomega.Equal("x"), "to equal\nx", "<b>: bold"},
		{
			"packets", []string{`42["b"]`}, gomega.ConsistOf(MatchPacket(`42["a"]`)),
			"to consist of\n[\"42[\\\"a\\\"]\"]\nthe missing elements were\n[\"42[\\\"a\\\"]\"]\nthe extra elements were\n[\"42[\\\"b\\\"]\"]", `["42[\"b\"]"]`,
		},
	} {
		t.Run(one.name, func(t *testing.T) {
			var message string
			gomega.NewGomega(func(m string, _ ...int) { message = m }).Expect(one.actual).To(one.matcher)
			expected, received := takeApart(plain(message))
			if d := cmp.Diff([]string{one.expected, one.received}, []string{expected, received}); d != "" {
				t.Errorf("from\n%s\n(-want +got)\n%s", message, d)
			}
		})
	}
}

// Of two long texts the difference may be anywhere, so that all of both is shown, up to the limit.
func TestLongValuesAreWhole(t *testing.T) {
	a, b := strings.Repeat("a", 9000), strings.Repeat("a", 9000)+"b"
	var message string
	gomega.NewGomega(func(m string, _ ...int) { message = m }).Expect(a).To(gomega.Equal(b))
	if expected, received := takeApart(plain(message)); expected != "to equal\n"+b || received != a {
		t.Errorf("%d and %d characters are left", len(expected), len(received))
	}
	if n := len(plain(strings.Repeat("a", 10*messageLimit))); n > messageLimit+3 {
		t.Errorf("%d bytes of a message are kept", n)
	}
}

package cases

import (
	"encoding/json"
	"testing"
)

// The JSON that cases send is valid, and its sizes are the intended ones.
func TestValuesAreJSON(t *testing.T) {
	for _, g := range valueGroups {
		values := g.values(func(n int) bool { return n <= 1_000_000 })
		if len(values) == 0 {
			t.Errorf("%s has no values", g.slug)
		}
		for _, d := range values {
			if !json.Valid([]byte(d.json)) {
				t.Errorf("%s: %.100s is not JSON", g.slug, d.json)
			}
		}
	}
	for _, size := range []int{125, 65536} {
		if got := len(sized(size).packet('2', "/", "", "message")); got != size {
			t.Errorf("a packet of %d bytes has %d", size, got)
		}
	}
}

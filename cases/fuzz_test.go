package cases

import "testing"

func FuzzPayload3(f *testing.F) {
	for _, seed := range []string{`2:40`, `97:0{"sid":"x"}2:40`, `1:3`, ``, `:`, `0:`, `-1:3`, `99999999999999999999:3`, `2:4`, `+1:3`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		left := len(body)
		for _, packet := range payload3(body) {
			left -= len(packet) + len("0:")
		}
		if left < 0 {
			t.Fatalf("%q has more in its packets than in the text", body)
		}
	})
}

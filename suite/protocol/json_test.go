package protocol

import "testing"

func TestNumbersOfJSON(t *testing.T) {
	for _, one := range []struct {
		a, b string
		same bool
	}{
		{"1", "1.0", true}, {"100", "1e2", true}, {"0", "-0", true}, {"9007199254740993", "9007199254740992", false},
		{"0.1", "0.10000000000000001", true}, {"0.1", "0.1000000000000001", false}, {"1", "1.0000000000000000000001", false},
		{"1e-400", "1e-401", true}, {"1.5", "1.5", true}, {"1.5", "1.6", false}, {`{"a":[0.1]}`, `{"a":[0.10000000000000001]}`, true},
	} {
		if SameJSON(one.a, one.b) != one.same || SameJSON(one.b, one.a) != one.same {
			t.Errorf("SameJSON of %s and %s returned %t", one.a, one.b, !one.same)
		}
	}
}

package prove_test

import (
	"reflect"
	"testing"

	"example.test/conformance/cmd/conformance/prove"
)

const sample = `acks/a: acks/{one,two?} binary/three
acks/b:
cluster/c: cluster/four
`

func TestMatrixIsText(t *testing.T) {
	var m prove.Matrix
	if err := m.UnmarshalText([]byte("# a comment\n\n" + sample)); err != nil {
		t.Fatal(err)
	}
	want := prove.Matrix{
		"acks/a":    {"acks/one": prove.Always, "acks/two": prove.Sometimes, "binary/three": prove.Always},
		"acks/b":    {},
		"cluster/c": {"cluster/four": prove.Always},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got %v", m)
	}
	if text, err := m.MarshalText(); err != nil || string(text) != sample {
		t.Errorf("got %s, error %v", text, err)
	}
	for _, broken := range []string{"acks/a acks/one\n", "acks/a: one\n", "acks/a: acks/one\nacks/a: acks/two\n"} {
		if err := m.UnmarshalText([]byte(broken)); err == nil {
			t.Errorf("%q was parsed as %v", broken, m)
		}
	}
}

func TestDifferences(t *testing.T) {
	then := prove.Matrix{
		"f/gone": {},
		"f/kept": {"a/both": prove.Always, "a/missed": prove.Always, "a/chance": prove.Sometimes, "a/no-case-now": prove.Always},
	}
	now := prove.Matrix{
		"f/new":  {"a/both": prove.Always},
		"f/kept": {"a/both": prove.Always, "a/gained": prove.Always, "a/by-chance": prove.Sometimes},
	}
	got := now.Differences(then, func(id string) bool { return id != "a/no-case-now" })
	want := prove.Difference{
		Missed: []prove.Pair{{Fault: "f/kept", Case: "a/missed"}},
		Gained: []prove.Pair{{Fault: "f/kept", Case: "a/gained"}},
		Gone:   []string{"f/gone"}, New: []string{"f/new"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if none := then.Differences(then, func(string) bool { return true }); !reflect.DeepEqual(none, prove.Difference{}) {
		t.Errorf("want no difference between a matrix and itself, got %+v", none)
	}
}

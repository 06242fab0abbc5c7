package protocol

import (
	"reflect"
	"testing"
)

func TestUnmarshalTakesAnyFormOfAWholeNumber(t *testing.T) {
	type form struct {
		N    int
		Text string
		All  []int
	}
	for text, want := range map[string]form{
		`{"n":2}`:                   {N: 2},
		`{"n":2.0}`:                 {N: 2},
		`{"n":2e0}`:                 {N: 2},
		`{"n":-20E-1,"text":"2.0"}`: {N: -2, Text: "2.0"},
		`{"text":"a\"1.0","all":[1.0, 3e2 ,4],"other":{"x":[1.5e3]}}`: {Text: `a"1.0`, All: []int{1, 300, 4}},
	} {
		var got form
		if err := Unmarshal([]byte(text), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, error %v", text, got, err)
		}
	}
	for _, text := range []string{`{"n":2.5}`, `{"n":"2"}`, `{"n":1e999999999}`, `{"n":1e30}`, `{"n":2.0`, `{"n":2.0}x`} {
		var got form
		if err := Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s: got %+v without an error", text, got)
		}
	}
}

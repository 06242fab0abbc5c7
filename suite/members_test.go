package suite

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestStrangersAreBesideAllTargets(t *testing.T) {
	infos := []*Info{{Instance: "a"}, {Instance: "b"}, {Instance: "c"}}
	for _, one := range []struct {
		answers string
		want    []string
	}{
		{`["b","c"]`, nil},
		{`["b","c","d"]`, []string{"d"}},
		{`["e","d","c","b"]`, []string{"d", "e"}},
		{`["b","c","c"]`, nil},    // a target that answers twice is no stranger
		{`["a","b","c"]`, nil},    // nor is the sender
		{`["b","d"]`, nil},        // c may have answered with another name
		{`["b","c",1,null]`, nil}, // not a name
		{`["b","c",""]`, nil},     //
		{`"d"`, nil},              // not a list
		{`[["d"],"b","c"]`, nil},  //
		{`["b","c","d","d"]`, []string{"d"}},
	} {
		answer := json.RawMessage(`{"error":null,"responses":` + one.answers + `}`)
		if got, _ := strangers(answer, infos, 0); !slices.Equal(got, one.want) {
			t.Errorf("for the answers %s, got the strangers %q, want %q", one.answers, got, one.want)
		}
	}
	if got, _ := strangers(json.RawMessage(`{"responses":["b","d"]}`), []*Info{{Instance: "a"}, nil}, 0); got != nil {
		t.Errorf("with a target that gave no info, got the strangers %q", got)
	}
}

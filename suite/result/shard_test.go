package result

import (
	"testing"
)

func TestParseShard(t *testing.T) {
	for text, want := range map[string]Shard{
		"1/1": {Index: 1, Of: 1}, "2/5": {Index: 2, Of: 5}, "0/5": {}, "6/5": {}, "2": {}, "2/": {}, "/5": {}, "a/b": {}, "2/5/6": {}, "-1/5": {}, "": {},
	} {
		if got, ok := ParseShard(text); got != want || ok != (want != Shard{}) {
			t.Errorf("%q was parsed as %v, %v", text, got, ok)
		}
	}
}

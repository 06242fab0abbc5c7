package variant

import "testing"

// A hundred differences that the documents permit are each known by a name, and none is there twice by another.
func TestVariants(t *testing.T) {
	const least = 100
	summaries := map[string]string{}
	for _, v := range All() {
		if other, twice := summaries[v.Summary]; twice {
			t.Errorf("%s and %s both are a server that %s", other, v.Name, v.Summary)
		}
		summaries[v.Summary] = v.Name
	}
	if n := len(summaries); n < least {
		t.Errorf("there are %d variants, fewer than %d", n, least)
	}
}

package variant

import "testing"

// There are at least a hundred permitted differences, each with a name of its own, and none is listed twice.
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

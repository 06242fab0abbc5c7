package runner

import (
	"slices"
	"testing"
)

func TestNear(t *testing.T) {
	words := []string{"run", "list", "doctor", "explain", "compare", "completion", "certify", "verify", "version"}
	for typed, want := range map[string][]string{
		"rnu": {"run"}, "docter": {"doctor"}, "Explain": {"explain"}, "comp": {"compare", "completion"}, "vrify": {"verify"},
		"fly": nil, "": nil, "localhost:3000": nil, "x": nil,
	} {
		if got := Suggest(typed, words); !slices.Equal(got, want) {
			t.Errorf("for %q, got %q, want %q", typed, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"run", "run", 0}, {"rnu", "run", 1}, {"profle", "profile", 1}, {"listt", "list", 1}, {"cat", "cut", 1}, {"abc", "xyz", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("the distance of %q and %q is %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("the distance of %q and %q is %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

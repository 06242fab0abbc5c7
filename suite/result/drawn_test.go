package result

import (
	"testing"
)

// What a run draws does not distinguish its failures, nor those of two runs.
func TestUndrawn(t *testing.T) {
	for _, seed := range []int64{1, 2, 3} {
		take := Undrawn(seed)
		for name := range stands {
			if got := take("of " + Drawn(seed, name) + "."); got != "of "+name+"." {
				t.Errorf("seed %d: %s became %q", seed, name, got)
			}
		}
		for _, n := range []string{"1", "22"} {
			if got := take("/dynamic-" + DrawnWord(seed, "case") + n + ","); got != "/dynamic-‹word›," {
				t.Errorf("seed %d: a mark became %q", seed, got)
			}
		}
		if got := take(`42["message",1]`); got != `42["message",1]` {
			t.Errorf("a text that was not drawn became %q", got)
		}
	}
}

func TestNounsAreLong(t *testing.T) {
	for _, one := range drawableNouns {
		if len(one) < 5 {
			t.Errorf("%s has %d letters: it may be part of a word by chance", one, len(one))
		}
	}
	if len(drawableNouns) < 100 {
		t.Errorf("got %d nouns", len(drawableNouns))
	}
}

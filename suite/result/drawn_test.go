package result

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
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

// MarkWords finds what a regular expression would find, and unmarked replaces it.
func TestMarkWords(t *testing.T) {
	pattern := regexp.MustCompile(fmt.Sprintf("(?:%s)[0-9a-z]{%d}", strings.Join(drawableNouns, "|"), drawnLetters))
	numbered := regexp.MustCompile(pattern.String() + "[0-9]*")
	one, two := DrawnWord(1, "a"), DrawnWord(2, "b")
	for _, text := range []string{
		"", "a", "é" + one + "7é", one + "99" + two + "x", one, one + "1", "/dynamic-" + one + "_" + two, one + two, "x" + one + "y" + two, one[:len(one)-1], one[:len(one)-1] + "_",
		"anchor" + one, "deltadelta" + two, strings.ToUpper(one), `{"mark":"` + one + `","url":"/?mark=` + two + `12\u0000é"}`,
	} {
		if got, want := MarkWords(text), pattern.FindAllString(text, -1); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if got, want := unmarked(text), numbered.ReplaceAllString(text, "‹word›"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

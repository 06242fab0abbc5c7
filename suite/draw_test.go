package suite

import (
	"regexp"
	"slices"
	"testing"

	"example.test/conformance/suite/result"
)

// forms are the forms of what replaces each placeholder.
var forms = map[string]string{
	"carrier-pigeon": `^[a-z]{5,}$`, "unheard-of": `^[a-z]{5,}[0-9a-z]{3}$`, "never-was": `^[0-9A-Za-z]{20}$`, "nor-this": `^[0-9A-Za-z]{20}$`,
	"turned-away": `^[a-z]{5,}-[0-9a-z]{2}$`,
	"nowhere":     `^[a-z]{5,}-[a-z]{5,}$`, "other.example": `^[a-z]{10,}\.app$`,
}

func TestDrawnTextsDependOnTheSeedAlone(t *testing.T) {
	texts := func(seed int64) (all []string) {
		env := &Environment{Seed: seed}
		for range 2 { // executions
			c := newT(env, &Case{ID: "errors/a"})
			all = append(all, c.Mark(), c.Mark())
		}
		for name := range forms {
			all = append(all, name+" "+newT(env, &Case{ID: "errors/b"}).Draw("/"+name+"?sid="+name))
		}
		slices.Sort(all)
		return all
	}
	if a, b := texts(7), texts(7); !slices.Equal(a, b) {
		t.Errorf("one seed drew both %q and %q", a, b)
	}
	a, b := texts(7), texts(8)
	for _, text := range a {
		if slices.Contains(b, text) {
			t.Errorf("two seeds both drew %q", text)
		}
	}
	if n := len(slices.Compact(a)); n != len(a) {
		t.Errorf("a run drew a text twice: %q", a)
	}
}

func TestDrawnTextsHaveTheirForms(t *testing.T) {
	for seed := range int64(200) {
		c := newT(&Environment{Seed: seed}, &Case{ID: "errors/a"})
		for name := range forms {
			if form, text := forms[name], c.Draw(name); !regexp.MustCompile(form).MatchString(text) {
				t.Errorf("for %s, %q was drawn, which does not match %s", name, text, form)
			}
		}
		mark := c.Mark()
		if !regexp.MustCompile(`^[a-z0-9]+$`).MatchString(mark) {
			t.Errorf("the mark %q has characters other than letters and digits", mark)
		}
		if found := result.MarkWords("/dynamic-7_" + mark); len(found) != 1 || found[0] != c.drawn[0] {
			t.Errorf("in the mark %q, MarkWords found %q", mark, found)
		}
	}
}

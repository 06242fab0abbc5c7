package result_test

import (
	"strings"
	"testing"

	"example.test/conformance/suite/result"
)

// The sentence of a cause shows where long packets differ, and leaves short ones unchanged.
func TestSentencesShowTheDifference(t *testing.T) {
	long := strings.Repeat("0123456789é", 100)
	for name, test := range map[string]struct{ want, got, sentence string }{
		"short":          {`42["a",1]`, `42["a",2]`, `Expected the packet to be the packet 42["a",1], got 42["a",2].`},
		"at the end":     {`42["` + long + `a",1]`, `42["` + long + `a",2]`, `Expected the packet to be the packet …3456789é0123456789éa",1], got …3456789é0123456789éa",2].`},
		"one is cut off": {`42["` + long + `"]`, `42["`, `Expected the packet to be the packet 42["` + strings.Repeat("0123456789é", 5) + `0123…, got 42[".`},
	} {
		c := broken(packetOf(test.want, test.got), nil)
		c.ID = "events/a"
		if got := result.Causes([]result.CaseResult{c}, undrawn)[0].Sentence; got != test.sentence {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Causes whose packets differ from the expected ones in the same arguments may be one.
func TestCausesOfTheSameDifferenceAreLinked(t *testing.T) {
	for name, test := range map[string]struct {
		a, b [2]string // what was expected, and what came
		link bool
	}{
		"one more":                {[2]string{`42["a",1]`, `42["a",1,"offset"]`}, [2]string{`451-/n,["b",{"x":[2]}] + 01`, `451-/n,["b",{"x":[2]},"offset"] + 01`}, true},
		"another one":             {[2]string{`42["a",1]`, `42["a",1,"offset"]`}, [2]string{`42["b",1]`, `42["b",1,"id"]`}, false},
		"one in place of another": {[2]string{`42["a",1,true]`, `42["a",2,true]`}, [2]string{`42["b",1]`, `42["b",2]`}, true},
		"all others":              {[2]string{`42["a"]`, `42["b"]`}, [2]string{`42/n,["a"]`, `42/n,["b"]`}, false},
		"other data":              {[2]string{`44/a,{"message":"no"}`, `44/a,"no"`}, [2]string{`44/b,{"message":"no"}`, `44/b,"no"`}, true},
		"other data elsewhere":    {[2]string{`44/a,{"message":"no"}`, `44/a,"no"`}, [2]string{`44/b,{"message":"no"}`, `44/c,"no"`}, false},
		"different other data":    {[2]string{`44/a,{"message":"no"}`, `44/a,"no"`}, [2]string{`44/b,{"message":"no"}`, `44/b,"yes"`}, false},
		"no arguments":            {[2]string{`41`, `42["a"]`}, [2]string{`41/n,`, `42["a",1]`}, false},
	} {
		a, b := broken(packetOf(test.a[0], test.a[1]), nil), broken(packetOf(test.b[0], test.b[1]), nil)
		a.ID, b.ID = "events/a", "events/b"
		causes := result.Causes([]result.CaseResult{a, b}, undrawn)
		if len(causes) != 2 || len(causes[0].Maybe) == 1 != test.link || len(causes[1].Maybe) == 1 != test.link {
			t.Errorf("%s: %+v", name, causes)
		}
	}
}

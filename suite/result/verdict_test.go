package result

import (
	"fmt"
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	of := func(o Outcome, rules ...string) func(*Results) {
		return func(r *Results) {
			r.Cases = append(r.Cases, CaseResult{ID: fmt.Sprintf("events/a%d", len(r.Cases)), Level: Required, Outcome: o, Rules: rules})
		}
	}
	level := func(l Level, o Outcome) func(*Results) {
		return func(r *Results) {
			r.Cases = append(r.Cases, CaseResult{ID: fmt.Sprintf("events/a%d", len(r.Cases)), Level: l, Outcome: o})
		}
	}
	strict := func(r *Results) { r.Strict = true }
	for name, test := range map[string]struct {
		of   []func(*Results)
		want Verdict
		code int
		says string
	}{
		"passed":                                {[]func(*Results){of(Passed)}, Conformant, 0, "1 case passed"},
		"nothing":                               {nil, Incomplete, 5, "Nothing was verified"},
		"failed":                                {[]func(*Results){of(Passed), of(Failed)}, NotConformant, 1, "1 case failed"},
		"failed before what was not judged":     {[]func(*Results){of(Failed), of(Unverified)}, NotConformant, 1, "1 case failed"},
		"an error before what failed":           {[]func(*Results){of(Failed), of(Errored)}, Broken, 4, "1 case failed"},
		"not judged":                            {[]func(*Results){of(Passed), of(Unverified)}, Incomplete, 5, "1 case unverified"},
		"warned":                                {[]func(*Results){of(Passed), level(Recommended, Warned)}, Conformant, 0, ""},
		"warned, strict":                        {[]func(*Results){strict, of(Passed), level(Recommended, Warned)}, NotConformant, 1, ""},
		"noted, strict":                         {[]func(*Results){strict, of(Passed), level(Observed, Noted)}, Conformant, 0, ""},
		"noted alone":                           {[]func(*Results){level(Observed, Noted)}, Conformant, 0, ""},
		"two unstable":                          {[]func(*Results){of(Passed), of(Unstable), of(Unstable)}, Conformant, 0, "2 cases were unstable"},
		"one unstable, strict":                  {[]func(*Results){strict, of(Passed), of(Unstable)}, Incomplete, 5, "1 case unstable"},
		"three unstable":                        {[]func(*Results){of(Unstable, "a"), of(Unstable, "b"), of(Unstable, "c")}, Incomplete, 5, "3 cases unstable"},
		"three unstable of a recommended level": {[]func(*Results){of(Passed), level(Recommended, Unstable), level(Recommended, Unstable), level(Recommended, Unstable)}, Conformant, 0, "3 cases were unstable"},
		"three unstable of one rule":            {[]func(*Results){of(Unstable, "a"), of(Unstable, "a"), of(Unstable, "a", "b")}, NotConformant, 1, "cases of a were unstable"},
		"three that share a rule beside":        {[]func(*Results){of(Unstable, "a", "d"), of(Unstable, "b", "d"), of(Unstable, "c", "d")}, Incomplete, 5, ""},
		"failed, and one unstable":              {[]func(*Results){of(Failed), of(Unstable)}, NotConformant, 1, "1 case was unstable"},
		"a known failure":                       {[]func(*Results){of(Passed), of(Known)}, Excused, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Results{Edition: "4.8", Profile: ProfileCluster}
			for _, f := range test.of {
				f(r)
			}
			r.Count()
			r.Judge()
			if r.Verdict != test.want || r.ExitCode != test.code || !strings.Contains(r.Summary, test.says) {
				t.Errorf("%s, exit %d: %s; want %s, %d, %q", r.Verdict, r.ExitCode, r.Summary, test.want, test.code, test.says)
			}
			gates := false
			for _, c := range r.Cases {
				gates = gates || r.Gates(c)
			}
			if gates != (test.code != 0 && len(r.Cases) > 0) {
				t.Errorf("a case gates: %t", gates)
			}
		})
	}
}

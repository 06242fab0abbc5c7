package wording

import (
	"fmt"
	"strings"

	"example.test/conformance/suite/result"
)

// WithCauses returns results with their causes. It looks for the causes if nobody has yet.
func WithCauses(r *result.Results) *result.Results {
	if r.Causes != nil {
		return r
	}
	found := *r
	found.FindCauses()
	return &found
}

// Cause is a cause of what was seen broken, with its cases, and with the causes that may be the same one.
type Cause struct {
	result.CommonCause
	Best    result.CaseResult
	Results []result.CaseResult // of its cases, the best first
	Gates   bool                // one of them does
	Alike   []Cause             // none of them has others that are alike
}

// Causes returns the causes of what was seen broken. Those that keep the run from being conformant come first. A cause that may
// be the same as one before it is listed with that one, so that the first few causes are different things.
func Causes(r *result.Results) []Cause {
	byID := map[string]result.CaseResult{}
	for _, c := range r.Cases {
		byID[c.ID] = c
	}
	var gating, others []Cause
	for _, one := range r.Causes {
		v := Cause{CommonCause: one}
		for _, id := range one.Cases {
			if c, there := byID[id]; there {
				v.Results = append(v.Results, c)
				v.Gates = v.Gates || r.Gates(c)
			}
		}
		if len(v.Results) == 0 { // the results were edited
			continue
		}
		v.Best = v.Results[0]
		if v.Gates {
			gating = append(gating, v)
		} else {
			others = append(others, v)
		}
	}
	var groups []Cause
	for _, group := range result.Together(append(gating, others...), func(v Cause) result.CommonCause { return v.CommonCause }) {
		group[0].Alike = group[1:]
		groups = append(groups, group[0])
	}
	return groups
}

// Explained returns the cases that could not be judged because of a cause.
func Explained(r *result.Results) map[string]bool {
	all := map[string]bool{}
	for _, one := range r.Causes {
		for _, id := range one.Unjudged {
			all[id] = true
		}
	}
	return all
}

// Others says how many cases there are besides the best one: ", and 2 more cases; 3 could not be judged because of it".
func (v Cause) Others() string {
	text := ""
	if n := len(v.Results) - 1; n > 0 {
		text = fmt.Sprintf(", and %s", Count(n, "more case"))
	}
	if n := len(v.Unjudged); n > 0 {
		text += fmt.Sprintf("; %d could not be judged because of it", n)
	}
	return text
}

// Same says how many causes are listed with this one: "; 3 causes of 14 cases may be the same".
func (v Cause) Same() string {
	if len(v.Alike) == 0 {
		return ""
	}
	_, cases := v.Size()
	return fmt.Sprintf("; %s of %s may be the same", Count(len(v.Alike), "cause"), Count(cases-len(v.Results), "case"))
}

// Size returns the number of causes that are listed together, and of their cases.
func (v Cause) Size() (causes, cases int) {
	causes, cases = 1+len(v.Alike), len(v.Results)
	for _, other := range v.Alike {
		cases += len(other.Results)
	}
	return causes, cases
}

// mostNamed is how many cases of a cause, and how many causes that may be the same one, are named.
const mostNamed = 3

// named returns the first of some IDs, and how many more there are.
func named(ids []string) string {
	text := strings.Join(ids[:min(mostNamed, len(ids))], ", ")
	if n := len(ids) - mostNamed; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// MaybeSame names the best cases of the causes that are listed with this one.
func (v Cause) MaybeSame() string {
	var ids []string
	for _, other := range v.Alike {
		ids = append(ids, other.Witness)
	}
	if len(ids) == 0 {
		return ""
	}
	return "the same cause as " + named(ids)
}

// MostCauses is how many causes a reader can take in. A report that is read from top to bottom shows no more.
const MostCauses = 10

// InCauses reports whether the cases of an outcome that have evidence are listed with their causes.
func InCauses(o result.Outcome) bool {
	return o == result.Failed || o == result.Unstable || o == result.Warned || o == result.Known
}

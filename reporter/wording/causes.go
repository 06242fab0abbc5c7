package wording

import (
	"fmt"
	"strings"

	"example.test/conformance/suite/result"
)

// WithCauses returns results with their causes, and looks for them where nobody has yet.
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

// Causes of what was seen broken, those first that keep the run from being conformant. One that may be the same as another
// before it stands with that one, so that whoever reads the first few reads of different things.
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
		if len(v.Results) == 0 { // of results that somebody has changed
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

// Explained are the cases that could not be judged for a cause.
func Explained(r *result.Results) map[string]bool {
	all := map[string]bool{}
	for _, one := range r.Causes {
		for _, id := range one.Unjudged {
			all[id] = true
		}
	}
	return all
}

// Others says what cases there are beside the best one: ", and 2 more cases; 3 could not be judged for it".
func (v Cause) Others() string {
	text := ""
	if n := len(v.Results) - 1; n > 0 {
		text = fmt.Sprintf(", and %s", Count(n, "more case"))
	}
	if n := len(v.Unjudged); n > 0 {
		text += fmt.Sprintf("; %d could not be judged for it", n)
	}
	return text
}

// Same says how many causes stand with this one: "; 3 causes of 14 cases may be the same".
func (v Cause) Same() string {
	if len(v.Alike) == 0 {
		return ""
	}
	_, cases := v.Size()
	return fmt.Sprintf("; %s of %s may be the same", Count(len(v.Alike), "cause"), Count(cases-len(v.Results), "case"))
}

// Size is the number of causes that stand together, and of their cases.
func (v Cause) Size() (causes, cases int) {
	causes, cases = 1+len(v.Alike), len(v.Results)
	for _, other := range v.Alike {
		cases += len(other.Results)
	}
	return causes, cases
}

// mostNamed are as many of the cases of a cause, and of the causes that may be the same one, as are named.
const mostNamed = 3

// named are the first of some IDs, and how many there are beside them.
func named(ids []string) string {
	text := strings.Join(ids[:min(mostNamed, len(ids))], ", ")
	if n := len(ids) - mostNamed; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// MaybeSame names the best cases of the causes that stand with this one.
func (v Cause) MaybeSame() string {
	var ids []string
	for _, other := range v.Alike {
		ids = append(ids, other.Witness)
	}
	if len(ids) == 0 {
		return ""
	}
	return "the same cause as of " + named(ids)
}

// MostCauses are as many as a reader takes in: a report that is read from top to bottom shows no more of them.
const MostCauses = 10

// InCauses reports whether the cases of an outcome that have evidence stand with their causes.
func InCauses(o result.Outcome) bool {
	return o == result.Failed || o == result.Unstable || o == result.Warned || o == result.Known
}

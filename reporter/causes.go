package reporter

import (
	"fmt"
	"strings"

	"example.test/conformance/suite/result"
)

// withCauses are results with their causes, also where nobody has looked for them yet.
func withCauses(r *result.Results) *result.Results {
	if r.Causes != nil {
		return r
	}
	found := *r
	found.FindCauses()
	return &found
}

// causeView is a cause with its cases, and with the causes that may be the same one.
type causeView struct {
	result.CommonCause
	witness result.CaseResult
	cases   []result.CaseResult // the witness first
	gates   bool                // one of them does
	alike   []causeView         // none of them has others that are alike
}

// causes of what was seen broken, those first that keep the run from being conformant. One that may be the same as another
// before it stands with that one, so that whoever reads the first few reads of different things.
func causes(r *result.Results) []causeView {
	byID := map[string]result.CaseResult{}
	for _, c := range r.Cases {
		byID[c.ID] = c
	}
	var gating, others []causeView
	for _, one := range r.Causes {
		v := causeView{CommonCause: one}
		for _, id := range one.Cases {
			if c, there := byID[id]; there {
				v.cases = append(v.cases, c)
				v.gates = v.gates || r.Gates(c)
			}
		}
		if len(v.cases) == 0 { // of results that somebody has changed
			continue
		}
		v.witness = v.cases[0]
		if v.gates {
			gating = append(gating, v)
		} else {
			others = append(others, v)
		}
	}
	return grouped(append(gating, others...))
}

// grouped puts each cause to the first one before it that it may be the same as.
func grouped(list []causeView) (groups []causeView) {
	first := map[string]int{} // the group of a cause, by its ID
	for _, v := range list {
		if i, ok := first[v.ID]; ok {
			groups[i].alike = append(groups[i].alike, v)
			continue
		}
		for _, id := range v.Maybe {
			if _, ok := first[id]; !ok {
				first[id] = len(groups)
			}
		}
		groups = append(groups, v)
	}
	return groups
}

// explained are the cases that could not be judged for a cause.
func explained(r *result.Results) map[string]bool {
	all := map[string]bool{}
	for _, one := range r.Causes {
		for _, id := range one.Unjudged {
			all[id] = true
		}
	}
	return all
}

// others says what cases there are beside the witness: ", and 2 more cases; 3 could not be judged for it".
func (v causeView) others() string {
	text := ""
	if n := len(v.cases) - 1; n > 0 {
		text = fmt.Sprintf(", and %s", Count(n, "more case"))
	}
	if n := len(v.Unjudged); n > 0 {
		text += fmt.Sprintf("; %d could not be judged for it", n)
	}
	return text
}

// same says how many causes stand with this one: "; 3 causes of 14 cases may be the same".
func (v causeView) same() string {
	if len(v.alike) == 0 {
		return ""
	}
	_, cases := v.size()
	return fmt.Sprintf("; %s of %s may be the same", Count(len(v.alike), "cause"), Count(cases-len(v.cases), "case"))
}

// size is the number of causes that stand together, and of their cases.
func (v causeView) size() (causes, cases int) {
	causes, cases = 1+len(v.alike), len(v.cases)
	for _, other := range v.alike {
		cases += len(other.cases)
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

// maybe names the best witnesses of the causes that stand with this one.
func (v causeView) maybe() string {
	var ids []string
	for _, other := range v.alike {
		ids = append(ids, other.Witness)
	}
	if len(ids) == 0 {
		return ""
	}
	return "the same cause as of " + named(ids)
}

// mostCauses are as many as a reader takes in: a report that is read from top to bottom shows no more of them.
const mostCauses = 10

// inCauses reports whether the cases of an outcome that have evidence stand with their causes.
func inCauses(o result.Outcome) bool {
	return o == result.Failed || o == result.Unstable || o == result.Warned || o == result.Known
}

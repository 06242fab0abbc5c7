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

// causeView is a cause with its cases.
type causeView struct {
	result.CommonCause
	witness result.CaseResult
	cases   []result.CaseResult // the witness first
	gates   bool                // one of them does
}

// causes of what was seen broken, those first that keep the run from being conformant, and among each of these the ones
// that no other one before them may be.
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
	return append(leadersFirst(gating), leadersFirst(others)...)
}

// leadersFirst puts causes that may be the same as one before them behind all others: whoever reads the first few reads of
// different things.
func leadersFirst(list []causeView) []causeView {
	follows := map[string]bool{}
	var leaders, followers []causeView
	for _, v := range list {
		if follows[v.ID] {
			followers = append(followers, v)
			continue
		}
		leaders = append(leaders, v)
		for _, id := range v.Maybe {
			follows[id] = true
		}
	}
	return append(leaders, followers...)
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

// same says how many causes may be the same one: "; 3 causes may be the same".
func (v causeView) same() string {
	if n := len(v.Maybe); n > 0 {
		return fmt.Sprintf("; %s may be the same", Count(n, "cause"))
	}
	return ""
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

// maybe names the witnesses of the causes that may be the same one.
func maybe(r *result.Results, v causeView) string {
	var ids []string
	for _, id := range v.Maybe {
		for _, other := range r.Causes {
			if other.ID == id {
				ids = append(ids, other.Witness)
			}
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return "the same cause as of " + named(ids)
}

package reporter

import (
	"fmt"
	"strings"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// told is one item of a short report: a cause, a case that no cause explains, or cases that could not be judged for the same
// reason.
type told struct {
	result.CaseResult                     // the one that shows it best
	others            []result.CaseResult // that met the same
	unjudged          int                 // cases that could not be judged because of it
	sentence          string
	maybe             string // the causes that may be the same one, in words
	gates             bool
	causes            int // 0 if it is a case
	ofCauses          int // their cases
}

// tales returns all items of a run. Those that keep it from being conformant come first.
func tales(r *result.Results) []told {
	var gating, rest []told
	add := func(one told) {
		if one.gates {
			gating = append(gating, one)
		} else {
			rest = append(rest, one)
		}
	}
	for _, v := range wording.Causes(r) {
		if v.Gates || wording.Remarked(r, v.Best) {
			one := told{CaseResult: v.Best, others: v.Results[1:], unjudged: len(v.Unjudged), sentence: v.Sentence, maybe: v.MaybeSame(), gates: v.Gates}
			one.causes, one.ofCauses = v.Size()
			add(one)
		}
	}
	known := wording.Explained(r)
	together := alike(r, known)
	for _, o := range result.Outcomes {
		for _, c := range r.Cases {
			if c.Outcome != o || wording.Unreached(r, c) || known[c.ID] || len(c.Evidence) > 0 && wording.InCauses(o) || !r.Gates(c) && !wording.Remarked(r, c) {
				continue
			}
			one := told{CaseResult: c, sentence: wording.Headline(c), gates: r.Gates(c)}
			if ids := together[c.Reason]; o == result.Unverified && len(ids) > 0 {
				if ids[0] != c.ID {
					continue
				}
				for _, other := range r.Cases {
					if other.Outcome == o && other.Reason == c.Reason && other.ID != c.ID && !known[other.ID] {
						one.others = append(one.others, other)
					}
				}
			}
			add(one)
		}
	}
	return append(gating, rest...)
}

// more says how many more cases there are than the one that is shown; empty if there are none.
func (t told) more() string {
	text := ""
	if n := len(t.others); n > 0 {
		text = fmt.Sprintf(", and %s", wording.Count(n, "more case"))
	}
	if t.unjudged > 0 {
		text += fmt.Sprintf("; %d could not be judged because of it", t.unjudged)
	}
	return text
}

// names returns the IDs of the other cases, as far as they fit.
func (t told) names(show func(string) string) string {
	const most = 30
	var all []string
	for _, c := range t.others[:min(most, len(t.others))] {
		all = append(all, show(wording.Clip(c.ID, 200)))
	}
	text := strings.Join(all, ", ")
	if n := len(t.others) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// untold says how many causes and cases of a list are not shown; empty if it has none.
func untold(list []told) string {
	causes, ofCauses, others := 0, 0, 0
	for _, t := range list {
		causes += t.causes
		ofCauses += t.ofCauses
		if t.causes == 0 {
			others += 1 + len(t.others)
		}
	}
	return besides(causes, ofCauses, others)
}

package reporter

import (
	"fmt"

	"example.test/conformance/suite/result"
)

// causesView is the causes as the page shows them: the first ones, and those that it folds together.
type causesView struct {
	Shown, Further []*causeHTML
}

// causeHTML is a cause on the page: every text is harmless and bounded.
type causeHTML struct {
	Anchor, Href string
	Outcome      result.Outcome
	Open         bool
	Sentence     string
	Says         string // how many cases met it
	Witness      *caseView
	Others       []*caseView
	Unjudged     int
	Maybe        []link
}

type link struct{ Href, Text string }

// mostLinks are as many of the causes that may be the same one as the page links.
const mostLinks = 12

func newCauses(r *result.Results, views []*caseView) *causesView {
	all := causes(r)
	if len(all) == 0 {
		return nil
	}
	byID := map[string]*caseView{}
	for i, c := range r.Cases {
		byID[c.ID] = views[i]
	}
	byCause := map[string]*causeHTML{}
	var list []*causeHTML
	for i, v := range all {
		at := fmt.Sprintf("cause-%d", i+1)
		one := &causeHTML{
			Anchor: at, Href: "#" + at, Outcome: v.Outcome, Open: i == 0 && v.gates,
			Sentence: VisibleLine(oneLine(v.Sentence, 600)), Says: Count(len(v.cases), "case"), Witness: byID[v.witness.ID], Unjudged: len(v.Unjudged),
		}
		for _, c := range v.cases[1:] {
			one.Others = append(one.Others, byID[c.ID])
		}
		byCause[v.CommonCause.ID] = one
		list = append(list, one)
	}
	for i, v := range all {
		for _, id := range v.Maybe {
			if other := byCause[id]; other != nil && len(list[i].Maybe) < mostLinks {
				list[i].Maybe = append(list[i].Maybe, link{other.Href, other.Witness.ID})
			}
		}
	}
	return &causesView{Shown: list[:min(mostCauses, len(list))], Further: list[min(mostCauses, len(list)):]}
}

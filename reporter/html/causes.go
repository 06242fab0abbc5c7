package html

import (
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// causesView holds the causes as the page shows them: the first ones, and those that it folds together.
type causesView struct {
	Shown, Further []*causeView
}

// causeView is a cause on the page: every text is harmless and bounded.
type causeView struct {
	Anchor, Href string
	Outcome      result.Outcome
	Open         bool
	Sentence     string
	Says         string // how many cases met it
	Witness      *caseView
	Others       []*caseView
	Unjudged     int
	Same         string // how many causes are listed with this one
	Alike        []*causeView
	Maybe        []link // those that may be the same one and are listed elsewhere
}

type link struct{ Href, Text string }

// mostLinks is how many of the causes that may be the same one the page links.
const mostLinks = 12

func newCauses(r *result.Results, views []*caseView) *causesView {
	all := wording.Causes(r)
	if len(all) == 0 {
		return nil
	}
	byID := map[string]*caseView{}
	for i, c := range r.Cases {
		byID[c.ID] = views[i]
	}
	byCause := map[string]*causeView{}
	view := func(v wording.Cause) *causeView {
		at := fmt.Sprintf("cause-%d", len(byCause)+1)
		one := &causeView{
			Anchor: at, Href: "#" + at, Outcome: v.Outcome, Open: len(byCause) == 0 && v.Gates,
			Sentence: wording.VisibleLine(wording.OneLine(v.Sentence, 600)), Says: wording.Count(len(v.Results), "case"), Witness: byID[v.Best.ID], Unjudged: len(v.Unjudged),
		}
		for _, c := range v.Results[1:] {
			one.Others = append(one.Others, byID[c.ID])
		}
		byCause[v.CommonCause.ID] = one
		return one
	}
	var list []*causeView
	for _, v := range all {
		one := view(v)
		one.Same = wording.Capital(strings.TrimPrefix(v.Same(), "; "))
		for _, other := range v.Alike {
			one.Alike = append(one.Alike, view(other))
		}
		list = append(list, one)
	}
	for i, v := range all {
		list[i].Maybe = linksOf(v, v, byCause)
		for k, other := range v.Alike {
			list[i].Alike[k].Maybe = linksOf(other, v, byCause)
		}
	}
	return &causesView{Shown: list[:min(wording.MostCauses, len(list))], Further: list[min(wording.MostCauses, len(list)):]}
}

// linksOf returns links to the causes that may be the same as one in a group and are listed in another group.
func linksOf(v, group wording.Cause, byCause map[string]*causeView) (all []link) {
	for _, id := range v.Maybe {
		here := id == group.ID || slices.ContainsFunc(group.Alike, func(other wording.Cause) bool { return other.ID == id })
		if other := byCause[id]; other != nil && !here && len(all) < mostLinks {
			all = append(all, link{other.Href, other.Witness.ID})
		}
	}
	return all
}

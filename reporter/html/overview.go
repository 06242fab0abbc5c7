package html

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

type targetView struct {
	Letter, URL, Implementation, Instance, Error string
	RoundTrip                                    string // how long an exchange takes at least
	Found, Features, Missing                     []string
	Trace                                        *traceView
}

func newTarget(index int, t result.TargetResult) targetView {
	v := targetView{Letter: wording.Instance(index), URL: wording.VisibleLine(wording.Clip(t.URL, 300)), Error: wording.Visible(wording.Clip(t.Error, 2000))}
	if t.Embedded {
		v.Instance = "embedded reference server"
	}
	v.Found, v.RoundTrip = shown(t.Found), wording.RoundTrips(t)
	v.Trace = newTrace("target "+v.Letter, t.Trace, targetTrace, false)
	if info := t.Info; info != nil {
		v.Implementation = wording.Implementation(info)
		v.Instance = strings.TrimSpace(wording.VisibleLine(wording.Clip(info.Instance, 120)) + " " + v.Instance)
		v.Features = shown(info.Features)
		for _, f := range result.Features {
			if !slices.Contains(info.Features, f) {
				v.Missing = append(v.Missing, f)
			}
		}
	}
	return v
}

// shown limits a list of texts that a target may have chosen.
func shown(list []string) []string {
	const most = 30
	var out []string
	for i, s := range list {
		if i == most {
			return append(out, fmt.Sprintf("and %d more", len(list)-most))
		}
		out = append(out, wording.VisibleLine(wording.Clip(s, 160)))
	}
	return out
}

type areaView struct {
	Name   string
	Passed int
	Cases  []*caseView
}

func newAreas(r *result.Results, views []*caseView) []areaView {
	var all []areaView
	for _, name := range wording.Areas(r) {
		v := areaView{Name: wording.VisibleLine(name)}
		for i, c := range r.Cases {
			if c.Area == name {
				v.Cases = append(v.Cases, views[i])
				if c.Outcome == result.Passed {
					v.Passed++
				}
			}
		}
		all = append(all, v)
	}
	return all
}

// timeline is a chart of the run: a bar for each case, from its start to its end.
type timeline struct {
	Height  int
	Axis    int // height of the bars' part, where the axis is
	Bars    []bar
	Ticks   []tick
	Longest []*caseView
	Says    string
}

type bar struct {
	Href    string
	X, W    string // percent of the run
	Y, H    string // pixels
	Outcome result.Outcome
	Title   string
}

type tick struct{ X, Anchor, Label string }

func newTimeline(r *result.Results, views []*caseView) *timeline {
	var ran []*caseView
	for _, v := range views {
		if v.Ran {
			ran = append(ran, v)
		}
	}
	if len(ran) == 0 {
		return nil
	}
	slices.SortStableFunc(ran, func(a, b *caseView) int {
		return cmp.Or(cmp.Compare(a.startMs, b.startMs), cmp.Compare(a.durationMs, b.durationMs))
	})
	row := min(max(480/float64(len(ran)), 2), 14)
	t := &timeline{Axis: int(math.Ceil(row * float64(len(ran))))}
	t.Height = t.Axis + 22
	for i, v := range ran {
		t.Bars = append(t.Bars, bar{
			X: v.X, W: v.W, Y: decimal(float64(i) * row), H: decimal(max(row*0.8, 2)), Outcome: v.Outcome,
			Title: fmt.Sprintf("%s: %s, %s", v.ID, strings.ToLower(wording.Outcome(v.Outcome)), v.Duration), Href: v.Href,
		})
	}
	t.Ticks = ticks(span(r))
	t.Longest = slices.SortedStableFunc(slices.Values(ran), func(a, b *caseView) int { return cmp.Compare(b.durationMs, a.durationMs) })
	t.Longest = t.Longest[:min(5, len(t.Longest))]
	t.Says = fmt.Sprintf("Time line of %s over %s. The longest, %s, took %s.", wording.Count(len(ran), "case"), wording.Milliseconds(span(r)), t.Longest[0].ID, t.Longest[0].Duration)
	return t
}

// ticks returns the ticks of the axis: at most ten, 1, 2 or 5 times a power of ten apart.
func ticks(total float64) []tick {
	step := math.Pow(10, math.Floor(math.Log10(total)))
	for _, part := range []float64{10, 5, 2} {
		if total/(step/part) <= 6 {
			step /= part
			break
		}
	}
	var all []tick
	for at := 0.0; at <= total; at += step {
		t := tick{X: decimal(100*at/total) + "%", Anchor: "middle", Label: wording.Milliseconds(at)}
		switch {
		case at == 0:
			t.Anchor, t.Label = "start", "0"
		case at > total*0.93:
			t.Anchor = "end"
		}
		all = append(all, t)
	}
	return all
}

// span returns how long the chart of the run is, in milliseconds.
func span(r *result.Results) float64 {
	total := max(r.DurationMs, 1)
	for _, c := range r.Cases {
		if !c.StartedAt.IsZero() {
			total = max(total, startMs(r, c)+c.DurationMs)
		}
	}
	return total
}

func startMs(r *result.Results, c result.CaseResult) float64 {
	return max(float64(c.StartedAt.Sub(r.StartedAt).Microseconds())/1000, 0)
}

func decimal(v float64) string {
	s := fmt.Sprintf("%.2f", v)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Package html writes results, and comparisons of results, as pages for a browser. A page is one file, makes no requests, and
// stays small enough to be opened, however much a target sent.
package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

var (
	reportStyle  = asset("page/base.css") + asset("page/report.css")
	reportScript = asset("page/report.js")
)

// frame is what every page needs in its head.
type frame struct {
	Title  string
	Policy string
	Icon   template.URL
	Style  template.CSS
	Script template.JS
}

// newFrame returns a frame that allows a page its own style and script, by their hashes, and nothing else: no requests.
func newFrame(title, style, script, colour string) frame {
	icon := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="%s"/></svg>`, colour)
	allowed := "'none'"
	if script != "" {
		allowed = "'sha256-" + digest(script) + "'"
	}
	return frame{
		Title: title,
		Policy: fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src %s; img-src data:; base-uri 'none'; form-action 'none'",
			digest(style), allowed),
		Icon:  template.URL("data:image/svg+xml," + url.PathEscape(icon)),
		Style: template.CSS(style), Script: template.JS(script),
	}
}

// digest returns how a policy names a style or a script.
func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Report writes results as one page that needs no other file.
func Report(w io.Writer, r *result.Results) error {
	var b bytes.Buffer
	if err := pageTemplates.ExecuteTemplate(&b, "report.html", newReport(r)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

var toneColours = map[result.Outcome]string{
	result.Passed: "#1a7f45", result.Failed: "#c0271d", result.Unverified: "#6d3fb0", result.Errored: "#a8195f", result.Warned: "#8f5600", result.Inapplicable: "#6a737d",
	result.Known: "#1b6377", result.Stale: "#c0271d", result.Noted: "#1a6d72", result.Unstable: "#8f5600",
}

// report is what the page shows.
type report struct {
	frame
	Results  *result.Results
	Verdict  string
	Tone     result.Outcome
	Summary  string
	Facts    [][2]string
	Targets  []targetView
	LeftOut  []string
	Gone     []wording.GoneTarget
	Causes   *causesView
	Command  string
	Levels   []result.Level
	Counts   []wording.CountRow
	Areas    []areaView
	Outcomes []result.Outcome
	Sections []section
	Timeline *timeline
	Total    int
}

type section struct {
	Outcome     result.Outcome
	Explanation string
	Cases       []*caseView
	Open        bool
}

func newReport(r *result.Results) *report {
	r = wording.WithCauses(r)
	colour := wording.Tone(r.Verdict)
	if colour == "" {
		colour = result.Errored
	}
	p := &report{
		Results: r, Verdict: wording.Capital(string(r.Verdict)), Tone: colour, Summary: wording.VisibleLine(wording.Clip(r.Summary, 1000)),
		Command: wording.VisibleLine(wording.Clip(r.Command, 4000)), Levels: result.Levels, Total: len(r.Cases),
	}
	var hosts []string
	for i, t := range r.Targets {
		p.Targets = append(p.Targets, newTarget(i, t))
		hosts = append(hosts, wording.VisibleLine(wording.Clip(t.URL, 200)))
	}
	p.frame = newFrame(fmt.Sprintf("%s: %s", p.Verdict, wording.Clip(strings.Join(hosts, ", "), 200)), reportStyle, reportScript, toneColours[colour])
	p.Facts = facts(r)
	for _, s := range slices.Concat(r.Notices, r.LeftOut, wording.Repeated(r), wording.Rests(r)) {
		p.LeftOut = append(p.LeftOut, wording.Visible(wording.Clip(s, 1000)))
	}
	p.Gone = wording.GoneTargets(r)
	p.Counts = wording.CountRows(r)
	views := newCases(r)
	p.Causes = newCauses(r, views)
	p.Areas = newAreas(r, views)
	for _, o := range result.Outcomes {
		s := section{Outcome: o, Explanation: wording.Meaning(o)}
		for _, v := range views {
			if v.Outcome == o {
				s.Cases = append(s.Cases, v)
			}
		}
		s.Open = !wording.InCauses(o) && len(s.Cases) <= mostOpen && slices.ContainsFunc(s.Cases, func(v *caseView) bool { return v.Gates })
		if len(s.Cases) > 0 {
			p.Sections = append(p.Sections, s)
			p.Outcomes = append(p.Outcomes, o)
		}
	}
	p.Timeline = newTimeline(r, views)
	return p
}

// mostOpen is how many gating cases may be unfolded. If there are more, all are folded.
const mostOpen = 3

func facts(r *result.Results) [][2]string {
	gating := "required rules"
	if r.Strict {
		gating = "required and recommended rules (strict)"
	}
	if r.Requirements != "" {
		gating += ", requirement set " + wording.VisibleLine(wording.Clip(r.Requirements, 40))
	}
	build := wording.VisibleLine(wording.Clip(r.Suite.Version, 60))
	if r.Suite.Commit != "" {
		build += ", commit " + wording.VisibleLine(r.Suite.Commit[:min(len(r.Suite.Commit), 12)])
	}
	return [][2]string{
		{"Edition", wording.VisibleLine(wording.Clip(r.Edition, 40))},
		{"Profile", wording.VisibleLine(wording.Clip(string(r.Profile), 40))},
		{"What gates", gating},
		{"Started", r.StartedAt.UTC().Format("2 January 2006, 15:04:05 UTC")},
		{"Duration", wording.Milliseconds(r.DurationMs)},
		{"Suite", build},
		{"Seed", fmt.Sprint(r.Seed)},
		{"Exit code", fmt.Sprint(r.ExitCode)},
	}
}

var plainID = regexp.MustCompile(`^[a-z0-9]+(/[a-z0-9-]+)*$`)

// anchor returns the address of a case in its page: its ID, if that is well-formed.
func anchor(id string, index int) string {
	if plainID.MatchString(id) {
		return id
	}
	return fmt.Sprintf("case-%d", index+1)
}

// tall reports whether a text may need to be scrolled.
func tall(s string) bool { return len(s) > 800 || strings.Count(s, "\n") > 12 }

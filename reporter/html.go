package reporter

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"example.test/conformance/suite"
)

//go:embed page
var pageFiles embed.FS

var (
	pageTemplates = parsePages(pageFiles, "page/*.html", pageFuncs)
	reportStyle   = asset("page/base.css") + asset("page/report.css")
	reportScript  = asset("page/report.js")
)

func asset(name string) string {
	content, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(content)
}

// frame is what every page of ours needs in its head.
type frame struct {
	Title  string
	Policy string
	Icon   markup
	Style  markup
	Script markup
}

// newFrame allows a page its own style and script, known by their hashes, and nothing else: no
// request to anywhere.
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
		Icon:  markup("data:image/svg+xml," + url.PathEscape(icon)),
		Style: markup(style), Script: markup(script),
	}
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// HTML writes results as one page that needs nothing beside itself.
func HTML(w io.Writer, r *suite.Results) error {
	var b bytes.Buffer
	if err := pageTemplates.execute(&b, "report.html", newReport(r)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

var verdictTones = map[suite.Verdict]suite.Outcome{
	suite.Conformant: suite.Passed, suite.Excused: suite.Known, suite.NotConformant: suite.Failed, suite.Incomplete: suite.Unverified,
	suite.Unreachable: suite.Errored, suite.Broken: suite.Errored, suite.Interrupted: suite.Warned,
}

var toneColours = map[suite.Outcome]string{
	suite.Passed: "#1a7f45", suite.Failed: "#c0271d", suite.Unverified: "#6d3fb0", suite.Errored: "#a8195f", suite.Warned: "#8f5600", suite.Inapplicable: "#6a737d",
	suite.Known: "#1b6377", suite.Stale: "#c0271d",
}

var words = map[suite.Outcome]string{
	suite.Passed: "Passed", suite.Failed: "Failed", suite.Unverified: "Unverified", suite.Errored: "Error", suite.Warned: "Warned", suite.Inapplicable: "Inapplicable",
	suite.Known: "Known failure", suite.Stale: "Stale",
}

var explanations = map[suite.Outcome]string{
	suite.Failed: "The rule was seen broken.", suite.Errored: "The suite itself broke.", suite.Unverified: "In the profile, but it could not be judged.",
	suite.Known: "The rule was seen broken, as the list of known failures says.", suite.Stale: "The rule was seen kept, though the list of known failures holds it.",
	suite.Warned: "A rule that does not bind was seen broken.", suite.Passed: "The rule was seen kept.", suite.Inapplicable: "Not of this edition or profile, or of a feature that the target does not declare.",
}

func word(o suite.Outcome) string {
	if w := words[o]; w != "" {
		return w
	}
	return string(o)
}

// report is what the page shows.
type report struct {
	frame
	Results  *suite.Results
	Verdict  string
	Tone     suite.Outcome
	Summary  string
	Facts    [][2]string
	Targets  []targetView
	LeftOut  []string
	Command  string
	Levels   []suite.Level
	Counts   []countRow
	Areas    []areaView
	Outcomes []suite.Outcome
	Sections []section
	Timeline *timeline
	Total    int
}

type section struct {
	Outcome     suite.Outcome
	Explanation string
	Cases       []*caseView
}

func newReport(r *suite.Results) *report {
	tone := verdictTones[r.Verdict]
	if tone == "" {
		tone = suite.Errored
	}
	p := &report{
		Results: r, Verdict: capital(string(r.Verdict)), Tone: tone, Summary: VisibleLine(clip(r.Summary, 1000)),
		Command: VisibleLine(clip(r.Command, 4000)), Levels: suite.Levels, Total: len(r.Cases),
	}
	var hosts []string
	for i, t := range r.Targets {
		p.Targets = append(p.Targets, newTarget(i, t))
		hosts = append(hosts, VisibleLine(clip(t.URL, 200)))
	}
	p.frame = newFrame(fmt.Sprintf("%s: %s", p.Verdict, clip(strings.Join(hosts, ", "), 200)), reportStyle, reportScript, toneColours[tone])
	p.Facts = facts(r)
	for _, s := range r.LeftOut {
		p.LeftOut = append(p.LeftOut, Visible(clip(s, 1000)))
	}
	p.Counts = countRows(r)
	views := newCases(r)
	p.Areas = newAreas(r, views)
	for _, o := range suite.Outcomes {
		s := section{Outcome: o, Explanation: explanations[o]}
		for _, v := range views {
			if v.Outcome == o {
				s.Cases = append(s.Cases, v)
			}
		}
		if len(s.Cases) > 0 {
			p.Sections = append(p.Sections, s)
			p.Outcomes = append(p.Outcomes, o)
		}
	}
	p.Timeline = newTimeline(r, views)
	return p
}

func facts(r *suite.Results) [][2]string {
	gating := "required rules"
	if r.Strict {
		gating = "required and recommended rules (strict)"
	}
	build := VisibleLine(clip(r.Suite.Version, 60))
	if r.Suite.Commit != "" {
		build += ", commit " + VisibleLine(r.Suite.Commit[:min(len(r.Suite.Commit), 12)])
	}
	return [][2]string{
		{"Edition", VisibleLine(clip(r.Edition, 40))},
		{"Profile", VisibleLine(clip(string(r.Profile), 40))},
		{"What gates", gating},
		{"Started", r.StartedAt.UTC().Format("2 January 2006, 15:04:05 UTC")},
		{"Duration", milliseconds(r.DurationMs)},
		{"Suite", build},
		{"Seed", fmt.Sprint(r.Seed)},
		{"Exit code", fmt.Sprint(r.ExitCode)},
	}
}

var plainID = regexp.MustCompile(`^[a-z0-9]+(/[a-z0-9-]+)*$`)

// anchor is the address of a case in its page: its ID, where that is well-formed.
func anchor(id string, index int) string {
	if plainID.MatchString(id) {
		return id
	}
	return fmt.Sprintf("case-%d", index+1)
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// tall reports whether a text may need to be scrolled.
func tall(s string) bool { return len(s) > 800 || strings.Count(s, "\n") > 12 }

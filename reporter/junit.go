package reporter

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// maxOutput is the longest system-out of a test case, in bytes.
const maxOutput = 64 << 10

type junitReport struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Time     string       `xml:"time,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Time    string       `xml:"time,attr"`
	Skipped *junitSkip   `xml:"skipped"`
	Error   *junitBreach `xml:"error"`
	Failure *junitBreach `xml:"failure"`
	Output  *cdata       `xml:"system-out"`
}

type junitBreach struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

type junitSkip struct {
	Message string `xml:"message,attr"`
}

type cdata struct {
	Text string `xml:",cdata"`
}

// JUnit writes results in the form that CI servers read: a testsuite for each area, and a testcase for each case. A testcase
// is named by the ID of its case, so that histories survive a new title. A case that gates has a <failure> or an <error>, and
// a run that is not conformant always holds one of them. A case that could not be judged since a target was gone is <skipped>,
// and one <error> says why. A case that could not be judged because of a cause is <skipped>, too.
//
// Title, level, source, edition and cause of a case are properties of its testsuite, "<ID> level" and so on, since the schema
// of Jenkins has no properties in a testcase; its system-out says them, too. A case that passed has no trace:
// [JUnitWithTraces] writes that, too.
func JUnit(w io.Writer, r *result.Results) error { return junit(w, r, false) }

// JUnitWithTraces is [JUnit] with the traces of all cases.
func JUnitWithTraces(w io.Writer, r *result.Results) error { return junit(w, r, true) }

func junit(w io.Writer, r *result.Results, traces bool) error {
	r = wording.WithCauses(r)
	report := junitReport{Name: "conformance", Time: seconds(r.DurationMs)}
	found := junitCauses(r)
	for _, area := range wording.Areas(r) {
		report.add(junitArea(r, area, found, traces))
	}
	if len(r.Gone) > 0 {
		report.add(junitGone(r))
	}
	if r.ExitCode != 0 && report.Failures+report.Errors == 0 {
		report.add(junitVerdict(r))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (report *junitReport) add(s junitSuite) {
	report.Suites = append(report.Suites, s)
	report.Tests += s.Tests
	report.Failures += s.Failures
	report.Errors += s.Errors
}

// junitCauses returns the causes by the IDs of the cases that met them, or could not be judged because of them.
func junitCauses(r *result.Results) map[string]string {
	all := map[string]string{}
	for _, one := range r.Causes {
		text := wording.VisibleLine(wording.Clip(one.ID+": "+wording.OneLine(one.Sentence, 400), 500))
		for _, id := range slices.Concat(one.Unjudged, one.Cases) {
			all[id] = text
		}
	}
	return all
}

func junitArea(r *result.Results, area string, causes map[string]string, traces bool) junitSuite {
	s := junitSuite{Name: area, Timestamp: timestamp(r.StartedAt)}
	s.Properties = []junitProperty{
		{"suite", wording.VisibleLine(r.Suite.Version)},
		{"edition", wording.VisibleLine(r.Edition)},
		{"profile", wording.VisibleLine(string(r.Profile))},
		{"requirements", wording.VisibleLine(r.Requirements)},
	}
	var time float64
	for _, c := range r.Cases {
		if c.Area != area {
			continue
		}
		s.Tests++
		time += c.DurationMs
		one := junitTest(r, c, causes[c.ID], traces)
		switch {
		case one.Skipped != nil:
			s.Skipped++
		case one.Error != nil:
			s.Errors++
		case one.Failure != nil:
			s.Failures++
		}
		s.Cases = append(s.Cases, one)
		id := wording.VisibleLine(c.ID)
		s.Properties = append(s.Properties,
			junitProperty{id + " title", wording.VisibleLine(wording.Clip(c.Title, 500))},
			junitProperty{id + " level", wording.VisibleLine(string(c.Level))},
			junitProperty{id + " source", wording.VisibleLine(c.Source.URL)},
			junitProperty{id + " edition", wording.VisibleLine(c.Since)})
		if cause := causes[c.ID]; cause != "" {
			s.Properties = append(s.Properties, junitProperty{id + " cause", cause})
		}
		if (c.Outcome == result.Warned || c.Outcome == result.Unstable) && !r.Gates(c) {
			s.Properties = append(s.Properties, junitProperty{id + " warning", wording.VisibleLine(wording.Clip(wording.FirstLine(wording.Headline(c)), 500))})
		}
	}
	s.Time = seconds(time)
	return s
}

func junitTest(r *result.Results, c result.CaseResult, cause string, traces bool) junitCase {
	one := junitCase{Class: wording.VisibleLine(c.Area), Name: wording.VisibleLine(c.ID), Time: seconds(c.DurationMs)}
	breach := &junitBreach{Type: string(c.Outcome), Message: wording.VisibleLine(wording.Clip(wording.Headline(c), 500)), Text: details(r, c)}
	switch {
	case c.Outcome == result.Inapplicable:
		one.Skipped = skipped(c.Reason)
	case c.Outcome == result.Known: // neither a pass nor a failure: CI servers show skipped cases apart
		one.Skipped = skipped("Known failure: " + wording.KnownFailure(c) + "\n" + wording.Headline(c))
	case wording.TargetGone(c):
		one.Skipped = skipped("Not judged: " + c.Reason)
		return one
	case c.Outcome == result.Unverified && cause != "": // a cause is red in the cases that saw it, not in each case that could not be judged because of it
		one.Skipped = skipped("Not judged because of the cause " + cause + " " + c.Reason)
	case r.Spared(c):
		one.Skipped = skipped(wording.Capital(wording.Newer(r)) + ".\n" + wording.Headline(c))
	case !r.Gates(c):
	case c.Outcome == result.Unverified || c.Outcome == result.Errored || c.Outcome == result.Unstable:
		one.Error = breach
	default:
		one.Failure = breach
	}
	if c.Outcome != result.Inapplicable {
		one.Output = &cdata{junitOutput(r, c, traces)}
	}
	return one
}

// skipped says in a line why a case was skipped.
func skipped(why string) *junitSkip {
	return &junitSkip{wording.VisibleLine(wording.OneLine(why, 1000))}
}

// details returns everything that helps to understand a case that is not well, without the trace.
func details(r *result.Results, c result.CaseResult) string {
	return labelled("Rule", "the server "+c.Title) + labelled("Source", fmt.Sprintf("%s, %s, %s", c.Source.Document, c.Source.Section, c.Source.URL)) + findings(r, c)
}

// findings returns what was seen of a case.
func findings(r *result.Results, c result.CaseResult) string {
	first := wording.Decisive(c)
	text := labelled("It says", strings.Join(wording.Clauses(r, c), "\n")) + labelled("Step", first.Step) + labelled("Reason", c.Reason) + labelled("Known failure", wording.KnownFailure(c)) + labelled("Repeated", wording.Rates(c)) + labelled("Attempts", wording.Attempts(c))
	if len(c.Evidence) > 0 {
		sent, back := wording.Exchange(c.Trace, first)
		text += labelled("Sent", sent) + labelled("Came back", back)
		text += labelled("Expected", first.ExpectedWords()) + labelled("Received", first.ReceivedWords()) + labelled("The reference server answered", wording.ReferenceAnswer(c)) + labelled("Also", wording.Also(c))
	}
	text += labelled("Message", c.Message) + labelled("What servers get wrong about it", strings.Join(wording.Mistakes(r, c), "\n"))
	return text + labelled("Checked at", first.Site) + labelled("Send it by hand", wording.Curl(r, c)) + labelled("Run it alone", c.Rerun)
}

// labelled returns a text after its label, or indented below it if it has several lines.
func labelled(label, text string) string {
	const most = 16 << 10
	if text == "" {
		return ""
	}
	text = wording.Visible(wording.Clip(strings.TrimSpace(text), most))
	if strings.Contains(text, "\n") {
		return fmt.Sprintf("%s:\n  %s\n", label, strings.ReplaceAll(text, "\n", "\n  "))
	}
	return fmt.Sprintf("%s: %s\n", label, text)
}

func junitOutput(r *result.Results, c result.CaseResult, traces bool) string {
	var b strings.Builder
	if c.Outcome == result.Known {
		b.WriteString("Known failure, which does not gate:\n" + details(r, c) + "\n")
	} else if r.Spared(c) {
		b.WriteString(wording.Capital(wording.Newer(r)) + ", and does not gate:\n" + details(r, c) + "\n")
	} else if (c.Outcome == result.Warned || c.Outcome == result.Unstable) && !r.Gates(c) {
		b.WriteString(map[result.Outcome]string{result.Warned: "Warning", result.Unstable: "Unstable"}[c.Outcome] + ", which does not gate:\n" + details(r, c) + "\n")
	} else if c.Outcome == result.Noted {
		b.WriteString("Noted: the question is open, and this is the answer:\n" + details(r, c) + "\n")
	} else if c.Outcome == result.Passed {
		if c.Reason != "" {
			b.WriteString(wording.Visible(wording.Clip(c.Reason, 4<<10)) + "\n")
		}
		b.WriteString(labelled("Attempts", wording.Attempts(c)))
	}
	fmt.Fprintf(&b, "Title: %s\nLevel: %s\nSource: %s\nEdition: %s\n", wording.VisibleLine(wording.Clip(c.Title, 500)), wording.VisibleLine(string(c.Level)), wording.VisibleLine(c.Source.URL), wording.VisibleLine(c.Since))
	if green := c.Outcome == result.Passed || c.Outcome == result.Noted; len(c.Trace) > 0 && (traces || !green) {
		b.WriteString("\nTrace (milliseconds since the case began):\n")
		b.WriteString(wording.PlainTrace(c.Trace, maxOutput-b.Len()))
	}
	return wording.Truncate(b.String(), maxOutput)
}

// junitGone stands for the targets that went away.
func junitGone(r *result.Results) junitSuite {
	views := wording.GoneTargets(r)
	text := wording.GoneText(views)
	s := junitSuite{Name: "target", Tests: 1, Time: seconds(0), Timestamp: timestamp(r.StartedAt)}
	one := junitCase{Class: "target", Name: "the target stays", Time: seconds(0)}
	for _, v := range views {
		s.Properties = append(s.Properties, junitProperty{"target gone", v.Title})
	}
	if r.ExitCode == 0 { // all cases were judged nevertheless
		one.Output = &cdata{wording.Truncate(text, maxOutput)}
	} else {
		s.Errors, one.Error = 1, &junitBreach{Type: "gone", Message: views[0].Title, Text: wording.Truncate(text, maxOutput)}
	}
	s.Cases = []junitCase{one}
	return s
}

// junitVerdict stands for a run that is not conformant though no case says why.
func junitVerdict(r *result.Results) junitSuite {
	return junitSuite{
		Name: "verdict", Tests: 1, Errors: 1, Time: seconds(r.DurationMs), Timestamp: timestamp(r.StartedAt),
		Properties: []junitProperty{{"edition", wording.VisibleLine(r.Edition)}, {"profile", wording.VisibleLine(string(r.Profile))}},
		Cases: []junitCase{{
			Class: "verdict", Name: wording.VisibleLine(string(r.Verdict)), Time: seconds(r.DurationMs),
			Error: &junitBreach{Type: string(r.Verdict), Message: wording.VisibleLine(wording.Clip(r.Summary, 500)), Text: wording.Visible(wording.Clip(r.Summary, 16<<10))},
		}},
	}
}

func seconds(ms float64) string { return fmt.Sprintf("%.3f", max(ms, 0)/1000) }

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

package reporter

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"example.test/conformance/suite"
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
	Skipped *cdata       `xml:"skipped"`
	Error   *junitBreach `xml:"error"`
	Failure *junitBreach `xml:"failure"`
	Output  *cdata       `xml:"system-out"`
}

type junitBreach struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

type cdata struct {
	Text string `xml:",cdata"`
}

// JUnit writes results in the form that CI servers read: a testsuite for each area, a testcase for
// each case. What gates is a <failure> or an <error>, and a run that is not conformant always holds
// one of them. Level, source and edition of a case are properties of its testsuite, "<ID> level" and
// so on, since the schema of Jenkins has none in a testcase; its system-out says them, too.
func JUnit(w io.Writer, r *suite.Results) error {
	report := junitReport{Name: "conformance", Time: seconds(r.DurationMs)}
	for _, area := range areas(r) {
		report.add(junitArea(r, area))
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

func junitArea(r *suite.Results, area string) junitSuite {
	s := junitSuite{Name: area, Timestamp: timestamp(r.StartedAt)}
	s.Properties = []junitProperty{
		{"suite", VisibleLine(r.Suite.Version)},
		{"edition", VisibleLine(r.Edition)},
		{"profile", VisibleLine(string(r.Profile))},
	}
	var time float64
	for _, c := range r.Cases {
		if c.Area != area {
			continue
		}
		s.Tests++
		time += c.DurationMs
		one := junitTest(r, c)
		switch {
		case one.Skipped != nil:
			s.Skipped++
		case one.Error != nil:
			s.Errors++
		case one.Failure != nil:
			s.Failures++
		}
		s.Cases = append(s.Cases, one)
		id := VisibleLine(c.ID)
		s.Properties = append(s.Properties,
			junitProperty{id + " level", VisibleLine(string(c.Level))},
			junitProperty{id + " source", VisibleLine(c.Source.URL)},
			junitProperty{id + " edition", VisibleLine(c.Since)})
		if c.Outcome == suite.Warned && !r.Gates(c) {
			s.Properties = append(s.Properties, junitProperty{id + " warning", VisibleLine(clip(firstLine(c.Message), 500))})
		}
	}
	s.Time = seconds(time)
	return s
}

func junitTest(r *suite.Results, c suite.CaseResult) junitCase {
	one := junitCase{Class: VisibleLine(c.Area), Name: VisibleLine(c.ID + ": " + c.Title), Time: seconds(c.DurationMs)}
	breach := &junitBreach{Type: string(c.Outcome), Message: VisibleLine(clip(headline(c), 500)), Text: details(c)}
	switch {
	case c.Outcome == suite.Inapplicable:
		one.Skipped = &cdata{Visible(clip(c.Reason, 4<<10))}
	case c.Outcome == suite.Known: // neither a pass nor a failure: CI servers show skipped apart
		one.Skipped = &cdata{Visible(clip("Known failure: "+excused(c)+"\n"+headline(c), 4<<10))}
	case !r.Gates(c):
	case c.Outcome == suite.Unverified || c.Outcome == suite.Errored:
		one.Error = breach
	default:
		one.Failure = breach
	}
	if c.Outcome != suite.Inapplicable {
		one.Output = &cdata{junitOutput(r, c)}
	}
	return one
}

// details of a case that is not well: everything that helps to understand it, without the trace.
func details(c suite.CaseResult) string {
	return labelled("Rule", "the server "+c.Title) + labelled("Source", fmt.Sprintf("%s, %s, %s", c.Source.Document, c.Source.Section, c.Source.URL)) + findings(c)
}

// findings is what was seen of a case.
func findings(c suite.CaseResult) string {
	text := labelled("Step", c.Step) + labelled("Reason", c.Reason) + labelled("Known failure", excused(c)) + labelled("Repeated", rates(c))
	if c.Expected != "" || c.Received != "" {
		text += labelled("Expected", c.Expected) + labelled("Received", c.Received)
	} else {
		text += labelled("Message", c.Message)
	}
	return text + labelled("Checked at", c.Site) + labelled("Run it alone", c.Rerun)
}

// labelled is a text behind its label, indented below it where it has several lines.
func labelled(label, text string) string {
	const most = 16 << 10
	if text == "" {
		return ""
	}
	text = Visible(clip(strings.TrimSpace(text), most))
	if strings.Contains(text, "\n") {
		return fmt.Sprintf("%s:\n  %s\n", label, strings.ReplaceAll(text, "\n", "\n  "))
	}
	return fmt.Sprintf("%s: %s\n", label, text)
}

func junitOutput(r *suite.Results, c suite.CaseResult) string {
	var b strings.Builder
	if c.Outcome == suite.Known {
		b.WriteString("Known failure, which does not gate:\n" + details(c) + "\n")
	} else if c.Outcome == suite.Warned && !r.Gates(c) {
		b.WriteString("Warning, which does not gate:\n" + details(c) + "\n")
	} else if c.Reason != "" && c.Outcome == suite.Passed {
		b.WriteString(Visible(clip(c.Reason, 4<<10)) + "\n")
	}
	fmt.Fprintf(&b, "Level: %s\nSource: %s\nEdition: %s\n", VisibleLine(string(c.Level)), VisibleLine(c.Source.URL), VisibleLine(c.Since))
	if len(c.Trace) > 0 {
		b.WriteString("\nTrace (milliseconds since the case began):\n")
		b.WriteString(plain(c.Trace, maxOutput-b.Len()))
	}
	return clipEnd(b.String(), maxOutput)
}

// clipEnd drops what is longer than limit.
func clipEnd(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return whole(s[:limit])
}

// junitVerdict stands for a run that is not conformant though no case says why.
func junitVerdict(r *suite.Results) junitSuite {
	return junitSuite{
		Name: "verdict", Tests: 1, Errors: 1, Time: seconds(r.DurationMs), Timestamp: timestamp(r.StartedAt),
		Properties: []junitProperty{{"edition", VisibleLine(r.Edition)}, {"profile", VisibleLine(string(r.Profile))}},
		Cases: []junitCase{{
			Class: "verdict", Name: VisibleLine(string(r.Verdict)), Time: seconds(r.DurationMs),
			Error: &junitBreach{Type: string(r.Verdict), Message: VisibleLine(clip(r.Summary, 500)), Text: Visible(clip(r.Summary, 16<<10))},
		}},
	}
}

// headline is what was wrong with a case, in a line.
func headline(c suite.CaseResult) string {
	switch {
	case (c.Outcome == suite.Unverified || c.Outcome == suite.Stale) && c.Reason != "":
		return c.Reason
	case c.Expected != "" && c.Received != "":
		return fmt.Sprintf("received %s; expected %s", oneLine(c.Received, 200), oneLine(c.Expected, 200))
	case c.Message != "":
		return oneLine(c.Message, 400)
	}
	return oneLine(c.Reason, 400)
}

// oneLine folds white space and shortens.
func oneLine(s string, limit int) string {
	return clip(strings.Join(strings.Fields(clipEnd(s, 4*limit)), " "), limit)
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return first
}

func seconds(ms float64) string { return fmt.Sprintf("%.3f", max(ms, 0)/1000) }

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

package reporter_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"example.test/conformance/fixtures"
	"example.test/conformance/reporter"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
)

func junit(t *testing.T, r *result.Results) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reporter.JUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestJUnitGolden(t *testing.T) { golden(t, "junit.xml", junit(t, sample.Run(18))) }

func TestJUnitKeepsToTheSchemaOfJenkins(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*result.Results{"sample": sample.Run(300), "hostile": sample.Hostile(), "empty": {Verdict: result.Unreachable, ExitCode: 3, Summary: sample.HostileText}} {
		t.Run(name, func(t *testing.T) {
			content := junit(t, r)
			if err := checkJenkins(content); err != nil {
				t.Error(err)
			}
			if !utf8.Valid(content) {
				t.Error("it is not UTF-8")
			}
		})
	}
}

// The checker itself must find what Jenkins would refuse.
func TestCheckOfJenkinsSchemaFindsBreaches(t *testing.T) {
	t.Parallel()
	good := string(junit(t, sample.Run(18)))
	for name, change := range map[string][2]string{
		"properties in a testcase": {"</testcase>", "<properties></properties></testcase>"},
		"an unknown attribute":     {"<testcase ", `<testcase level="required" `},
		"output before failure":    {"<failure ", "<system-out></system-out><failure "},
		"no name":                  {`<testsuite name="handshake"`, "<testsuite"},
		"a control character":      {"<system-out>", "<system-out>&#x1;"},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: nothing changed", name)
		}
		if checkJenkins([]byte(bad)) == nil {
			t.Errorf("%s is not found", name)
		}
	}
}

// jenkins is what both jenkins-junit.xsd (of the JUnit project) and junit-10.xsd (of the xUnit
// plugin of Jenkins) allow: children in order, and attributes.
var jenkins = map[string]struct {
	children             []string
	attributes, required []string
}{
	"testsuites": {[]string{"testsuite"}, []string{"name", "time", "tests", "failures", "errors"}, nil},
	"testsuite": {[]string{"properties", "testcase", "system-out", "system-err"},
		[]string{"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "id", "package"}, []string{"name", "tests", "failures", "errors"}},
	"properties": {[]string{"property"}, nil, nil},
	"property":   {nil, []string{"name", "value"}, []string{"name", "value"}},
	"testcase":   {[]string{"skipped", "error", "failure", "system-out", "system-err"}, []string{"name", "time", "classname"}, []string{"name"}},
	"skipped":    {nil, []string{"message"}, nil},
	"system-out": {}, "system-err": {},
	"error":   {nil, []string{"type", "message"}, nil},
	"failure": {nil, []string{"type", "message"}, nil},
}

var surefireTime = regexp.MustCompile(`^[0-9]*(\.[0-9]*)?$`)

func checkJenkins(content []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(content))
	type open struct {
		name string
		last int
	}
	var path []open
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.StartElement:
			name := e.Name.Local
			rule, known := jenkins[name]
			if !known {
				return fmt.Errorf("<%s> is unknown", name)
			}
			if len(path) > 0 {
				parent := &path[len(path)-1]
				at := slices.Index(jenkins[parent.name].children, name)
				if at < parent.last {
					return fmt.Errorf("<%s> is not allowed there in <%s>", name, parent.name)
				}
				parent.last = at
			} else if name != "testsuites" {
				return fmt.Errorf("the root is <%s>", name)
			}
			seen := map[string]bool{}
			for _, a := range e.Attr {
				seen[a.Name.Local] = true
				if !slices.Contains(rule.attributes, a.Name.Local) {
					return fmt.Errorf("<%s> has no attribute %s", name, a.Name.Local)
				}
				if a.Name.Local == "time" && !surefireTime.MatchString(a.Value) {
					return fmt.Errorf("%q is no time", a.Value)
				}
			}
			for _, a := range rule.required {
				if !seen[a] {
					return fmt.Errorf("<%s> lacks the attribute %s", name, a)
				}
			}
			path = append(path, open{name: name})
		}
	}
}

// A second reader, if it is installed: encoding/xml is more lenient than others.
func TestJUnitIsReadByLibxml(t *testing.T) {
	t.Parallel()
	fixtures.Require(t, "xmllint")
	path := filepath.Join(t.TempDir(), "junit.xml")
	if err := os.WriteFile(path, junit(t, sample.Hostile()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("xmllint", "--noout", "--nonet", path).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

type junitFile struct {
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Suites   []struct {
		Name       string `xml:"name,attr"`
		Skipped    int    `xml:"skipped,attr"`
		Properties []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
		Cases []struct {
			Name    string    `xml:"name,attr"`
			Class   string    `xml:"classname,attr"`
			Failure *struct{} `xml:"failure"`
			Error   *struct{} `xml:"error"`
			Skipped *struct {
				Message string `xml:"message,attr"`
			} `xml:"skipped"`
			Output string `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func readJUnit(t *testing.T, r *result.Results) (f junitFile) {
	t.Helper()
	if err := xml.Unmarshal(junit(t, r), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestJUnitOutcomes(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		r := sample.Run(300)
		r.Strict = strict
		got := map[string]string{}
		output := map[string]string{}
		for _, s := range readJUnit(t, r).Suites {
			for _, c := range s.Cases {
				if c.Class != s.Name {
					t.Errorf("%s is of class %q in the suite %q", c.Name, c.Class, s.Name)
				}
				id := c.Name
				output[id] = c.Output
				switch {
				case c.Failure != nil:
					got[id] = "failure"
				case c.Error != nil:
					got[id] = "error"
				case c.Skipped != nil:
					got[id] = "skipped"
					if c.Skipped.Message == "" {
						t.Errorf("%s does not say why it is skipped", id)
					}
				default:
					got[id] = "passed"
				}
			}
		}
		for _, c := range r.Cases {
			want := map[result.Outcome]string{
				result.Failed: "failure", result.Errored: "error", result.Unverified: "error", result.Warned: "passed", result.Noted: "passed",
				result.Passed: "passed", result.Inapplicable: "skipped", result.Known: "skipped", result.Stale: "failure",
			}[c.Outcome]
			if c.Outcome == result.Unstable {
				want = "passed"
				if r.Gates(c) {
					want = "error"
				}
			}
			if c.Outcome == result.Warned && strict {
				want = "failure"
			}
			if got[c.ID] != want {
				t.Errorf("strict %v: %s, %s, is %q, not %q", strict, c.ID, c.Outcome, got[c.ID], want)
			}
			if c.Outcome == result.Warned && !strict && !strings.Contains(output[c.ID], "Warning") {
				t.Errorf("the output of %s does not warn: %s", c.ID, output[c.ID])
			}
		}
	}
}

func TestJUnitProperties(t *testing.T) {
	t.Parallel()
	r := sample.Run(18)
	all := map[string]string{}
	for _, s := range readJUnit(t, r).Suites {
		for _, p := range s.Properties {
			all[p.Name] = p.Value
		}
	}
	for _, c := range r.Cases {
		if all[c.ID+" level"] != string(c.Level) || all[c.ID+" source"] != c.Source.URL || all[c.ID+" edition"] != c.Since {
			t.Errorf("the properties of %s are not all there", c.ID)
		}
		if all[c.ID+" title"] != c.Title {
			t.Errorf("the title of %s is no property", c.ID)
		}
		if cause, met := all[c.ID+" cause"], slices.ContainsFunc(r.Causes, func(one result.CommonCause) bool { return slices.Contains(one.Cases, c.ID) }); met != (cause != "") {
			t.Errorf("the cause of %s, %s, is %q", c.ID, c.Outcome, cause)
		}
		if warned := all[c.ID+" warning"] != ""; warned != (c.Outcome == result.Warned || c.Outcome == result.Unstable && !r.Gates(c)) {
			t.Errorf("%s, %s, has a warning: %v", c.ID, c.Outcome, warned)
		}
	}
}

// A case that could not be judged because of a cause is skipped with a link to the cause, which is red where it was seen.
func TestJUnitOfTheUnjudged(t *testing.T) {
	t.Parallel()
	r := sample.Green(20, map[int]result.Outcome{3: result.Failed})
	r.Cases[3].Evidence = []result.Failure{sample.Absence("the answer")}
	r.Cases[5].Outcome, r.Cases[5].Because = result.Unverified, &result.Because{Cause: result.CauseRule, Case: r.Cases[3].ID}
	r.Cases[6].Outcome = result.Unverified
	r = sample.Changed(r, nil)
	f := readJUnit(t, r)
	if f.Failures != 1 || f.Errors != 1 {
		t.Errorf("%d failures and %d errors", f.Failures, f.Errors)
	}
	for _, s := range f.Suites {
		for _, c := range s.Cases {
			if c.Name == r.Cases[5].ID && (c.Skipped == nil || !strings.Contains(c.Skipped.Message, r.Causes[0].ID)) {
				t.Errorf("it is not skipped for its cause: %+v", c)
			}
		}
	}
}

// A case that passed has no trace unless it is asked for. Any other case that ran has its trace.
func TestJUnitTraces(t *testing.T) {
	t.Parallel()
	r := sample.Run(300)
	for _, traces := range []bool{false, true} {
		var b bytes.Buffer
		write := reporter.JUnit
		if traces {
			write = reporter.JUnitWithTraces
		}
		var f junitFile
		if err := write(&b, r); err != nil || xml.Unmarshal(b.Bytes(), &f) != nil {
			t.Fatal(err)
		}
		output := map[string]string{}
		for _, s := range f.Suites {
			for _, c := range s.Cases {
				output[c.Name] = c.Output
			}
		}
		for _, c := range r.Cases {
			green := c.Outcome == result.Passed || c.Outcome == result.Noted
			if got, want := strings.Contains(output[c.ID], "Trace ("), len(c.Trace) > 0 && (traces || !green); got != want {
				t.Errorf("with traces %v: %s, %s, has one: %v", traces, c.ID, c.Outcome, got)
			}
		}
	}
}

func TestJUnitOfARunThatIsNotConformantIsNeverGreen(t *testing.T) {
	t.Parallel()
	for _, verdict := range []result.Verdict{result.NotConformant, result.Unreachable, result.Broken, result.Incomplete, result.Interrupted} {
		r := &result.Results{Verdict: verdict, ExitCode: verdict.ExitCode(), Summary: "No Engine.IO server answers."}
		if f := readJUnit(t, r); f.Errors+f.Failures == 0 {
			t.Errorf("a run that is %s and has no cases is green", verdict)
		}
	}
	r := &result.Results{Verdict: result.Conformant}
	if f := readJUnit(t, r); f.Errors+f.Failures != 0 {
		t.Error("a conformant run is red")
	}
}

func TestJUnitOutputIsCut(t *testing.T) {
	t.Parallel()
	r := sample.Hostile()
	for i := range r.Cases {
		for range 5 {
			r.Cases[i].Trace = append(r.Cases[i].Trace, r.Cases[i].Trace...)
		}
	}
	longest := 0
	for _, s := range readJUnit(t, r).Suites {
		for _, c := range s.Cases {
			longest = max(longest, len(c.Output))
		}
	}
	if longest > 64<<10 || longest < 32<<10 {
		t.Errorf("the longest system-out has %d bytes", longest)
	}
}

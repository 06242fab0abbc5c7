package reporter

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite"
)

// Types of the in-toto attestation framework, and of the DSSE envelope that holds a statement:
// https://github.com/in-toto/attestation/tree/main/spec
const (
	StatementType  = "https://in-toto.io/Statement/v1"
	TestResultType = "https://in-toto.io/attestation/test-result/v0.1"
	PayloadType    = "application/vnd.in-toto+json"
)

// Statement says of a results file, by its digest, what the run came to.
type Statement struct {
	Type          string     `json:"_type"`
	Subject       []Resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     TestResult `json:"predicate"`
}

// Resource describes a file or a setting of the run: a resource descriptor of in-toto.
type Resource struct {
	Name        string            `json:"name"`
	Digest      map[string]string `json:"digest,omitempty"`
	Annotations map[string]any    `json:"annotations,omitempty"`
}

// TestResult is in-toto's predicate of tests. Tests go by the IDs of their cases. Cases that did not
// apply are in no list.
type TestResult struct {
	Result        string     `json:"result"` // PASSED, or WARNED where a recommended rule was seen broken
	Configuration []Resource `json:"configuration"`
	PassedTests   []string   `json:"passedTests"`
	WarnedTests   []string   `json:"warnedTests"` // observed ones among them
	FailedTests   []string   `json:"failedTests"`
}

// Names of the configuration's resources.
const (
	catalogueResource = "catalogue"
	runResource       = "run"
)

// newStatement makes the statement about a results file of that name and content.
func newStatement(name string, content []byte, r *suite.Results) Statement {
	s := Statement{
		Type:          StatementType,
		Subject:       []Resource{{Name: name, Digest: checksum(content)}},
		PredicateType: TestResultType,
		Predicate:     TestResult{Result: "PASSED", PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}},
	}
	p := &s.Predicate
	for _, c := range r.Cases {
		switch {
		case c.Outcome == suite.Passed:
			p.PassedTests = append(p.PassedTests, c.ID)
		case c.Outcome == suite.Warned:
			p.WarnedTests = append(p.WarnedTests, c.ID)
			if c.Level == suite.Recommended {
				p.Result = "WARNED"
			}
		case c.Outcome != suite.Inapplicable:
			p.FailedTests = append(p.FailedTests, c.ID)
			p.Result = "FAILED"
		}
	}
	p.Configuration = []Resource{
		{catalogueResource, map[string]string{"sha256": r.Suite.Catalogue}, map[string]any{
			"suiteVersion": r.Suite.Version, "suiteCommit": r.Suite.Commit, "cases": float64(len(r.Cases)), // as JSON reads numbers
		}},
		{runResource, checksum(content), map[string]any{ // in-toto asks for a digest, a URI or a content of each resource
			"implementation": implementations(r), "edition": r.Edition, "profile": string(r.Profile), "strict": r.Strict,
			"targets": float64(len(r.Targets)), "startedAt": r.StartedAt.UTC().Format(time.RFC3339), "verdict": string(r.Verdict),
		}},
	}
	return s
}

func checksum(content []byte) map[string]string {
	sum := sha256.Sum256(content)
	return map[string]string{"sha256": hex.EncodeToString(sum[:])}
}

// difference says in what a statement departs from the one that its results make. What else it says is
// ignored, as in-toto asks of readers.
func (s Statement) difference(made Statement) string {
	given, want := s.Predicate, made.Predicate
	switch {
	case given.Result != want.Result:
		return fmt.Sprintf("it states the result %q, and the results make it %s", given.Result, want.Result)
	case !slices.Equal(given.PassedTests, want.PassedTests):
		return "its passed tests are not those of the results"
	case !slices.Equal(given.WarnedTests, want.WarnedTests):
		return "its warned tests are not those of the results"
	case len(given.FailedTests) > 0:
		return "it names failed tests"
	}
	for _, w := range want.Configuration {
		i := slices.IndexFunc(given.Configuration, func(one Resource) bool { return one.Name == w.Name })
		if i < 0 {
			return fmt.Sprintf("its configuration lacks the %s", w.Name)
		}
		if g := given.Configuration[i]; w.Digest != nil && g.Digest["sha256"] != w.Digest["sha256"] {
			return fmt.Sprintf("its %s is of another digest than that of the results", w.Name)
		}
		for key, value := range w.Annotations {
			if got := given.Configuration[i].Annotations[key]; !reflect.DeepEqual(got, value) {
				return fmt.Sprintf("it states of the %s the %s %v, and the results %v", w.Name, key, got, value)
			}
		}
	}
	return ""
}

// implementations under test, by the names and versions that they declare.
func implementations(r *suite.Results) string {
	var all []string
	for _, t := range r.Targets {
		name := "a server that does not name itself, at " + t.URL
		if t.Info != nil {
			name = strings.TrimSpace(t.Info.Implementation.Name + " " + t.Info.Implementation.Version)
		}
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, " and ")
}

// certified says in one line what a whole, conformant run stands for.
func certified(r *suite.Results) string {
	strict := "not strict"
	if r.Strict {
		strict = "strict"
	}
	instances := ""
	if n := len(r.Targets); n > 1 {
		instances = fmt.Sprintf(" (%d instances)", n)
	}
	line := fmt.Sprintf("%s%s conforms to edition %s, profile %s, %s, by suite %s of commit %s on %s: %d passed, %d warned, %d inapplicable",
		implementations(r), instances, r.Edition, r.Profile, strict, r.Suite.Version, r.Suite.Commit, r.StartedAt.UTC().Format(time.DateOnly),
		r.Counts.Total(suite.Passed), r.Counts.Total(suite.Warned), r.Counts.Total(suite.Inapplicable))
	if undeclared := undeclared(r); len(undeclared) > 0 {
		line += "; it does not declare " + strings.Join(undeclared, ", ")
	}
	return VisibleLine(clip(line, 1000))
}

// undeclared are features of the profile that the targets do not declare, and so were not looked at.
func undeclared(r *suite.Results) (all []string) {
	if r.Profile != suite.Profile410 && r.Profile != suite.ProfileCluster {
		return nil
	}
	for _, feature := range suite.Features {
		if slices.ContainsFunc(r.Targets, func(t suite.TargetResult) bool {
			return t.Info == nil || !slices.Contains(t.Info.Features, feature)
		}) {
			all = append(all, feature)
		}
	}
	return all
}

package attest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// Types of the in-toto attestation framework, and of the DSSE envelope that holds a statement:
// https://github.com/in-toto/attestation/tree/main/spec
const (
	StatementType  = "https://in-toto.io/Statement/v1"
	TestResultType = "https://in-toto.io/attestation/test-result/v0.1"
	PayloadType    = "application/vnd.in-toto+json"
)

// Statement says what the result of a run was. It names the results file by its digest.
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

// TestResult is in-toto's predicate of tests. The names of tests are the IDs of their cases. Cases that did not apply are in no
// list.
type TestResult struct {
	Result        string     `json:"result"` // PASSED, or WARNED if a recommended rule was seen broken
	Configuration []Resource `json:"configuration"`
	PassedTests   []string   `json:"passedTests"`
	WarnedTests   []string   `json:"warnedTests"` // including those whose answer was noted
	FailedTests   []string   `json:"failedTests"`
}

// Names of the configuration's resources.
const (
	catalogueResource = "catalogue"
	runResource       = "run"
	requiredResource  = "requirements" // the set of cases that gate
	sourcesResource   = "sources"      // of the suite
)

// newStatement makes the statement about a results file of that name and content.
func newStatement(name string, content []byte, r *result.Results, own *Auditor) Statement {
	s := Statement{
		Type:          StatementType,
		Subject:       []Resource{{Name: name, Digest: checksum(content)}},
		PredicateType: TestResultType,
		Predicate:     TestResult{Result: "PASSED", PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}},
	}
	p := &s.Predicate
	for _, c := range r.Cases {
		switch {
		case c.Outcome == result.Passed:
			p.PassedTests = append(p.PassedTests, c.ID)
		case c.Outcome == result.Warned, c.Outcome == result.Noted:
			p.WarnedTests = append(p.WarnedTests, c.ID)
			if c.Outcome == result.Warned {
				p.Result = "WARNED"
			}
		case c.Outcome != result.Inapplicable:
			p.FailedTests = append(p.FailedTests, c.ID)
			p.Result = "FAILED"
		}
	}
	requirements, _ := own.RequirementDigest(r.Requirements)
	p.Configuration = []Resource{
		{catalogueResource, map[string]string{"sha256": r.Suite.Catalogue}, map[string]any{
			"suiteVersion": r.Suite.Version, "suiteCommit": r.Suite.Commit, "cases": float64(len(r.Cases)), // as JSON reads numbers
		}},
		{runResource, checksum(content), map[string]any{ // in-toto requires a digest, a URI or a content for each resource
			"implementation": implementations(r), "edition": r.Edition, "profile": string(r.Profile), "strict": r.Strict,
			"scope": scope(r), "without": without(r), "basis": basis(r),
			"targets": float64(len(r.Targets)), "startedAt": r.StartedAt.UTC().Format(time.RFC3339), "verdict": string(r.Verdict),
		}},
		{sourcesResource, sources(r.Suite), nil},
		{requiredResource, map[string]string{"sha256": requirements}, map[string]any{"name": r.Requirements}},
	}
	return s
}

// sources returns the digests of the suite that ran: of its files, and of its commit if it is a git commit.
func sources(by result.SuiteBuild) map[string]string {
	digests := map[string]string{"sha256": by.Sources}
	if gitCommit.MatchString(by.Commit) {
		digests["gitCommit"] = by.Commit
	}
	return digests
}

var gitCommit = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// What a run can stand for.
const (
	wholeScope   = "whole"
	reducedScope = "reduced"
)

func scope(r *result.Results) string {
	if len(r.Without) > 0 {
		return reducedScope
	}
	return wholeScope
}

// without returns what the run left out by name, as JSON reads a list.
func without(r *result.Results) []any {
	all := []any{}
	for _, name := range r.Without {
		all = append(all, name)
	}
	return all
}

// basis returns what the rules that gate rest on.
func basis(r *result.Results) string {
	if r.Strict {
		return "documents and official behaviour"
	}
	return "documents"
}

// reduced reports whether a statement says that its run was reduced.
func (s Statement) reduced() bool {
	return slices.ContainsFunc(s.Predicate.Configuration, func(one Resource) bool {
		return one.Name == runResource && one.Annotations["scope"] == reducedScope
	})
}

func checksum(content []byte) map[string]string {
	sum := sha256.Sum256(content)
	return map[string]string{"sha256": hex.EncodeToString(sum[:])}
}

// difference says in what a statement differs from the one that its results make. It ignores anything else in the statement, as
// in-toto requires of readers.
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
		for algorithm, digest := range w.Digest {
			if given.Configuration[i].Digest[algorithm] != digest {
				return fmt.Sprintf("its %s of the %s is not that of the results", algorithm, w.Name)
			}
		}
		for key, value := range w.Annotations {
			if got := given.Configuration[i].Annotations[key]; !reflect.DeepEqual(got, value) {
				return fmt.Sprintf("it states of the %s the %s %v, and the results %v", w.Name, key, got, value)
			}
		}
	}
	return ""
}

// implementations returns the names and versions that the implementations under test declare.
func implementations(r *result.Results) string {
	var all []string
	for _, t := range r.Targets {
		name := "a server that does not name itself, at " + t.URL
		if t.Info != nil {
			name = strings.TrimSpace(t.Info.Implementation.Name + " " + t.Info.Implementation.Version)
			if engine := t.Info.Implementation.Engine; engine != "" {
				name += " on " + engine
			}
		}
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, " and ")
}

// certified says in one line what a whole, conformant run stands for.
func certified(r *result.Results) string {
	strict := "not strict"
	if r.Strict {
		strict = "strict"
	}
	instances := ""
	if n := len(r.Targets); n > 1 {
		instances = fmt.Sprintf(" (%d instances)", n)
	}
	reduction := ""
	if len(r.Without) > 0 {
		reduction = fmt.Sprintf(" reduced, without %s", strings.Join(r.Without, ", "))
	}
	line := fmt.Sprintf("%s%s conforms to edition %s, profile %s%s, %s, by suite %s of commit %s on %s: %d passed, %d warned, %d noted, %d inapplicable",
		implementations(r), instances, r.Edition, r.Profile, reduction, strict, r.Suite.Version, r.Suite.Commit, r.StartedAt.UTC().Format(time.DateOnly),
		r.Counts.Total(result.Passed), r.Counts.Total(result.Warned), r.Counts.Total(result.Noted), r.Counts.Total(result.Inapplicable))
	line += fmt.Sprintf("; by %s, requirement set %s", basis(r), r.Requirements)
	return wording.VisibleLine(wording.Clip(line, 1000))
}

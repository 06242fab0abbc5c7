// Package gotest runs the suite within a Go test, with a subtest or a Ginkgo spec for each case.
package gotest

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"

	_ "example.test/conformance/cases" // registers the cases
	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// Run judges the server at the URLs and reports each case as a subtest. Several URLs are instances of one cluster. A case
// that gates fails its subtest, and so does one that could not be judged. A case that does not apply to the server is
// skipped. The configuration sets everything else; its targets are replaced by the URLs.
func Run(t *testing.T, config runner.Config, urls ...string) *suite.Results {
	t.Helper()
	config, err := aimed(config, urls)
	if err != nil {
		t.Fatal(err)
	}
	results, err := runner.RunDirectly(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(results.Summary)
	areas := map[string][]suite.CaseResult{}
	for _, c := range results.Cases {
		areas[c.Area] = append(areas[c.Area], c)
	}
	for _, area := range suite.Areas {
		if len(areas[area]) == 0 {
			continue
		}
		t.Run(area, func(t *testing.T) {
			for _, c := range areas[area] {
				t.Run(path.Base(c.ID), func(t *testing.T) {
					switch says := explained(c); {
					case failing(results, c):
						t.Error(says)
					case c.Outcome == suite.Inapplicable:
						t.Skip(says)
					case c.Outcome != suite.Passed:
						t.Log(says)
					}
				})
			}
		})
	}
	return results
}

// Describe registers the cases as specs of a Ginkgo suite. It calls urls once, when the first of the specs runs, so that a
// BeforeSuite can start the servers; all cases are then judged together. Like ginkgo.Describe, it is called while the tree
// of specs is built. An error means that the configuration selects no case.
func Describe(config runner.Config, urls func() []string) error {
	selected, err := runner.Select(config.Only, config.Skip)
	if err != nil {
		return err
	}
	ginkgo.Describe("Socket.IO conformance", ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		var results *suite.Results
		seen := map[string]suite.CaseResult{}
		ginkgo.BeforeAll(func(ctx ginkgo.SpecContext) {
			aimed, err := aimed(config, urls())
			if err == nil {
				results, err = runner.RunDirectly(ctx, aimed)
			}
			if err != nil {
				ginkgo.Fail(err.Error())
			}
			for _, c := range results.Cases {
				seen[c.ID] = c
			}
		})
		for _, c := range selected {
			ginkgo.It(c.ID+" "+c.Title, ginkgo.Label(c.Area(), string(c.Level)), func() {
				one := seen[c.ID]
				switch says := explained(one); {
				case failing(results, one):
					ginkgo.Fail(says)
				case one.Outcome == suite.Inapplicable:
					ginkgo.Skip(says)
				case one.Outcome != suite.Passed:
					ginkgo.AddReportEntry(string(one.Outcome), says)
				}
			})
		}
	})
	return nil
}

// aimed returns the configuration with targets at the URLs.
func aimed(config runner.Config, urls []string) (runner.Config, error) {
	config.Targets = nil
	for _, url := range urls {
		target, err := wire.ParseTarget(url)
		if err != nil {
			return config, fmt.Errorf("the URL %q: %w", url, err)
		}
		config.Targets = append(config.Targets, target)
	}
	return config, nil
}

// failing reports whether a case keeps the server from being conformant.
func failing(r *suite.Results, c suite.CaseResult) bool {
	return r.Gates(c) || c.Outcome == suite.Unverified && c.Level != result.Observed
}

// explained returns what a reader needs to know about a case that did not pass.
func explained(c suite.CaseResult) string {
	lines := []string{fmt.Sprintf("%s: the server %s", c.Outcome, c.Title)}
	for _, more := range []string{c.Reason, wording.Headline(c), c.Source.URL} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	return strings.Join(lines, "\n")
}

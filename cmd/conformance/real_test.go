package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"example.test/conformance/fixtures"
	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// judge runs the whole suite against servers and expects that no gating rule is broken. Cases that the machine left open run
// once more by themselves, and that result counts.
func judge(t *testing.T, config runner.Config, urls ...string) *suite.Results {
	t.Helper()
	config.Targets = append(config.Targets, targetsOf(t, urls)...)
	results := runPatiently(t, config)
	return reported(t, results)
}

// runPatiently runs the suite. Cases that the machine left open run once more by themselves, and that result counts.
func runPatiently(t *testing.T, config runner.Config) *suite.Results {
	t.Helper()
	results := runSuite(t, config)
	again := config
	again.Only, again.Skip = nil, nil
	for _, c := range results.Cases {
		if c.Outcome == suite.Unverified || c.Outcome == suite.Unstable {
			again.Only = append(again.Only, c.ID)
		}
	}
	if len(again.Only) > 0 {
		t.Logf("once more: %v", again.Only)
		for _, c := range runSuite(t, again).Cases {
			if i := slices.IndexFunc(results.Cases, func(one suite.CaseResult) bool { return one.ID == c.ID }); i >= 0 {
				results.Cases[i] = c
			}
		}
		results.Count()
		results.Judge()
	}
	return results
}

// reported fails the test for each case that keeps a run from being conformant. A few cases may stay open because of the
// machine, even when repeated: they say nothing about the server.
func reported(t *testing.T, results *suite.Results) *suite.Results {
	t.Helper()
	var open []suite.CaseResult
	for _, c := range results.Cases {
		switch {
		case c.Outcome == suite.Unverified:
			open = append(open, c)
		case results.Gates(c), c.Outcome == suite.Warned:
			t.Errorf("%s", told(c))
		case c.Outcome == suite.Noted:
			t.Logf("observed: %s: %s", c.ID, c.Reason)
		}
	}
	for _, c := range open {
		if len(open) > tolerated(results) {
			t.Errorf("%s", told(c))
		} else {
			t.Logf("left open: %s: %s", c.ID, c.Reason)
		}
	}
	t.Log(results.Summary)
	return results
}

// tolerated returns how many cases a machine may leave open: in .ci/run one in fifty, or two if there are few; elsewhere
// half of them, because the machine may be busy.
func tolerated(results *suite.Results) int {
	judged := results.Counts.Total(suite.Passed) + results.Counts.Total(suite.Unverified)
	if os.Getenv("CONFORMANCE_REQUIRE_ALL") == "1" {
		return max(2, judged/50)
	}
	return judged / 2
}

// told returns a case with everything that is known about it.
func told(c suite.CaseResult) string {
	return fmt.Sprintf("%s is %s: %s\n%s\n%s\n%s", c.ID, c.Outcome, c.Title, c.Reason, wording.Headline(c), trace(c))
}

func targetsOf(t *testing.T, urls []string) (all []*wire.Target) {
	t.Helper()
	for _, url := range urls {
		target, err := wire.ParseTarget(url)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, target)
	}
	return all
}

// runSuite runs the suite with the command's control group, so that a busy machine turns nothing red.
func runSuite(t *testing.T, config runner.Config) *suite.Results {
	t.Helper()
	if config.Control == nil {
		config.Control = control(len(config.Targets))
	}
	results, err := runner.RunDirectly(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func trace(c suite.CaseResult) (lines string) {
	for _, e := range c.Trace {
		text, _ := json.Marshal(e)
		lines += string(text) + "\n"
	}
	return lines
}

func TestReferenceConforms(t *testing.T) {
	config, stop, err := cluster(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	config.Strict = true
	if raceDetector { // a whole run then takes many minutes on a slow machine
		config.Only = []string{"upgrade", "disconnect"}
	}
	results := judge(t, config)
	if n := results.Counts.Total(suite.Warned); n > 0 {
		t.Errorf("got %d warnings", n)
	}
	if results.Profile != suite.ProfileCluster {
		t.Errorf("got the profile %s", results.Profile)
	}
}

func TestRealServerConforms(t *testing.T) {
	t.Parallel()
	urls := fixtures.NodeCluster(t, fixtures.NodeOptions{Instances: 2})
	times := 1
	if isThorough() {
		times = 2 // the second time on used servers
	}
	for range times {
		results := judge(t, runner.Config{}, urls...)
		if results.Profile != suite.ProfileCluster {
			t.Errorf("got the profile %s", results.Profile)
		}
	}
}

// controlledNode stops and starts the instances of a cluster of Node servers.
type controlledNode struct{ *fixtures.Cluster }

func (c controlledNode) Stop(_ context.Context, instance int) error {
	c.Cluster.Stop(instance)
	return nil
}

func (c controlledNode) Start(_ context.Context, instance int) error {
	c.Cluster.Start(instance)
	return nil
}

func TestRealServersLeaveAndJoin(t *testing.T) {
	thorough(t)
	nodes := fixtures.RunNodeCluster(t, fixtures.NodeOptions{Instances: 3})
	results := judge(t, runner.Config{Only: []string{"cluster"}, Lifecycle: controlledNode{nodes}}, nodes.URLs...)
	if n := results.Counts.Total(suite.Inapplicable); n > 0 {
		t.Errorf("got %d inapplicable cases", n)
	}
}

func TestRealServerAloneConforms(t *testing.T) {
	thorough(t)
	results := judge(t, runner.Config{}, fixtures.NodeCluster(t, fixtures.NodeOptions{})...)
	if results.Profile != suite.Profile410 {
		t.Errorf("got the profile %s", results.Profile)
	}
}

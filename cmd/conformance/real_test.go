package main

import (
	"context"
	"testing"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

// judge runs the whole suite against servers and expects no rule of weight to be broken.
func judge(t *testing.T, config suite.Config, urls ...string) *suite.Results {
	t.Helper()
	config.Targets = append(config.Targets, targetsOf(t, urls)...)
	results := flown(t, config)
	for _, c := range results.Cases {
		switch {
		case results.Gates(c), c.Outcome == suite.Warned && c.Level == suite.Recommended:
			t.Errorf("%s is %s: %s\n%s\n%s\n%s", c.ID, c.Outcome, c.Title, c.Reason, c.Message, trace(c))
		case c.Outcome == suite.Warned:
			t.Logf("observed: %s: %s", c.ID, c.Reason)
		}
	}
	t.Log(results.Summary)
	return results
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

func flown(t *testing.T, config suite.Config) *suite.Results {
	t.Helper()
	results, err := suite.Fly(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func trace(c suite.CaseResult) (lines string) {
	for _, e := range c.Trace {
		lines += string(e.Direction) + " " + e.Connection + " " + e.Text + "\n"
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
	results := judge(t, config)
	if n := results.Counts.Total(suite.Warned); n > 0 {
		t.Errorf("%d cases warn", n)
	}
	if results.Profile != suite.ProfileCluster {
		t.Errorf("the profile found is %s", results.Profile)
	}
}

func TestRealServerConforms(t *testing.T) {
	urls := fixtures.NodeCluster(t, fixtures.NodeOptions{Instances: 2})
	for range 2 { // the second time on a server that is not fresh
		results := judge(t, suite.Config{}, urls...)
		if results.Profile != suite.ProfileCluster {
			t.Errorf("the profile found is %s", results.Profile)
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
	nodes := fixtures.RunNodeCluster(t, fixtures.NodeOptions{Instances: 3})
	results := judge(t, suite.Config{Only: []string{"cluster"}, Lifecycle: controlledNode{nodes}}, nodes.URLs...)
	if n := results.Counts.Total(suite.Inapplicable); n > 0 {
		t.Errorf("%d cases did not apply", n)
	}
}

func TestRealServerAloneConforms(t *testing.T) {
	results := judge(t, suite.Config{}, fixtures.NodeCluster(t, fixtures.NodeOptions{})...)
	if results.Profile != suite.Profile410 {
		t.Errorf("the profile found is %s", results.Profile)
	}
}

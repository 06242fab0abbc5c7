package main

import (
	"fmt"
	"testing"

	"example.test/conformance/fixtures"
	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
)

// Each adapter of the official server makes a cluster that conforms.
func TestRealAdaptersConform(t *testing.T) {
	for _, adapter := range []string{"redis", "sharded", "streams", "cluster", "postgres"} {
		t.Run(adapter, func(t *testing.T) {
			t.Parallel() // all but one wait five seconds for an answer, whatever they are told
			nodes := fixtures.RunNodeCluster(t, fixtures.NodeOptions{Instances: 2, Adapter: adapter})
			results := judge(t, suite.Config{Lifecycle: controlledNode{nodes}}, nodes.URLs...)
			if results.Profile != suite.ProfileCluster {
				t.Errorf("the profile found is %s", results.Profile)
			}
		})
	}
}

// A cluster of Node and reference servers conforms whichever is the first.
func TestMixedClusterConforms(t *testing.T) {
	for _, adapter := range []string{"redis", "sharded"} {
		t.Run(adapter, func(t *testing.T) {
			t.Parallel()
			broker := fixtures.RedisServer(t)
			real := fixtures.NodeCluster(t, fixtures.NodeOptions{Adapter: adapter, RedisURL: broker, Args: []string{"--instance", "node"}})
			ours, err := application.Start(t.Context(), application.Options{RedisURL: broker, Sharded: adapter == "sharded", Instances: 2})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = closeCluster(ours) })
			urls := append(real, ours.URLs()...)
			for range urls {
				judge(t, suite.Config{Only: []string{"cluster"}}, urls...)
				urls = append(urls[1:], urls[0])
			}
		})
	}
}

// Clusters of more than two conform, too.
func TestLargeClustersConform(t *testing.T) {
	for _, n := range []int{5, 8} {
		t.Run(fmt.Sprint(n, " reference servers"), func(t *testing.T) {
			ours, err := application.Start(t.Context(), application.Options{Instances: n})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = closeCluster(ours) })
			results := judge(t, suite.Config{Strict: true, Only: []string{"cluster"}, Lifecycle: embedded{ours}}, ours.URLs()...)
			for _, c := range results.Cases {
				if c.Outcome != suite.Passed {
					t.Errorf("%s is %s: %s", c.ID, c.Outcome, c.Reason)
				}
			}
		})
	}
}

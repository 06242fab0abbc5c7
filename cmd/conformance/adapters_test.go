package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/fixtures"
	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// Each adapter of the official server makes a conformant cluster, which is still conformant when an instance stops and joins
// again.
func TestRealAdaptersConform(t *testing.T) {
	thorough(t)
	for _, adapter := range []string{"sharded", "streams", "cluster", "postgres"} { // the other tests use redis
		t.Run(adapter, func(t *testing.T) {

			nodes := fixtures.RunNodeCluster(t, fixtures.NodeOptions{Instances: 2, Adapter: adapter, Args: patient})
			config := runner.Config{Tolerance: suite.DefaultTolerance}
			config.Tolerance.Late = time.Second
			results := judge(t, config, nodes.URLs...)
			if results.Profile != suite.ProfileCluster {
				t.Errorf("got the profile %s", results.Profile)
			}
			members := []string{"cluster/stopped-instance-is-not-counted", "cluster/joining-instance-is-counted"}
			config.Only, config.Lifecycle = members, controlledNode{nodes}
			results = judge(t, config, nodes.URLs...)
			if n := results.Counts.Total(suite.Passed); n != len(members) {
				t.Errorf("%d of %d cases passed while an instance stopped", n, len(members))
			}
		})
	}
}

// A cluster of Node and reference servers is conformant whichever comes first.
func TestMixedClusterConforms(t *testing.T) {
	t.Parallel()
	for _, adapter := range []string{"redis", "sharded"} {
		t.Run(adapter, func(t *testing.T) {
			if adapter == "sharded" {
				thorough(t) // it waits five seconds for an answer, whatever it is configured to
			}

			broker := fixtures.RedisServer(t)
			real := fixtures.NodeCluster(t, fixtures.NodeOptions{Adapter: adapter, RedisURL: broker, Args: append([]string{"--instance", "node"}, patient...)})
			ours, err := application.Start(t.Context(), embedded.Fitting(application.Options{RedisURL: broker, Sharded: adapter == "sharded", Instances: 2}))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = embedded.Close(ours) })
			judge(t, runner.Config{Only: []string{"cluster"}}, append(real, ours.URLs()...)...)
			if isThorough() {
				judge(t, runner.Config{Only: []string{"cluster"}}, append(ours.URLs(), real...)...)
			}
		})
	}
}

// Each instance is judged by the timers that it declares.
func TestClusterOfUnequalTimesConforms(t *testing.T) {
	thorough(t)
	broker := "redis://" + miniredis.RunT(t).Addr()
	var urls []string
	for i, d := range []time.Duration{1200 * time.Millisecond, 600 * time.Millisecond} {
		ours, err := application.Start(t.Context(), application.Options{
			RedisURL: broker, Names: []string{fmt.Sprint(i)}, ServerSideEmitTimeout: d, ConnectTimeout: d,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = embedded.Close(ours) })
		urls = append(urls, ours.URLs()...)
	}
	only := []string{"cluster", "connect/timeout*"}
	judge(t, runner.Config{Strict: true, Only: only}, urls...)
	judge(t, runner.Config{Strict: true, Only: only}, urls[1], urls[0])
}

// Clusters of more than two instances are conformant, too.
func TestLargeClustersConform(t *testing.T) {
	thorough(t)
	for _, n := range []int{5, 8} {
		t.Run(fmt.Sprint(n, " reference servers"), func(t *testing.T) {
			ours, err := application.Start(t.Context(), application.Options{Instances: n})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = embedded.Close(ours) })
			results := judge(t, runner.Config{Strict: true, Only: []string{"cluster"}, Lifecycle: embedded.Lifecycle{Cluster: ours}}, ours.URLs()...)
			for _, c := range results.Cases {
				if c.Outcome != suite.Passed {
					t.Errorf("%s is %s: %s", c.ID, c.Outcome, c.Reason)
				}
			}
		})
	}
}

package main

import (
	"sync"
	"testing"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite/runner"
)

// TestSuitesAtOnce runs two suites against one cluster at the same time, each in its own order: no case may depend on being
// alone with the target.
func TestSuitesAtOnce(t *testing.T) {
	thorough(t)
	urls := fixtures.NodeCluster(t, fixtures.NodeOptions{Instances: 2})
	var group sync.WaitGroup
	for seed := range int64(2) {
		group.Go(func() { judge(t, runner.Config{Seed: seed + 1}, urls...) })
	}
	group.Wait()
}

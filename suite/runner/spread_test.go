package runner_test

import (
	"slices"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
)

// All shards of the catalogue take about the same time, to within its longest wait, on targets of every profile, with the
// timers that the contract recommends and with those of socket.io.
func TestShardsOfTheCatalogueAreBalanced(t *testing.T) {
	const beside = 50 * time.Millisecond // a case takes about that long besides its timers
	for of := 2; of <= 7; of++ {
		var parts [][]*suite.Case
		for i := 1; i <= of; i++ {
			parts = append(parts, runner.Part(result.Shard{Index: i, Of: of}, suite.Cases()))
		}
		for n := range suite.Profiles {
			covered := suite.Profiles[:n+1]
			for name, timings := range map[string]suite.Timings{"the contract": runner.Nominal, "socket.io": suite.DefaultTimings} {
				var loads []time.Duration
				var longest time.Duration
				for _, part := range parts {
					var load time.Duration
					for _, c := range part {
						if slices.Contains(covered, c.Profile()) {
							load += c.Longest(timings) + beside
							longest = max(longest, c.Longest(timings)+beside)
						}
					}
					loads = append(loads, load)
				}
				if spread := slices.Max(loads) - slices.Min(loads); spread > longest {
					t.Errorf("%d shards differ by %v on a %s target with the timers of %s: %v", of, spread, covered[n], name, loads)
				}
			}
		}
	}
}

// All machines that share a run must divide it in the same way: what a shard holds depends only on the selection.
func TestShardsAreStable(t *testing.T) {
	shuffled := slices.Clone(suite.Cases())
	slices.Reverse(shuffled)
	shard := result.Shard{Index: 2, Of: 5}
	one, other := runner.Part(shard, suite.Cases()), runner.Part(shard, shuffled)
	slices.Reverse(other)
	if !slices.Equal(one, other) {
		t.Error("the order of the selection changed the shard")
	}
}

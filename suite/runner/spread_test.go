package runner_test

import (
	"slices"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
)

// The shards of the catalogue take about as long as each other, to less than its longest wait, on targets of
// every profile, with timers as the contract recommends them and with those of socket.io.
func TestShardsOfTheCatalogueAreBalanced(t *testing.T) {
	const beside = 50 * time.Millisecond // its timers, a case takes about that
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

// A machine that shares a run must share it as the others do: what a shard holds depends on nothing but the
// selection.
func TestShardsAreStable(t *testing.T) {
	shuffled := slices.Clone(suite.Cases())
	slices.Reverse(shuffled)
	shard := result.Shard{Index: 2, Of: 5}
	one, other := runner.Part(shard, suite.Cases()), runner.Part(shard, shuffled)
	slices.Reverse(other)
	if !slices.Equal(one, other) {
		t.Error("the order of the selection changes the shard")
	}
}

package runner

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

func TestShardsShareTheCases(t *testing.T) {
	var all []*suite.Case
	for i := range 40 {
		c := &suite.Case{ID: fmt.Sprintf("events/case-%02d", i)}
		if i%8 == 0 {
			c.Waits = suite.ConnectDeadline
		}
		all = append(all, c)
	}
	first := &suite.Case{ID: "handshake/first", Shows: suite.OpensOverPolling}
	all = append(all, first)
	for of := 1; of <= 45; of++ {
		held := map[string]int{}
		var shortest, longest time.Duration
		for i := 1; i <= of; i++ {
			own := part(result.Shard{Index: i, Of: of}, all)
			var load time.Duration
			for _, c := range own {
				held[c.ID]++
				load += c.Longest(nominal) + nominalWork
			}
			if !slices.IsSortedFunc(own, func(a, b *suite.Case) int { return slices.Index(all, a) - slices.Index(all, b) }) {
				t.Errorf("shard %d/%d is in another order", i, of)
			}
			if i == 1 || load < shortest {
				shortest = load
			}
			longest = max(longest, load)
		}
		for _, c := range all {
			if n := held[c.ID]; n != 1 && c != first || c == first && n != of {
				t.Errorf("with %d shards, %d hold %s", of, n, c.ID)
			}
		}
		if longest-shortest > nominal.ConnectTimeout+nominalWork {
			t.Errorf("with %d shards, one takes %v and another %v", of, shortest, longest)
		}
	}
}

package suite

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestShardsShareTheCases(t *testing.T) {
	var all []*Case
	for i := range 40 {
		c := &Case{ID: fmt.Sprintf("events/case-%02d", i)}
		if i%8 == 0 {
			c.Waits = ConnectDeadline
		}
		all = append(all, c)
	}
	all = append(all, &Case{ID: OpensOverPolling})
	for of := 1; of <= 45; of++ {
		held := map[string]int{}
		var shortest, longest time.Duration
		for i := 1; i <= of; i++ {
			part := Shard{i, of}.part(all)
			var load time.Duration
			for _, c := range part {
				held[c.ID]++
				load += c.longest(nominal) + nominalWork
			}
			if !slices.IsSortedFunc(part, func(a, b *Case) int { return slices.Index(all, a) - slices.Index(all, b) }) {
				t.Errorf("shard %d/%d is in another order", i, of)
			}
			if i == 1 || load < shortest {
				shortest = load
			}
			longest = max(longest, load)
		}
		for _, c := range all {
			if n := held[c.ID]; n != 1 && c.ID != OpensOverPolling || c.ID == OpensOverPolling && n != of {
				t.Errorf("of %d shards %d hold %s", of, n, c.ID)
			}
		}
		if longest-shortest > nominal.ConnectTimeout+nominalWork {
			t.Errorf("of %d shards one takes %v, another one %v", of, shortest, longest)
		}
	}
}

func TestParseShard(t *testing.T) {
	for text, want := range map[string]Shard{
		"1/1": {1, 1}, "2/5": {2, 5}, "0/5": {}, "6/5": {}, "2": {}, "2/": {}, "/5": {}, "a/b": {}, "2/5/6": {}, "-1/5": {}, "": {},
	} {
		if got, ok := ParseShard(text); got != want || ok != (want != Shard{}) {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
	}
}

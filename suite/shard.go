package suite

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shard is a part of a run that several machines do: part Index, from 1, of Of parts. The zero value
// is the whole.
type Shard struct{ Index, Of int }

// ParseShard reads "2/5".
func ParseShard(text string) (Shard, bool) {
	index, of, found := strings.Cut(text, "/")
	i, errIndex := strconv.Atoi(index)
	n, errOf := strconv.Atoi(of)
	if !found || errIndex != nil || errOf != nil || i < 1 || i > n {
		return Shard{}, false
	}
	return Shard{i, n}, true
}

func (s Shard) String() string {
	if s == (Shard{}) {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Of)
}

// nominal are the contract's recommended timings: machines that share a run must share it in the
// same way, whatever the target's own timings are.
var nominal = Timings{
	PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond,
	ConnectTimeout: time.Second, EmitTimeout: time.Second,
}

// nominalWork is what a case is reckoned to take beside its timers.
const nominalWork = 50 * time.Millisecond

// Expected are the cases that a run and the other parts of it must hold together, without outcomes.
func Expected(r *Results) (all []CaseResult, err error) {
	selected, err := Select(r.Only, r.Skip)
	if err != nil {
		return nil, err
	}
	for _, c := range selected {
		all = append(all, CaseResult{
			ID: c.ID, Title: c.Title, Area: c.Area(), Level: c.Level, Since: string(c.Since), Source: c.Source, Faults: c.Faults,
		})
	}
	return all, nil
}

// part returns the cases of one shard: of all shards of a selection, each case is in one, and all take
// about the same time. The prerequisites of others are in every shard.
func (s Shard) part(selected []*Case) []*Case {
	if s.Of < 2 {
		return selected
	}
	byWork := slices.Clone(selected)
	work := func(c *Case) time.Duration { return c.longest(nominal) + nominalWork }
	slices.SortFunc(byWork, func(a, b *Case) int { return cmp.Or(cmp.Compare(work(b), work(a)), compareIDs(a.ID, b.ID)) })
	loads := make([]time.Duration, s.Of)
	own := map[string]bool{}
	for _, c := range byWork {
		if slices.Contains(Prerequisites, c.ID) {
			own[c.ID] = true
			continue
		}
		lightest := 0
		for i, load := range loads {
			if load < loads[lightest] {
				lightest = i
			}
		}
		loads[lightest] += work(c)
		if lightest == s.Index-1 {
			own[c.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(selected), func(c *Case) bool { return !own[c.ID] })
}

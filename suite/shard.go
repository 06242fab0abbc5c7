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
// about the same time, with a target's timers short or long, and whatever profile it supports. The
// prerequisites of others are in every shard.
func (s Shard) part(selected []*Case) []*Case {
	if s.Of < 2 {
		return selected
	}
	var total work
	for _, c := range selected {
		total.add(c.work())
	}
	byWork := slices.Clone(selected)
	slices.SortFunc(byWork, func(a, b *Case) int {
		return cmp.Or(
			cmp.Compare(slices.Index(shared, a.Profile()), slices.Index(shared, b.Profile())),
			cmp.Compare(b.work().of(total), a.work().of(total)),
			compareIDs(a.ID, b.ID))
	})
	loads := make([]work, s.Of)
	own := map[string]bool{}
	for _, c := range byWork {
		if slices.Contains(Prerequisites, c.ID) {
			own[c.ID] = true
			continue
		}
		w, lightest := c.work(), 0
		for i := range loads {
			if loads[i].grows(w, total) < loads[lightest].grows(w, total) {
				lightest = i
			}
		}
		loads[lightest].add(w)
		if lightest == s.Index-1 {
			own[c.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(selected), func(c *Case) bool { return !own[c.ID] })
}

// shared are the profiles in the order in which their cases are dealt out: a target of a small profile
// runs only the first of them, and those are to be shared well, too.
var shared = append(slices.Clone(Profiles), ProfileBrowser)

// work is what cases are reckoned to take, with the nominal timers and with those of socket.io.
type work [2]time.Duration

func (c *Case) work() work {
	return work{c.longest(nominal) + nominalWork, c.longest(DefaultTimings) + nominalWork}
}

func (w *work) add(more work) {
	for i := range w {
		w[i] += more[i]
	}
}

// of is the share in a total, from 0 to the number of kinds of timers.
func (w work) of(total work) (share float64) {
	for i := range w {
		share += float64(w[i]) / float64(total[i])
	}
	return share
}

// grows is by how much the squares of a load's shares in the total grow with more work: least where
// least of that kind is to be done yet.
func (w work) grows(more, total work) (growth float64) {
	for i := range w {
		before, after := float64(w[i])/float64(total[i]), float64(w[i]+more[i])/float64(total[i])
		growth += after*after - before*before
	}
	return growth
}

package runner

import (
	"cmp"
	"slices"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// nominal are the timings that the contract recommends: machines that share a run must divide it in the same way, whatever
// the target's own timings are.
var nominal = suite.Timings{
	PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond,
	ConnectTimeout: time.Second, EmitTimeout: time.Second,
}

// nominalWork is how long a case is assumed to take besides its timers.
const nominalWork = 50 * time.Millisecond

// part returns the cases of one shard. Prerequisites are in every shard, every other case of the selection in exactly one.
// All shards take about the same time, whether the target's timers are short or long and whatever profile it supports.
func part(s result.Shard, selected []*suite.Case) []*suite.Case {
	if s.Of < 2 {
		return selected
	}
	var total work
	for _, c := range selected {
		total.add(workOf(c))
	}
	byWork := slices.Clone(selected)
	slices.SortFunc(byWork, func(a, b *suite.Case) int {
		return cmp.Or(
			cmp.Compare(slices.Index(shared, a.Profile()), slices.Index(shared, b.Profile())),
			cmp.Compare(workOf(b).of(total), workOf(a).of(total)),
			suite.CompareIDs(a.ID, b.ID))
	})
	loads := make([]work, s.Of)
	own := map[string]bool{}
	for _, c := range byWork {
		if c.Shows != "" {
			own[c.ID] = true
			continue
		}
		w, lightest := workOf(c), 0
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
	return slices.DeleteFunc(slices.Clone(selected), func(c *suite.Case) bool { return !own[c.ID] })
}

// shared lists the profiles in the order in which their cases are divided: a target of a small profile runs only the first
// ones, and those must be divided evenly, too.
var shared = append(slices.Clone(suite.Profiles), suite.ProfileBrowser)

// work is how long cases are assumed to take, with the nominal timers and with those of socket.io.
type work [2]time.Duration

// workOf returns how long one case is assumed to take.
func workOf(c *suite.Case) work {
	return work{c.Longest(nominal) + nominalWork, c.Longest(suite.DefaultTimings) + nominalWork}
}

func (w *work) add(more work) {
	for i := range w {
		w[i] += more[i]
	}
}

// of returns the share of a total, from 0 to the number of kinds of timers.
func (w work) of(total work) (share float64) {
	for i := range w {
		share += float64(w[i]) / float64(total[i])
	}
	return share
}

// grows returns by how much the squares of a load's shares of the total grow with more work: it is smallest for the load
// with the least work of that kind.
func (w work) grows(more, total work) (growth float64) {
	for i := range w {
		before, after := float64(w[i])/float64(total[i]), float64(w[i]+more[i])/float64(total[i])
		growth += after*after - before*before
	}
	return growth
}

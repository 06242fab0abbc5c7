package runner

import (
	"slices"

	"example.test/conformance/suite"
)

// again runs the cases once more, in a different order.
func (s *scheduler) again() *scheduler {
	config := s.config
	config.Seed++
	next := newScheduler(s.parent, config, s.capabilities, s.env.Controls, s.all)
	next.second, next.group = s.second, s.group
	next.ask(newProbes(config.Targets, s.capabilities, s.env.Controls))
	next.startCases()
	next.wait()
	return next
}

// combine keeps the worst result of each case over several rounds, and counts its outcomes.
func combine(rounds []*scheduler) map[string]*suite.CaseResult {
	results := map[string]*suite.CaseResult{}
	for _, f := range rounds {
		f.mu.Lock()
		for id, r := range f.results {
			worst, seen := results[id]
			if !seen {
				one := *r
				one.Rounds = map[suite.Outcome]int{}
				worst = &one
			} else if slices.Index(suite.Outcomes, r.Outcome) < slices.Index(suite.Outcomes, worst.Outcome) {
				one := *r
				one.Rounds = worst.Rounds
				worst = &one
			}
			worst.Rounds[r.Outcome]++
			results[id] = worst
		}
		f.mu.Unlock()
	}
	return results
}

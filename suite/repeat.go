package suite

import "slices"

// again runs the cases once more, in another order.
func (f *flight) again() *flight {
	config := f.config
	config.Seed++
	next := newFlight(f.parent, config, f.capabilities, f.observers, f.all)
	next.beside = f.beside
	next.launch()
	next.wait()
	return next
}

// combine keeps the worst result of each case over several rounds, with how often it came to what.
func combine(rounds []*flight) map[string]*CaseResult {
	results := map[string]*CaseResult{}
	for _, f := range rounds {
		f.mu.Lock()
		for id, r := range f.results {
			worst, seen := results[id]
			if !seen {
				one := *r
				one.Rounds = map[Outcome]int{}
				worst = &one
			} else if slices.Index(Outcomes, r.Outcome) < slices.Index(Outcomes, worst.Outcome) {
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

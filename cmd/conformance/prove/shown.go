package prove

import (
	"context"
	"slices"
	"sync"

	"example.test/conformance/reference/fault"
)

// shown is what a proof has shown so far: which faults are caught, and which cases can fail.
type shown struct {
	mu            sync.Mutex
	caught, fails map[string]bool
}

func (p *Proof) shown() *shown {
	all := &shown{caught: map[string]bool{}, fails: map[string]bool{}}
	for pair, s := range p.seen {
		if s.strong() {
			all.caught[pair.Fault], all.fails[pair.Case] = true, true
		}
	}
	return all
}

// run runs the cases of the rule that a fault breaks against it: first those that have not been seen to fail, then, if the
// fault is still not caught, the others until one catches it. If a is nil, it runs all of them.
func (a *shown) run(ctx context.Context, of part, f *fault.Fault, ids []string) (map[string]Seen, error) {
	if a == nil {
		return of.run(ctx, f, ids, nil)
	}
	open, known := a.split(ids)
	all := map[string]Seen{}
	for _, some := range [][]string{open, known} {
		if len(some) == 0 || a.enough(f.Name, some) {
			continue
		}
		seen, err := of.run(ctx, f, some, func(id string, s Seen) bool {
			a.add(f.Name, id, s)
			return a.enough(f.Name, some)
		})
		if err != nil {
			return nil, err
		}
		for id, s := range seen {
			a.add(f.Name, id, s)
			all[id] = s
		}
	}
	return all, nil
}

// split returns the cases that have not been seen to fail, and the others.
func (a *shown) split(ids []string) (open, known []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range ids {
		if a.fails[id] {
			known = append(known, id)
		} else {
			open = append(open, id)
		}
	}
	return open, known
}

func (a *shown) add(broken, id string, s Seen) {
	if !s.strong() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.caught[broken], a.fails[id] = true, true
}

// enough reports whether the fault is caught, and each of the cases has been seen to fail.
func (a *shown) enough(broken string, ids []string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.caught[broken] && !slices.ContainsFunc(ids, func(id string) bool { return !a.fails[id] })
}

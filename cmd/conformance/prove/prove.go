// Package prove shows that each rule is checked by a case that was seen to fail because of it. It runs the cases against the
// reference server with faults, each of which breaks one rule, and demands three things.
//
//   - Every rule that a case checks has a fault that breaks it.
//   - Every fault is caught by a case of the rule that it breaks.
//   - Every case fails with a fault of one of its rules.
//
// A case catches a fault if one of its own expectations fails. An expectation in a step that takes another rule for granted
// does not count: it says nothing about the rule of the case.
package prove

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// Options configures a proof.
type Options struct {
	Cases  []*suite.Case
	Faults []fault.Fault
	// SomeFaults means that these are not all faults, so no rule or case can be found to lack one. Cases whose rules none of
	// them breaks then take no part.
	SomeFaults bool
	// SomeCases means that these are not all cases, so faults can be found uncaught only if SomeFaults is set, too.
	SomeCases bool
	// AtOnce is how many faults run at once.
	AtOnce int
	// Pages proves the browser cases; nil if there is no browser or no client. NoPages says why.
	Pages   *Pages
	NoPages string
	// Busy means that this machine is busy, so it may leave open what a calm one would show; see [Proof.LeftOpen].
	Busy bool
	// Whole runs all cases against each fault, for [Proof.Matrix], and not only those of the broken rule.
	Whole bool
	// Earlier is a matrix to compare with that of this proof. Pairs that differ are tried again, because some depend on
	// chance.
	Earlier  Matrix
	Progress Progress
}

// Progress is notified of the progress of a proof.
type Progress interface {
	Waits(what string)
	Counts(total int, part string)
	Begun(name string)
	Ended(name string)
}

// tries is how often a case may try to catch a fault: some faults act by chance, for instance depending on the order of two
// goroutines.
const (
	tries     = 5
	openTries = 2 // if a busy machine keeps the case from being judged: each try then takes long
)

// triesAtOnce is small: faults that act by chance need a quiet machine.
const triesAtOnce = 4

// run runs cases against a reference server with a fault, or without one, and returns the result of each. It calls enough,
// if not nil, with each case that has ended, and stops early if enough returns true.
type run func(ctx context.Context, broken *fault.Fault, ids []string, enough func(id string, s Seen) bool) (map[string]Seen, error)

// Seen is the result of a case in one run.
type Seen struct {
	Outcome result.Outcome
	By      *result.Failure // the failure that decided; nil if the case did not fail
	Words   string          // of it
	Reason  string          // if the case could not be judged or does not apply
}

// red reports whether the case failed, in any expectation and at any level.
func (s Seen) red() bool { return s.Outcome.Red() }

// own reports whether the case failed in one of its own expectations.
func (s Seen) own() bool { return s.red() && s.By != nil && s.By.Given == "" }

// strong reports whether the case failed with more than the loss of its session, which proves little.
func (s Seen) strong() bool { return s.own() && s.By.Kind != result.SessionLost }

// String says what the case did.
func (s Seen) String() string {
	switch {
	case s.Outcome == "":
		return "was not run"
	case s.red() && !s.own() && s.By != nil:
		return strings.TrimSuffix(fmt.Sprintf("failed in a step that takes %s for granted (%s)", s.By.Given, s.Words), " ()")
	case s.Outcome == result.Passed:
		return "passed"
	case s.red():
		return string(s.Outcome)
	case s.Reason != "":
		return fmt.Sprintf("was %s (%s)", s.Outcome, s.Reason)
	default:
		return "was " + string(s.Outcome)
	}
}

// part is a part of a proof: the cases that the faults of one kind can affect, those of the server or those of the client in
// a browser.
type part struct {
	cases  []*suite.Case
	faults []fault.Fault
	run    run
	atOnce int
	noun   string // of a fault
	whole  bool   // all cases run against each fault
	every  bool   // all cases of the broken rule run against each fault, although fewer would show that it is caught
}

// Prove runs the cases without a fault and with each fault.
func Prove(ctx context.Context, o Options) (*Proof, error) {
	begin := time.Now()
	if o.SomeFaults && !o.Whole {
		o.Cases = slices.DeleteFunc(slices.Clone(o.Cases), func(c *suite.Case) bool {
			return !slices.ContainsFunc(o.Faults, func(f fault.Fault) bool { return slices.Contains(c.RuleIDs(), f.Breaks) })
		})
	}
	p := &Proof{busy: o.Busy, cases: o.Cases, faults: o.Faults, someFaults: o.SomeFaults, someCases: o.SomeCases, seen: map[Pair]Seen{}}
	wire, page := apart(o.Cases, o.Faults)
	if len(wire.cases) > 0 && len(wire.faults) > 0 {
		o.Progress.Waits("looking at the reference")
		c, err := newClusters(ctx, wire.cases, o.Whole)
		if err != nil {
			return nil, err
		}
		if o.Whole {
			p.LeftOut = append(p.LeftOut, c.leftOut...)
		}
		wire.run, wire.atOnce, wire.noun = c.run, o.AtOnce, "fault"
		wire.whole, wire.every = o.Whole, o.Whole || o.SomeFaults
		if err := p.prove(ctx, wire, o); err != nil {
			return nil, err
		}
		p.Blocks = c.blocks
	}
	if len(page.cases) > 0 && len(page.faults) > 0 {
		if o.Pages == nil {
			p.LeftOut = append(p.LeftOut, fmt.Sprintf("the %d cases of the client in a browser and the %d faults of the client are left out: %s", len(page.cases), len(page.faults), o.NoPages))
			p.cases, p.faults = wire.cases, wire.faults
		} else {
			page.run, page.atOnce, page.noun, page.every = o.Pages.run, pageFaultsAtOnce, "client fault", o.SomeFaults
			if err := p.prove(ctx, page, o); err != nil {
				return nil, err
			}
		}
	}
	p.conclude()
	p.DurationMs = float64(time.Since(begin).Milliseconds())
	return p, ctx.Err()
}

// apart splits cases and faults into those of the wire and those of the client in a browser. Neither can see the other's
// faults: a fault of the client bundle changes only the bundle.
func apart(cases []*suite.Case, faults []fault.Fault) (wire, page part) {
	for _, c := range cases {
		if c.Needs.Browser {
			page.cases = append(page.cases, c)
		} else {
			wire.cases = append(wire.cases, c)
		}
	}
	for _, f := range faults {
		if f.InBrowser() {
			page.faults = append(page.faults, f)
		} else {
			wire.faults = append(wire.faults, f)
		}
	}
	return wire, page
}

// of returns the IDs of the cases that check a rule.
func (p part) of(rule string) (ids []string) {
	for _, c := range p.cases {
		if slices.Contains(c.RuleIDs(), rule) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// prove runs one part of the proof, and retries what may have been missed by chance.
func (p *Proof) prove(ctx context.Context, of part, o Options) error {
	o.Progress.Waits(fmt.Sprintf("running %d cases without a fault", len(of.cases)))
	var ids []string
	for _, c := range of.cases {
		ids = append(ids, c.ID)
	}
	if err := p.health(ctx, of, ids); err != nil {
		return err
	}
	plan := map[string][]string{}
	for _, f := range of.faults {
		if plan[f.Name] = of.of(f.Breaks); of.whole {
			plan[f.Name] = ids
		}
	}
	o.Progress.Counts(len(of.faults), of.noun)
	if err := p.see(ctx, of, plan, of.atOnce, o.Progress); err != nil {
		return err
	}
	o.Progress.Waits("trying again what may act by chance")
	for try := 1; try < tries && ctx.Err() == nil; try++ {
		atOnce := triesAtOnce
		if p.busy && try < openTries { // most of the time is spent waiting for a calm moment
			atOnce = max(of.atOnce, triesAtOnce)
		}
		again := p.missed(of, try < openTries)
		if len(again) == 0 {
			break
		}
		if err := p.see(ctx, of, again, atOnce, nil); err != nil {
			return err
		}
	}
	return p.compare(ctx, of, o)
}

// open reports whether a busy machine kept a case from being judged.
func (p *Proof) open(s Seen) bool {
	return p.busy && (s.Outcome == result.Unverified || s.Outcome == result.Unstable)
}

// health runs cases without a fault. Those that do not pass are tried again: a busy machine may be the reason.
func (p *Proof) health(ctx context.Context, of part, ids []string) error {
	seen := map[string]Seen{}
	for try := 0; try < tries && len(ids) > 0 && ctx.Err() == nil; try++ {
		once, err := of.run(ctx, nil, ids, nil)
		if err != nil {
			return err
		}
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
			seen[id] = once[id]
			return once[id].Outcome == result.Passed
		})
	}
	for _, id := range ids {
		gap := Gap{id, "it " + strings.TrimSpace(seen[id].String()+" "+seen[id].Words)}
		if p.open(seen[id]) {
			p.LeftOpen = append(p.LeftOpen, gap)
		} else {
			p.RedWithoutFault = append(p.RedWithoutFault, gap)
		}
	}
	return nil
}

// see runs, against each fault of the plan, the cases that the plan has for it, and records the results.
func (p *Proof) see(ctx context.Context, of part, plan map[string][]string, atOnce int, progress Progress) error {
	var shown *shown
	if !of.every {
		shown = p.shown()
	}
	seen, err := look(ctx, of, plan, shown, atOnce, progress)
	for pair, s := range seen {
		p.add(pair, s)
	}
	return err
}

// look runs, against each fault of the plan, the cases that the plan has for it. If shown is nil it runs all of them,
// otherwise as many as are needed to show that the fault is caught and that each case can fail.
func look(ctx context.Context, of part, plan map[string][]string, shown *shown, atOnce int, progress Progress) (map[Pair]Seen, error) {
	slots := make(chan struct{}, max(atOnce, 1))
	var group sync.WaitGroup
	var mu sync.Mutex
	var broken error
	all := map[Pair]Seen{}
	for _, f := range mixed(of.faults) {
		ids := plan[f.Name]
		if len(ids) == 0 {
			continue
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if progress != nil {
				progress.Begun(f.Name)
				defer progress.Ended(f.Name)
			}
			seen, err := shown.run(ctx, of, &f, ids)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				broken = cmp.Or(broken, fmt.Errorf("fault %s: %w", f.Name, err))
				return
			}
			for id, s := range seen {
				all[Pair{f.Name, id}] = s
			}
		})
	}
	group.Wait()
	return all, broken
}

// mixed spreads the faults of each area over the whole list, so that those that wait for timers run alongside those that do
// not.
func mixed(faults []fault.Fault) []fault.Fault {
	area := func(f fault.Fault) string { name, _, _ := strings.Cut(f.Name, "/"); return name }
	size, seen, place := map[string]int{}, map[string]int{}, map[string]float64{}
	for _, f := range faults {
		size[area(f)]++
	}
	for _, f := range faults {
		seen[area(f)]++
		place[f.Name] = float64(seen[area(f)]) / float64(size[area(f)]+1)
	}
	all := slices.Clone(faults)
	slices.SortStableFunc(all, func(a, b fault.Fault) int { return cmp.Compare(place[a.Name], place[b.Name]) })
	return all
}

// add keeps the best result of a pair: a failure of the case's own expectations first, then any other failure.
func (p *Proof) add(pair Pair, s Seen) {
	rank := func(s Seen) int {
		switch {
		case s.own():
			return 3
		case s.red():
			return 2
		case s.Outcome != "":
			return 1
		}
		return 0
	}
	if rank(s) > rank(p.seen[pair]) {
		p.seen[pair] = s
	}
}

// missed returns the pairs to try again: of faults that no case of their rule has caught, and of cases that have caught no
// fault of their rules. It includes those that a busy machine leaves open only if open is true.
func (p *Proof) missed(of part, open bool) map[string][]string {
	caught, red := map[string]bool{}, map[string]bool{}
	for _, f := range of.faults {
		for _, id := range of.of(f.Breaks) {
			if s := p.seen[Pair{f.Name, id}]; s.own() || !open && p.open(s) {
				caught[f.Name], red[id] = true, true
			}
		}
	}
	again := map[string][]string{}
	for _, f := range of.faults {
		for _, id := range of.of(f.Breaks) {
			if !caught[f.Name] || !red[id] {
				again[f.Name] = append(again[f.Name], id)
			}
		}
	}
	return again
}

// compare retries the pairs in which the matrix differs from the earlier one.
func (p *Proof) compare(ctx context.Context, of part, o Options) error {
	if o.Earlier == nil || !of.whole {
		return nil
	}
	p.Against(o.Earlier)
	for try := 1; try < tries && ctx.Err() == nil; try++ {
		again := map[string][]string{}
		for _, pair := range slices.Concat(p.Difference.Missed, p.Difference.Gained) {
			again[pair.Fault] = append(again[pair.Fault], pair.Case)
		}
		if len(again) == 0 {
			return nil
		}
		seen, err := look(ctx, of, again, nil, triesAtOnce, nil)
		if err != nil {
			return err
		}
		for pair, s := range seen {
			if s.red() != p.seen[pair].red() {
				p.byChance = append(p.byChance, pair)
			}
		}
		p.Against(o.Earlier)
	}
	return nil
}

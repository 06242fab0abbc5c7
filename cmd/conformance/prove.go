package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/reporter"
	"example.test/conformance/suite"
)

// provenFaultsAtOnce keeps the load of the runs low enough that their timing rules can be judged.
const provenFaultsAtOnce = 12

// proveMemory is what the proof may take before it collects garbage, in bytes.
const proveMemory = 1 << 30

// provePatience is shorter than a run's own: with a fault, most waiting is for what never comes.
const provePatience = 2 * time.Second

// proveCrowd and proveSessions are smaller than a run's own: the faults of a crowd act from fewer on, and there
// are many runs.
const (
	proveCrowd    = 160
	proveSessions = 40
)

// provePayload is smaller than the default, too, in bytes: the cases about large messages go by what the target takes.
const provePayload = 100_000

// proof is the matrix of faults and the cases that caught them.
type proof struct {
	Faults []provenFault `json:"faults"`
	// UncaughtFaults turned no case red.
	UncaughtFaults []string `json:"uncaughtFaults"`
	// UnprovenCases were turned red by no fault.
	UnprovenCases []string `json:"unprovenCases"`
	// FalseClaims are pairs of a case and a fault that it names, but did not catch: "case fault".
	FalseClaims []string `json:"falseClaims"`
	// RedWithoutFault are the cases that fail without any fault.
	RedWithoutFault []string `json:"redWithoutFault"`
	// LeftOut says which cases and faults took no part, and why.
	LeftOut    string  `json:"leftOut,omitempty"`
	DurationMs float64 `json:"durationMs"`
}

type provenFault struct {
	Name       string   `json:"name"`
	Summary    string   `json:"summary"`
	CaughtBy   []string `json:"caughtBy"`
	Verdict    string   `json:"verdict"`
	DurationMs float64  `json:"durationMs"`
}

func (p *proof) complete() bool {
	return len(p.UncaughtFaults)+len(p.UnprovenCases)+len(p.FalseClaims)+len(p.RedWithoutFault) == 0
}

func (p *proof) leaveOut(format string, args ...any) {
	p.LeftOut = strings.TrimPrefix(p.LeftOut+"\n"+fmt.Sprintf(format, args...), "\n")
}

func proveCommand(ctx context.Context, args []string, out, errOut io.Writer) (int, error) {
	f := newFlags("prove", "prove [flags]")
	g := f.group("Flags")
	asJSON := g.Bool("json", false, "print the matrix as JSON for machines")
	only := g.StringArray("only", nil, "only the cases whose ID matches the `GLOB`; repeatable")
	faults := g.StringArray("fault", nil, "only the faults whose name matches the `GLOB`; repeatable")
	atOnce := g.IntP("parallel", "p", provenFaultsAtOnce, "`N` faults under way at once")
	var ofBrowser browserFlags
	ofBrowser.add(f.group("The client in a browser, whose cases take part with a client bundle"))
	f.after = "Examples:\n  conformance prove --json > matrix.json\n  conformance prove --fault 'upgrade/*'\n  conformance prove --only browser --client socket.io.min.js\n\nExit codes: 0 each fault is caught and each case proven, 1 not so,\n2 wrong usage, 5 all was left out."
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	selected, err := suite.Select(*only, nil)
	if err != nil {
		return 0, err
	}
	var chosen []fault.Fault
	for _, one := range fault.All() {
		for _, pattern := range append([]string(nil), *faults...) {
			if ok, err := suite.Matches(pattern, one.Name); err != nil || !ok {
				continue
			}
			chosen = append(chosen, one)
			break
		}
	}
	if len(*faults) == 0 {
		chosen = fault.All()
	}
	if len(chosen) == 0 {
		return 0, usage("--fault matches no fault: `conformance serve --fault list` lists them")
	}
	selected, inBrowser, chosen, ofClient := apartBrowser(selected, chosen)
	debug.SetGCPercent(-1) // time is short here, and memory is not
	debug.SetMemoryLimit(proveMemory)
	p, begin, console := &proof{}, time.Now(), progress(errOut)
	defer console.Done()
	if len(selected) > 0 && len(chosen) > 0 {
		if p, err = prove(ctx, selected, chosen, *atOnce, console); err != nil {
			return 0, err
		}
	}
	if len(inBrowser) > 0 && len(ofClient) > 0 {
		console.Waits("getting the browser ready")
		pages, missing, err := ofBrowser.pages(ctx)
		switch {
		case err != nil:
			return 0, err
		case pages == nil:
			p.leaveOut("left out are the %d cases of the client in a browser and the %d faults of the client: %s", len(inBrowser), len(ofClient), missing)
			inBrowser = nil
		default:
			defer pages.browser.Close()
			if err := pages.prove(ctx, inBrowser, ofClient, p, console); err != nil {
				return 0, err
			}
		}
	}
	console.Done()
	p.conclude(slices.Concat(selected, inBrowser))
	if ctx.Err() != nil {
		return suite.Interrupted.ExitCode(), nil
	}
	p.DurationMs = float64(time.Since(begin).Milliseconds())
	if len(*faults) > 0 { // a part of the faults proves no case unproven
		p.UnprovenCases, p.FalseClaims = nil, nil
	}
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(p); err != nil {
			return 0, err
		}
	} else {
		p.print(out)
	}
	switch {
	case !p.complete():
		return 1, nil
	case len(p.Faults) == 0:
		return suite.Incomplete.ExitCode(), nil
	}
	return 0, nil
}

// prove runs all the selected cases against each fault, and once without any.
func prove(ctx context.Context, selected []*suite.Case, faults []fault.Fault, atOnce int, console *reporter.Console) (*proof, error) {
	console.Waits("running the cases without a fault")
	var ids []string
	for _, c := range selected {
		ids = append(ids, c.ID)
	}
	healthy, err := fly(ctx, nil, ids, nil)
	if err != nil {
		return nil, err
	}
	p := &proof{Faults: make([]provenFault, len(faults)), RedWithoutFault: red(healthy)}
	for _, c := range selected {
		if c.Needs.Targets > 2 {
			p.leaveOut("%s needs %d instances, and takes part with the faults between servers alone", c.ID, c.Needs.Targets)
		}
	}
	known, err := capabilities(ctx)
	if err != nil {
		return nil, err
	}
	slots := make(chan struct{}, max(atOnce, 1))
	var group sync.WaitGroup
	var mu sync.Mutex
	console.Counts(len(faults), "fault")
	var broken error
	for i, one := range faults {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			console.Begun(one.Name)
			defer console.Ended(one.Name)
			begin := time.Now()
			results, err := fly(ctx, &one, ids, known)
			if err != nil {
				mu.Lock()
				broken = cmp.Or(broken, fmt.Errorf("fault %s: %w", one.Name, err))
				mu.Unlock()
				return
			}
			p.Faults[i] = provenFault{one.Name, one.Summary, red(results), string(results.Verdict), float64(time.Since(begin).Milliseconds())}
		})
	}
	group.Wait()
	if broken != nil {
		return nil, broken
	}
	console.Waits("trying again what did not catch a fault that it names")
	if err := p.retry(ctx, selected, faults, known); err != nil {
		return nil, err
	}
	return p, nil
}

// retriesAtOnce are few, since chance needs quiet.
const retriesAtOnce = 4

// claimTries is how often a case may try to catch a fault that it names: some act by chance, by the
// order of two goroutines say.
const claimTries = 5

// retry tries again, by themselves, the pairs of a case and a fault that it names but missed.
func (p *proof) retry(ctx context.Context, selected []*suite.Case, faults []fault.Fault, known map[int]*suite.Capabilities) error {
	slots := make(chan struct{}, retriesAtOnce)
	var group errgroup.Group
	for i := range p.Faults {
		one := &p.Faults[i]
		var missed []string
		for _, c := range selected {
			if slices.Contains(c.Faults, one.Name) && !slices.Contains(one.CaughtBy, c.ID) {
				missed = append(missed, c.ID)
			}
		}
		if len(missed) == 0 {
			continue
		}
		slots <- struct{}{}
		group.Go(func() error {
			defer func() { <-slots }()
			for try := 1; try < claimTries && len(missed) > 0 && ctx.Err() == nil; try++ {
				// What cases take for granted is judged with them, as in a whole run.
				results, err := fly(ctx, &faults[i], slices.Concat(missed, suite.Prerequisites), known)
				if err != nil {
					return err
				}
				caught := red(results)
				missed = slices.DeleteFunc(missed, func(id string) bool {
					hit := slices.Contains(caught, id)
					if hit {
						one.CaughtBy = append(one.CaughtBy, id)
					}
					return hit
				})
			}
			return nil
		})
	}
	return group.Wait()
}

func (p *proof) conclude(selected []*suite.Case) {
	caught := map[string][]string{}
	for _, one := range p.Faults {
		if len(one.CaughtBy) == 0 {
			p.UncaughtFaults = append(p.UncaughtFaults, one.Name)
		}
		for _, id := range one.CaughtBy {
			caught[id] = append(caught[id], one.Name)
		}
	}
	for _, c := range selected {
		if len(caught[c.ID]) == 0 || len(c.Faults) == 0 {
			p.UnprovenCases = append(p.UnprovenCases, c.ID)
		}
		for _, name := range c.Faults {
			if !slices.Contains(caught[c.ID], name) {
				p.FalseClaims = append(p.FalseClaims, c.ID+" "+name)
			}
		}
	}
}

// red lists the cases that saw their rule broken.
func red(r *suite.Results) (ids []string) {
	ids = []string{}
	for _, c := range r.Cases {
		if c.Outcome == suite.Failed || c.Outcome == suite.Warned {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// provenInstances is one more than a cluster needs: of two, one other instance is all of them.
const provenInstances = 3

// instancesFor is how many instances a fault is proven with. Only what goes on between servers can tell more than two
// of them, and each one more costs time with every fault.
func instancesFor(broken *fault.Fault) int {
	if broken == nil || strings.HasPrefix(broken.Name, "cluster/") {
		return provenInstances
	}
	return 2
}

// cluster starts a reference cluster with a fault, or without, as the targets of a run, and one beside it.
func cluster(ctx context.Context, broken *fault.Fault) (suite.Config, func(), error) {
	return clusterOf(ctx, broken, application.Options{Instances: provenInstances})
}

func clusterOf(ctx context.Context, broken *fault.Fault, options application.Options) (suite.Config, func(), error) {
	return embed(ctx, func() application.Options {
		options := options
		if broken != nil {
			broken.Apply(&options)
		}
		return options
	})
}

// proven are the targets of a run of the proof.
func proven(ctx context.Context, broken *fault.Fault, instances int) (suite.Config, func(), error) {
	return clusterOf(ctx, broken, application.Options{Instances: instances, MaxPayload: provePayload})
}

// capabilities of the targets of the proof, by the number of instances.
func capabilities(ctx context.Context) (map[int]*suite.Capabilities, error) {
	known := map[int]*suite.Capabilities{}
	for _, instances := range []int{2, provenInstances} {
		config, stop, err := proven(ctx, nil, instances)
		if err != nil {
			return nil, err
		}
		known[instances] = suite.Discover(ctx, config)
		stop()
	}
	return known, nil
}

// fly runs cases against a cluster of its own with that fault.
func fly(ctx context.Context, broken *fault.Fault, ids []string, known map[int]*suite.Capabilities) (*suite.Results, error) {
	instances := instancesFor(broken)
	config, stop, err := proven(ctx, broken, instances)
	if err != nil {
		return nil, err
	}
	defer stop()
	config.Profile, config.Edition, config.Only, config.Known = suite.ProfileCluster, suite.Latest, ids, known[instances]
	config.Tolerance = suite.DefaultTolerance
	config.Tolerance.Patience, config.Tolerance.Crowd, config.Tolerance.Sessions = provePatience, proveCrowd, proveSessions
	return suite.Fly(ctx, config)
}

func (p *proof) print(out io.Writer) {
	for _, one := range p.Faults {
		fmt.Fprintf(out, "%s: %s\n", one.Name, one.Summary)
		for _, id := range one.CaughtBy {
			fmt.Fprintf(out, "    caught by %s\n", id)
		}
		if len(one.CaughtBy) == 0 {
			fmt.Fprintf(out, "    CAUGHT BY NONE (verdict: %s)\n", one.Verdict)
		}
	}
	for _, list := range []struct {
		title string
		all   []string
	}{
		{"cases that fail without a fault", p.RedWithoutFault},
		{"faults that no case catches", p.UncaughtFaults},
		{"cases that no fault turns red, or that name none", p.UnprovenCases},
		{"cases that name a fault which does not turn them red", p.FalseClaims},
	} {
		if len(list.all) > 0 {
			slices.Sort(list.all)
			fmt.Fprintf(out, "\n%d %s:\n  %s\n", len(list.all), list.title, strings.Join(list.all, "\n  "))
		}
	}
	if p.LeftOut != "" {
		fmt.Fprintf(out, "\n%s\n", p.LeftOut)
	}
	fmt.Fprintf(out, "\n%d faults, %d of them caught, in %.1f s\n", len(p.Faults), len(p.Faults)-len(p.UncaughtFaults), p.DurationMs/1000)
}

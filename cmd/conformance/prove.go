package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"runtime/debug"
	"slices"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/cmd/conformance/prove"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// How many faults run at once. The load must stay low enough that timing rules can be judged.
const (
	provenAtOnce     = 12
	provenAtOnceBusy = 6 // on a machine that is already busy
)

// proveMemory is how much memory the proof may take before it collects garbage, in bytes.
const proveMemory = 1 << 30

func proveCommand(ctx context.Context, args []string, out, errOut io.Writer) (int, error) {
	f := newFlags("prove", "prove [flags]")
	g := f.group("Flags")
	asJSON := g.Bool("json", false, "print the proof as JSON for machines")
	only := g.StringArray("only", nil, "only the cases whose ID matches the `GLOB`, and the faults of their rules; repeatable")
	faults := g.StringArray("fault", nil, "only the faults whose name matches the `GLOB`; repeatable")
	atOnce := g.IntP("parallel", "p", provenAtOnce, "`N` faults tested at once; fewer on a busy machine unless given")
	matrix := g.String("matrix", "", "run all cases against each fault, and write to `FILE` which fail with which")
	against := g.String("against", "", "run all cases against each fault, and print how that differs from the matrix in `FILE`")
	var ofBrowser browserFlags
	ofBrowser.add(f.group("The client in a browser, whose cases take part with a client bundle"))
	f.after = `Each rule that a case checks must have a fault that breaks it, each fault must
be caught by a case of the rule that it breaks, and each case must fail with a
fault of one of its rules: in an expectation of its own, which is printed.

Examples:
  conformance prove
  conformance prove --fault 'upgrade/*'
  conformance prove --only browser --client socket.io.min.js
  conformance prove --against matrix.txt

Exit codes: 0 all is proven, 1 not all is, 2 wrong usage, 5 all was left out,
or a busy machine leaves some of it open.`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	busy := embedded.Busy()
	if busy && !g.Changed("parallel") {
		*atOnce = provenAtOnceBusy
	}
	o := prove.Options{AtOnce: *atOnce, Busy: busy, SomeFaults: len(*faults) > 0, SomeCases: len(*only) > 0, Whole: *matrix != "" || *against != ""}
	var err error
	if o.Cases, err = runner.Select(*only, nil); err != nil {
		return 0, err
	}
	if o.Faults, err = faultsLike(*faults); err != nil {
		return 0, err
	}
	if len(*only) > 0 && len(*faults) == 0 && !o.Whole {
		o.Faults = slices.DeleteFunc(o.Faults, func(f fault.Fault) bool {
			return !slices.ContainsFunc(o.Cases, func(c *suite.Case) bool {
				return slices.Contains(c.RuleIDs(), f.Breaks)
			})
		})
	}
	if *against != "" {
		text, err := os.ReadFile(*against)
		if err == nil {
			err = o.Earlier.UnmarshalText(text)
		}
		if err != nil {
			return 0, usage("--against: %v", err)
		}
	}
	debug.SetGCPercent(-1) // time is scarce here, memory is not
	debug.SetMemoryLimit(proveMemory)
	console := progress(errOut)
	defer console.Done()
	o.Progress = console
	if slices.ContainsFunc(o.Cases, func(c *suite.Case) bool { return c.Needs.Browser }) {
		console.Waits("getting the browser ready")
		if o.Pages, o.NoPages, err = ofBrowser.pages(ctx); err != nil {
			return 0, err
		}
		if o.Pages != nil {
			defer o.Pages.Browser.Close()
		}
	}
	p, err := prove.Prove(ctx, o)
	console.Done()
	switch {
	case ctx.Err() != nil:
		return 0, context.Cause(ctx)
	case err != nil:
		return 0, err
	}
	if *matrix != "" {
		text, err := p.Matrix().MarshalText()
		if err == nil {
			err = os.WriteFile(*matrix, text, 0o644)
		}
		if err != nil {
			return 0, err
		}
	}
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(p); err != nil {
			return 0, err
		}
	} else {
		p.Print(out)
	}
	switch {
	case !p.Complete():
		return 1, nil
	case p.Faults == 0, len(p.LeftOpen) > 0:
		return suite.Incomplete.ExitCode(), nil
	}
	return 0, nil
}

// faultsLike returns the faults whose name matches a pattern, or all if there are no patterns.
func faultsLike(patterns []string) (chosen []fault.Fault, err error) {
	if len(patterns) == 0 {
		return fault.All(), nil
	}
	for _, one := range fault.All() {
		for _, pattern := range patterns {
			ok, err := runner.Matches(pattern, one.Name)
			if err != nil {
				return nil, err
			}
			if ok {
				chosen = append(chosen, one)
				break
			}
		}
	}
	if len(chosen) == 0 {
		return nil, usage("--fault matches no fault: `conformance serve --fault list` lists them")
	}
	return chosen, nil
}

// pages returns what the proof of the browser cases needs, or says what is missing.
func (b *browserFlags) pages(ctx context.Context) (*prove.Pages, string, error) {
	bundle, err := b.bundle(ctx)
	if err != nil {
		return nil, "", err
	}
	if bundle == nil {
		return nil, "it needs a client bundle for the reference to serve: give one with --client", nil
	}
	browser, err := b.browser()
	if err != nil || browser == nil {
		return nil, "no Chromium was found on this machine", err
	}
	return &prove.Pages{Browser: browser, Client: bundle.Script}, "", nil
}

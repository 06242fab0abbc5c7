package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/reporter"
	"example.test/conformance/suite"
)

// pages is what the proof of the browser's cases needs beside the reference: its faults are in the
// client, which the reference serves as it is given.
type pages struct {
	browser *suite.Browser
	client  []byte
}

// Heartbeat of the servers that pages connect to: pages stand still for long on a busy machine.
const (
	pagePingInterval = 500 * time.Millisecond
	pagePingTimeout  = 3 * time.Second
)

// pageFaultsAtOnce are few: a page takes a process of Chromium's.
const pageFaultsAtOnce = 4

// pages gives what there is for the proof, or says what is missing.
func (b *browserFlags) pages(ctx context.Context) (*pages, string, error) {
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
	return &pages{browser, bundle.Script}, "", nil
}

// apartBrowser splits cases and faults into those of the wire and those of the client in a browser. Neither
// can see the other's: a fault of the bundle changes nothing but the bundle.
func apartBrowser(cases []*suite.Case, faults []fault.Fault) (wire, page []*suite.Case, wireFaults, pageFaults []fault.Fault) {
	for _, c := range cases {
		if c.Needs.Browser {
			page = append(page, c)
		} else {
			wire = append(wire, c)
		}
	}
	for _, f := range faults {
		if f.InBrowser() {
			pageFaults = append(pageFaults, f)
		} else {
			wireFaults = append(wireFaults, f)
		}
	}
	return wire, page, wireFaults, pageFaults
}

// prove runs the browser's cases against each fault of the client, and once without any.
func (p *pages) prove(ctx context.Context, selected []*suite.Case, faults []fault.Fault, to *proof, console *reporter.Console) error {
	console.Waits("running the browser's cases without a fault")
	var ids []string
	for _, c := range selected {
		ids = append(ids, c.ID)
	}
	healthy, err := p.fly(ctx, nil, ids)
	if err != nil {
		return err
	}
	for _, c := range healthy.Cases {
		if slices.Contains(ids, c.ID) && c.Outcome != suite.Passed {
			to.RedWithoutFault = append(to.RedWithoutFault, fmt.Sprintf("%s (%s: %s%s)", c.ID, c.Outcome, c.Message, c.Reason))
		}
	}
	proven := make([]provenFault, len(faults))
	console.Counts(len(faults), "client fault")
	slots := make(chan struct{}, pageFaultsAtOnce)
	var group errgroup.Group
	for i, one := range faults {
		slots <- struct{}{}
		group.Go(func() (err error) {
			defer func() { <-slots }()
			console.Begun(one.Name)
			defer console.Ended(one.Name)
			proven[i], err = p.proveFault(ctx, selected, one)
			return err
		})
	}
	err = group.Wait()
	to.Faults = append(to.Faults, proven...)
	return err
}

// proveFault runs the cases that name a fault: not all, since each page that waits in vain waits for long.
func (p *pages) proveFault(ctx context.Context, selected []*suite.Case, one fault.Fault) (provenFault, error) {
	begin := time.Now()
	var claims []string
	for _, c := range selected {
		if slices.Contains(c.Faults, one.Name) {
			claims = append(claims, c.ID)
		}
	}
	proven := provenFault{Name: one.Name, Summary: one.Summary, CaughtBy: []string{}}
	for try := 0; try < claimTries && len(claims) > 0 && ctx.Err() == nil; try++ {
		results, err := p.fly(ctx, &one, claims)
		if err != nil {
			return proven, fmt.Errorf("fault %s: %w", one.Name, err)
		}
		caught := red(results)
		proven.CaughtBy, proven.Verdict = append(proven.CaughtBy, caught...), string(results.Verdict)
		claims = slices.DeleteFunc(claims, func(id string) bool { return slices.Contains(caught, id) })
	}
	proven.DurationMs = float64(time.Since(begin).Milliseconds())
	return proven, nil
}

// fly runs the browser's cases against a reference server that serves the client with that fault.
func (p *pages) fly(ctx context.Context, broken *fault.Fault, ids []string) (*suite.Results, error) {
	config, stop, err := embed(ctx, func() application.Options {
		options := application.Options{Client: p.client, PingInterval: pagePingInterval, PingTimeout: pagePingTimeout}
		if broken != nil {
			broken.Apply(&options)
		}
		return options
	})
	if err != nil {
		return nil, err
	}
	defer stop()
	config.Profile, config.Edition, config.Only, config.Browser = suite.ProfileBrowser, suite.Latest, ids, p.browser
	return suite.Fly(ctx, config)
}

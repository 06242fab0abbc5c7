package prove

import (
	"context"
	"time"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/browser"
)

// Pages is what the proof of the browser's cases needs beside the reference: their faults are in the client, which the
// reference serves as it is given.
type Pages struct {
	Browser *browser.Chromium
	Client  []byte // the bundle
}

// Heartbeat of the servers that pages connect to: pages stand still for long on a busy machine.
const (
	pagePingInterval = 500 * time.Millisecond
	pagePingTimeout  = 3 * time.Second
)

// pageFaultsAtOnce are few: a page takes a process of Chromium's.
const pageFaultsAtOnce = 4

// run runs the browser's cases against a reference server that serves the client with that fault.
func (p *Pages) run(ctx context.Context, broken *fault.Fault, ids []string, enough func(id string, s Seen) bool) (map[string]Seen, error) {
	config, stop, err := embedded.Start(ctx, func() application.Options {
		options := application.Options{Client: p.Client, PingInterval: pagePingInterval, PingTimeout: pagePingTimeout}
		if broken != nil {
			broken.Apply(&options)
		}
		return options
	})
	if err != nil {
		return nil, err
	}
	defer stop()
	config.Profile, config.Edition, config.Only, config.Browser = suite.ProfileBrowser, suite.Latest, ids, p.Browser
	config.Once, config.InProcess = broken != nil, true
	all, _, err := runUntil(ctx, config, ids, enough)
	return all, err
}

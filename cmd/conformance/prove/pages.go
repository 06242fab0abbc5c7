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

// Pages is what the proof of the browser cases needs besides the reference. Their faults are in the client, which the
// reference serves.
type Pages struct {
	Browser *browser.Chromium
	Client  []byte // the bundle
}

// The heartbeat of the servers that pages connect to: pages may stand still for long on a busy machine.
const (
	pagePingInterval = 500 * time.Millisecond
	pagePingTimeout  = 3 * time.Second
)

// pageFaultsAtOnce is small: each page takes a Chromium process.
const pageFaultsAtOnce = 4

// run runs the browser cases against a reference server that serves the client with that fault.
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

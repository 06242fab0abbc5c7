package suite

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	"example.test/conformance/suite/chromium"
	"example.test/conformance/suite/wire"
)

// Bounds of what a browser takes. They are generous: nothing is judged by them but what never comes.
const (
	browserStart = 60 * time.Second
	pagePatience = 15 * time.Second
	browserLimit = 4 * time.Minute // of a case, the wait for the browser and for other pages included
	pagesAtOnce  = 2
	pageAttempts = 4
)

// Browser is a headless Chromium for the cases of [ProfileBrowser]. Several runs may share one: it
// starts with the first page.
type Browser struct {
	path  string
	slots chan struct{}

	mu      sync.Mutex
	process *chromium.Browser
}

// NewBrowser finds Chromium: by its name or path, or under the usual names where that is empty.
func NewBrowser(name string) (*Browser, error) {
	path, err := chromium.Find(name)
	if err != nil {
		return nil, err
	}
	return &Browser{path: path, slots: make(chan struct{}, pagesAtOnce)}, nil
}

// Close ends the browser where it runs.
func (b *Browser) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process != nil {
		b.process.Close()
		b.process = nil
	}
}

// running returns the process, which it starts where there is none, or none any more.
func (b *Browser) running(ctx context.Context) (*chromium.Browser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process != nil && !b.process.Ended() {
		return b.process, nil
	}
	if b.process != nil {
		b.process.Close()
		b.process = nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, browserStart, fmt.Errorf("it did not answer within %d s", int(browserStart.Seconds())))
	defer cancel()
	process, err := chromium.Start(ctx, b.path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be started: %w", b.path, err)
	}
	b.process = process
	return process, nil
}

// ClientBundle is a script that browsers load: the official client, or one that works like it.
type ClientBundle struct {
	Source string // where it was taken from, for the report
	Script []byte
}

var banner = regexp.MustCompile(`Socket\.IO v(\d+)\.(\d+)\.(\d+)`)

// Version that the banner of the bundle names; ok is false where it has none.
func (c *ClientBundle) Version() (version [3]int, ok bool) {
	found := banner.FindSubmatch(c.Script[:min(len(c.Script), 1000)])
	if found == nil {
		return version, false
	}
	for i := range version {
		_, _ = fmt.Sscan(string(found[i+1]), &version[i])
	}
	return version, true
}

// BundleName is the file, beside the Engine.IO path, that a server offers its client as.
const BundleName = "socket.io.js"

// servedClient asks the first target for its client bundle. The error says why there is none.
func servedClient(ctx context.Context, config Config) (*ClientBundle, error) {
	target := config.Targets[0]
	ctx, cancel := context.WithTimeoutCause(ctx, pagePatience, fmt.Errorf("nothing came within %d s", int(pagePatience.Seconds())))
	defer cancel()
	path := target.Path + BundleName
	response, err := target.Do(ctx, wire.NewRecorder(), wire.Request{Method: "GET", Path: path})
	switch {
	case err != nil:
		return nil, fmt.Errorf("GET %s: %w", path, err)
	case response.Status != 200:
		return nil, fmt.Errorf("GET %s was answered with %d", path, response.Status)
	}
	return &ClientBundle{Source: path, Script: []byte(response.Body)}, nil
}

// browsing finds out what the browser's cases need, and says why they cannot run where something is missing.
func (c *Config) browsing(ctx context.Context) (missing string) {
	if c.Browser == nil {
		return "no Chromium was found on this machine: install it, or name it with --chromium"
	}
	if c.Client == nil {
		served, err := servedClient(ctx, *c)
		if err != nil {
			return fmt.Sprintf("the target serves no client bundle (%v), and none was given with --client", err)
		}
		c.served, c.Client = true, served
	}
	if v, ok := c.Client.Version(); ok && (v[0] < 4 || v[0] == 4 && v[1] < 1) {
		return fmt.Sprintf("the client %s is of version %d.%d.%d: closeOnBeforeunload came with 4.1.0", c.Client.Source, v[0], v[1], v[2])
	}
	return ""
}

// ClientBundle that the browser's cases load, and whether the target itself serves it.
func (t *T) ClientBundle() (bundle *ClientBundle, served bool) {
	return t.flight.config.Client, t.flight.config.served
}

// Package browser opens pages in Chromium for the cases of the browser profile: the page that holds the client under test,
// and the proxy that serves it and stands in front of the target. The package suite judges what the page shows.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/browser/chromium"
)

// Limits for Chromium. They are generous: they only catch what never comes.
const (
	chromiumStart = 60 * time.Second
	pageOpens     = 30 * time.Second
	pagesAtOnce   = 2
)

// Chromium is a headless Chromium. It starts with the first page. Several runs may share it. It implements [suite.Browser].
type Chromium struct {
	path  string
	slots chan struct{}

	mu      sync.Mutex
	process *chromium.Browser
}

// NewChromium finds Chromium by its name or path, or under the usual names if that is empty.
func NewChromium(name string) (*Chromium, error) {
	path, err := chromium.Find(name)
	if err != nil {
		return nil, err
	}
	return &Chromium{path: path, slots: make(chan struct{}, pagesAtOnce)}, nil
}

// Close ends the browser if it runs.
func (b *Chromium) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process != nil {
		b.process.Close()
		b.process = nil
	}
}

// Reserve implements [suite.Browser].
func (b *Chromium) Reserve(ctx context.Context) (release func(), err error) {
	select {
	case b.slots <- struct{}{}:
		return func() { <-b.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// running returns the process. It starts one if there is none or it has ended.
func (b *Chromium) running(ctx context.Context) (*chromium.Browser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process != nil && !b.process.Ended() {
		return b.process, nil
	}
	if b.process != nil {
		b.process.Close()
		b.process = nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, chromiumStart, fmt.Errorf("it did not answer within %d s", int(chromiumStart.Seconds())))
	defer cancel()
	process, err := chromium.Start(ctx, b.path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be started: %w", b.path, err)
	}
	b.process = process
	return process, nil
}

// Open implements [suite.Browser]: a proxy on loopback serves the page, and stands between it and the target.
func (b *Chromium) Open(ctx context.Context, setup suite.PageSetup) (suite.BrowserPage, error) {
	proxy, err := openProxy(setup.Target, setup.Recorder, setup.Client)
	if err != nil {
		return nil, fmt.Errorf("the page cannot be served: %w", err)
	}
	process, err := b.running(ctx)
	if err != nil {
		proxy.close()
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, pageOpens, fmt.Errorf("nothing came within %d s", int(pageOpens.Seconds())))
	defer cancel()
	page, err := process.Page(ctx, setup.Told)
	if err != nil {
		proxy.close()
		return nil, err
	}
	p := &proxiedPage{Page: page, proxy: proxy}
	if err := page.Open(ctx, proxy.origin+"/"); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// proxiedPage is a page and the proxy that serves it.
type proxiedPage struct {
	*chromium.Page
	proxy *proxy
}

// Evaluate implements [suite.BrowserPage].
func (p *proxiedPage) Evaluate(ctx context.Context, expression string) (json.RawMessage, error) {
	value, err := p.Page.Evaluate(ctx, expression)
	if thrown, ok := errors.AsType[*chromium.ScriptError](err); ok {
		err = &suite.ScriptError{Message: thrown.Message}
	}
	return value, err
}

// Close implements [suite.BrowserPage].
func (p *proxiedPage) Close() {
	p.Page.Close()
	p.proxy.close()
}

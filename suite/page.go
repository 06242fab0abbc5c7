package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/chromium"
	"example.test/conformance/suite/wire"
)

// PageEvent is something that the page saw.
type PageEvent struct {
	Event   string            `json:"event"`
	Details []json.RawMessage `json:"details"`
}

func (e PageEvent) String() string {
	words := []string{e.Event}
	for _, d := range e.Details {
		words = append(words, string(d))
	}
	return strings.Join(words, " ")
}

// Page is a page in the browser with a client that is connected through the client bundle.
type Page struct {
	t       *T
	page    *chromium.Page
	begun   time.Time
	before  int    // events of the trace that are not this page's
	ID      string // of the client's socket in the main namespace
	mu      sync.Mutex
	events  []PageEvent
	changed chan struct{}
}

// InPage opens a page whose client connects with those options, a JavaScript object, and runs the
// case's steps with it. Where the heartbeat broke since the page stood still, as it does on a slow
// machine while it prompts, the steps are run again in a fresh page: that says nothing of the client.
func (t *T) InPage(options string, steps func(*Page)) {
	browser := t.flight.config.Browser
	select {
	case browser.slots <- struct{}{}:
		t.Cleanup(func() { <-browser.slots })
	case <-t.ctx.Done():
		t.cut()
	}
	for attempt := 1; ; attempt++ {
		why := t.inPage(options, steps)
		if why == "" {
			return
		}
		t.recorder.Note("step", "the page is opened again: %s", why)
		if attempt == pageAttempts {
			t.Unverified("this machine is too slow for the target's heartbeat: %s", why)
		}
	}
}

// inPage runs the steps in one page; it says why they prove nothing where they do not.
func (t *T) inPage(options string, steps func(*Page)) (disturbed string) {
	p := &Page{t: t, begun: time.Now(), changed: make(chan struct{}), before: len(t.recorder.Trace())}
	defer func() {
		caught := recover()
		if caught == nil {
			return
		}
		t.mu.Lock()
		failure := t.failure
		t.mu.Unlock()
		if _, halted := caught.(halt); halted && failure != nil && failure.unverified == "" && failure.inapplicable == "" {
			if disturbed = p.disturbed(); disturbed != "" {
				t.mu.Lock()
				t.failure = nil
				t.mu.Unlock()
				p.close()
				return
			}
		}
		panic(caught)
	}()
	t.Step("opens a page in Chromium whose client connects with %s", options)
	p.open(options)
	steps(p)
	p.close()
	return ""
}

func (p *Page) open(options string) {
	t := p.t
	g, err := openGateway(t.target(0), t.recorder, t.flight.config.Client)
	if err != nil {
		t.Unverified("the page cannot be served: %v", err)
	}
	t.Cleanup(g.close)
	process, err := t.flight.config.Browser.running(t.ctx)
	p.must(err)
	ctx, cancel := p.patience()
	defer cancel()
	p.page, err = process.Page(ctx, p.take)
	p.must(err)
	t.Cleanup(p.close)
	p.must(p.page.Open(ctx, g.origin+"/"))
	if _, err := p.page.Evaluate(ctx, "connect("+options+")"); err != nil {
		if thrown, ok := errors.AsType[*chromium.ScriptError](err); ok {
			t.Failf("Expected\n    a client from the bundle\nbut\n    the page threw %s, and told %v", thrown.Message, p.Events())
		}
		p.must(err)
	}
	connected := p.Await("connect")
	_ = json.Unmarshal(connected.Details[0], &p.ID)
}

// must ends the case unverified where the browser, and not the client, is at fault.
func (p *Page) must(err error) {
	if err == nil {
		return
	}
	if p.t.ctx.Err() != nil {
		p.t.cut()
	}
	p.t.Unverified("Chromium: %v", err)
}

func (p *Page) patience() (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(p.t.ctx, 2*pagePatience, fmt.Errorf("nothing came within %d s", int(2*pagePatience.Seconds())))
}

func (p *Page) close() {
	if p.page == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.ctx), pagePatience)
	defer cancel()
	p.page.Close(ctx)
	p.page = nil
}

// take records what the page tells.
func (p *Page) take(text string) {
	var e PageEvent
	if json.Unmarshal([]byte(text), &e) != nil {
		return
	}
	p.t.recorder.Add(wire.Event{Connection: "page", Direction: wire.Received, Kind: "entry", Frame: "page"}, []byte(p.t.target(0).Redact(e.String())))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
	close(p.changed)
	p.changed = make(chan struct{})
}

// Events that the page saw, in their order; of those names where some are given.
func (p *Page) Events(names ...string) (all []PageEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		if len(names) == 0 || strings.Contains(" "+strings.Join(names, " ")+" ", " "+e.Event+" ") {
			all = append(all, e)
		}
	}
	return all
}

// Await waits until the page has seen an event of that name with those details, as JSON.
func (p *Page) Await(name string, details ...string) PageEvent {
	e, ok := p.within(pagePatience, name, details...)
	if !ok {
		p.t.Failf("Expected\n    the page to see %s\nbut\n    it saw %v", strings.Join(append([]string{name}, details...), " "), p.Events())
	}
	return e
}

// within waits that long for an event; the client's own errors end the wait.
func (p *Page) within(d time.Duration, name string, details ...string) (e PageEvent, ok bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		p.mu.Lock()
		events, changed := p.events, p.changed
		p.mu.Unlock()
		for _, e := range events {
			if e.Event == name && len(e.Details) >= len(details) {
				same := true
				for i, one := range details {
					same = same && SameJSON(string(e.Details[i]), one)
				}
				if same {
					return e, true
				}
			}
		}
		for _, e := range events {
			if e.Event == "connect_error" || e.Event == "error" || e.Event == "disconnect" {
				return PageEvent{}, false
			}
		}
		select {
		case <-changed:
		case <-timer.C:
			return PageEvent{}, false
		case <-p.t.ctx.Done():
			p.t.cut()
		}
	}
}

func (p *Page) evaluate(expression string) json.RawMessage {
	ctx, cancel := p.patience()
	defer cancel()
	value, err := p.page.Evaluate(ctx, expression)
	p.must(err)
	return value
}

// Echoes sends a message from the page and waits until its echo has come back to it.
func (p *Page) Echoes() {
	mark := p.t.Mark()
	p.t.Step("sends a message from the page")
	p.evaluate(fmt.Sprintf("socket.emit(%q, %q), true", "message", mark))
	p.Await("message-back", fmt.Sprintf("%q", mark))
}

// Stay has the user ask to reload the page, and dismiss the prompt.
func (p *Page) Stay() {
	p.evaluate("prompts = true")
	p.t.Step("the user wants to reload the page, and stays when it prompts")
	ctx, cancel := p.patience()
	defer cancel()
	p.must(p.page.Click(ctx))
	p.must(p.page.Stay(ctx))
	p.asked()
	p.evaluate("true") // the page is at work again
}

// Reload has the user reload the page, which does not prompt.
func (p *Page) Reload() {
	p.t.Step("the user reloads the page")
	ctx, cancel := p.patience()
	defer cancel()
	p.must(p.page.Reload(ctx))
	p.asked()
}

// asked waits until the page told of the browser's event: without, nothing was tried.
func (p *Page) asked() {
	if _, ok := p.within(pagePatience, "beforeunload"); !ok && len(p.Events("beforeunload")) == 0 {
		if len(p.Events("disconnect")) > 0 {
			p.t.Failf("Expected\n    a connection until the browser asks the page whether it may leave\nbut\n    the page saw %v", p.Events())
		}
		p.must(errors.New("it did not ask the page whether it may leave"))
	}
}

// EndedBy says who ended the connection first, as the wire shows it: "client", "server", or nobody.
func (p *Page) EndedBy() string { return ending(p.t.recorder.Trace()[p.before:]) }

// AwaitEnd waits until the connection has ended on the wire, and says who ended it.
func (p *Page) AwaitEnd() string {
	deadline := time.Now().Add(pagePatience)
	for {
		if by := p.EndedBy(); by != "" {
			return by
		}
		if time.Now().After(deadline) {
			return "nobody"
		}
		p.t.pause()
	}
}

// Disconnected waits that long for the page's disconnect event, and returns its reason; empty where none came.
func (p *Page) Disconnected(d time.Duration) (reason string) {
	if _, ok := p.within(d, "disconnect"); !ok && len(p.Events("disconnect")) == 0 {
		return ""
	}
	_ = json.Unmarshal(p.Events("disconnect")[0].Details[0], &reason)
	return reason
}

// disturbed says how the heartbeat broke, where it did so as this machine stood still.
func (p *Page) disturbed() string {
	if p.page == nil {
		return ""
	}
	reason := p.Disconnected(0)
	if p.EndedBy() != byServer && reason != "ping timeout" {
		return ""
	}
	ctx, cancel := p.patience()
	defer cancel()
	var stood float64
	value, err := p.page.Evaluate(ctx, "watch()")
	if err != nil || json.Unmarshal(value, &stood) != nil {
		return ""
	}
	longest := max(time.Duration(stood)*time.Millisecond, p.t.flight.stalls.longest(p.begun, time.Now()))
	if limit := p.t.Timings().PingTimeout / 2; longest < limit {
		return ""
	}
	return fmt.Sprintf("the page stood still for %d ms, and the server closes where a pong takes %d ms", longest.Milliseconds(), p.t.Timings().PingTimeout.Milliseconds())
}

package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Limits for a page.
const (
	pagePatience = 15 * time.Second // for one event
	pageAttempts = 4                // then the case is unverified
)

// PageEvent is an event that the page saw.
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

// Page is a page in the browser with a client connected through the client bundle.
type Page struct {
	t       *T
	page    BrowserPage
	begun   time.Time
	before  int    // trace events before this page
	ID      string // of the client's socket in the main namespace
	mu      sync.Mutex
	events  []PageEvent
	changed chan struct{}
}

// InPage opens a page whose client connects with those options, a JavaScript object, and runs the case's steps with it. If
// the heartbeat broke because the page stood still, as happens on a slow machine while it prompts, the steps prove nothing
// about the client and run again in a fresh page.
func (t *T) InPage(options string, steps func(*Page)) {
	release, err := t.env.Browser.Reserve(t.ctx)
	if err != nil {
		t.cut()
	}
	t.Cleanup(release)
	for attempt := 1; ; attempt++ {
		why := t.inPage(options, steps)
		if why == "" {
			return
		}
		t.recorder.Step("the page is opened again: %s", why)
		if attempt == pageAttempts {
			t.Unverified("this machine is too slow for the target's heartbeat: %s", why)
		}
	}
}

// inPage runs the steps in one page. If they prove nothing, it says why.
func (t *T) inPage(options string, steps func(*Page)) (disturbed string) {
	p := &Page{t: t, begun: time.Now(), changed: make(chan struct{}), before: t.recorder.Last()}
	defer func() {
		caught := recover()
		if caught == nil {
			return
		}
		t.mu.Lock()
		failure := t.failure
		t.mu.Unlock()
		if _, halted := caught.(halt); halted && failure != nil && len(failure.evidence) > 0 {
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
	var err error
	p.page, err = t.env.Browser.Open(t.ctx, PageSetup{Target: t.target(0), Recorder: t.recorder, Client: t.env.Client, Told: p.take})
	p.must(err)
	t.Cleanup(p.close)
	ctx, cancel := p.patience()
	defer cancel()
	if _, err := p.page.Evaluate(ctx, "connect("+options+")"); err != nil {
		if thrown, ok := errors.AsType[*ScriptError](err); ok {
			t.contradicted("the client of the bundle", describes("at work in the page"), text(result.Error, thrown.Message))
		}
		p.must(err)
	}
	connected := p.Await("connect")
	_ = json.Unmarshal(connected.Details[0], &p.ID)
}

// must ends the case as unverified if the browser, and not the client, is at fault.
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
	p.page.Close()
	p.page = nil
}

// take records an event that the page reports.
func (p *Page) take(text string) {
	var e PageEvent
	if json.Unmarshal([]byte(text), &e) != nil {
		return
	}
	p.t.recorder.Record("page", 0, wire.Seen, e.Event, p.t.target(0).Redact(e.String()))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
	close(p.changed)
	p.changed = make(chan struct{})
}

// Events returns the events that the page saw, in order. If names are given, it returns only events with those names.
func (p *Page) Events(names ...string) (all []PageEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		if len(names) == 0 || slices.Contains(names, e.Event) {
			all = append(all, e)
		}
	}
	return all
}

// Await waits until the page has seen an event of that name with those details, as JSON.
func (p *Page) Await(name string, details ...string) PageEvent {
	since := time.Now()
	e, ok := p.within(pagePatience, name, details...)
	if !ok {
		expected := result.Expectation{Relation: result.Contains, Of: []result.Expectation{withValue(result.Equals, strings.Join(append([]string{name}, details...), " "))}}
		p.missed(expected, since)
	}
	return e
}

// missed ends the case: since that time the page has not seen what was expected, or the client's connection ended.
func (p *Page) missed(expected result.Expectation, since time.Time) {
	f := result.Failure{
		Kind: result.Absence, Subject: "the list of what the page saw", Expected: expected, Received: valueOf(p.Events()),
		Span: result.Span{From: since, Until: time.Now()},
	}
	if len(p.Events("connect_error", "error", "disconnect")) > 0 {
		f.Kind = result.State
	}
	p.t.Fail(f)
}

// within waits that long for an event. An error of the client ends the wait.
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
					same = same && protocol.SameJSON(string(e.Details[i]), one)
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

// Echoes sends a message from the page and waits until the page gets its echo.
func (p *Page) Echoes() {
	mark := p.t.Mark()
	p.t.Step("sends a message from the page")
	p.evaluate(fmt.Sprintf("socket.emit(%q, %q), true", "message", mark))
	p.Await("message-back", fmt.Sprintf("%q", mark))
}

// Stay asks to reload the page, as the user would, and dismisses the prompt.
func (p *Page) Stay() {
	p.evaluate("prompts = true")
	p.t.Step("the user wants to reload the page, and stays when it prompts")
	ctx, cancel := p.patience()
	defer cancel()
	p.must(p.page.Click(ctx))
	p.must(p.page.Stay(ctx))
	p.asked()
	p.evaluate("true") // the page runs again
}

// Reload reloads the page, which does not prompt, as the user would.
func (p *Page) Reload() {
	p.t.Step("the user reloads the page")
	ctx, cancel := p.patience()
	defer cancel()
	p.must(p.page.Reload(ctx))
	p.asked()
}

// asked waits until the page reports the browser's event: without it, nothing was tried.
func (p *Page) asked() {
	if _, ok := p.within(pagePatience, "beforeunload"); !ok && len(p.Events("beforeunload")) == 0 {
		if len(p.Events("disconnect")) > 0 {
			p.missed(result.Expectation{Relation: result.Contains, Of: []result.Expectation{withValue(result.Equals, "beforeunload")}}, p.begun)
		}
		p.must(errors.New("it did not ask the page whether it may leave"))
	}
}

// EndedBy says who ended the connection first, as seen on the wire: "client" or "server". It is empty if nobody did.
func (p *Page) EndedBy() string { return string(ending(p.t.recorder.Trace(), p.before)) }

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
		p.t.pause(20 * time.Millisecond)
	}
}

// Disconnected waits that long for the page's disconnect event and returns its reason. It is empty if none came.
func (p *Page) Disconnected(d time.Duration) (reason string) {
	if _, ok := p.within(d, "disconnect"); !ok && len(p.Events("disconnect")) == 0 {
		return ""
	}
	_ = json.Unmarshal(p.Events("disconnect")[0].Details[0], &reason)
	return reason
}

// disturbed says how the heartbeat broke, if it broke because this machine stood still.
func (p *Page) disturbed() string {
	if p.page == nil {
		return ""
	}
	reason := p.Disconnected(0)
	if p.EndedBy() != string(wire.ByServer) && reason != "ping timeout" {
		return ""
	}
	ctx, cancel := p.patience()
	defer cancel()
	var stood float64
	value, err := p.page.Evaluate(ctx, "watch()")
	if err != nil || json.Unmarshal(value, &stood) != nil {
		return ""
	}
	longest := max(time.Duration(stood)*time.Millisecond, p.t.env.Stalls.Longest(p.begun, time.Now()))
	if limit := p.t.Timings().PingTimeout / 2; longest < limit {
		return ""
	}
	return fmt.Sprintf("the page stood still for %d ms, and the server closes the session if a pong takes %d ms", longest.Milliseconds(), p.t.Timings().PingTimeout.Milliseconds())
}

// ending says who ended the session first, according to the trace events after that number. It is empty if nobody did.
func ending(trace wire.Trace, behind int) wire.Party {
	sockets := map[string]bool{}
	for _, e := range trace {
		if e.Opened != nil && e.Opened.Kind == wire.KindWebSocket {
			sockets[e.Connection] = true
		}
		switch {
		case e.Seq <= behind:
		case e.Session != nil:
			return e.Session.By
		case !sockets[e.Connection]:
		case e.Frame != nil && e.Frame.Opcode == wire.Close && e.Frame.Direction == wire.Sent:
			return wire.ByClient
		case e.Frame != nil && e.Frame.Opcode == wire.Close:
			return wire.ByServer
		case e.Closed != nil && e.Closed.By == wire.BySuite: // the proxy does so if the browser did
			return wire.ByClient
		case e.Closed != nil:
			return wire.ByServer
		}
	}
	return ""
}

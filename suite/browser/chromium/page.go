package chromium

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Binding is the function with which a page reports something: conformance("text").
const Binding = "conformance"

// Page is a tab with its own cookies and storage.
type Page struct {
	browser                  *Browser
	context, target, session string

	said    func(string)
	loaded  chan struct{}
	dialogs chan dialog
	crashed chan struct{}
}

type dialog struct {
	Type string `json:"type"`
}

// Page opens an empty page. It calls said, in order, with what the page reports.
func (b *Browser) Page(ctx context.Context, said func(string)) (*Page, error) {
	p := &Page{browser: b, said: said, loaded: make(chan struct{}, 64), dialogs: make(chan dialog, 64), crashed: make(chan struct{}, 64)}
	var made struct {
		BrowserContextID string `json:"browserContextId"`
		TargetID         string `json:"targetId"`
		SessionID        string `json:"sessionId"`
	}
	if err := b.call(ctx, "", "Target.createBrowserContext", map[string]any{"disposeOnDetach": true}, &made); err != nil {
		return nil, err
	}
	p.context = made.BrowserContextID
	err := b.call(ctx, "", "Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": p.context, "newWindow": true}, &made)
	if err == nil {
		p.target = made.TargetID
		err = b.call(ctx, "", "Target.attachToTarget", map[string]any{"targetId": p.target, "flatten": true}, &made)
	}
	if err == nil {
		p.session = made.SessionID
		b.mu.Lock()
		b.pages[p.session] = p
		b.mu.Unlock()
		err = errors.Join(
			p.call(ctx, "Page.enable", nil, nil), p.call(ctx, "Runtime.enable", nil, nil), p.call(ctx, "Inspector.enable", nil, nil),
			p.call(ctx, "Runtime.addBinding", map[string]any{"name": Binding}, nil),
		)
	}
	if err != nil {
		p.Close(ctx)
		return nil, err
	}
	return p, nil
}

func (p *Page) call(ctx context.Context, method string, params, result any) error {
	return p.browser.call(ctx, p.session, method, params, result)
}

// take handles an event. It runs on the goroutine that reads the browser's messages, so it must not wait for one.
func (p *Page) take(m message) {
	switch m.Method {
	case "Runtime.bindingCalled":
		var called struct{ Name, Payload string }
		if json.Unmarshal(m.Params, &called) == nil && called.Name == Binding {
			p.said(called.Payload)
		}
	case "Page.loadEventFired":
		offer(p.loaded, struct{}{})
	case "Page.javascriptDialogOpening":
		var opened dialog
		_ = json.Unmarshal(m.Params, &opened)
		offer(p.dialogs, opened)
	case "Inspector.targetCrashed":
		offer(p.crashed, struct{}{})
	}
}

// offer puts a value into a channel if there is room.
func offer[V any](c chan V, v V) {
	select {
	case c <- v:
	default:
	}
}

// await takes a value out of a channel, unless the context ends first.
func await[V any](ctx context.Context, p *Page, c chan V, what string) (v V, err error) {
	select {
	case v = <-c:
		return v, nil
	case <-p.crashed:
		return v, errors.New("the page crashed")
	case <-p.browser.over:
		return v, errEnded
	case <-ctx.Done():
		return v, fmt.Errorf("%s: %w", what, context.Cause(ctx))
	}
}

// Open goes to an address and waits until the page is loaded.
func (p *Page) Open(ctx context.Context, url string) error {
	var gone struct {
		ErrorText string `json:"errorText"`
	}
	if err := p.call(ctx, "Page.navigate", map[string]any{"url": url}, &gone); err != nil {
		return err
	}
	if gone.ErrorText != "" {
		return fmt.Errorf("the page cannot be opened: %s", gone.ErrorText)
	}
	_, err := await(ctx, p, p.loaded, "the page was not loaded")
	return err
}

// Evaluate runs an expression in the page and returns its value.
func (p *Page) Evaluate(ctx context.Context, expression string) (json.RawMessage, error) {
	var answer struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	err := p.call(ctx, "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &answer)
	if err != nil {
		return nil, err
	}
	if e := answer.ExceptionDetails; e != nil {
		return nil, &ScriptError{e.Text + " " + e.Exception.Description}
	}
	return answer.Result.Value, nil
}

// ScriptError is what an expression threw.
type ScriptError struct{ Message string }

func (e *ScriptError) Error() string { return e.Message }

// Click makes the user gesture without which a browser shows no prompt when a page is left.
func (p *Page) Click(ctx context.Context) error {
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		if err := p.call(ctx, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": 20, "y": 20, "button": "left", "clickCount": 1}, nil); err != nil {
			return err
		}
	}
	return nil
}

// Stay reloads the page, as a user would, and dismisses the prompt that asks whether to leave it.
func (p *Page) Stay(ctx context.Context) error {
	answer, err := p.browser.begin(p.session, "Page.reload", nil)
	if err != nil {
		return err
	}
	opened, err := await(ctx, p, p.dialogs, "the browser showed no prompt")
	if err != nil {
		return err
	}
	if opened.Type != "beforeunload" {
		return fmt.Errorf("the browser showed a dialog of the type %q, not the prompt", opened.Type)
	}
	if err := p.call(ctx, "Page.handleJavaScriptDialog", map[string]any{"accept": false}, nil); err != nil {
		return err
	}
	_ = answer // a reload that does not take place may never be answered
	return nil
}

// Reload reloads the page, which must not prompt, and waits until it is loaded again.
func (p *Page) Reload(ctx context.Context) error {
	if err := p.call(ctx, "Page.reload", nil, nil); err != nil {
		return err
	}
	_, err := await(ctx, p, p.loaded, "the page was not loaded again")
	return err
}

// Close closes the page. No prompt prevents that.
func (p *Page) Close(ctx context.Context) {
	_ = p.browser.call(ctx, "", "Target.disposeBrowserContext", map[string]any{"browserContextId": p.context}, nil)
	p.browser.mu.Lock()
	delete(p.browser.pages, p.session)
	p.browser.mu.Unlock()
}

// Package chromium opens pages in a headless Chromium. Of all that chromedp can do, it holds what the browser cases and the
// doctor's tests need: a page that reports what it sees, and that a user clicks, leaves or reloads.
package chromium

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"example.test/conformance/suite/process"
)

// names under which Chromium is installed.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"}

// Find returns the path of the named browser, or of the first one that is installed.
func Find(name string) (string, error) {
	if name != "" {
		return exec.LookPath(name)
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("none of %s is installed", strings.Join(names, ", "))
}

// closeGrace is how long the browser may take to end when asked to. One that is killed leaves files behind.
const closeGrace = 20 * time.Second

// Browser is a Chromium process with its own profile in a temporary folder.
type Browser struct {
	root  context.Context // of chromedp; it ends with the process
	close func()
}

// Start runs the browser and returns when it answers. It ends with [Browser.Close] or with this process: Chromium ends when
// the pipe to it closes.
func Start(ctx context.Context, path string) (*Browser, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.ModifyCmdFunc(process.Apart),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("mute-audio", true),
		chromedp.Flag("no-proxy-server", true), // the page is on loopback: a proxy of this machine must not come in between
	)
	// The browser outlives the context in which it starts: others may use it, too.
	allocator, release := chromedp.NewExecAllocator(context.WithoutCancel(ctx), options...)
	root, end := chromedp.NewContext(allocator)
	end = sync.OnceFunc(end) // a second call would wait for ever where the program did not start
	b := &Browser{root: root, close: sync.OnceFunc(func() {
		patient, cancel := context.WithTimeout(root, closeGrace)
		defer cancel()
		_ = chromedp.Cancel(patient) // asks the browser to end
		end()                        // kills it
		release()
	})}
	if err := begin(ctx, end, func() error { return chromedp.Do(root) }); err != nil {
		release()
		return nil, err
	}
	return b, nil
}

// begin runs the first command in a context of chromedp, which ends with the context of that command. So ctx is not its parent:
// it only ends it while the command runs. Begin also ends it if the command fails.
func begin(ctx context.Context, end func(), command func() error) error {
	stop := context.AfterFunc(ctx, end)
	err := command()
	if !stop() {
		err = context.Cause(ctx)
	}
	if err != nil {
		end()
	}
	return err
}

// Ended reports whether the browser has ended.
func (b *Browser) Ended() bool { return b.root.Err() != nil }

// Close ends the browser, with all processes that it started, and removes its profile.
func (b *Browser) Close() { b.close() }

// Binding is the function with which a page reports something: conformance("text").
const Binding = "conformance"

// Page is a tab with its own cookies and storage.
type Page struct {
	tab     context.Context // of chromedp
	close   func()
	dialogs chan page.DialogType
	crashed chan struct{}
}

var (
	errCrashed = errors.New("the page crashed")
	errEnded   = errors.New("the browser ended")
)

// Page opens an empty page. It calls said, in order, with what the page reports; said must not wait for the page.
func (b *Browser) Page(ctx context.Context, said func(string)) (*Page, error) {
	p := &Page{dialogs: make(chan page.DialogType, 64), crashed: make(chan struct{})}
	crash := sync.OnceFunc(func() { close(p.crashed) })
	p.tab, p.close = chromedp.NewContext(b.root, chromedp.WithNewBrowserContext(), chromedp.WithListener(func(event any) {
		switch e := event.(type) {
		case *runtime.EventBindingCalled:
			if e.Name == Binding {
				said(e.Payload)
			}
		case *page.EventJavascriptDialogOpening:
			select {
			case p.dialogs <- e.Type:
			default:
			}
		case *inspector.EventTargetCrashed:
			crash()
		}
	}))
	err := begin(ctx, p.close, func() error {
		_, err := chromedp.Call(p.tab, runtime.AddBinding, runtime.AddBindingParams{Name: Binding})
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// run runs an action in the page. It ends with ctx, and when the page or the browser is gone. What says in the error what did
// not happen.
func run[V any](ctx context.Context, p *Page, what string, action chromedp.Action[V]) (value V, err error) {
	within, cancel := context.WithCancelCause(p.tab)
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()
	type outcome struct {
		value V
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := chromedp.Run(within, action)
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		if o.err == nil || within.Err() == nil {
			return o.value, o.err
		}
	case <-p.crashed:
		return value, errCrashed
	case <-within.Done():
	}
	if p.tab.Err() != nil {
		return value, errEnded
	}
	return value, fmt.Errorf("%s: %w", what, context.Cause(within))
}

// Open goes to an address and waits until the page is loaded.
func (p *Page) Open(ctx context.Context, url string) error {
	_, err := run(ctx, p, "the page was not loaded", chromedp.Navigate(url))
	if refused, ok := errors.AsType[*chromedp.LoadError](err); ok {
		return fmt.Errorf("the page cannot be opened: %s", refused.ErrorText)
	}
	return err
}

// Evaluate runs an expression in the page and returns its value as JSON, which is empty for undefined.
func (p *Page) Evaluate(ctx context.Context, expression string) (json.RawMessage, error) {
	value, err := run(ctx, p, "the expression was not evaluated", chromedp.Evaluate[[]byte](expression))
	if thrown, ok := errors.AsType[*chromedp.ExceptionError](err); ok {
		message := thrown.Text
		if thrown.Exception != nil {
			message += " " + thrown.Exception.Description
		}
		err = &ScriptError{message}
	}
	return value, err
}

// ScriptError is what an expression threw.
type ScriptError struct{ Message string }

func (e *ScriptError) Error() string { return e.Message }

// Click makes the user gesture without which a browser shows no prompt when a page is left.
func (p *Page) Click(ctx context.Context) error {
	_, err := run(ctx, p, "the page took no click", chromedp.MouseClickXY(20, 20))
	return err
}

// Stay reloads the page, as a user would, and dismisses the prompt that asks whether to leave it.
func (p *Page) Stay(ctx context.Context) error {
	_, err := run(ctx, p, "the browser showed no prompt", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() { _, _ = cdp.Call(ctx, tab, page.Reload, page.ReloadParams{}) }() // the answer may never come, as the page stays
		select {
		case kind := <-p.dialogs:
			if kind != page.DialogTypeBeforeunload {
				return fmt.Errorf("the browser showed a dialog of the type %q, not the prompt", kind)
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		_, err := cdp.Call(ctx, tab, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
		return err
	}))
	return err
}

// Reload reloads the page, which must not prompt, and waits until it is loaded again.
func (p *Page) Reload(ctx context.Context) error {
	_, err := run(ctx, p, "the page was not loaded again", chromedp.Reload())
	return err
}

// Close closes the page. No prompt prevents that.
func (p *Page) Close() { p.close() }

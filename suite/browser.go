package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"example.test/conformance/suite/wire"
)

// Browser opens pages for the cases of [ProfileBrowser]. Several cases and runs may share one.
type Browser interface {
	// Reserve waits until one more page may be open. Release gives the place back. The error is the context's.
	Reserve(ctx context.Context) (release func(), err error)
	// Open opens a page that holds the client bundle and sends its requests to the target. The error says why the browser
	// cannot.
	Open(ctx context.Context, setup PageSetup) (BrowserPage, error)
}

// PageSetup configures a page.
type PageSetup struct {
	Target   *wire.Target
	Recorder *wire.Recorder // of the connections that the page makes
	Client   *ClientBundle
	Told     func(text string) // is called with what the page sees: each text is the JSON of a [PageEvent]
}

// BrowserPage is an open page. The context of each method limits how long it may take. An error means that the browser, not
// the client, is at fault.
type BrowserPage interface {
	// Evaluate returns the value of a JavaScript expression as JSON. The error is a [*ScriptError] if the expression throws.
	Evaluate(ctx context.Context, expression string) (json.RawMessage, error)
	// Click clicks on the page as the user would. A page that was never clicked cannot prompt.
	Click(ctx context.Context) error
	// Stay asks to reload the page, as the user would, and dismisses the prompt.
	Stay(ctx context.Context) error
	// Reload reloads the page, as the user would.
	Reload(ctx context.Context) error
	// Close closes the page and its connections. It takes a few seconds at most.
	Close()
}

// ScriptError is what an expression threw in a page.
type ScriptError struct{ Message string }

func (e *ScriptError) Error() string { return e.Message }

// ClientBundle is a script that browsers load: the official client, or one that works like it.
type ClientBundle struct {
	Source string // where it was taken from, for the report
	Script []byte
}

var banner = regexp.MustCompile(`Socket\.IO v(\d+)\.(\d+)\.(\d+)`)

// Version returns the version in the bundle's banner; ok is false if it has no banner.
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

// BundleName is the name of the file, next to the Engine.IO path, under which a server offers its client.
const BundleName = "socket.io.js"

// ClientBundle returns the bundle that the browser's cases load, and whether the target itself serves it.
func (t *T) ClientBundle() (bundle *ClientBundle, served bool) {
	return t.env.Client, t.env.Served
}

package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"example.test/conformance/suite/wire"
)

// Browser opens pages for the cases of [ProfileBrowser]. Several cases and runs may use one at once.
type Browser interface {
	// Reserve waits until one page more may be open. Release gives its place back. The error is that of the context.
	Reserve(ctx context.Context) (release func(), err error)
	// Open opens a page that holds the client bundle, and whose requests go to the target. The error says why the browser
	// cannot.
	Open(ctx context.Context, setup PageSetup) (BrowserPage, error)
}

// PageSetup is what a page is opened with.
type PageSetup struct {
	Target   *wire.Target
	Recorder *wire.Recorder // of the connections that the page makes
	Client   *ClientBundle
	Told     func(text string) // is told of what the page sees: each text is the JSON of a [PageEvent]
}

// BrowserPage is a page that is open. The context of each method bounds how long it may take, and an error says why the
// browser, not the client, is at fault.
type BrowserPage interface {
	// Evaluate returns the value of a JavaScript expression as JSON. The error is a [*ScriptError] where it throws.
	Evaluate(ctx context.Context, expression string) (json.RawMessage, error)
	// Click has the user click on the page, without which no page prompts.
	Click(ctx context.Context) error
	// Stay has the user ask to reload the page, and dismiss the prompt.
	Stay(ctx context.Context) error
	// Reload has the user reload the page.
	Reload(ctx context.Context) error
	// Close closes the page and its connections.
	Close(ctx context.Context)
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

// ClientBundle that the browser's cases load, and whether the target itself serves it.
func (t *T) ClientBundle() (bundle *ClientBundle, served bool) {
	return t.env.Client, t.env.Served
}

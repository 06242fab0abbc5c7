package fault

import (
	"fmt"
	"strings"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
)

// Faults of the client in a browser.
func init() {
	register(
		Fault{
			Name:     "browser/option-never-heeded",
			Breaks:   "announcement/44",
			Sentence: "The client ignores closeOnBeforeunload, and never closes.",
			Apply:    script(`(connect) => connect({ closeOnBeforeunload: false })`),
		},
		Fault{
			Name:     "browser/always-closes",
			Breaks:   "announcement/46",
			Sentence: "The client ignores closeOnBeforeunload, and always closes.",
			Apply:    script(`(connect) => connect({ closeOnBeforeunload: true })`),
		},
		Fault{
			Name:     "browser/default-reversed",
			Breaks:   "announcement/47",
			Sentence: "closeOnBeforeunload has the other default than that of the client's version.",
			Apply: script(`(connect, options) => {
    if ("closeOnBeforeunload" in options) return connect();
    const socket = connect();
    const closes = socket.io.engine.opts.closeOnBeforeunload;
    socket.disconnect();
    return connect({ closeOnBeforeunload: !closes, forceNew: true });
  }`),
		},
		Fault{
			Name:     "browser/closes-loudly",
			Breaks:   "announcement/44",
			Sentence: "The client closes with a disconnect event where it should be silent.",
			Apply: script(`(connect, options) => {
    const socket = connect({ closeOnBeforeunload: false });
    if (options.closeOnBeforeunload) addEventListener("beforeunload", () => socket.disconnect());
    return socket;
  }`),
		},
		Fault{
			Name:     "browser/closes-at-the-second-prompt",
			Breaks:   "announcement/46",
			Sentence: "The client closes at the second prompt, whatever closeOnBeforeunload says.",
			Apply:    script(atPrompt(`if (prompts > 1) socket.io.engine.close();`)),
		},
		Fault{
			Name:     "browser/deaf-after-the-prompt",
			Breaks:   "announcement/46",
			Sentence: "The client hears nothing after a prompt.",
			Apply:    script(atPrompt(`socket.onevent = () => {};`)),
		},
		Fault{
			Name:     "browser/dumb-after-the-prompt",
			Breaks:   "announcement/46",
			Sentence: "The client sends nothing after a prompt.",
			Apply:    script(atPrompt(`socket.emit = () => socket;`)),
		},
		Fault{
			Name:     "browser/never-polls",
			Breaks:   "announcement/91",
			Sentence: "The client knows WebSocket alone.",
			Apply:    script(`(connect) => connect({ transports: ["websocket"] })`),
		},
		Fault{
			Name:     "browser/never-over-websocket",
			Breaks:   "announcement/91",
			Sentence: "The client polls where it is told to use WebSocket alone.",
			Apply:    script(`(connect, options) => connect({ transports: (options.transports || ["polling", "websocket"]).map((t, _, all) => (all.length > 1 ? t : "polling")) })`),
		},
		Fault{
			Name:     "browser/never-upgrades",
			Breaks:   "announcement/91",
			Sentence: "The client stays with polling where it may upgrade.",
			Apply:    script(`(connect) => connect({ upgrade: false })`),
		},
		Fault{
			Name:     "browser/client-broken",
			Breaks:   "announcement/91",
			Sentence: "The client bundle is cut off in the middle.",
			Apply:    bundle(func(client []byte) []byte { return client[:len(client)/2] }),
		},
		Fault{
			Name:     "browser/client-as-plain-text",
			Breaks:   "announcement/48",
			Sentence: "The client bundle is served as plain text.",
			Apply:    app(func(rules *application.Rules) { rules.Serving = asPlainText{rules.Serving} }),
		},
	)
}

// The faults of the client in a browser are in the bundle that the server offers: a script behind it wraps io, the
// function that makes a socket of an address and options.

// script makes a fault of a function in JavaScript, (connect, options) => socket, that stands in for io's own.
func script(function string) apply {
	return bundle(func(client []byte) []byte {
		return fmt.Appendf(client, `
;(() => {
  const original = window.io;
  const broken = %s;
  window.io = (...args) => {
    const options = args.pop() || {};
    return broken((changed) => original(...args, { ...options, ...changed }), options);
  };
})();
`, function)
	})
}

func bundle(change func([]byte) []byte) apply {
	return app(func(rules *application.Rules) { rules.Serving = override.Client(rules.Serving, change) })
}

// atPrompt does something with the socket when the browser asks the page whether it may leave.
func atPrompt(statement string) string {
	return `(connect) => {
    const socket = connect();
    let prompts = 0;
    addEventListener("beforeunload", () => { prompts++; ` + statement + ` });
    return socket;
  }`
}

// InBrowser tells whether a fault is of the client in a browser: nothing else shows it.
func (f Fault) InBrowser() bool { return strings.HasPrefix(f.Name, "browser/") }

// asPlainText serves the bundle with the type of plain text.
type asPlainText struct{ application.ServingRules }

func (asPlainText) ClientType() string { return "text/plain" }

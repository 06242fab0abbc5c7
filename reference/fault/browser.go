package fault

import (
	"fmt"
	"strings"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
)

// Faults in the client in a browser.
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
			Sentence: "closeOnBeforeunload has the opposite of the default of the client's version.",
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
			Sentence: "The client closes with a disconnect event although it should close silently.",
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
			Sentence: "The client receives nothing after a prompt.",
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
			Sentence: "The client knows only WebSocket.",
			Apply:    script(`(connect) => connect({ transports: ["websocket"] })`),
		},
		Fault{
			Name:     "browser/never-over-websocket",
			Breaks:   "announcement/91",
			Sentence: "The client polls although it is told to use only WebSocket.",
			Apply:    script(`(connect, options) => connect({ transports: (options.transports || ["polling", "websocket"]).map((t, _, all) => (all.length > 1 ? t : "polling")) })`),
		},
		Fault{
			Name:     "browser/never-upgrades",
			Breaks:   "announcement/91",
			Sentence: "The client stays on polling although it may upgrade.",
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

// The faults of the client in a browser are in the bundle that the server serves: an appended script wraps io, the function
// that opens a socket for an address and options.

// script makes a fault from a JavaScript function, (connect, options) => socket, that replaces io.
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

// InBrowser reports whether a fault is in the client in a browser, so that only browser cases can show it.
func (f Fault) InBrowser() bool { return strings.HasPrefix(f.Name, "browser/") }

// asPlainText serves the bundle as plain text.
type asPlainText struct{ application.ServingRules }

func (asPlainText) ClientType() string { return "text/plain" }

package fault

import (
	"fmt"
	"strings"

	"example.test/conformance/reference/application"
)

// The faults of the client in a browser are in the bundle that the server offers: a script behind it wraps io, the
// function that makes a socket of an address and options.

// script makes a fault of a function in JavaScript, (connect, options) => socket, that stands in for io's own.
func script(name, summary, function string) Fault {
	return bundle(name, summary, func(client []byte) []byte {
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

func bundle(name, summary string, change func([]byte) []byte) Fault {
	return Fault{name, summary, func(o *application.Options) { o.App.Client = change }}
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

func init() {
	register(
		script("browser/option-never-heeded", "the client ignores closeOnBeforeunload, and never closes", `(connect) => connect({ closeOnBeforeunload: false })`),
		script("browser/always-closes", "the client ignores closeOnBeforeunload, and always closes", `(connect) => connect({ closeOnBeforeunload: true })`),
		script("browser/default-reversed", "closeOnBeforeunload has the other default than that of the client's version", `(connect, options) => {
    if ("closeOnBeforeunload" in options) return connect();
    const socket = connect();
    const closes = socket.io.engine.opts.closeOnBeforeunload;
    socket.disconnect();
    return connect({ closeOnBeforeunload: !closes, forceNew: true });
  }`),
		script("browser/closes-loudly", "the client closes with a disconnect event where it should be silent", `(connect, options) => {
    const socket = connect({ closeOnBeforeunload: false });
    if (options.closeOnBeforeunload) addEventListener("beforeunload", () => socket.disconnect());
    return socket;
  }`),
		script("browser/closes-at-the-second-prompt", "the client closes at the second prompt, whatever closeOnBeforeunload says", atPrompt(`if (prompts > 1) socket.io.engine.close();`)),
		script("browser/deaf-after-the-prompt", "the client hears nothing after a prompt", atPrompt(`socket.onevent = () => {};`)),
		script("browser/dumb-after-the-prompt", "the client sends nothing after a prompt", atPrompt(`socket.emit = () => socket;`)),
		script("browser/never-polls", "the client knows WebSocket alone", `(connect) => connect({ transports: ["websocket"] })`),
		script("browser/never-over-websocket", "the client polls where it is told to use WebSocket alone", `(connect, options) => connect({ transports: (options.transports || ["polling", "websocket"]).map((t, _, all) => (all.length > 1 ? t : "polling")) })`),
		script("browser/never-upgrades", "the client stays with polling where it may upgrade", `(connect) => connect({ upgrade: false })`),
		bundle("browser/client-broken", "the client bundle is cut off in the middle", func(client []byte) []byte { return client[:len(client)/2] }),
		Fault{"browser/client-as-plain-text", "the client bundle is served as plain text", func(o *application.Options) { o.App.ClientType = "text/plain" }},
	)
}

// InBrowser tells whether a fault is of the client in a browser: nothing else shows it.
func (f Fault) InBrowser() bool { return strings.HasPrefix(f.Name, "browser/") }

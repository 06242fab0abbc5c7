package cases

import . "example.test/conformance/suite"

var beforeUnload = announcement("Ignoring beforeunload", "add-a-way-to-ignore-the-beforeunload-event")

var (
	closesSilentlyAtThePrompt = AddRule(Rule{
		ID: "announcement/44", Source: beforeUnload, Basis: ByStatement,
		Sentence: "With closeOnBeforeunload, the client closes the connection when the browser asks the page whether it may leave, even if the user stays, and the page gets no disconnect event.",
		Quote:    "by silently closing the connection when receiving a [`beforeunload`](https://developer.mozilla.org/en-US/docs/Web/API/Window/beforeunload_event) event from the browser",
	})
	survivesThePrompt = AddRule(Rule{
		ID: "announcement/46", Source: beforeUnload, Basis: ByStatement,
		Sentence: "Without closeOnBeforeunload, the connection goes on if the user stays on the page.",
		Quote:    "`closeOnBeforeunload: false` will ignore the `beforeunload` event",
	})
	defaultOfTheClientsVersion = AddRule(Rule{
		ID: "announcement/47", Source: beforeUnload, Basis: ByDispute,
		Sentence:   "closeOnBeforeunload is on by default in the clients 4.1.0 to 4.7.0, and off in those from 4.7.1 on.",
		Quote:      "closeOnBeforeunload: false // defaults to true",
		Derivation: "The announcement says that it is on. In clients from 4.7.1 on it is off.",
	})
	bundleIsServed = AddRule(Rule{
		ID: "announcement/48", Source: beforeUnload, Basis: ByOfficialBehaviour,
		Sentence:   "The server serves the client's bundle under the Engine.IO path, as JavaScript.",
		Derivation: "No document asks a server to serve the client. The official server does so unless serveClient is off.",
	})
	servesTheClientInAPage = AddRule(Rule{
		ID: "announcement/91", Source: beforeUnload, Basis: ByClient,
		Sentence:   "The official client connects from a page and gets an echo: over polling, over WebSocket, and after an upgrade.",
		Derivation: "The case runs the official client itself in a browser. It fails if the client cannot connect or gets no answer.",
	})
)

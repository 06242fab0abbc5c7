package cases

import . "example.test/conformance/suite"

var responseHeaders = announcement("Response headers", "add-a-way-to-customize-the-response-headers")

const (
	announcesInitial = "the `initial_headers` event will be emitted only for the first HTTP request of the session"
	announcesEach    = "the `headers` event will be emitted for each HTTP request (including the WebSocket upgrade)"
)

// Rules of the hooks: when they are called, and what happens to the headers that they set.
var (
	initialForFirstRequest = AddRule(Rule{
		ID: "announcement/13", Source: responseHeaders, Basis: ByStatement,
		Sentence: "initial_headers is called for the first request of a session, and the answer has the headers that it sets.",
		Quote:    announcesInitial,
	})
	initialForNoOther = AddRule(Rule{
		ID: "announcement/14", Source: responseHeaders, Basis: ByStatement,
		Sentence: "initial_headers is called once for each session: not for later requests, and not for an upgrade.",
		Quote:    announcesInitial,
	})
	eachForEveryRequest = AddRule(Rule{
		ID: "announcement/15", Source: responseHeaders, Basis: ByStatement,
		Sentence: "headers is called once for each HTTP request of a session, and the answer has the headers that it sets.",
		Quote:    announcesEach,
	})
	eachForUpgrade = AddRule(Rule{
		ID: "announcement/16", Source: responseHeaders, Basis: ByStatement,
		Sentence: "headers is also called once for the WebSocket handshake of an upgrade, and the 101 has the headers that it sets.",
		Quote:    "(including the WebSocket upgrade)",
	})
	messagesCallNoHook = AddRule(Rule{
		ID: "announcement/17", Source: responseHeaders, Basis: ByImplication,
		Sentence:   "A message over WebSocket calls no hook.",
		Quote:      "for each HTTP request",
		Derivation: "A message over WebSocket is not an HTTP request.",
	})
	hooksGetTheRequest = AddRule(Rule{
		ID: "announcement/18", Source: responseHeaders, Basis: ByStatement,
		Sentence: "Both hooks are called with the request.",
		Quote:    `io.engine.on("initial_headers", (headers, req) => {`,
	})
	initialBeforeEach = AddRule(Rule{
		ID: "announcement/19", Source: responseHeaders, Basis: ByOfficialBehaviour,
		Sentence:   "initial_headers is called before headers, whose value wins if both set a header.",
		Derivation: "In the announcement's example, both hooks set the header test, and it does not say which value is sent. The official server calls them in this order.",
	})
	oneValueOfBothHooks = AddRule(Rule{
		ID: "announcement/74", Source: responseHeaders, Basis: ByOfficialBehaviour,
		Sentence:   "A header that both hooks set is sent with one value.",
		Derivation: "The announcement does not say that both hooks get the same headers. Of the headers that a hook might set, the official client reads only Set-Cookie, so it does not fail.",
	})
	failedRequestsCallNoEach = AddRule(Rule{
		ID: "announcement/20", Source: responseHeaders, Basis: ByDispute,
		Sentence:   "headers is not called for a request that is refused or fails.",
		Quote:      announcesEach,
		Derivation: "By its wording, the announcement asks for the hook at each request. The official server does not call it for a refusal, a preflight request or a failure.",
	})
	failedRequestsCallNoInitial = AddRule(Rule{
		ID: "announcement/75", Source: responseHeaders, Basis: ByImplication,
		Sentence:   "initial_headers is not called for a request that is refused or fails.",
		Quote:      announcesInitial,
		Derivation: "Such a request is not the first one of any session.",
	})
	headersBelongToOneRequest = AddRule(Rule{
		ID: "announcement/21", Source: responseHeaders, Basis: ByImplication,
		Sentence:   "The headers that a hook sets for a request are sent only with the answer to that request.",
		Quote:      `io.engine.on("headers", (headers, req) => {`,
		Derivation: "The hook gets the headers along with the request whose answer they belong to.",
	})
	hooksAddToTheAnswer = AddRule(Rule{
		ID: "announcement/55", Source: responseHeaders, Basis: ByImplication,
		Sentence:   "The headers that a hook sets are sent once, along with the server's own headers.",
		Quote:      "Add a way to customize the response headers",
		Derivation: "A hook that sets one header customizes that one. It does not remove others, and does not ask for a second copy.",
	})
)

// Rules of CORS, if the application allows anything to pages of other origins.
var (
	sharedWithinSessions = AddRule(Rule{
		ID: "announcement/51", Source: engineHandshake, Basis: ByClient,
		Sentence:   "If the application allows pages of any origin, each answer of a polling session has the CORS headers.",
		Derivation: "A browser withholds an answer without them: XMLHttpRequest then ends with status 0, which the client treats as a transport error, and the connection is closed.",
	})
	sharedRefusals = AddRule(Rule{
		ID: "announcement/76", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "If the application allows pages of any origin, the answers to requests that are refused or fail have the CORS headers.",
		Derivation: "The client closes the connection in either case and only learns less about the reason. The official server sends the headers with each answer.",
	})
	sharedWebSockets = AddRule(Rule{
		ID: "announcement/77", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "If the application allows pages of any origin, the 101 of a WebSocket handshake has the CORS headers.",
		Derivation: "Browsers do not need them for a WebSocket. The official server sends them from 4.6.0 on.",
	})
	preflightsAreAnswered = AddRule(Rule{
		ID: "announcement/52", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "A preflight request is answered before the query is checked, and the answer allows the headers that it asks for.",
		Derivation: "No document mentions preflight requests, and an application may allow fewer headers. The official server allows all by default.",
	})
	credentialsOfNamedOrigins = AddRule(Rule{
		ID: "announcement/53", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "An answer that allows credentials names the origin: browsers do not accept an asterisk with them.",
		Derivation: "By the Fetch standard, browsers refuse the combination. The documents are silent, and the official server sends both as the application sets them.",
	})
	varyingWithOrigins = AddRule(Rule{
		ID: "announcement/78", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "An answer that names the request's origin says in Vary that it varies with it.",
		Derivation: "The Fetch standard asks for it if the named origin differs from request to request. The documents are silent, and the official server sends it.",
	})
)

package cases

import . "example.test/conformance/suite"

var responseHeaders = announcement("Response headers", "add-a-way-to-customize-the-response-headers")

const (
	announcesInitial = "the `initial_headers` event will be emitted only for the first HTTP request of the session"
	announcesEach    = "the `headers` event will be emitted for each HTTP request (including the WebSocket upgrade)"
)

// The hooks: when they are called, and what becomes of the headers that they set.
var (
	initialForFirstRequest = AddRule(Rule{
		ID: "announcement/13", Source: responseHeaders, Basis: ByStatement,
		Sentence: "initial_headers is called for the first request of a session, and the answer has the headers that it sets.",
		Quote:    announcesInitial,
	})
	initialForNoOther = AddRule(Rule{
		ID: "announcement/14", Source: responseHeaders, Basis: ByStatement,
		Sentence: "initial_headers is called once a session: for no later request, and for no upgrade.",
		Quote:    announcesInitial,
	})
	eachForEveryRequest = AddRule(Rule{
		ID: "announcement/15", Source: responseHeaders, Basis: ByStatement,
		Sentence: "headers is called once for each HTTP request of a session, and the answer has the headers that it sets.",
		Quote:    announcesEach,
	})
	eachForUpgrade = AddRule(Rule{
		ID: "announcement/16", Source: responseHeaders, Basis: ByStatement,
		Sentence: "headers is called once for the WebSocket handshake of an upgrade, too, and the 101 has the headers that it sets.",
		Quote:    "(including the WebSocket upgrade)",
	})
	messagesCallNoHook = AddRule(Rule{
		ID: "announcement/17", Source: responseHeaders, Basis: ByImplication,
		Sentence:   "A message over WebSocket calls no hook.",
		Quote:      "for each HTTP request",
		Derivation: "A message over WebSocket is no HTTP request.",
	})
	hooksGetTheRequest = AddRule(Rule{
		ID: "announcement/18", Source: responseHeaders, Basis: ByStatement,
		Sentence: "Both hooks are called with the request.",
		Quote:    `io.engine.on("initial_headers", (headers, req) => {`,
	})
	initialBeforeEach = AddRule(Rule{
		ID: "announcement/19", Source: responseHeaders, Basis: ByOfficialBehaviour,
		Sentence:   "initial_headers is called before headers, which has the last word where both set a header.",
		Derivation: "The announcement's example has both hooks set the header test and does not say which value is sent. The official server calls them in this order.",
	})
	oneValueOfBothHooks = AddRule(Rule{
		ID: "announcement/74", Source: responseHeaders, Basis: ByOfficialBehaviour,
		Sentence:   "A header that both hooks set is sent with one value.",
		Derivation: "The announcement does not say that both hooks get the same headers. The official client reads no header that a hook might set but Set-Cookie, so it does not fail.",
	})
	failedRequestsCallNoEach = AddRule(Rule{
		ID: "announcement/20", Source: responseHeaders, Basis: ByDispute,
		Sentence:   "headers is not called for a request that is refused or fails.",
		Quote:      announcesEach,
		Derivation: "By its wording the announcement asks for the hook at each request. The official server does not call it for a refusal, a preflight or a failure.",
	})
	failedRequestsCallNoInitial = AddRule(Rule{
		ID: "announcement/75", Source: responseHeaders, Basis: ByImplication,
		Sentence:   "initial_headers is not called for a request that is refused or fails.",
		Quote:      announcesInitial,
		Derivation: "Such a request is the first one of no session.",
	})
	headersBelongToOneRequest = AddRule(Rule{
		ID: "announcement/21", Source: responseHeaders, Basis: ByImplication,
		Sentence:   "The headers that a hook sets for a request are sent with the answer to that request alone.",
		Quote:      `io.engine.on("headers", (headers, req) => {`,
		Derivation: "The hook gets the headers together with the request to whose answer they belong.",
	})
	hooksAddToTheAnswer = AddRule(Rule{
		ID: "announcement/55", Source: responseHeaders, Basis: ByImplication,
		Sentence:   "The headers that a hook sets are sent once, beside the server's own headers.",
		Quote:      "Add a way to customize the response headers",
		Derivation: "A hook that sets one header customizes that one. It takes none of the others away, and asks for no second copy.",
	})
)

// CORS, where the application allows pages of other origins anything.
var (
	sharedWithinSessions = AddRule(Rule{
		ID: "announcement/51", Source: engineHandshake, Basis: ByClient,
		Sentence:   "Where the application allows pages of any origin, each answer of a polling session has the headers of CORS.",
		Derivation: "A browser withholds an answer without them: XMLHttpRequest then ends with status 0, which the client takes for an error of the transport, and the connection is closed.",
	})
	sharedRefusals = AddRule(Rule{
		ID: "announcement/76", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "Where the application allows pages of any origin, the answers to requests that are refused or fail have the headers of CORS.",
		Derivation: "The client closes the connection in either case and only learns less of the reason. The official server sends the headers with each answer.",
	})
	sharedWebSockets = AddRule(Rule{
		ID: "announcement/77", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "Where the application allows pages of any origin, the 101 of a WebSocket handshake has the headers of CORS.",
		Derivation: "Browsers do not ask for them with a WebSocket. The official server sends them from 4.6.0 on.",
	})
	preflightsAreAnswered = AddRule(Rule{
		ID: "announcement/52", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "A preflight request is answered before the query is checked, and is allowed the headers that it asks for.",
		Derivation: "No document speaks of preflight requests, and an application may allow fewer headers. The official server allows all where it is not told otherwise.",
	})
	credentialsOfNamedOrigins = AddRule(Rule{
		ID: "announcement/53", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "An answer that allows credentials names the origin: browsers accept no asterisk beside them.",
		Derivation: "The Fetch standard has browsers refuse the two together. The documents are silent, and the official server sends the two as the application sets them.",
	})
	varyingWithOrigins = AddRule(Rule{
		ID: "announcement/78", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "An answer that names the request's origin says in Vary that it varies with it.",
		Derivation: "The Fetch standard asks for it where the origin that is named differs from request to request. The documents are silent, and the official server sends it.",
	})
)

package cases

import . "example.test/conformance/suite"

// Sections that the rules below come from.
var (
	enginePollingPath    = engineIO("HTTP long-polling: request path", "request-path")
	enginePollingQuery   = engineIO("HTTP long-polling: query parameters", "query-parameters")
	enginePollingHeaders = engineIO("HTTP long-polling: headers", "headers")
)

// The rules about how a request names its session: the path, the query and the headers.
var (
	_ = AddRule(Rule{
		ID: "engine.io/1", Source: enginePollingPath, Basis: ByStatement,
		Sentence:   "The server listens at the default path: /socket.io/ under Socket.IO.",
		Quote:      "It might be updated by libraries built on top of the protocol (for example, the Socket.IO protocol uses `/socket.io/`).",
		FoldedInto: opensOverPolling,
	})
	pathEndsWithSlash = AddRule(Rule{
		ID: "engine.io/2", Source: enginePollingPath, Basis: ByOfficialBehaviour,
		Sentence:   "The path ends with a slash. Without the slash it opens no session.",
		Quote:      "The path of the HTTP requests is `/engine.io/` by default.",
		Derivation: "Nothing forbids a server to serve the path without the slash, too. The official one does not, but can be configured to.",
	})
	missingVersionRefused = AddRule(Rule{
		ID: "engine.io/3", Source: enginePollingQuery, Basis: ByMust,
		Sentence: "A handshake without a protocol version is answered with 400.",
		Quote:    "If a mandatory query parameter is missing, then the server MUST respond with an HTTP 400 error status.",
		Official: []string{"E2", "S2"},
	})
	malformedVersionRefused = AddRule(Rule{
		ID: "engine.io/4", Source: enginePollingQuery, Basis: ByOfficialTest,
		Sentence:   "A handshake whose protocol version is not a number is answered with 400.",
		Quote:      "| `EIO` | `4` | Mandatory, the version of the protocol. |",
		Derivation: "The table has only the value 4; E2 expects 400 for abc.",
		Official:   []string{"E2", "S2"},
	})
	version3Refused = AddRule(Rule{
		ID: "engine.io/5", Source: enginePollingQuery, Basis: ByImplication,
		Sentence:   "A server that speaks only version 4 answers a handshake of version 3 with 400.",
		Quote:      "| `EIO` | `4` | Mandatory, the version of the protocol. |",
		Derivation: "The table has only the value 4. A request with another value lacks the mandatory parameter, and such a request is answered with 400.",
	})
	futureVersionRefused = AddRule(Rule{
		ID: "engine.io/6", Source: enginePollingQuery, Basis: ByImplication,
		Sentence:   "A handshake of a protocol version that does not exist yet is answered with 400.",
		Quote:      "| `EIO` | `4` | Mandatory, the version of the protocol. |",
		Derivation: "The table has only the value 4. A request with another value lacks the mandatory parameter, and such a request is answered with 400.",
	})
	missingTransportRefused = AddRule(Rule{
		ID: "engine.io/7", Source: enginePollingQuery, Basis: ByMust,
		Sentence: "A request without a transport is answered with 400, within a session too.",
		Quote:    "If a mandatory query parameter is missing, then the server MUST respond with an HTTP 400 error status.",
		Official: []string{"E3", "S3"},
	})
	unknownTransportRefused = AddRule(Rule{
		ID: "engine.io/8", Source: enginePollingQuery, Basis: ByOfficialTest,
		Sentence:   "A request with an unknown transport is answered with 400.",
		Quote:      "| `transport` | `polling` | Mandatory, the name of the transport. |",
		Derivation: "The tables name the transports; E3 expects 400 for abc.",
		Official:   []string{"E3", "S3"},
	})
	objectMemberIsNoTransport = AddRule(Rule{
		ID: "engine.io/9", Source: enginePollingQuery, Basis: ByImplication,
		Sentence:   "A transport named like a member of every JavaScript object, such as constructor, is treated as unknown.",
		Quote:      "| `transport` | `polling` | Mandatory, the name of the transport. |",
		Derivation: "No table names such a transport, so it is unknown like any other (engine.io/8).",
	})
	sidNamesTheSession = AddRule(Rule{
		ID: "engine.io/10", Source: enginePollingQuery, Basis: ByImplication,
		Sentence:   "Only the sid identifies a session's requests. A request without one opens another session.",
		Quote:      "Mandatory once the session is established, the session identifier.",
		Derivation: "A GET without a sid is what the document calls a handshake, and nothing else in a request identifies a session.",
	})
	plainWebSocketRequestRefused = AddRule(Rule{
		ID: "engine.io/11", Source: enginePollingQuery, Basis: ByOfficialBehaviour,
		Sentence:   "A plain GET for the transport websocket without an Upgrade header is answered with 400.",
		Derivation: "The document does not mention such a request. RFC 6455, section 4.2.1, asks for an appropriate error code and gives 400 as an example; the official server answers 400.",
	})
	unknownParametersIgnored = AddRule(Rule{
		ID: "engine.io/12", Source: enginePollingQuery, Basis: ByClient,
		Sentence:   "Query parameters that the protocol does not know are ignored, and the order of the others does not matter.",
		Derivation: "The official client adds its own parameter t to each polling request, along with the content of its option query: if such a request is refused, it cannot connect. E12 sends t, too.",
		Official:   []string{"E12"},
	})
	sessionKeepsItsVersion = AddRule(Rule{
		ID: "engine.io/13", Source: enginePollingQuery, Basis: ByDispute,
		Sentence:   "A request that names a protocol version other than its session's is answered with 400.",
		Derivation: "The documents do not say what happens to such a request. Engine.IO 6.6.10 and later answer 400; versions up to 6.6.9, which are also part of the release line 4.8, serve it.",
	})
	missingVersionInSessionRefused = AddRule(Rule{
		ID: "engine.io/218", Source: enginePollingQuery, Basis: ByDispute,
		Sentence:   "A request of a session that names no protocol version is refused, over each transport.",
		Quote:      "If a mandatory query parameter is missing, then the server MUST respond with an HTTP 400 error status.",
		Derivation: "The document excepts no request. Engine.IO 6.6.10 and later answer 400; versions up to 6.6.9, which are also part of the release line 4.8, serve the request.",
	})
	untypedPOSTIsText = AddRule(Rule{
		ID: "engine.io/14", Source: enginePollingHeaders, Basis: ByShould,
		Sentence: "A POST without a Content-Type is read as plain text.",
		Quote:    "Without an explicit `Content-Type` header, the receiver SHOULD infer that the data is plaintext.",
		Official: []string{"E8"},
	})
	textPOSTTaken = AddRule(Rule{
		ID: "engine.io/15", Source: enginePollingHeaders, Basis: ByOfficialTest,
		Sentence:   "A POST declared as plain text in UTF-8 is accepted.",
		Derivation: "E8 posts a string with fetch, which declares it as text/plain;charset=UTF-8, and expects 200. The official client declares each POST so.",
		Official:   []string{"E8"},
	})
	octetsPOSTTaken = AddRule(Rule{
		ID: "engine.io/16", Source: enginePollingHeaders, Basis: ByDispute,
		Sentence:   "A POST of binary data is declared as application/octet-stream and accepted.",
		Quote:      "When sending binary data, the sender (client or server) MUST include a `Content-Type: application/octet-stream` header.",
		Derivation: "The document demands the header, but sends binary data as base64, which is text. The official server answers such a POST with 400 and ends the session.",
	})
)

package cases

import . "example.test/conformance/suite"

var connectionErrors = announcement("Reason of a connection error", "add-a-way-to-get-access-to-the-reason-of-a-connection-error")

const announcesEvent = "The underlying Engine.IO server will also emit a new event: `connection_error`."

// Rules of the reasons: what each code means.
var (
	unknownTransportIsCode0 = AddRule(Rule{
		ID: "announcement/1", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A request that names a transport that the server does not have is refused with code 0, Transport unknown.",
		Quote:    `| 0 | "Transport unknown"`,
	})
	missingTransportIsCode0 = AddRule(Rule{
		ID: "announcement/62", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A request that names no transport at all is refused with code 0, Transport unknown.",
		Derivation: `The list does not say whether a missing transport is unknown or makes the request bad. The official server answers code 0.`,
	})
	unknownSessionIsCode1 = AddRule(Rule{
		ID: "announcement/2", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A request for a session that never existed or has ended is refused with code 1, Session ID unknown.",
		Quote:    `| 1 | "Session ID unknown"`,
	})
	otherMethodIsCode2 = AddRule(Rule{
		ID: "announcement/3", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A handshake with a method other than GET is refused with code 2, Bad handshake method.",
		Quote:    `| 2 | "Bad handshake method"`,
	})
	otherTransportIsCode3 = AddRule(Rule{
		ID: "announcement/4", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "A request that does not fit the transport of its session is refused with code 3, Bad request.",
		Quote:      `| 3 | "Bad request"`,
		Derivation: "The official Engine.IO suite expects 400 after an upgrade (E24). Transport and session are known, so no other code in the list fits.",
		Official:   []string{"E24"},
	})
	plainWebSocketIsCode3 = AddRule(Rule{
		ID: "announcement/63", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A plain GET for a session over the transport websocket is refused with code 3, Bad request.",
		Derivation: "The list does not say what makes a request bad, and HTTP has a status of its own for a missing upgrade. The official server answers code 3.",
	})
	otherProtocolInSessionIsCode3 = AddRule(Rule{
		ID: "announcement/64", Source: connectionErrors, Basis: ByDispute,
		Sentence:   "A request within a session that names a protocol version other than that of the handshake is refused with code 3, Bad request.",
		Derivation: "Engine.IO 6.6.10 and later refuse it. Versions up to 6.6.9, which are also part of the release line 4.8, serve it.",
	})
	forbiddenIsCode4 = AddRule(Rule{
		ID: "announcement/5", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A request that the application does not allow is refused with code 4, Forbidden.",
		Quote:    `| 4 | "Forbidden"`,
	})
	otherProtocolIsCode5 = AddRule(Rule{
		ID: "announcement/6", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A handshake that names a protocol version that the server does not support is refused with code 5, Unsupported protocol version.",
		Quote:    `| 5 | "Unsupported protocol version"`,
	})
	missingProtocolIsCode5 = AddRule(Rule{
		ID: "announcement/65", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A handshake that names no protocol version, or an empty one, is refused with code 5, Unsupported protocol version.",
		Derivation: "The list does not say whether a missing version is unsupported or makes the request bad. The official server answers code 5.",
	})
	firstReasonCounts = AddRule(Rule{
		ID: "announcement/59", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "If there are several reasons to refuse a request, the first of these counts: transport, session, method, the application's decision, protocol version.",
		Derivation: "No document orders the reasons. This is the order in which the official server checks them.",
	})
	parametersCountAsWritten = AddRule(Rule{
		ID: "announcement/60", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A query parameter counts exactly as written, with its case, spaces and zeros, and only under its own key.",
		Derivation: "No document says how exactly a parameter is compared. The official server compares it as it is.",
	})
	emptySessionIsNone = AddRule(Rule{
		ID: "announcement/61", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "An empty sid counts as none: the request is a handshake.",
		Derivation: "No document mentions an empty sid. The official server treats it as missing.",
	})
	applicationAskedForHandshakes = AddRule(Rule{
		ID: "announcement/49", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The application is asked whether it allows the handshake of a session, but not about the session's further requests.",
		Derivation: "No document says when the application is asked. The official server asks it only about a handshake.",
	})
	noOriginRefused = AddRule(Rule{
		ID: "announcement/54", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A server that shares its resources with any origin opens sessions for pages of every origin, and for pages without one.",
		Derivation: "None of the announced reasons is the page's origin. The official server refuses an origin only if it is not a valid header.",
	})
)

// Rules of the answer to a refused request.
var (
	refusedRequestOpensNothing = AddRule(Rule{
		ID: "announcement/66", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "A refused request is answered with a 4xx status and opens no session, over HTTP as over WebSocket.",
		Quote:      "Here is the list of possible error codes:",
		Derivation: "Each code in the list stands for a mistake in a request that opens no connection, and 4xx is HTTP's class for such requests.",
	})
	statusOfRefusals = AddRule(Rule{
		ID: "announcement/67", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The status of a refusal over HTTP is 403 for code 4, and 400 for each other code.",
		Derivation: "The announcement names no status, and the Engine.IO protocol asks for 400 in some cases. The official server uses these two.",
	})
	bodyTellsReason = AddRule(Rule{
		ID: "announcement/68", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The body of a refusal over HTTP is a JSON object with the code and the message.",
		Derivation: "The announcement mentions only the event. The official server also sends both to the client.",
	})
	bodyDoesNotLie = AddRule(Rule{
		ID: "announcement/69", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "If the answer to a refused request has a code, it is the one from the list. A message in it is the application's own, or not the message of another code.",
		Quote:      "Here is the list of possible error codes:",
		Derivation: "A server need not send a reason. A reason that it does send must be the real one, and the list names all of them.",
	})
	refusalDeclaredAsJSON = AddRule(Rule{
		ID: "announcement/12", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The answer to a refused request over HTTP has the JSON content type.",
		Derivation: "No document says that there is a body. The official server sends one as application/json.",
	})
	refusedWebSocketIsToldWhy = AddRule(Rule{
		ID: "announcement/11", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A WebSocket handshake that is refused is answered with 400 and the message.",
		Derivation: "No document says how a WebSocket handshake is refused. The official server answers 400, with the message in plain text, for code 4 as well.",
	})
	refusalSparesSessions = AddRule(Rule{
		ID: "announcement/10", Source: connectionErrors, Basis: ByOfficialTest,
		Sentence:   "A refused request does not end any session, not even the one that it names.",
		Derivation: "The official Engine.IO suite polls a session after its upgrade, is refused, and gets an echo over the WebSocket (E24).",
		Official:   []string{"E24"},
	})
)

// Rules of the event.
var (
	refusalRaisesOneEvent = AddRule(Rule{
		ID: "announcement/7", Source: connectionErrors, Basis: ByStatement,
		Sentence: "Each refused request raises connection_error once.",
		Quote:    announcesEvent,
	})
	eventHasTheRequest = AddRule(Rule{
		ID: "announcement/70", Source: connectionErrors, Basis: ByStatement,
		Sentence: "connection_error contains the request that was refused.",
		Quote:    "console.log(err.req); // the request object",
	})
	eventHasCodeAndMessage = AddRule(Rule{
		ID: "announcement/71", Source: connectionErrors, Basis: ByStatement,
		Sentence: "connection_error contains the code of the reason, and the message that the list has for that code.",
		Quote:    `console.log(err.message); // the error message, for example "Session ID unknown"`,
	})
	eventHasContext = AddRule(Rule{
		ID: "announcement/8", Source: connectionErrors, Basis: ByStatement,
		Sentence: "connection_error contains a context.",
		Quote:    "console.log(err.context); // some additional error context",
	})
	contextHasCircumstances = AddRule(Rule{
		ID: "announcement/72", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The context of connection_error has the details under the official server's keys: the transport, the session, the method, the application's message, the protocol version, or the name for the kind of bad request.",
		Derivation: "The announcement promises a context but does not say what it contains. These are the keys and values of the official server.",
	})
	refusalsAloneRaiseEvents = AddRule(Rule{
		ID: "announcement/9", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "connection_error is only for a refused connection: a session that opens and ends for any reason does not raise it, and neither does a namespace or a client that is refused within it.",
		Quote:      "Add a way to get access to the reason of a connection error",
		Derivation: "In each of these cases the connection was opened, and the list has no code for them.",
	})
	otherPathsRaiseNone = AddRule(Rule{
		ID: "announcement/73", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "A request for another path raises no connection_error.",
		Quote:      announcesEvent,
		Derivation: "The event belongs to the Engine.IO server, which answers only the requests for its own path.",
	})
	otherFailuresRaiseNone = AddRule(Rule{
		ID: "announcement/50", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A request that fails for a reason other than the six raises no connection_error: a preflight request, a malformed WebSocket handshake, another method or overlapping requests within a session, a POST that is too large or has an invalid payload, a second WebSocket.",
		Derivation: "The list has no code for them, but a server might well treat each as a bad request. The official server raises no event.",
	})
)

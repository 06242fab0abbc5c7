package cases

import . "example.test/conformance/suite"

var connectionErrors = announcement("Reason of a connection error", "add-a-way-to-get-access-to-the-reason-of-a-connection-error")

const announcesEvent = "The underlying Engine.IO server will also emit a new event: `connection_error`."

// The reasons: which code stands for what.
var (
	unknownTransportIsCode0 = AddRule(Rule{
		ID: "announcement/1", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A request that names a transport which the server does not have is refused with code 0, Transport unknown.",
		Quote:    `| 0 | "Transport unknown"`,
	})
	missingTransportIsCode0 = AddRule(Rule{
		ID: "announcement/62", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A request that names no transport at all is refused with code 0, Transport unknown.",
		Derivation: `The list does not say whether a transport that is missing is unknown or makes the request bad. The official server answers code 0.`,
	})
	unknownSessionIsCode1 = AddRule(Rule{
		ID: "announcement/2", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A request of a session that never was, or is no longer, is refused with code 1, Session ID unknown.",
		Quote:    `| 1 | "Session ID unknown"`,
	})
	otherMethodIsCode2 = AddRule(Rule{
		ID: "announcement/3", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A handshake by another method than GET is refused with code 2, Bad handshake method.",
		Quote:    `| 2 | "Bad handshake method"`,
	})
	otherTransportIsCode3 = AddRule(Rule{
		ID: "announcement/4", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "A request that does not fit the transport of its session is refused with code 3, Bad request.",
		Quote:      `| 3 | "Bad request"`,
		Derivation: "The official Engine.IO suite asks for 400 after an upgrade (E24). Transport and session are known, so no other code of the list fits.",
		Official:   []string{"E24"},
	})
	plainWebSocketIsCode3 = AddRule(Rule{
		ID: "announcement/63", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A plain GET that asks for a session over the transport websocket is refused with code 3, Bad request.",
		Derivation: "The list does not say what makes a request bad, and HTTP has a status of its own for a missing upgrade. The official server answers code 3.",
	})
	otherProtocolInSessionIsCode3 = AddRule(Rule{
		ID: "announcement/64", Source: connectionErrors, Basis: ByDispute,
		Sentence:   "A request of a session that names another protocol version than its handshake did is refused with code 3, Bad request.",
		Derivation: "Engine.IO 6.6.10 and later refuse it. Versions up to 6.6.9, which the release line 4.8 has as well, serve it.",
	})
	forbiddenIsCode4 = AddRule(Rule{
		ID: "announcement/5", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A request that the application does not allow is refused with code 4, Forbidden.",
		Quote:    `| 4 | "Forbidden"`,
	})
	otherProtocolIsCode5 = AddRule(Rule{
		ID: "announcement/6", Source: connectionErrors, Basis: ByStatement,
		Sentence: "A handshake that names a protocol version which the server does not support is refused with code 5, Unsupported protocol version.",
		Quote:    `| 5 | "Unsupported protocol version"`,
	})
	missingProtocolIsCode5 = AddRule(Rule{
		ID: "announcement/65", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A handshake that names no protocol version, or an empty one, is refused with code 5, Unsupported protocol version.",
		Derivation: "The list does not say whether a version that is missing is unsupported or makes the request bad. The official server answers code 5.",
	})
	firstReasonCounts = AddRule(Rule{
		ID: "announcement/59", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "Where a request has several reasons to be refused, the first of these counts: transport, session, method, the application's word, protocol version.",
		Derivation: "No document orders the reasons. This is the order in which the official server looks at them.",
	})
	parametersCountAsWritten = AddRule(Rule{
		ID: "announcement/60", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A parameter of the query counts as it is written: in its case, with its spaces and zeros, and under its own key.",
		Derivation: "No document says how exactly a parameter is compared. The official server compares it as it is.",
	})
	emptySessionIsNone = AddRule(Rule{
		ID: "announcement/61", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A sid that is empty is none: the request is a handshake.",
		Derivation: "No document speaks of an empty sid. The official server takes it for a missing one.",
	})
	applicationAskedForHandshakes = AddRule(Rule{
		ID: "announcement/49", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The application is asked whether it allows the handshake of a session, and not for the session's further requests.",
		Derivation: "No document says when the application is asked. The official server asks it for a handshake alone.",
	})
	noOriginRefused = AddRule(Rule{
		ID: "announcement/54", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A server that shares its resources with any origin opens sessions for pages of every origin, and for those that have none.",
		Derivation: "None of the announced reasons is the page's origin. The official server refuses an origin only where it is no valid header.",
	})
)

// The answer to a request that is refused.
var (
	refusedRequestOpensNothing = AddRule(Rule{
		ID: "announcement/66", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "A request that is refused is answered with a status of the 4xx class, and no session comes of it, over HTTP as over WebSocket.",
		Quote:      "Here is the list of possible error codes:",
		Derivation: "Each code of the list is a mistake in a request that leads to no connection, and 4xx is HTTP's class for such requests.",
	})
	statusOfRefusals = AddRule(Rule{
		ID: "announcement/67", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The status of a refusal over HTTP is 403 for code 4, and 400 for each other code.",
		Derivation: "The announcement names no status, and the Engine.IO protocol asks for 400 in some of the cases. The official server has these two.",
	})
	bodyTellsReason = AddRule(Rule{
		ID: "announcement/68", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The body of a refusal over HTTP is a JSON object with the code and the message.",
		Derivation: "The announcement speaks of the event alone. The official server sends both to the client, too.",
	})
	bodyDoesNotLie = AddRule(Rule{
		ID: "announcement/69", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "A code or a message that the answer to a refused request has is the one of the list, or the application's own message.",
		Quote:      "Here is the list of possible error codes:",
		Derivation: "A server may send no reason. One that it does send is the reason that it has, and the list names all of them.",
	})
	refusalDeclaredAsJSON = AddRule(Rule{
		ID: "announcement/12", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The answer to a refused request over HTTP has the content type of JSON.",
		Derivation: "No document says that there is a body. The official server declares its own as application/json.",
	})
	refusedWebSocketIsToldWhy = AddRule(Rule{
		ID: "announcement/11", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A WebSocket handshake that is refused is answered with 400 and the message.",
		Derivation: "No document says how a WebSocket handshake is refused. The official server answers 400, with the message in plain text, for code 4 as well.",
	})
	refusalSparesSessions = AddRule(Rule{
		ID: "announcement/10", Source: connectionErrors, Basis: ByOfficialTest,
		Sentence:   "A request that is refused ends no session, not even the one that it names.",
		Derivation: "The official Engine.IO suite polls a session after its upgrade, is refused, and gets an echo over the WebSocket (E24).",
		Official:   []string{"E24"},
	})
)

// The event.
var (
	refusalRaisesOneEvent = AddRule(Rule{
		ID: "announcement/7", Source: connectionErrors, Basis: ByStatement,
		Sentence: "Each request that is refused raises connection_error, once.",
		Quote:    announcesEvent,
	})
	eventHasTheRequest = AddRule(Rule{
		ID: "announcement/70", Source: connectionErrors, Basis: ByStatement,
		Sentence: "connection_error comes with the request that was refused.",
		Quote:    "console.log(err.req); // the request object",
	})
	eventHasCodeAndMessage = AddRule(Rule{
		ID: "announcement/71", Source: connectionErrors, Basis: ByStatement,
		Sentence: "connection_error comes with the code of the reason, and with the message that the list has for that code.",
		Quote:    `console.log(err.message); // the error message, for example "Session ID unknown"`,
	})
	eventHasContext = AddRule(Rule{
		ID: "announcement/8", Source: connectionErrors, Basis: ByStatement,
		Sentence: "connection_error comes with a context.",
		Quote:    "console.log(err.context); // some additional error context",
	})
	contextHasCircumstances = AddRule(Rule{
		ID: "announcement/72", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "The context of connection_error names the circumstances under the official server's keys: the transport, the session, the method, the application's message, the protocol version, or the name of a bad request's kind.",
		Derivation: "The announcement promises a context and leaves open what is in it. These are the keys and values of the official server.",
	})
	refusalsAloneRaiseEvents = AddRule(Rule{
		ID: "announcement/9", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "connection_error is for a connection that is refused: a session that opens and ends, for whatever reason, raises none, nor does a namespace or a client that is refused within it.",
		Quote:      "Add a way to get access to the reason of a connection error",
		Derivation: "In each of these cases the connection was made, and the list of codes has none for them.",
	})
	otherPathsRaiseNone = AddRule(Rule{
		ID: "announcement/73", Source: connectionErrors, Basis: ByImplication,
		Sentence:   "A request of another path raises no connection_error.",
		Quote:      announcesEvent,
		Derivation: "The event is the Engine.IO server's, and that answers the requests of its own path.",
	})
	otherFailuresRaiseNone = AddRule(Rule{
		ID: "announcement/50", Source: connectionErrors, Basis: ByOfficialBehaviour,
		Sentence:   "A request that fails for another reason than the six raises no connection_error: a preflight, a malformed WebSocket handshake, another method or an overlap within a session, a POST that is too large or no payload, a second WebSocket.",
		Derivation: "The list has no code for them, but a server might well see a bad request in each. The official server raises none.",
	})
)

package cases

import . "example.test/conformance/suite"

// The section that the rules below come from.
var engineHandshake = engineIO("Handshake", "handshake")

// The rules of the handshake.
var (
	postOpensNoSession = AddRule(Rule{
		ID: "engine.io/58", Source: engineHandshake, Basis: ByOfficialTest,
		Sentence:   "A POST without a sid opens no session and is answered with 400.",
		Quote:      "To establish a connection, the client MUST send an HTTP `GET` request to the server:",
		Derivation: "E4 expects 400.",
		Official:   []string{"E4", "S4"},
	})
	onlyGETOpensSession = AddRule(Rule{
		ID: "engine.io/59", Source: engineHandshake, Basis: ByOfficialTest,
		Sentence:   "A PUT without a sid opens no session and is answered with 400; nor does a DELETE or a PATCH open one.",
		Quote:      "To establish a connection, the client MUST send an HTTP `GET` request to the server:",
		Derivation: "E4 expects 400 for PUT. No document has a status for the others, which do not open a session because they are not GET.",
		Official:   []string{"E4", "S4"},
	})
	putRefusedWithinSession = AddRule(Rule{
		ID: "engine.io/60", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "A PUT within a session is answered with an error, and the session goes on.",
		Derivation: "The document has GET and POST within a session and does not say what happens with another method. The official server answers 500.",
	})
	opensOverPolling = AddRule(Rule{
		ID: "engine.io/61", Source: engineHandshake, Basis: ByMust,
		Sentence: "A polling handshake is answered with 200 and an open packet whose JSON object has the keys of the table, each with its type.",
		Quote:    "it MUST respond with an `open` packet with the following JSON-encoded payload:",
		Official: []string{"E1", "S1"},
	})
	opensOverWebSocket = AddRule(Rule{
		ID: "engine.io/62", Source: engineHandshake, Basis: ByMust,
		Sentence: "A WebSocket handshake is answered with 101, and the first message is an open packet like the one over polling.",
		Quote:    "it MUST respond with an `open` packet with the following JSON-encoded payload:",
		Official: []string{"E5", "S5"},
	})
	sidIsString = AddRule(Rule{
		ID: "engine.io/63", Source: engineHandshake, Basis: ByMust,
		Sentence: "The sid is a string and not empty.",
		Quote:    "it MUST respond with an `open` packet with the following JSON-encoded payload: … | `sid` | `string` | The session ID. |",
		Official: []string{"E1", "E5"},
	})
	upgradesOverPolling = AddRule(Rule{
		ID: "engine.io/64", Source: engineHandshake, Basis: ByMust,
		Sentence: "Over polling, upgrades is an array of strings that names websocket.",
		Quote:    "it MUST respond with an `open` packet with the following JSON-encoded payload: … | `upgrades` | `string[]` | The list of available transport upgrades. | … \"upgrades\": [\"websocket\"],",
		Official: []string{"E1", "S1"},
	})
	upgradesOverWebSocket = AddRule(Rule{
		ID: "engine.io/65", Source: engineHandshake, Basis: ByMust,
		Sentence:   "Over WebSocket, upgrades is an empty array.",
		Quote:      "it MUST respond with an `open` packet with the following JSON-encoded payload: … | `upgrades` | `string[]` | The list of available transport upgrades. |",
		Derivation: "There is nothing to upgrade to: E5 expects the empty array.",
		Official:   []string{"E5", "S5"},
	})
	pingIntervalTold = AddRule(Rule{
		ID: "engine.io/66", Source: engineHandshake, Basis: ByMust,
		Sentence: "pingInterval is the number of milliseconds between the server's pings, the same over each transport.",
		Quote:    "it MUST respond with an `open` packet with the following JSON-encoded payload: … | `pingInterval` | `number` | The ping interval, used in the heartbeat mechanism (in milliseconds). |",
		Official: []string{"E1", "E5"},
	})
	pingTimeoutTold = AddRule(Rule{
		ID: "engine.io/67", Source: engineHandshake, Basis: ByMust,
		Sentence: "pingTimeout is the number of milliseconds that the server waits for a pong, the same over each transport.",
		Quote:    "it MUST respond with an `open` packet with the following JSON-encoded payload: … | `pingTimeout` | `number` | The ping timeout, used in the heartbeat mechanism (in milliseconds). |",
		Official: []string{"E1", "E5"},
	})
	maxPayloadTold = AddRule(Rule{
		ID: "engine.io/68", Source: engineHandshake, Basis: ByMust,
		Sentence: "maxPayload is the number of bytes that a chunk may have.",
		Quote:    "it MUST respond with an `open` packet with the following JSON-encoded payload: … | `maxPayload` | `number` | The maximum number of bytes per chunk, used by the client to aggregate packets into payloads. |",
		Official: []string{"E1", "E5"},
	})
	openPacketHasFiveKeys = AddRule(Rule{
		ID: "engine.io/69", Source: engineHandshake, Basis: ByOfficialTest,
		Sentence:   "The open packet has the five keys of the table and no other.",
		Derivation: "E1 and E5 expect exactly these keys.",
		Official:   []string{"E1", "E5"},
	})
	sidIsUnique = AddRule(Rule{
		ID: "engine.io/70", Source: engineHandshake, Basis: ByImplication,
		Sentence:   "A sid is used for only one session and cannot be guessed.",
		Quote:      "| `sid` | `string` | The session ID. |",
		Derivation: "A sid that two sessions share identifies neither. It is the only thing that identifies a request, so whoever can guess it can read the session's packets.",
	})
	_ = AddRule(Rule{
		ID: "engine.io/71", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "A request that the application does not allow is answered with 403, code 4 and the application's message.",
		Derivation: "The document does not mention such a refusal. The official server answers like this.",
		FoldedInto: statusOfRefusals,
	})
	_ = AddRule(Rule{
		ID: "engine.io/72", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "The body of a refusal is a JSON object with one of six codes and its message.",
		Derivation: "The document does not specify the body of an error. The official server sends a code and a message, those from the announcement of 4.1.0.",
		FoldedInto: bodyTellsReason,
	})
	_ = AddRule(Rule{
		ID: "engine.io/73", Source: connectionErrors, Basis: ByStatement,
		Sentence:   "The application is told of each refusal with connection_error and the same code.",
		Quote:      "The underlying Engine.IO server will also emit a new event: `connection_error`. … console.log(err.code); // the error code",
		FoldedInto: refusalRaisesOneEvent,
	})
	corsForAnyOrigin = AddRule(Rule{
		ID: "engine.io/74", Source: engineHandshake, Basis: ByOfficialBehaviour,
		Sentence:   "A page of any origin may use a server whose application allows every origin.",
		Derivation: "The document does not mention CORS. The official server sends its headers and answers preflight requests if the application asks for it.",
	})
)

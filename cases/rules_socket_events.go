package cases

import . "example.test/conformance/suite"

var socketEvents = socketIO("Sending and receiving data", "sending-and-receiving-data")

// Rules of the Socket.IO protocol about events.
var (
	eventArrivesUnchanged = AddRule(Rule{
		ID: "socket.io/150", Source: socketEvents, Basis: ByImplication,
		Sentence:   "The server passes on the name and the arguments of an event unchanged, whatever their JSON type, and as many as were sent.",
		Quote:      "[JSON-stringified payload without binary]",
		Derivation: "The payload is JSON, and JSON that is decoded and encoded again keeps its values. S26 shows it for three arguments.",
		Official:   []string{"S26"},
	})

	eventsInNamespaces = AddRule(Rule{
		ID: "socket.io/151", Source: socketEvents, Basis: ByStatement,
		Sentence: "The server carries events in namespaces other than the main one, under the namespace's name.",
		Quote:    `Server > { type: EVENT, namespace: "/admin", data: ["bar"] }`,
	})

	textArrivesUnchanged = AddRule(Rule{
		ID: "socket.io/152", Source: socketEvents, Basis: ByImplication,
		Sentence:   "The server passes on text of every script unchanged, in strings and in keys.",
		Quote:      "[JSON-stringified payload without binary]",
		Derivation: "JSON strings can contain every Unicode character.",
	})

	eventsKeepOrder = AddRule(Rule{
		ID: "socket.io/153", Source: socketEvents, Basis: ByImplication,
		Sentence:   "The server handles each event once, in the order in which they came, and sends its own packets in the order in which the application creates them.",
		Quote:      `["hello"] => the 1st content`,
		Derivation: "Both transports keep the order, and attachments belong to the packet that they follow; the sample numbers the contents of a payload in order.",
	})

	eventWithoutPayloadCloses = AddRule(Rule{
		ID: "socket.io/154", Source: socketEvents, Basis: ByDispute,
		Sentence:   "The server closes the connection after an EVENT without a payload.",
		Quote:      "The payload is mandatory and MUST be a non-empty array. If that's not the case, then the receiver MUST close the connection.",
		Derivation: "The official server leaves the connection open. Digits after the type are an ID, so 421 has no payload either.",
	})

	emptyEventCloses = AddRule(Rule{
		ID: "socket.io/155", Source: socketEvents, Basis: ByMust,
		Sentence: "The server closes the connection after an EVENT whose payload is an empty array.",
		Quote:    "The payload is mandatory and MUST be a non-empty array. If that's not the case, then the receiver MUST close the connection.",
	})

	eventPayloadIsAnArray = AddRule(Rule{
		ID: "socket.io/156", Source: socketEvents, Basis: ByMust,
		Sentence: "The server closes the connection after an EVENT whose payload is not an array.",
		Quote:    "The payload is mandatory and MUST be a non-empty array. If that's not the case, then the receiver MUST close the connection.",
		Official: []string{"S31"},
	})

	eventPayloadIsJSON = AddRule(Rule{
		ID: "socket.io/157", Source: socketEvents, Basis: ByImplication,
		Sentence:   "The server closes the connection after an EVENT whose payload is not JSON.",
		Quote:      "The payload is mandatory and MUST be a non-empty array. If that's not the case, then the receiver MUST close the connection.",
		Derivation: "The array is written in JSON: text that is not JSON is not an array.",
		Official:   []string{"S32"},
	})

	eventNameIsTextOrNumber = AddRule(Rule{
		ID: "socket.io/158", Source: socketEvents, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after an event whose name is neither a string nor a number.",
		Derivation: "The document asks for a non-empty array and does not say what its first element is; the official server closes the connection from 4.6 on.",
	})

	eventNameMayBeANumber = AddRule(Rule{
		ID: "socket.io/159", Source: socketEvents, Basis: ByOfficialBehaviour,
		Sentence:   "The server accepts an event whose name is a number.",
		Derivation: "The document's names are strings, but it does not rule out others; the official server accepts numbers.",
	})

	reservedNamesClose = AddRule(Rule{
		ID: "socket.io/160", Source: socketEvents, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a client's event with a reserved name.",
		Derivation: "The document has no reserved names; the official server closes the connection from 4.6 on.",
	})

	unknownEventIsIgnored = AddRule(Rule{
		ID: "socket.io/161", Source: socketEvents, Basis: ByOfficialBehaviour,
		Sentence:   "The server ignores an event that nobody listens to, whatever its name.",
		Derivation: "The document does not say what happens to an event without a listener; the official server ignores it.",
	})

	eventNotJoinedCloses = AddRule(Rule{
		ID: "socket.io/162", Source: socketEvents, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after an EVENT for a namespace that the client has not joined, and does not pass it to another.",
		Quote:      "Once the [connection to a namespace](#connection-to-a-namespace) is established, the client and the server can begin exchanging data:",
		Derivation: "The document does not say what a server does with data before that; the official server closes the connection from 4.5 on.",
	})

	prototypeKeysAreData = AddRule(Rule{
		ID: "socket.io/163", Source: socketEvents, Basis: ByImplication,
		Sentence:   "The server passes on keys named like members of every JavaScript object unchanged.",
		Quote:      "[JSON-stringified payload without binary]",
		Derivation: "A key of a JSON object may be any string.",
	})
)

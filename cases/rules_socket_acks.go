package cases

import . "example.test/conformance/suite"

var socketAcks = socketIO("Acknowledgement", "acknowledgement")

// Rules of the Socket.IO protocol about acknowledgements.
var (
	ackKeepsID = AddRule(Rule{
		ID: "socket.io/164", Source: socketAcks, Basis: ByMust,
		Sentence: "The server acknowledges an EVENT with the event's ID, whenever the client uses it, and with the application's values.",
		Quote:    "The receiver MUST respond with an `ACK` packet with the same event ID.",
		Official: []string{"S28"},
	})

	zeroIsAnID = AddRule(Rule{
		ID: "socket.io/165", Source: socketAcks, Basis: ByImplication,
		Sentence:   "The server treats 0 as an ID, in both directions.",
		Quote:      "optionally, an acknowledgment id (integer)",
		Derivation: "0 is an integer, and the official client begins with it.",
	})

	largeIDsAreKept = AddRule(Rule{
		ID: "socket.io/166", Source: socketAcks, Basis: ByImplication,
		Sentence:   "The server keeps IDs up to 2^53 - 1.",
		Quote:      "The receiver MUST respond with an `ACK` packet with the same event ID.",
		Derivation: "An ID is an integer; JSON and the official client hold integers up to 2^53 - 1 exactly.",
	})

	ackPayloadIsAnArray = AddRule(Rule{
		ID: "socket.io/167", Source: socketAcks, Basis: ByMust,
		Sentence: "The server sends the values of an acknowledgement as an array, which may be empty, and a single value as one element.",
		Quote:    "The payload is mandatory and MUST be an array (possibly empty).",
	})

	ackNamesNamespace = AddRule(Rule{
		ID: "socket.io/168", Source: socketAcks, Basis: ByStatement,
		Sentence: "The server acknowledges in the namespace of the event, and names it if it is not the main one.",
		Quote:    `3/admin,13["bar"]`,
	})

	noAckWithoutID = AddRule(Rule{
		ID: "socket.io/169", Source: socketAcks, Basis: ByImplication,
		Sentence:   "The server does not acknowledge an EVENT without an ID.",
		Quote:      "The sender MAY include an event ID in order to request an acknowledgement from the receiver:",
		Derivation: "Without an ID, no acknowledgement is requested, so there is none to send.",
	})

	ackOnce = AddRule(Rule{
		ID: "socket.io/170", Source: socketAcks, Basis: ByImplication,
		Sentence:   "The server acknowledges an EVENT once.",
		Quote:      "The receiver MUST respond with an `ACK` packet with the same event ID.",
		Derivation: "A second packet with that ID would answer another event.",
	})

	serverAsksForAck = AddRule(Rule{
		ID: "socket.io/171", Source: socketAcks, Basis: ByStatement,
		Sentence: "The server asks a client for an acknowledgement with a different ID for each question, and passes the values of the answer to that question to the application, once.",
		Quote:    `Server > { type: EVENT, namespace: "/admin", data: ["foo"], id: 13 } Client > { type: ACK, namespace: "/admin", data: ["bar"], id: 13 }`,
	})

	clientAcksInBinary = AddRule(Rule{
		ID: "socket.io/172", Source: socketAcks, Basis: ByStatement,
		Sentence: "The server passes the attachments of a client's acknowledgement to the application, and can also ask with attachments.",
		Quote:    `Client > { type: BINARY_ACK, namespace: "/", data: ["bar", <buffer <01 02 03 04>], id: 15 }`,
	})

	_ = AddRule(Rule{
		ID: "socket.io/173", Source: socketAcks, Basis: ByOfficialBehaviour,
		Sentence:   "The server passes the application an error if the client does not acknowledge in time.",
		Derivation: "The document sets no time limit; socket.timeout is the official server's.",
		LeftOut:    "this happens within the server: no event of the conformance application asks with a time limit",
	})

	unknownAckIsIgnored = AddRule(Rule{
		ID: "socket.io/174", Source: socketAcks, Basis: ByOfficialBehaviour,
		Sentence:   "The server ignores an acknowledgement with an ID that it has not used in a question to this socket.",
		Derivation: "The document does not say what happens to it; the official server ignores it.",
	})

	ackPayloadOtherwiseCloses = AddRule(Rule{
		ID: "socket.io/175", Source: socketAcks, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after an acknowledgement whose payload is not an array.",
		Quote:      "The payload is mandatory and MUST be an array (possibly empty).",
		Derivation: "The MUST is for the sender. What the receiver does otherwise is only specified for events; the official server closes the connection.",
	})

	ackWithoutPayloadCloses = AddRule(Rule{
		ID: "socket.io/176", Source: socketAcks, Basis: ByDispute,
		Sentence:   "The server closes the connection after an acknowledgement without a payload.",
		Quote:      "The payload is mandatory and MUST be an array (possibly empty).",
		Derivation: "The official server leaves the connection open, although it closes it if the payload has another type.",
	})

	idIsANumber = AddRule(Rule{
		ID: "socket.io/177", Source: socketAcks, Basis: ByOfficialTest,
		Sentence:   "The server closes the connection after an EVENT whose ID is not a number.",
		Quote:      "optionally, an acknowledgment id (integer)",
		Derivation: "S32 sends 42abc[…] and waits for the connection to close. Something that is not a number is not an ID but the beginning of the payload, which must be an array.",
		Official:   []string{"S32"},
	})

	binaryAckForAttachments = AddRule(Rule{
		ID: "socket.io/178", Source: socketAcks, Basis: ByStatement,
		Sentence:   "The server acknowledges an event with attachments like any other, sends attachments with a BINARY_ACK with the event's ID, and accepts a plain answer to a question that has attachments.",
		Quote:      "Used to [acknowledge](#acknowledgement) an event (the response includes binary data).",
		Derivation: "The examples acknowledge a BINARY_EVENT with an ACK.",
		Official:   []string{"S29"},
	})
)

package cases

import . "example.test/conformance/suite"

var socketDisconnect = socketIO("Disconnection from a namespace", "disconnection-from-a-namespace")

// Rules of the Socket.IO protocol about the disconnection from a namespace.
var (
	applicationLearnsOfLeaving = AddRule(Rule{
		ID: "socket.io/179", Source: socketDisconnect, Basis: ByImplication,
		Sentence:   "The server tells the application once that a client has left a namespace or was taken out of it.",
		Quote:      "At any time, one side can end the connection to a namespace by sending a `DISCONNECT` packet:",
		Derivation: "The connection to the namespace ends for both sides, and the application is the server's.",
		Official:   []string{"S24"},
	})

	disconnectIsNotAnswered = AddRule(Rule{
		ID: "socket.io/180", Source: socketDisconnect, Basis: ByStatement,
		Sentence: "The server does not answer a DISCONNECT.",
		Quote:    "No response is expected from the other side.",
		Official: []string{"S24"},
	})

	connectionOutlivesLastNamespace = AddRule(Rule{
		ID: "socket.io/181", Source: socketDisconnect, Basis: ByShould,
		Sentence:   "The server keeps the connection of a client that has left its last namespace, and lets it join again as another socket.",
		Quote:      "The low-level connection MAY be kept alive if the client is connected to another namespace.",
		Derivation: "The sentence leaves a server free to close it. S24 expects a ping after the last DISCONNECT, and a client that joins again at once counts on it.",
		Official:   []string{"S24"},
	})

	leavingCustomKeepsMain = AddRule(Rule{
		ID: "socket.io/182", Source: socketDisconnect, Basis: ByImplication,
		Sentence:   "The server keeps a client in the main namespace that leaves another one.",
		Quote:      "one side can end the connection to a namespace by sending a `DISCONNECT` packet",
		Derivation: "The packet ends the connection to the namespace that it names, not to others.",
		Official:   []string{"S25"},
	})

	leavingMainKeepsCustom = AddRule(Rule{
		ID: "socket.io/183", Source: socketDisconnect, Basis: ByImplication,
		Sentence:   "The server keeps a client in its other namespaces that leaves the main one.",
		Quote:      "one side can end the connection to a namespace by sending a `DISCONNECT` packet",
		Derivation: "The packet ends the connection to the namespace that it names, not to others.",
	})

	disconnectWithoutComma = AddRule(Rule{
		ID: "socket.io/184", Source: socketDisconnect, Basis: ByOfficialTest,
		Sentence:   "The server takes a DISCONNECT whose namespace has no comma behind it.",
		Derivation: "S25 leaves with 41/custom; the format has the comma within the brackets that say what may be missing.",
		Official:   []string{"S25"},
	})

	packetNotJoinedCloses = AddRule(Rule{
		ID: "socket.io/185", Source: socketDisconnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection upon a packet for a namespace that the client has left or has not joined.",
		Derivation: "The document does not say what becomes of it; the official server closes the connection since 4.5.",
	})

	serverDisconnects = AddRule(Rule{
		ID: "socket.io/186", Source: socketDisconnect, Basis: ByStatement,
		Sentence: "The server sends a client that the application takes out of a namespace a DISCONNECT for it, without a payload, and keeps the connection and the client's other namespaces.",
		Quote:    "At any time, one side can end the connection to a namespace by sending a `DISCONNECT` packet:",
	})

	serverClosesConnection = AddRule(Rule{
		ID: "socket.io/187", Source: socketDisconnect, Basis: ByClient,
		Sentence:   "The server sends a DISCONNECT for each namespace and then closes the connection where the application closes it.",
		Derivation: "Socket.ondisconnect of the client stops reconnecting. Without the packet the client sees a lost transport and comes back by itself.",
	})

	disconnectWithPayloadCloses = AddRule(Rule{
		ID: "socket.io/188", Source: socketDisconnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection upon a DISCONNECT that has a payload.",
		Derivation: "The examples have none, and the document does not say what becomes of one; the official server closes the connection.",
	})

	endOfConnectionEndsSockets = AddRule(Rule{
		ID: "socket.io/189", Source: socketDisconnect, Basis: ByImplication,
		Sentence:   "The server tells the application once, in each namespace, that a client is gone whose connection has ended.",
		Quote:      "with the same underlying WebSocket connection",
		Derivation: "A client is in a namespace over its connection and in no other way, so that the end of one is the end of the other.",
	})

	joiningAgainAtOnce = AddRule(Rule{
		ID: "socket.io/217", Source: socketDisconnect, Basis: ByDispute,
		Sentence:   "The server lets a client in that leaves a namespace and joins it again with the next packet.",
		Derivation: "No answer tells a client when it has left. Of the runtimes of the official server some close such a connection, and others do not.",
	})

	disconnectReasons = AddRule(Rule{
		ID: "socket.io/216", Source: socketDisconnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server tells the application why a client is gone, in the official server's words.",
		Derivation: "The document has no reasons. Those of the official server are part of its API: client namespace disconnect, server namespace disconnect, transport close, ping timeout, parse error.",
	})
)

package cases

import . "example.test/conformance/suite"

var socketDisconnect = socketIO("Disconnection from a namespace", "disconnection-from-a-namespace")

// Rules of the Socket.IO protocol about the disconnection from a namespace.
var (
	applicationLearnsOfLeaving = AddRule(Rule{
		ID: "socket.io/179", Source: socketDisconnect, Basis: ByImplication,
		Sentence:   "The server tells the application once that a client has left a namespace or was disconnected from it.",
		Quote:      "At any time, one side can end the connection to a namespace by sending a `DISCONNECT` packet:",
		Derivation: "The connection to the namespace ends for both sides, and the application is on the server's side.",
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
		Derivation: "The sentence allows a server to close it. S24 expects a ping after the last DISCONNECT, and a client that joins again at once counts on it.",
		Official:   []string{"S24"},
	})

	leavingCustomKeepsMain = AddRule(Rule{
		ID: "socket.io/182", Source: socketDisconnect, Basis: ByImplication,
		Sentence:   "The server keeps a client in the main namespace when it leaves another one.",
		Quote:      "one side can end the connection to a namespace by sending a `DISCONNECT` packet",
		Derivation: "The packet ends the connection to the namespace that it names, not to others.",
		Official:   []string{"S25"},
	})

	leavingMainKeepsCustom = AddRule(Rule{
		ID: "socket.io/183", Source: socketDisconnect, Basis: ByImplication,
		Sentence:   "The server keeps a client in its other namespaces when it leaves the main one.",
		Quote:      "one side can end the connection to a namespace by sending a `DISCONNECT` packet",
		Derivation: "The packet ends the connection to the namespace that it names, not to others.",
	})

	disconnectWithoutComma = AddRule(Rule{
		ID: "socket.io/184", Source: socketDisconnect, Basis: ByOfficialTest,
		Sentence:   "The server accepts a DISCONNECT whose namespace has no comma after it.",
		Derivation: "S25 leaves with 41/custom; the format has the comma within brackets, so it may be missing.",
		Official:   []string{"S25"},
	})

	packetNotJoinedCloses = AddRule(Rule{
		ID: "socket.io/185", Source: socketDisconnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a packet for a namespace that the client has left or has not joined.",
		Derivation: "The document does not say what happens to it; the official server closes the connection from 4.5 on.",
	})

	serverDisconnects = AddRule(Rule{
		ID: "socket.io/186", Source: socketDisconnect, Basis: ByStatement,
		Sentence: "When the application disconnects a client from a namespace, the server sends a DISCONNECT for it, without a payload, and keeps the connection and the client's other namespaces.",
		Quote:    "At any time, one side can end the connection to a namespace by sending a `DISCONNECT` packet:",
	})

	serverClosesConnection = AddRule(Rule{
		ID: "socket.io/187", Source: socketDisconnect, Basis: ByClient,
		Sentence:   "When the application closes the connection, the server sends a DISCONNECT for each namespace and then closes it.",
		Derivation: "Socket.ondisconnect of the client stops reconnecting. Without the packet, the client sees a lost transport and reconnects by itself.",
	})

	disconnectWithPayloadCloses = AddRule(Rule{
		ID: "socket.io/188", Source: socketDisconnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a DISCONNECT that has a payload.",
		Derivation: "The examples have none, and the document does not say what happens to one; the official server closes the connection.",
	})

	endOfConnectionEndsSockets = AddRule(Rule{
		ID: "socket.io/189", Source: socketDisconnect, Basis: ByImplication,
		Sentence:   "When a client's connection has ended, the server tells the application once, in each namespace, that the client is gone.",
		Quote:      "with the same underlying WebSocket connection",
		Derivation: "A client is in a namespace only through its connection, so the end of one is the end of the other.",
	})

	joiningAgainAtOnce = AddRule(Rule{
		ID: "socket.io/217", Source: socketDisconnect, Basis: ByDispute,
		Sentence:   "The server lets in a client that leaves a namespace and joins it again with the next packet.",
		Derivation: "No answer tells a client when it has left. The official server closes such a connection on some runtimes and not on others.",
	})

	disconnectReasons = AddRule(Rule{
		ID: "socket.io/216", Source: socketDisconnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server tells the application why a client is gone, in the official server's words.",
		Derivation: "The document has no reasons. The official server's reasons are part of its API: client namespace disconnect, server namespace disconnect, transport close, ping timeout, parse error.",
	})
)

package cases

import . "example.test/conformance/suite"

var socketConnect = socketIO("Connection to a namespace", "connection-to-a-namespace")

// Rules of the Socket.IO protocol about the connection to a namespace.
var (
	connectIsAnswered = AddRule(Rule{
		ID: "socket.io/127", Source: socketConnect, Basis: ByMust,
		Sentence:   "The server answers a CONNECT to the main namespace with a CONNECT that contains the socket's ID, and sends nothing in the namespace before it.",
		Quote:      "The server MUST respond with either: - a `CONNECT` packet if the connection is successful, with the session ID in the payload",
		Derivation: "The answer comes first, since the two sides exchange data only once the connection to the namespace is established.",
		Official:   []string{"S17"},
	})

	authReachesApplication = AddRule(Rule{
		ID: "socket.io/128", Source: socketConnect, Basis: ByImplication,
		Sentence:   "The server passes the data of a client's CONNECT to the application, and that of the last one if a client joins again.",
		Quote:      "The client can send a payload for authentication/authorization purposes.",
		Derivation: "Only the application can authorize a client, and it needs the data that came with this CONNECT.",
		Official:   []string{"S18"},
	})

	authIsAnEmptyObject = AddRule(Rule{
		ID: "socket.io/129", Source: socketConnect, Basis: ByOfficialTest,
		Sentence:   "The server passes the application an empty object if a CONNECT has no data.",
		Derivation: "S17 and S19 send a CONNECT without data and expect {} as the application's view of it.",
		Official:   []string{"S17"},
	})

	connectAnswerNamesNamespace = AddRule(Rule{
		ID: "socket.io/130", Source: socketConnect, Basis: ByMust,
		Sentence:   "The server answers a CONNECT to a namespace other than the main one with a CONNECT that names that namespace.",
		Quote:      "The server MUST respond with either: - a `CONNECT` packet if the connection is successful, with the session ID in the payload",
		Derivation: "In the example of a custom namespace, the answer has the namespace as the client wrote it.",
		Official:   []string{"S19"},
	})

	authReachesNamespaces = AddRule(Rule{
		ID: "socket.io/131", Source: socketConnect, Basis: ByImplication,
		Sentence:   "The server passes the data of a CONNECT to a namespace other than the main one to the application, separately for each namespace.",
		Quote:      `Client > { type: CONNECT, namespace: "/admin", data: { "token": "123" } }`,
		Derivation: "The payload belongs to the packet, and the packet to the namespace that it names.",
		Official:   []string{"S20"},
	})

	connectWithoutComma = AddRule(Rule{
		ID: "socket.io/132", Source: socketConnect, Basis: ByOfficialTest,
		Sentence:   "The server accepts a CONNECT whose namespace has no comma after it.",
		Derivation: "S25 joins with 40/custom; the format has the comma within brackets, so it may be missing.",
		Official:   []string{"S25"},
	})

	slashIsMain = AddRule(Rule{
		ID: "socket.io/133", Source: socketConnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server treats a slash as the main namespace, and leaves it out of its answer.",
		Quote:      "the namespace is only included if it is different from the main namespace",
		Derivation: "The document gives clients no reason to write the slash; the official server reads it.",
	})

	unknownNamespaceIsRefused = AddRule(Rule{
		ID: "socket.io/134", Source: socketConnect, Basis: ByMust,
		Sentence:   "The server answers a CONNECT to a namespace that it does not serve with a CONNECT_ERROR for that namespace, with the message Invalid namespace.",
		Quote:      "or a `CONNECT_ERROR` packet if the connection is not allowed",
		Derivation: "The message is that of S21, which expects the whole packet.",
		Official:   []string{"S21"},
	})

	middlewareRefusalIsTold = AddRule(Rule{
		ID: "socket.io/135", Source: socketConnect, Basis: ByMust,
		Sentence:   "The server does not let in a client that a middleware refuses, whenever it asks. It answers with a CONNECT_ERROR that contains the error's message, and its data if it has any.",
		Quote:      "or a `CONNECT_ERROR` packet if the connection is not allowed",
		Derivation: "The example contains the message. The official client passes the packet's message and data to its application, which has no other information.",
	})

	refusedClientIsOutside = AddRule(Rule{
		ID: "socket.io/218", Source: socketEvents, Basis: ByImplication,
		Sentence:   "A client that the server has refused is not in the namespace: its packets for it are not handled.",
		Quote:      "Once the connection to a namespace is established, the client and the server can begin exchanging data",
		Derivation: "The connection to the namespace was not established, so nothing is exchanged in it. The server may ignore the packets or close the connection.",
	})

	refusalKeepsConnection = AddRule(Rule{
		ID: "socket.io/136", Source: socketConnect, Basis: ByImplication,
		Sentence:   "The server keeps the connection, and the client's other namespaces, after a CONNECT_ERROR.",
		Quote:      "A client MAY be connected to multiple namespaces at the same time, with the same underlying WebSocket connection.",
		Derivation: "A CONNECT_ERROR answers for one namespace; the connection belongs to all that the client has joined or asks for.",
	})

	leftClientIsOutside = AddRule(Rule{
		ID: "socket.io/220", Source: socketEvents, Basis: ByImplication,
		Sentence:   "A client that has left a namespace, or was disconnected from it, is no longer in it: its packets for it are not handled.",
		Quote:      "Once the connection to a namespace is established, the client and the server can begin exchanging data",
		Derivation: "The connection to the namespace has ended, so nothing is exchanged in it. The server may ignore the packets or close the connection.",
	})
	firstPacketIsConnect = AddRule(Rule{
		ID: "socket.io/137", Source: socketConnect, Basis: ByMust,
		Sentence: "The server closes the connection at once when the client's first packet is not a CONNECT.",
		Quote:    "If the server does not receive a `CONNECT` packet first, then it MUST close the connection immediately.",
		Official: []string{"S22"},
	})

	connectTimeoutCloses = AddRule(Rule{
		ID: "socket.io/138", Source: socketConnect, Basis: ByOfficialTest,
		Sentence:   "The server closes a connection that has joined no namespace when connectTimeout has passed.",
		Quote:      "connectTimeout: 1000,",
		Derivation: "S23 opens a connection, sends nothing and waits for it to close; a refused CONNECT does not join a namespace.",
		Official:   []string{"S23"},
	})

	joiningStopsConnectTimeout = AddRule(Rule{
		ID: "socket.io/139", Source: socketConnect, Basis: ByClient,
		Sentence:   "The server keeps a connection open beyond connectTimeout if it has joined any namespace by then.",
		Derivation: "The client's Manager.onclose ends every socket of a connection that is cut, and packets on their way to the client are lost.",
	})

	namespacesShareConnection = AddRule(Rule{
		ID: "socket.io/140", Source: socketConnect, Basis: ByStatement,
		Sentence:   "The server lets a client join several namespaces over one connection and keeps their events apart.",
		Quote:      "A client MAY be connected to multiple namespaces at the same time, with the same underlying WebSocket connection.",
		Derivation: "The MAY is for the client: the server has to support what a client may do. Each packet names its namespace.",
		Official:   []string{"S25"},
	})

	noImplicitMain = AddRule(Rule{
		ID: "socket.io/141", Source: socketConnect, Basis: ByStatement,
		Sentence: "The server does not put a client that has joined another namespace into the main one.",
		Quote:    "This is not the case anymore, the client must send a `CONNECT` packet in any case.",
	})

	socketIDIsNotSessionID = AddRule(Rule{
		ID: "socket.io/142", Source: socketConnect, Basis: ByStatement,
		Sentence: "The server gives a socket an ID that is not the session's.",
		Quote:    "the ID of the Socket.IO connection will now be different from the ID of the underlying Engine.IO connection",
	})

	socketIDsAreDifferent = AddRule(Rule{
		ID: "socket.io/143", Source: socketConnect, Basis: ByImplication,
		Sentence:   "The server gives a client a different socket ID in each namespace, and never gives two clients the same one.",
		Quote:      "In case of success, the server responds with a payload contain the ID of the Socket.",
		Derivation: "An ID that two sockets share identifies neither. The examples have a different one for each namespace.",
	})

	secondConnectCloses = AddRule(Rule{
		ID: "socket.io/144", Source: socketConnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a second CONNECT to a namespace that the client is in.",
		Derivation: "The document does not say what a second CONNECT does; the official server closes the connection.",
	})

	clientErrorCloses = AddRule(Rule{
		ID: "socket.io/145", Source: socketConnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a CONNECT_ERROR from a client.",
		Quote:      "this packet type is still used by the server when the connection to a namespace is refused",
		Derivation: "The document does not say what a server does when a client sends one; the official server closes the connection.",
	})

	connectDataIsAnObject = AddRule(Rule{
		ID: "socket.io/146", Source: socketConnect, Basis: ByImplication,
		Sentence:   "The server closes the connection after a first CONNECT whose data is a string or not JSON.",
		Quote:      "If the server does not receive a `CONNECT` packet first, then it MUST close the connection immediately.",
		Derivation: "A packet's payload is a JSON object or array. A packet with another payload is not a CONNECT packet, so the first packet was not a CONNECT.",
	})

	connectDataIsNoArrayOrNull = AddRule(Rule{
		ID: "socket.io/215", Source: socketConnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a CONNECT whose data is an array or null.",
		Quote:      "optionally, a payload (Object | Array)",
		Derivation: "The list of fields allows an array, and null may mean no payload; the official server closes the connection from 4.5 on.",
	})

	queryIsPartOfName = AddRule(Rule{
		ID: "socket.io/147", Source: socketConnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server treats a question mark and what follows it as part of the namespace's name.",
		Derivation: "The document gives a namespace's name no inner structure. Revision 4 had a query there; the official server no longer reads one.",
	})

	namespaceOnDemand = AddRule(Rule{
		ID: "socket.io/148", Source: socketConnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server creates a namespace when a client asks for a name that matches a pattern of the application.",
		Derivation: "The document has no patterns. The official server has them, and the announcement of 4.1.0 builds on them.",
	})

	prototypeNamesAreUnknown = AddRule(Rule{
		ID: "socket.io/149", Source: socketConnect, Basis: ByOfficialBehaviour,
		Sentence:   "The server refuses namespaces named like members of every JavaScript object like any other that it does not serve.",
		Derivation: "The document has no special names; the exact answer is the official server's.",
	})
)

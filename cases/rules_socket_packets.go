package cases

import . "example.test/conformance/suite"

var socketPackets = socketIO("Exchange protocol", "exchange-protocol")

// Rules of the Socket.IO protocol about the packets.
var (
	knownTypesOnly = AddRule(Rule{
		ID: "socket.io/125", Source: socketPackets, Basis: ByOfficialTest,
		Sentence:   "The server closes the connection after a packet whose type is not one of 0 to 6.",
		Quote:      "Here is the list of available packet types:",
		Derivation: "S22 and S30 send a packet of a type that is not in the list and wait for the connection to close.",
		Official:   []string{"S22", "S30"},
	})

	_ = AddRule(Rule{
		ID: "socket.io/126", Source: socketPackets, Basis: ByStatement,
		Sentence:   "The server sends and receives each packet in an Engine.IO message.",
		Quote:      "each Socket.IO packet is sent as a Engine.IO `message` packet",
		Official:   []string{"S17", "S18", "S19", "S20", "S21", "S22", "S23", "S24", "S25", "S26", "S27", "S28", "S29", "S30", "S31", "S32"},
		FoldedInto: connectIsAnswered,
	})
)

package cases

import . "example.test/conformance/suite"

// The section that the rules below come from.
var enginePackets = engineIO("Protocol", "protocol")

// The rules of the types of packets.
var (
	noPacketClosesWebSocket = AddRule(Rule{
		ID: "engine.io/48", Source: enginePackets, Basis: ByOfficialTest,
		Sentence:   "A WebSocket message that is not a packet closes the connection and ends the session.",
		Quote:      "Here is the list of available packet types:",
		Derivation: "E16 sends abc and expects the connection to close.",
		Official:   []string{"E16"},
	})
	noPacketEndsPolling = AddRule(Rule{
		ID: "engine.io/49", Source: enginePackets, Basis: ByOfficialTest,
		Sentence:   "A POST of something that is not a packet ends the session.",
		Quote:      "Here is the list of available packet types:",
		Derivation: "E11 posts abc and expects 400 for the next poll.",
		Official:   []string{"E11"},
	})
	emptyMessageCloses = AddRule(Rule{
		ID: "engine.io/50", Source: enginePackets, Basis: ByOfficialBehaviour,
		Sentence:   "An empty WebSocket text message closes the connection.",
		Quote:      "An Engine.IO packet consists of:",
		Derivation: "A packet has a type, so an empty message is not a packet. The document does not say what happens to it; the official server closes the connection.",
	})
	clientOpenIgnored = AddRule(Rule{
		ID: "engine.io/51", Source: enginePackets, Basis: ByOfficialBehaviour,
		Sentence:   "An open packet of a client is ignored.",
		Derivation: "The document does not say what happens to an open packet that a client sends. The official server ignores it.",
	})
	clientNoopIgnored = AddRule(Rule{
		ID: "engine.io/52", Source: enginePackets, Basis: ByOfficialBehaviour,
		Sentence:   "A noop of a client is ignored.",
		Derivation: "The document does not say what happens to a noop that a client sends. The official server ignores it.",
	})
	strayUpgradeIgnored = AddRule(Rule{
		ID: "engine.io/53", Source: enginePackets, Basis: ByOfficialBehaviour,
		Sentence:   "An upgrade packet outside an upgrade is ignored.",
		Derivation: "In the document the upgrade packet completes an upgrade, and it does not say what happens to it elsewhere. The official server ignores it.",
	})
	closePacketEndsPolling = AddRule(Rule{
		ID: "engine.io/54", Source: enginePackets, Basis: ByOfficialTest,
		Sentence:   "A client's close packet ends a polling session: the poll under way is answered, and a WebSocket that probes is closed.",
		Quote:      "| close | 1 | Used to indicate that a transport can be closed. |",
		Derivation: "E21 expects the poll under way to be answered with 200, and 400 for the next one. A WebSocket for a session that has ended has nothing to upgrade.",
		Official:   []string{"E21", "S12"},
	})
	closePacketClosesWebSocket = AddRule(Rule{
		ID: "engine.io/55", Source: enginePackets, Basis: ByDispute,
		Sentence:   "A client's close packet closes its WebSocket.",
		Quote:      "| close | 1 | Used to indicate that a transport can be closed. |",
		Derivation: "E22 expects the connection to close, but cannot tell why it closes: the heartbeat ends the session as well. The official server leaves the connection open.",
		Official:   []string{"E22", "S13"},
	})
	serverClosesPolling = AddRule(Rule{
		ID: "engine.io/56", Source: enginePackets, Basis: ByStatement,
		Sentence: "A server that closes a polling session answers the poll with a close packet, and forgets the session.",
		Quote:    "| close | 1 | Used to indicate that a transport can be closed. |",
	})
	serverClosesWebSocket = AddRule(Rule{
		ID: "engine.io/57", Source: engineWebSocket, Basis: ByImplication,
		Sentence:   "A server that ends a session over WebSocket closes the connection with a close frame, and it answers a client's close frame with one.",
		Quote:      "The WebSocket transport consists of a WebSocket connection",
		Derivation: "An endpoint closes such a connection with a close frame, and answers one with another (RFC 6455, sections 7.1.2 and 5.5.1).",
	})
)

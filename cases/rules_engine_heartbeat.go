package cases

import . "example.test/conformance/suite"

// The section that the rules below come from.
var engineHeartbeat = engineIO("Heartbeat", "heartbeat")

// The rules of the heartbeat.
var (
	pingAfterInterval = AddRule(Rule{
		ID: "engine.io/75", Source: engineHeartbeat, Basis: ByStatement,
		Sentence: "A ping comes when pingInterval has passed, over each transport.",
		Quote:    "At a given interval (the `pingInterval` value sent in the handshake) the server sends a `ping` packet",
		Official: []string{"E17", "E19", "S10"},
	})
	pingHasNoPayload = AddRule(Rule{
		ID: "engine.io/76", Source: engineHeartbeat, Basis: ByStatement,
		Sentence: "A ping has no payload.",
		Quote:    "│ 2 │ (ping packet)",
		Official: []string{"E17", "E19", "S10"},
	})
	pingsRecur = AddRule(Rule{
		ID: "engine.io/77", Source: engineHeartbeat, Basis: ByStatement,
		Sentence: "A ping comes every pingInterval, and the connection goes on while pongs come.",
		Quote:    "At a given interval (the `pingInterval` value sent in the handshake) the server sends a `ping` packet",
		Official: []string{"E17", "E19", "S10"},
	})
	silentWebSocketClosed = AddRule(Rule{
		ID: "engine.io/78", Source: engineHeartbeat, Basis: ByShould,
		Sentence: "A WebSocket whose pong does not come within pingTimeout is closed, and its session ends.",
		Quote:    "If the server does not receive a `pong` packet back, then it SHOULD consider that the connection is closed.",
		Official: []string{"E20", "S11"},
	})
	silentPollingForgotten = AddRule(Rule{
		ID: "engine.io/79", Source: engineHeartbeat, Basis: ByShould,
		Sentence: "A polling session whose pong does not come within pingTimeout is forgotten.",
		Quote:    "If the server does not receive a `pong` packet back, then it SHOULD consider that the connection is closed.",
		Official: []string{"E18", "S9"},
	})
	pongInTimeCounts = AddRule(Rule{
		ID: "engine.io/80", Source: engineHeartbeat, Basis: ByStatement,
		Sentence: "A pong that comes within pingTimeout is in time.",
		Quote:    "the client has a few seconds (the `pingTimeout` value) to send a `pong` packet back",
	})
	pongByPOSTCounts = AddRule(Rule{
		ID: "engine.io/81", Source: engineHeartbeat, Basis: ByImplication,
		Sentence:   "A pong that comes by POST counts, alone or among messages, and so do the messages.",
		Quote:      "the client has a few seconds (the `pingTimeout` value) to send a `pong` packet back",
		Derivation: "A polling client sends all its packets by POST, pongs included. E17 expects the session to go on.",
		Official:   []string{"E17", "S8"},
	})
	clientPingCloses = AddRule(Rule{
		ID: "engine.io/82", Source: engineHeartbeat, Basis: ByOfficialBehaviour,
		Sentence:   "A ping of a client closes the connection.",
		Quote:      "the server sends a `ping` packet",
		Derivation: "The document does not say what happens to a ping that a client sends. The official server closes the connection.",
	})
	unsolicitedPongIgnored = AddRule(Rule{
		ID: "engine.io/83", Source: engineHeartbeat, Basis: ByOfficialBehaviour,
		Sentence:   "An unsolicited pong is ignored: it ends nothing, and does not count for a later ping.",
		Derivation: "The document does not say what happens to such a pong. The official server ignores it.",
	})
	heartbeatSpansUpgrade = AddRule(Rule{
		ID: "engine.io/84", Source: engineHeartbeat, Basis: ByImplication,
		Sentence:   "The heartbeat goes on during an upgrade and after it, at the same interval.",
		Quote:      "Once the handshake is completed, a heartbeat mechanism is started to check the liveness of the connection:",
		Derivation: "The heartbeat belongs to the connection and begins with the handshake. An upgrade changes the transport, but is not a handshake.",
	})
	pingBeforeUpgradeCounts = AddRule(Rule{
		ID: "engine.io/85", Source: engineHeartbeat, Basis: ByDispute,
		Sentence:   "A ping that was under way at the upgrade must still be answered.",
		Quote:      "If the server does not receive a `pong` packet back, then it SHOULD consider that the connection is closed.",
		Derivation: "The official server does not end a session because of such a ping.",
	})
	controlPingsAreNoHeartbeat = AddRule(Rule{
		ID: "engine.io/86", Source: engineWebSocket, Basis: ByImplication,
		Sentence:   "The WebSocket protocol's own pings are answered, but are not a heartbeat.",
		Quote:      "The WebSocket transport consists of a WebSocket connection",
		Derivation: "On such a connection an endpoint answers a ping frame with a pong frame (RFC 6455, section 5.5.2). The heartbeat consists of packets, which are messages.",
	})
)

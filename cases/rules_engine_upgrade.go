package cases

import . "example.test/conformance/suite"

// The section that the rules below come from.
var engineUpgrade = engineIO("Upgrade", "upgrade")

// The rules of the upgrade from polling to WebSocket.
var (
	probeAnswered = AddRule(Rule{
		ID: "engine.io/87", Source: engineUpgrade, Basis: ByMust,
		Sentence: "The probe is answered with a pong that has the payload probe.",
		Quote:    "The server MUST: … respond with a `pong` packet with the string `probe` in the payload",
		Official: []string{"E23", "S14"},
	})
	pendingPollGetsNoop = AddRule(Rule{
		ID: "engine.io/88", Source: engineUpgrade, Basis: ByMust,
		Sentence: "A poll under way at the probe is answered with a noop, and with nothing else.",
		Quote:    "The server MUST: … send a `noop` packet to any pending `GET` request (if applicable) to cleanly close HTTP long-polling transport",
	})
	_ = AddRule(Rule{
		ID: "engine.io/89", Source: engineUpgrade, Basis: ByImplication,
		Sentence:   "A poll that comes after the probe is answered with a noop.",
		Quote:      "send a `noop` packet to any pending `GET` request (if applicable) to cleanly close HTTP long-polling transport",
		Derivation: "A poll that comes during the upgrade is just as pending as one that came before. E23 sends it after the probe.",
		Official:   []string{"E23"},
		FoldedInto: pollsDuringUpgradeGetNoops,
	})
	pollsDuringUpgradeGetNoops = AddRule(Rule{
		ID: "engine.io/90", Source: engineUpgrade, Basis: ByImplication,
		Sentence:   "Each of several polls during an upgrade is answered with a noop, at once.",
		Quote:      "send a `noop` packet to any pending `GET` request (if applicable) to cleanly close HTTP long-polling transport",
		Derivation: "The clause covers any pending GET request until the upgrade is complete, not only the first.",
	})
	upgradePacketMovesSession = AddRule(Rule{
		ID: "engine.io/91", Source: engineUpgrade, Basis: ByStatement,
		Sentence: "The upgrade packet completes the upgrade, and only then the session goes on over WebSocket.",
		Quote:    "Finally, the client MUST send a `upgrade` packet to complete the upgrade:",
		Official: []string{"E23"},
	})
	upgradeLosesNothing = AddRule(Rule{
		ID: "engine.io/92", Source: engineUpgrade, Basis: ByImplication,
		Sentence:   "Packets that wait when a session is upgraded arrive, each once and in order.",
		Quote:      "to ensure that no packet gets lost",
		Derivation: "The client pauses polling for that purpose, so what the server has not sent by then comes over WebSocket.",
	})
	binaryIsRawAfterUpgrade = AddRule(Rule{
		ID: "engine.io/93", Source: engineEncodingWS, Basis: ByImplication,
		Sentence:   "A binary packet that waits when a session is upgraded arrives as a binary message.",
		Quote:      "Binary payloads are sent as is, without modification.",
		Derivation: "The encoding depends on the transport over which the packet is sent, not on the transport at the time when the application sent it.",
	})
	pollAfterUpgradeRefused = AddRule(Rule{
		ID: "engine.io/94", Source: engineUpgrade, Basis: ByOfficialTest,
		Sentence:   "An upgraded session refuses polling requests with 400 and keeps its WebSocket.",
		Derivation: "E24 expects 400, and an answer over the WebSocket afterwards.",
		Official:   []string{"E24", "S15"},
	})
	secondWebSocketAfterUpgradeClosed = AddRule(Rule{
		ID: "engine.io/95", Source: engineWebSocket, Basis: ByMust,
		Sentence:   "Another WebSocket for an upgraded session is closed, and the first goes on.",
		Quote:      "A client MUST NOT open more than one WebSocket connection per session. Should it happen, the server MUST close the WebSocket connection.",
		Derivation: "E25 expects the same.",
		Official:   []string{"E25", "S16"},
	})
	secondWebSocketDuringUpgradeClosed = AddRule(Rule{
		ID: "engine.io/96", Source: engineWebSocket, Basis: ByMust,
		Sentence: "Another WebSocket for a session is closed while one is probing, and the first goes on.",
		Quote:    "A client MUST NOT open more than one WebSocket connection per session. Should it happen, the server MUST close the WebSocket connection.",
	})
	failedUpgradeKeepsSession = AddRule(Rule{
		ID: "engine.io/97", Source: engineUpgrade, Basis: ByImplication,
		Sentence:   "A polling session survives a failed upgrade, goes on as before, and may be upgraded again.",
		Quote:      "Finally, the client MUST send a `upgrade` packet to complete the upgrade:",
		Derivation: "Until that packet comes, the upgrade is not complete, so the session is still on polling.",
	})
	_ = AddRule(Rule{
		ID: "engine.io/98", Source: engineUpgrade, Basis: ByImplication,
		Sentence:   "Another upgrade may follow a failed one.",
		Quote:      "Finally, the client MUST send a `upgrade` packet to complete the upgrade:",
		Derivation: "The session is still on polling (engine.io/97), and such a session may be upgraded.",
		FoldedInto: failedUpgradeKeepsSession,
	})
	otherFirstPacketCloses = AddRule(Rule{
		ID: "engine.io/99", Source: engineUpgrade, Basis: ByOfficialBehaviour,
		Sentence:   "A WebSocket that sends anything but the packets of an upgrade is closed, and the polling session goes on.",
		Quote:      "send a `ping` packet with the string `probe` in the payload",
		Derivation: "The document does not say what happens to another packet. The official server closes the WebSocket and keeps the session.",
	})
	pingWithoutProbeCloses = AddRule(Rule{
		ID: "engine.io/100", Source: engineUpgrade, Basis: ByOfficialBehaviour,
		Sentence:   "A ping without the payload probe is not a probe: the WebSocket is closed, and the polling session goes on.",
		Quote:      "send a `ping` packet with the string `probe` in the payload",
		Derivation: "The document does not say what happens to another ping. The official server closes the WebSocket and keeps the session.",
	})
	upgradeNeedsProbe = AddRule(Rule{
		ID: "engine.io/101", Source: engineUpgrade, Basis: ByDispute,
		Sentence:   "An upgrade packet without a probe before it does not upgrade the session.",
		Quote:      "To upgrade to WebSocket (or WebTransport), the client MUST:",
		Derivation: "The probe is one of the steps that the client must take. The official server upgrades the session without it.",
	})
)

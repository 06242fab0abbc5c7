package cases

import . "example.test/conformance/suite"

// Sections that the rules below come from.
var (
	engineWebSocket    = engineIO("WebSocket", "websocket")
	engineWebTransport = engineIO("WebTransport", "webtransport")
)

// The rules of the WebSocket transport, and of WebTransport.
var (
	webSocketWithoutVersionRefused = AddRule(Rule{
		ID: "engine.io/36", Source: engineWebSocket, Basis: ByMust,
		Sentence: "A WebSocket without a protocol version opens no session.",
		Quote:    "If a mandatory query parameter is missing, then the server MUST close the WebSocket connection.",
		Official: []string{"E6", "S6"},
	})
	webSocketWithoutTransportRefused = AddRule(Rule{
		ID: "engine.io/37", Source: engineWebSocket, Basis: ByMust,
		Sentence: "A WebSocket without a transport opens no session, and upgrades none.",
		Quote:    "If a mandatory query parameter is missing, then the server MUST close the WebSocket connection.",
		Official: []string{"E7", "S7"},
	})
	webSocketRefusedCleanly = AddRule(Rule{
		ID: "engine.io/38", Source: engineWebSocket, Basis: ByDispute,
		Sentence:   "A WebSocket of an unsupported protocol version is refused with an HTTP error or with a close frame.",
		Quote:      "If a mandatory query parameter is missing, then the server MUST close the WebSocket connection.",
		Derivation: "An open WebSocket can only be closed as RFC 6455 says. The official server writes an HTTP answer into it.",
		Official:   []string{"E6"},
	})
	onePacketPerMessage = AddRule(Rule{
		ID: "engine.io/39", Source: engineWebSocket, Basis: ByStatement,
		Sentence: "Each packet is sent in its own WebSocket message.",
		Quote:    "Each packet (read or write) is sent its own WebSocket frame.",
	})
	separatorIsDataInMessage = AddRule(Rule{
		ID: "engine.io/40", Source: engineWebSocket, Basis: ByImplication,
		Sentence:   "A record separator within a WebSocket message is data.",
		Quote:      "Each packet (read or write) is sent its own WebSocket frame.",
		Derivation: "A message holds one packet, so there is nothing to separate in it.",
	})
	fragmentsAreJoined = AddRule(Rule{
		ID: "engine.io/41", Source: engineWebSocket, Basis: ByImplication,
		Sentence:   "The fragments of a WebSocket message are joined, with or without control frames between them.",
		Quote:      "The WebSocket transport consists of a WebSocket connection",
		Derivation: "On such a connection a message may come in fragments, and an endpoint must accept them and control frames between them (RFC 6455, section 5.4).",
	})
	secondWebSocketClosed = AddRule(Rule{
		ID: "engine.io/42", Source: engineWebSocket, Basis: ByDispute,
		Sentence:   "A second WebSocket for a session opened over WebSocket is closed, and the first goes on.",
		Quote:      "A client MUST NOT open more than one WebSocket connection per session. Should it happen, the server MUST close the WebSocket connection.",
		Derivation: "The official server opens the second and leaves it open.",
	})
	webSocketOfUnknownSessionRefused = AddRule(Rule{
		ID: "engine.io/43", Source: engineWebSocket, Basis: ByImplication,
		Sentence:   "A WebSocket for an unknown session is refused.",
		Quote:      "Optional, depending on whether it's an upgrade from HTTP long-polling or not.",
		Derivation: "A WebSocket with a sid upgrades the session with that sid. If there is no such session, there is nothing to upgrade.",
	})
	largeMessageCloses = AddRule(Rule{
		ID: "engine.io/44", Source: engineWebSocket, Basis: ByOfficialBehaviour,
		Sentence:   "A WebSocket message larger than maxPayload closes the connection.",
		Derivation: "The open packet tells the limit. The document does not say what happens to a message that exceeds it. The official server closes the connection.",
	})
	sessionEndsWithItsWebSocket = AddRule(Rule{
		ID: "engine.io/45", Source: engineWebSocket, Basis: ByImplication,
		Sentence:   "A session over WebSocket ends when its client closes or drops the connection.",
		Quote:      "The WebSocket transport consists of a WebSocket connection",
		Derivation: "The connection is the only link between the session and its client, and the protocol has no way to return to the session.",
	})
	_ = AddRule(Rule{
		ID: "engine.io/46", Source: engineWebTransport, Basis: ByMust,
		Sentence: "A second WebTransport stream for a session closes the WebTransport session.",
		Quote:    "A client MUST NOT open more than one WebTransport stream per session. Should it happen, the server MUST close the WebTransport session.",
		LeftOut:  "WebTransport needs HTTP/3 and a certificate; the suite speaks HTTP/1.1 and WebSocket",
	})
	_ = AddRule(Rule{
		ID: "engine.io/47", Source: engineWebTransport, Basis: ByStatement,
		Sentence: "WebTransport uses no query parameters.",
		Quote:    "the current version of the protocol does not make use of the query parameters",
		LeftOut:  "the document calls it an implementation detail; besides, WebTransport needs HTTP/3 and a certificate, and the suite speaks HTTP/1.1 and WebSocket",
	})
)

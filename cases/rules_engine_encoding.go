package cases

import . "example.test/conformance/suite"

// Sections that the rules below come from.
var (
	engineMessage      = engineIO("Message", "message")
	engineEncoding     = engineIO("Packet encoding", "packet-encoding")
	engineEncodingHTTP = engineIO("Packet encoding: HTTP long-polling", "http-long-polling-1")
	engineEncodingWS   = engineIO("Packet encoding: WebSocket", "websocket-1")
	engineEncodingWT   = engineIO("Packet encoding: WebTransport", "webtransport-1")
	engineHistory      = engineIO("From v3 to v4", "from-v3-to-v4")
)

// The rules of messages and their encoding, and of what changed with version 4.
var (
	messageUnchanged = AddRule(Rule{
		ID: "engine.io/102", Source: engineMessage, Basis: ByStatement,
		Sentence: "A message is delivered once and unchanged, both ways and over each transport.",
		Quote:    "the client and the server can exchange data by including it in a `message` packet.",
		Official: []string{"E8", "E14"},
	})
	_ = AddRule(Rule{
		ID: "engine.io/103", Source: enginePackets, Basis: ByStatement,
		Sentence: "A message may be empty.",
		Quote:    "an optional packet payload",
		LeftOut:  "in a Socket.IO server, an empty message is not a Socket.IO packet and closes the connection, so the Engine.IO rule cannot be observed",
	})
	largeMessageUnchanged = AddRule(Rule{
		ID: "engine.io/104", Source: engineMessage, Basis: ByImplication,
		Sentence:   "A message that maxPayload allows is delivered unchanged and in order, however large it is.",
		Quote:      "the client and the server can exchange data by including it in a `message` packet.",
		Derivation: "Only maxPayload limits the size of a message.",
	})
	textIsUTF8 = AddRule(Rule{
		ID: "engine.io/105", Source: engineEncoding, Basis: ByStatement,
		Sentence: "Text is delivered unchanged, whatever its characters: it is UTF-8.",
		Quote:    "The character encoding is UTF-8 for plain text and for base64-encoded binary payloads.",
	})
	_ = AddRule(Rule{
		ID: "engine.io/106", Source: engineEncodingWS, Basis: ByStatement,
		Sentence:   "Text over WebSocket is UTF-8.",
		Quote:      "hello => message payload (UTF-8 encoded)",
		FoldedInto: textIsUTF8,
	})
	splitCharactersJoined = AddRule(Rule{
		ID: "engine.io/107", Source: engineEncoding, Basis: ByImplication,
		Sentence:   "A character whose bytes come separately, in TCP segments or in fragments, is joined.",
		Quote:      "The character encoding is UTF-8 for plain text and for base64-encoded binary payloads.",
		Derivation: "A packet is encoded as a whole. The protocol knows nothing about where the network splits it.",
	})
	lengthCountsBytes = AddRule(Rule{
		ID: "engine.io/108", Source: engineEncoding, Basis: ByImplication,
		Sentence:   "The Content-Length of an answer counts bytes, not characters.",
		Quote:      "The character encoding is UTF-8 for plain text and for base64-encoded binary payloads.",
		Derivation: "Content-Length is a number of octets (RFC 9110, section 8.6), and in UTF-8 a character may take several.",
	})
	separatorBetweenPackets = AddRule(Rule{
		ID: "engine.io/109", Source: engineEncodingHTTP, Basis: ByStatement,
		Sentence: "The packets of a payload are separated with the record separator.",
		Quote:    "The packets are separated by the record separator character: `\\x1e`",
		Official: []string{"E9"},
	})
	_ = AddRule(Rule{
		ID: "engine.io/110", Source: engineEncodingHTTP, Basis: ByMust,
		Sentence:   "A client's binary data is b and base64 in a payload.",
		Quote:      "Binary payloads MUST be base64-encoded and prefixed with a `b` character",
		Official:   []string{"E10"},
		FoldedInto: everyByteSurvives,
	})
	serverBinaryIsBase64 = AddRule(Rule{
		ID: "engine.io/111", Source: engineEncodingHTTP, Basis: ByMust,
		Sentence:   "The server's binary data is b and base64 in a payload, in the standard alphabet and with padding.",
		Quote:      "Binary payloads MUST be base64-encoded and prefixed with a `b` character",
		Derivation: "The example, b and AQIDBA==, has padding; base64 without qualification means the alphabet of RFC 4648, section 4.",
		Official:   []string{"E10"},
	})
	textAndBinaryKeepOrder = AddRule(Rule{
		ID: "engine.io/112", Source: engineEncodingHTTP, Basis: ByImplication,
		Sentence:   "Text and binary packets of one payload keep their order.",
		Quote:      "multiple packets might be concatenated in a single payload in order to increase throughput",
		Derivation: "A payload is a sequence of packets of both kinds. E10 expects it in order.",
		Official:   []string{"E10"},
	})
	everyByteSurvives = AddRule(Rule{
		ID: "engine.io/113", Source: engineEncodingHTTP, Basis: ByImplication,
		Sentence:   "Binary data is delivered unchanged, whatever its bytes, over each transport.",
		Quote:      "Binary payloads MUST be base64-encoded and prefixed with a `b` character",
		Derivation: "Both base64 over polling and plain bytes over WebSocket can carry every byte value.",
	})
	emptyPacketEndsSession = AddRule(Rule{
		ID: "engine.io/114", Source: engineEncodingHTTP, Basis: ByOfficialBehaviour,
		Sentence:   "A separator without a packet before or after it makes an empty packet, which ends the session.",
		Quote:      "The packets are separated by the record separator character: `\\x1e`",
		Derivation: "The document does not say what happens to an empty packet. The official server handles the packets before it and ends the session.",
	})
	unpaddedBase64Taken = AddRule(Rule{
		ID: "engine.io/115", Source: engineEncodingHTTP, Basis: ByOfficialBehaviour,
		Sentence:   "Base64 without padding is accepted.",
		Derivation: "The document does not mention padding. The official server accepts both.",
	})
	_ = AddRule(Rule{
		ID: "engine.io/116", Source: engineEncodingHTTP, Basis: ByShould,
		Sentence: "A client makes its payloads no larger than maxPayload.",
		Quote:    "The client SHOULD use the `maxPayload` value sent during the handshake to decide how many packets should be concatenated.",
		LeftOut:  "an obligation of the client",
	})
	textInTextMessages = AddRule(Rule{
		ID: "engine.io/117", Source: engineEncodingWS, Basis: ByOfficialTest,
		Sentence:   "Text is sent in WebSocket text messages.",
		Quote:      "hello => message payload (UTF-8 encoded)",
		Derivation: "E14 expects a string, which a browser produces only for a text message.",
		Official:   []string{"E14"},
	})
	binaryAsItIs = AddRule(Rule{
		ID: "engine.io/118", Source: engineEncodingWS, Basis: ByStatement,
		Sentence: "Binary data is sent over WebSocket as it is, in binary messages of any size.",
		Quote:    "Binary payloads are sent as is, without modification.",
		Official: []string{"E15"},
	})
	binaryMayBeEmpty = AddRule(Rule{
		ID: "engine.io/119", Source: engineEncodingWS, Basis: ByImplication,
		Sentence:   "Binary data may be empty.",
		Quote:      "Binary payloads are sent as is, without modification.",
		Derivation: "An empty buffer, sent as it is, is an empty binary message.",
	})
	base64OverWebSocketTaken = AddRule(Rule{
		ID: "engine.io/120", Source: engineEncodingWS, Basis: ByOfficialBehaviour,
		Sentence:   "Base64 in a WebSocket text message is treated as binary data.",
		Derivation: "The document has base64 only over polling. The official server accepts it over WebSocket, too.",
	})
	_ = AddRule(Rule{
		ID: "engine.io/121", Source: engineEncodingWT, Basis: ByStatement,
		Sentence: "WebTransport packets have a header of 1, 3 or 9 bytes.",
		Quote:    "a header containing details about the payload is sent before the payload itself.",
		LeftOut:  "WebTransport needs HTTP/3 and a certificate; the suite speaks HTTP/1.1 and WebSocket",
	})
	_ = AddRule(Rule{
		ID: "engine.io/122", Source: engineHandshake, Basis: ByMust,
		Sentence: "A WebTransport session begins with the client's open packet.",
		Quote:    "For a WebTransport-only session, the client MUST first send an `open` packet on the bidirectional stream.",
		LeftOut:  "WebTransport needs HTTP/3 and a certificate; the suite speaks HTTP/1.1 and WebSocket",
	})
	_ = AddRule(Rule{
		ID: "engine.io/123", Source: engineHistory, Basis: ByStatement,
		Sentence:   "The server sends the pings, not the client.",
		Quote:      "The ping packets are now sent by the server",
		Official:   []string{"E17", "E19", "S10"},
		FoldedInto: pingAfterInterval,
	})
	noLengthPrefixes = AddRule(Rule{
		ID: "engine.io/124", Source: engineHistory, Basis: ByStatement,
		Sentence: "A payload is not prefixed with lengths, as it was in version 3: one that is prefixed has no valid packets and ends the session.",
		Quote:    "use a record separator (`\\x1e`) instead of counting of characters",
	})
)

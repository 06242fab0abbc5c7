package cases

import . "example.test/conformance/suite"

// rfc returns a section of one of the documents on which Engine.IO is based.
func rfc(number, section, anchor string) Source {
	return Source{Document: "RFC " + number, Section: section, URL: "https://www.rfc-editor.org/rfc/rfc" + number + "#section-" + anchor}
}

// The rules that no document states for the server itself but that protect its other clients, and the rules of the
// protocols below Engine.IO.
var (
	forbiddenFrameCloses = AddRule(Rule{
		ID: "robustness/1", Source: rfc("6455", "5.1 Overview", "5.1"), Basis: ByMust,
		Sentence:   "A frame that RFC 6455 forbids closes only its own WebSocket.",
		Quote:      "The server MUST close the connection upon receiving a frame that is not masked.",
		Derivation: "By sections 5.2, 5.4, 5.5 and 8.1, the other forms fail the connection as well.",
	})
	clientsAreKeptApart = AddRule(Rule{
		ID: "robustness/2", Source: enginePackets, Basis: ByImplication,
		Sentence:   "The actions of one client do not affect another: each gets only its own messages.",
		Quote:      "| message | 4 | Used to send a payload to the other side. |",
		Derivation: "A message goes only to the other side of its session.",
	})
	offenderEndsAlone = AddRule(Rule{
		ID: "robustness/3", Source: enginePackets, Basis: ByImplication,
		Sentence:   "A client that breaks the protocol ends only its own session.",
		Derivation: "A session is between one client and the server, so what the client does in it cannot end the session of another.",
	})
	junkIsSurvived = AddRule(Rule{
		ID: "robustness/4", Source: rfc("9112", "2.2 Message Parsing", "2.2"), Basis: ByImplication,
		Sentence:   "Bytes that are not HTTP do not stop the server.",
		Quote:      "the server SHOULD respond with a 400 (Bad Request) response and close the connection.",
		Derivation: "The clause ends only the connection with those bytes. A server that stops ends the connections of all other clients.",
	})
	manyMayConnectAtOnce = AddRule(Rule{
		ID: "robustness/5", Source: engineHandshake, Basis: ByImplication,
		Sentence:   "Many clients may ask for a session at once, and each gets its own.",
		Quote:      "To establish a connection, the client MUST send an HTTP `GET` request to the server:",
		Derivation: "Nothing in the document makes a client wait for another, which it does not even know of.",
	})
	compressionIsDeclared = AddRule(Rule{
		ID: "robustness/6", Source: rfc("9110", "8.4 Content-Encoding", "8.4"), Basis: ByMust,
		Sentence:   "An answer is compressed as declared and as the client allows, or not at all.",
		Quote:      "the sender that applied the encodings MUST generate a Content-Encoding header field that lists the content codings in the order in which they were applied.",
		Derivation: "Section 12.5.3 says which codings the client allows.",
	})
	chunkedPOSTTaken = AddRule(Rule{
		ID: "robustness/7", Source: rfc("9112", "7.1 Chunked Transfer Coding", "7.1"), Basis: ByMust,
		Sentence:   "A body may come in chunks without a length, or the server asks for the length.",
		Quote:      "A recipient MUST be able to parse and decode the chunked transfer coding.",
		Derivation: "RFC 9110, section 15.5.12, lets a server ask for the length with 411.",
	})
	handshakeHeadersAreTokens = AddRule(Rule{
		ID: "robustness/8", Source: rfc("6455", "4.2.1 Reading the Client's Opening Handshake", "4.2.1"), Basis: ByStatement,
		Sentence: "The headers Upgrade and Connection of a WebSocket handshake are lists of tokens in any case.",
		Quote:    `A |Connection| header field that includes the token "Upgrade", treated as an ASCII case-insensitive value.`,
	})
	escapedParametersCount = AddRule(Rule{
		ID: "robustness/9", Source: rfc("3986", "6.2.2.2 Percent-Encoding Normalization", "6.2.2.2"), Basis: ByShould,
		Sentence: "A parameter means the same if characters in it are escaped unnecessarily.",
		Quote:    "These URIs should be normalized by decoding any percent-encoded octet that corresponds to an unreserved character",
	})
	olderHTTPIsAnswered = AddRule(Rule{
		ID: "robustness/10", Source: rfc("9110", "2.5 Protocol Version", "2.5"), Basis: ByOfficialBehaviour,
		Sentence:   "A handshake with HTTP/1.0 opens a session like any other.",
		Derivation: "Proxies use HTTP/1.0 with the servers behind them by default. No document says that a server accepts it; the official server does.",
	})
	absoluteFormIsTaken = AddRule(Rule{
		ID: "robustness/11", Source: rfc("9112", "3.2.2 absolute-form", "3.2.2"), Basis: ByDispute,
		Sentence:   "A request whose target is a whole URL is treated like one whose target is only the path and query.",
		Quote:      "a server MUST accept the absolute-form in requests",
		Derivation: "The official server compares the target with its path, and does not serve such a request.",
	})
	pongHasTheDataOfThePing = AddRule(Rule{
		ID: "robustness/12", Source: rfc("6455", "5.5.3 Pong", "5.5.3"), Basis: ByMust,
		Sentence: "A pong frame has the data of the ping frame that it answers.",
		Quote:    `A Pong frame sent in response to a Ping frame must have identical "Application data" as found in the message body of the Ping frame being replied to.`,
	})
	unsolicitedControlPongIgnored = AddRule(Rule{
		ID: "robustness/13", Source: rfc("6455", "5.5.3 Pong", "5.5.3"), Basis: ByStatement,
		Sentence: "A pong frame that answers no ping frame is ignored.",
		Quote:    "A Pong frame MAY be sent unsolicited. This serves as a unidirectional heartbeat. A response to an unsolicited Pong frame is not expected.",
	})
	closeCodesOfApplications = AddRule(Rule{
		ID: "robustness/21", Source: rfc("6455", "7.4.2 Reserved Status Code Ranges", "7.4.2"), Basis: ByStatement,
		Sentence: "A close frame may have a code of 3000 to 4999.",
		Quote:    "Status codes in the range 4000-4999 are reserved for private use",
	})
	framesMayComeInPieces = AddRule(Rule{
		ID: "robustness/14", Source: rfc("6455", "5.2 Base Framing Protocol", "5.2"), Basis: ByImplication,
		Sentence:   "A WebSocket frame means the same however TCP splits it.",
		Quote:      "This wire format for the data transfer part is described by the ABNF",
		Derivation: "The format describes a stream of bytes. TCP does not keep the limits of what was written at once.",
	})
	onlyOffersAreAgreedTo = AddRule(Rule{
		ID: "robustness/15", Source: rfc("6455", "4.1 Client Requirements", "4.1"), Basis: ByMust,
		Sentence:   "The answer to a WebSocket handshake names no extension or subprotocol that the client did not offer.",
		Quote:      "this header field indicates the use of an extension that was not present in the client's handshake (the server has indicated an extension not requested by the client), the client MUST _Fail the WebSocket Connection_.",
		Derivation: "The section says the same of subprotocols.",
	})
	compressionWorksAsAgreed = AddRule(Rule{
		ID: "robustness/16", Source: rfc("7692", "7.2.2 Decompression", "7.2.2"), Basis: ByStatement,
		Sentence:   "A server that agrees to permessage-deflate reads compressed messages, and sends ones that can be decompressed.",
		Quote:      "An endpoint uses the following algorithm to decompress a message.",
		Derivation: "Browsers offer the extension with each WebSocket, and compress their messages once the server has agreed to it.",
	})
	headerNamesInAnyCase = AddRule(Rule{
		ID: "robustness/17", Source: rfc("9110", "5.1 Field Names", "5.1"), Basis: ByStatement,
		Sentence: "The names of a request's headers mean the same in any case.",
		Quote:    "Field names are case-insensitive",
	})
	mediaTypeInAnyForm = AddRule(Rule{
		ID: "robustness/18", Source: rfc("9110", "8.3.1 Media Type", "8.3.1"), Basis: ByStatement,
		Sentence:   "A POST is plain text in UTF-8 in each form of the Content-Type that means so.",
		Quote:      "The type and subtype tokens are case-insensitive.",
		Derivation: "The section gives forms that are equal, with and without a space and with the charset in either case. Without a charset it is UTF-8, as the Engine.IO document says.",
	})
	bodyMayComeLater = AddRule(Rule{
		ID: "robustness/19", Source: rfc("9112", "6.3 Message Body Length", "6.3"), Basis: ByStatement,
		Sentence: "The body of a POST is as long as its Content-Length says, however late and in whatever parts it comes.",
		Quote:    "its decimal value defines the expected message body length in octets",
	})
	pipelinedAreAnsweredInOrder = AddRule(Rule{
		ID: "robustness/20", Source: rfc("9112", "9.3.2 Pipelining", "9.3.2"), Basis: ByMust,
		Sentence: "Requests that a client sends over one connection without waiting for the answers are answered in their order.",
		Quote:    "it MUST send the corresponding responses in the same order that the requests were received",
	})
)

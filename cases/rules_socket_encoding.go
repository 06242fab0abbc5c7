package cases

import . "example.test/conformance/suite"

var socketEncoding = socketIO("Packet encoding", "packet-encoding")

// Rules of the Socket.IO protocol about the encoding of packets.
var (
	orderOfHead = AddRule(Rule{
		ID: "socket.io/190", Source: socketEncoding, Basis: ByStatement,
		Sentence: "The server writes the head of a packet in the order of the format: type, number of attachments if there are any, namespace, ID.",
		Quote:    "<packet type>[<# of binary attachments>-][<namespace>,][<acknowledgment id>][JSON-stringified payload without binary]",
	})

	mainIsNotNamed = AddRule(Rule{
		ID: "socket.io/191", Source: socketEncoding, Basis: ByStatement,
		Sentence: "The server names the namespace of a packet only if it is not the main one.",
		Quote:    "the namespace is only included if it is different from the main namespace (`/`)",
		Official: []string{"S17", "S26"},
	})

	attachmentsFollowPacket = AddRule(Rule{
		ID: "socket.io/192", Source: socketEncoding, Basis: ByStatement,
		Sentence: "The server sends attachments unchanged, as binary messages right after their packet, which has placeholders only for them, and accepts them in this form.",
		Quote:    `51-["baz",{"_placeholder":true,"num":0}] + <Buffer <01 02 03 04>>`,
		Official: []string{"S27"},
	})

	attachmentNamedTwice = AddRule(Rule{
		ID: "socket.io/219", Source: socketEncoding, Basis: ByOfficialBehaviour,
		Sentence:   "An attachment is put in the place of each placeholder that has its number.",
		Quote:      `51-["baz",{"_placeholder":true,"num":0}] + <Buffer <01 02 03 04>>`,
		Derivation: "The examples have one placeholder for each attachment. The official server fills both where two have one number.",
	})
	severalAttachments = AddRule(Rule{
		ID: "socket.io/193", Source: socketEncoding, Basis: ByStatement,
		Sentence: "The server carries several attachments with a packet, which says how many there are, in the order of their numbers.",
		Quote:    `52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}] + <Buffer <01 02>> + <Buffer <03 04>>`,
		Official: []string{"S27"},
	})

	placeholdersNest = AddRule(Rule{
		ID: "socket.io/194", Source: socketEncoding, Basis: ByImplication,
		Sentence:   "The server puts attachments in place of their placeholders, also within objects and arrays, and sends them in this form.",
		Quote:      "[JSON-stringified payload without binary] + binary attachments extracted",
		Derivation: "A payload may be nested, and binary data is extracted from any place in it.",
	})

	placeholderNumbersAttachment = AddRule(Rule{
		ID: "socket.io/195", Source: socketEncoding, Basis: ByImplication,
		Sentence:   "The server gives a placeholder the number of its attachment, and reads it this way, whatever the order of the placeholders.",
		Quote:      `{"_placeholder":true,"num":1}`,
		Derivation: "The number would be meaningless if it did not select the attachment.",
	})

	attachmentsAreBinary = AddRule(Rule{
		ID: "socket.io/196", Source: socketEncoding, Basis: ByImplication,
		Sentence:   "The server passes attachments to the application as binary data.",
		Quote:      "Used to [send binary data](#sending-and-receiving-data) to the other side.",
		Derivation: "Text or a placeholder is not the data that was sent. S27 sends two attachments and expects them back as such.",
		Official:   []string{"S27"},
	})

	attachmentMayBeEmpty = AddRule(Rule{
		ID: "socket.io/197", Source: socketEncoding, Basis: ByImplication,
		Sentence:   "The server carries an empty attachment.",
		Quote:      "+ binary attachments extracted",
		Derivation: "Binary data of no bytes is binary data, and the packet's number of attachments counts it.",
	})

	_ = AddRule(Rule{
		ID: "socket.io/198", Source: socketEncoding, Basis: ByMust,
		Sentence:   "The server sends attachments over polling in base64, as separate packets after the packet that they belong to.",
		Quote:      "Binary payloads MUST be base64-encoded and prefixed with a `b` character:",
		Derivation: "The sentence is the one in the Engine.IO protocol about HTTP long-polling.",
		FoldedInto: severalAttachments,
	})

	attachmentsMayComeLater = AddRule(Rule{
		ID: "socket.io/199", Source: socketEncoding, Basis: ByImplication,
		Sentence:   "The server assembles a packet whose attachments come later, with other requests, or over another transport after an upgrade.",
		Quote:      "each Socket.IO packet is sent as a Engine.IO `message` packet",
		Derivation: "Packet and attachments are Engine.IO messages, and those do not depend on the request that carries them.",
	})

	unannouncedAttachmentCloses = AddRule(Rule{
		ID: "socket.io/200", Source: socketEncoding, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after an attachment that no packet announced.",
		Derivation: "The format has attachments only after a packet, and the document does not say what happens to others; the official server closes the connection.",
	})

	textForAttachmentCloses = AddRule(Rule{
		ID: "socket.io/201", Source: socketEncoding, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a text packet if an attachment is due.",
		Derivation: "The format has attachments right after their packet, and the document does not say what happens to packets in between; the official server closes the connection.",
	})

	placeholderWithoutAttachmentCloses = AddRule(Rule{
		ID: "socket.io/202", Source: socketEncoding, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a placeholder whose number does not belong to an attachment.",
		Derivation: "The document does not say what happens to it; the official server closes the connection from 4.6 on.",
	})

	attachmentCountIsANumber = AddRule(Rule{
		ID: "socket.io/203", Source: socketEncoding, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a packet of a binary type whose number of attachments is missing or not a number.",
		Quote:      "[<# of binary attachments>-]",
		Derivation: "The brackets allow the number to be missing, and the document does not say what happens to a packet that breaks the format; the official server closes the connection from 4.6 on.",
	})

	binaryWithoutAttachmentsCloses = AddRule(Rule{
		ID: "socket.io/204", Source: socketEncoding, Basis: ByOfficialBehaviour,
		Sentence:   "The server closes the connection after a packet of a binary type that announces no attachments.",
		Derivation: "The format allows 0. The official server closes the connection from 4.6 on; the official client never sends such a packet.",
	})

	tenAttachmentsAtMost = AddRule(Rule{
		ID: "socket.io/205", Source: socketEncoding, Basis: ByDispute,
		Sentence:   "The server closes the connection after a packet with more than ten attachments.",
		Derivation: "The document has no limit. The official server has one of ten in late versions and none in earlier ones.",
	})

	_ = AddRule(Rule{
		ID: "socket.io/206", Source: socketEncoding, Basis: ByImplication,
		Sentence:   "The server sends values that JSON lacks as null, and dates as text.",
		Quote:      "[JSON-stringified payload without binary]",
		Derivation: "JSON.stringify does the same.",
		LeftOut:    "these are JavaScript values: an application that sends back what came in JSON cannot send them",
	})
)

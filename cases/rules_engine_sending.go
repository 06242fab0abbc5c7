package cases

import . "example.test/conformance/suite"

// The section that the rules below come from.
var enginePollingSend = engineIO("HTTP long-polling: sending data", "sending-data")

// The rules of what a client sends by POST.
var (
	postAnsweredOK = AddRule(Rule{
		ID: "engine.io/17", Source: enginePollingSend, Basis: ByMust,
		Sentence: "A POST that the server accepts is answered with 200 and the body ok.",
		Quote:    "To indicate success, the server MUST return an HTTP 200 response, with the string `ok` in the response body.",
		Official: []string{"E8", "E9", "E10"},
	})
	postToUnknownSessionRefused = AddRule(Rule{
		ID: "engine.io/18", Source: enginePollingSend, Basis: ByMust,
		Sentence: "A POST to an unknown session is answered with 400.",
		Quote:    "The server MUST return an HTTP 400 response if the session ID (from the `sid` query parameter) is not known.",
	})
	secondPOSTRefused = AddRule(Rule{
		ID: "engine.io/19", Source: enginePollingSend, Basis: ByMust,
		Sentence: "The second of two POSTs at once is answered with 400.",
		Quote:    "a client MUST NOT have more than one active `POST` request. Should it happen, the server MUST return an HTTP 400 error status and close the session.",
	})
	secondPOSTEndsSession = AddRule(Rule{
		ID: "engine.io/20", Source: enginePollingSend, Basis: ByMust,
		Sentence: "Two POSTs at once end the session.",
		Quote:    "a client MUST NOT have more than one active `POST` request. Should it happen, the server MUST return an HTTP 400 error status and close the session.",
	})
	postsKeepOrder = AddRule(Rule{
		ID: "engine.io/21", Source: enginePollingSend, Basis: ByImplication,
		Sentence:   "Packets are handled in the order in which they were posted, within one POST and across several.",
		Quote:      "To ensure packet ordering, a client MUST NOT have more than one active `POST` request.",
		Derivation: "The client does without concurrent requests so that its packets stay in order, which also requires the server to keep the order. E9 expects the order within one POST.",
		Official:   []string{"E9"},
	})
	largePOSTRefused = AddRule(Rule{
		ID: "engine.io/22", Source: enginePollingSend, Basis: ByOfficialBehaviour,
		Sentence:   "A POST larger than maxPayload is answered with 413, and the session goes on.",
		Derivation: "The open packet tells the limit. The document does not say what happens to a POST that exceeds it. The official server answers 413 and keeps the session.",
	})
	maxPayloadTaken = AddRule(Rule{
		ID: "engine.io/23", Source: engineHandshake, Basis: ByImplication,
		Sentence:   "A POST or a WebSocket message of exactly maxPayload bytes is accepted.",
		Quote:      "The maximum number of bytes per chunk, used by the client to aggregate packets into",
		Derivation: "A chunk of the maximum size does not exceed the maximum.",
	})
	emptyPOSTEndsSession = AddRule(Rule{
		ID: "engine.io/24", Source: enginePollingSend, Basis: ByOfficialBehaviour,
		Sentence:   "A POST without a body has no packet and ends the session.",
		Derivation: "The document does not say what happens to a body without a packet. The official server ends the session.",
	})
	brokenPOSTEndsSession = AddRule(Rule{
		ID: "engine.io/25", Source: enginePollingSend, Basis: ByOfficialBehaviour,
		Sentence:   "A POST that the client aborts ends the session.",
		Derivation: "The document does not mention an aborted POST. The official server ends the session.",
	})
)

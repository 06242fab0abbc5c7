package cases

import . "example.test/conformance/suite"

// The section that the rules below come from.
var enginePollingReceive = engineIO("HTTP long-polling: receiving data", "receiving-data")

// The rules of what a client receives by GET.
var (
	pollOfUnknownSessionRefused = AddRule(Rule{
		ID: "engine.io/26", Source: enginePollingReceive, Basis: ByMust,
		Sentence: "A poll of an unknown session is answered with 400.",
		Quote:    "The server MUST return an HTTP 400 response if the session ID (from the `sid` query parameter) is not known.",
		Official: []string{"E18", "E21"},
	})
	objectMemberIsNoSession = AddRule(Rule{
		ID: "engine.io/27", Source: enginePollingReceive, Basis: ByImplication,
		Sentence:   "A sid named like a member of every JavaScript object, such as __proto__, is treated as unknown.",
		Quote:      "The server MUST return an HTTP 400 response if the session ID (from the `sid` query parameter) is not known.",
		Derivation: "The server never gave such a sid, so it is unknown like any other (engine.io/26).",
	})
	pollHeldOpen = AddRule(Rule{
		ID: "engine.io/28", Source: enginePollingReceive, Basis: ByShould,
		Sentence:   "A poll is held open while no packet waits, and answered when there is one.",
		Quote:      "The server MAY not respond right away if there are no packets buffered for the given session.",
		Derivation: "A server that answers at once makes its clients poll without pause.",
		Official:   []string{"E17"},
	})
	waitingPacketsInOneAnswer = AddRule(Rule{
		ID: "engine.io/29", Source: enginePollingReceive, Basis: ByShould,
		Sentence: "One poll is answered with all waiting packets, in order.",
		Quote:    "Once there are some packets to be sent, the server SHOULD encode them",
		Official: []string{"E9"},
	})
	packetsKeptBetweenPolls = AddRule(Rule{
		ID: "engine.io/30", Source: enginePollingReceive, Basis: ByImplication,
		Sentence:   "Packets sent while no poll is under way are kept for the next one, in order.",
		Quote:      "if there are no packets buffered for the given session",
		Derivation: "The server buffers packets for a session. Between two polls there is no request to send them with, so a server that did not keep them would lose most of what it sends.",
		Official:   []string{"E8"},
	})
	secondPollRefused = AddRule(Rule{
		ID: "engine.io/31", Source: enginePollingReceive, Basis: ByMust,
		Sentence: "The second of two polls at once is answered with 400.",
		Quote:    "a client MUST NOT have more than one active `GET` request. Should it happen, the server MUST return an HTTP 400 error status and close the session.",
		Official: []string{"E12"},
	})
	secondPollEndsSession = AddRule(Rule{
		ID: "engine.io/32", Source: enginePollingReceive, Basis: ByMust,
		Sentence: "Two polls at once end the session.",
		Quote:    "a client MUST NOT have more than one active `GET` request. Should it happen, the server MUST return an HTTP 400 error status and close the session.",
		Official: []string{"E12"},
	})
	firstOfTwoPollsGetsClose = AddRule(Rule{
		ID: "engine.io/33", Source: enginePollingReceive, Basis: ByOfficialTest,
		Sentence:   "The first of two polls at once is answered with a close packet.",
		Derivation: "E12 expects the status 200 and the body 1 for the first poll.",
		Official:   []string{"E12"},
	})
	brokenPollEndsSession = AddRule(Rule{
		ID: "engine.io/34", Source: enginePollingReceive, Basis: ByOfficialTest,
		Sentence:   "A poll that the client aborts ends the session.",
		Derivation: "E13 aborts a poll and expects 400 for the next one.",
		Official:   []string{"E13"},
	})
	answersAreNotCached = AddRule(Rule{
		ID: "engine.io/35", Source: enginePollingReceive, Basis: ByOfficialBehaviour,
		Sentence:   "Answers to handshakes and polls forbid caching.",
		Derivation: "The document does not mention caching. The official server sends Cache-Control: no-store from 4.7 on.",
	})
)

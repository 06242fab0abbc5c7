package cases

import . "example.test/conformance/suite"

var betweenServers = announcement("Communication between servers", "add-support-for-inter-server-communication")

const (
	announcesServers  = "you can now broadcast events between your Socket.IO servers"
	announcesReserved = "strings are reserved and cannot be used in your application"
)

// Rules of events: which listeners they reach, and with which arguments.
var (
	reachesEachOtherServer = AddRule(Rule{
		ID: "announcement/29", Source: betweenServers, Basis: ByStatement,
		Sentence: "serverSideEmit calls the listeners of each other server in the cluster once.",
		Quote:    announcesServers,
	})
	neverReachesTheSender = AddRule(Rule{
		ID: "announcement/30", Source: betweenServers, Basis: ByImplication,
		Sentence:   "serverSideEmit does not call the listeners of the server that emits.",
		Quote:      "And on the receiving side:",
		Derivation: "The events go from one server to the others: server A sends, server B receives.",
	})
	neverReachesClients = AddRule(Rule{
		ID: "announcement/83", Source: betweenServers, Basis: ByImplication,
		Sentence:   "serverSideEmit sends nothing to a client.",
		Quote:      announcesServers,
		Derivation: "The events go from server to server, and the listeners are on the namespace, not on a client's socket.",
	})
	clientsReachNoServerListener = AddRule(Rule{
		ID: "announcement/84", Source: betweenServers, Basis: ByImplication,
		Sentence:   "An event from a client does not call the listeners for events of other servers.",
		Quote:      announcesServers,
		Derivation: "These listeners are for events from other servers. A client is not a server.",
	})
	argumentsArriveUnchanged = AddRule(Rule{
		ID: "announcement/31", Source: betweenServers, Basis: ByStatement,
		Sentence: "A listener gets as many arguments as were emitted, each unchanged, whatever its JSON type.",
		Quote:    "you can send any number of arguments",
	})
	_ = AddRule(Rule{
		ID: "announcement/32", Source: betweenServers, Basis: ByStatement,
		Sentence: "Binary arguments are not supported.",
		Quote:    "binary structures are currently not supported",
		LeftOut:  "nothing is promised about them, so no server can fail; besides, the commands of the conformance application are JSON",
	})
	eventsBelongToTheirNamespace = AddRule(Rule{
		ID: "announcement/33", Source: betweenServers, Basis: ByStatement,
		Sentence: "An event calls only the listeners of the namespace in which it was emitted.",
		Quote:    "the events are specific to each [namespace](/docs/v4/namespaces/)",
	})
	connectIsReserved = AddRule(Rule{
		ID: "announcement/34", Source: betweenServers, Basis: ByStatement,
		Sentence: "connect is reserved: the call that emits it fails.",
		Quote:    announcesReserved,
	})
	connectionIsReserved = AddRule(Rule{
		ID: "announcement/35", Source: betweenServers, Basis: ByStatement,
		Sentence: "connection is reserved: the call that emits it fails.",
		Quote:    announcesReserved,
	})
	newNamespaceIsReserved = AddRule(Rule{
		ID: "announcement/36", Source: betweenServers, Basis: ByStatement,
		Sentence: "new_namespace is reserved: the call that emits it fails.",
		Quote:    announcesReserved,
	})
	errorNamesTheReservedName = AddRule(Rule{
		ID: "announcement/85", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "The error of emitting a reserved name has that name in its message.",
		Derivation: `The announcement says only that the names cannot be used. The official server's error is: "connect" is a reserved event name.`,
	})
	otherNamesAreFree = AddRule(Rule{
		ID: "announcement/37", Source: betweenServers, Basis: ByImplication,
		Sentence:   "Every name except these three can be emitted to other servers.",
		Quote:      "the `connection`, `connect` and `new_namespace`",
		Derivation: "The announcement lists all names that are reserved.",
	})
	eventsArriveInOrder = AddRule(Rule{
		ID: "announcement/43", Source: betweenServers, Basis: ByDispute,
		Sentence:   "The events of one server arrive in the order in which it emitted them.",
		Derivation: "No document promises it. Most official adapters keep the order; the one for PostgreSQL does not.",
	})
)

// Rules of acknowledgements.
var (
	oneAnswerOfEachServer = AddRule(Rule{
		ID: "announcement/38", Source: betweenServers, Basis: ByStatement,
		Sentence: "The callback of an acknowledgement gets one answer from each other server, unchanged.",
		Quote:    `io.serverSideEmit("ping", (err, responses) => { console.log(responses[0]); // prints "pong" });`,
	})
	answersComeAtOnce = AddRule(Rule{
		ID: "announcement/86", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "The callback runs as soon as all answers have come.",
		Derivation: "The announcement does not say when the callback runs. The official adapters do not wait for the timeout.",
	})
	listenerGetsACallback = AddRule(Rule{
		ID: "announcement/39", Source: betweenServers, Basis: ByStatement,
		Sentence: "A listener gets a callback after the arguments if an acknowledgement is asked for, and otherwise none.",
		Quote:    `io.on("ping", (cb) => { cb("pong"); });`,
	})
	firstAnswerCounts = AddRule(Rule{
		ID: "announcement/87", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "If a listener answers twice, the first answer counts.",
		Derivation: "The listener in the announcement answers once. The official server ignores all answers except the first.",
	})
	callbackRunsOnce = AddRule(Rule{
		ID: "announcement/40", Source: betweenServers, Basis: ByImplication,
		Sentence:   "The callback of an acknowledgement runs once.",
		Quote:      "(err, responses) => {",
		Derivation: "It gets the error and the answers of all servers together, so nothing is left for a second call.",
	})
	missingAnswerIsAnError = AddRule(Rule{
		ID: "announcement/41", Source: betweenServers, Basis: ByImplication,
		Sentence:   "The callback gets an error if an answer is missing when the application's timeout has passed.",
		Quote:      "(err, responses) => {",
		Derivation: "A missing answer is the error that a callback's first parameter is for. In the contract, the application reports the timeout as serverSideEmitTimeout.",
	})
	answersSoFarAreKept = AddRule(Rule{
		ID: "announcement/88", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "With the error for a missing answer, the callback gets the answers that came, and only those.",
		Derivation: "The announcement does not say what the second parameter is if there is an error. The official adapters pass the answers so far.",
	})
	questionsAreApart = AddRule(Rule{
		ID: "announcement/89", Source: betweenServers, Basis: ByImplication,
		Sentence:   "If several acknowledgements are awaited, at once or one after another, each gets its own answers and its own error.",
		Quote:      `console.log(responses[0]); // prints "pong"`,
		Derivation: "The responses are those to the event with which the callback was passed.",
	})
	manyQuestionsAtOnce = AddRule(Rule{
		ID: "announcement/90", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "Hundreds of acknowledgements can be awaited at once, and each gets its answers.",
		Derivation: "No document gives a number. The official server answers a thousand.",
	})
	aloneGetsAnEmptyList = AddRule(Rule{
		ID: "announcement/42", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "If no other server has the namespace, the callback gets an empty list at once, and no error.",
		Derivation: "There is one response from each other server. The document does not say whether a server without the namespace is one; the official adapters count it as none.",
	})
	clusterAsItIs = AddRule(Rule{
		ID: "announcement/45", Source: betweenServers, Basis: ByImplication,
		Sentence:   "The servers that are asked for an answer are those that are in the cluster at that moment.",
		Quote:      announcesServers,
		Derivation: "A server that has stopped can neither receive nor answer. A server that has joined receives like all others.",
	})
)

package cases

import . "example.test/conformance/suite"

var betweenServers = announcement("Communication between servers", "add-support-for-inter-server-communication")

const (
	announcesServers  = "you can now broadcast events between your Socket.IO servers"
	announcesReserved = "strings are reserved and cannot be used in your application"
)

// Events: whom they reach, and with what.
var (
	reachesEachOtherServer = AddRule(Rule{
		ID: "announcement/29", Source: betweenServers, Basis: ByStatement,
		Sentence: "serverSideEmit calls the listeners of each other server of the cluster, once.",
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
		Derivation: "The events go between servers, whose listeners are on the namespace and not on a client's socket.",
	})
	clientsReachNoServerListener = AddRule(Rule{
		ID: "announcement/84", Source: betweenServers, Basis: ByImplication,
		Sentence:   "An event of a client calls no listener for events of other servers.",
		Quote:      announcesServers,
		Derivation: "These listeners are for what other servers emit. A client is none.",
	})
	argumentsArriveUnchanged = AddRule(Rule{
		ID: "announcement/31", Source: betweenServers, Basis: ByStatement,
		Sentence: "A listener gets as many arguments as were emitted, each of them unchanged and of whatever JSON kind.",
		Quote:    "you can send any number of arguments",
	})
	_ = AddRule(Rule{
		ID: "announcement/32", Source: betweenServers, Basis: ByStatement,
		Sentence: "Binary arguments are not supported.",
		Quote:    "binary structures are currently not supported",
		LeftOut:  "nothing is promised of them, so no server can fail; and the commands of the conformance application are JSON",
	})
	eventsBelongToTheirNamespace = AddRule(Rule{
		ID: "announcement/33", Source: betweenServers, Basis: ByStatement,
		Sentence: "An event calls the listeners of the namespace in which it was emitted, and those of no other.",
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
		Derivation: `The announcement says no more than that the names cannot be used. The official server's error is: "connect" is a reserved event name.`,
	})
	otherNamesAreFree = AddRule(Rule{
		ID: "announcement/37", Source: betweenServers, Basis: ByImplication,
		Sentence:   "Every other name than the three can be emitted to other servers.",
		Quote:      "the `connection`, `connect` and `new_namespace`",
		Derivation: "The announcement lists all names that are reserved.",
	})
	eventsArriveInOrder = AddRule(Rule{
		ID: "announcement/43", Source: betweenServers, Basis: ByDispute,
		Sentence:   "The events of one server arrive in the order in which it emitted them.",
		Derivation: "No document promises it. Of the official adapters most keep the order, and that for PostgreSQL does not.",
	})
)

// Acknowledgements.
var (
	oneAnswerOfEachServer = AddRule(Rule{
		ID: "announcement/38", Source: betweenServers, Basis: ByStatement,
		Sentence: "The callback of an acknowledgement gets one answer of each other server, unchanged.",
		Quote:    `io.serverSideEmit("ping", (err, responses) => { console.log(responses[0]); // prints "pong" });`,
	})
	answersComeAtOnce = AddRule(Rule{
		ID: "announcement/86", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "The callback runs as soon as all answers are there.",
		Derivation: "The announcement does not say when the callback runs. That of the official adapters does not wait for the timeout.",
	})
	listenerGetsACallback = AddRule(Rule{
		ID: "announcement/39", Source: betweenServers, Basis: ByStatement,
		Sentence: "A listener gets a callback behind the arguments where an acknowledgement is asked for, and none where it is not.",
		Quote:    `io.on("ping", (cb) => { cb("pong"); });`,
	})
	firstAnswerCounts = AddRule(Rule{
		ID: "announcement/87", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "Where a listener answers twice, the first answer counts.",
		Derivation: "The announcement has a listener that answers once. The official server ignores all answers but the first.",
	})
	callbackRunsOnce = AddRule(Rule{
		ID: "announcement/40", Source: betweenServers, Basis: ByImplication,
		Sentence:   "The callback of an acknowledgement runs once.",
		Quote:      "(err, responses) => {",
		Derivation: "It gets the error and the answers of all servers together, so nothing is left for a second call.",
	})
	missingAnswerIsAnError = AddRule(Rule{
		ID: "announcement/41", Source: betweenServers, Basis: ByImplication,
		Sentence:   "The callback gets an error where an answer is missing when the time that the application tells for it is up.",
		Quote:      "(err, responses) => {",
		Derivation: "An answer that does not come is the error that a callback's first parameter is for. The contract has the application tell the time: serverSideEmitTimeout.",
	})
	answersSoFarAreKept = AddRule(Rule{
		ID: "announcement/88", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "Beside its error for a missing answer the callback gets the answers that came, and only those.",
		Derivation: "The announcement does not say what the second parameter is where there is an error. The official adapters give the answers so far.",
	})
	questionsAreApart = AddRule(Rule{
		ID: "announcement/89", Source: betweenServers, Basis: ByImplication,
		Sentence:   "Each of several acknowledgements that are awaited at once, or one after another, gets its own answers and its own error.",
		Quote:      `console.log(responses[0]); // prints "pong"`,
		Derivation: "The responses are those to the event that the callback was given with.",
	})
	manyQuestionsAtOnce = AddRule(Rule{
		ID: "announcement/90", Source: betweenServers, Basis: ByOfficialBehaviour,
		Sentence:   "Hundreds of acknowledgements may be awaited at once, and each gets its answers.",
		Derivation: "No document gives a number. The official server answers a thousand.",
	})
	aloneGetsAnEmptyList = AddRule(Rule{
		ID: "announcement/42", Source: betweenServers, Basis: ByImplication,
		Sentence:   "Where no other server has the namespace, the callback gets an empty list at once, and no error.",
		Quote:      "(err, responses) => {",
		Derivation: "There is one response of each other server: of no server there are none, and none is missing.",
	})
	clusterAsItIs = AddRule(Rule{
		ID: "announcement/45", Source: betweenServers, Basis: ByImplication,
		Sentence:   "The servers that are asked for an answer are those that are in the cluster at that moment.",
		Quote:      announcesServers,
		Derivation: "A server that has stopped can receive nothing and answer nothing. One that has joined receives as all others do.",
	})
)

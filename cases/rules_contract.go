package cases

import . "example.test/conformance/suite"

// contract is a section of the page on the conformance application.
func contract(section, anchor string) Source {
	return Source{Document: "Conformance application, contract version 1", Section: section, URL: contractURL + "#" + anchor}
}

var (
	contractNamespaces = contract("Namespaces", "1-namespaces")
	contractHooks      = contract("Hooks of the server", "2-hooks-of-the-server")
	contractControl    = contract("The control namespace", "3-the-control-namespace-conformance")
	contractInfo       = contract("info", "4-info")
	contractSettings   = contract("Settings", "settings")
)

// The namespaces, and what the application does in them.
var (
	namespacesFromTheStart = AddRule(Rule{
		ID: "contract/1", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "The main namespace, /custom and /conformance are there from the start.",
		Quote:    "made at start, before the server listens",
	})
	dynamicNamespaces = AddRule(Rule{
		ID: "contract/2", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "A namespace is made of every name of /dynamic- and a word when a client asks for it.",
		Quote:    "made when first asked for, for every name that matches `^/dynamic-\\w+$`",
	})
	otherNamespacesAreRefused = AddRule(Rule{
		ID: "contract/3", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "Any other namespace does not exist: a client that asks for it is refused.",
		Quote:    "does not exist: the client gets `CONNECT_ERROR {\"message\":\"Invalid namespace\"}`",
	})
	middlewareRefuses = AddRule(Rule{
		ID: "contract/4", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "A client whose auth.refuse is a string is refused by a middleware, with that message and data. Only the listener of new_namespace attaches the middleware to other namespaces than the main one.",
		Quote:    "The error has that string for its message and `{\"refused\": <string>}` for its data.",
	})
	_ = AddRule(Rule{
		ID: "contract/5", Source: contractNamespaces, Basis: ByStatement,
		Sentence:   "A client that connects is told its auth object in the event auth.",
		Quote:      "emit `auth` with the auth object that the client sent, `{}` where it sent none",
		FoldedInto: authReachesApplication,
	})
	_ = AddRule(Rule{
		ID: "contract/6", Source: contractNamespaces, Basis: ByStatement,
		Sentence:   "message is answered with message-back and the same arguments.",
		Quote:      "emit `message-back` to that client, with the same args",
		FoldedInto: eventArrivesUnchanged,
	})
	_ = AddRule(Rule{
		ID: "contract/7", Source: contractNamespaces, Basis: ByStatement,
		Sentence:   "message-with-ack is acknowledged with the same arguments.",
		Quote:      "acknowledge with the same args",
		FoldedInto: ackKeepsID,
	})
	_ = AddRule(Rule{
		ID: "contract/8", Source: contractNamespaces, Basis: ByStatement,
		Sentence:   "ask is answered with question, which asks for an acknowledgement, and the values of that are sent with answer.",
		Quote:      "When that comes, emit `answer` with the args it brings",
		FoldedInto: serverAsksForAck,
	})
	leaveDisconnects = AddRule(Rule{
		ID: "contract/9", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "leave has the application disconnect the client from the namespace, or close its whole connection.",
		Quote:    "disconnect the client from this namespace, and close its whole connection too where `close` is true",
	})
)

// The hooks.
var (
	denyRefuses = AddRule(Rule{
		ID: "contract/10", Source: contractHooks, Basis: ByStatement,
		Sentence: "A request that has deny is refused. Its value is the message that the client gets; where it is empty, the server has one of its own.",
		Quote:    "An empty value leaves the message to the server, any other is the message",
	})
	_ = AddRule(Rule{
		ID: "contract/11", Source: contractHooks, Basis: ByStatement,
		Sentence:   "initial_headers sets test and a cookie, headers sets test anew. Each sets a header of its own to the mark where the request has one.",
		Quote:      "set `test: 123` and `set-cookie: mycookie=456`",
		FoldedInto: initialForFirstRequest,
	})
	_ = AddRule(Rule{
		ID: "contract/12", Source: contractHooks, Basis: ByStatement,
		Sentence: "What a request without a mark causes is not recorded.",
		Quote:    "What a request without `mark` causes is not recorded.",
		LeftOut:  "the suite knows its records by the mark, so others' records are in nobody's way",
	})
	_ = AddRule(Rule{
		ID: "contract/13", Source: contractHooks, Basis: ByStatement,
		Sentence:   "The listeners for other servers' events record each of them, and then answer as the table says.",
		Quote:      "Each listener first records `server_side_event`, and then, where an acknowledgement was asked for, answers:",
		FoldedInto: oneAnswerOfEachServer,
	})
)

// The records and commands, and what the application says of itself.
var (
	recordsAreNumbered = AddRule(Rule{
		ID: "contract/14", Source: contractControl, Basis: ByStatement,
		Sentence: "Records are numbered from 1 within the instance, without gaps.",
		Quote:    "`seq` counts from 1 within the instance and leaves no number out",
	})
	eachObserverIsTold = AddRule(Rule{
		ID: "contract/24", Source: contractControl, Basis: ByStatement,
		Sentence: "An event for all sockets of a namespace comes to each of them, over either transport, in one order.",
		Quote:    "Each record is pushed, as it is made, to every observer of the server that makes it",
	})
	_ = AddRule(Rule{
		ID: "contract/15", Source: contractControl, Basis: ByStatement,
		Sentence:   "An observer gets the records of its own instance alone.",
		Quote:      "never to the observers of another instance",
		FoldedInto: neverReachesTheSender,
	})
	connectionsAreRecorded = AddRule(Rule{
		ID: "contract/16", Source: contractControl, Basis: ByStatement,
		Sentence: "The application learns of each connection and disconnection, once, with the namespace, the socket's ID and the reason.",
		Quote:    "| `disconnect` | `namespace`, `sid`, `reason` |",
	})
	_ = AddRule(Rule{
		ID: "contract/17", Source: contractControl, Basis: ByStatement,
		Sentence:   "A callback that runs for a second time is recorded.",
		Quote:      "a callback of an acknowledgement ran for a second time",
		FoldedInto: callbackRunsOnce,
	})
	_ = AddRule(Rule{
		ID: "contract/18", Source: contractControl, Basis: ByStatement,
		Sentence: "flush is acknowledged after all records so far.",
		Quote:    "all entries up to it have arrived before the answer does",
		LeftOut:  "it is the barrier that every look at the records stands on: a case of its own could only ask itself",
	})
	_ = AddRule(Rule{
		ID: "contract/19", Source: contractControl, Basis: ByStatement,
		Sentence:   "create_namespace is acknowledged with the namespace's name.",
		Quote:      "`{name}` with the name that the server gave the namespace, or `{thrown: message}`",
		FoldedInto: creationRaisesEvent,
	})
	_ = AddRule(Rule{
		ID: "contract/20", Source: contractControl, Basis: ByStatement,
		Sentence:   "server_side_emit is acknowledged at once, or with what the callback got, or with the error of the call.",
		Quote:      "With `ack` true `{error, responses}` when the callback runs, where `error` is null or the error's message.",
		FoldedInto: oneAnswerOfEachServer,
	})
	infoIsComplete = AddRule(Rule{
		ID: "contract/21", Source: contractInfo, Basis: ByStatement,
		Sentence: "info tells the contract's version, the features and the times.",
		Quote:    "`features` names what the API of the implementation has.",
	})
	_ = AddRule(Rule{
		ID: "contract/22", Source: contractInfo, Basis: ByStatement,
		Sentence:   "startup holds the records from before the server listened.",
		Quote:      "`startup` holds the entries that were recorded before the server listened.",
		FoldedInto: creationRaisesEvent,
	})
	_ = AddRule(Rule{
		ID: "contract/23", Source: contractSettings, Basis: ByStatement,
		Sentence: "The settings of the last section make a run short, and none of them is required.",
		Quote:    "None of them is required",
		LeftOut:  "a recommendation: the suite takes the times that it is told",
	})
)

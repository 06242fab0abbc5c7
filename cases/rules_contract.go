package cases

import . "example.test/conformance/suite"

// contract returns a section of the page about the conformance application.
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

// Rules of the namespaces, and of what the application does in them.
var (
	namespacesFromTheStart = AddRule(Rule{
		ID: "contract/1", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "The main namespace, /custom and /conformance exist from the start.",
		Quote:    "made at start, before the server listens",
	})
	dynamicNamespaces = AddRule(Rule{
		ID: "contract/2", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "Every name that consists of /dynamic- and a word becomes a namespace when a client asks for it.",
		Quote:    "made when first asked for, for every name that matches `^/dynamic-\\w+$`",
	})
	otherNamespacesAreRefused = AddRule(Rule{
		ID: "contract/3", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "Any other namespace does not exist: a client that asks for it is refused.",
		Quote:    "does not exist: the client gets `CONNECT_ERROR {\"message\":\"Invalid namespace\"}`",
	})
	middlewareRefuses = AddRule(Rule{
		ID: "contract/4", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "A client whose auth.refuse is a string is refused by a middleware, with that message and data. In namespaces other than the main one, only the listener of new_namespace adds the middleware.",
		Quote:    "The error has that string for its message and `{\"refused\": <string>}` for its data.",
	})
	_ = AddRule(Rule{
		ID: "contract/5", Source: contractNamespaces, Basis: ByStatement,
		Sentence:   "A client that connects gets its auth object in the event auth.",
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
		Sentence:   "ask is answered with question, which asks for an acknowledgement; the values of the acknowledgement are sent with answer.",
		Quote:      "When that comes, emit `answer` with the args it brings",
		FoldedInto: serverAsksForAck,
	})
	leaveDisconnects = AddRule(Rule{
		ID: "contract/9", Source: contractNamespaces, Basis: ByStatement,
		Sentence: "leave makes the application disconnect the client from the namespace, or close its whole connection.",
		Quote:    "disconnect the client from this namespace, and close its whole connection too where `close` is true",
	})
)

// Rules of the hooks.
var (
	denyRefuses = AddRule(Rule{
		ID: "contract/10", Source: contractHooks, Basis: ByStatement,
		Sentence: "A request that has deny is refused. Its value is the message that the client gets; if it is empty, the server uses its own message.",
		Quote:    "Its value is the message of the refusal. An empty value leaves the message to the server.",
	})
	_ = AddRule(Rule{
		ID: "contract/11", Source: contractHooks, Basis: ByStatement,
		Sentence:   "initial_headers sets test and a cookie, and headers sets test again. Each also sets its own header to the request's mark, if there is one.",
		Quote:      "set `test: 123` and `set-cookie: mycookie=456`",
		FoldedInto: initialForFirstRequest,
	})
	_ = AddRule(Rule{
		ID: "contract/12", Source: contractHooks, Basis: ByStatement,
		Sentence: "The effects of a request without a mark are not recorded.",
		Quote:    "What a request without `mark` causes is not recorded.",
		LeftOut:  "the suite recognizes its records by the mark, so other records do no harm",
	})
	_ = AddRule(Rule{
		ID: "contract/13", Source: contractHooks, Basis: ByStatement,
		Sentence:   "The listeners for other servers' events record each of them, and then answer as the table says.",
		Quote:      "Each listener first records `server_side_event`, and then, where an acknowledgement was asked for, answers:",
		FoldedInto: oneAnswerOfEachServer,
	})
)

// Rules of the records and commands, and of what the application says about itself.
var (
	recordsAreNumbered = AddRule(Rule{
		ID: "contract/14", Source: contractControl, Basis: ByStatement,
		Sentence: "Records are numbered from 1 within the instance, without gaps.",
		Quote:    "`seq` counts from 1 within the instance and leaves no number out",
	})
	eachObserverIsTold = AddRule(Rule{
		ID: "contract/24", Source: contractControl, Basis: ByStatement,
		Sentence: "An event for all sockets of a namespace reaches each of them, over either transport, in the same order.",
		Quote:    "Each record is pushed, as it is made, to every observer of the server that makes it",
	})
	_ = AddRule(Rule{
		ID: "contract/15", Source: contractControl, Basis: ByStatement,
		Sentence:   "An observer gets only the records of its own instance.",
		Quote:      "never to the observers of another instance",
		FoldedInto: neverReachesTheSender,
	})
	connectionsAreRecorded = AddRule(Rule{
		ID: "contract/16", Source: contractControl, Basis: ByStatement,
		Sentence: "The application is told of each connection and disconnection once, with the namespace, the socket's ID and the reason.",
		Quote:    "| `disconnect` | `namespace`, `sid`, and `reason` with the feature `disconnect_reasons` |",
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
		LeftOut:  "every look at the records depends on this barrier, so a separate case could only check it with itself",
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
		Sentence: "info gives the contract's version, the features and the times.",
		Quote:    "`features` names what the API of the implementation has, from the table below.",
	})
	_ = AddRule(Rule{
		ID: "contract/22", Source: contractInfo, Basis: ByStatement,
		Sentence:   "startup has the records from before the server listened.",
		Quote:      "`startup` holds the entries that were recorded before the server listened.",
		FoldedInto: creationRaisesEvent,
	})
	_ = AddRule(Rule{
		ID: "contract/23", Source: contractSettings, Basis: ByStatement,
		Sentence: "The settings of the last section make a run short, and none of them is required.",
		Quote:    "None of them is required",
		LeftOut:  "a recommendation: the suite uses the times that the target reports",
	})
)

package cases

import . "example.test/conformance/suite"

var namespaceEvents = announcement("Creation of a namespace", "emit-an-event-when-a-namespace-is-created")

const announcesNamespaces = "The `new_namespace` event will be emitted by the Server instance when a new namespace is created"

// Rules of the event.
var (
	creationRaisesEvent = AddRule(Rule{
		ID: "announcement/22", Source: namespaceEvents, Basis: ByStatement,
		Sentence: "new_namespace is raised, with the namespace, when the application creates one.",
		Quote:    announcesNamespaces,
	})
	dynamicCreationRaisesEvent = AddRule(Rule{
		ID: "announcement/23", Source: namespaceEvents, Basis: ByStatement,
		Sentence: "new_namespace is raised, with the namespace, when a client creates one that matches a pattern.",
		Quote:    "to track the [dynamically created](/docs/v4/namespaces/#Dynamic-namespaces) namespaces",
	})
	oneEventOfANamespace = AddRule(Rule{
		ID: "announcement/24", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "new_namespace is raised once for a namespace, no matter how often and by whom it is asked for.",
		Quote:      "when a new namespace is created",
		Derivation: "An existing namespace is not created again.",
	})
	nothingNewRaisesNoEvent = AddRule(Rule{
		ID: "announcement/25", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "new_namespace is not raised for the main namespace, for a pattern, or for a name that is refused.",
		Quote:      announcesNamespaces,
		Derivation: "A server has its main namespace before anybody can listen for the event. A pattern is not a namespace, and a refused name does not create one.",
	})
	eventBeforeFirstClient = AddRule(Rule{
		ID: "announcement/26", Source: namespaceEvents, Basis: ByStatement,
		Sentence: "new_namespace comes before the first client of the namespace, so that a middleware that its listener adds applies to all clients.",
		Quote:    "to attach a shared middleware to each namespace",
	})
)

// Rules of the namespaces.
var (
	createdNamespaceIsServed = AddRule(Rule{
		ID: "announcement/27", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "Clients can join a namespace created while the server runs.",
		Quote:      "when a new namespace is created",
		Derivation: "Namespaces are there for clients to join, and the event covers namespaces created at any time.",
	})
	namesAreKept = AddRule(Rule{
		ID: "announcement/28", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "A namespace keeps the name that it was given: two names that differ in any character mean two namespaces.",
		Quote:      "console.log(namespace.name);",
		Derivation: `In the Socket.IO protocol a namespace is "a string", and there are no different spellings of the same name.`,
	})
	namesGetASlash = AddRule(Rule{
		ID: "announcement/79", Source: namespaceEvents, Basis: ByOfficialBehaviour,
		Sentence:   "A namespace that is created without a leading slash gets one.",
		Derivation: "No document says what happens to such a name. The official server adds the slash.",
	})
	namesReachToTheComma = AddRule(Rule{
		ID: "announcement/56", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "The name of a namespace in a packet is everything before the first comma, whatever its characters.",
		Derivation: `The packet format of the Socket.IO protocol has "[<namespace>,]": only the comma ends the name.`,
	})
	namesMayHaveAnyCharacter = AddRule(Rule{
		ID: "announcement/80", Source: namespaceEvents, Basis: ByOfficialBehaviour,
		Sentence:   "An application may create a namespace with any punctuation except the comma, and with control characters, in its name.",
		Derivation: "No document says which names an application may choose. The official server accepts all.",
	})
	namesMayBeLong = AddRule(Rule{
		ID: "announcement/81", Source: namespaceEvents, Basis: ByOfficialBehaviour,
		Sentence:   "A namespace's name may have thousands of characters.",
		Derivation: "No document limits or guarantees the length of a name. The official server has no limit.",
	})
	crowdIsConnectedOnceEach = AddRule(Rule{
		ID: "announcement/57", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "If many clients create a namespace at once, each is connected to that one namespace, once, and with its own ID.",
		Quote:      "dynamically created",
		Derivation: "Each of them sends one CONNECT, and by the Socket.IO protocol it gets one answer with one ID.",
	})
	emptyNamespaceServesAgain = AddRule(Rule{
		ID: "announcement/58", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "A dynamic namespace that all clients have left can be used again, whether the server kept it or creates it again.",
		Quote:      "to attach a shared middleware to each namespace",
		Derivation: "The name still matches the pattern. A namespace that is created again is announced, and so gets its middleware again.",
	})
	emptyNamespaceStays = AddRule(Rule{
		ID: "announcement/82", Source: namespaceEvents, Basis: ByOfficialBehaviour,
		Sentence:   "A dynamic namespace stays when its last client has left.",
		Derivation: "No document asks for it. The official server keeps the namespace unless cleanupEmptyChildNamespaces is set.",
	})
)

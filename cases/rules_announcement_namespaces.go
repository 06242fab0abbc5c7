package cases

import . "example.test/conformance/suite"

var namespaceEvents = announcement("Creation of a namespace", "emit-an-event-when-a-namespace-is-created")

const announcesNamespaces = "The `new_namespace` event will be emitted by the Server instance when a new namespace is created"

// The event.
var (
	creationRaisesEvent = AddRule(Rule{
		ID: "announcement/22", Source: namespaceEvents, Basis: ByStatement,
		Sentence: "new_namespace is raised, with the namespace, when the application creates one.",
		Quote:    announcesNamespaces,
	})
	dynamicCreationRaisesEvent = AddRule(Rule{
		ID: "announcement/23", Source: namespaceEvents, Basis: ByStatement,
		Sentence: "new_namespace is raised, with the namespace, when a client makes one that matches a pattern.",
		Quote:    "to track the [dynamically created](/docs/v4/namespaces/#Dynamic-namespaces) namespaces",
	})
	oneEventOfANamespace = AddRule(Rule{
		ID: "announcement/24", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "new_namespace is raised once for a namespace, however often it is asked for and by whom.",
		Quote:      "when a new namespace is created",
		Derivation: "A namespace that is there is not created again.",
	})
	nothingNewRaisesNoEvent = AddRule(Rule{
		ID: "announcement/25", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "new_namespace is not raised for the main namespace, for a pattern, or for a name that is refused.",
		Quote:      announcesNamespaces,
		Derivation: "A server has its main namespace before anybody can listen to it. A pattern is no namespace, and a name that is refused makes none.",
	})
	eventBeforeFirstClient = AddRule(Rule{
		ID: "announcement/26", Source: namespaceEvents, Basis: ByStatement,
		Sentence: "new_namespace comes before the first client of the namespace, so that a middleware that its listener attaches holds for all clients.",
		Quote:    "to attach a shared middleware to each namespace",
	})
)

// The namespaces.
var (
	createdNamespaceIsServed = AddRule(Rule{
		ID: "announcement/27", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "Clients can join a namespace that is created while the server runs.",
		Quote:      "when a new namespace is created",
		Derivation: "A namespace is what clients join, and the event is for those that are created at any time.",
	})
	namesAreKept = AddRule(Rule{
		ID: "announcement/28", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "A namespace keeps the name that it was given: two names that differ in any character are two namespaces.",
		Quote:      "console.log(namespace.name);",
		Derivation: `The Socket.IO protocol has a namespace for "a string", and knows no names that are written differently and mean the same.`,
	})
	namesGetASlash = AddRule(Rule{
		ID: "announcement/79", Source: namespaceEvents, Basis: ByOfficialBehaviour,
		Sentence:   "A name that is created without a slash before it gets one.",
		Derivation: "No document says what becomes of such a name. The official server puts the slash before it.",
	})
	namesReachToTheComma = AddRule(Rule{
		ID: "announcement/56", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "The name of a namespace in a packet is all that stands before the first comma, whatever characters these are.",
		Derivation: `The Socket.IO protocol's format of a packet has "[<namespace>,]": the comma ends the name, and nothing else does.`,
	})
	namesMayHaveAnyCharacter = AddRule(Rule{
		ID: "announcement/80", Source: namespaceEvents, Basis: ByOfficialBehaviour,
		Sentence:   "An application may create a namespace with any punctuation but the comma, and with control characters, in its name.",
		Derivation: "No document says which names an application may choose. The official server takes all.",
	})
	namesMayBeLong = AddRule(Rule{
		ID: "announcement/81", Source: namespaceEvents, Basis: ByOfficialBehaviour,
		Sentence:   "A namespace's name may have thousands of characters.",
		Derivation: "No document limits a name's length, nor promises one. The official server has no limit.",
	})
	crowdIsConnectedOnceEach = AddRule(Rule{
		ID: "announcement/57", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "Each client of a crowd that makes a namespace is connected to that one namespace, once, and under an ID of its own.",
		Quote:      "dynamically created",
		Derivation: "Each of them sent one CONNECT, and the Socket.IO protocol has one answer with one ID for it.",
	})
	emptyNamespaceServesAgain = AddRule(Rule{
		ID: "announcement/58", Source: namespaceEvents, Basis: ByImplication,
		Sentence:   "A dynamic namespace that all clients have left serves again, whether the server kept it or makes it anew.",
		Quote:      "to attach a shared middleware to each namespace",
		Derivation: "The name still matches the pattern. A namespace that is made anew is announced, and so gets its middleware again.",
	})
	emptyNamespaceStays = AddRule(Rule{
		ID: "announcement/82", Source: namespaceEvents, Basis: ByOfficialBehaviour,
		Sentence:   "A dynamic namespace stays when its last client has left.",
		Derivation: "No document asks for it. The official server keeps the namespace unless cleanupEmptyChildNamespaces is set.",
	})
)

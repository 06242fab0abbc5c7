package cases

import . "example.test/conformance/suite"

var (
	socketSample  = socketIO("Sample session", "sample-session")
	socketHistory = socketIO("Difference between v5 and v4", "difference-between-v5-and-v4")
)

// Rules of the Socket.IO protocol about the sample session and the history.
var (
	pollIsPlainText = AddRule(Rule{
		ID: "socket.io/207", Source: socketSample, Basis: ByStatement,
		Sentence: "The server declares the answer to a polling handshake or to a poll as plain text in UTF-8.",
		Quote:    "GET /socket.io/?EIO=4&transport=polling&t=N8hyd6w < HTTP/1.1 200 OK < Content-Type: text/plain; charset=UTF-8",
	})

	_ = AddRule(Rule{
		ID: "socket.io/208", Source: socketSample, Basis: ByStatement,
		Sentence:   "The server accepts a CONNECT with a POST and answers it with a poll.",
		Quote:      `GET /socket.io/?EIO=4&transport=polling&t=N8hyd7H&sid=lv_VI97HAXpY6yYWAAAC < HTTP/1.1 200 OK < Content-Type: text/plain; charset=UTF-8 40{"sid":"wZX3oN0bSVIhsaknAAAI"}`,
		FoldedInto: authReachesApplication,
	})

	postAnswerIsPlainText = AddRule(Rule{
		ID: "socket.io/209", Source: socketSample, Basis: ByDispute,
		Sentence:   "The server declares the answer to a POST as plain text in UTF-8.",
		Quote:      "< Content-Type: text/plain; charset=UTF-8 ok",
		Derivation: "The official server declares it as text/html.",
	})

	severalEventsInPost = AddRule(Rule{
		ID: "socket.io/210", Source: socketSample, Basis: ByStatement,
		Sentence: "The server accepts several events in one POST.",
		Quote:    "42[\"hello\"]\\x1e42[\"world\"]",
	})

	socketsOutliveUpgrade = AddRule(Rule{
		ID: "socket.io/211", Source: socketSample, Basis: ByStatement,
		Sentence:   "After an upgrade, the server continues over WebSocket with the same sockets, namespaces and open questions.",
		Quote:      `> 5 => Engine.IO "upgrade" packet type > 42["hello"]`,
		Derivation: "The sample sends events over WebSocket in the namespace that it has joined over polling, without another CONNECT.",
	})

	_ = AddRule(Rule{
		ID: "socket.io/212", Source: socketSample, Basis: ByDispute,
		Sentence:   "In the sample's arrows the server sends the probe.",
		Quote:      "< 2probe => Engine.IO probe request",
		Derivation: "In the section about the upgrade the client sends it.",
		LeftOut:    "an erratum: the directions of the sample's WebSocket frames contradict the section about the upgrade",
	})

	refusalIsAnObject = AddRule(Rule{
		ID: "socket.io/213", Source: socketHistory, Basis: ByStatement,
		Sentence: "The server sends the payload of a CONNECT_ERROR as an object with a message.",
		Quote:    "the payload `CONNECT_ERROR` packet is now an object instead of a plain string",
		Official: []string{"S21"},
	})

	noNamespaceBeforeConnect = AddRule(Rule{
		ID: "socket.io/214", Source: socketHistory, Basis: ByStatement,
		Sentence: "The server does not put a client into a namespace before its CONNECT.",
		Quote:    "This is not the case anymore, the client must send a `CONNECT` packet in any case.",
		Official: []string{"S23"},
	})
)

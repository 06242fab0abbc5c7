// Package cases holds the conformance cases, one file for each section of a source document. A case
// is registered where it stands: `var _ = suite.Add(suite.Case{…})`.
package cases

import "example.test/conformance/suite"

const (
	engineURL       = "https://github.com/socketio/socket.io/blob/main/docs/engine.io-protocol/v4-current.md"
	socketURL       = "https://github.com/socketio/socket.io/blob/main/docs/socket.io-protocol/v5-current.md"
	announcementURL = "https://socket.io/blog/socket-io-4-1-0/"
	contractURL     = "fixtures/CONTRACT.md" // of this repository
)

// engineIO is a section of the Engine.IO protocol, revision 4.
func engineIO(section, anchor string) suite.Source {
	return suite.Source{Document: "Engine.IO protocol v4", Section: section, URL: engineURL + "#" + anchor}
}

// socketIO is a section of the Socket.IO protocol, revision 5.
func socketIO(section, anchor string) suite.Source {
	return suite.Source{Document: "Socket.IO protocol v5", Section: section, URL: socketURL + "#" + anchor}
}

// announcement is a section of the announcement of Socket.IO 4.1.0.
func announcement(section, anchor string) suite.Source {
	return suite.Source{Document: "Announcement of Socket.IO 4.1.0", Section: section, URL: announcementURL + "#" + anchor}
}

// Sections that the cases name as the source of their rules.
var (
	enginePollingPath    = engineIO("HTTP long-polling: request path", "request-path")
	enginePollingQuery   = engineIO("HTTP long-polling: query parameters", "query-parameters")
	enginePollingHeaders = engineIO("HTTP long-polling: headers", "headers")
	enginePollingSend    = engineIO("HTTP long-polling: sending data", "sending-data")
	enginePollingReceive = engineIO("HTTP long-polling: receiving data", "receiving-data")
	engineWebSocket      = engineIO("WebSocket", "websocket")
	enginePackets        = engineIO("Protocol", "protocol")
	engineHandshake      = engineIO("Handshake", "handshake")
	engineHeartbeat      = engineIO("Heartbeat", "heartbeat")
	engineUpgrade        = engineIO("Upgrade", "upgrade")
	engineMessage        = engineIO("Message", "message")
	engineEncoding       = engineIO("Packet encoding", "packet-encoding")
	engineEncodingHTTP   = engineIO("Packet encoding: HTTP long-polling", "http-long-polling-1")
	engineEncodingWS     = engineIO("Packet encoding: WebSocket", "websocket-1")
	engineHistory        = engineIO("From v3 to v4", "from-v3-to-v4")

	socketPackets    = socketIO("Exchange protocol", "exchange-protocol")
	socketConnect    = socketIO("Connection to a namespace", "connection-to-a-namespace")
	socketEvents     = socketIO("Sending and receiving data", "sending-and-receiving-data")
	socketAcks       = socketIO("Acknowledgement", "acknowledgement")
	socketDisconnect = socketIO("Disconnection from a namespace", "disconnection-from-a-namespace")
	socketEncoding   = socketIO("Packet encoding", "packet-encoding")
	socketSample     = socketIO("Sample session", "sample-session")
	socketHistory    = socketIO("Difference between v5 and v4", "difference-between-v5-and-v4")

	connectionErrors = announcement("Reason of a connection error", "add-a-way-to-get-access-to-the-reason-of-a-connection-error")
	responseHeaders  = announcement("Response headers", "add-a-way-to-customize-the-response-headers")
	namespaceEvents  = announcement("Creation of a namespace", "emit-an-event-when-a-namespace-is-created")
	betweenServers   = announcement("Communication between servers", "add-support-for-inter-server-communication")

	beforeUnload = announcement("Ignoring beforeunload", "add-a-way-to-ignore-the-beforeunload-event")

	contractControl = suite.Source{Document: "Conformance application, contract version 1", Section: "The control namespace", URL: contractURL + "#3-the-control-namespace-conformance"}
)

// Package cases has the conformance cases: a file or a few for each section of a source document, and matrix.go, often.go
// and values_cases.go for cases that cut across sections. Each case is registered where it is defined:
// `var _ = suite.Add(suite.Case{…})`.
package cases

import "example.test/conformance/suite"

const (
	engineURL       = "https://github.com/socketio/socket.io/blob/main/docs/engine.io-protocol/v4-current.md"
	socketURL       = "https://github.com/socketio/socket.io/blob/main/docs/socket.io-protocol/v5-current.md"
	announcementURL = "https://socket.io/blog/socket-io-4-1-0/"
	contractURL     = "fixtures/CONTRACT.md" // in this repository
)

// engineIO returns a section of the Engine.IO protocol, revision 4.
func engineIO(section, anchor string) suite.Source {
	return suite.Source{Document: "Engine.IO protocol v4", Section: section, URL: engineURL + "#" + anchor}
}

// socketIO returns a section of the Socket.IO protocol, revision 5.
func socketIO(section, anchor string) suite.Source {
	return suite.Source{Document: "Socket.IO protocol v5", Section: section, URL: socketURL + "#" + anchor}
}

// announcement returns a section of the announcement of Socket.IO 4.1.0.
func announcement(section, anchor string) suite.Source {
	return suite.Source{Document: "Announcement of Socket.IO 4.1.0", Section: section, URL: announcementURL + "#" + anchor}
}

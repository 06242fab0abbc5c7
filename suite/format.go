package suite

import (
	"github.com/onsi/gomega/format"

	"example.test/conformance/suite/wire"
)

// Matchers show what they were given. Of what belongs to a run under way they show a name only: it
// changes while it would be shown.
func init() {
	format.RegisterCustomFormatter(func(value any) (string, bool) {
		switch v := value.(type) {
		case *T:
			return "the case " + v.it.ID, true
		case *WebSocket:
			if v == nil {
				return "", false
			}
			return "an open WebSocket", true
		case *Polling:
			return v.String(), true
		case *Client:
			return "a client", true
		case *wire.Response:
			if v == nil {
				return "", false
			}
			return v.String(), true
		case *Packet:
			return v.String(), true
		case Entry:
			return v.Raw, true
		}
		return "", false
	})
}

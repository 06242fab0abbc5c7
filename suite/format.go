package suite

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/onsi/gomega/format"

	"example.test/conformance/suite/wire"
)

// Matchers show what they were given, and all of it: a difference may be anywhere. Of what belongs to a run under way
// they show a name only: it changes while it would be shown.
func init() {
	format.TruncatedDiff, format.MaxLength = false, 0
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
		case time.Duration:
			return fmt.Sprintf("%.1f ms", float64(v.Microseconds())/1000), true
		case json.RawMessage:
			return string(v), true
		case *string:
			if v == nil {
				return "", false
			}
			return fmt.Sprintf("%q", *v), true
		case *packetMatcher:
			return v.wanted(), true
		case *jsonMatcher:
			return v.want, true
		case *containMatcher:
			return "an object that holds " + v.want, true
		}
		return "", false
	})
}

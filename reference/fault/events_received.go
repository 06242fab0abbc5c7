package fault

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"

	"example.test/conformance/reference"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Faults in what the server accepts as an event of a client.
func init() {
	register(
		Fault{
			Name:     "events/prototype-keys-close",
			Breaks:   "socket.io/163",
			Sentence: "A __proto__ key ends the session.",
			Apply: received(func(c client, text string) bool {
				if strings.Contains(text, `"__proto__"`) {
					c.Abort()
					return true
				}
				return false
			}),
		},
		Fault{
			Name:     "events/namespace-within-the-payload",
			Breaks:   "socket.io/150",
			Sentence: "A text argument that begins with a slash and has a comma is taken for a namespace, and ends the session.",
			Apply: received(func(c client, text string) bool {
				if !strings.HasPrefix(text, `2["message","/`) || !strings.Contains(text, ",b\"]") {
					return false
				}
				c.Abort()
				return true
			}),
		},
		Fault{
			Name:     "events/escaped-slash-keeps-its-backslash",
			Breaks:   "socket.io/150",
			Sentence: "A slash that a client escapes in JSON keeps its backslash.",
			Apply: incoming("", mapped(func(p engineio.Packet) engineio.Packet {
				if p.Type == engineio.Text && !p.Binary && !bytes.Contains(p.Data, []byte(`\\`)) {
					p.Data = bytes.ReplaceAll(p.Data, []byte(`\/`), []byte(`\\/`))
				}
				return p
			})),
		},
		Fault{
			Name:     "events/missing-payload-ignored",
			Breaks:   "socket.io/154",
			Sentence: "An EVENT packet without a payload does not end the session.",
			Apply:    ignored(`^2(/[^,]*,)?\d*$`),
		},
		Fault{
			Name:     "events/empty-array-ignored",
			Breaks:   "socket.io/155",
			Sentence: "An EVENT packet with an empty array does not end the session.",
			Apply:    ignored(`^2(/[^,]*,)?\[\s*\]$`),
		},
		Fault{
			Name:     "events/object-ignored",
			Breaks:   "socket.io/156",
			Sentence: "An EVENT packet with an object does not end the session.",
			Apply:    ignored(`^2\{`),
		},
		Fault{
			Name:     "events/object-ignored-in-namespaces",
			Breaks:   "socket.io/156",
			Sentence: "An EVENT packet with an object does not end the session if it is for a namespace other than the main one.",
			Apply:    ignored(`^2/[^,]*,\{`),
		},
		Fault{
			Name:     "events/object-with-attachment-ignored",
			Breaks:   "socket.io/156",
			Sentence: "An EVENT packet with an object and an attachment is ignored, with its attachment.",
			Apply: fresh(func() apply {
				var announced sync.Map // the sessions whose next attachment is ignored
				return incoming("", func(s *engineio.Session, packets []engineio.Packet) []engineio.Packet {
					return slices.DeleteFunc(slices.Clone(packets), func(p engineio.Packet) bool {
						if p.Binary {
							_, ignored := announced.LoadAndDelete(s.ID())
							return ignored
						}
						object := p.Type == engineio.Text && bytes.HasPrefix(p.Data, []byte("51-{"))
						if object {
							announced.Store(s.ID(), true)
						}
						return object
					})
				})
			}),
		},
		Fault{
			Name:     "events/scalar-ignored",
			Breaks:   "socket.io/156",
			Sentence: "An EVENT packet with a string or null does not end the session.",
			Apply:    ignored(`^2("|null)`),
		},
		Fault{
			Name:     "events/broken-json-ignored",
			Breaks:   "socket.io/157",
			Sentence: "An EVENT packet with broken JSON does not end the session.",
			Apply: malformed(func(_ client, m engineio.Message, _ error) bool {
				return bytes.HasPrefix(m.Data, []byte(`2[`)) && !json.Valid(m.Data[1:])
			}),
		},
		Fault{
			Name:     "events/name-of-any-type",
			Breaks:   "socket.io/158",
			Sentence: "An event's name may be an object, an array, a boolean or null.",
			Apply:    ignored(`^2\[\s*(\{|\[|null|true|false)`),
		},
		Fault{
			Name:     "events/reserved-names-accepted",
			Breaks:   "socket.io/160",
			Sentence: "Clients may send events with reserved names.",
			Apply:    ignored(`^2\["(connect|connect_error|disconnect|disconnecting|newListener|removeListener)"`),
		},
		Fault{
			Name:     "events/reserved-names-incomplete",
			Breaks:   "socket.io/160",
			Sentence: "Only two of the reserved names, connect and disconnect, are refused.",
			Apply:    ignored(`^2\["(connect_error|disconnecting|newListener|removeListener)"`),
		},
		Fault{
			Name:     "events/numeric-name-closes",
			Breaks:   "socket.io/159",
			Sentence: "An event whose name is a number ends the session.",
			Apply: received(func(c client, text string) bool {
				numeric := regexp.MustCompile(`^2\[\d`).MatchString(text)
				if numeric {
					c.Abort()
				}
				return numeric
			}),
		},
		Fault{
			Name:     "events/unknown-event-acknowledged",
			Breaks:   "socket.io/161",
			Sentence: "An event that nobody listens to is acknowledged without values.",
			Apply: packetsIn(func(c client, p pkt) []pkt {
				if isEventPacket(p) && p.ID != nil && p.Name() == "nobody-listens-to-this" {
					p.Data = []value{of("message-with-ack")}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "events/unknown-event-closes",
			Breaks:   "socket.io/161",
			Sentence: "An event that nobody listens to ends the session.",
			Apply: packetsIn(func(c client, p pkt) []pkt {
				if isEventPacket(p) && !slices.Contains([]string{"message", "message-with-ack", "ask", "leave"}, p.Name()) {
					c.Abort()
					return nil
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "events/unknown-type-ignored",
			Breaks:   "socket.io/125",
			Sentence: "A packet of an unknown type does not end the session.",
			Apply:    malformed(func(_ client, _ engineio.Message, err error) bool { return errors.Is(err, packet.ErrType) }),
		},
		Fault{
			Name:     "events/not-joined-ignored",
			Breaks:   "socket.io/162",
			Sentence: "An event for a namespace that the client has not joined does not end the session.",
			Apply: tolerated(func(c client, p pkt, v reference.Violation) bool {
				return v == reference.NotConnected && isEventPacket(p) && len(c.Namespaces()) > 0
			}),
		},
		Fault{
			Name:     "events/not-joined-goes-to-main",
			Breaks:   "socket.io/162",
			Sentence: "An event for a namespace that the client has not joined is handled in the main one.",
			Apply: tolerated(func(c client, p pkt, v reference.Violation) bool {
				if v != reference.NotConnected || !isEventPacket(p) || !slices.Contains(c.Namespaces(), "/") {
					return false
				}
				c.Handle(&packet.Packet{Type: p.Type, Namespace: "/", ID: p.ID, Data: p.Data})
				return true
			}),
		},
	)
}

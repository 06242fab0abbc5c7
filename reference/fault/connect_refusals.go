package fault

import (
	"regexp"
	"strings"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults in which clients are refused, and how.
func init() {
	register(
		Fault{
			Name:     "connect/unknown-namespace-accepted",
			Breaks:   "socket.io/134",
			Sentence: "Every namespace exists.",
			Apply: app(func(rules *application.Rules) {
				rules.Control = override.Dynamic(rules.Control, regexp.MustCompile(`^/`))
			}),
		},
		Fault{
			Name:     "connect/prototype-namespaces-served",
			Breaks:   "socket.io/149",
			Sentence: "Namespaces named like members of every JavaScript object exist.",
			Apply: app(func(rules *application.Rules) {
				rules.Control = override.Dynamic(rules.Control, regexp.MustCompile(`^/(dynamic-.+|__proto__|constructor)$`))
			}),
		},
		Fault{
			Name:     "connect/dynamic-namespaces-refused",
			Breaks:   "socket.io/148",
			Sentence: "A namespace whose name matches the application's pattern does not exist.",
			Apply: app(func(rules *application.Rules) {
				rules.Control = override.Dynamic(rules.Control, regexp.MustCompile(`^$`))
			}),
		},
		Fault{
			Name:     "connect/unknown-namespace-unanswered",
			Breaks:   "socket.io/134",
			Sentence: "A CONNECT packet for an unknown namespace is not answered.",
			Apply:    dropped(func(_ client, p pkt) bool { return isUnknown(p) }),
		},
		Fault{
			Name:     "connect/unknown-namespace-closes",
			Breaks:   "socket.io/136",
			Sentence: "A CONNECT packet for an unknown namespace ends the session.",
			Apply:    closing(isUnknown),
		},
		Fault{
			Name:     "connect/unknown-namespace-disconnects",
			Breaks:   "socket.io/134",
			Sentence: "A CONNECT packet for an unknown namespace is answered with DISCONNECT.",
			Apply:    sent(packet.ConnectError, func(p pkt) { p.Type, p.Data = packet.Disconnect, nil }),
		},
		Fault{
			Name:     "connect/unknown-namespace-joins-main",
			Breaks:   "socket.io/134",
			Sentence: "A CONNECT packet for an unknown namespace joins the main one.",
			Apply: socketIO(func(rules *reference.Rules) {
				rules.Namespaces = override.Resolve(rules.Namespaces, func(name string) string {
					if known(name) {
						return name
					}
					return "/"
				})
			}),
		},
		Fault{
			Name:     "connect/refusal-a-string",
			Breaks:   "socket.io/213",
			Sentence: "CONNECT_ERROR carries a string, as in protocol revision 4.",
			Apply:    sent(packet.ConnectError, func(p pkt) { p.Data = []value{of(messageOf(p))} }),
		},
		Fault{
			Name:     "connect/refusal-of-other-text",
			Breaks:   "socket.io/134",
			Sentence: "An unknown namespace is refused with the server's own message.",
			Apply: sent(packet.ConnectError, func(p pkt) {
				if isUnknown(p) {
					p.Data = []value{raw(`{"message":"Unknown namespace"}`)}
				}
			}),
		},
		Fault{
			Name:     "connect/refusal-under-another-key",
			Breaks:   "socket.io/213",
			Sentence: "CONNECT_ERROR has its message under the key error.",
			Apply:    written(packet.ConnectError, `"message":`, `"error":`),
		},
		Fault{
			Name:     "connect/refusal-without-namespace",
			Breaks:   "socket.io/134",
			Sentence: "CONNECT_ERROR leaves out the namespace.",
			Apply:    sent(packet.ConnectError, func(p pkt) { p.Namespace = "/" }),
		},
		Fault{
			Name:     "connect/refusal-without-payload",
			Breaks:   "socket.io/213",
			Sentence: "CONNECT_ERROR has no payload.",
			Apply:    sent(packet.ConnectError, func(p pkt) { p.Data = nil }),
		},
		Fault{
			Name:     "connect/refusal-without-data",
			Breaks:   "socket.io/135",
			Sentence: "CONNECT_ERROR leaves out the data of a middleware's error.",
			Apply:    sent(packet.ConnectError, func(p pkt) { p.Data = []value{of(map[string]any{"message": messageOf(p)})} }),
		},
		Fault{
			Name:     "connect/refusal-hides-the-message",
			Breaks:   "socket.io/135",
			Sentence: "CONNECT_ERROR has the same message for every middleware's error.",
			Apply: sent(packet.ConnectError, func(p pkt) {
				if !isUnknown(p) {
					p.Data = []value{raw(`{"message":"Forbidden"}`)}
				}
			}),
		},
		Fault{
			Name:     "connect/refusal-closes",
			Breaks:   "socket.io/136",
			Sentence: "A middleware's error ends the session.",
			Apply:    closing(func(p pkt) bool { return p.Type == packet.ConnectError && !isUnknown(p) }),
		},
		Fault{
			Name:     "connect/refused-but-joined",
			Breaks:   "socket.io/135",
			Sentence: "A client that a middleware refuses gets CONNECT_ERROR but joins nevertheless.",
			Apply: middlewares(func(s *reference.Socket, refuse reference.Middleware) error {
				if err := refuse(s); err != nil {
					text, _ := packet.Encode(&packet.Packet{Type: packet.ConnectError, Namespace: s.Namespace().Name(), Data: []value{of(map[string]any{"message": err.Error()})}})
					s.Session().Send(engineio.Message{Data: text})
				}
				return nil
			}),
		},
		Fault{
			Name:     "connect/middleware-error-ignored",
			Breaks:   "socket.io/135",
			Sentence: "A middleware's error does not refuse the client.",
			Apply: middlewares(func(s *reference.Socket, refuse reference.Middleware) error {
				refuse(s)
				return nil
			}),
		},
		Fault{
			Name:     "connect/duplicate-ignored",
			Breaks:   "socket.io/144",
			Sentence: "A second CONNECT packet for a namespace does not end the session.",
			Apply:    tolerateRepeats,
		},
		Fault{
			Name:     "connect/duplicate-answered",
			Breaks:   "socket.io/144",
			Sentence: "A second CONNECT packet for a namespace is answered like the first.",
			Apply: tolerated(func(c client, p pkt, v reference.Violation) bool {
				if v == reference.AlreadyConnected {
					pass(c, &packet.Packet{Type: packet.Connect, Namespace: p.Namespace, Data: []value{of(map[string]any{"sid": derived(c.Session().ID() + "again")})}})
				}
				return v == reference.AlreadyConnected
			}),
		},
		Fault{
			Name:     "connect/error-from-a-client-ignored",
			Breaks:   "socket.io/145",
			Sentence: "A CONNECT_ERROR packet of a client does not end the session.",
			Apply:    tolerated(func(_ client, p pkt, _ reference.Violation) bool { return p.Type == packet.ConnectError }),
		},
		Fault{
			Name:     "connect/other-first-packet-ignored",
			Breaks:   "socket.io/137",
			Sentence: "Packets before the first CONNECT packet do not end the session.",
			Apply: tolerated(func(c client, _ pkt, v reference.Violation) bool {
				return v == reference.NotConnected && len(c.Namespaces()) == 0
			}),
		},
		Fault{
			Name:     "connect/payload-of-any-type",
			Breaks:   "socket.io/146",
			Sentence: "The payload of a CONNECT packet may be of any type.",
			Apply:    joining(`^0([\["]|null)`),
		},
		Fault{
			Name:     "connect/payload-array-or-null",
			Breaks:   "socket.io/215",
			Sentence: "The payload of a CONNECT packet may be an array or null.",
			Apply:    joining(`^0(\[|null)`),
		},
		Fault{
			Name:     "connect/broken-payload-ignored",
			Breaks:   "socket.io/146",
			Sentence: "A CONNECT packet with broken JSON does not end the session.",
			Apply:    ignored(`^0\{`),
		},
		Fault{
			Name:     "connect/comma-demanded",
			Breaks:   "socket.io/132",
			Sentence: "A CONNECT packet without a comma after the namespace is not answered.",
			Apply:    received(func(_ client, text string) bool { return strings.HasPrefix(text, "0/") && !strings.Contains(text, ",") }),
		},
		Fault{
			Name:     "connect/explicit-main-namespace-refused",
			Breaks:   "socket.io/133",
			Sentence: "The main namespace cannot be named.",
			Apply: socketIO(func(rules *reference.Rules) {
				rules.Packets = override.Received(rules.Packets, func(c client, m engineio.Message) []engineio.Message {
					if !m.Binary && strings.HasPrefix(string(m.Data), "0/,") {
						c.Session().Send(engineio.Message{Data: []byte(`4/,{"message":"Invalid namespace"}`)})
						return nil
					}
					return []engineio.Message{m}
				})
			}),
		},
		Fault{
			Name:     "connect/custom-namespace-missing",
			Breaks:   "contract/1",
			Sentence: "The namespace /custom does not exist.",
			Apply: socketIO(func(rules *reference.Rules) {
				rules.Namespaces = override.Resolve(rules.Namespaces, func(name string) string {
					if name == "/custom" {
						return "/nowhere"
					}
					return name
				})
			}),
		},
	)
}

package fault

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults in joining a namespace.
func init() {
	register(
		Fault{
			Name:     "connect/sid-missing",
			Breaks:   "socket.io/127",
			Sentence: "The answer to a CONNECT packet is an empty object.",
			Apply:    sent(packet.Connect, func(p pkt) { p.Data = []value{raw(`{}`)} }),
		},
		Fault{
			Name:     "connect/payload-missing",
			Breaks:   "socket.io/127",
			Sentence: "The answer to a CONNECT packet has no payload.",
			Apply:    sent(packet.Connect, func(p pkt) { p.Data = nil }),
		},
		Fault{
			Name:     "connect/sid-a-number",
			Breaks:   "socket.io/127",
			Sentence: "The sid in the answer to a CONNECT packet is a number.",
			Apply:    written(packet.Connect, `"sid":"[^"]*"`, `"sid":42`),
		},
		Fault{
			Name:     "connect/sid-under-another-key",
			Breaks:   "socket.io/127",
			Sentence: "The answer to a CONNECT packet has the sid under the key id.",
			Apply:    written(packet.Connect, `"sid":`, `"id":`),
		},
		Fault{
			Name:     "connect/sid-of-the-session",
			Breaks:   "socket.io/142",
			Sentence: "A socket has the session's sid.",
			Apply:    socketID(func(c client, _, _ string) string { return c.Session().ID() }),
		},
		Fault{
			Name:     "connect/sid-for-all-namespaces",
			Breaks:   "socket.io/143",
			Sentence: "All sockets of a session share one sid.",
			Apply:    socketID(func(c client, _, _ string) string { return derived(c.Session().ID()) }),
		},
		Fault{
			Name:     "connect/sid-kept-on-reconnect",
			Breaks:   "socket.io/181",
			Sentence: "A client that leaves a namespace and joins it again gets the same sid.",
			Apply:    socketID(func(c client, namespace, _ string) string { return derived(c.Session().ID() + namespace) }),
		},
		Fault{
			Name:     "connect/sid-for-all-sessions",
			Breaks:   "socket.io/143",
			Sentence: "All sockets of a namespace have one sid.",
			Apply:    socketID(func(_ client, namespace, _ string) string { return derived(namespace) }),
		},
		Fault{
			Name:     "connect/answer-without-namespace",
			Breaks:   "socket.io/130",
			Sentence: "The answer to a CONNECT packet leaves out the namespace.",
			Apply:    sent(packet.Connect, func(p pkt) { p.Namespace = "/" }),
		},
		Fault{
			Name:     "connect/answer-names-the-main-namespace",
			Breaks:   "socket.io/133",
			Sentence: "The answer to a CONNECT packet for the main namespace names it.",
			Apply:    written(packet.Connect, `^0\{`, `0/,{`),
		},
		Fault{
			Name:     "connect/answer-without-comma",
			Breaks:   "socket.io/130",
			Sentence: "The answer to a CONNECT packet has no comma after the namespace.",
			Apply:    written(packet.Connect, `^(0/[^,]*),`, `$1`),
		},
		Fault{
			Name:     "connect/answer-after-the-first-event",
			Breaks:   "socket.io/127",
			Sentence: "Events that a connection listener emits overtake the answer to the CONNECT packet.",
			Apply:    fresh(answerLast),
		},
		Fault{
			Name:     "connect/answer-missing",
			Breaks:   "socket.io/130",
			Sentence: "A CONNECT packet for a custom namespace is not answered.",
			Apply:    dropped(func(_ client, p pkt) bool { return p.Type == packet.Connect && p.Namespace != "/" }),
		},
		Fault{
			Name:     "connect/implicit-on-open",
			Breaks:   "socket.io/214",
			Sentence: "Every session is in the main namespace as soon as it opens.",
			Apply: all(
				socketIO(func(rules *reference.Rules) {
					rules.Connect = joiningOnOpen{rules.Connect}
				}), tolerateRepeats),
		},
		Fault{
			Name:     "connect/implicit-with-a-custom-namespace",
			Breaks:   "socket.io/141",
			Sentence: "A client that joins a custom namespace is in the main one too.",
			Apply: all(packetsIn(func(c client, p pkt) []pkt {
				if p.Type == packet.Connect && p.Namespace != "/" && !slices.Contains(c.Namespaces(), "/") {
					return []pkt{p, {Type: packet.Connect, Namespace: "/"}}
				}
				return []pkt{p}
			}), tolerateRepeats),
		},
		Fault{
			Name:     "connect/auth-null-without-payload",
			Breaks:   "socket.io/129",
			Sentence: "The auth object is null if the client sent none.",
			Apply: auth(func(_ client, v value) value {
				if v.String() == `{}` {
					return value{}
				}
				return v
			}),
		},
		Fault{
			Name:     "connect/auth-dropped",
			Breaks:   "socket.io/128",
			Sentence: "The auth object is always empty.",
			Apply:    auth(func(client, value) value { return raw(`{}`) }),
		},
		Fault{
			Name:     "connect/auth-a-string",
			Breaks:   "socket.io/128",
			Sentence: "The auth object is the JSON text that the client sent.",
			Apply:    auth(func(_ client, v value) value { return of(v.String()) }),
		},
		Fault{
			Name:     "connect/auth-of-the-first-namespace",
			Breaks:   "socket.io/131",
			Sentence: "All namespaces of a session get the first auth object that came.",
			Apply: fresh(func() apply {
				var first memory[*value]
				return auth(func(c client, v value) value {
					first.of(c, func(kept **value) {
						if *kept == nil {
							*kept = &v
						}
						v = **kept
					})
					return v
				})
			}),
		},
		Fault{
			Name:     "connect/auth-of-another-client",
			Breaks:   "robustness/2",
			Sentence: "A client without an auth object gets that of the previous client.",
			Apply: fresh(func() apply {
				var mu sync.Mutex
				last := raw(`{}`)
				return auth(func(_ client, v value) value {
					mu.Lock()
					defer mu.Unlock()
					if v.String() != `{}` {
						last = v
					}
					return last
				})
			}),
		},
		Fault{
			Name:     "connect/auth-only-in-the-main-namespace",
			Breaks:   "socket.io/131",
			Sentence: "The auth object is empty in custom namespaces.",
			Apply: socketIO(func(rules *reference.Rules) {
				rules.Connect = override.Auth(rules.Connect, func(_ client, namespace string, v value) value {
					if namespace != "/" && namespace != control {
						return raw(`{}`)
					}
					return v
				})
			}),
		},
		Fault{
			Name:     "connect/query-cut-off",
			Breaks:   "socket.io/147",
			Sentence: "A namespace name ends at a question mark.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				p.Namespace, _, _ = strings.Cut(p.Namespace, "?")
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "connect/case-ignored",
			Breaks:   "socket.io/130",
			Sentence: "Namespace names are in lower case, whatever the client writes.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				p.Namespace = strings.ToLower(p.Namespace)
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "connect/one-namespace-only",
			Breaks:   "socket.io/140",
			Sentence: "A client that joins a namespace leaves the one it joined before.",
			Apply: packetsIn(func(c client, p pkt) []pkt {
				packets := []pkt{p}
				if p.Type == packet.Connect {
					for _, name := range slices.DeleteFunc(c.Namespaces(), func(name string) bool { return name == control }) {
						packets = append(packets, &packet.Packet{Type: packet.Disconnect, Namespace: name})
					}
				}
				return packets
			}),
		},
		Fault{
			Name:     "connect/timeout-missing",
			Breaks:   "socket.io/138",
			Sentence: "A session may stay forever without joining a namespace.",
			Apply:    connectTimeout(func(time.Duration) time.Duration { return time.Hour }),
		},
		Fault{
			Name:     "connect/timeout-late",
			Breaks:   "socket.io/138",
			Sentence: "A session may stay without joining a namespace for three times the connect timeout.",
			Apply:    connectTimeout(func(d time.Duration) time.Duration { return 3 * d }),
		},
		Fault{
			Name:     "connect/timeout-early",
			Breaks:   "socket.io/138",
			Sentence: "A session may stay without joining a namespace for only a third of the connect timeout.",
			Apply:    connectTimeout(func(d time.Duration) time.Duration { return d / 3 }),
		},
		Fault{
			Name:     "connect/timeout-goes-on",
			Breaks:   "socket.io/139",
			Sentence: "The connect timeout ends sessions that have joined a namespace.",
			Apply: socketIO(func(rules *reference.Rules) {
				rules.Connect = stoppedBy{rules.Connect, []string{control}}
			}),
		},
		Fault{
			Name:     "connect/timeout-ended-by-a-refusal",
			Breaks:   "socket.io/138",
			Sentence: "A refused CONNECT packet stops the connect timeout.",
			Apply: packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.ConnectError {
					c.Disarm()
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "connect/info-names-its-features-in-one-text",
			Breaks:   "contract/21",
			Sentence: "Info has the features in one string, separated by commas.",
			Apply: app(func(rules *application.Rules) {
				rules.Control = override.Info(rules.Control, func(info map[string]any) {
					info["features"] = strings.ReplaceAll(fmt.Sprint(info["features"]), " ", ",")
				})
			}),
		},
		Fault{
			Name:     "connect/records-numbered-by-tens",
			Breaks:   "contract/14",
			Sentence: "The records are numbered 10, 20, 30.",
			Apply: app(func(rules *application.Rules) {
				rules.Records = override.Number(rules.Records, func(seq int) int { return 10 * seq })
			}),
		},
	)
}

func connectTimeout(f func(time.Duration) time.Duration) apply {
	return socketIO(func(rules *reference.Rules) { rules.Connect = override.ConnectTimeout(rules.Connect, f) })
}

// tolerateRepeats lets a client join twice without an answer.
var tolerateRepeats = tolerated(func(_ client, _ pkt, v reference.Violation) bool { return v == reference.AlreadyConnected })

// answerLast holds an answer to a CONNECT packet back until the event that follows.
func answerLast() apply {
	var held memory[[]engineio.Message]
	return encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
		held.of(c, func(kept *[]engineio.Message) {
			if p.Type == packet.Connect {
				*kept, messages = messages, nil
			} else {
				messages, *kept = append(messages, *kept...), nil
			}
		})
		return messages
	})
}

// joiningOnOpen makes each client join the main namespace as soon as its session opens.
type joiningOnOpen struct{ reference.ConnectRules }

func (joiningOnOpen) Opened(c client) {
	c.Handle(&packet.Packet{Type: packet.Connect, Namespace: "/"})
}

// stoppedBy stops the connect timeout only when a client joins one of certain namespaces.
type stoppedBy struct {
	reference.ConnectRules
	namespaces []string
}

func (f stoppedBy) StopsTimer(namespace string) bool {
	return slices.Contains(f.namespaces, namespace) && f.ConnectRules.StopsTimer(namespace)
}

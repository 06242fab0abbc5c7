package fault

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults in joining a namespace again, or while something else happens.
func init() {
	register(
		Fault{
			Name:     "connect/auth-of-the-first-time",
			Breaks:   "socket.io/128",
			Sentence: "A client that joins a namespace again keeps the auth object of the first time.",
			Apply: fresh(func() apply {
				var first memory[map[string]value]
				return socketIO(func(rules *reference.Rules) {
					rules.Connect = override.Auth(rules.Connect, func(c client, namespace string, v value) value {
						first.of(c, func(kept *map[string]value) {
							if *kept == nil {
								*kept = map[string]value{}
							}
							if before, ok := (*kept)[namespace]; ok && namespace != control {
								v = before
							}
							(*kept)[namespace] = v
						})
						return v
					})
				})
			}),
		},
		Fault{
			Name:     "connect/auth-merged",
			Breaks:   "socket.io/131",
			Sentence: "The auth object of a CONNECT packet is merged into those of the session's earlier ones.",
			Apply: fresh(func() apply {
				var merged memory[map[string]json.RawMessage]
				return auth(func(c client, v value) value {
					merged.of(c, func(all *map[string]json.RawMessage) {
						_ = v.Decode(all)
						if len(*all) > 0 {
							v = of(*all)
						}
					})
					return v
				})
			}),
		},
		Fault{
			Name:     "connect/middleware-once-per-client",
			Breaks:   "socket.io/135",
			Sentence: "A middleware is not called again for a client that it has let in once.",
			Apply: fresh(func() apply {
				var passed sync.Map
				return middlewares(func(s *reference.Socket, refuse reference.Middleware) error {
					key := s.Session().ID() + s.Namespace().Name()
					if _, before := passed.Load(key); before {
						return nil
					}
					err := refuse(s)
					if err == nil {
						passed.Store(key, true)
					}
					return err
				})
			}),
		},
		Fault{
			Name:     "connect/empty-refusal-ignored",
			Breaks:   "socket.io/135",
			Sentence: "A middleware's error without a message does not refuse the client.",
			Apply: middlewares(func(s *reference.Socket, refuse reference.Middleware) error {
				if err := refuse(s); err != nil && err.Error() != "" {
					return err
				}
				return nil
			}),
		},
		Fault{
			Name:     "connect/refusal-ends-the-others",
			Breaks:   "socket.io/136",
			Sentence: "A client that is refused by one namespace leaves all others.",
			Apply: packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.ConnectError {
					for _, name := range c.Namespaces() {
						if name != control && name != p.Namespace {
							c.Handle(&packet.Packet{Type: packet.Disconnect, Namespace: name})
						}
					}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "connect/events-lost-while-joining",
			Breaks:   "socket.io/140",
			Sentence: "Events of a client that follow right after a CONNECT packet for another namespace are lost.",
			Apply: fresh(func() apply {
				var joining memory[time.Time]
				return packetsIn(func(c client, p pkt) (packets []pkt) {
					joining.of(c, func(at *time.Time) {
						if p.Type == packet.Connect {
							*at = time.Now()
						}
						if !isEventPacket(p) || time.Since(*at) > 50*time.Millisecond {
							packets = []pkt{p}
						}
					})
					return packets
				})
			}),
		},
		Fault{
			Name:     "connect/sid-holds-that-of-the-session",
			Breaks:   "socket.io/142",
			Sentence: "A socket's sid contains the namespace and the session's sid, as in protocol revision 4.",
			Apply:    socketID(func(c client, namespace, id string) string { return namespace + "#" + c.Session().ID() + id }),
		},
		Fault{
			Name:     "connect/duplicate-in-a-namespace-answered",
			Breaks:   "socket.io/144",
			Sentence: "A second CONNECT packet for a custom namespace is answered like the first.",
			Apply: tolerated(func(c client, p pkt, v reference.Violation) bool {
				again := v == reference.AlreadyConnected && p.Namespace != "/"
				if again {
					pass(c, &packet.Packet{Type: packet.Connect, Namespace: p.Namespace, Data: []value{of(map[string]any{"sid": derived(c.Session().ID() + "again")})}})
				}
				return again
			}),
		},
		Fault{
			Name:     "connect/timeout-restarted",
			Breaks:   "socket.io/138",
			Sentence: "A refused CONNECT packet starts the connect timeout anew.",
			Apply: func(o *application.Options) {
				timeout := o.ConnectTimeout
				if timeout == 0 {
					timeout = time.Second
				}
				packetsOut(func(c client, p pkt) []pkt {
					if p.Type == packet.ConnectError {
						c.Disarm()
						time.AfterFunc(timeout, func() {
							if len(c.Namespaces()) == 0 {
								c.Session().Close()
							}
						})
					}
					return []pkt{p}
				})(o)
			},
		},
		Fault{
			Name:     "connect/timeout-goes-on-in-other-namespaces",
			Breaks:   "socket.io/139",
			Sentence: "The connect timeout ends sessions that have joined a custom namespace.",
			Apply: socketIO(func(rules *reference.Rules) {
				rules.Connect = stoppedBy{rules.Connect, []string{control, "/"}}
			}),
		},
		Fault{
			Name:     "connect/sixteen-namespaces-at-most",
			Breaks:   "socket.io/140",
			Sentence: "The events of a client are lost in every namespace after its sixteenth.",
			Apply: dropped(func(c client, p pkt) bool {
				return isEventPacket(p) && p.Name() != "auth" && len(c.Namespaces()) > 16
			}),
		},
		Fault{
			Name:     "connect/missing-auth-from-before",
			Breaks:   "socket.io/129",
			Sentence: "A client that sends no auth object keeps the last one that it sent.",
			Apply: fresh(func() apply {
				var last memory[value]
				return auth(func(c client, v value) value {
					last.of(c, func(kept *value) {
						if v.String() == `{}` && kept.String() != `null` {
							v = *kept
						}
						*kept = v
					})
					return v
				})
			}),
		},
		Fault{
			Name:     "connect/refused-client-is-heard",
			Breaks:   "socket.io/218",
			Sentence: "Events of a client that a middleware has refused are handled as if it were in the namespace.",
			Apply: heardOutside(func(outside map[string]bool, p pkt) {
				switch p.Type {
				case packet.Connect:
					delete(outside, p.Namespace)
				case packet.ConnectError:
					outside[p.Namespace] = true
				}
			}),
		},
		Fault{
			Name:     "disconnect/disconnected-client-is-heard",
			Breaks:   "socket.io/220",
			Sentence: "Events of a client that the application has disconnected from a namespace are still handled.",
			Apply:    heardOutside(func(outside map[string]bool, p pkt) { outside[p.Namespace] = p.Type == packet.Disconnect }),
		},
		Fault{
			Name:     "connect/long-auth-is-dropped",
			Breaks:   "socket.io/131",
			Sentence: "Handlers get an empty object instead of data of more than 4096 characters.",
			Apply: auth(func(_ client, v value) value {
				if len(v.Text(func([]byte) string { return "" })) > 4096 {
					return of(map[string]any{})
				}
				return v
			}),
		},
		Fault{
			Name:     "connect/unknown-namespace-with-data-of-the-refusal-before",
			Breaks:   "socket.io/134",
			Sentence: "The refusal of an unknown namespace has the data of the client's previous refusal.",
			Apply: fresh(func() apply {
				var last memory[[]value]
				return packetsOut(func(c client, p pkt) []pkt {
					if p.Type == packet.ConnectError {
						last.of(c, func(kept *[]value) {
							if isUnknown(p) && len(*kept) > 0 {
								members, _ := (*kept)[0].Members()
								p.Data = []value{of(map[string]any{"message": "Invalid namespace", "data": members["data"]})}
								return
							}
							*kept = slices.Clone(p.Data)
						})
					}
					return []pkt{p}
				})
			}),
		},
		Fault{
			Name:     "connect/fourth-time-in-a-namespace-unheard",
			Breaks:   "socket.io/181",
			Sentence: "A client that joins a namespace for the fourth time is answered, but its events are not.",
			Apply: fresh(func() apply {
				var times memory[map[string]int]
				return packetsIn(func(c client, p pkt) []pkt {
					lost := false
					times.of(c, func(n *map[string]int) {
						if *n == nil {
							*n = map[string]int{}
						}
						if p.Type == packet.Connect {
							(*n)[p.Namespace]++
						}
						lost = isEventPacket(p) && (*n)[p.Namespace] > 3
					})
					if lost {
						return nil
					}
					return []pkt{p}
				})
			}),
		},
	)
}

// heardOutside makes a fault that answers events of clients in namespaces that they are not in. For each packet that goes out,
// note keeps the names of those namespaces.
func heardOutside(note func(outside map[string]bool, p pkt)) apply {
	return fresh(func() apply {
		var kept memory[map[string]bool]
		return all(
			packetsOut(func(c client, p pkt) []pkt {
				kept.of(c, func(outside *map[string]bool) {
					if *outside == nil {
						*outside = map[string]bool{}
					}
					note(*outside, p)
				})
				return []pkt{p}
			}),
			packetsIn(func(c client, p pkt) (packets []pkt) {
				kept.of(c, func(outside *map[string]bool) {
					if !isEventPacket(p) || !(*outside)[p.Namespace] {
						packets = []pkt{p}
						return
					}
					pass(c, &packet.Packet{Type: packet.Event, Namespace: p.Namespace, Data: append([]value{raw(`"message-back"`)}, p.Data[1:]...)})
				})
				return packets
			}))
	})
}

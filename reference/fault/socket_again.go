package fault

import (
	"encoding/json"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/packet"
)

// Faults of servers that remember too much of a client that leaves, is refused or comes again, or too little.

func init() {
	register(
		Fault{"connect/auth-of-the-first-time", "a client that joins a namespace again has the auth object of the first time", fresh(func() apply {
			var first memory[map[string]value]
			return func(o *application.Options) {
				o.Socket.Auth = func(c client, namespace string, v value) value {
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
				}
			}
		})},
		Fault{"connect/auth-merged", "the auth object of a CONNECT packet is laid over those of the session's earlier ones", fresh(func() apply {
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
		})},
		Fault{"connect/middleware-once-per-client", "a middleware is not asked about a client again that it has let in once", fresh(func() apply {
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
		})},
		Fault{"connect/empty-refusal-ignored", "a middleware's error without a message refuses nobody", middlewares(func(s *reference.Socket, refuse reference.Middleware) error {
			if err := refuse(s); err != nil && err.Error() != "" {
				return err
			}
			return nil
		})},
		Fault{"connect/refusal-ends-the-others", "a client that one namespace refuses leaves all others", packetsOut(func(c client, p pkt) []pkt {
			if p.Type == packet.ConnectError {
				for _, name := range c.Namespaces() {
					if name != control && name != p.Namespace {
						c.Handle(&packet.Packet{Type: packet.Disconnect, Namespace: name})
					}
				}
			}
			return []pkt{p}
		})},
		Fault{"connect/events-lost-while-joining", "the events of a client are lost that follow right behind a CONNECT packet for another namespace", fresh(func() apply {
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
		})},
		Fault{"connect/sid-holds-that-of-the-session", "a socket's sid is the namespace and the session's sid, as in protocol revision 4, and more", socketID(func(c client, namespace, id string) string { return namespace + "#" + c.Session().ID() + id })},
		Fault{"connect/duplicate-in-a-namespace-answered", "a second CONNECT packet for a custom namespace is answered like the first", tolerated(func(c client, p pkt, v reference.Violation) bool {
			again := v == reference.AlreadyConnected && p.Namespace != "/"
			if again {
				pass(c, &packet.Packet{Type: packet.Connect, Namespace: p.Namespace, Data: []value{of(map[string]any{"sid": derived(c.Session().ID() + "again")})}})
			}
			return again
		})},
		Fault{"connect/timeout-restarted", "a refused CONNECT packet starts the connect timeout anew", func(o *application.Options) {
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
		}},
		Fault{"connect/timeout-goes-on-in-other-namespaces", "the connect timeout ends sessions that have joined a custom namespace", func(o *application.Options) {
			o.Socket.KeepConnectTimer = func(namespace string) bool { return namespace != control && namespace != "/" }
		}},

		Fault{"disconnect/told-again-at-the-end", "the application learns again of those who have left before when their transport closes", fresh(toldAgain)},
		Fault{"disconnect/server-leaves-all-namespaces", "a client that the server takes out of the main namespace leaves all others too", packetsOut(func(c client, p pkt) []pkt {
			if p.Type == packet.Disconnect && p.Namespace == "/" {
				for _, name := range c.Namespaces() {
					if name != control && name != "/" {
						c.Handle(&packet.Packet{Type: packet.Disconnect, Namespace: name})
					}
				}
			}
			return []pkt{p}
		})},
		Fault{"disconnect/ping-timeout-unnoticed", "the application does not learn of clients that answer no ping", ended("ping timeout", func(string) []string { return nil })},
		Fault{"disconnect/ping-timeout-reason-of-the-transport", "a client that answers no ping counts as one whose transport closed", ended("ping timeout", func(string) []string { return []string{"transport close"} })},
		Fault{"disconnect/forced-close-unnoticed", "the application does not learn of clients whose session a malformed packet has ended", ended("forced close", func(string) []string { return nil })},
	)
}

// toldAgain records the disconnections of a session's sockets again when its transport closes.
func toldAgain() apply {
	var mu sync.Mutex
	sessions := map[string]string{}          // by the socket's ID
	left := map[string][]application.Entry{} // by the session's
	note := func(o *application.Options) {
		o.Socket.Ended = func(s *reference.Socket, reason string) []string {
			mu.Lock()
			defer mu.Unlock()
			sessions[s.ID()] = s.Session().ID()
			return []string{reason}
		}
	}
	return all(note, records(func(e application.Entry) []application.Entry {
		mu.Lock()
		defer mu.Unlock()
		sid, _ := e.Fields["sid"].(string)
		session := sessions[sid]
		if e.Type != "disconnect" || session == "" {
			return []application.Entry{e}
		}
		if e.Fields["reason"] != "transport close" {
			left[session] = append(left[session], e)
			return []application.Entry{e}
		}
		again := append([]application.Entry{e}, left[session]...)
		delete(left, session)
		return again
	}))
}

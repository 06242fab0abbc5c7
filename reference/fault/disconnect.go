package fault

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults in leaving a namespace, and in the reasons that the application gets.
func init() {
	register(
		Fault{
			Name:     "disconnect/told-again-at-the-end",
			Breaks:   "socket.io/189",
			Sentence: "When a transport closes, the application is told again about clients that had left before.",
			Apply:    fresh(toldAgain),
		},
		Fault{
			Name:     "disconnect/server-leaves-all-namespaces",
			Breaks:   "socket.io/186",
			Sentence: "A client that the server disconnects from the main namespace leaves all others too.",
			Apply: packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.Disconnect && p.Namespace == "/" {
					for _, name := range c.Namespaces() {
						if name != control && name != "/" {
							c.Handle(&packet.Packet{Type: packet.Disconnect, Namespace: name})
						}
					}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "disconnect/ping-timeout-unnoticed",
			Breaks:   "socket.io/189",
			Sentence: "The application does not learn that a client did not answer a ping.",
			Apply:    ended("ping timeout", func(string) []string { return nil }),
		},
		Fault{
			Name:     "disconnect/ping-timeout-reason-of-the-transport",
			Breaks:   "socket.io/216",
			Sentence: "A client that answers no ping counts as one whose transport closed.",
			Apply:    ended("ping timeout", func(string) []string { return []string{"transport close"} }),
		},
		Fault{
			Name:     "disconnect/forced-close-unnoticed",
			Breaks:   "socket.io/189",
			Sentence: "The application does not learn of clients whose session a malformed packet has ended.",
			Apply:    ended("forced close", func(string) []string { return nil }),
		},
		Fault{
			Name:     "disconnect/leave-ignored",
			Breaks:   "contract/9",
			Sentence: "The application does not know the event leave.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if isEventPacket(p) && p.Name() == "leave" {
					return nil
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "disconnect/answered",
			Breaks:   "socket.io/180",
			Sentence: "A DISCONNECT packet of a client is answered with another.",
			Apply: departing(func(c client, p pkt) []pkt {
				pass(c, p)
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "disconnect/closes-the-session",
			Breaks:   "socket.io/182",
			Sentence: "A client that leaves a namespace loses its session.",
			Apply: departing(func(c client, p pkt) []pkt {
				c.Session().Close()
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "disconnect/last-one-closes-the-session",
			Breaks:   "socket.io/181",
			Sentence: "A client that leaves its last namespace loses its session.",
			Apply: departing(func(c client, p pkt) []pkt {
				if len(c.Namespaces()) == 1 {
					c.Session().Close()
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "disconnect/leaves-all-namespaces",
			Breaks:   "socket.io/183",
			Sentence: "A client that leaves the main namespace leaves all others too.",
			Apply: departing(func(c client, p pkt) []pkt {
				packets := []pkt{p}
				for _, name := range c.Namespaces() {
					if p.Namespace == "/" && name != "/" && name != control {
						packets = append(packets, &packet.Packet{Type: packet.Disconnect, Namespace: name})
					}
				}
				return packets
			}),
		},
		Fault{
			Name:     "disconnect/leaves-the-main-namespace",
			Breaks:   "socket.io/182",
			Sentence: "A client that leaves a custom namespace leaves the main one instead.",
			Apply: departing(func(c client, p pkt) []pkt {
				if slices.Contains(c.Namespaces(), "/") {
					p.Namespace = "/"
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "disconnect/ignored",
			Breaks:   "socket.io/179",
			Sentence: "A DISCONNECT packet of a client changes nothing.",
			Apply:    departing(func(client, pkt) []pkt { return nil }),
		},
		Fault{
			Name:     "disconnect/comma-demanded",
			Breaks:   "socket.io/184",
			Sentence: "A DISCONNECT packet without a comma after the namespace ends the session.",
			Apply: received(func(c client, text string) bool {
				broken := strings.HasPrefix(text, "1/") && !strings.Contains(text, ",")
				if broken {
					c.Abort()
				}
				return broken
			}),
		},
		Fault{
			Name:     "disconnect/payload-ignored",
			Breaks:   "socket.io/188",
			Sentence: "A DISCONNECT packet may have a payload.",
			Apply:    ignored(`^1(/[^,]*,)?[\[{"]`),
		},
		Fault{
			Name:     "disconnect/not-joined-ignored",
			Breaks:   "socket.io/185",
			Sentence: "A DISCONNECT packet for a namespace that the client has not joined does not end the session.",
			Apply: tolerated(func(_ client, p pkt, v reference.Violation) bool {
				return v == reference.NotConnected && p.Type == packet.Disconnect
			}),
		},
		Fault{
			Name:     "disconnect/packets-afterwards-ignored",
			Breaks:   "socket.io/185",
			Sentence: "Packets for a namespace that the client has left do not end the session.",
			Apply: fresh(func() apply {
				left := leaving()
				return all(left.apply, tolerated(func(c client, p pkt, v reference.Violation) bool {
					return v == reference.NotConnected && left.has(c, p.Namespace)
				}))
			}),
		},
		Fault{
			Name:     "disconnect/back-at-once-refused",
			Breaks:   "socket.io/217",
			Sentence: "A client that joins a namespace again right after leaving it loses its session.",
			Apply: fresh(func() apply {
				var before memory[string]
				return packetsIn(func(c client, p pkt) []pkt {
					before.of(c, func(left *string) {
						switch {
						case p.Type == packet.Disconnect:
							*left = p.Namespace
							return
						case p.Type == packet.Connect && *left == p.Namespace:
							c.Session().Close()
						}
						*left = ""
					})
					return []pkt{p}
				})
			}),
		},
		Fault{
			Name:     "disconnect/return-refused",
			Breaks:   "socket.io/181",
			Sentence: "A client cannot rejoin a namespace that it has left.",
			Apply: fresh(func() apply {
				left := leaving()
				return all(packetsIn(func(c client, p pkt) []pkt {
					if p.Type == packet.Connect && left.has(c, p.Namespace) {
						pass(c, &packet.Packet{Type: packet.ConnectError, Namespace: p.Namespace, Data: []value{raw(`{"message":"already left"}`)}})
						return nil
					}
					left.note(c, p)
					return []pkt{p}
				}))
			}),
		},
		Fault{
			Name:     "disconnect/server-silent",
			Breaks:   "socket.io/186",
			Sentence: "A client that the server disconnects from a namespace gets no DISCONNECT packet.",
			Apply:    dropped(func(_ client, p pkt) bool { return p.Type == packet.Disconnect }),
		},
		Fault{
			Name:     "disconnect/server-leaves-out-the-namespace",
			Breaks:   "socket.io/186",
			Sentence: "A client that the server disconnects from a custom namespace gets a DISCONNECT packet for the main one.",
			Apply:    sent(packet.Disconnect, func(p pkt) { p.Namespace = "/" }),
		},
		Fault{
			Name:     "disconnect/server-gives-a-reason",
			Breaks:   "socket.io/186",
			Sentence: "The server's DISCONNECT packet has a payload.",
			Apply:    sent(packet.Disconnect, func(p pkt) { p.Data = []value{of(map[string]any{"reason": byServer})} }),
		},
		Fault{
			Name:     "disconnect/server-always-closes",
			Breaks:   "socket.io/186",
			Sentence: "A client that the server disconnects from one namespace loses its session.",
			Apply:    closing(func(p pkt) bool { return p.Type == packet.Disconnect }),
		},
		Fault{
			Name:     "disconnect/server-never-closes",
			Breaks:   "socket.io/187",
			Sentence: "The server cannot end a session, only disconnect a client from a namespace.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if isEventPacket(p) && p.Name() == "leave" {
					p.Data = []value{p.Data[0], of(false)}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "disconnect/server-closes-untold",
			Breaks:   "socket.io/187",
			Sentence: "A session that the server ends is closed without DISCONNECT packets.",
			Apply: packetsIn(func(c client, p pkt) []pkt {
				if isEventPacket(p) && p.Name() == "leave" && len(p.Data) > 1 && p.Data[1].String() == `true` {
					c.Abort()
					return nil
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "disconnect/server-closes-behind-the-second",
			Breaks:   "socket.io/187",
			Sentence: "A session that the server ends is closed after two DISCONNECT packets, however many there are to send.",
			Apply: fresh(func() apply {
				type leaving struct {
					all  bool // the server disconnects it
					told int
				}
				var clients memory[leaving]
				return all(packetsIn(func(c client, p pkt) []pkt {
					if isEventPacket(p) && p.Name() == "leave" && len(p.Data) > 1 && p.Data[1].String() == `true` {
						clients.of(c, func(l *leaving) { l.all = true })
					}
					return []pkt{p}
				}), dropped(func(c client, p pkt) (lost bool) {
					if p.Type == packet.Disconnect {
						clients.of(c, func(l *leaving) {
							l.told++
							lost = l.all && l.told > 2
						})
					}
					return lost
				}))
			}),
		},
		Fault{
			Name:     "disconnect/client-reason-of-the-transport",
			Breaks:   "socket.io/216",
			Sentence: "A client that leaves a namespace is reported as a closed transport.",
			Apply:    ended(byClient, func(string) []string { return []string{"transport close"} }),
		},
		Fault{
			Name:     "disconnect/server-reason-of-the-client",
			Breaks:   "socket.io/216",
			Sentence: "A client that the server disconnects is reported as one that left by itself.",
			Apply:    ended(byServer, func(string) []string { return []string{byClient} }),
		},
		Fault{
			Name:     "disconnect/transport-reason-of-the-client",
			Breaks:   "socket.io/216",
			Sentence: "A client whose transport closed is reported as one that left by itself.",
			Apply:    ended("transport close", func(string) []string { return []string{byClient} }),
		},
		Fault{
			Name:     "disconnect/broken-packet-reason-of-the-transport",
			Breaks:   "socket.io/216",
			Sentence: "A client that sent an invalid packet is reported as a closed transport.",
			Apply:    ended("parse error", func(string) []string { return []string{"transport close"} }),
		},
		Fault{
			Name:     "disconnect/reason-missing",
			Breaks:   "socket.io/216",
			Sentence: "Disconnect events have no reason.",
			Apply:    ended("", func(string) []string { return []string{""} }),
		},
		Fault{
			Name:     "disconnect/client-unnoticed",
			Breaks:   "socket.io/179",
			Sentence: "The application does not learn that a client left a namespace.",
			Apply:    ended(byClient, func(string) []string { return nil }),
		},
		Fault{
			Name:     "disconnect/server-unnoticed",
			Breaks:   "socket.io/179",
			Sentence: "The application does not learn that the server disconnected a client from a namespace.",
			Apply:    ended(byServer, func(string) []string { return nil }),
		},
		Fault{
			Name:     "disconnect/transport-unnoticed",
			Breaks:   "socket.io/189",
			Sentence: "The application does not learn that a client's transport closed.",
			Apply:    ended("transport close", func(string) []string { return nil }),
		},
		Fault{
			Name:     "disconnect/transport-unnoticed-in-custom-namespaces",
			Breaks:   "socket.io/189",
			Sentence: "When a transport closes, only the main namespace is told.",
			Apply: socketIO(func(rules *reference.Rules) {
				rules.Disconnect = override.Reasons(rules.Disconnect, func(s *reference.Socket, reason string) []string {
					if name := s.Namespace().Name(); reason == "transport close" && name != "/" && name != control {
						return nil
					}
					return []string{reason}
				})
			}),
		},
		Fault{
			Name:     "disconnect/raised-twice",
			Breaks:   "socket.io/179",
			Sentence: "Every disconnect event is raised twice.",
			Apply:    ended("", func(reason string) []string { return []string{reason, reason} }),
		},
		Fault{
			Name:     "disconnect/right-behind-an-event-closes",
			Breaks:   "socket.io/182",
			Sentence: "A client that leaves a namespace right after an event for it loses its session.",
			Apply: fresh(func() apply {
				var last memory[string]
				return packetsIn(func(c client, p pkt) []pkt {
					closes := false
					last.of(c, func(before *string) {
						closes = p.Type == packet.Disconnect && *before == p.Namespace
						*before = ""
						if isEventPacket(p) {
							*before = p.Namespace
						}
					})
					if closes {
						c.Abort()
						return nil
					}
					return []pkt{p}
				})
			}),
		},
	)
}

// toldAgain repeats the disconnect records of a session's sockets when its transport closes.
func toldAgain() apply {
	var mu sync.Mutex
	sessions := map[string]string{}          // by the socket's ID
	left := map[string][]application.Entry{} // by the session's
	note := socketIO(func(rules *reference.Rules) {
		rules.Disconnect = override.Reasons(rules.Disconnect, func(s *reference.Socket, reason string) []string {
			mu.Lock()
			defer mu.Unlock()
			sessions[s.ID()] = s.Session().ID()
			return []string{reason}
		})
	})
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

const (
	byClient = "client namespace disconnect"
	byServer = "server namespace disconnect"
)

// departing replaces a client's DISCONNECT packet with the packets that f returns.
func departing(f func(client, pkt) []pkt) apply {
	return packetsIn(func(c client, p pkt) []pkt {
		if p.Type == packet.Disconnect {
			return f(c, p)
		}
		return []pkt{p}
	})
}

// ended replaces a reason with those that f returns; an empty reason means any.
func ended(of string, f func(string) []string) apply {
	return socketIO(func(rules *reference.Rules) {
		rules.Disconnect = override.Reasons(rules.Disconnect, func(_ *reference.Socket, reason string) []string {
			if of == "" || of == reason {
				return f(reason)
			}
			return []string{reason}
		})
	})
}

// leavings remembers which namespaces a client has left.
type leavings struct{ names memory[[]string] }

func (l *leavings) note(c client, p pkt) {
	l.names.of(c, func(names *[]string) {
		switch p.Type {
		case packet.Disconnect:
			*names = append(*names, p.Namespace)
		case packet.Connect:
			*names = slices.DeleteFunc(*names, func(name string) bool { return name == p.Namespace })
		}
	})
}

func (l *leavings) has(c client, name string) (has bool) {
	l.names.of(c, func(names *[]string) { has = slices.Contains(*names, name) })
	return has
}

func (l *leavings) apply(o *application.Options) {
	departed := regexp.MustCompile(`^1(/[^,]*)?,?$`)
	packetsIn(func(c client, p pkt) []pkt { l.note(c, p); return []pkt{p} })(o)
	socketIO(func(rules *reference.Rules) {
		rules.Packets = override.Encode(rules.Packets, func(c client, p pkt, messages []engineio.Message) []engineio.Message {
			if departed.Match(messages[0].Data) {
				l.note(c, p)
			}
			return messages
		})
	})(o)
}

func leaving() *leavings { return &leavings{} }

package fault

import (
	"regexp"
	"slices"
	"strings"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

const (
	byClient = "client namespace disconnect"
	byServer = "server namespace disconnect"
)

func init() {
	register(
		Fault{"disconnect/answered", "a DISCONNECT packet of a client is answered with another", departing(func(c client, p pkt) []pkt {
			pass(c, p)
			return []pkt{p}
		})},
		Fault{"disconnect/closes-the-session", "a client that leaves a namespace loses its session", departing(func(c client, p pkt) []pkt {
			c.Session().Close()
			return []pkt{p}
		})},
		Fault{"disconnect/last-one-closes-the-session", "a client that leaves its last namespace loses its session", departing(func(c client, p pkt) []pkt {
			if len(c.Namespaces()) == 1 {
				c.Session().Close()
			}
			return []pkt{p}
		})},
		Fault{"disconnect/leaves-all-namespaces", "a client that leaves the main namespace leaves all others too", departing(func(c client, p pkt) []pkt {
			packets := []pkt{p}
			for _, name := range c.Namespaces() {
				if p.Namespace == "/" && name != "/" && name != control {
					packets = append(packets, &packet.Packet{Type: packet.Disconnect, Namespace: name})
				}
			}
			return packets
		})},
		Fault{"disconnect/leaves-the-main-namespace", "a client that leaves a custom namespace leaves the main one instead", departing(func(c client, p pkt) []pkt {
			if slices.Contains(c.Namespaces(), "/") {
				p.Namespace = "/"
			}
			return []pkt{p}
		})},
		Fault{"disconnect/ignored", "a DISCONNECT packet of a client changes nothing", departing(func(client, pkt) []pkt { return nil })},
		Fault{"disconnect/comma-demanded", "a DISCONNECT packet without a comma after the namespace ends the session", received(func(c client, text string) bool {
			broken := strings.HasPrefix(text, "1/") && !strings.Contains(text, ",")
			if broken {
				c.Abort()
			}
			return broken
		})},
		Fault{"disconnect/payload-ignored", "a DISCONNECT packet may have a payload", ignored(`^1(/[^,]*,)?[\[{"]`)},
		Fault{"disconnect/not-joined-ignored", "a DISCONNECT packet for a namespace that the client has not joined is not noticed", tolerated(func(_ client, p pkt, v reference.Violation) bool {
			return v == reference.NotConnected && p.Type == packet.Disconnect
		})},
		Fault{"disconnect/packets-afterwards-ignored", "packets for a namespace that the client has left are not noticed", fresh(func() apply {
			left := leaving()
			return all(left.apply, tolerated(func(c client, p pkt, v reference.Violation) bool {
				return v == reference.NotConnected && left.has(c, p.Namespace)
			}))
		})},
		Fault{"disconnect/return-refused", "a client cannot join a namespace again that it has left", fresh(func() apply {
			left := leaving()
			return all(packetsIn(func(c client, p pkt) []pkt {
				if p.Type == packet.Connect && left.has(c, p.Namespace) {
					pass(c, &packet.Packet{Type: packet.ConnectError, Namespace: p.Namespace, Data: []value{raw(`{"message":"already left"}`)}})
					return nil
				}
				left.note(c, p)
				return []pkt{p}
			}))
		})},

		Fault{"disconnect/server-silent", "a client that the server takes out of a namespace is not told", dropped(func(_ client, p pkt) bool { return p.Type == packet.Disconnect })},
		Fault{"disconnect/server-leaves-out-the-namespace", "a client that the server takes out of a custom namespace is told that it left the main one", sent(packet.Disconnect, func(p pkt) { p.Namespace = "/" })},
		Fault{"disconnect/server-gives-a-reason", "the server's DISCONNECT packet has a payload", sent(packet.Disconnect, func(p pkt) { p.Data = []value{of(map[string]any{"reason": byServer})} })},
		Fault{"disconnect/server-always-closes", "a client that the server takes out of one namespace loses its session", closing(func(p pkt) bool { return p.Type == packet.Disconnect })},
		Fault{"disconnect/server-never-closes", "the server cannot end a session, only take a client out of a namespace", packetsIn(func(_ client, p pkt) []pkt {
			if isEventPacket(p) && p.Name() == "leave" {
				p.Data = []value{p.Data[0], of(false)}
			}
			return []pkt{p}
		})},
		Fault{"disconnect/server-closes-untold", "a session that the server ends is closed without DISCONNECT packets", packetsIn(func(c client, p pkt) []pkt {
			if isEventPacket(p) && p.Name() == "leave" && len(p.Data) > 1 && p.Data[1].String() == `true` {
				c.Abort()
				return nil
			}
			return []pkt{p}
		})},

		Fault{"disconnect/client-reason-of-the-transport", "a client that leaves a namespace counts as one whose transport closed", ended(byClient, func(string) []string { return []string{"transport close"} })},
		Fault{"disconnect/server-reason-of-the-client", "a client that the server takes out counts as one that left by itself", ended(byServer, func(string) []string { return []string{byClient} })},
		Fault{"disconnect/transport-reason-of-the-client", "a client whose transport closed counts as one that left by itself", ended("transport close", func(string) []string { return []string{byClient} })},
		Fault{"disconnect/broken-packet-reason-of-the-transport", "a client that sent what is no packet counts as one whose transport closed", ended("parse error", func(string) []string { return []string{"transport close"} })},
		Fault{"disconnect/reason-missing", "disconnect events have no reason", ended("", func(string) []string { return []string{""} })},
		Fault{"disconnect/client-unnoticed", "the application does not learn that a client left a namespace", ended(byClient, func(string) []string { return nil })},
		Fault{"disconnect/server-unnoticed", "the application does not learn that a client was taken out of a namespace", ended(byServer, func(string) []string { return nil })},
		Fault{"disconnect/transport-unnoticed", "the application does not learn that a client's transport closed", ended("transport close", func(string) []string { return nil })},
		Fault{"disconnect/transport-unnoticed-in-custom-namespaces", "when a transport closes, only the main namespace learns of it", func(o *application.Options) {
			o.Socket.Ended = func(s *reference.Socket, reason string) []string {
				if name := s.Namespace().Name(); reason == "transport close" && name != "/" && name != control {
					return nil
				}
				return []string{reason}
			}
		}},
		Fault{"disconnect/raised-twice", "every disconnect event is raised twice", ended("", func(reason string) []string { return []string{reason, reason} })},
	)
}

// departing lets f give the packets to act on in place of a client's DISCONNECT packet.
func departing(f func(client, pkt) []pkt) apply {
	return packetsIn(func(c client, p pkt) []pkt {
		if p.Type == packet.Disconnect {
			return f(c, p)
		}
		return []pkt{p}
	})
}

// ended lets f give the reasons to raise in place of one; an empty reason stands for any.
func ended(of string, f func(string) []string) apply {
	return func(o *application.Options) {
		o.Socket.Ended = func(_ *reference.Socket, reason string) []string {
			if of == "" || of == reason {
				return f(reason)
			}
			return []string{reason}
		}
	}
}

// leavings remembers which namespaces a client has left.
type leavings struct{ names memory[[]string] }

func leaving() *leavings { return &leavings{} }

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
	o.Socket.Encoded = func(c client, p pkt, messages []engineio.Message) []engineio.Message {
		if departed.Match(messages[0].Data) {
			l.note(c, p)
		}
		return messages
	}
}

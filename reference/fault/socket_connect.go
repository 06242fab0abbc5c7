package fault

import (
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

func init() {
	register(
		Fault{"connect/sid-missing", "the answer to a CONNECT packet is an empty object", sent(packet.Connect, func(p pkt) { p.Data = []value{raw(`{}`)} })},
		Fault{"connect/payload-missing", "the answer to a CONNECT packet has no payload", sent(packet.Connect, func(p pkt) { p.Data = nil })},
		Fault{"connect/sid-a-number", "the sid in the answer to a CONNECT packet is a number", written(packet.Connect, `"sid":"[^"]*"`, `"sid":42`)},
		Fault{"connect/sid-under-another-key", "the answer to a CONNECT packet calls the sid id", written(packet.Connect, `"sid":`, `"id":`)},
		Fault{"connect/sid-of-the-session", "a socket has the session's sid", socketID(func(c client, _, _ string) string { return c.Session().ID() })},
		Fault{"connect/sid-for-all-namespaces", "all sockets of a session share one sid", socketID(func(c client, _, _ string) string { return derived(c.Session().ID()) })},
		Fault{"connect/sid-kept-on-reconnect", "a client that leaves a namespace and joins it again gets the same sid", socketID(func(c client, namespace, _ string) string { return derived(c.Session().ID() + namespace) })},
		Fault{"connect/sid-for-all-sessions", "all sockets of a namespace have one sid", socketID(func(_ client, namespace, _ string) string { return derived(namespace) })},
		Fault{"connect/answer-without-namespace", "the answer to a CONNECT packet leaves out the namespace", sent(packet.Connect, func(p pkt) { p.Namespace = "/" })},
		Fault{"connect/answer-names-the-main-namespace", "the answer to a CONNECT packet for the main namespace spells it out", written(packet.Connect, `^0\{`, `0/,{`)},
		Fault{"connect/answer-without-comma", "the answer to a CONNECT packet has no comma after the namespace", written(packet.Connect, `^(0/[^,]*),`, `$1`)},
		Fault{"connect/answer-after-the-first-event", "what a connection listener emits overtakes the answer to the CONNECT packet", fresh(answerLast)},
		Fault{"connect/answer-missing", "a CONNECT packet for a custom namespace is not answered", dropped(func(_ client, p pkt) bool { return p.Type == packet.Connect && p.Namespace != "/" })},
		Fault{"connect/implicit-on-open", "every session is in the main namespace as soon as it opens", all(
			func(o *application.Options) {
				o.Socket.Opened = func(c client) { c.Handle(&packet.Packet{Type: packet.Connect, Namespace: "/"}) }
			}, tolerateRepeats)},
		Fault{"connect/implicit-with-a-custom-namespace", "a client that joins a custom namespace is in the main one too", all(packetsIn(func(c client, p pkt) []pkt {
			if p.Type == packet.Connect && p.Namespace != "/" && !slices.Contains(c.Namespaces(), "/") {
				return []pkt{p, {Type: packet.Connect, Namespace: "/"}}
			}
			return []pkt{p}
		}), tolerateRepeats)},

		Fault{"connect/auth-null-without-payload", "the auth object is null where the client sent none", auth(func(_ client, v value) value {
			if v.String() == `{}` {
				return value{}
			}
			return v
		})},
		Fault{"connect/auth-dropped", "the auth object is always empty", auth(func(client, value) value { return raw(`{}`) })},
		Fault{"connect/auth-a-string", "the auth object is the JSON text that the client sent", auth(func(_ client, v value) value { return of(v.String()) })},
		Fault{"connect/auth-of-the-first-namespace", "all namespaces of a session see the auth object that came first", fresh(func() apply {
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
		})},
		Fault{"connect/auth-of-another-client", "a client without an auth object gets that of the client before", fresh(func() apply {
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
		})},
		Fault{"connect/auth-only-in-the-main-namespace", "the auth object is empty in custom namespaces", func(o *application.Options) {
			o.Socket.Auth = func(_ client, namespace string, v value) value {
				if namespace != "/" && namespace != control {
					return raw(`{}`)
				}
				return v
			}
		}},

		Fault{"connect/unknown-namespace-accepted", "every namespace exists", func(o *application.Options) { o.App.Dynamic = regexp.MustCompile(`^/`) }},
		Fault{"connect/unknown-namespace-unanswered", "a CONNECT packet for an unknown namespace is not answered", dropped(func(_ client, p pkt) bool { return isUnknown(p) })},
		Fault{"connect/unknown-namespace-closes", "a CONNECT packet for an unknown namespace ends the session", closing(isUnknown)},
		Fault{"connect/unknown-namespace-disconnects", "a CONNECT packet for an unknown namespace is answered with DISCONNECT", sent(packet.ConnectError, func(p pkt) { p.Type, p.Data = packet.Disconnect, nil })},
		Fault{"connect/unknown-namespace-joins-main", "a CONNECT packet for an unknown namespace joins the main one", func(o *application.Options) {
			o.Socket.Resolve = func(name string) string {
				if known(name) {
					return name
				}
				return "/"
			}
		}},
		Fault{"connect/refusal-a-string", "CONNECT_ERROR carries a string, as in protocol revision 4", sent(packet.ConnectError, func(p pkt) { p.Data = []value{of(messageOf(p))} })},
		Fault{"connect/refusal-of-other-text", "a refused unknown namespace is told with words of the server's own", sent(packet.ConnectError, func(p pkt) {
			if isUnknown(p) {
				p.Data = []value{raw(`{"message":"Unknown namespace"}`)}
			}
		})},
		Fault{"connect/refusal-under-another-key", "CONNECT_ERROR calls its message error", written(packet.ConnectError, `"message":`, `"error":`)},
		Fault{"connect/refusal-without-namespace", "CONNECT_ERROR leaves out the namespace", sent(packet.ConnectError, func(p pkt) { p.Namespace = "/" })},
		Fault{"connect/refusal-without-payload", "CONNECT_ERROR has no payload", sent(packet.ConnectError, func(p pkt) { p.Data = nil })},
		Fault{"connect/refusal-without-data", "CONNECT_ERROR leaves out the data of a middleware's error", sent(packet.ConnectError, func(p pkt) { p.Data = []value{of(map[string]any{"message": messageOf(p)})} })},
		Fault{"connect/refusal-hides-the-message", "CONNECT_ERROR says the same for every middleware's error", sent(packet.ConnectError, func(p pkt) {
			if !isUnknown(p) {
				p.Data = []value{raw(`{"message":"Forbidden"}`)}
			}
		})},
		Fault{"connect/refusal-closes", "a middleware's error ends the session", closing(func(p pkt) bool { return p.Type == packet.ConnectError && !isUnknown(p) })},
		Fault{"connect/refused-but-joined", "a client that a middleware refuses is told so, and joins nevertheless", middlewares(func(s *reference.Socket, refuse reference.Middleware) error {
			if err := refuse(s); err != nil {
				text, _ := packet.Encode(&packet.Packet{Type: packet.ConnectError, Namespace: s.Namespace().Name(), Data: []value{of(map[string]any{"message": err.Error()})}})
				s.Session().Send(engineio.Message{Data: text})
			}
			return nil
		})},
		Fault{"connect/middleware-error-ignored", "a middleware's error refuses nobody", middlewares(func(s *reference.Socket, refuse reference.Middleware) error {
			refuse(s)
			return nil
		})},

		Fault{"connect/duplicate-ignored", "a second CONNECT packet for a namespace is not noticed", tolerateRepeats},
		Fault{"connect/duplicate-answered", "a second CONNECT packet for a namespace is answered like the first", tolerated(func(c client, p pkt, v reference.Violation) bool {
			if v == reference.AlreadyConnected {
				pass(c, &packet.Packet{Type: packet.Connect, Namespace: p.Namespace, Data: []value{of(map[string]any{"sid": derived(c.Session().ID() + "again")})}})
			}
			return v == reference.AlreadyConnected
		})},
		Fault{"connect/error-from-a-client-ignored", "a CONNECT_ERROR packet of a client is not noticed", tolerated(func(_ client, p pkt, _ reference.Violation) bool { return p.Type == packet.ConnectError })},
		Fault{"connect/other-first-packet-ignored", "packets before the first CONNECT packet are not noticed", tolerated(func(c client, _ pkt, v reference.Violation) bool {
			return v == reference.NotConnected && len(c.Namespaces()) == 0
		})},
		Fault{"connect/payload-of-any-type", "the payload of a CONNECT packet may be of any type", malformed(func(c client, m engineio.Message, _ error) bool {
			accepted := regexp.MustCompile(`^0([\["]|null)`).Match(m.Data)
			if accepted {
				c.Handle(&packet.Packet{Type: packet.Connect, Namespace: "/"})
			}
			return accepted
		})},
		Fault{"connect/broken-payload-ignored", "a CONNECT packet with broken JSON is not noticed", ignored(`^0\{`)},
		Fault{"connect/comma-demanded", "a CONNECT packet without a comma after the namespace is not answered", received(func(_ client, text string) bool { return strings.HasPrefix(text, "0/") && !strings.Contains(text, ",") })},
		Fault{"connect/query-cut-off", "a namespace name ends at a question mark", packetsIn(func(_ client, p pkt) []pkt {
			p.Namespace, _, _ = strings.Cut(p.Namespace, "?")
			return []pkt{p}
		})},
		Fault{"connect/case-ignored", "namespace names are in lower case whatever the client writes", packetsIn(func(_ client, p pkt) []pkt {
			p.Namespace = strings.ToLower(p.Namespace)
			return []pkt{p}
		})},
		Fault{"connect/explicit-main-namespace-refused", "the main namespace cannot be named", func(o *application.Options) {
			o.Socket.Received = func(c client, m engineio.Message) []engineio.Message {
				if !m.Binary && strings.HasPrefix(string(m.Data), "0/,") {
					c.Session().Send(engineio.Message{Data: []byte(`4/,{"message":"Invalid namespace"}`)})
					return nil
				}
				return []engineio.Message{m}
			}
		}},
		Fault{"connect/one-namespace-only", "joining a namespace leaves the one that was joined before", packetsIn(func(c client, p pkt) []pkt {
			packets := []pkt{p}
			if p.Type == packet.Connect {
				for _, name := range slices.DeleteFunc(c.Namespaces(), func(name string) bool { return name == control }) {
					packets = append(packets, &packet.Packet{Type: packet.Disconnect, Namespace: name})
				}
			}
			return packets
		})},

		Fault{"connect/timeout-missing", "a session may stay for ever without joining a namespace", connectTimeout(func(time.Duration) time.Duration { return time.Hour })},
		Fault{"connect/timeout-late", "a session may stay three times as long as it should without joining a namespace", connectTimeout(func(d time.Duration) time.Duration { return 3 * d })},
		Fault{"connect/timeout-early", "a session may stay a third of the time that it should without joining a namespace", connectTimeout(func(d time.Duration) time.Duration { return d / 3 })},
		Fault{"connect/timeout-goes-on", "the connect timeout ends sessions that have joined a namespace", func(o *application.Options) {
			o.Socket.KeepConnectTimer = func(namespace string) bool { return namespace != control }
		}},
		Fault{"connect/timeout-ended-by-a-refusal", "a refused CONNECT packet stops the connect timeout", packetsOut(func(c client, p pkt) []pkt {
			if p.Type == packet.ConnectError {
				c.Disarm()
			}
			return []pkt{p}
		})},
	)
}

func socketID(f func(c client, namespace, id string) string) apply {
	return func(o *application.Options) {
		o.Socket.SocketID = func(c client, namespace, id string) string {
			if namespace == control {
				return id
			}
			return f(c, namespace, id)
		}
	}
}

// derived gives 20 characters that depend on the text only.
func derived(text string) string {
	hash := fnv.New64a()
	hash.Write([]byte(text))
	digits := strconv.FormatUint(hash.Sum64(), 36)
	return strings.Repeat("0", 20-len(digits)) + digits
}

func auth(f func(client, value) value) apply {
	return func(o *application.Options) {
		o.Socket.Auth = func(c client, namespace string, v value) value {
			if namespace == control {
				return v
			}
			return f(c, v)
		}
	}
}

func middlewares(f func(*reference.Socket, reference.Middleware) error) apply {
	return func(o *application.Options) {
		o.Socket.Middlewares = func(_ *reference.Socket, list []reference.Middleware) []reference.Middleware {
			changed := make([]reference.Middleware, len(list))
			for i, middleware := range list {
				changed[i] = func(s *reference.Socket) error { return f(s, middleware) }
			}
			return changed
		}
	}
}

func connectTimeout(f func(time.Duration) time.Duration) apply {
	return func(o *application.Options) { o.Socket.ConnectTimeout = f }
}

// tolerateRepeats lets a client join twice without an answer.
var tolerateRepeats = tolerated(func(_ client, _ pkt, v reference.Violation) bool { return v == reference.AlreadyConnected })

// closing ends the session after a packet that f says true to.
func closing(f func(pkt) bool) apply {
	return encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
		if f(p) {
			c.Session().Send(messages...)
			c.Session().Close()
			return nil
		}
		return messages
	})
}

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

func known(name string) bool {
	return name == "/" || name == "/custom" || name == control || isDynamic(name)
}

func isUnknown(p pkt) bool {
	return p.Type == packet.ConnectError && messageOf(p) == "Invalid namespace"
}

func messageOf(p pkt) string {
	var payload struct{ Message string }
	if len(p.Data) > 0 {
		p.Data[0].Decode(&payload)
	}
	return payload.Message
}

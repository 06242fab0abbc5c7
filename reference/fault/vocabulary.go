package fault

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sync"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

type (
	client = *reference.Client
	pkt    = *packet.Packet
	value  = packet.Value
	apply  = func(*application.Options)
)

// control is the namespace that makes the server observable. Faults leave it alone, so that their effects can be observed.
const control = "/conformance"

// engine makes a fault of the Engine.IO server.
func engine(change func(*engineio.Rules)) apply { return override.Engine(change) }

// socketIO makes a fault of the Socket.IO server.
func socketIO(change func(*reference.Rules)) apply { return override.SocketIO(change) }

// app makes a fault of the application.
func app(change func(*application.Rules)) apply { return override.Application(change) }

// all applies several changes.
func all(applies ...apply) apply {
	return func(o *application.Options) {
		for _, apply := range applies {
			apply(o)
		}
	}
}

// fresh creates a fault's state anew for each server or cluster.
func fresh(f func() apply) apply { return func(o *application.Options) { f()(o) } }

// calls makes a fault that changes how often a header hook is called.
func calls(hook engineio.Hook, times func(on engineio.Occasion, usual int) int) apply {
	return engine(func(rules *engineio.Rules) {
		rules.Headers = override.Hooks(rules.Headers, hook, func(_ *http.Request, on engineio.Occasion, usual int) int { return times(on, usual) })
	})
}

// queries makes a fault that changes the query of each request before the server reads it.
func queries(change func(*http.Request, url.Values)) apply {
	return engine(func(rules *engineio.Rules) { rules.Requests = override.Query(rules.Requests, change) })
}

// hooked makes a fault that changes the headers of responses after their hooks have been called.
func hooked(change func(*http.Request, engineio.Occasion, http.Header)) apply {
	return engine(func(rules *engineio.Rules) { rules.Headers = override.Hooked(rules.Headers, change) })
}

// inOpenPacket makes a fault that changes the fields of open packets over one transport; "" stands for both.
func inOpenPacket(transport string, change func(fields map[string]any)) apply {
	return engine(func(rules *engineio.Rules) {
		rules.Handshake = override.OpenPacket(rules.Handshake, func(_ *engineio.Session, over, text string) engineio.Packet {
			if transport == "" || transport == over {
				fields := map[string]any{}
				_ = json.Unmarshal([]byte(text), &fields)
				change(fields)
				changed, _ := json.Marshal(fields)
				text = string(changed)
			}
			return engineio.Packet{Type: engineio.Open, Data: []byte(text)}
		})
	})
}

// inVerification makes a fault that changes how requests are verified.
func inVerification(verified func(r *http.Request, q url.Values, refusal *engineio.Refusal) *engineio.Refusal) apply {
	return engine(func(rules *engineio.Rules) { rules.Requests = override.Verify(rules.Requests, verified) })
}

// inRefusals makes a fault that changes the refusals with a code; -1 stands for all.
func inRefusals(code int, change func(*engineio.Refusal)) apply {
	return inVerification(func(_ *http.Request, _ url.Values, refusal *engineio.Refusal) *engineio.Refusal {
		if refusal != nil && (code < 0 || refusal.Code == code) {
			copied := *refusal
			change(&copied)
			return &copied
		}
		return refusal
	})
}

// inAnswers makes a fault that changes the answers of one kind over plain HTTP.
func inAnswers(kind engineio.Occasion, change func(*http.Request, *engineio.Answer)) apply {
	return engine(func(rules *engineio.Rules) {
		rules.Headers = override.Answer(rules.Headers, func(r *http.Request, a *engineio.Answer) {
			if a.On == kind {
				change(r, a)
			}
		})
	})
}

// answers makes a fault that changes the answers over plain HTTP.
func answers(change func(*http.Request, *engineio.Answer)) apply {
	return engine(func(rules *engineio.Rules) { rules.Headers = override.Answer(rules.Headers, change) })
}

// inEvents makes a fault that changes which connection errors are raised.
func inEvents(raise func(engineio.ConnectionError) []engineio.ConnectionError) apply {
	return engine(func(rules *engineio.Rules) { rules.Errors = override.Raised(rules.Errors, raise) })
}

// outgoing makes a fault that changes the packets to be sent over a transport; "" stands for both.
func outgoing(transport string, change func(*engineio.Session, []engineio.Packet) []engineio.Packet) apply {
	return engine(func(rules *engineio.Rules) {
		rules.Session = override.Outgoing(rules.Session, func(s *engineio.Session, over string, packets []engineio.Packet) []engineio.Packet {
			if transport == "" || transport == over {
				return change(s, packets)
			}
			return packets
		})
	})
}

// incoming makes a fault that changes the packets that came over a transport; "" stands for both.
func incoming(transport string, change func(*engineio.Session, []engineio.Packet) []engineio.Packet) apply {
	return engine(func(rules *engineio.Rules) {
		rules.Session = override.Incoming(rules.Session, func(s *engineio.Session, over string, packets []engineio.Packet) []engineio.Packet {
			if transport == "" || transport == over {
				return change(s, packets)
			}
			return packets
		})
	})
}

// sessions remembers which sessions were opened, and reports whether a query names one of them.
func sessions(rules *engineio.Rules) func(url.Values) bool {
	var opened sync.Map
	rules.Handshake = override.OpenPacket(rules.Handshake, func(s *engineio.Session, _, text string) engineio.Packet {
		opened.Store(s.ID(), true)
		return engineio.Packet{Type: engineio.Open, Data: []byte(text)}
	})
	return func(q url.Values) bool {
		_, ok := opened.Load(q.Get("sid"))
		return ok
	}
}

// joining treats an unreadable packet that matches the pattern as a CONNECT to the main namespace.
func joining(pattern string) apply {
	compiled := regexp.MustCompile(pattern)
	return malformed(func(c client, m engineio.Message, _ error) bool {
		accepted := compiled.Match(m.Data)
		if accepted {
			c.Handle(&packet.Packet{Type: packet.Connect, Namespace: "/"})
		}
		return accepted
	})
}

// socketID lets f choose the IDs of sockets.
func socketID(f func(c client, namespace, id string) string) apply {
	return socketIO(func(rules *reference.Rules) {
		rules.Connect = override.SocketID(rules.Connect, func(c client, namespace, id string) string {
			if namespace == control {
				return id
			}
			return f(c, namespace, id)
		})
	})
}

// auth lets f choose the auth objects of clients.
func auth(f func(client, value) value) apply {
	return socketIO(func(rules *reference.Rules) {
		rules.Connect = override.Auth(rules.Connect, func(c client, namespace string, v value) value {
			if namespace == control {
				return v
			}
			return f(c, v)
		})
	})
}

// middlewares calls f in place of each middleware.
func middlewares(f func(*reference.Socket, reference.Middleware) error) apply {
	return socketIO(func(rules *reference.Rules) {
		rules.Connect = override.Middlewares(rules.Connect, func(_ *reference.Socket, list []reference.Middleware) []reference.Middleware {
			changed := make([]reference.Middleware, len(list))
			for i, middleware := range list {
				changed[i] = func(s *reference.Socket) error { return f(s, middleware) }
			}
			return changed
		})
	})
}

// closing ends the session after a packet for which f returns true.
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

// aborting ends the session after a text that matches the pattern.
func aborting(pattern string) apply {
	compiled := regexp.MustCompile(pattern)
	return received(func(c client, text string) bool {
		matches := compiled.MatchString(text)
		if matches {
			c.Abort()
		}
		return matches
	})
}

// attachments applies f to the messages of packets that have attachments.
func attachments(f func([]engineio.Message) []engineio.Message) apply {
	return encoded(func(_ client, _ pkt, messages []engineio.Message) []engineio.Message {
		if len(messages) < 2 {
			return messages
		}
		return f(messages)
	})
}

// attachment applies f to each attachment.
func attachment(f func([]byte) []byte) apply {
	return attachments(func(messages []engineio.Message) []engineio.Message {
		for i := range messages[1:] {
			messages[i+1].Data = f(messages[i+1].Data)
		}
		return messages
	})
}

// argumentsIn applies f to the arguments that listeners get.
func argumentsIn(f func([]value) []value) apply {
	return receives(func(l *link, p []value, acknowledge func(value)) {
		l.receiver.HandleServerSideEvent(append(p[:1:1], f(p[1:])...), acknowledge)
	})
}

// outcomes lets f choose the outcomes that a callback of serverSideEmit gets.
func outcomes(f func(application.Outcome) []application.Outcome) apply {
	return app(func(rules *application.Rules) { rules.Control = override.Outcomes(rules.Control, f) })
}

// answered applies f to a server's answers.
func answered(f func(value) value) apply {
	return receives(func(l *link, p []value, acknowledge func(value)) {
		if acknowledge != nil {
			answer := acknowledge
			acknowledge = func(v value) { answer(f(v)) }
		}
		l.receiver.HandleServerSideEvent(p, acknowledge)
	})
}

// received drops the texts for which f returns true.
func received(f func(client, string) bool) apply {
	return socketIO(func(rules *reference.Rules) {
		rules.Packets = override.Received(rules.Packets, func(c client, m engineio.Message) []engineio.Message {
			if !m.Binary && f(c, string(m.Data)) {
				return nil
			}
			return []engineio.Message{m}
		})
	})
}

// packetsIn replaces each packet that came with those that f returns.
func packetsIn(f func(client, pkt) []pkt) apply {
	return socketIO(func(rules *reference.Rules) {
		rules.Packets = override.PacketsIn(rules.Packets, func(c client, p pkt) []pkt {
			if p.Namespace == control {
				return []pkt{p}
			}
			return f(c, p)
		})
	})
}

// packetsOut replaces each packet to send with those that f returns. f gets a copy.
func packetsOut(f func(client, pkt) []pkt) apply {
	return socketIO(func(rules *reference.Rules) {
		rules.Packets = override.PacketsOut(rules.Packets, func(c client, p pkt) []pkt {
			if p.Namespace == control {
				return []pkt{p}
			}
			copied := *p
			copied.Data = slices.Clone(p.Data)
			return f(c, &copied)
		})
	})
}

// sent applies f to the packets of one type that the server sends.
func sent(kind packet.Type, f func(pkt)) apply {
	return packetsOut(func(_ client, p pkt) []pkt {
		if p.Type == kind {
			f(p)
		}
		return []pkt{p}
	})
}

// dropped drops the packets for which f returns true before they are sent.
func dropped(f func(client, pkt) bool) apply {
	return packetsOut(func(c client, p pkt) []pkt {
		if f(c, p) {
			return nil
		}
		return []pkt{p}
	})
}

// sentEvents applies f to the events that the server sends, except the one that greets a client.
func sentEvents(f func(pkt)) apply {
	return sent(packet.Event, func(p pkt) {
		if p.Name() != "auth" {
			f(p)
		}
	})
}

// sentValues applies f to every value within the arguments of the events that the server sends, innermost first.
func sentValues(f func(any) any) apply {
	return sentEvents(func(p pkt) { p.Data = append(p.Data[:1:1], eachValue(p.Data[1:], f)...) })
}

// encoded replaces the messages of each packet with those that f returns.
func encoded(f func(client, pkt, []engineio.Message) []engineio.Message) apply {
	return socketIO(func(rules *reference.Rules) {
		rules.Packets = override.Encode(rules.Packets, func(c client, p pkt, messages []engineio.Message) []engineio.Message {
			if p.Namespace == control {
				return messages
			}
			return f(c, p, messages)
		})
	})
}

// written replaces what matches the pattern in the text of packets of one type.
func written(kind packet.Type, pattern, replacement string) apply {
	compiled := regexp.MustCompile(pattern)
	return encoded(func(_ client, p pkt, messages []engineio.Message) []engineio.Message {
		if p.Type == kind {
			messages[0].Data = compiled.ReplaceAll(messages[0].Data, []byte(replacement))
		}
		return messages
	})
}

// tolerated lets the session go on after a packet for which f returns true.
func tolerated(f func(client, pkt, reference.Violation) bool) apply {
	return socketIO(func(rules *reference.Rules) { rules.Packets = override.ForgivePacket(rules.Packets, f) })
}

// ignored lets the session go on after an invalid packet that matches the pattern.
func ignored(pattern string) apply {
	compiled := regexp.MustCompile(pattern)
	return malformed(func(_ client, message engineio.Message, _ error) bool {
		return !message.Binary && compiled.Match(message.Data)
	})
}

// malformed lets the session go on after a message for which f returns true.
func malformed(f func(client, engineio.Message, error) bool) apply {
	return socketIO(func(rules *reference.Rules) { rules.Packets = override.ForgiveMessage(rules.Packets, f) })
}

// announced lets f decide when the listeners for new namespaces are called.
func announced(f func(reference.Cause, *reference.Namespace, func())) apply {
	return socketIO(func(rules *reference.Rules) { rules.Namespaces = override.Announce(rules.Namespaces, f) })
}

// resolved lets f choose the name of the namespace that a client gets.
func resolved(f func(string) string) apply {
	return socketIO(func(rules *reference.Rules) { rules.Namespaces = override.Resolve(rules.Namespaces, f) })
}

// middlewareLists lets f choose the middlewares that run for a socket.
func middlewareLists(f func(*reference.Socket, []reference.Middleware) []reference.Middleware) apply {
	return socketIO(func(rules *reference.Rules) { rules.Connect = override.Middlewares(rules.Connect, f) })
}

// records replaces each record with those that f returns.
func records(f func(application.Entry) []application.Entry) apply {
	return app(func(rules *application.Rules) {
		rules.Records = override.Record(rules.Records, func(_ string, e application.Entry) []application.Entry { return f(e) })
	})
}

// emptied announces a dynamic namespace again after all clients had left it.
func emptied() apply {
	var mu sync.Mutex
	inside, before := map[string]int{}, map[string]bool{}
	return records(func(e application.Entry) []application.Entry {
		mu.Lock()
		defer mu.Unlock()
		name, _ := e.Fields["namespace"].(string)
		switch {
		case !isDynamic(name):
		case e.Type == "connection":
			inside[name]++
			if again := before[name] && inside[name] == 1; again {
				return []application.Entry{announcement(name), e}
			}
			before[name] = true
		case e.Type == "disconnect":
			inside[name]--
		}
		return []application.Entry{e}
	})
}

// asked lets f choose the name of the namespace that a client asks for, on the wire and in the server.
func asked(f func(string) string) apply {
	return packetsIn(func(_ client, p pkt) []pkt {
		p.Namespace = f(p.Namespace)
		return []pkt{p}
	})
}

// deeperThan ends the session if a text has more than that many levels, and returns true in that case.
func deeperThan(most int) func(client, string) bool {
	return func(c client, text string) bool {
		deep := levels(text) > most
		if deep {
			c.Abort()
		}
		return deep
	}
}

package fault

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// control is the namespace that makes the server visible. Faults leave it alone, so that what they do is seen.
const control = "/conformance"

type (
	client = *reference.Client
	pkt    = *packet.Packet
	value  = packet.Value
	apply  = func(*application.Options)
)

// received does not let in the texts that f says true to.
func received(f func(client, string) bool) apply {
	return func(o *application.Options) {
		o.Socket.Received = func(c client, m engineio.Message) []engineio.Message {
			if !m.Binary && f(c, string(m.Data)) {
				return nil
			}
			return []engineio.Message{m}
		}
	}
}

// packetsIn lets f give the packets to act on in place of one that came.
func packetsIn(f func(client, pkt) []pkt) apply {
	return func(o *application.Options) {
		o.Socket.Incoming = func(c client, p pkt) []pkt {
			if p.Namespace == control {
				return []pkt{p}
			}
			return f(c, p)
		}
	}
}

// packetsOut lets f give the packets to send in place of a copy of one.
func packetsOut(f func(client, pkt) []pkt) apply {
	return func(o *application.Options) {
		o.Socket.Outgoing = func(c client, p pkt) []pkt {
			if p.Namespace == control {
				return []pkt{p}
			}
			copied := *p
			copied.Data = slices.Clone(p.Data)
			return f(c, &copied)
		}
	}
}

// sent lets f change the packets of one type that the server sends.
func sent(kind packet.Type, f func(pkt)) apply {
	return packetsOut(func(_ client, p pkt) []pkt {
		if p.Type == kind {
			f(p)
		}
		return []pkt{p}
	})
}

// dropped keeps the packets from being sent that f says true to.
func dropped(f func(client, pkt) bool) apply {
	return packetsOut(func(c client, p pkt) []pkt {
		if f(c, p) {
			return nil
		}
		return []pkt{p}
	})
}

// sentEvents lets f change the events that the server sends, apart from the one that greets a client.
func sentEvents(f func(pkt)) apply {
	return sent(packet.Event, func(p pkt) {
		if p.Name() != "auth" {
			f(p)
		}
	})
}

// sentValues lets f change every value within the arguments of the events that the server sends, from the inside out.
func sentValues(f func(any) any) apply {
	return sentEvents(func(p pkt) { p.Data = append(p.Data[:1:1], eachValue(p.Data[1:], f)...) })
}

// encoded lets f give the messages in place of those of one packet.
func encoded(f func(client, pkt, []engineio.Message) []engineio.Message) apply {
	return func(o *application.Options) {
		o.Socket.Encoded = func(c client, p pkt, messages []engineio.Message) []engineio.Message {
			if p.Namespace == control {
				return messages
			}
			return f(c, p, messages)
		}
	}
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

// tolerated lets the session go on after a packet that f says true to.
func tolerated(f func(client, pkt, reference.Violation) bool) apply {
	return func(o *application.Options) { o.Socket.Violation = f }
}

// ignored lets the session go on after a text that is no packet and matches the pattern.
func ignored(pattern string) apply {
	compiled := regexp.MustCompile(pattern)
	return malformed(func(_ client, message engineio.Message, _ error) bool {
		return !message.Binary && compiled.Match(message.Data)
	})
}

// malformed lets the session go on after a message that f says true to.
func malformed(f func(client, engineio.Message, error) bool) apply {
	return func(o *application.Options) { o.Socket.Malformed = f }
}

// all applies several.
func all(applies ...apply) apply {
	return func(o *application.Options) {
		for _, apply := range applies {
			apply(o)
		}
	}
}

// fresh makes a fault's memory anew for each server or cluster.
func fresh(f func() apply) apply { return func(o *application.Options) { f()(o) } }

// memory keeps something for each client.
type memory[V any] struct {
	mu     sync.Mutex
	values map[string]V
}

// of lets f look at and change what is kept for a client.
func (m *memory[V]) of(c client, f func(*V)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[string]V{}
	}
	v := m.values[c.Session().ID()]
	f(&v)
	m.values[c.Session().ID()] = v
}

// eachValue lets f change every value within the arguments. Those with attachments stay as they are.
func eachValue(args []value, f func(any) any) []value {
	changed := slices.Clone(args)
	for i, arg := range args {
		if len(arg.Attachments()) > 0 {
			continue
		}
		text, _ := arg.MarshalJSON()
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		var tree any
		if decoder.Decode(&tree) != nil {
			continue
		}
		if v, err := packet.Of(walk(tree, f)); err == nil {
			changed[i] = v
		}
	}
	return changed
}

func walk(tree any, f func(any) any) any {
	switch tree := tree.(type) {
	case []any:
		for i := range tree {
			tree[i] = walk(tree[i], f)
		}
	case map[string]any:
		for key := range tree {
			tree[key] = walk(tree[key], f)
		}
	}
	return f(tree)
}

// eachString lets f change every string.
func eachString(f func(string) string) func(any) any {
	return func(v any) any {
		if s, ok := v.(string); ok {
			return f(s)
		}
		return v
	}
}

// eachNumber lets f change every number.
func eachNumber(f func(json.Number) any) func(any) any {
	return func(v any) any {
		if n, ok := v.(json.Number); ok {
			return f(n)
		}
		return v
	}
}

// eachRune lets f give the text of every character.
func eachRune(f func(rune) string) func(any) any {
	return eachString(func(s string) string {
		var text strings.Builder
		for _, r := range s {
			text.WriteString(f(r))
		}
		return text.String()
	})
}

func of(v any) value {
	encoded, err := packet.Of(v)
	if err != nil {
		panic(err)
	}
	return encoded
}

func raw(text string) value { return packet.Raw([]byte(text)) }

func isEventPacket(p pkt) bool { return p.Type == packet.Event || p.Type == packet.BinaryEvent }

func isAck(p pkt) bool { return p.Type == packet.Ack || p.Type == packet.BinaryAck }

func isDynamic(name string) bool { return strings.HasPrefix(name, "/dynamic-") }

// pass encodes a packet and sends it past all departures.
func pass(c client, p pkt) {
	text, attachments := packet.Encode(p)
	messages := []engineio.Message{{Data: text}}
	for _, attachment := range attachments {
		messages = append(messages, engineio.Message{Data: attachment, Binary: true})
	}
	c.Session().Send(messages...)
}

package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

func onPolling(f func([]byte) []byte) func(string, []byte) []byte {
	return func(transport string, body []byte) []byte {
		if transport == engineio.Polling {
			return f(body)
		}
		return body
	}
}

func standard(code int) string {
	messages := []string{"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version"}
	return messages[code]
}

// derived returns 20 characters that depend on the text only.
func derived(text string) string {
	hash := fnv.New64a()
	hash.Write([]byte(text))
	digits := strconv.FormatUint(hash.Sum64(), 36)
	return strings.Repeat("0", 20-len(digits)) + digits
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

// withoutAcks drops a client's acknowledgements for which f returns true.
func withoutAcks(f func(pkt) bool) func(client, pkt) []pkt {
	return func(_ client, p pkt) []pkt {
		if isAck(p) && f(p) {
			return nil
		}
		return []pkt{p}
	}
}

// spread returns the elements of the only value if that is an array.
func spread(values []value) []value {
	if len(values) == 1 {
		if elements, err := values[0].Elements(); err == nil && len(values[0].Attachments()) == 0 {
			return elements
		}
	}
	return values
}

func empty(v value) bool {
	switch v.String() {
	case `null`, `false`, `0`, `""`:
		return true
	}
	return false
}

// mapped applies change to each packet.
func mapped(change func(engineio.Packet) engineio.Packet) func(*engineio.Session, []engineio.Packet) []engineio.Packet {
	return func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
		var all []engineio.Packet
		for _, p := range packets {
			all = append(all, change(p))
		}
		return all
	}
}

// without drops the packets for which drop returns true.
func without(drop func(engineio.Packet) bool) func(*engineio.Session, []engineio.Packet) []engineio.Packet {
	return func(_ *engineio.Session, packets []engineio.Packet) []engineio.Packet {
		var all []engineio.Packet
		for _, p := range packets {
			if !drop(p) {
				all = append(all, p)
			}
		}
		return all
	}
}

// perSession keeps a value for each session.
type perSession[V any] struct{ all sync.Map }

func (m *perSession[V]) of(s *engineio.Session) *V {
	v, _ := m.all.LoadOrStore(s.ID(), new(V))
	return v.(*V)
}

func isEvent(p engineio.Packet) bool {
	return p.Type == engineio.Text && !p.Binary && bytes.HasPrefix(p.Data, []byte("2"))
}

func isMessage(p engineio.Packet) bool { return p.Type == engineio.Text }

func refused(code int, key string, value any) *engineio.Refusal {
	return &engineio.Refusal{Code: code, Context: map[string]any{key: value}}
}

// reading is a Read method as a function.
type reading func([]byte) (int, error)

func (f reading) Read(b []byte) (int, error) { return f(b) }

// objectMembers are names of members that every JavaScript object has: a server that keeps its transports or sessions in a
// plain object finds them there.
var objectMembers = []string{"constructor", "__proto__", "toString", "hasOwnProperty"}

// asText returns a value with base64 strings instead of attachments.
func asText(v value) value {
	text, _ := v.MarshalJSON()
	return packet.Raw(text)
}

// wait waits for d, or until ctx is done.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// memory keeps a value for each client.
type memory[V any] struct {
	mu     sync.Mutex
	values map[string]V
}

// of calls f with the value kept for a client, which f may change.
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

// eachValue applies f to every value within the arguments. Arguments with attachments stay unchanged.
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

// eachString applies f to every string.
func eachString(f func(string) string) func(any) any {
	return func(v any) any {
		if s, ok := v.(string); ok {
			return f(s)
		}
		return v
	}
}

// eachNumber applies f to every number.
func eachNumber(f func(json.Number) any) func(any) any {
	return func(v any) any {
		if n, ok := v.(json.Number); ok {
			return f(n)
		}
		return v
	}
}

// eachRune replaces every character with the text that f returns.
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

// pass encodes a packet and sends it without applying the rules.
func pass(c client, p pkt) {
	text, attachments := packet.Encode(p)
	messages := []engineio.Message{{Data: text}}
	for _, attachment := range attachments {
		messages = append(messages, engineio.Message{Data: attachment, Binary: true})
	}
	c.Session().Send(messages...)
}

// wasUpgraded reports whether a session began over polling and is now on WebSocket.
func wasUpgraded(c client) bool {
	return c.Session().Transport() == engineio.WebSocket && c.Session().Request().URL.Query().Get("transport") == engineio.Polling
}

func announcement(name string) application.Entry {
	return application.Entry{Type: "new_namespace", Fields: map[string]any{"name": name}}
}

// countedAsArray returns the values of an object whose keys are "0", "1" and so on.
func countedAsArray(v any) any {
	object, _ := v.(map[string]any)
	var list []any
	for i := range len(object) {
		element, found := object[strconv.Itoa(i)]
		if !found {
			return v
		}
		list = append(list, element)
	}
	if len(list) == 0 {
		return v
	}
	return list
}

func withoutMilliseconds(s string) string {
	if at, err := time.Parse("2006-01-02T15:04:05.000Z", s); err == nil {
		return at.Format(time.RFC3339)
	}
	return s
}

// levels counts how deeply the arrays and objects of a text are nested.
func levels(text string) (deepest int) {
	depth := 0
	for _, r := range text {
		switch r {
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth--
		}
	}
	return deepest
}

// cutAttachments removes the last byte of attachments of 64 KiB.
func cutAttachments(messages []engineio.Message) {
	for i := range messages {
		if i > 0 && len(messages[i].Data) == 65536 {
			messages[i].Data = slices.Clone(messages[i].Data[:65535])
		}
	}
}

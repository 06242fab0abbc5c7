package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.test/conformance/suite/protocol"
)

// Emit is a server-side emit that crossed the broker of the targets' cluster.
type Emit struct {
	Namespace string
	Event     string
	Args      json.RawMessage   // a JSON array, without the acknowledgement
	Ack       bool              // an acknowledgement was asked for
	Answers   []json.RawMessage // that have crossed so far
}

// Broker shows what crosses the broker of the targets' cluster. It listens there without being one of the servers.
type Broker interface {
	// Emits returns the emits that have crossed since the run began, up to this moment, always in the same order. The error
	// says why some may be missing.
	Emits(context.Context) ([]Emit, error)
}

// claim is a server-side emit that the application says it made, and what its callback got.
type claim struct {
	Namespace string          `json:"namespace"`
	Event     string          `json:"event"`
	Args      json.RawMessage `json:"args"`
	Ack       bool            `json:"ack"`

	answer struct {
		Thrown    *string           `json:"thrown"`
		Error     *string           `json:"error"`
		Responses []json.RawMessage `json:"responses"`
	}
	raw string
}

// claims notes a command that was answered. For every command but an emit, only the application's word shows what it did.
func (e *execution) claims(event string, arguments, answer []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if event == "info" || event == "flush" {
		return
	}
	c := claim{raw: fmt.Sprintf("%s, answered by %s", protocol.Clip(string(arguments), 200), protocol.Clip(string(answer), 200))}
	if event != "server_side_emit" || json.Unmarshal(arguments, &c) != nil || json.Unmarshal(answer, &c.answer) != nil || c.answer.Thrown != nil || len(e.claimed) >= mostClaims {
		e.word = true
		return
	}
	e.claimed = append(e.claimed, c)
}

// mostClaims is how many claims of one case are kept.
const mostClaims = 5000

// crossings indexes the emits that crossed the broker by their content.
type crossings struct {
	broker Broker

	mu    sync.Mutex
	emits []Emit
	keys  []string
	byKey map[string][]int
}

// newCrossings returns nil if nobody listens at a broker.
func newCrossings(b Broker) *crossings {
	if b == nil {
		return nil
	}
	return &crossings{broker: b, byKey: map[string][]int{}}
}

// update fetches the emits that have crossed so far.
func (c *crossings) update(ctx context.Context) error {
	all, err := c.broker.Emits(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(all) < len(c.emits) { // another goroutine asked later
		return nil
	}
	c.emits = all
	for i := len(c.keys); i < len(all); i++ {
		key := emitKey(all[i].Namespace, all[i].Event, all[i].Args)
		c.keys = append(c.keys, key)
		c.byKey[key] = append(c.byKey[key], i)
	}
	return nil
}

// same returns the emits that equal one that the application reported.
func (c *crossings) same(namespace, event string, args json.RawMessage, ack bool) (found []Emit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range c.byKey[emitKey(namespace, event, args)] {
		if c.emits[i].Ack == ack {
			found = append(found, c.emits[i])
		}
	}
	return found
}

// with returns the emits whose arguments hold one of the words and that the application listens for.
func (c *crossings) with(words []string) (found []Emit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, key := range c.keys {
		e := c.emits[i]
		if listens(e.Namespace) && slices.Contains(contractEvents, e.Event) && holdsAny(key, words) {
			found = append(found, e)
		}
	}
	return found
}

// emitKey returns the same key for equal emits, however their JSON is written.
func emitKey(namespace, event string, args json.RawMessage) string {
	return namespace + "\n" + event + "\n" + canonical(args)
}

// canonical returns the same text for equal JSON values.
func canonical(value json.RawMessage) string {
	var decoded any
	if json.Unmarshal(value, &decoded) != nil {
		return string(value)
	}
	text, _ := json.Marshal(decoded)
	return string(text)
}

func holdsAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// contractEvents are the events that the application listens for (CONTRACT.md, section 2).
var contractEvents = []string{"hello", "ping", "whoami", "echo", "silent", "twice", "late", "only"}

// listens reports whether the application listens in a namespace.
func listens(namespace string) bool { return namespace == "/" || namespace == "/custom" }

// answeredBy reports whether one of the emits got all of the answers.
func answeredBy(same []Emit, responses []json.RawMessage) bool {
	return slices.ContainsFunc(same, func(e Emit) bool {
		left := slices.Clone(e.Answers)
		for _, one := range responses {
			i := slices.IndexFunc(left, func(a json.RawMessage) bool { return protocol.SameJSON(string(a), string(one)) })
			if i < 0 {
				return false
			}
			left = slices.Delete(left, i, i+1)
		}
		return true
	})
}

package suite

import (
	"encoding/json"
	"strings"
	"sync"

	"example.test/conformance/suite/protocol"
)

// recovery knows whether the server of a session lets its clients recover their state after a disconnection. If so, the
// answer to a CONNECT has a "pid", and the server adds an offset, a string, after the arguments of every event that asks for
// no acknowledgement (https://socket.io/docs/v4/connection-state-recovery). The offset comes from the server, not from the
// application: it is removed before a case looks. The trace shows it.
type recovery struct {
	mu      sync.Mutex
	offered map[string]bool // namespaces whose answer had a pid; true if their events carry offsets
}

// seen notes a packet as it came, and returns it without its offset.
func (r *recovery) seen(packet string) string {
	if !strings.HasPrefix(packet, "40") && !strings.HasPrefix(packet, "42") && !strings.HasPrefix(packet, "45") {
		return packet
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.offered) == 0 && !strings.HasPrefix(packet, "40") {
		return packet
	}
	p, err := protocol.ParsePacket(packet)
	if err != nil {
		return packet
	}
	if p.Type == protocol.Connect {
		var data struct{ PID string }
		if json.Unmarshal([]byte(p.Data), &data) == nil && data.PID != "" {
			if r.offered == nil {
				r.offered = map[string]bool{}
			}
			r.offered[p.Namespace] = false
		}
		return packet
	}
	carries, offered := r.offered[p.Namespace]
	name, args := p.Event()
	if !offered || p.ID != "" || len(args) == 0 || !strings.HasPrefix(string(args[len(args)-1]), `"`) {
		return packet
	}
	// The application greets each client with the first of these events, and its observers with the other. Both have one
	// argument, so that a second one is an offset.
	if (name == "auth" || name == "entry" && p.Namespace == controlNamespace) && len(args) == 2 {
		carries, r.offered[p.Namespace] = true, true
	}
	if !carries {
		return packet
	}
	var all []json.RawMessage
	_ = json.Unmarshal([]byte(p.Data), &all)
	text := make([]string, len(all)-1)
	for i := range text {
		text[i] = string(all[i])
	}
	return strings.TrimSuffix(packet, p.Data) + "[" + strings.Join(text, ",") + "]"
}

package fault

import (
	"fmt"
	"regexp"
	"slices"
	"sync"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Faults by which one client's packets touch another client.
func init() {
	register(
		Fault{"acks/answers-of-anyone", "one table holds the questions of all clients, so that any client's answer counts", fresh(func() apply {
			var mu sync.Mutex
			asked := map[string]client{}
			question := func(p pkt) string { return fmt.Sprint(p.Namespace, " ", *p.ID) }
			return all(packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.Event && p.ID != nil {
					mu.Lock()
					defer mu.Unlock()
					asked[question(p)] = c
				}
				return []pkt{p}
			}), packetsIn(func(c client, p pkt) []pkt {
				if !isAck(p) || p.ID == nil {
					return []pkt{p}
				}
				mu.Lock()
				owner := asked[question(p)]
				mu.Unlock()
				if owner == nil || owner == c {
					return []pkt{p}
				}
				owner.Handle(p)
				return nil
			}))
		})},
		Fault{"acks/answers-reach-the-main-namespace", "a client's answers are looked up in the main namespace, whichever they name", packetsIn(func(_ client, p pkt) []pkt {
			if isAck(p) {
				p.Namespace = "/"
			}
			return []pkt{p}
		})},
		Fault{"binary/one-decoder", "one decoder puts the packets of all clients together", func(o *application.Options) { oneDecoder()(o) }},
		Fault{"upgrade/only-the-main-namespace-goes-on", "an event over WebSocket of a custom namespace that was joined over polling ends the session", fresh(func() apply {
			var overPolling memory[[]string]
			return packetsIn(func(c client, p pkt) []pkt {
				lost := false
				overPolling.of(c, func(names *[]string) {
					polling := c.Session().Transport() == engineio.Polling
					if p.Type == packet.Connect && polling {
						*names = append(*names, p.Namespace)
					}
					lost = isEventPacket(p) && !polling && p.Namespace != "/" && slices.Contains(*names, p.Namespace)
				})
				if lost {
					c.Abort()
					return nil
				}
				return []pkt{p}
			})
		})},
		Fault{"robustness/broken-packet-closes-all", "a packet that cannot be read ends every session that has joined a namespace", fresh(func() apply {
			var mu sync.Mutex
			var joined []client
			return all(packetsIn(func(c client, p pkt) []pkt {
				if p.Type == packet.Connect {
					mu.Lock()
					defer mu.Unlock()
					joined = append(joined, c)
				}
				return []pkt{p}
			}), malformed(func(client, engineio.Message, error) bool {
				mu.Lock()
				everyone := joined
				joined = nil
				mu.Unlock()
				for _, c := range everyone {
					c.Abort()
				}
				return false
			}))
		})},
	)
}

// oneDecoder refuses the attachments and the packets of binary types of a session while another one's
// attachments are awaited.
func oneDecoder() apply {
	head := regexp.MustCompile(`^[56](\d+)-`)
	var mu sync.Mutex
	var owner client
	awaited := 0
	return func(o *application.Options) {
		o.Socket.Received = func(c client, m engineio.Message) []engineio.Message {
			match := head.FindSubmatch(m.Data)
			if !m.Binary && match == nil {
				return []engineio.Message{m}
			}
			mu.Lock()
			defer mu.Unlock()
			if awaited > 0 && owner != c {
				c.Abort()
				return nil
			}
			if m.Binary {
				awaited = max(awaited-1, 0)
			} else if _, err := fmt.Sscan(string(match[1]), &awaited); err != nil {
				awaited = 0
			}
			owner = c
			return []engineio.Message{m}
		}
	}
}

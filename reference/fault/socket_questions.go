package fault

import (
	"slices"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

func init() {
	register(
		Fault{"acks/binary-id-zero-missing", "acknowledgements with attachments have no id where it is 0", sent(packet.Ack, func(p pkt) {
			if p.Binary() && p.ID != nil && *p.ID == 0 {
				p.ID = nil
			}
		})},
		Fault{"acks/id-used-again-unanswered", "an event whose id the client has used before is not acknowledged", fresh(func() apply {
			var used memory[[]question]
			return dropped(func(c client, p pkt) (again bool) {
				if p.Type == packet.Ack && p.ID != nil {
					used.of(c, func(all *[]question) {
						again = slices.Contains(*all, questionOf(p))
						*all = append(*all, questionOf(p))
					})
				}
				return again
			})
		})},
		Fault{"acks/asked-with-ids-of-a-byte", "the ids of the server's questions are of one byte", sent(packet.Event, func(p pkt) {
			if p.ID != nil {
				p.ID = new(*p.ID % 256)
			}
		})},
		Fault{"acks/questions-forgotten", "the server remembers the last sixteen of its questions to a client only", remembered(func(all []question, p pkt) (bool, []question) {
			last := all[max(len(all)-16, 0):]
			return slices.Contains(last, questionOf(p)), last
		})},
		Fault{"acks/answers-to-id-zero-lost", "a client's answer to the question with the id 0 is not heard", packetsIn(withoutAcks(func(p pkt) bool { return p.ID != nil && *p.ID == 0 }))},
		Fault{"acks/binary-questions-without-id-in-custom-namespaces", "questions with attachments do not ask for an acknowledgement in custom namespaces", sent(packet.Event, func(p pkt) {
			if p.Binary() && p.Namespace != "/" {
				p.ID = nil
			}
		})},
		Fault{"acks/questions-outlive-the-socket", "a client may answer what it was asked before it left the namespace and joined it again", fresh(func() apply {
			var pending memory[[]question]
			departed := func(q question) question { q.namespace = "left " + q.namespace; return q }
			return all(packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.Event && p.ID != nil {
					pending.of(c, func(all *[]question) { *all = append(*all, questionOf(p)) })
				}
				return []pkt{p}
			}), packetsIn(func(c client, p pkt) []pkt {
				heard := false
				pending.of(c, func(all *[]question) {
					for i, q := range *all {
						if p.Type == packet.Disconnect && q.namespace == p.Namespace {
							(*all)[i] = departed(q)
						}
					}
					heard = isAck(p) && p.ID != nil && slices.Contains(*all, departed(questionOf(p)))
				})
				if heard {
					pass(c, &packet.Packet{Type: packet.Event, Namespace: p.Namespace, Data: append([]value{of("answer")}, p.Data...)})
					return nil
				}
				return []pkt{p}
			}))
		})},
		Fault{"acks/questions-forgotten-at-the-upgrade", "what a client was asked over polling it cannot answer over WebSocket", fresh(func() apply {
			var overPolling memory[[]question]
			return all(packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.Event && p.ID != nil && c.Session().Transport() == engineio.Polling {
					overPolling.of(c, func(all *[]question) { *all = append(*all, questionOf(p)) })
				}
				return []pkt{p}
			}), packetsIn(func(c client, p pkt) []pkt {
				forgotten := false
				if isAck(p) && p.ID != nil && c.Session().Transport() != engineio.Polling {
					overPolling.of(c, func(all *[]question) { forgotten = slices.Contains(*all, questionOf(p)) })
				}
				if forgotten {
					return nil
				}
				return []pkt{p}
			}))
		})},
		Fault{"acks/overtaken-by-events", "an acknowledgement leaves a moment later than the events that follow", encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
			if p.Type != packet.Ack {
				return messages
			}
			time.AfterFunc(20*time.Millisecond, func() { c.Session().Send(messages...) })
			return nil
		})},
	)
}

// question is what the server waits for an answer to.
type question struct {
	namespace string
	id        uint64
}

func questionOf(p pkt) question { return question{p.Namespace, *p.ID} }

// remembered lets in the acknowledgements of a client that f says true to, which gets the questions that it was asked
// and gives those to keep.
func remembered(f func(all []question, p pkt) (bool, []question)) apply {
	return fresh(func() apply {
		var questions memory[[]question]
		return all(packetsOut(func(c client, p pkt) []pkt {
			if p.Type == packet.Event && p.ID != nil {
				questions.of(c, func(all *[]question) { *all = append(*all, questionOf(p)) })
			}
			return []pkt{p}
		}), packetsIn(func(c client, p pkt) []pkt {
			heard := true
			if isAck(p) && p.ID != nil {
				questions.of(c, func(all *[]question) { heard, *all = f(*all, p) })
			}
			if !heard {
				return nil
			}
			return []pkt{p}
		}))
	})
}

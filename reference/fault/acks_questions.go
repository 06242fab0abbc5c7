package fault

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Faults in the server's questions to clients, and in acknowledgements among other packets.
func init() {
	register(
		Fault{
			Name:     "acks/of-dynamic-namespaces-in-the-main-one",
			Breaks:   "socket.io/168",
			Sentence: "Acknowledgements of dynamic namespaces do not name the namespace.",
			Apply: sent(packet.Ack, func(p pkt) {
				if isDynamic(p.Namespace) {
					p.Namespace = "/"
				}
			}),
		},
		Fault{
			Name:     "acks/lost-while-a-websocket-probes",
			Breaks:   "engine.io/92",
			Sentence: "Acknowledgements that are due while a WebSocket probes are lost.",
			Apply: dropped(func(c client, p pkt) bool {
				return p.Type == packet.Ack && c.Session().Probed()
			}),
		},
		Fault{
			Name:     "acks/third-unanswered-after-the-upgrade",
			Breaks:   "socket.io/211",
			Sentence: "The third and later events of a client that ask for an acknowledgement get none once the session has been upgraded.",
			Apply: fresh(func() apply {
				var counts memory[int]
				return dropped(func(c client, p pkt) (lost bool) {
					if p.Type == packet.Ack && wasUpgraded(c) {
						counts.of(c, func(n *int) { *n++; lost = *n > 2 })
					}
					return lost
				})
			}),
		},
		Fault{
			Name:     "acks/asked-in-dynamic-namespaces-unheard-over-polling",
			Breaks:   "socket.io/171",
			Sentence: "Over polling, answers to questions of dynamic namespaces are ignored.",
			Apply: packetsIn(func(c client, p pkt) []pkt {
				if isAck(p) && isDynamic(p.Namespace) && c.Session().Transport() == engineio.Polling {
					return nil
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "acks/second-question-of-a-namespace-unheard",
			Breaks:   "socket.io/171",
			Sentence: "Outside the main namespace, only the answer to the first question counts.",
			Apply: fresh(func() apply {
				var counts memory[int]
				return packetsIn(func(c client, p pkt) []pkt {
					lost := false
					if isAck(p) && p.Namespace != "/" {
						counts.of(c, func(n *int) { *n++; lost = *n > 1 })
					}
					if lost {
						return nil
					}
					return []pkt{p}
				})
			}),
		},
		Fault{
			Name:     "acks/nested-attachments-of-answers-in-base64",
			Breaks:   "socket.io/172",
			Sentence: "Attachments of a client's acknowledgement arrive in base64 if a value holds several.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				for i, v := range p.Data {
					if isAck(p) && len(v.Attachments()) > 1 {
						p.Data[i] = asText(v)
					}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "acks/questions-in-binary-after-the-upgrade-in-base64",
			Breaks:   "socket.io/172",
			Sentence: "Questions with attachments are asked in base64 once the session has been upgraded.",
			Apply: packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.Event && p.ID != nil && p.Binary() && wasUpgraded(c) {
					for i, v := range p.Data {
						p.Data[i] = asText(v)
					}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "acks/none-behind-the-255th",
			Breaks:   "socket.io/164",
			Sentence: "After the 255th event of a session that asks for an acknowledgement, no further one gets one.",
			Apply: fresh(func() apply {
				var counts memory[int]
				return dropped(func(c client, p pkt) (lost bool) {
					if p.Type == packet.Ack {
						counts.of(c, func(n *int) { *n++; lost = *n > 255 })
					}
					return lost
				})
			}),
		},
		Fault{
			Name:     "acks/answers-lost-while-the-next-question-is-asked",
			Breaks:   "socket.io/171",
			Sentence: "A client's answer is ignored if it comes right after an event that makes the server ask its next question.",
			Apply: fresh(func() apply {
				type asking struct {
					asked  int // events
					behind bool
					ids    []uint64 // the IDs of the questions
				}
				var clients memory[asking]
				return all(packetsOut(func(c client, p pkt) []pkt {
					if p.Type == packet.Event && p.ID != nil {
						clients.of(c, func(a *asking) { a.ids = append(a.ids, *p.ID) })
					}
					return []pkt{p}
				}), packetsIn(func(c client, p pkt) []pkt {
					lost := false
					clients.of(c, func(a *asking) {
						lost = isAck(p) && p.ID != nil && a.behind && slices.Contains(a.ids[:min(len(a.ids), a.asked-1)], *p.ID)
						a.behind = isEventPacket(p) && p.Name() == "ask"
						if a.behind {
							a.asked++
						}
					})
					if lost {
						return nil
					}
					return []pkt{p}
				}))
			}),
		},
		Fault{
			Name:     "acks/binary-id-zero-missing",
			Breaks:   "socket.io/165",
			Sentence: "Acknowledgements with attachments have no ID if it is 0.",
			Apply: sent(packet.Ack, func(p pkt) {
				if p.Binary() && p.ID != nil && *p.ID == 0 {
					p.ID = nil
				}
			}),
		},
		Fault{
			Name:     "acks/id-used-again-unanswered",
			Breaks:   "socket.io/164",
			Sentence: "An event whose ID the client has used before is not acknowledged.",
			Apply: fresh(func() apply {
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
			}),
		},
		Fault{
			Name:     "acks/asked-with-ids-of-a-byte",
			Breaks:   "socket.io/171",
			Sentence: "The IDs of the server's questions have only one byte.",
			Apply: sent(packet.Event, func(p pkt) {
				if p.ID != nil {
					p.ID = new(*p.ID % 256)
				}
			}),
		},
		Fault{
			Name:     "acks/questions-forgotten",
			Breaks:   "socket.io/171",
			Sentence: "The server remembers only its last sixteen questions to a client.",
			Apply: remembered(func(all []question, p pkt) (bool, []question) {
				last := all[max(len(all)-16, 0):]
				return slices.Contains(last, questionOf(p)), last
			}),
		},
		Fault{
			Name:     "acks/answers-to-id-zero-lost",
			Breaks:   "socket.io/165",
			Sentence: "A client's answer to the question with the ID 0 is ignored.",
			Apply:    packetsIn(withoutAcks(func(p pkt) bool { return p.ID != nil && *p.ID == 0 })),
		},
		Fault{
			Name:     "acks/binary-questions-without-id-in-custom-namespaces",
			Breaks:   "socket.io/172",
			Sentence: "Questions with attachments do not ask for an acknowledgement in custom namespaces.",
			Apply: sent(packet.Event, func(p pkt) {
				if p.Binary() && p.Namespace != "/" {
					p.ID = nil
				}
			}),
		},
		Fault{
			Name:     "acks/questions-outlive-the-socket",
			Breaks:   "socket.io/174",
			Sentence: "A client that has left a namespace and joined it again may answer questions from before.",
			Apply: fresh(func() apply {
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
			}),
		},
		Fault{
			Name:     "acks/questions-forgotten-at-the-upgrade",
			Breaks:   "socket.io/211",
			Sentence: "A client cannot answer over WebSocket what it was asked over polling.",
			Apply: fresh(func() apply {
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
			}),
		},
		Fault{
			Name:     "acks/overtaken-by-events",
			Breaks:   "socket.io/153",
			Sentence: "An acknowledgement leaves a moment later than the events that follow.",
			Apply: encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
				if p.Type != packet.Ack {
					return messages
				}
				time.AfterFunc(20*time.Millisecond, func() { c.Session().Send(messages...) })
				return nil
			}),
		},
		Fault{
			Name:     "acks/answers-of-anyone",
			Breaks:   "robustness/2",
			Sentence: "The questions of all clients share one table, so that any client's answer counts.",
			Apply: fresh(func() apply {
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
			}),
		},
		Fault{
			Name:     "acks/answers-reach-the-main-namespace",
			Breaks:   "socket.io/171",
			Sentence: "A client's answers are looked up in the main namespace, whichever one they name.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if isAck(p) {
					p.Namespace = "/"
				}
				return []pkt{p}
			}),
		},
	)
}

// question is a question for which the server awaits the answer.
type question struct {
	namespace string
	id        uint64
}

func questionOf(p pkt) question { return question{p.Namespace, *p.ID} }

// remembered drops the acknowledgements of a client for which f returns false. f gets the questions that the client was
// asked and returns those to keep.
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

package fault

import (
	"regexp"
	"slices"
	"strconv"

	"example.test/conformance/reference"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Faults in acknowledgements: which are sent, and what they carry.
func init() {
	register(
		Fault{
			Name:     "acks/id-missing",
			Breaks:   "socket.io/164",
			Sentence: "Acknowledgements have no ID.",
			Apply:    sent(packet.Ack, func(p pkt) { p.ID = nil }),
		},
		Fault{
			Name:     "acks/id-plus-one",
			Breaks:   "socket.io/164",
			Sentence: "Acknowledgements have an ID that is one too large.",
			Apply:    sent(packet.Ack, func(p pkt) { p.ID = new(*p.ID + 1) }),
		},
		Fault{
			Name:     "acks/id-counted",
			Breaks:   "socket.io/164",
			Sentence: "Acknowledgements are numbered by the server instead of with the client's ID.",
			Apply: fresh(func() apply {
				var counts memory[uint64]
				return packetsOut(func(c client, p pkt) []pkt {
					if p.Type == packet.Ack {
						counts.of(c, func(n *uint64) { p.ID = new(*n); *n++ })
					}
					return []pkt{p}
				})
			}),
		},
		Fault{
			Name:     "acks/id-zero-unanswered",
			Breaks:   "socket.io/165",
			Sentence: "An event with the ID 0 counts as one without an ID.",
			Apply:    dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && *p.ID == 0 }),
		},
		Fault{
			Name:     "acks/id-of-32-bits",
			Breaks:   "socket.io/166",
			Sentence: "Ids beyond 32 bits wrap around.",
			Apply:    sent(packet.Ack, func(p pkt) { p.ID = new(uint64(uint32(*p.ID))) }),
		},
		Fault{
			Name:     "acks/id-rounded",
			Breaks:   "socket.io/166",
			Sentence: "Large IDs are rounded to a float of 32 bits.",
			Apply:    sent(packet.Ack, func(p pkt) { p.ID = new(uint64(float32(*p.ID))) }),
		},
		Fault{
			Name:     "acks/id-of-one-digit",
			Breaks:   "socket.io/164",
			Sentence: "Only the last digit of an ID is read.",
			Apply:    sent(packet.Ack, func(p pkt) { p.ID = new(*p.ID % 10) }),
		},
		Fault{
			Name:     "acks/namespace-left-out",
			Breaks:   "socket.io/168",
			Sentence: "Acknowledgements of custom namespaces arrive in the main one.",
			Apply:    sent(packet.Ack, func(p pkt) { p.Namespace = "/" }),
		},
		Fault{
			Name:     "acks/sent-twice",
			Breaks:   "socket.io/170",
			Sentence: "Every acknowledgement is sent twice.",
			Apply: packetsOut(func(_ client, p pkt) []pkt {
				if p.Type == packet.Ack {
					return []pkt{p, p}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "acks/sent-without-an-id",
			Breaks:   "socket.io/169",
			Sentence: "Events without an ID are acknowledged with the ID 0.",
			Apply: packetsIn(func(c client, p pkt) []pkt {
				if isEventPacket(p) && p.ID == nil {
					pass(c, &packet.Packet{Type: packet.Ack, Namespace: p.Namespace, ID: new(uint64(0))})
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "acks/never-sent",
			Breaks:   "socket.io/164",
			Sentence: "Events are never acknowledged.",
			Apply:    dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack }),
		},
		Fault{
			Name:     "acks/never-sent-in-custom-namespaces",
			Breaks:   "socket.io/168",
			Sentence: "Events of custom namespaces are never acknowledged.",
			Apply:    dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && p.Namespace != "/" }),
		},
		Fault{
			Name:     "acks/lost-in-a-burst",
			Breaks:   "socket.io/164",
			Sentence: "Every tenth acknowledgement of a session is lost.",
			Apply: fresh(func() apply {
				var counts memory[int]
				return dropped(func(c client, p pkt) (lost bool) {
					counts.of(c, func(n *int) {
						if p.Type == packet.Ack {
							*n++
							lost = *n%10 == 0
						}
					})
					return lost
				})
			}),
		},
		Fault{
			Name:     "acks/payload-no-array",
			Breaks:   "socket.io/167",
			Sentence: "The payload of an acknowledgement is its first argument instead of an array.",
			Apply:    written(packet.Ack, `^(3[^\[]*)\[(.*)\]$`, `$1$2`),
		},
		Fault{
			Name:     "acks/payload-missing-when-empty",
			Breaks:   "socket.io/167",
			Sentence: "An acknowledgement without arguments has no payload.",
			Apply:    written(packet.Ack, `\[\]$`, ``),
		},
		Fault{
			Name:     "acks/payload-null-when-empty",
			Breaks:   "socket.io/167",
			Sentence: "An acknowledgement without arguments has one argument, null.",
			Apply: sent(packet.Ack, func(p pkt) {
				if len(p.Data) == 0 {
					p.Data = []value{{}}
				}
			}),
		},
		Fault{
			Name:     "acks/first-argument-only",
			Breaks:   "socket.io/164",
			Sentence: "Acknowledgements lose all arguments but the first.",
			Apply:    sent(packet.Ack, func(p pkt) { p.Data = p.Data[:min(len(p.Data), 1)] }),
		},
		Fault{
			Name:     "acks/arguments-in-one-array",
			Breaks:   "socket.io/164",
			Sentence: "The arguments of an acknowledgement arrive as one array.",
			Apply:    sent(packet.Ack, func(p pkt) { p.Data = []value{packet.Array(p.Data...)} }),
		},
		Fault{
			Name:     "acks/event-name-first",
			Breaks:   "socket.io/164",
			Sentence: "Acknowledgements begin with a name, as events do.",
			Apply:    sent(packet.Ack, func(p pkt) { p.Data = append([]value{of("ack")}, p.Data...) }),
		},
		Fault{
			Name:     "acks/sent-as-events",
			Breaks:   "socket.io/164",
			Sentence: "Acknowledgements are EVENT packets.",
			Apply:    written(packet.Ack, `^3`, `2`),
		},
		Fault{
			Name:     "acks/binary-sent-as-events",
			Breaks:   "socket.io/178",
			Sentence: "Acknowledgements with attachments are BINARY_EVENT packets.",
			Apply:    written(packet.Ack, `^6`, `5`),
		},
		Fault{
			Name:     "acks/binary-lost",
			Breaks:   "socket.io/178",
			Sentence: "Acknowledgements with attachments are not sent.",
			Apply:    dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && p.Binary() }),
		},
		Fault{
			Name:     "acks/to-another-namespace",
			Breaks:   "socket.io/168",
			Sentence: "Acknowledgements go to another namespace that the client has joined.",
			Apply: packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.Ack {
					for _, name := range c.Namespaces() {
						if name != p.Namespace && name != control {
							p.Namespace = name
							break
						}
					}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "acks/not-asked-for",
			Breaks:   "socket.io/171",
			Sentence: "Events of the server never ask for an acknowledgement.",
			Apply:    sent(packet.Event, func(p pkt) { p.ID = nil }),
		},
		Fault{
			Name:     "acks/asked-with-one-id",
			Breaks:   "socket.io/171",
			Sentence: "All events of the server ask for an acknowledgement with the ID 0.",
			Apply: fresh(func() apply {
				var asked memory[[]uint64]
				return all(packetsOut(func(c client, p pkt) []pkt {
					if p.Type == packet.Event && p.ID != nil {
						asked.of(c, func(ids *[]uint64) { *ids = append(*ids, *p.ID) })
						p.ID = new(uint64(0))
					}
					return []pkt{p}
				}), packetsIn(func(c client, p pkt) []pkt {
					if isAck(p) && p.ID != nil {
						asked.of(c, func(ids *[]uint64) {
							if len(*ids) > 0 {
								p.ID, *ids = new((*ids)[0]), (*ids)[1:]
							}
						})
					}
					return []pkt{p}
				}))
			}),
		},
		Fault{
			Name:     "acks/answers-in-order-of-asking",
			Breaks:   "socket.io/171",
			Sentence: "A client's answer counts for the question that was asked first, whatever its ID.",
			Apply: fresh(func() apply {
				return idsAsked(func(asked []uint64, p pkt) bool {
					if slices.Contains(asked, *p.ID) {
						p.ID = new(asked[0])
					}
					return true
				})
			}),
		},
		Fault{
			Name:     "acks/unknown-id-closes",
			Breaks:   "socket.io/174",
			Sentence: "An acknowledgement with an ID that no question had ends the session.",
			Apply: fresh(func() apply {
				return idsAsked(func(asked []uint64, p pkt) bool { return slices.Contains(asked, *p.ID) })
			}),
		},
		Fault{
			Name:     "acks/answers-lost",
			Breaks:   "socket.io/171",
			Sentence: "Acknowledgements of clients are ignored.",
			Apply:    packetsIn(withoutAcks(func(pkt) bool { return true })),
		},
		Fault{
			Name:     "acks/answers-lost-in-custom-namespaces",
			Breaks:   "socket.io/171",
			Sentence: "Acknowledgements of clients are ignored in custom namespaces.",
			Apply:    packetsIn(withoutAcks(func(p pkt) bool { return p.Namespace != "/" })),
		},
		Fault{
			Name:     "acks/binary-answers-lost",
			Breaks:   "socket.io/172",
			Sentence: "Acknowledgements of clients are ignored if they have attachments.",
			Apply:    packetsIn(withoutAcks(func(p pkt) bool { return p.Type == packet.BinaryAck })),
		},
		Fault{
			Name:     "acks/answers-first-argument-only",
			Breaks:   "socket.io/171",
			Sentence: "Acknowledgements of clients lose all arguments but the first.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if isAck(p) {
					p.Data = p.Data[:min(len(p.Data), 1)]
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "acks/answers-heard-again",
			Breaks:   "socket.io/171",
			Sentence: "A second acknowledgement with the same ID reaches the callback.",
			Apply:    socketIO(func(rules *reference.Rules) { rules.Acks = takingAll{rules.Acks} }),
		},
		Fault{
			Name:     "acks/object-ignored",
			Breaks:   "socket.io/175",
			Sentence: "An ACK packet with an object does not end the session.",
			Apply:    ignored(`^3\d*\{`),
		},
		Fault{
			Name:     "acks/missing-payload-ignored",
			Breaks:   "socket.io/176",
			Sentence: "An ACK packet without a payload does not end the session.",
			Apply:    ignored(`^3\d*$`),
		},
		Fault{
			Name:     "acks/letters-in-id-ignored",
			Breaks:   "socket.io/177",
			Sentence: "An EVENT packet with letters instead of an ID does not end the session.",
			Apply:    ignored(`^2[a-zA-Z]`),
		},
		Fault{
			Name:     "acks/negative-id-ignored",
			Breaks:   "socket.io/177",
			Sentence: "An EVENT packet with a negative ID does not end the session.",
			Apply:    ignored(`^2-\d`),
		},
		Fault{
			Name:     "acks/fraction-in-id-cut-off",
			Breaks:   "socket.io/177",
			Sentence: "An ID ends at its decimal point.",
			Apply: malformed(func(c client, m engineio.Message, _ error) bool {
				match := regexp.MustCompile(`^2(\d+)\.\d+(\[.*\])$`).FindSubmatch(m.Data)
				if match == nil {
					return false
				}
				id, err := strconv.ParseUint(string(match[1]), 10, 64)
				data, err2 := raw(string(match[2])).Elements()
				if err != nil || err2 != nil {
					return false
				}
				c.Handle(&packet.Packet{Type: packet.Event, Namespace: "/", ID: &id, Data: data})
				return true
			}),
		},
	)
}

// idsAsked calls f with each acknowledgement of a client and the ids that are still unanswered. If f returns false, the
// session ends.
func idsAsked(f func(asked []uint64, p pkt) bool) apply {
	var asked memory[[]uint64]
	return all(packetsOut(func(c client, p pkt) []pkt {
		if p.Type == packet.Event && p.ID != nil {
			asked.of(c, func(ids *[]uint64) { *ids = append(*ids, *p.ID) })
		}
		return []pkt{p}
	}), packetsIn(func(c client, p pkt) []pkt {
		if !isAck(p) || p.ID == nil {
			return []pkt{p}
		}
		ok := false
		asked.of(c, func(ids *[]uint64) {
			ok = f(*ids, p)
			*ids = slices.DeleteFunc(*ids, func(id uint64) bool { return id == *p.ID })
		})
		if !ok {
			c.Abort()
			return nil
		}
		return []pkt{p}
	}))
}

// takingAll lets each acknowledgement of a client with one ID reach the callback.
type takingAll struct{ reference.AckRules }

func (takingAll) TakesOnce() bool { return false }

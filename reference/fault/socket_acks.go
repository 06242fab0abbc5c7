package fault

import (
	"regexp"
	"slices"
	"strconv"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

func init() {
	register(
		Fault{"acks/id-missing", "acknowledgements have no id", sent(packet.Ack, func(p pkt) { p.ID = nil })},
		Fault{"acks/id-plus-one", "acknowledgements have an id that is one too large", sent(packet.Ack, func(p pkt) { p.ID = new(*p.ID + 1) })},
		Fault{"acks/id-counted", "acknowledgements are numbered by the server instead of with the client's id", fresh(func() apply {
			var counts memory[uint64]
			return packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.Ack {
					counts.of(c, func(n *uint64) { p.ID = new(*n); *n++ })
				}
				return []pkt{p}
			})
		})},
		Fault{"acks/id-zero-unanswered", "an event with the id 0 counts as one without an id", dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && *p.ID == 0 })},
		Fault{"acks/id-of-32-bits", "ids beyond 32 bits wrap around", sent(packet.Ack, func(p pkt) { p.ID = new(uint64(uint32(*p.ID))) })},
		Fault{"acks/id-rounded", "large ids are rounded to a float of 32 bits", sent(packet.Ack, func(p pkt) { p.ID = new(uint64(float32(*p.ID))) })},
		Fault{"acks/id-of-one-digit", "only the last digit of an id is read", sent(packet.Ack, func(p pkt) { p.ID = new(*p.ID % 10) })},
		Fault{"acks/namespace-left-out", "acknowledgements of custom namespaces arrive in the main one", sent(packet.Ack, func(p pkt) { p.Namespace = "/" })},
		Fault{"acks/sent-twice", "every acknowledgement is sent twice", packetsOut(func(_ client, p pkt) []pkt {
			if p.Type == packet.Ack {
				return []pkt{p, p}
			}
			return []pkt{p}
		})},
		Fault{"acks/never-sent", "events are never acknowledged", dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack })},
		Fault{"acks/never-sent-in-custom-namespaces", "events of custom namespaces are never acknowledged", dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && p.Namespace != "/" })},
		Fault{"acks/lost-in-a-burst", "every tenth acknowledgement of a session is lost", fresh(func() apply {
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
		})},
		Fault{"acks/payload-no-array", "the payload of an acknowledgement is its first argument instead of an array", written(packet.Ack, `^(3[^\[]*)\[(.*)\]$`, `$1$2`)},
		Fault{"acks/payload-missing-when-empty", "an acknowledgement without arguments has no payload", written(packet.Ack, `\[\]$`, ``)},
		Fault{"acks/payload-null-when-empty", "an acknowledgement without arguments has one that is null", sent(packet.Ack, func(p pkt) {
			if len(p.Data) == 0 {
				p.Data = []value{{}}
			}
		})},
		Fault{"acks/first-argument-only", "acknowledgements lose all arguments but the first", sent(packet.Ack, func(p pkt) { p.Data = p.Data[:min(len(p.Data), 1)] })},
		Fault{"acks/arguments-in-one-array", "the arguments of an acknowledgement arrive as one array", sent(packet.Ack, func(p pkt) { p.Data = []value{packet.Array(p.Data...)} })},
		Fault{"acks/event-name-first", "acknowledgements begin with a name, as events do", sent(packet.Ack, func(p pkt) { p.Data = append([]value{of("ack")}, p.Data...) })},
		Fault{"acks/sent-as-events", "acknowledgements are EVENT packets", written(packet.Ack, `^3`, `2`)},
		Fault{"acks/binary-sent-as-events", "acknowledgements with attachments are BINARY_EVENT packets", written(packet.Ack, `^6`, `5`)},
		Fault{"acks/binary-lost", "acknowledgements with attachments are not sent", dropped(func(_ client, p pkt) bool { return p.Type == packet.Ack && p.Binary() })},
		Fault{"acks/to-another-namespace", "acknowledgements go to another namespace that the client has joined", packetsOut(func(c client, p pkt) []pkt {
			if p.Type == packet.Ack {
				for _, name := range c.Namespaces() {
					if name != p.Namespace && name != control {
						p.Namespace = name
						break
					}
				}
			}
			return []pkt{p}
		})},

		Fault{"acks/not-asked-for", "events of the server never ask for an acknowledgement", sent(packet.Event, func(p pkt) { p.ID = nil })},
		Fault{"acks/asked-with-one-id", "all events of the server ask with the id 0", fresh(func() apply {
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
		})},
		Fault{"acks/answers-in-order-of-asking", "a client's answer goes to the question that was asked first, whatever its id", fresh(func() apply {
			return idsAsked(func(asked []uint64, p pkt) bool {
				if slices.Contains(asked, *p.ID) {
					p.ID = new(asked[0])
				}
				return true
			})
		})},
		Fault{"acks/unknown-id-closes", "an acknowledgement with an id that was not asked with ends the session", fresh(func() apply {
			return idsAsked(func(asked []uint64, p pkt) bool { return slices.Contains(asked, *p.ID) })
		})},
		Fault{"acks/answers-lost", "acknowledgements of clients are ignored", packetsIn(withoutAcks(func(pkt) bool { return true }))},
		Fault{"acks/answers-lost-in-custom-namespaces", "acknowledgements of clients are ignored in custom namespaces", packetsIn(withoutAcks(func(p pkt) bool { return p.Namespace != "/" }))},
		Fault{"acks/binary-answers-lost", "acknowledgements of clients are ignored where they have attachments", packetsIn(withoutAcks(func(p pkt) bool { return p.Type == packet.BinaryAck }))},
		Fault{"acks/answers-first-argument-only", "acknowledgements of clients lose all arguments but the first", packetsIn(func(_ client, p pkt) []pkt {
			if isAck(p) {
				p.Data = p.Data[:min(len(p.Data), 1)]
			}
			return []pkt{p}
		})},
		Fault{"acks/answers-heard-again", "a second acknowledgement with the same id reaches the callback", func(o *application.Options) { o.Socket.KeepAnswered = true }},

		Fault{"acks/object-ignored", "an ACK packet with an object is not noticed", ignored(`^3\d*\{`)},
		Fault{"acks/missing-payload-ignored", "an ACK packet without a payload is not noticed", ignored(`^3\d*$`)},
		Fault{"acks/letters-in-id-ignored", "an EVENT packet with letters in the place of the id is not noticed", ignored(`^2[a-zA-Z]`)},
		Fault{"acks/negative-id-ignored", "an EVENT packet with a negative id is not noticed", ignored(`^2-\d`)},
		Fault{"acks/fraction-in-id-cut-off", "an id ends at its decimal point", malformed(func(c client, m engineio.Message, _ error) bool {
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
		})},
	)
}

// withoutAcks leaves out a client's acknowledgements that f says true to.
func withoutAcks(f func(pkt) bool) func(client, pkt) []pkt {
	return func(_ client, p pkt) []pkt {
		if isAck(p) && f(p) {
			return nil
		}
		return []pkt{p}
	}
}

// idsAsked hands f each acknowledgement of a client with the ids that are still unanswered. With false the session ends.
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

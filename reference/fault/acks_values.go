package fault

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

// Faults in the values that acknowledgements carry.
func init() {
	register(
		Fault{
			Name:     "acks/sole-array-spread",
			Breaks:   "socket.io/167",
			Sentence: "If the only value of an acknowledgement is an array, its elements are sent as several values.",
			Apply:    sent(packet.Ack, func(p pkt) { p.Data = spread(p.Data) }),
		},
		Fault{
			Name:     "acks/sole-empty-value-dropped",
			Breaks:   "socket.io/167",
			Sentence: "The only value of an acknowledgement is left out if it is null, false, 0 or an empty string.",
			Apply: sent(packet.Ack, func(p pkt) {
				if len(p.Data) == 1 && empty(p.Data[0]) {
					p.Data = nil
				}
			}),
		},
		Fault{
			Name:     "acks/answers-sole-array-spread",
			Breaks:   "socket.io/171",
			Sentence: "If the only value of a client's acknowledgement is an array, its elements count as several values.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if isAck(p) {
					p.Data = spread(p.Data)
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "acks/dates-cut",
			Breaks:   "socket.io/164",
			Sentence: "Dates in acknowledgements arrive without their milliseconds.",
			Apply:    ackValues(eachString(withoutMilliseconds)),
		},
		Fault{
			Name:     "acks/numeric-keys-as-arrays",
			Breaks:   "socket.io/164",
			Sentence: "Objects with the keys 0, 1, 2 and so on are acknowledged as arrays.",
			Apply:    ackValues(countedAsArray),
		},
		Fault{
			Name:     "acks/dates-rewritten",
			Breaks:   "socket.io/164",
			Sentence: "Strings that hold a date are acknowledged in UTC.",
			Apply: ackValues(eachString(func(s string) string {
				if at, err := time.Parse(time.RFC3339, s); err == nil {
					return at.UTC().Format(time.RFC3339)
				}
				return s
			})),
		},
		Fault{
			Name:     "acks/integers-of-32-bits",
			Breaks:   "socket.io/164",
			Sentence: "Integers in acknowledgements wrap around at 32 bits.",
			Apply: ackValues(eachNumber(func(n json.Number) any {
				if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil && i < 1<<53-1 && i > -(1<<53-1) {
					return int32(i)
				}
				return n
			})),
		},
		Fault{
			Name:     "acks/answers-of-64-levels-close",
			Breaks:   "socket.io/171",
			Sentence: "A client's acknowledgement with more than 64 levels ends the session.",
			Apply: received(func(c client, text string) bool {
				return strings.HasPrefix(text, "3") && deeperThan(64)(c, text)
			}),
		},
		Fault{
			Name:     "acks/answers-numeric-keys-as-arrays",
			Breaks:   "socket.io/171",
			Sentence: "Objects with the keys 0, 1, 2 and so on in a client's acknowledgement are taken for arrays.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if isAck(p) {
					p.Data = eachValue(p.Data, countedAsArray)
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "acks/attachments-of-64-kib-cut",
			Breaks:   "socket.io/178",
			Sentence: "Attachments of acknowledgements end after 65535 bytes.",
			Apply: encoded(func(_ client, p pkt, messages []engineio.Message) []engineio.Message {
				if p.Type == packet.Ack {
					cutAttachments(messages)
				}
				return messages
			}),
		},
		Fault{
			Name:     "acks/empty-attachments-of-answers-lost",
			Breaks:   "socket.io/172",
			Sentence: "Empty attachments of a client's acknowledgement arrive as null.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				for i, v := range p.Data {
					if a := v.Attachments(); isAck(p) && len(a) == 1 && len(a[0]) == 0 {
						p.Data[i] = value{}
					}
				}
				return []pkt{p}
			}),
		},
	)
}

// ackValues applies f to every value of the acknowledgements that the server sends.
func ackValues(f func(any) any) apply {
	return sent(packet.Ack, func(p pkt) { p.Data = eachValue(p.Data, f) })
}

package fault

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults in how the server reads attachments of clients.
func init() {
	register(
		Fault{
			Name:     "binary/second-placeholder-is-null",
			Breaks:   "socket.io/219",
			Sentence: "Of two placeholders with one number, the second becomes null.",
			Apply: incoming("", mapped(func(p engineio.Packet) engineio.Packet {
				const first = `{"_placeholder":true,"num":0}`
				if p.Type == engineio.Text && !p.Binary {
					p.Data = bytes.Replace(p.Data, []byte(first+","+first), []byte(first+",null"), 1)
				}
				return p
			})),
		},
		Fault{
			Name:     "binary/received-in-base64",
			Breaks:   "socket.io/196",
			Sentence: "Handlers get attachments of clients as base64 strings.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				for i := range p.Data {
					p.Data[i] = asText(p.Data[i])
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/received-empty-as-null",
			Breaks:   "socket.io/197",
			Sentence: "Handlers get empty attachments of clients as null.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				for i, v := range p.Data {
					if a := v.Attachments(); len(a) == 1 && len(a[0]) == 0 {
						p.Data[i] = value{}
					}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/received-nested-not-filled",
			Breaks:   "socket.io/194",
			Sentence: "Handlers get placeholders instead of attachments within objects or arrays.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				for i, v := range p.Data {
					if len(v.Attachments()) > 0 && string(v.Text(func([]byte) string { return "" })) != "" {
						p.Data[i] = packet.Raw(v.Text(func([]byte) string { return `{"_placeholder":true,"num":0}` }))
					}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/received-num-ignored",
			Breaks:   "socket.io/195",
			Sentence: "Attachments of clients are put in place in the order in which they came, whatever the numbers of the placeholders.",
			Apply: socketIO(func(rules *reference.Rules) {
				rules.Packets = override.Received(rules.Packets, func(_ client, m engineio.Message) []engineio.Message {
					if !m.Binary && regexp.MustCompile(`^[56]\d+-`).Match(m.Data) {
						num := -1
						m.Data = regexp.MustCompile(`"num":\d+`).ReplaceAllFunc(m.Data, func([]byte) []byte {
							num++
							return fmt.Appendf(nil, `"num":%d`, num)
						})
					}
					return []engineio.Message{m}
				})
			}),
		},
		Fault{
			Name:     "binary/received-id-lost",
			Breaks:   "socket.io/178",
			Sentence: "Events of clients with attachments are not acknowledged.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if p.Type == packet.BinaryEvent {
					p.ID = nil
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/received-lost",
			Breaks:   "socket.io/192",
			Sentence: "Events of clients with attachments are ignored.",
			Apply: packetsIn(func(_ client, p pkt) []pkt {
				if p.Type == packet.BinaryEvent {
					return nil
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/more-than-five-refused",
			Breaks:   "socket.io/193",
			Sentence: "More than five attachments end the session.",
			Apply: received(func(c client, text string) bool {
				match := regexp.MustCompile(`^[56](\d+)-`).FindStringSubmatch(text)
				if match == nil {
					return false
				}
				n, _ := strconv.Atoi(match[1])
				if n > 5 {
					c.Abort()
				}
				return n > 5
			}),
		},
		Fault{
			Name:     "binary/unannounced-ignored",
			Breaks:   "socket.io/200",
			Sentence: "An attachment that no packet announced does not end the session.",
			Apply:    malformed(func(_ client, _ engineio.Message, err error) bool { return errors.Is(err, packet.ErrBinary) }),
		},
		Fault{
			Name:     "binary/text-between-accepted",
			Breaks:   "socket.io/201",
			Sentence: "A text packet may come between a packet and its attachments.",
			Apply: malformed(func(c client, m engineio.Message, err error) bool {
				var decoder packet.Decoder
				p, _ := decoder.Text(m.Data)
				accepted := errors.Is(err, packet.ErrText) && p != nil
				if accepted {
					c.Handle(p)
				}
				return accepted
			}),
		},
		Fault{
			Name:     "binary/num-out-of-range-ignored",
			Breaks:   "socket.io/202",
			Sentence: "A packet whose placeholder has no attachment does not end the session.",
			Apply:    malformed(func(_ client, m engineio.Message, _ error) bool { return m.Binary }),
		},
		Fault{
			Name:     "binary/count-illegal-ignored",
			Breaks:   "socket.io/203",
			Sentence: "A packet whose number of attachments is not a number does not end the session.",
			Apply:    ignored(`^[56]([^\d]|\d+[^\d-])`),
		},
		Fault{
			Name:     "binary/count-zero-accepted",
			Breaks:   "socket.io/204",
			Sentence: "A binary packet may announce no attachments.",
			Apply: malformed(func(c client, m engineio.Message, _ error) bool {
				text, is := bytes.CutPrefix(m.Data, []byte(`50-`))
				var decoder packet.Decoder
				p, _ := decoder.Text(append([]byte(`2`), text...))
				if is && p != nil {
					c.Handle(p)
				}
				return is && p != nil
			}),
		},
		Fault{
			Name:     "binary/any-count-accepted",
			Breaks:   "socket.io/205",
			Sentence: "A packet may have more than ten attachments.",
			Apply: malformed(func(_ client, _ engineio.Message, err error) bool {
				return errors.Is(err, packet.ErrTooMany) || errors.Is(err, packet.ErrBinary)
			}),
		},
		Fault{
			Name:     "binary/given-up-at-the-end-of-the-upgrade",
			Breaks:   "socket.io/199",
			Sentence: "A packet that came while a WebSocket probed is dropped when its attachments come over that WebSocket.",
			Apply: fresh(func() apply {
				var probing memory[bool]
				return socketIO(func(rules *reference.Rules) {
					rules.Packets = override.Received(rules.Packets, func(c client, m engineio.Message) []engineio.Message {
						late := false
						probing.of(c, func(during *bool) {
							if !m.Binary {
								*during = c.Session().Probed()
							}
							late = m.Binary && *during && !c.Session().Probed()
						})
						if late {
							c.Abort()
							return nil
						}
						return []engineio.Message{m}
					})
				})
			}),
		},
		Fault{
			Name:     "binary/one-decoder",
			Breaks:   "robustness/2",
			Sentence: "One decoder assembles the packets of all clients.",
			Apply:    func(o *application.Options) { oneDecoder()(o) },
		},
	)
}

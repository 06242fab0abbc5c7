package fault

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"example.test/conformance/reference"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults in packets with attachments.
func init() {
	register(
		Fault{
			Name:     "binary/reversed",
			Breaks:   "socket.io/193",
			Sentence: "Attachments are sent in the reverse order.",
			Apply:    attachments(func(m []engineio.Message) []engineio.Message { slices.Reverse(m[1:]); return m }),
		},
		Fault{
			Name:     "binary/first-for-all",
			Breaks:   "socket.io/193",
			Sentence: "Every attachment is sent as the first one.",
			Apply: attachments(func(m []engineio.Message) []engineio.Message {
				for i := range m[1:] {
					m[i+1] = m[1]
				}
				return m
			}),
		},
		Fault{
			Name:     "binary/only-the-first",
			Breaks:   "socket.io/193",
			Sentence: "Attachments after the first are not sent.",
			Apply:    attachments(func(m []engineio.Message) []engineio.Message { return m[:2] }),
		},
		Fault{
			Name:     "binary/before-the-header",
			Breaks:   "socket.io/192",
			Sentence: "Attachments are sent before the packet that they belong to.",
			Apply:    attachments(func(m []engineio.Message) []engineio.Message { return append(m[1:len(m):len(m)], m[0]) }),
		},
		Fault{
			Name:     "binary/parted",
			Breaks:   "socket.io/192",
			Sentence: "Another event comes between a packet and its attachments.",
			Apply: attachments(func(m []engineio.Message) []engineio.Message {
				return slices.Insert(m, 1, engineio.Message{Data: []byte(`2["noise"]`)})
			}),
		},
		Fault{
			Name:     "binary/empty-not-sent",
			Breaks:   "socket.io/197",
			Sentence: "Empty attachments are not sent.",
			Apply: attachments(func(m []engineio.Message) []engineio.Message {
				return slices.DeleteFunc(m, func(m engineio.Message) bool { return m.Binary && len(m.Data) == 0 })
			}),
		},
		Fault{
			Name:     "binary/last-byte-lost",
			Breaks:   "socket.io/192",
			Sentence: "Attachments lose their last byte.",
			Apply:    attachment(func(data []byte) []byte { return data[:max(len(data)-1, 0)] }),
		},
		Fault{
			Name:     "binary/bytes-as-text",
			Breaks:   "socket.io/192",
			Sentence: "Bytes of 128 and above are replaced, as if attachments were text.",
			Apply:    attachment(func(data []byte) []byte { return bytes.ToValidUTF8(data, []byte("\uFFFD")) }),
		},
		Fault{
			Name:     "binary/zero-bytes-end",
			Breaks:   "socket.io/192",
			Sentence: "Attachments end at the first zero byte.",
			Apply: attachment(func(data []byte) []byte {
				data, _, _ = bytes.Cut(data, []byte{0})
				return data
			}),
		},
		Fault{
			Name:     "binary/type-byte-first",
			Breaks:   "socket.io/192",
			Sentence: "Attachments begin with the byte 4, as in Engine.IO revision 3.",
			Apply:    attachment(func(data []byte) []byte { return append([]byte{4}, data...) }),
		},
		Fault{
			Name:     "binary/sent-as-text",
			Breaks:   "socket.io/192",
			Sentence: "Attachments are sent as text messages in base64.",
			Apply: attachments(func(m []engineio.Message) []engineio.Message {
				for i := range m[1:] {
					m[i+1] = engineio.Message{Data: []byte(base64.StdEncoding.EncodeToString(m[i+1].Data))}
				}
				return m
			}),
		},
		Fault{
			Name:     "binary/count-plus-one",
			Breaks:   "socket.io/193",
			Sentence: "The header announces one attachment too many.",
			Apply: header(func(text []byte) []byte {
				return regexp.MustCompile(`^([56])(\d+)-`).ReplaceAllFunc(text, func(match []byte) []byte {
					n, _ := strconv.Atoi(string(match[1 : len(match)-1]))
					return fmt.Appendf(nil, "%c%d-", match[0], n+1)
				})
			}),
		},
		Fault{
			Name:     "binary/count-always-one",
			Breaks:   "socket.io/193",
			Sentence: "The header always announces one attachment.",
			Apply:    header(replaced(`^([56])\d+-`, `${1}1-`)),
		},
		Fault{
			Name:     "binary/count-missing",
			Breaks:   "socket.io/190",
			Sentence: "The header does not say how many attachments follow.",
			Apply:    header(replaced(`^([56])\d+-`, `$1`)),
		},
		Fault{
			Name:     "binary/type-of-text",
			Breaks:   "socket.io/190",
			Sentence: "A packet with attachments has the type of a packet without.",
			Apply: header(func(text []byte) []byte {
				text = regexp.MustCompile(`^([56])\d+-`).ReplaceAll(text, []byte(`$1`))
				text[0] -= 3
				return text
			}),
		},
		Fault{
			Name:     "binary/num-from-one",
			Breaks:   "socket.io/195",
			Sentence: "Placeholders are numbered from 1.",
			Apply: header(func(text []byte) []byte {
				return regexp.MustCompile(`"num":\d+`).ReplaceAllFunc(text, func(match []byte) []byte {
					n, _ := strconv.Atoi(string(match[6:]))
					return fmt.Appendf(nil, `"num":%d`, n+1)
				})
			}),
		},
		Fault{
			Name:     "binary/num-a-string",
			Breaks:   "socket.io/195",
			Sentence: "The numbers of placeholders are strings.",
			Apply:    header(replaced(`"num":(\d+)`, `"num":"$1"`)),
		},
		Fault{
			Name:     "binary/num-always-zero",
			Breaks:   "socket.io/195",
			Sentence: "All placeholders have the number 0.",
			Apply:    header(replaced(`"num":\d+`, `"num":0`)),
		},
		Fault{
			Name:     "binary/placeholder-misspelt",
			Breaks:   "socket.io/192",
			Sentence: "Placeholders are marked with placeholder instead of _placeholder.",
			Apply:    header(replaced(`"_placeholder"`, `"placeholder"`)),
		},
		Fault{
			Name:     "binary/namespace-left-out",
			Breaks:   "socket.io/190",
			Sentence: "Packets with attachments of custom namespaces arrive in the main one.",
			Apply: packetsOut(func(_ client, p pkt) []pkt {
				if p.Binary() {
					p.Namespace = "/"
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/id-left-out",
			Breaks:   "socket.io/178",
			Sentence: "Acknowledgements with attachments have no ID.",
			Apply: packetsOut(func(_ client, p pkt) []pkt {
				if p.Binary() {
					p.ID = nil
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/in-base64",
			Breaks:   "socket.io/192",
			Sentence: "Binary data arrives as base64 strings within JSON.",
			Apply: packetsOut(func(_ client, p pkt) []pkt {
				for i := range p.Data {
					p.Data[i] = asText(p.Data[i])
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/nested-in-base64",
			Breaks:   "socket.io/194",
			Sentence: "Binary data within objects and arrays arrives as base64 strings.",
			Apply: packetsOut(func(_ client, p pkt) []pkt {
				for i, v := range p.Data {
					if len(v.Attachments()) > 0 && string(v.Text(func([]byte) string { return "" })) != "" {
						p.Data[i] = asText(v)
					}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/acknowledgements-of-namespaces-in-base64-over-polling",
			Breaks:   "socket.io/178",
			Sentence: "Over polling, acknowledgements outside the main namespace carry base64 text instead of attachments.",
			Apply: packetsOut(func(c client, p pkt) []pkt {
				if p.Type == packet.Ack && p.Binary() && p.Namespace != "/" && c.Session().Transport() == engineio.Polling {
					for i, v := range p.Data {
						p.Data[i] = asText(v)
					}
				}
				return []pkt{p}
			}),
		},
		Fault{
			Name:     "binary/third-attachment-as-the-second",
			Breaks:   "socket.io/193",
			Sentence: "Outside the main namespace, each attachment after the second arrives as the second.",
			Apply: encoded(func(_ client, p pkt, messages []engineio.Message) []engineio.Message {
				for i := range messages {
					if i > 2 && p.Namespace != "/" {
						messages[i].Data = messages[2].Data
					}
				}
				return messages
			}),
		},
		Fault{
			Name:     "binary/lost-in-dynamic-namespaces-over-polling",
			Breaks:   "socket.io/192",
			Sentence: "Over polling, the attachments of dynamic namespaces are encoded in base64 twice.",
			Apply: encoded(func(c client, p pkt, messages []engineio.Message) []engineio.Message {
				for i := range messages {
					if i > 0 && isDynamic(p.Namespace) && c.Session().Transport() == engineio.Polling {
						messages[i].Data = []byte(base64.StdEncoding.EncodeToString(messages[i].Data))
					}
				}
				return messages
			}),
		},
		Fault{
			Name:     "binary/overtaken-while-a-websocket-probes",
			Breaks:   "engine.io/92",
			Sentence: "An attachment that is due while a WebSocket probes is lost with its packet.",
			Apply: dropped(func(c client, p pkt) bool {
				return p.Binary() && c.Session().Probed()
			}),
		},
	)
}

// header applies f to the text of packets that have attachments.
func header(f func([]byte) []byte) apply {
	return attachments(func(messages []engineio.Message) []engineio.Message {
		messages[0].Data = f(messages[0].Data)
		return messages
	})
}

func replaced(pattern, replacement string) func([]byte) []byte {
	compiled := regexp.MustCompile(pattern)
	return func(text []byte) []byte { return compiled.ReplaceAll(text, []byte(replacement)) }
}

// oneDecoder refuses a session's attachments and packets of binary types while another session's attachments are awaited.
func oneDecoder() apply {
	head := regexp.MustCompile(`^[56](\d+)-`)
	var mu sync.Mutex
	var owner client
	awaited := 0
	return socketIO(func(rules *reference.Rules) {
		rules.Packets = override.Received(rules.Packets, func(c client, m engineio.Message) []engineio.Message {
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
		})
	})
}

package fault

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/packet"
)

func init() {
	register(
		Fault{"binary/reversed", "attachments are sent in the reverse order", attachments(func(m []engineio.Message) []engineio.Message { slices.Reverse(m[1:]); return m })},
		Fault{"binary/first-for-all", "every attachment is sent as the first one", attachments(func(m []engineio.Message) []engineio.Message {
			for i := range m[1:] {
				m[i+1] = m[1]
			}
			return m
		})},
		Fault{"binary/only-the-first", "attachments after the first are not sent", attachments(func(m []engineio.Message) []engineio.Message { return m[:2] })},
		Fault{"binary/before-the-header", "attachments are sent before the packet that they belong to", attachments(func(m []engineio.Message) []engineio.Message { return append(m[1:len(m):len(m)], m[0]) })},
		Fault{"binary/parted", "another event comes between a packet and its attachments", attachments(func(m []engineio.Message) []engineio.Message {
			return slices.Insert(m, 1, engineio.Message{Data: []byte(`2["noise"]`)})
		})},
		Fault{"binary/empty-not-sent", "empty attachments are not sent", attachments(func(m []engineio.Message) []engineio.Message {
			return slices.DeleteFunc(m, func(m engineio.Message) bool { return m.Binary && len(m.Data) == 0 })
		})},
		Fault{"binary/last-byte-lost", "attachments lose their last byte", attachment(func(data []byte) []byte { return data[:max(len(data)-1, 0)] })},
		Fault{"binary/bytes-as-text", "bytes from 128 on are replaced, as if attachments were text", attachment(func(data []byte) []byte { return bytes.ToValidUTF8(data, []byte("\uFFFD")) })},
		Fault{"binary/zero-bytes-end", "attachments end at the first zero byte", attachment(func(data []byte) []byte {
			data, _, _ = bytes.Cut(data, []byte{0})
			return data
		})},
		Fault{"binary/type-byte-first", "attachments begin with the byte 4, as in Engine.IO revision 3", attachment(func(data []byte) []byte { return append([]byte{4}, data...) })},
		Fault{"binary/sent-as-text", "attachments are sent as text messages in base64", attachments(func(m []engineio.Message) []engineio.Message {
			for i := range m[1:] {
				m[i+1] = engineio.Message{Data: []byte(base64.StdEncoding.EncodeToString(m[i+1].Data))}
			}
			return m
		})},
		Fault{"binary/count-plus-one", "the header announces one attachment too many", header(func(text []byte) []byte {
			return regexp.MustCompile(`^([56])(\d+)-`).ReplaceAllFunc(text, func(match []byte) []byte {
				n, _ := strconv.Atoi(string(match[1 : len(match)-1]))
				return fmt.Appendf(nil, "%c%d-", match[0], n+1)
			})
		})},
		Fault{"binary/count-always-one", "the header always announces one attachment", header(replaced(`^([56])\d+-`, `${1}1-`))},
		Fault{"binary/count-missing", "the header does not say how many attachments follow", header(replaced(`^([56])\d+-`, `$1`))},
		Fault{"binary/type-of-text", "a packet with attachments has the type of one without", header(func(text []byte) []byte {
			text = regexp.MustCompile(`^([56])\d+-`).ReplaceAll(text, []byte(`$1`))
			text[0] -= 3
			return text
		})},
		Fault{"binary/num-from-one", "placeholders are numbered from 1", header(func(text []byte) []byte {
			return regexp.MustCompile(`"num":\d+`).ReplaceAllFunc(text, func(match []byte) []byte {
				n, _ := strconv.Atoi(string(match[6:]))
				return fmt.Appendf(nil, `"num":%d`, n+1)
			})
		})},
		Fault{"binary/num-a-string", "the numbers of placeholders are strings", header(replaced(`"num":(\d+)`, `"num":"$1"`))},
		Fault{"binary/num-always-zero", "all placeholders have the number 0", header(replaced(`"num":\d+`, `"num":0`))},
		Fault{"binary/placeholder-misspelt", "placeholders are marked with placeholder instead of _placeholder", header(replaced(`"_placeholder"`, `"placeholder"`))},
		Fault{"binary/namespace-left-out", "packets with attachments of custom namespaces arrive in the main one", packetsOut(func(_ client, p pkt) []pkt {
			if p.Binary() {
				p.Namespace = "/"
			}
			return []pkt{p}
		})},
		Fault{"binary/id-left-out", "acknowledgements with attachments have no id", packetsOut(func(_ client, p pkt) []pkt {
			if p.Binary() {
				p.ID = nil
			}
			return []pkt{p}
		})},
		Fault{"binary/in-base64", "binary arrives as base64 strings within JSON", packetsOut(func(_ client, p pkt) []pkt {
			for i := range p.Data {
				p.Data[i] = asText(p.Data[i])
			}
			return []pkt{p}
		})},
		Fault{"binary/nested-in-base64", "binary within objects and arrays arrives as base64 strings", packetsOut(func(_ client, p pkt) []pkt {
			for i, v := range p.Data {
				if len(v.Attachments()) > 0 && string(v.Text(func([]byte) string { return "" })) != "" {
					p.Data[i] = asText(v)
				}
			}
			return []pkt{p}
		})},

		Fault{"binary/received-in-base64", "handlers get attachments of clients as base64 strings", packetsIn(func(_ client, p pkt) []pkt {
			for i := range p.Data {
				p.Data[i] = asText(p.Data[i])
			}
			return []pkt{p}
		})},
		Fault{"binary/received-empty-as-null", "handlers get empty attachments of clients as null", packetsIn(func(_ client, p pkt) []pkt {
			for i, v := range p.Data {
				if a := v.Attachments(); len(a) == 1 && len(a[0]) == 0 {
					p.Data[i] = value{}
				}
			}
			return []pkt{p}
		})},
		Fault{"binary/received-nested-not-filled", "handlers get placeholders where attachments stand within objects or arrays", packetsIn(func(_ client, p pkt) []pkt {
			for i, v := range p.Data {
				if len(v.Attachments()) > 0 && string(v.Text(func([]byte) string { return "" })) != "" {
					p.Data[i] = packet.Raw(v.Text(func([]byte) string { return `{"_placeholder":true,"num":0}` }))
				}
			}
			return []pkt{p}
		})},
		Fault{"binary/received-num-ignored", "attachments of clients stand in the order in which they came, whatever the numbers of the placeholders", func(o *application.Options) {
			o.Socket.Received = func(_ client, m engineio.Message) []engineio.Message {
				if !m.Binary && regexp.MustCompile(`^[56]\d+-`).Match(m.Data) {
					num := -1
					m.Data = regexp.MustCompile(`"num":\d+`).ReplaceAllFunc(m.Data, func([]byte) []byte {
						num++
						return fmt.Appendf(nil, `"num":%d`, num)
					})
				}
				return []engineio.Message{m}
			}
		}},
		Fault{"binary/received-id-lost", "events of clients with attachments are not acknowledged", packetsIn(func(_ client, p pkt) []pkt {
			if p.Type == packet.BinaryEvent {
				p.ID = nil
			}
			return []pkt{p}
		})},
		Fault{"binary/received-lost", "events of clients with attachments are ignored", packetsIn(func(_ client, p pkt) []pkt {
			if p.Type == packet.BinaryEvent {
				return nil
			}
			return []pkt{p}
		})},
		Fault{"binary/more-than-five-refused", "more than five attachments end the session", received(func(c client, text string) bool {
			match := regexp.MustCompile(`^[56](\d+)-`).FindStringSubmatch(text)
			if match == nil {
				return false
			}
			n, _ := strconv.Atoi(match[1])
			if n > 5 {
				c.Abort()
			}
			return n > 5
		})},
		Fault{"binary/unannounced-ignored", "an attachment that no packet announced is not noticed", malformed(func(_ client, _ engineio.Message, err error) bool { return errors.Is(err, packet.ErrBinary) })},
		Fault{"binary/text-between-accepted", "a text packet may come between a packet and its attachments", malformed(func(c client, m engineio.Message, err error) bool {
			var decoder packet.Decoder
			p, _ := decoder.Text(m.Data)
			accepted := errors.Is(err, packet.ErrText) && p != nil
			if accepted {
				c.Handle(p)
			}
			return accepted
		})},
		Fault{"binary/num-out-of-range-ignored", "a packet whose placeholder has no attachment is not noticed", malformed(func(_ client, m engineio.Message, _ error) bool { return m.Binary })},
		Fault{"binary/count-illegal-ignored", "a packet whose number of attachments is not a number is not noticed", ignored(`^[56]([^\d]|\d+[^\d-])`)},
		Fault{"binary/count-zero-accepted", "a binary packet may announce no attachments", malformed(func(c client, m engineio.Message, _ error) bool {
			text, is := bytes.CutPrefix(m.Data, []byte(`50-`))
			var decoder packet.Decoder
			p, _ := decoder.Text(append([]byte(`2`), text...))
			if is && p != nil {
				c.Handle(p)
			}
			return is && p != nil
		})},
		Fault{"binary/any-count-accepted", "a packet may have more than ten attachments", malformed(func(_ client, _ engineio.Message, err error) bool {
			return errors.Is(err, packet.ErrTooMany) || errors.Is(err, packet.ErrBinary)
		})},
	)
}

// attachments lets f change the messages of packets that have attachments.
func attachments(f func([]engineio.Message) []engineio.Message) apply {
	return encoded(func(_ client, _ pkt, messages []engineio.Message) []engineio.Message {
		if len(messages) < 2 {
			return messages
		}
		return f(messages)
	})
}

// attachment lets f change each attachment.
func attachment(f func([]byte) []byte) apply {
	return attachments(func(messages []engineio.Message) []engineio.Message {
		for i := range messages[1:] {
			messages[i+1].Data = f(messages[i+1].Data)
		}
		return messages
	})
}

// header lets f change the text of packets that have attachments.
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

// asText gives a value with base64 strings in place of attachments.
func asText(v value) value {
	text, _ := v.MarshalJSON()
	return packet.Raw(text)
}

package fault

import (
	"bytes"
	"regexp"
	"strings"
	"time"

	"example.test/conformance/reference"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

// Faults in the values next to attachments, and in attachments of certain sizes.
func init() {
	register(
		Fault{
			Name:     "binary/placeholder-of-one-spelling",
			Breaks:   "socket.io/192",
			Sentence: "A placeholder with its keys in another order, or with white space, ends the session.",
			Apply:    aborting(`^[56]\d+-.*(\d,\s*"_placeholder"|"_placeholder"\s+:|"_placeholder":\s)`),
		},
		Fault{
			Name:     "binary/placeholders-in-text-filled",
			Breaks:   "socket.io/192",
			Sentence: "Text that looks like a placeholder is taken for one.",
			Apply:    rewritten(`^([56]\d+-.*)"\{\\"_placeholder\\":true,\\"num\\":(\d+)\}"`, `$1{"_placeholder":true,"num":$2}`),
		},
		Fault{
			Name:     "binary/reserved-names-accepted",
			Breaks:   "socket.io/160",
			Sentence: "Clients may send events with reserved names if the events have attachments.",
			Apply:    rewritten(`^(5\d+-(?:/[^,]*,)?\d*\[")(connect|connect_error|disconnect|disconnecting|newListener|removeListener)"`, `${1}not-$2"`),
		},
		Fault{
			Name:     "binary/given-up-at-the-upgrade",
			Breaks:   "socket.io/199",
			Sentence: "Attachments that come over a transport other than their packet's end the session.",
			Apply: fresh(func() apply {
				var transports memory[string]
				return socketIO(func(rules *reference.Rules) {
					rules.Packets = override.Received(rules.Packets, func(c client, m engineio.Message) []engineio.Message {
						other := false
						transports.of(c, func(transport *string) {
							if !m.Binary {
								*transport = c.Session().Transport()
							}
							other = *transport != c.Session().Transport()
						})
						if other {
							c.Abort()
							return nil
						}
						return []engineio.Message{m}
					})
				})
			}),
		},
		Fault{
			Name:     "binary/given-up-early",
			Breaks:   "socket.io/199",
			Sentence: "A packet whose attachments do not come within a tenth of a second ends the session.",
			Apply: fresh(func() apply {
				var heads memory[time.Time]
				return socketIO(func(rules *reference.Rules) {
					rules.Packets = override.Received(rules.Packets, func(c client, m engineio.Message) []engineio.Message {
						late := false
						heads.of(c, func(at *time.Time) {
							if !m.Binary {
								*at = time.Now()
							}
							late = m.Binary && time.Since(*at) > 100*time.Millisecond
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
			Name:     "binary/equal-attachments-once",
			Breaks:   "socket.io/193",
			Sentence: "An attachment that equals the one before arrives empty.",
			Apply: attachments(func(messages []engineio.Message) []engineio.Message {
				for i := len(messages) - 1; i > 1; i-- {
					if bytes.Equal(messages[i].Data, messages[i-1].Data) {
						messages[i].Data = nil
					}
				}
				return messages
			}),
		},
		Fault{
			Name:     "binary/base64-of-an-older-protocol",
			Breaks:   "socket.io/192",
			Sentence: "Base64 that begins with a 4 is read as in protocol version 3, where the 4 is a type.",
			Apply: engine(func(rules *engineio.Rules) {
				rules.Encoding = override.Decode(rules.Encoding, onPolling(func(payload []byte) []byte {
					return eachBinary(payload, func(text string) string { return strings.TrimPrefix(text, "4") })
				}))
			}),
		},
		Fault{
			Name:     "binary/of-64-kib-cut",
			Breaks:   "socket.io/192",
			Sentence: "Attachments of events lose their last byte if they have 65536 bytes.",
			Apply: encoded(func(_ client, p pkt, messages []engineio.Message) []engineio.Message {
				if p.Type == packet.Event {
					cutAttachments(messages)
				}
				return messages
			}),
		},
	)
}

// rewritten replaces what matches the pattern in the texts of clients.
func rewritten(pattern, replacement string) apply {
	compiled := regexp.MustCompile(pattern)
	return socketIO(func(rules *reference.Rules) {
		rules.Packets = override.Received(rules.Packets, func(_ client, m engineio.Message) []engineio.Message {
			if !m.Binary {
				m.Data = compiled.ReplaceAll(m.Data, []byte(replacement))
			}
			return []engineio.Message{m}
		})
	})
}

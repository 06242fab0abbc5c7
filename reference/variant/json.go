package variant

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"

	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
	"example.test/conformance/reference/packet"
)

const anyJSON = "The documents ask for JSON, and JSON (RFC 8259) allows several spellings of a value."

func init() {
	register(
		Variant{
			Name: "json/numbers-with-a-fraction", Summary: "writes whole numbers of the open packet as 300.0", Permitted: anyJSON,
			Apply: openPacket(func(text string) string {
				return regexp.MustCompile(`:(\d+)`).ReplaceAllString(text, ":$1.0")
			}),
		},
		Variant{
			Name: "json/numbers-with-an-exponent", Summary: "writes whole numbers of the open packet as 300e0", Permitted: anyJSON,
			Apply: openPacket(func(text string) string {
				return regexp.MustCompile(`:(\d+)`).ReplaceAllString(text, ":${1}e0")
			}),
		},
		Variant{
			Name: "json/open-packet-with-white-space", Summary: "puts white space into the open packet", Permitted: anyJSON,
			Apply: openPacket(func(text string) string {
				var b bytes.Buffer
				_ = json.Indent(&b, []byte(text), "", "  ")
				return b.String()
			}),
		},
		Variant{
			Name: "json/open-packet-with-more-keys", Summary: "adds keys to the open packet",
			Permitted: "The document lists the keys that the handshake has but does not forbid others.",
			Apply:     openPacket(func(text string) string { return `{"server":"x","features":[1,{"a":null}],` + text[1:] }),
		},
		Variant{
			Name: "json/letters-escaped", Summary: `writes every letter of a string as \uXXXX`, Permitted: anyJSON,
			Apply: payloads(escapeLetters),
		},
		Variant{
			Name: "json/slashes-escaped", Summary: `writes every slash of a string as \/`, Permitted: anyJSON,
			Apply: payloads(func(text string) string { return inStrings(text, "/", `\/`) }),
		},
		Variant{
			Name: "json/ascii-only", Summary: "escapes every non-ASCII character", Permitted: anyJSON,
			Apply: payloads(func(text string) string {
				var b strings.Builder
				for _, r := range text {
					if r < 128 {
						b.WriteRune(r)
						continue
					}
					for _, unit := range utf16.Encode([]rune{r}) {
						fmt.Fprintf(&b, `\u%04X`, unit)
					}
				}
				return b.String()
			}),
		},
		Variant{
			Name: "json/white-space-in-payloads", Summary: "puts white space into the JSON of its packets", Permitted: anyJSON,
			Apply: payloads(func(text string) string {
				var b bytes.Buffer
				if json.Indent(&b, []byte(text), " ", "\t") != nil {
					return text
				}
				return b.String()
			}),
		},
		Variant{
			Name: "json/more-keys-in-the-answer-to-a-connect", Summary: "adds keys to the answer to a CONNECT",
			Permitted: "The document shows an object with a sid but does not forbid other keys.",
			Apply:     encoded(packet.Connect, func(text string) string { return `{"since":1,` + text[1:] }),
		},
		Variant{
			Name: "json/more-keys-in-a-connect-error", Summary: "adds keys to a CONNECT_ERROR",
			Permitted: "The document shows an object with a message and with data, but does not forbid other keys.",
			Apply:     encoded(packet.ConnectError, func(text string) string { return `{"code":7,"retry":false,` + text[1:] }),
		},
		Variant{
			Name: "json/placeholders-in-another-order", Summary: "writes the key num of a placeholder before _placeholder", Permitted: anyJSON,
			Apply: payloads(func(text string) string {
				return regexp.MustCompile(`\{"_placeholder":true,"num":(\d+)\}`).ReplaceAllString(text, `{"num":$1,"_placeholder":true}`)
			}),
		},
		Variant{
			Name: "json/more-keys-in-info", Summary: "adds keys and an unknown feature to the answer to info",
			Permitted: "The contract names the keys that info has but does not forbid others.",
			Apply: control(func(text string) string {
				text = strings.Replace(text, `"features":[`, `"features":["teleportation",`, 1)
				return strings.Replace(text, `"contract":2`, `"contract":2,"host":"x","uptime":1.5`, 1)
			}),
		},
		Variant{
			Name: "json/more-keys-in-entries", Summary: "adds keys to every record",
			Permitted: "The contract names the keys that an entry has but does not forbid others.",
			Apply: override.Application(func(rules *application.Rules) {
				rules.Records = override.Record(rules.Records, func(_ string, e application.Entry) []application.Entry {
					fields := map[string]any{"pid": 1, "at": 1.5}
					for key, value := range e.Fields {
						fields[key] = value
					}
					return []application.Entry{{Type: e.Type, Fields: fields}}
				})
			}),
		},
	)
}

// openPacket changes the text of open packets.
func openPacket(change func(text string) string) func(*application.Options) {
	return override.Engine(func(rules *engineio.Rules) {
		rules.Handshake = override.OpenPacket(rules.Handshake, func(_ *engineio.Session, _, text string) engineio.Packet {
			return engineio.Packet{Type: engineio.Open, Data: []byte(change(text))}
		})
	})
}

// head matches what comes before the JSON of a Socket.IO packet: type, number of attachments, namespace, acknowledgement
// ID.
var head = regexp.MustCompile(`^\d(\d+-)?(/[^,]*,)?\d*`)

// encoded changes the JSON of the Socket.IO packets of one type.
func encoded(kind packet.Type, change func(text string) string) func(*application.Options) {
	return recoded(func(p *packet.Packet) bool { return p.Type == kind }, change)
}

// payloads changes the JSON of all Socket.IO packets.
func payloads(change func(text string) string) func(*application.Options) {
	return recoded(func(*packet.Packet) bool { return true }, change)
}

func recoded(of func(*packet.Packet) bool, change func(text string) string) func(*application.Options) {
	return override.SocketIO(func(rules *reference.Rules) {
		rules.Packets = override.Encode(rules.Packets, func(_ client, p *packet.Packet, messages []engineio.Message) []engineio.Message {
			text := string(messages[0].Data)
			if n := len(head.FindString(text)); n < len(text) && of(p) {
				messages[0].Data = []byte(text[:n] + change(text[n:]))
			}
			return messages
		})
	})
}

// control changes the JSON of acknowledgements in the control namespace.
func control(change func(text string) string) func(*application.Options) {
	return recoded(func(p *packet.Packet) bool { return p.Namespace == "/conformance" && p.Type == packet.Ack }, change)
}

// inStrings replaces a character within the strings of a JSON text.
func inStrings(text, old, replacement string) string {
	inside, escaped := false, false
	var b strings.Builder
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
		case r == '\\' && inside:
			escaped = true
		case r == '"':
			inside = !inside
		case inside && string(r) == old:
			b.WriteString(replacement)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// escapeLetters writes the letters within the strings of a JSON text as escapes.
func escapeLetters(text string) string {
	inside, escaped := false, 0
	var b strings.Builder
	for _, r := range text {
		switch {
		case escaped > 0:
			if escaped--; escaped == 0 && r == 'u' {
				escaped = -4
			}
		case escaped < 0:
			escaped++
		case r == '\\' && inside:
			escaped = 1
		case r == '"':
			inside = !inside
		case inside && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'):
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

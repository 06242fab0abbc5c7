package variant

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.test/conformance/reference/engineio"
	"example.test/conformance/reference/override"
)

const anySession = "The document says that sid is a string but nothing about its characters; clients escape them."

func init() {
	register(
		Variant{
			Name: "json/open-packet-backwards", Summary: "writes the keys of the open packet in reverse order", Permitted: anyJSON,
			Apply: openPacket(func(text string) string {
				members := regexp.MustCompile(`"\w+":(\[[^\]]*\]|"[^"]*"|\d+)`).FindAllString(text, -1)
				slices.Reverse(members)
				return "{" + strings.Join(members, ",") + "}"
			}),
		},
		Variant{
			Name: "json/open-packet-letters-escaped", Summary: `writes every letter of the open packet as \uXXXX`, Permitted: anyJSON,
			Apply: openPacket(escapeLetters),
		},
		Variant{
			Name: "json/numbers-with-a-signed-exponent", Summary: "writes whole numbers of the open packet as 300E+0", Permitted: anyJSON,
			Apply: openPacket(func(text string) string { return regexp.MustCompile(`:(\d+)`).ReplaceAllString(text, ":${1}E+0") }),
		},
		Variant{
			Name: "json/white-space-behind-payloads", Summary: "puts white space after the JSON of its packets", Permitted: anyJSON,
			Apply: payloads(func(text string) string { return text + " \n\t" }),
		},
		Variant{
			Name: "json/controls-escaped-by-number", Summary: `writes line feeds and tabs as \u000a and \u0009`, Permitted: anyJSON,
			Apply: payloads(func(text string) string {
				return regexp.MustCompile(`\\.`).ReplaceAllStringFunc(text, func(escape string) string {
					switch escape {
					case `\n`:
						return `\u000a`
					case `\t`:
						return `\u0009`
					}
					return escape
				})
			}),
		},
		named("http/sids-beyond-ascii", "gives sessions IDs with non-ASCII letters", func(id string) string { return "sïd☃" + id }),
		named("http/sids-with-spaces", "gives sessions IDs with spaces", func(id string) string { return "a b " + id }),
		named("http/sids-like-paths", "gives sessions IDs that look like paths", func(id string) string { return "/../" + id + "/?x=1&sid=2" }),
		named("http/sids-like-a-number", "gives sessions IDs that look like large numbers", func(id string) string {
			var b strings.Builder
			for _, c := range []byte(id) {
				fmt.Fprintf(&b, "%03d", c)
			}
			return b.String()
		}),
		Variant{
			Name: "packets/noops-behind", Summary: "adds two noops after the packets of a poll", Permitted: harmless,
			Apply: outgoing(engineio.Polling, func(packets []engineio.Packet) []engineio.Packet {
				return append(slices.Clone(packets), engineio.Packet{Type: engineio.Noop}, engineio.Packet{Type: engineio.Noop})
			}),
		},
	)
}

func named(name, summary string, change func(id string) string) Variant {
	return Variant{Name: name, Summary: summary, Permitted: anySession, Apply: override.Engine(func(rules *engineio.Rules) { rules.Handshake = override.SessionID(rules.Handshake, change) })}
}

// Package wording puts the values of a run into words, for all reports alike: what a case saw, what an event on the wire
// carries, what failed for one cause, what happened to a target.
//
// A text that came from a target may contain anything. [Visible] and [VisibleLine] make it harmless. What a function returns is
// harmless if its comment says so; any other text goes through one of the two before it is shown.
package wording

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks in a row are shown as they are.
const maxMarks = 3

// Visible returns a text in which every character can be seen and none has an effect: control characters
// appear as their names (⟨NUL⟩), direction marks, invisible and unassigned characters as their
// code (⟨U+202E⟩), and bytes that are not UTF-8 as ⟨0xFF⟩. Line feeds and tabs stay; a CRLF becomes a
// line feed. The result is valid in XML 1.0 once it is escaped.
func Visible(s string) string { return visible(s, true) }

// VisibleLine is Visible for a single line: line feeds and tabs become names, too.
func VisibleLine(s string) string { return visible(s, false) }

var controls = strings.Fields("NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US")

func visible(s string, lines bool) string {
	var b strings.Builder
	marks := 0
	for i, c := range s {
		if unicode.Is(unicode.M, c) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case c >= ' ' && c < 0x7f:
			b.WriteRune(c)
		case lines && (c == '\n' || c == '\t'):
			b.WriteRune(c)
		case lines && c == '\r' && strings.HasPrefix(s[i+1:], "\n"):
		case c < ' ':
			b.WriteString("⟨" + controls[c] + "⟩")
		case c == 0x7f:
			b.WriteString("⟨DEL⟩")
		case c == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, "⟨0x%02X⟩", s[i])
		case unicode.IsGraphic(c) && !unicode.Is(unicode.Zs, c) && marks <= maxMarks && !blank(c):
			b.WriteRune(c)
		default:
			fmt.Fprintf(&b, "⟨U+%04X⟩", c)
		}
	}
	return b.String()
}

// blank reports whether a letter shows nothing.
func blank(c rune) bool {
	return c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 || c == 0x2800 || c == 0x3164 || c == 0xffa0 ||
		unicode.Is(unicode.Variation_Selector, c)
}

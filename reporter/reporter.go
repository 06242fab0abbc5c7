// Package reporter writes the results of a run down for its readers: the console, JUnit, HTML,
// JSON, GitHub, and the comparison of several runs. Whatever text came from a target is made
// harmless by [Visible] before it is shown.
package reporter

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"example.test/conformance/suite/result"
)

// maxMarks is how many combining marks in a row are shown as they are.
const maxMarks = 3

// Visible returns a text in which every character can be seen and none acts: control characters
// appear as their names (⟨NUL⟩), marks of direction, invisible and unassigned characters as their
// code (⟨U+202E⟩), and bytes that are not UTF-8 as ⟨0xFF⟩. Line feeds and tabs stay, and of a CRLF
// the line feed. The result is valid in XML 1.0 once it is escaped.
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

// blank reports letters that show nothing.
func blank(c rune) bool {
	return c == 0x034f || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 || c == 0x2800 || c == 0x3164 || c == 0xffa0 ||
		unicode.Is(unicode.Variation_Selector, c)
}

// Clip returns the first limit bytes of a text, without half a character at their end, and says how many are left out.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	kept := whole(s[:limit])
	return fmt.Sprintf("%s … (%d further bytes)", kept, len(s)-len(kept))
}

// whole drops the beginning of a character that is cut off at a text's end.
func whole(s string) string {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if utf8.RuneStart(s[len(s)-n]) {
			if c := s[len(s)-n:]; !utf8.FullRuneInString(c) {
				return s[:len(s)-n]
			}
			break
		}
	}
	return s
}

// milliseconds words a duration given in milliseconds: "12 ms", "1.25 s", "2 min 5 s".
func milliseconds(ms float64) string {
	switch d := time.Duration(ms * float64(time.Millisecond)); {
	case ms < 10:
		return fmt.Sprintf("%.1f ms", ms)
	case ms < 999.5:
		return fmt.Sprintf("%.0f ms", ms)
	case d < time.Minute:
		return fmt.Sprintf("%.2f s", d.Seconds())
	default:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
}

// Count words a number of things: "1 case", "2 cases".
func Count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// areas of the results' cases in their order.
func areas(r *result.Results) []string {
	var all []string
	seen := map[string]bool{}
	for _, c := range r.Cases {
		if !seen[c.Area] {
			seen[c.Area] = true
			all = append(all, c.Area)
		}
	}
	return all
}

// instance names a target by a letter: A is the first.
func instance(target int) string {
	if target >= 0 && target < 26 {
		return string(rune('A' + target))
	}
	return fmt.Sprintf("target %d", target+1)
}

package reporter

import (
	"strings"
	"unicode"

	"example.test/conformance/reporter/wording"
)

// marked escapes a text for a line of Markdown, so that none of it is markup.
func marked(s string) string {
	var b strings.Builder
	s = wording.VisibleLine(s)
	for i, c := range s {
		if strings.HasPrefix(s[i:], ": ") {
			b.WriteRune(c)
			continue
		}
		if c < unicode.MaxASCII && (unicode.IsPunct(c) || unicode.IsSymbol(c)) && !strings.ContainsRune(".,;'/%", c) {
			switch c {
			case '<':
				b.WriteString("&lt;")
				continue
			case '>':
				b.WriteString("&gt;")
				continue
			case '&':
				b.WriteString("&amp;")
				continue
			}
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// codeSpan returns a text as code in a line of Markdown, inside or outside a table.
func codeSpan(s string) string {
	s = strings.ReplaceAll(wording.VisibleLine(s), "|", "\\|")
	if strings.TrimSpace(s) == "" {
		return ""
	}
	fence := longerFence(s, 1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// codeBlock returns a text as a block of code.
func codeBlock(s string) string {
	fence := longerFence(s, 3)
	return fence + "text\n" + strings.TrimRight(wording.Visible(s), "\n") + "\n" + fence + "\n"
}

// longerFence returns a row of backticks that the text does not contain.
func longerFence(s string, least int) string {
	run := 0
	for _, c := range s {
		if c != '`' {
			run = 0
			continue
		}
		run++
		least = max(least, run+1)
	}
	return strings.Repeat("`", least)
}

package wording

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Clip returns the first limit bytes of a text, without half a character at the end, and says how many are left out.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	kept := whole(s[:limit])
	return fmt.Sprintf("%s … (%d further bytes)", kept, len(s)-len(kept))
}

// whole drops a character that is cut off at the end of a text.
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

// Truncate returns the first limit bytes of a text, without half a character at the end. It does not say that more follows.
func Truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return whole(s[:limit])
}

// OneLine puts a text into one line of about limit bytes: it folds white space and clips the rest.
func OneLine(s string, limit int) string {
	return Clip(strings.Join(strings.Fields(Truncate(s, 4*limit)), " "), limit)
}

// FirstLine returns the first line of a text that is not empty.
func FirstLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return first
}

// Capital returns a text with a capital first letter.
func Capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

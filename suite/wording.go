package suite

import (
	"regexp"
	"slices"
	"strings"
)

// messageLimit is how much of a failure's message is kept, in bytes.
const messageLimit = 32 << 10

// typeMark is what gomega puts before a value at the beginning of a line: the type that the value has in this suite,
// which says nothing about the target.
var typeMark = regexp.MustCompile(`(?m)^( *)<(?:\*|\[\]|map\[string\])*(?:string|bool|u?int\d*|float64|time\.Duration|json\.RawMessage|interface {}|suite\.\w+|wire\.\w+)(?: \| [^>\n]*)?>: `)

// alternative is how gomega shows a matcher that is one of several.
var alternative = regexp.MustCompile(`%!s\(\*[\w.]+=&\{([^{}\n]*)\}\)`)

// plain is a matcher's message in the words of the rule, of a length that a report bears.
func plain(message string) string {
	return clip(alternative.ReplaceAllString(typeMark.ReplaceAllString(message, "$1"), "$1"), messageLimit)
}

// takeApart splits a matcher's message into what was expected and what was received, where it has that form.
func takeApart(message string) (expected, received string) {
	lines := strings.Split(message, "\n")
	begin := slices.Index(lines, "Expected")
	if begin < 0 {
		return "", ""
	}
	middle := begin + 1
	for middle < len(lines) && strings.HasPrefix(lines[middle], "    ") {
		middle++
	}
	if middle == len(lines) {
		return "", ""
	}
	outdent := func(lines []string) string {
		var out []string
		for _, line := range lines {
			out = append(out, strings.TrimPrefix(line, "    "))
		}
		return strings.TrimSpace(strings.Join(out, "\n"))
	}
	first, relation, second := outdent(lines[begin+1:middle]), lines[middle], outdent(lines[middle+1:])
	if strings.HasPrefix(relation, "but") {
		return first, strings.TrimSpace(strings.TrimPrefix(relation, "but") + " " + second)
	}
	return strings.TrimSpace(relation + "\n" + second), first
}

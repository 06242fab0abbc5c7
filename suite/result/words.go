package result

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Words says what was expected and what came, in one sentence without its full stop.
func (f Failure) Words() string {
	return "expected " + f.ExpectedWords() + ", " + f.came()
}

// ExpectedWords says what was expected: "the status of the answer to be 400".
func (f Failure) ExpectedWords() string {
	return strings.TrimSpace(f.Subject + " " + infinitive(f.Expected))
}

// came says what came instead of what was expected.
func (f Failure) came() string {
	switch f.Received.Form {
	case End:
		return "but " + f.ReceivedWords()
	case Open:
		return "but it was " + f.ReceivedWords()
	}
	return "got " + f.ReceivedWords()
}

// ReceivedWords says what came and, if it matters, within which time or how much too early or too late.
func (f Failure) ReceivedWords() string {
	text := value(f.Received)
	switch {
	case f.Received.Form == End && f.Received.Text != "":
		text = "it ended: " + text
	case f.Received.Form == End:
		text = "it ended"
	case f.Expected.Relation == HasLength && f.Received.Form == List && len(f.Received.Items) > 0:
		text = fmt.Sprintf("%d: %s", max(f.Received.Size, len(f.Received.Items)), text)
	}
	switch {
	case f.Kind == Absence && f.Received.Form == Open:
		text += fmt.Sprintf(" after %d ms", f.Span.Length().Milliseconds())
	case f.Kind == Absence:
		text += fmt.Sprintf(" within %d ms", f.Span.Length().Milliseconds())
	case f.Kind == Early && f.Outside > 0:
		text += ", " + duration(f.Outside) + " too short"
	case f.Kind == Overdue && f.Outside > 0:
		text += ", " + duration(f.Outside) + " too long"
	}
	return text
}

// infinitive returns an expectation as "to be 400" or "not to be empty".
func infinitive(e Expectation) string {
	words, negated := predicate(e)
	if negated {
		return "not to " + words
	}
	return "to " + words
}

// predicate returns an expectation without "to"; negated means that "not" goes before it.
func predicate(e Expectation) (words string, negated bool) {
	operand := ""
	if e.Value != nil {
		operand = value(*e.Value)
	}
	switch e.Relation {
	case HasJSON:
		if plainJSON(e.Value) {
			return "be " + operand, e.Not
		}
	case Compares:
		return comparison(e.Comparator) + operand, e.Not
	case IsNothing:
		if e.Not {
			return "be there", false
		}
		return "be absent", false
	case Lasts:
		if e.Most != nil {
			return "be between " + operand + " and " + value(*e.Most), e.Not
		}
		return "be about " + operand, e.Not
	case Is:
		return "be " + e.Words, e.Not
	case AnyOf:
		return joined(e.Of, " or "), e.Not
	case AllOf:
		return joined(e.Of, " and "), e.Not
	case Contains:
		return "contain " + nouns(e.Of, " and "), e.Not
	case Each:
		return "contain only " + nouns(e.Of, " and "), e.Not
	case HasKey:
		return "have the key " + nouns(e.Of, " and "), e.Not
	case Consists:
		if len(e.Of) == 0 {
			return "be empty", e.Not
		}
		return "consist of " + nouns(e.Of, " and "), e.Not
	case IsOneOf:
		return "be " + nouns(e.Of, " or "), e.Not
	}
	return strings.TrimSpace(verbs[e.Relation] + " " + operand), e.Not
}

// plainJSON reports whether a value is a JSON number, string, true, false or null: that it is compared as JSON says nothing to
// a reader then.
func plainJSON(v *Value) bool {
	return v != nil && v.Text != "" && v.Text[0] != '{' && v.Text[0] != '['
}

// verbs are the verbs of the relations whose operand follows.
var verbs = map[Relation]string{
	Equals: "be", IsPacket: "be the packet", HasJSON: "have the JSON value",
	HoldsJSON: "be an object that holds", HasLength: "have the length", HasPrefix: "begin with",
	HasSuffix: "end with", HasSubstring: "contain", MatchesRegexp: "match the pattern",
	IsEmpty: "be empty", IsZero: "be zero", IsTrue: "be true", IsFalse: "be false",
	Fails: "be an error", Succeeds: "succeed", Ends: "end", StaysOpen: "stay open",
	Comes: "come", Unnamed: "be as the case asks",
}

func comparison(comparator string) string {
	switch comparator {
	case ">":
		return "be more than "
	case ">=":
		return "be at least "
	case "<":
		return "be less than "
	case "<=":
		return "be at most "
	case "~":
		return "be about "
	}
	return "be "
}

// joined joins several predicates about one subject; "be" appears once.
func joined(all []Expectation, word string) string {
	var parts []string
	for i, one := range all {
		words, negated := predicate(one)
		if negated {
			words = "not " + words
		}
		if i > 0 && strings.HasPrefix(parts[0], "be ") {
			words = strings.TrimPrefix(words, "be ")
		}
		parts = append(parts, words)
	}
	return strings.Join(parts, word)
}

// nouns lists elements: values, packets, or what an element must be.
func nouns(all []Expectation, word string) string {
	var parts []string
	for _, one := range all {
		parts = append(parts, noun(one))
	}
	if n := len(parts); n > 2 {
		return strings.Join(parts[:n-1], ", ") + word + parts[n-1]
	}
	return strings.Join(parts, word)
}

func noun(e Expectation) string {
	if !e.Not && e.Value != nil {
		switch e.Relation {
		case Equals:
			return value(*e.Value)
		case IsPacket:
			return "the packet " + value(*e.Value)
		case HasJSON:
			if plainJSON(e.Value) {
				return value(*e.Value)
			}
			return "the JSON value " + value(*e.Value)
		}
	}
	if e.Relation == IsOneOf && !e.Not {
		return "one of " + nouns(e.Of, " or ")
	}
	words, negated := predicate(e)
	if negated {
		words = "not " + words
	}
	return "an element that must " + words
}

var lineBreaks = strings.NewReplacer("\r\n", "⏎", "\n", "⏎", "\r", "⏎")

// WithinALine returns a text that stands within a sentence: each line break is shown as ⏎.
func WithinALine(text string) string { return lineBreaks.Replace(text) }

// value returns a value for display, on one line. Texts are quoted if that makes their ends visible; JSON and packets are
// otherwise unchanged.
func value(v Value) string {
	v.Text = WithinALine(v.Text)
	switch v.Form {
	case Nothing:
		return "nothing"
	case Open:
		return "still open"
	case Duration:
		return duration(v.Took)
	case Opaque:
		return "a value that cannot be shown"
	case List:
		return list(v)
	case Response:
		if v.Text == "" {
			return strconv.Itoa(v.Status)
		}
		return fmt.Sprintf("%d with the body %s%s", v.Status, v.Text, rest(v))
	case Bytes:
		return "the bytes " + v.Text + rest(v)
	case Text:
		if v.Text == "" {
			return "an empty text"
		}
		if strings.Contains(v.Text, `"`) {
			return v.Text + rest(v)
		}
		return `"` + v.Text + `"` + rest(v)
	case Packet:
		if v.Text == "" {
			return "an empty packet"
		}
	}
	return v.Text + rest(v)
}

func list(v Value) string {
	if len(v.Items) == 0 {
		return "an empty list"
	}
	var all []string
	for _, one := range v.Items {
		all = append(all, value(one))
	}
	if v.Size > len(all) {
		all = append(all, fmt.Sprintf("… (%d in all)", v.Size))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// rest says how much of a value is not shown.
func rest(v Value) string {
	if v.Size == 0 {
		return ""
	}
	return fmt.Sprintf(" … (%d bytes)", v.Size)
}

// duration formats milliseconds, with a decimal place if the duration is short.
func duration(d time.Duration) string {
	if d < 10*time.Millisecond {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}

package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// hidden replaces a secret.
const hidden = "[hidden]"

// A Redactor hides secrets, however a target spells them: verbatim, percent-encoded, escaped for JSON, Go or HTML, in base64
// or in hexadecimal, and in any mixture of the first four.
type Redactor struct {
	secrets []secret
	first   [256]bool // the bytes with which a spelling may begin
}

// secret is the characters of one secret.
type secret struct {
	characters []character
	part       int // a prefix of this length is hidden wherever it appears
}

type character struct {
	value rune
	bytes []byte
}

// Limits on what is hidden.
const (
	shortestTail    = 4 // of a secret's prefix at the end of a text: shorter ones are shown
	shortestPart    = 8 // of a secret's prefix anywhere, in characters
	shortestEncoded = 6 // of a secret in base64 or hexadecimal
	mostEscapes     = 4 // of an escape character that is itself escaped
)

// Hide adds a secret.
func (r *Redactor) Hide(value string) { r.hideBehind(value, 0) }

// hideBehind adds a secret whose first known bytes are not secret.
func (r *Redactor) hideBehind(value string, known int) {
	if value == "" {
		return
	}
	r.add(value, known+shortestPart)
	for _, e := range encodings(value, known+shortestPart) {
		if len(e.text) >= shortestEncoded {
			r.add(e.text, e.part)
		}
	}
}

func (r *Redactor) add(value string, part int) {
	s := secret{part: part}
	for rest := value; rest != ""; {
		c, size := utf8.DecodeRuneInString(rest)
		if c == utf8.RuneError && size == 1 {
			c = -1 // a byte that is not a character
		}
		s.characters = append(s.characters, character{c, []byte(rest[:size])})
		rest = rest[size:]
	}
	if slices.ContainsFunc(r.secrets, func(other secret) bool { return other.String() == value }) {
		return
	}
	r.secrets = append(r.secrets, s)
	for _, b := range []byte{value[0], '%', '\\', '&'} {
		r.first[b] = true
	}
	if value[0] == ' ' {
		r.first['+'] = true
	}
}

func (s secret) String() string {
	var b strings.Builder
	for _, c := range s.characters {
		b.Write(c.bytes)
	}
	return b.String()
}

// encoding is a value in an encoding. Its first part characters stand for the beginning of the value.
type encoding struct {
	text string
	part int
}

// encodings returns a value in base64, also as part of something longer, and in hexadecimal. The parts stand for the
// first n bytes of the value.
func encodings(value string, n int) (all []encoding) {
	for _, base := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset, skip := range []int{0, 2, 3} { // characters that hold bits of the preceding bytes
			text := base.EncodeToString(append(make([]byte, offset), value...))
			whole := (offset + len(value)) * 8 / 6
			all = append(all, encoding{text[min(skip, whole):whole], (offset+n)*8/6 - skip})
		}
	}
	lower := hex.EncodeToString([]byte(value))
	return append(all, encoding{lower, 2 * n}, encoding{strings.ToUpper(lower), 2 * n})
}

// span is a range of bytes.
type span struct{ from, to int }

// find returns where secrets are, and where at the end one may begin: len(p) if none does.
func (r *Redactor) find(p []byte) (found []span, tail int) {
	tail = len(p)
	end := -1 // of the text before a cut
	for i := 0; i < len(p); {
		if !r.first[p[i]] {
			i++
			continue
		}
		if end < i {
			end = len(p)
			if cut := bytes.Index(p[i:], []byte(ellipsis)); cut >= 0 {
				end = i + cut
			}
		}
		longest, cut := 0, 0
		for _, s := range r.secrets {
			n, more := s.match(p[i:end])
			longest = max(longest, n)
			cut = max(cut, more)
		}
		switch {
		case longest > 0:
			found = append(found, span{i, i + longest})
			i += longest
			continue
		case cut > 0 && i+cut == len(p):
			tail = min(tail, i)
		case cut >= shortestTail && i+cut == end:
			found = append(found, span{i, i + cut})
			i += cut
			continue
		}
		i++
	}
	// Anything found after the beginning of a tail belongs to the tail.
	return slices.DeleteFunc(found, func(s span) bool { return s.from >= tail }), tail
}

// ellipsis marks where a text was cut.
const ellipsis = "…"

// match returns how many bytes at the beginning of p spell the secret, or a prefix of it that is hidden anywhere. Otherwise
// it returns how many spell its beginning up to the end of p.
func (s secret) match(p []byte) (whole, beginning int) {
	return s.matchFrom(0, p)
}

func (s secret) matchFrom(first int, p []byte) (whole, beginning int) {
	at := 0
	for i := first; i < len(s.characters); i++ {
		c := s.characters[i]
		if at == len(p) {
			return 0, at
		}
		lengths, cut := c.spelled(p[at:])
		if len(lengths) == 0 {
			if cut {
				return 0, len(p)
			}
			if i >= s.part {
				return at, 0
			}
			return 0, 0
		}
		if len(lengths) == 1 && !cut {
			at += lengths[0]
			continue
		}
		if cut {
			beginning = len(p)
		}
		part := 0
		for _, n := range lengths { // more than one is rare: only for a secret that holds an escape character
			w, b := s.matchFrom(i+1, p[at+n:])
			switch {
			case i+1 == len(s.characters) || w > 0:
				return at + n + w, 0
			case b > 0 || at+n == len(p):
				beginning = max(beginning, at+n+b)
			case i+1 >= s.part:
				part = max(part, at+n)
			}
		}
		if beginning == 0 {
			return part, 0
		}
		return 0, beginning
	}
	return at, 0
}

var named = map[rune][]string{'"': {"&quot;"}, '\'': {"&apos;"}, '&': {"&amp;"}, '<': {"&lt;"}, '>': {"&gt;"}}

var escapes = map[rune]byte{'\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f'}

// spelled returns the lengths of all spellings of the character at the beginning of p. Cut means that p ends inside one.
func (c character) spelled(p []byte) (lengths []int, cut bool) {
	try := func(n int, more bool) {
		if n > 0 && !slices.Contains(lengths, n) {
			lengths = append(lengths, n)
		}
		cut = cut || more
	}
	switch p[0] {
	case '%':
		try(c.percent(p))
	case '\\':
		try(c.backslash(p))
		for n := 2; c.value == '\\' && n <= 1<<mostEscapes; n *= 2 {
			try(literally(p, strings.Repeat(`\`, n)))
		}
	case '&':
		try(c.entity(p))
	case '+':
		if c.value == ' ' {
			try(1, false)
		}
	}
	try(literally(p, string(c.bytes)))
	return lengths, cut
}

func literally(p []byte, text string) (n int, cut bool) {
	if bytes.HasPrefix(p, []byte(text)) {
		return len(text), false
	}
	return 0, len(p) < len(text) && text[:len(p)] == string(p)
}

// folded is literally, ignoring case.
func folded(p []byte, text string) (n int, cut bool) {
	if len(p) >= len(text) {
		if strings.EqualFold(string(p[:len(text)]), text) {
			return len(text), false
		}
		return 0, false
	}
	return 0, strings.EqualFold(string(p), text[:len(p)])
}

// percent matches a percent-encoded character; the percent sign may be encoded again.
func (c character) percent(p []byte) (n int, cut bool) {
	at := 0
	for _, b := range c.bytes {
		if at == len(p) {
			return 0, true
		}
		if p[at] != '%' {
			return 0, false
		}
		after, longest := p[at+1:], 0
		for n := 1; n <= mostEscapes; n++ {
			found, more := folded(after, fmt.Sprintf("%02x", b))
			if found > 0 {
				longest = len(p) - len(after) + found
			}
			cut = cut || more
			if !bytes.HasPrefix(after, []byte("25")) {
				cut = cut || len(after) == 0 || len(after) == 1 && after[0] == '2'
				break
			}
			after = after[2:]
		}
		if longest == 0 {
			return 0, cut
		}
		at = longest
	}
	return at, cut
}

// backslash matches a character escaped as in JSON or Go; the backslash may be escaped again.
func (c character) backslash(p []byte) (n int, cut bool) {
	slashes := 0
	for slashes < len(p) && slashes < 1<<mostEscapes && p[slashes] == '\\' {
		slashes++
	}
	if slashes == len(p) {
		return 0, true
	}
	rest := p[slashes:]
	if short := escapes[c.value]; short != 0 && rest[0] == short || rest[0] == byte(c.value) && strings.ContainsRune(`"/'`, c.value) {
		return slashes + 1, false
	}
	var forms []string
	if c.value >= 0 && c.value < 0x10000 {
		forms = append(forms, fmt.Sprintf("u%04x", c.value))
	} else if a, b := utf16.EncodeRune(c.value); c.value >= 0 {
		forms = append(forms, fmt.Sprintf(`u%04x%su%04x`, a, strings.Repeat(`\`, slashes), b), fmt.Sprintf("U%08x", c.value))
	}
	if len(c.bytes) == 1 {
		forms = append(forms, fmt.Sprintf("x%02x", c.bytes[0]))
	}
	for _, form := range forms {
		n, more := folded(rest, form)
		if n > 0 {
			return slashes + n, false
		}
		cut = cut || more
	}
	return 0, cut
}

// entity matches a character escaped as in HTML.
func (c character) entity(p []byte) (n int, cut bool) {
	if c.value < 0 {
		return 0, false
	}
	for _, name := range named[c.value] {
		n, more := folded(p, name)
		if n > 0 {
			return n, false
		}
		cut = cut || more
	}
	if len(p) == 1 {
		return 0, true
	}
	if p[1] != '#' {
		return 0, cut
	}
	const longest = 12
	end := bytes.IndexByte(p[:min(len(p), longest)], ';')
	if end < 0 {
		return 0, len(p) < longest
	}
	number, base := string(p[2:end]), 10
	if strings.HasPrefix(strings.ToLower(number), "x") {
		number, base = number[1:], 16
	}
	if value, err := strconv.ParseUint(number, base, 32); err == nil && rune(value) == c.value {
		return end + 1, false
	}
	return 0, false
}

// Redact returns a text without its secrets.
func (r *Redactor) Redact(text string) string {
	if len(r.secrets) == 0 {
		return text
	}
	p := []byte(text)
	found, tail := r.find(p)
	if len(p)-tail >= shortestTail {
		found = append(found, span{tail, len(p)})
	}
	if len(found) == 0 {
		return text
	}
	return string(replaced(p, 0, len(p), found))
}

// replaced returns p[from:to] with the secrets that were found replaced.
func replaced(p []byte, from, to int, found []span) []byte {
	out := make([]byte, 0, max(to-from, 0))
	at := from
	for _, s := range found {
		if s.to <= from || s.from >= to {
			continue
		}
		out = append(out, p[at:max(s.from, at)]...)
		out = append(out, hidden...)
		at = min(s.to, to)
	}
	return append(out, p[min(at, to):to]...)
}

// stream hides secrets in data that comes in pieces.
type stream struct {
	redactor *Redactor
	tail     []byte // the end of what came: it may be the beginning of a secret
	shown    bool   // the tail was already shown or hidden
}

func (s *stream) idle() bool { return s.redactor == nil || len(s.redactor.secrets) == 0 }

// next joins the tail and the next bytes; from is where the bytes begin that were not shown.
func (s *stream) next(p []byte) (all []byte, from int) {
	if s.shown {
		from = len(s.tail)
	}
	return append(s.tail, p...), from
}

// hold returns what may be shown of the held-back bytes and the next ones. A possible beginning of a secret is held back in
// turn.
func (s *stream) hold(p []byte) []byte {
	if s.idle() {
		return p
	}
	all, from := s.next(p)
	found, tail := s.redactor.find(all)
	tail = max(tail, from) // bytes that were shown cannot be held back
	s.tail, s.shown = slices.Clone(all[tail:]), false
	return replaced(all, from, tail, found)
}

// rest returns what was held back, once nothing more comes.
func (s *stream) rest() []byte {
	rest := s.tail
	s.tail = nil
	if s.idle() || s.shown {
		return nil
	}
	return []byte(s.redactor.Redact(string(rest)))
}

// whole returns a piece that must be shown without holding back: if its end may be the beginning of a secret, that is hidden
// unless it is short, and so is the rest of the secret at the beginning of the next piece.
func (s *stream) whole(p []byte) []byte {
	if s.idle() {
		return p
	}
	all, from := s.next(p)
	found, tail := s.redactor.find(all)
	if len(all)-tail >= shortestTail {
		found = append(found, span{tail, len(all)})
	}
	s.tail, s.shown = slices.Clone(all[tail:]), true
	return replaced(all, from, len(all), found)
}

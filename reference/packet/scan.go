package packet

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

type span struct{ start, end int }

var (
	errNotArray  = errors.New("not an array")
	errNotObject = errors.New("not an object")
)

// parts finds the elements of a compact, valid JSON array, or the members of an object: the text between its commas. It
// returns false if the text does not begin with open.
func parts(text []byte, open byte) ([]span, bool) {
	if len(text) < 2 || text[0] != open {
		return nil, false
	}
	if len(text) == 2 {
		return []span{}, true
	}
	var spans []span
	depth, start := 0, 1
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = skipString(text, i)
		case '[', '{':
			depth++
		case ']', '}':
			depth--
			if depth < 0 {
				return append(spans, span{start, i}), true
			}
		case ',':
			if depth == 0 {
				spans = append(spans, span{start, i})
				start = i + 1
			}
		}
	}
	return nil, false
}

// skipString returns the index of the closing quote of the string that begins at i.
func skipString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		next := bytes.IndexByte(text[i:], '"')
		if next < 0 {
			return len(text)
		}
		i += next
		escapes := 0 // an odd number of backslashes makes the quote part of the string
		for text[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
	return i
}

// unquote decodes a JSON text that is a string.
func unquote(text []byte) (string, error) {
	if len(text) >= 2 && text[0] == '"' && bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text) {
		return string(text[1 : len(text)-1]), nil
	}
	var s string
	err := json.Unmarshal(text, &s)
	return s, err
}

// found is a placeholder: an object whose key _placeholder is true.
type found struct {
	span
	num string // the JSON text of its num; empty if it has none
}

// placeholders finds the placeholders of a valid JSON text, in the order of the text.
func placeholders(text []byte) ([]found, error) {
	if !bytes.Contains(text, []byte(`placeholder`)) && !bytes.Contains(text, []byte(`\u`)) {
		return nil, nil
	}
	w := walker{decoder: json.NewDecoder(bytes.NewReader(text))}
	w.decoder.UseNumber()
	if _, err := w.walk(); err != nil && err != io.EOF {
		return nil, err
	}
	return w.found, nil
}

type walker struct {
	decoder *json.Decoder
	found   []found
}

// walk reads one value. It returns the value itself only if it is a scalar.
func (w *walker) walk() (json.Token, error) {
	token, err := w.decoder.Token()
	if err != nil {
		return nil, err
	}
	delimiter, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	start, before := int(w.decoder.InputOffset())-1, len(w.found)
	is, num := false, ""
	for w.decoder.More() {
		var key json.Token
		if delimiter == '{' {
			if key, err = w.decoder.Token(); err != nil {
				return nil, err
			}
		}
		value, err := w.walk()
		if err != nil {
			return nil, err
		}
		switch key {
		case "_placeholder":
			is = value == true
		case "num":
			num = ""
			if n, ok := value.(json.Number); ok {
				num = n.String()
			}
		}
	}
	if _, err := w.decoder.Token(); err != nil {
		return nil, err
	}
	if is {
		w.found = append(w.found[:before], found{span{start, int(w.decoder.InputOffset())}, num})
	}
	return delimiter, nil
}

// fill puts the attachments in place of the placeholders of a valid JSON text.
func fill(text []byte, attachments [][]byte) (Value, error) {
	places, err := placeholders(text)
	if err != nil {
		return Value{}, err
	}
	if len(places) > MaxAttachments {
		return Value{}, ErrTooMany // otherwise a few bytes each could make an echo send one attachment again and again
	}
	value := Value{text: text}
	for _, place := range places {
		num, err := strconv.ParseFloat(place.num, 64)
		if err != nil || num < 0 || num >= float64(len(attachments)) || num != float64(int(num)) {
			return Value{}, ErrAttachment
		}
		value.holes = append(value.holes, hole{place.start, place.end, attachments[int(num)]})
	}
	return value, nil
}

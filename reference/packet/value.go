package packet

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
)

// Value is one argument of an event or an acknowledgement: a JSON text, as it came, in which attachments may take the place
// of values. Numbers, the order of keys and repeated keys pass through unchanged. The zero Value is null.
type Value struct {
	text  []byte
	holes []hole // in text order, not overlapping
}

// hole is a part of the text that stands for an attachment.
type hole struct {
	start, end int
	data       []byte
}

var null = []byte("null")

// Raw returns a Value for a JSON text without attachments. The text must be valid and must not be changed afterwards.
func Raw(text json.RawMessage) Value { return Value{text: text} }

// Attachment returns a Value that is one attachment.
func Attachment(data []byte) Value {
	return Value{text: null, holes: []hole{{0, len(null), data}}}
}

// Of returns a Value for anything that encoding/json encodes. A []byte becomes an attachment if it is the value itself or
// an element of a []any or map[string]any; elsewhere (in a struct, say) it becomes a base64 string, as in encoding/json.
func Of(v any) (Value, error) {
	switch v := v.(type) {
	case Value:
		return v, nil
	case []byte:
		return Attachment(v), nil
	case json.RawMessage:
		var compact bytes.Buffer
		if err := json.Compact(&compact, v); err != nil {
			return Value{}, err
		}
		return Raw(compact.Bytes()), nil
	case []Value:
		return Array(v...), nil
	case []any:
		values := make([]Value, len(v))
		for i, element := range v {
			value, err := Of(element)
			if err != nil {
				return Value{}, err
			}
			values[i] = value
		}
		return Array(values...), nil
	case map[string]any:
		return object(v)
	}
	text, err := marshal(v)
	return Value{text: text}, err
}

// Array returns a JSON array of the values.
func Array(values ...Value) Value {
	var b builder
	b.write("[")
	for i, value := range values {
		if i > 0 {
			b.write(",")
		}
		b.value(value)
	}
	b.write("]")
	return b.result
}

func object(fields map[string]any) (Value, error) {
	keys := make([]string, 0, len(fields))
	for key := range fields {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	var b builder
	b.write("{")
	for i, key := range keys {
		value, err := Of(fields[key])
		if err != nil {
			return Value{}, err
		}
		name, err := marshal(key)
		if err != nil {
			return Value{}, err
		}
		if i > 0 {
			b.write(",")
		}
		b.write(string(name))
		b.write(":")
		b.value(value)
	}
	b.write("}")
	return b.result, nil
}

// marshal is json.Marshal without the escapes for HTML.
func marshal(v any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// builder joins texts and values into one Value.
type builder struct{ result Value }

func (b *builder) write(text string) { b.result.text = append(b.result.text, text...) }

func (b *builder) value(v Value) {
	at := len(b.result.text)
	b.result.text = append(b.result.text, v.orNull()...)
	for _, h := range v.holes {
		b.result.holes = append(b.result.holes, hole{at + h.start, at + h.end, h.data})
	}
}

func (v Value) orNull() []byte {
	if v.text == nil {
		return null
	}
	return v.text
}

// Attachments returns the attachments in text order.
func (v Value) Attachments() [][]byte {
	var attachments [][]byte
	for _, h := range v.holes {
		attachments = append(attachments, h.data)
	}
	return attachments
}

// Text returns the JSON text, with what render returns in place of each attachment. The result must not be changed.
func (v Value) Text(render func(attachment []byte) string) []byte {
	if len(v.holes) == 0 {
		return v.orNull()
	}
	text := make([]byte, 0, len(v.text))
	at := 0
	for _, h := range v.holes {
		text = append(text, v.text[at:h.start]...)
		text = append(text, render(h.data)...)
		at = h.end
	}
	return append(text, v.text[at:]...)
}

// Decode stores the value in what into points to, like json.Unmarshal. An attachment decodes into a []byte.
func (v Value) Decode(into any) error { return json.Unmarshal(v.Text(asBase64), into) }

// MarshalJSON returns the JSON text with attachments as base64 strings, as encoding/json encodes a []byte.
func (v Value) MarshalJSON() ([]byte, error) { return v.Text(asBase64), nil }

// String returns the value in readable form.
func (v Value) String() string {
	return string(v.Text(func(data []byte) string { return fmt.Sprintf("<% x>", data) }))
}

func asBase64(data []byte) string { return `"` + base64.StdEncoding.EncodeToString(data) + `"` }

// Elements returns the values of a JSON array. It fails if the value is not an array.
func (v Value) Elements() ([]Value, error) {
	values, ok := v.split('[')
	if !ok {
		return nil, errNotArray
	}
	return values, nil
}

// Members returns the values of a JSON object by key. The last value of a repeated key wins. It fails if the value is not
// an object.
func (v Value) Members() (map[string]Value, error) {
	pairs, ok := v.split('{')
	if !ok {
		return nil, errNotObject
	}
	members := make(map[string]Value, len(pairs))
	for _, pair := range pairs {
		colon := skipString(pair.text, 0) + 1
		key, err := unquote(pair.text[:colon])
		if err != nil {
			return nil, err
		}
		members[key] = pair.part(colon+1, len(pair.text))
	}
	return members, nil
}

// split returns the elements of an array or the members of an object, depending on open.
func (v Value) split(open byte) ([]Value, bool) {
	spans, ok := parts(v.orNull(), open)
	if !ok {
		return nil, false
	}
	values := make([]Value, len(spans))
	for i, s := range spans {
		values[i] = v.part(s.start, s.end)
	}
	return values, true
}

// part returns a part of the text with its attachments.
func (v Value) part(start, end int) Value {
	p := Value{text: v.text[start:end]}
	for _, h := range v.holes {
		if start <= h.start && h.end <= end {
			p.holes = append(p.holes, hole{h.start - start, h.end - start, h.data})
		}
	}
	return p
}

func placeholder(num int) string { return `{"_placeholder":true,"num":` + strconv.Itoa(num) + `}` }

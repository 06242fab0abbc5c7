package suite

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Limits on what a failure keeps of a value: a difference may be anywhere in it.
const (
	valueLimit = 16 << 10
	itemLimit  = 50 // of a list
)

// valueOf copies a value for reports. The copy is bounded, holds no type of this program, and does not change later.
func valueOf(v any) result.Value {
	switch v := v.(type) {
	case nil:
		return result.Value{Form: result.Nothing}
	case result.Value:
		return v
	case error:
		return text(result.Error, wire.Reason(v))
	case string:
		return textOrBytes(v)
	case []byte:
		return textOrBytes(string(v))
	case json.RawMessage:
		if v == nil {
			return result.Value{Form: result.Nothing}
		}
		return text(result.JSON, string(v))
	case byte: // the type of a packet
		return text(result.Text, string(rune(v)))
	case time.Duration:
		return result.Value{Form: result.Duration, Took: v}
	case Message:
		if v.Binary {
			return inHex(v.Data)
		}
		return text(result.Packet, v.Data)
	case Entry:
		return text(result.JSON, v.Raw)
	case PageEvent:
		return text(result.Text, v.String())
	case End:
		return text(result.End, v.String())
	}
	p := reflect.ValueOf(v)
	switch p.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if p.IsNil() {
			return result.Value{Form: result.Nothing}
		}
	}
	if p.Kind() == reflect.Pointer {
		return pointed(v, p)
	}
	return compound(v)
}

// pointed copies what a pointer points to. For objects that belong to the running case, it tells only their state.
func pointed(v any, p reflect.Value) result.Value {
	switch v := v.(type) {
	case *protocol.Packet:
		return packetValue(v.Raw, v.Attachments)
	case *wire.Response:
		value := textOrBytes(v.Body)
		value.Form, value.Status = result.Response, v.Status
		return value
	case *End:
		return valueOf(*v)
	case *WebSocket:
		return result.Value{Form: result.Open}
	case *Polling, *Client, *Page, *T:
		return result.Value{Form: result.Opaque}
	}
	return valueOf(p.Elem().Interface())
}

// compound copies a list, a map or a struct.
func compound(v any) result.Value {
	p := reflect.ValueOf(v)
	switch p.Kind() {
	case reflect.Slice, reflect.Array:
		list := result.Value{Form: result.List}
		if n := p.Len(); n > itemLimit {
			list.Size = n
		}
		for i := range min(p.Len(), itemLimit) {
			one := valueOf(p.Index(i).Interface())
			bound := valueLimit / min(p.Len(), itemLimit)
			if len(one.Text) > bound {
				one.Size = max(one.Size, len(one.Text))
				one.Text = strings.ToValidUTF8(one.Text[:bound], "")
			}
			list.Items = append(list.Items, one)
		}
		return list
	case reflect.Map:
		b, err := json.Marshal(v)
		if err == nil {
			return text(result.JSON, string(b))
		}
		var keys []string
		for _, key := range p.MapKeys() {
			keys = append(keys, fmt.Sprint(key.Interface()))
		}
		slices.Sort(keys)
		return valueOf(keys)
	}
	if s, is := v.(fmt.Stringer); is {
		return text(result.Text, s.String())
	}
	b, err := json.Marshal(v)
	if err != nil {
		return result.Value{Form: result.Opaque}
	}
	return text(result.JSON, string(b))
}

// packetValue returns a packet with its attachments in hexadecimal.
func packetValue(raw string, attachments []string) result.Value {
	var b strings.Builder
	b.WriteString(raw)
	for _, a := range attachments {
		fmt.Fprintf(&b, " + % x", protocol.Clip(a, 64))
	}
	return text(result.Packet, b.String())
}

// textOrBytes shows text as it is, and anything else in hexadecimal.
func textOrBytes(s string) result.Value {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != 0x1e }) {
		return text(result.Text, s)
	}
	return inHex(s)
}

func inHex(s string) result.Value {
	kept := s[:min(len(s), valueLimit/3)]
	v := result.Value{Form: result.Bytes, Text: fmt.Sprintf("% x", kept)}
	if len(kept) < len(s) {
		v.Size = len(s)
	}
	return v
}

func text(form result.Form, s string) result.Value {
	v := result.Value{Form: form, Text: strings.ToValidUTF8(s, "\ufffd")}
	if len(v.Text) > valueLimit {
		v.Text, v.Size = strings.ToValidUTF8(v.Text[:valueLimit], ""), len(s)
	}
	return v
}

// counted returns a number of received items as a value.
func counted(n int) result.Value { return text(result.JSON, strconv.Itoa(n)) }

package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"example.test/conformance/suite/wire"
)

// Limits on what results keep of a target's texts, in bytes.
const (
	maxText  = 64 << 10
	maxJSON  = 256 << 10
	maxDepth = 64
)

// names are members that hold the suite's own words, which must not change.
var names = []string{"Schema", "ID", "Area", "Since", "Edition", "Catalogue", "Shard", "Case"}

// Sanitise makes results, or a part of them, safe to store, whatever a target said: valid UTF-8, bounded, and without
// secrets, which redact removes. Traces are sanitised when they are recorded.
func Sanitise(part any, redact func(string) string) {
	sanitise(reflect.ValueOf(part), func(s string) string {
		if redact != nil {
			s = redact(s)
		}
		s = strings.ToValidUTF8(s, "\uFFFD")
		if len(s) > maxText {
			s = strings.ToValidUTF8(s[:maxText], "") + fmt.Sprintf("… (%d bytes)", len(s))
		}
		return s
	})
}

func sanitise(v reflect.Value, change func(string) string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			sanitise(v.Elem(), change)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !slices.Contains(names, f.Name) {
				sanitise(v.Field(i), change)
			}
		}
	case reflect.Slice:
		switch v.Interface().(type) {
		case wire.Trace:
			return
		case json.RawMessage:
			if raw, changed := document(v.Bytes(), change); changed {
				v.SetBytes(raw)
			}
			return
		case []string:
			texts := v.Interface().([]string) // others may share it
			if changed := slices.Clone(texts); len(texts) > 0 {
				for i := range changed {
					changed[i] = change(changed[i])
				}
				if !slices.Equal(changed, texts) {
					v.Set(reflect.ValueOf(changed))
				}
			}
			return
		}
		for i := range v.Len() {
			sanitise(v.Index(i), change)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() { // a map value cannot be set: a copy replaces it
			before := v.MapIndex(key)
			after := reflect.New(before.Type()).Elem()
			after.Set(before)
			sanitise(after, change)
			name := reflect.New(key.Type()).Elem()
			name.Set(key)
			sanitise(name, change)
			if !name.Equal(key) {
				v.SetMapIndex(key, reflect.Value{})
			}
			v.SetMapIndex(name, after)
		}
	case reflect.String:
		if v.CanSet() && v.Type() == reflect.TypeFor[string]() {
			if before := v.String(); before != "" {
				if s := change(before); s != before {
					v.SetString(s)
				}
			}
		}
	}
}

// document returns JSON that may be stored. If it may not, a text says so in its place.
func document(raw []byte, change func(string) string) (kept []byte, changed bool) {
	var why string
	switch {
	case len(raw) == 0:
		return raw, false
	case len(raw) > maxJSON:
		why = fmt.Sprintf("left out: %d bytes of JSON", len(raw))
	case Depth(raw) > maxDepth:
		why = fmt.Sprintf("left out: JSON that is nested deeper than %d", maxDepth)
	default:
		kept = []byte(change(string(raw)))
		if bytes.Equal(kept, raw) {
			return raw, false
		}
		if json.Valid(kept) {
			return kept, true
		}
		why = string(kept)
	}
	kept, _ = json.Marshal(why)
	return kept, true
}

// Depth returns how deeply a JSON document is nested.
func Depth(document []byte) (deepest int) {
	depth, text, escaped := 0, false, false
	for _, b := range document {
		switch {
		case escaped:
			escaped = false
		case text && b == '\\':
			escaped = true
		case b == '"':
			text = !text
		case text:
		case b == '[' || b == '{':
			depth++
			deepest = max(deepest, depth)
		case b == ']' || b == '}':
			depth--
		}
	}
	return deepest
}

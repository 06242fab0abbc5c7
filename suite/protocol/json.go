package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
)

// SameJSON reports whether two JSON texts have the same value. Whole numbers are compared at any size: 1.0 is 1, and
// 9007199254740993 is not 9007199254740992. Fractions are compared as 64-bit floats: a server may write more digits of 0.1
// than necessary.
func SameJSON(a, b string) bool {
	if a == b { // most are equal, and large ones are costly to parse
		return json.Valid([]byte(a))
	}
	x, errX := decodeJSON(a)
	y, errY := decodeJSON(b)
	return errX == nil && errY == nil && sameValue(x, y)
}

func decodeJSON(s string) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.UseNumber()
	if err = d.Decode(&v); err == nil && d.More() {
		err = fmt.Errorf("more than one JSON value")
	}
	return v, err
}

func sameValue(a, b any) bool {
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		return ok && (x == y || sameNumber(string(x), string(y)))
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !sameValue(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			w, has := y[k]
			if !has || !sameValue(v, w) {
				return false
			}
		}
		return true
	default:
		return a == b
	}
}

func sameNumber(a, b string) bool {
	if len(a) > mostDigits || len(b) > mostDigits {
		return false
	}
	x, _, errX := big.ParseFloat(a, 10, 256, big.ToNearestEven)
	y, _, errY := big.ParseFloat(b, 10, 256, big.ToNearestEven)
	if errX != nil || errY != nil {
		return false
	}
	if x.IsInt() || y.IsInt() {
		return x.Cmp(y) == 0
	}
	near, _ := x.Float64()
	other, _ := y.Float64()
	return near == other
}

// HoldsJSON reports whether a JSON text is an object that holds at least the keys of another object, with the same values.
// The error says that the other text is not a JSON object.
func HoldsJSON(text, want string) (bool, error) {
	decoded, err := decodeJSON(want)
	if err != nil {
		return false, err
	}
	wanted, isObject := decoded.(map[string]any)
	if !isObject {
		return false, fmt.Errorf("%s is not a JSON object", Clip(want, 200))
	}
	got, err := decodeJSON(text)
	object, isObject := got.(map[string]any)
	if err != nil || !isObject {
		return false, nil
	}
	for key, value := range wanted {
		if v, has := object[key]; !has || !sameValue(v, value) {
			return false, nil
		}
	}
	return true, nil
}

// Clip shortens a text from a target to n bytes, for a message. An ellipsis replaces the rest.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}

package protocol

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
)

// Unmarshal is [json.Unmarshal] for what a target sent: a whole number may be written as 2.0 or 2e0 where an integer is
// wanted, since JSON has one kind of number (RFC 8259, section 6).
func Unmarshal(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok || !strings.HasPrefix(wrong.Value, "number") {
		return err
	}
	return json.Unmarshal(wholeNumbers(data), into)
}

// wholeNumbers returns valid JSON in which whole numbers are written without a fraction and an exponent.
func wholeNumbers(data []byte) []byte {
	written := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		end := i + 1
		switch c := data[i]; {
		case c == '"':
			for ; data[end] != '"'; end++ {
				if data[end] == '\\' {
					end++
				}
			}
			end++
			written = append(written, data[i:end]...)
		case c == '-' || c >= '0' && c <= '9':
			for end < len(data) && strings.IndexByte("0123456789+-.eE", data[end]) >= 0 {
				end++
			}
			written = append(written, wholeNumber(string(data[i:end]))...)
		default:
			written = append(written, c)
		}
		i = end
	}
	return written
}

// wholeNumber returns a number without a fraction and an exponent if it is whole and not huge, and else as it is.
func wholeNumber(number string) string {
	if !strings.ContainsAny(number, ".eE") || len(number) > mostDigits {
		return number
	}
	value, _, err := big.ParseFloat(number, 10, 256, big.ToNearestEven)
	if err != nil || !value.IsInt() || value.MantExp(nil) > 64 {
		return number
	}
	return value.Text('f', 0)
}

// mostDigits is the length of the longest number whose value is compared: an exponent may be huge.
const mostDigits = 40

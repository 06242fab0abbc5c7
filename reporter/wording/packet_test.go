package wording

import (
	"testing"

	"example.test/conformance/suite/wire"
)

func TestDecodeHTTP(t *testing.T) {
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for text, want := range map[string]string{
		"HTTP/1.1 200 OK\r\n\r\n2\x1e40":            "200 OK\nping\nCONNECT",
		"HTTP/1.1 200 OK\r\n\r\nok":                 "200 OK\naccepted",
		chunked + "4\r\n2\x1e40\r\n0\r\n\r\n":       "200 OK\nping\nCONNECT",
		chunked + "2\r\nok\r\n0\r\n\r\n":            "200 OK\naccepted",
		chunked:                                     "200 OK",
		"13\r\n\"Invalid transport\"\r\n0\r\n\r\n":  "",
		"5d\r\n0{\"sid\":\"a\"}\r\n0\r\n\r\n":       "open",
		"2":                                         "ping",
		"HTTP/1.1 400 Bad Request\r\n\r\n{\"a\":1}": "400 Bad Request",
	} {
		if got := decodeHTTP(text, wire.Received); got != want {
			t.Errorf("%q: want %q, got %q", text, want, got)
		}
	}
}

package main

import (
	"net/url"
	"strings"

	"example.test/conformance/suite/wire"
)

// withoutCredentials leaves user and password out of a target's URL.
func withoutCredentials(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = nil
	return u.String()
}

// hideSecret leaves the value out of a header whose name says that it is secret.
func hideSecret(header string) string {
	name, _, _ := strings.Cut(header, ":")
	if wire.Secret(name) {
		return name + ": …"
	}
	return header
}

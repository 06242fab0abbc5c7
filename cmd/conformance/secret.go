package main

import (
	"net/url"
	"strings"

	"example.test/conformance/suite/wire"
)

// withoutCredentials removes user and password from a target's URL.
func withoutCredentials(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = nil
	return u.String()
}

// hideSecret removes the value of a header whose name suggests that it is secret.
func hideSecret(header string) string {
	name, _, _ := strings.Cut(header, ":")
	if wire.Secret(name) {
		return name + ": …"
	}
	return header
}

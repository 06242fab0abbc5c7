package result

import (
	"slices"
	"strings"
)

// Edition is a release line of Socket.IO whose server behaviour a run asks for: "4.1" to "4.8".
type Edition string

// Editions lists the editions from the oldest to the newest.
var Editions = []Edition{"4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8"}

// Latest is the latest edition.
const Latest Edition = "4.8"

// ParseEdition reads "4.6", "4.6.2" or "v4.6".
func ParseEdition(s string) (Edition, bool) {
	parts := strings.Split(strings.TrimPrefix(s, "v"), ".")
	if len(parts) < 2 {
		return "", false
	}
	e := Edition(parts[0] + "." + parts[1])
	return e, slices.Contains(Editions, e)
}

// Covers reports whether a run for edition e asks for what came with edition since.
func (e Edition) Covers(since Edition) bool {
	return slices.Index(Editions, since) <= slices.Index(Editions, e)
}

package wire

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// DefaultAgent is the User-Agent for a target that sets none.
const DefaultAgent = "conformance"

// ownParameters are the query parameters that the suite sets itself.
var ownParameters = []string{"EIO", "transport", "sid", "t", "b64", "mark", "deny"}

// leastStamp is the least number with eight digits in base 36: a client's timestamps have that many.
const leastStamp = 36 * 36 * 36 * 36 * 36 * 36 * 36

// takeQuery keeps the query of a target's URL for every request. The values of secret parameters, such as tokens, are hidden
// in every trace.
func (t *Target) takeQuery(raw string) error {
	if raw == "" {
		return nil
	}
	parameters, err := url.ParseQuery(raw)
	if err != nil {
		return fmt.Errorf("has a malformed query")
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if slices.Contains(ownParameters, name) {
			return fmt.Errorf("has the parameter %s, which the suite sets itself: leave it out", name)
		}
	}
	t.Query = raw
	for _, pair := range strings.Split(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if !SecretParameter(name) {
			continue
		}
		t.Hide(value)
		if plain, err := url.QueryUnescape(value); err == nil {
			t.Hide(plain)
		}
	}
	return nil
}

// SecretParameter reports whether a parameter's name suggests that its value is secret.
func SecretParameter(name string) bool {
	name = strings.ToLower(name)
	return Secret(name) || slices.ContainsFunc([]string{"auth", "jwt", "sig", "pass", "session", "code"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}

// WithoutSecretQuery removes the values of secret parameters from a text that may be a URL.
func WithoutSecretQuery(raw string) string {
	at, query, found := strings.Cut(raw, "?")
	if !found {
		return raw
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, _, valued := strings.Cut(pair, "="); valued && SecretParameter(name) {
			pairs[i] = name + "=…"
		}
	}
	return at + "?" + strings.Join(pairs, "&")
}

// withoutQuery removes the query from a text that may be a URL.
func withoutQuery(raw string) string {
	at, _, _ := strings.Cut(raw, "?")
	return at
}

// Authority returns the Host header of every request.
func (t *Target) Authority() string { return cmp.Or(t.Name, t.Host) }

// agent returns the User-Agent of every request that sets none.
func (t *Target) agent() string { return cmp.Or(t.Agent, DefaultAgent) }

// location completes the path of a request. A lone query gets the Engine.IO path in front. After the query come the
// timestamp that clients add over polling, so that no cache answers, and the target's query.
func (t *Target) location(path string) string {
	if path == "" || strings.HasPrefix(path, "?") {
		path = t.Path + path
	}
	add := func(parameters string) {
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		path += separator + parameters
	}
	if _, query, found := strings.Cut(path, "?"); found {
		parameters := strings.Split(query, "&")
		stamped := func(pair string) bool { return strings.HasPrefix(pair, "t=") }
		if slices.Contains(parameters, "transport=polling") && !slices.ContainsFunc(parameters, stamped) {
			add("t=" + strconv.FormatUint(leastStamp+rand.Uint64N(35*leastStamp), 36))
		}
	}
	if t.Query != "" {
		add(t.Query)
	}
	return path
}

package suite

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite/result"
)

// Features of contract 2, for what the APIs of some servers lack. An application of contract 1 has all of them.
const (
	AllowRequest        = "allow_request"                 // the hook that refuses a request with deny
	AllowRequestDefault = "allow_request_default_message" // an empty deny leaves the message to the server
	ConnectTimeout      = "connect_timeout"               // connections that join no namespace are closed
	DisconnectReasons   = "disconnect_reasons"            // the event disconnect has a reason
	Ask                 = "ask"                           // the server asks a client for an acknowledgement
	Variadic            = result.Variadic                 // handlers take any number of arguments, else exactly one
)

// Parameters returns the decoded query parameters of the request that an entry is about: those of its url, or its query if
// the server's API offers no url.
func (e Entry) Parameters() url.Values {
	if !e.parsed() {
		_, query, _ := strings.Cut(e.URL, "?")
		all, _ := url.ParseQuery(query)
		return all
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(e.Query, &fields)
	all := url.Values{}
	for name, raw := range fields {
		var one string
		var several []string
		switch {
		case json.Unmarshal(raw, &several) == nil:
			all[name] = several
		case json.Unmarshal(raw, &one) == nil:
			all[name] = []string{one}
		}
	}
	return all
}

// parsed reports whether the entry has the request's parameters instead of its URL.
func (e Entry) parsed() bool { return len(e.Query) > 0 && string(e.Query) != "null" }

// Asked compares the parameters of an entry with those of the request that was sent. It returns the entry's values of the
// request's parameters, and the request's own. An API that keeps one value of a repeated name may keep any of them.
func (e Entry) Asked(request string) (got, want url.Values) {
	all := e.Parameters()
	_, query, _ := strings.Cut(request, "?")
	want, _ = url.ParseQuery(query)
	got = url.Values{}
	for name, sent := range want {
		kept, found := all[name]
		if !found {
			continue
		}
		got[name] = kept
		if e.parsed() && len(kept) == 1 && len(sent) > 1 {
			for _, one := range sent {
				if one == kept[0] {
					want[name] = kept
				}
			}
		}
	}
	return got, want
}

// With returns the needs with further features added.
func (n Needs) With(features ...string) Needs {
	n.Features = slices.Concat(n.Features, features)
	return n
}

// tellsEmitTimeout returns how long a target waits for the acknowledgements of a server-side emit. It ends the case if the
// application does not say.
func (t *T) tellsEmitTimeout(target int) time.Duration {
	if info := t.Info(target); info != nil && info.ServerSideEmitTimeout <= 0 {
		t.Unverified("the info of target %d does not tell its serverSideEmitTimeout, and the case has to know it", target+1)
	}
	return t.env.Capabilities.EmitTimeout(target)
}

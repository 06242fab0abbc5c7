package suite

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite/result"
)

// Features of contract 2 for what the APIs of some servers lack. An application of contract 1 has all of them.
const (
	AllowRequest        = "allow_request"                 // the hook, which refuses a request with deny
	AllowRequestDefault = "allow_request_default_message" // an empty deny leaves the message to the server
	ConnectTimeout      = "connect_timeout"               // connections that join no namespace are closed
	DisconnectReasons   = "disconnect_reasons"            // the event disconnect has a reason
	Ask                 = "ask"                           // the server asks a client for an acknowledgement
	Variadic            = result.Variadic                 // handlers take any number of arguments, else exactly one
)

// Parameters are the query parameters of the request that an entry is about, decoded: those of its url, or its query
// where the server's API has no more.
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

// parsed reports whether the entry has its request's parameters in place of a URL.
func (e Entry) parsed() bool { return len(e.Query) > 0 && string(e.Query) != "null" }

// Asked compares the parameters of an entry with those of the request that was sent. It returns those of the entry that
// the request has, too, and those of the request. An API that keeps one value of a name that is repeated may keep any.
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

// With returns what a case needs that needs further features as well.
func (n Needs) With(features ...string) Needs {
	n.Features = slices.Concat(n.Features, features)
	return n
}

// tellsEmitTimeout is how long a target waits for the acknowledgements of a server-side emit. It ends the case where the
// application leaves that out.
func (t *T) tellsEmitTimeout(target int) time.Duration {
	if info := t.Info(target); info != nil && info.ServerSideEmitTimeout <= 0 {
		t.Unverified("the info of target %d does not tell its serverSideEmitTimeout, and the case has to know it", target+1)
	}
	return t.env.Capabilities.EmitTimeout(target)
}

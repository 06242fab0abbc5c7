package suite

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// reasons are the messages of the six codes of a refused request, as the announcement lists them. For the code forbidden,
// the answer carries the application's own message.
var reasons = []string{
	"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version",
}

// OnWord notes that only the application's records show what the case looks at next, such as a context.
func (t *T) OnWord() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.word = true
}

// looksAt notes records that the case looks at.
func (e *execution) looksAt(o *observation, found []Entry) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(found) == 0 {
		e.silence = true
	}
	for _, one := range found {
		if e.looked == nil {
			e.looked = map[recordKey]Entry{}
		}
		e.looked[recordKey{o.target, one.Seq}] = one
	}
}

// recordKey identifies a record of a target.
type recordKey struct{ target, seq int }

// corroborate compares the records that a case has looked at with what the wire showed of the same requests and sockets. A
// record that the wire contradicts is evidence of content, whatever the case itself expected. It returns the witness that
// the case rests on.
func (t *T) corroborate() result.Witness {
	t.mu.Lock()
	looked, claimed, silence, word := maps.Clone(t.looked), slices.Clone(t.claimed), t.silence, t.word
	t.mu.Unlock()
	if len(looked) == 0 && len(claimed) == 0 && !silence && !word {
		return result.OnWire
	}
	trace := t.recorder.Trace()
	seen := exchanges(trace)
	sockets, joined := joins(trace)
	rests := result.OnBoth
	if emits := t.corroborateEmits(claimed, looked); word || silence || !emits {
		rests = result.OnWord
	}
	for key, e := range looked {
		agrees := false
		switch e.Type {
		case ConnectionError, InitialHeaders, Headers:
			f, ok := t.confront(e, key.target, ofMark(seen, key.target, e.Mark))
			if f != nil {
				t.contradict(*f)
			}
			agrees = ok
		case "connection":
			namespaces := sockets[e.SID]
			agrees = slices.Contains(namespaces, e.Namespace)
			if len(namespaces) > 0 && !agrees {
				t.contradict(result.Failure{
					Subject: fmt.Sprintf("the namespace of the record %s", protocol.Clip(e.Raw, 300)), Received: text(result.Text, e.Namespace),
					Expected: withValue(result.Equals, namespaces[0]),
				})
			}
		case NewNamespace:
			agrees = joined[e.Name]
		case serverSideEvent: // checked with the emits
			agrees = true
		}
		if !agrees {
			rests = result.OnWord
		}
	}
	return rests
}

// contradict notes that a record and the wire disagree. It ends nothing: the case is over.
func (t *T) contradict(f result.Failure) {
	f.Step = "comparing the records with what else is known"
	if f.Kind == "" {
		f.Kind, f.Span = result.Content, result.Span{From: t.begun, Until: time.Now()}
	}
	t.record(func(all *failure) {
		if len(all.evidence) < evidenceLimit {
			all.evidence = append(all.evidence, f)
		}
	})
}

// confront compares the record of a request with the requests that carried its mark. It returns how they disagree, and
// whether the wire agrees with the record. If it is not known which request the record is about, or its answer is
// incomplete, there is neither.
func (t *T) confront(e Entry, target int, sent []*exchange) (*result.Failure, bool) {
	if len(sent) == 0 || slices.ContainsFunc(sent, func(x *exchange) bool { return !x.readable }) {
		return nil, false
	}
	name := fmt.Sprintf("the record %s", protocol.Clip(e.Raw, 300))
	var same []*exchange
	var about []int
	for _, x := range sent {
		about = append(about, x.about...)
		if t.asked(e, target, x) {
			same = append(same, x)
		}
	}
	if len(same) == 0 {
		return &result.Failure{
			Subject: "the method and the parameters of the request in " + name, About: about,
			Expected: withValue(result.Equals, sent[0].method+" "+sent[0].query.Encode()), Received: text(result.Text, e.Method+" "+e.Parameters().Encode()),
		}, false
	}
	var differs *result.Failure
	for _, x := range same { // the record may be about any of them
		if !x.answered {
			return nil, false
		}
		compare := hooked
		if e.Type == ConnectionError {
			compare = refusedAs
		}
		f, agrees := compare(e, name, x)
		if f == nil {
			return nil, agrees
		}
		f.About = x.about
		differs = f
	}
	return differs, false
}

// asked reports whether a record may be about a request: its method and parameters are those of the request. The parameters
// of the target's URL may be secret and are not compared.
func (t *T) asked(e Entry, target int, x *exchange) bool {
	if e.Method != "" && e.Method != x.method {
		return false
	}
	query := url.Values{}
	own, _ := url.ParseQuery(t.target(target).Query)
	for name, values := range x.query {
		if _, given := own[name]; !given && name != "t" {
			query[name] = values
		}
	}
	got, want := e.Asked("?" + query.Encode())
	redact := t.target(target).Redact
	return maps.EqualFunc(got, want, func(a, b []string) bool {
		return slices.EqualFunc(a, b, func(a, b string) bool { return redact(a) == redact(b) })
	})
}

// refusedAs compares a connection_error with the answer to its request. An answer may give no reason, but not a different
// one.
func refusedAs(e Entry, name string, x *exchange) (*result.Failure, bool) {
	if x.status == http.StatusSwitchingProtocols { // the official server opens the WebSocket to say why it closes it
		return nil, false
	}
	if x.successful() {
		return &result.Failure{
			Subject: "the status of the answer to the request which was refused according to " + name, Received: text(result.JSON, fmt.Sprint(x.status)),
			Expected: describes("a refusal"),
		}, false
	}
	var body struct {
		Code    *float64
		Message *string
	}
	if json.Unmarshal([]byte(x.body), &body) != nil || body.Code == nil {
		plain := strings.TrimSpace(x.body)
		if !slices.Contains(reasons, plain) {
			return nil, false
		}
		body.Message = &plain
	}
	if body.Code != nil && !protocol.SameJSON(string(e.Code), fmt.Sprint(*body.Code)) {
		return &result.Failure{
			Subject: "the code of " + name + ", compared with the answer to its request", Received: text(result.JSON, string(e.Code)),
			Expected: withValue(result.HasJSON, fmt.Sprint(*body.Code)),
		}, false
	}
	// The answer may give the reason in the server's own words, where the record has those of the list.
	free := body.Message != nil && slices.Contains(reasons, e.Message) && !slices.Contains(reasons, *body.Message)
	if body.Message != nil && !free && *body.Message != e.Message {
		return &result.Failure{
			Subject: "the message of " + name + ", compared with the answer to its request", Received: text(result.Text, e.Message),
			Expected: withValue(result.Equals, *body.Message),
		}, false
	}
	return nil, true
}

// hooked compares the record of a header hook with the headers of the answer.
func hooked(e Entry, name string, x *exchange) (*result.Failure, bool) {
	header := "x-each"
	if e.Type == InitialHeaders {
		header = "x-initial"
	}
	switch {
	case !x.successful():
		return nil, false
	case !slices.Contains(x.header.Values(header), e.Mark):
		return &result.Failure{
			Subject: fmt.Sprintf("the header %s of the answer, compared with %s", header, name), Received: text(result.Text, x.header.Get(header)),
			Expected: withValue(result.Equals, e.Mark),
		}, false
	}
	return nil, true
}

// joins returns the namespaces of the sockets that a trace shows joining, by socket ID, and the set of namespaces joined. A
// server may give the same ID to the sockets of a session: that is for the cases about the IDs.
func joins(trace wire.Trace) (sockets map[string][]string, namespaces map[string]bool) {
	sockets, namespaces = map[string][]string{}, map[string]bool{}
	note := func(packet string) {
		if !strings.HasPrefix(packet, "40") {
			return
		}
		if p, err := protocol.ParsePacket(packet); err == nil {
			var data struct{ SID string }
			_ = json.Unmarshal([]byte(p.Data), &data)
			sockets[data.SID], namespaces[p.Namespace] = append(sockets[data.SID], p.Namespace), true
		}
	}
	for i := range trace {
		switch e := &trace[i]; {
		case e.Frame != nil && e.Frame.Direction == wire.Received:
			note(e.Frame.Text)
		case e.HTTP != nil && e.HTTP.Direction == wire.Received:
			_, body, _ := strings.Cut(e.HTTP.Text, "\r\n\r\n")
			for packet := range strings.SplitSeq(body, "\x1e") {
				note(packet)
			}
		}
	}
	delete(sockets, "")
	return sockets, namespaces
}

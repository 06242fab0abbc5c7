package cases

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	. "example.test/conformance/suite"
	"example.test/conformance/suite/protocol"
	. "github.com/onsi/gomega"
)

// refuses checks the answer to a refused request: it opens no session, and a reason that it gives is the one from the list.
// If the documents leave the code open, any reason from the list is accepted.
func (r refusal) refuses(t *T, answer *Response, open bool) {
	t.Expect(answer.Status, "the status of the answer").To(And(BeNumerically(">=", 400), BeNumerically("<", 500)))
	if _, err := protocol.ParseOpen(protocol.ParsePayload(answer.Body)[0]); err == nil {
		t.Expect(answer.Body, "the body of the answer, which must open no session").To(BeEmpty())
	}
	tellsNoOther(t, answer.Body, r.code, t.Draw(r.message), open)
}

// tellsNoOther checks the body of a refusal. If it is a JSON object with a code, that must be the one from the list. A
// message in it must be the application's, if the application gave one. A server may put its own into other words, but may
// not give the message of another code. If the documents leave the code open, any from the list is accepted.
func tellsNoOther(t *T, body string, code int, message string, open bool) {
	var reason map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &reason) != nil {
		return
	}
	codes := []int{code}
	if open {
		codes = []int{0, 1, 2, 3, 4, 5}
	}
	if told, has := reason["code"]; has {
		ofTimer(t.Expect(told, "the code in the body of the answer"), told, code).To(anyOf(codes))
	}
	told, has := reason["message"]
	if !has || open {
		return
	}
	expected := ofTimer(t.Expect(told, "the message in the body of the answer"), reason["code"], code)
	if message != messages[code] {
		expected.To(anyOf([]string{messages[code], message}))
		return
	}
	expected.NotTo(anyOf(slices.DeleteFunc(slices.Clone(messages), func(other string) bool { return other == message })))
}

// ofTimer takes the heartbeat into account: a session whose request was to be refused for another reason may already have
// ended, and is then unknown.
func ofTimer(expectation Actual, told json.RawMessage, code int) Actual {
	if code == badRequest && string(told) == strconv.Itoa(unknownSession) {
		return expectation.OfTimer()
	}
	return expectation
}

// anyOf matches the JSON of one of the values.
func anyOf[V any](values []V) OmegaMatcher {
	var all []OmegaMatcher
	for _, value := range values {
		text, _ := json.Marshal(value)
		all = append(all, MatchJSONValue(string(text)))
	}
	return Or(all...)
}

// tells checks that an answer is the one of the official server, which gives the reason.
func (r refusal) tells(t *T, answer *Response) {
	t.Expect(answer.Status, "the status of the answer").To(Equal(r.status))
	body, _ := json.Marshal(map[string]any{"code": r.code, "message": t.Draw(r.message)})
	t.Expect(answer.Body, "the body of the answer").To(ContainJSON(string(body)))
}

// raised checks that the event of the refusal is as announced. If the documents leave the code open, any from the list is
// accepted, with its message.
func (r refusal) raised(t *T, open bool) Entry {
	entry, request := r.provoke(t)
	asAnnounced(t, entry, r.code, open)
	t.Expect(entry.Method, "the request's method").To(Equal(r.method))
	got, want := entry.Asked(request)
	t.Expect(got, "the request's parameters").To(Equal(want))
	return entry
}

// asAnnounced checks that a connection_error has the code, the message of the code and a context. The announcement does not say
// what a context contains: it may be null.
func asAnnounced(t *T, entry Entry, code int, open bool) {
	if open {
		var n float64
		t.Expect(entry.Code, "the code of the connection_error event").To(anyOf([]int{0, 1, 2, 3, 4, 5}))
		t.Expect(json.Unmarshal(entry.Code, &n), "the code of the connection_error event, read as a number").To(Succeed())
		code = int(n)
	}
	ofTimer(t.Expect(entry.Code, "the code of the connection_error event"), entry.Code, code).To(MatchJSONValue(strconv.Itoa(code)))
	t.Expect(entry.Message, "the message of the connection_error event").To(Equal(messages[code]))
	t.Expect(entry.Context, "the context of the connection_error event").NotTo(BeEmpty())
}

// contextOfOtherProtocol is the context of the official server for a request with another protocol version, whichever it names.
const contextOfOtherProtocol = `{"protocol":3}`

// circumstances checks that a context contains what the official server puts there, as JSON. Only the records show a
// context. Where it says that the protocol version is 3, the version that the client named is as good.
func circumstances(t *T, entry Entry, want string) {
	t.OnWord()
	matcher := ContainJSON(t.Draw(want))
	if want == contextOfOtherProtocol {
		named := entry.Parameters().Get("EIO")
		matcher = Or(matcher, ContainJSON(`{"protocol":`+asJSON(named)+`}`))
		if _, err := strconv.ParseUint(named, 10, 32); err == nil {
			matcher = Or(matcher, ContainJSON(`{"protocol":`+named+`}`))
		}
	}
	t.Expect(entry.Context, "the context of the connection_error event").To(matcher)
}

// contextRules returns the rules of a case that compares a context. With an empty one, it checks only that there is a
// context.
func contextRules(want string) []*Rule {
	if want == `{}` {
		return rules(eventHasContext)
	}
	return rules(contextHasCircumstances, eventHasContext)
}

// provoke sends the request to be refused. It returns the one event that it raises, and the query.
func (r refusal) provoke(t *T) (Entry, string) {
	o, mark := t.Observe(0), t.Mark()
	request := marked(r.request(t), mark)
	answer := t.HTTP(r.method, request)
	if r.code == unsupportedProtocol {
		refusesProtocol(t, answer)
	}
	t.Expect(answer.Status, "the status of the answer").To(BeNumerically(">=", 400))
	return once(t, o, mark), request
}

// marked adds a mark to the query of a request, which may have none.
func marked(request, mark string) string {
	if !strings.Contains(request, "?") {
		return request + "?mark=" + mark
	}
	return request + "&mark=" + mark
}

// once expects exactly one connection_error for the requests with that mark.
func once(t *T, o *Observer, mark string) Entry {
	entries := o.Due(1, OfType(ConnectionError), WithMark(mark))
	t.Expect(entries, "the connection_error events of one refused request").To(HaveLen(1))
	return entries[0]
}

// none expects no connection_error for the requests with that mark.
func none(t *T, o *Observer, mark string) {
	t.Expect(o.Entries(OfType(ConnectionError), WithMark(mark)), "the connection_error events").To(BeEmpty())
}

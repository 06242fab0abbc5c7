package result_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// polled returns a trace of one request and its answer.
func polled(request, status string) wire.Trace {
	return wire.Trace{
		{Seq: 1, Connection: "http-1", HTTP: &wire.HTTPData{Direction: wire.Sent, Content: wire.Content{Text: strings.Replace(request, "|", " HTTP/1.1\r\nHost: a\r\n\r\n", 1)}}},
		{Seq: 2, Connection: "http-1", HTTP: &wire.HTTPData{Direction: wire.Received, Content: wire.Content{Text: "HTTP/1.1 " + status + "\r\n\r\n" + `0{"sid":"given-` + request[:4] + `"}`}}},
	}
}

func packets(texts ...string) (all wire.Trace) {
	for i, text := range texts {
		direction := wire.Sent
		if after, received := strings.CutPrefix(text, "<"); received {
			direction, text = wire.Received, after
		}
		all = append(all, wire.Event{Seq: i + 1, Connection: "websocket-1", Frame: &wire.FrameData{Direction: direction, Opcode: wire.Text, Content: wire.Content{Text: text}}})
	}
	return all
}

func answered(subject string, want string, status int) result.Failure {
	return result.Failure{
		Kind: result.Content, Subject: subject, About: []int{1, 2},
		Expected: result.Expectation{Relation: result.Equals, Value: &result.Value{Form: result.JSON, Text: want}},
		Received: result.Value{Form: result.Response, Status: status},
	}
}

func packetOf(want, got string) result.Failure {
	return result.Failure{
		Kind: result.Content, Subject: "the packet", About: []int{1},
		Expected: result.Expectation{Relation: result.IsPacket, Value: &result.Value{Form: result.Packet, Text: want}},
		Received: result.Value{Form: result.Packet, Text: got},
	}
}

func silence(subject string) result.Failure {
	return result.Failure{Kind: result.Absence, Subject: subject, Expected: result.Expectation{Relation: result.Comes}, Received: result.Value{Form: result.Nothing}}
}

// answersOf returns a failure about the answers of others: one was expected, and another came.
func answersOf(want, got string) result.Failure {
	return result.Failure{
		Kind: result.Content, Subject: "the answers",
		Expected: result.Expectation{Relation: result.Consists, Of: []result.Expectation{{Relation: result.HasJSON, Value: &result.Value{Form: result.JSON, Text: want}}}},
		Received: result.Value{Form: result.List, Items: []result.Value{{Form: result.Text, Text: got}}},
	}
}

// valuesOf returns a failure about the values of a header: one was expected.
func valuesOf(want string, got ...string) result.Failure {
	list := func(texts []string) (v result.Value) {
		v.Form = result.List
		for _, text := range texts {
			v.Items = append(v.Items, result.Value{Form: result.Text, Text: text})
		}
		return v
	}
	expected := list([]string{want})
	return result.Failure{
		Kind: result.Content, Subject: "the header", About: []int{1, 2},
		Expected: result.Expectation{Relation: result.Equals, Value: &expected}, Received: list(got),
	}
}

// broken returns a required case of the profile wire that failed with that evidence.
func broken(f result.Failure, trace wire.Trace) result.CaseResult {
	return result.CaseResult{Level: result.Required, Profile: result.ProfileWire, Outcome: result.Failed, Evidence: []result.Failure{f}, Trace: trace}
}

var mark = regexp.MustCompile(`mark[0-9]+`)

func undrawn(s string) string { return mark.ReplaceAllString(s, "‹word›") }

// What makes two failures one cause, and what separates them.
func TestCausesOfTwoFailures(t *testing.T) {
	const post, poll = "POST /socket.io/?transport=polling&sid=aaaa|4", "GET /socket.io/?transport=polling&sid=aaaa|"
	late := broken(silence("the event"), packets("42[1]"))
	late.Evidence[0].Span = result.Span{From: time.Unix(0, 0), Until: time.Unix(9, 0)}
	lasted := func(took time.Duration) result.CaseResult {
		return broken(result.Failure{Kind: result.Early, Subject: "the time between two pings", Expected: result.Expectation{Relation: result.Is, Words: "300 ms"}, Received: result.Value{Form: result.Duration, Took: took}}, nil)
	}
	kind := broken(answered("the status", "200", 204), polled(post+"0", "204 No Content"))
	kind.Evidence[0].Kind = result.State
	for name, test := range map[string]struct {
		a, b result.CaseResult
		one  bool
	}{
		"equal":                            {broken(silence("a pong"), nil), broken(silence("a pong"), nil), true},
		"another wait":                     {broken(silence("the event"), packets("42[1]")), late, true},
		"another subject":                  {broken(silence("a pong"), nil), broken(silence("a noop"), nil), false},
		"after another packet":             {broken(silence("a packet"), packets("42[1]")), broken(silence("a packet"), packets("40")), false},
		"pongs in between":                 {broken(silence("a packet"), packets("42[1]")), broken(silence("a packet"), packets("42[1]", "<2", "3")), true},
		"a word that is drawn":             {broken(silence("mark1"), nil), broken(silence("mark23"), nil), true},
		"an ID that the target gave":       {broken(packetOf("41", `41{"a":"1234567890"}`), packets(`<0{"sid":"1234567890"}`)), broken(packetOf("41", `41{"a":"abcdefghij"}`), packets(`<0{"sid":"abcdefghij"}`)), true},
		"a short ID that the target gave":  {broken(packetOf("41", `41{"sid":"1xh"}`), packets(`<0{"sid":"1xh"}`)), broken(packetOf("41", `41{"sid":"2x7"}`), packets(`<0{"sid":"2x7"}`)), true},
		"a part that is like a short ID":   {broken(packetOf("41", `41{"a":"1xhy"}`), packets(`<0{"sid":"1xh"}`)), broken(packetOf("41", `41{"a":"2x7y"}`), packets(`<0{"sid":"2x7"}`)), false},
		"a number that is like an ID":      {broken(packetOf("41", `41{"a":123}`), packets(`<0{"sid":"123"}`)), broken(packetOf("41", `41{"a":456}`), packets(`<0{"sid":"456"}`)), false},
		"a text that nobody gave":          {broken(packetOf("41", `41{"a":"1234567890"}`), nil), broken(packetOf("41", `41{"a":"abcdefghij"}`), nil), false},
		"the ID of an acknowledgement":     {broken(packetOf(`4217["a",1]`, `4217["a",2]`), nil), broken(packetOf(`424["a",1]`, `424["a",2]`), nil), true},
		"a wrong ID of an acknowledgement": {broken(packetOf(`4217["a",1]`, `4218["a",1]`), nil), broken(packetOf(`424["a",1]`, `425["a",1]`), nil), false},
		"another request of that kind":     {broken(answered("the status", "200", 204), polled(post+"0", "204 No Content")), broken(answered("the status of the answer to the pong", "200", 204), polled(post+"2[]", "204 No Content")), true},
		"another kind of request":          {broken(answered("the status", "200", 204), polled(post+"0", "204 No Content")), broken(answered("the status", "200", 204), polled(poll, "204 No Content")), false},
		"another status":                   {broken(answered("the status", "200", 204), polled(post+"0", "204 No Content")), broken(answered("the status", "200", 400), polled(post+"0", "400 Bad Request")), false},
		"another kind of evidence":         {broken(answered("the status", "200", 204), polled(post+"0", "204 No Content")), kind, false},
		"another transport":                {broken(packetOf("41", "42"), packets("<42")), broken(packetOf("41", "42"), polled(poll, "200 OK")), true},
		"another value within a list":      {broken(answersOf(`"a"`, `["a"]`), nil), broken(answersOf(`{"b": [2]}`, `[{"b":[2]}]`), nil), true},
		"one value within a list":          {broken(answersOf(`"a"`, `["a"]`), nil), broken(answersOf(`"b"`, `"c"`), nil), false},
		"another value within two lists":   {broken(answersOf(`"a"`, `["a"]`), nil), broken(answersOf(`"b"`, `[["b"]]`), nil), false},
		"another value twice":              {broken(valuesOf("a", "a", "a"), polled(post+"0", "200 OK")), broken(valuesOf("b", "b", "b"), polled(poll, "200 OK")), true},
		"another value thrice":             {broken(valuesOf("a", "a", "a"), polled(post+"0", "200 OK")), broken(valuesOf("b", "b", "b", "b"), polled(post+"0", "200 OK")), false},
		"another value beside it":          {broken(valuesOf("a", "a", "a"), polled(post+"0", "200 OK")), broken(valuesOf("b", "b", "c"), polled(post+"0", "200 OK")), false},
		"a duration":                       {lasted(time.Second), lasted(2 * time.Second), true},
		"an address": {
			broken(result.Failure{Kind: result.Intermediary, Expected: result.Expectation{Relation: result.Comes}, Received: result.Value{Form: result.Error, Text: "dial 127.0.0.1:3000: refused"}}, nil),
			broken(result.Failure{Kind: result.Intermediary, Expected: result.Expectation{Relation: result.Comes}, Received: result.Value{Form: result.Error, Text: "dial 127.0.0.1:3001: refused"}}, nil), true},
		"a packet that the subject quotes": {
			broken(silence("the answer to 42[1]"), packets("42[1]")), broken(silence("the answer to 42[2]"), packets("42[2]")), true},
	} {
		t.Run(name, func(t *testing.T) {
			test.a.ID, test.b.ID = "events/a", "events/b"
			causes := result.Causes([]result.CaseResult{test.a, test.b}, undrawn)
			if one := len(causes) == 1; one != test.one {
				t.Errorf("got %d causes: %+v", len(causes), causes)
			}
		})
	}
}

// What a request carried makes a difference if the target answered another request of that kind as expected.
func TestCausesOfWhatARequestCarries(t *testing.T) {
	const post = "POST /socket.io/?transport=polling&sid=aaaa|4"
	a, b := broken(answered("the status", "200", 400), polled(post+"0", "400 Bad Request")), broken(answered("the status", "200", 400), polled(post+"2[]", "400 Bad Request"))
	good := result.CaseResult{ID: "polling/good", Level: result.Required, Outcome: result.Passed, Trace: polled(post+"1", "200 OK")}
	a.ID, b.ID = "polling/a", "polling/b"
	if causes := result.Causes([]result.CaseResult{a, b}, undrawn); len(causes) != 1 || !strings.HasPrefix(causes[0].Sentence, "Upon a POST of a session over polling: expected ") {
		t.Errorf("no POST was answered as expected, got %+v", causes)
	}
	causes := result.Causes([]result.CaseResult{a, b, good}, undrawn)
	if len(causes) != 2 || !slices.Contains(causes[0].Maybe, causes[1].ID) || !strings.HasPrefix(causes[0].Sentence, "Upon a POST of a session over polling with CONNECT: ") {
		t.Errorf("one POST was answered as expected, got %+v", causes)
	}
}

// The sentence of a cause says after what something was missing, unless the suite had sent nothing.
func TestCausesSayWhatWasSentLast(t *testing.T) {
	for want, c := range map[string]result.CaseResult{
		"After EVENT was sent: expected a packet to come, got nothing within 0 ms.":                                broken(silence("a packet"), packets(`42["a"]`, "<2", "3")),
		"After a GET without a session over polling was sent: expected a packet to come, got nothing within 0 ms.": broken(silence("a packet"), polled("GET /socket.io/?transport=polling|", "200 OK")),
		"After something other than a packet was sent: expected a packet to come, got nothing within 0 ms.":        broken(silence("a packet"), packets("abc")),
		"Expected a packet to come, got nothing within 0 ms.":                                                      broken(silence("a packet"), nil),
		"Expected the packet to be the packet 42[1], got 42[2].":                                                   broken(packetOf("42[1]", "42[2]"), packets("42[1]")),
	} {
		if got := result.Causes([]result.CaseResult{c}, undrawn)[0].Sentence; got != want {
			t.Errorf("want %s\ngot  %s", want, got)
		}
	}
}

func TestCausesChooseTheBestWitness(t *testing.T) {
	of := func(id string, level result.Level, profile result.Profile, events int) result.CaseResult {
		c := broken(silence("a pong"), packets(slices.Repeat([]string{"<2"}, events)...))
		c.ID, c.Level, c.Profile, c.Rules = id, level, profile, []string{"engine.io/1"}
		if level == result.Recommended {
			c.Outcome = result.Warned
		}
		return c
	}
	newer := of("events/newer", result.Required, result.ProfileWire, 2)
	newer.Newer = true
	known := of("events/known", result.Required, result.ProfileWire, 2)
	known.Outcome = result.Known
	booked := of("events/booked", result.Required, result.ProfileWire, 0)
	cases := []result.CaseResult{
		of("events/recommended", result.Recommended, result.ProfileWire, 1), of("events/cluster", result.Required, result.ProfileCluster, 1),
		of("events/long", result.Required, result.ProfileWire, 4), of("events/short", result.Required, result.ProfileWire, 3), newer, known, booked,
	}
	causes := result.Causes(cases, undrawn)
	want := []string{"events/short", "events/long", "events/booked", "events/cluster", "events/known", "events/newer", "events/recommended"}
	if len(causes) != 1 || causes[0].Witness != want[0] || !slices.Equal(causes[0].Cases, want) || causes[0].Outcome != result.Failed {
		t.Fatalf("%+v", causes)
	}
	slices.Reverse(cases)
	if again := result.Causes(cases, undrawn); fmt.Sprint(again) != fmt.Sprint(causes) {
		t.Errorf("in another order, got %+v", again)
	}
}

// Of several cases, the one whose rule is about the request shows best what is wrong with its answer.
func TestCausesPreferARuleAboutTheRequest(t *testing.T) {
	of := func(id, title, request string) result.CaseResult {
		c := broken(answered("the status", "200", 204), polled(request, "204 No Content"))
		c.ID, c.Title = id, title
		return c
	}
	const post, poll = "POST /socket.io/?transport=polling&sid=aaaa|40", "GET /socket.io/?transport=polling&sid=aaaa|"
	for want, cases := range map[string][]result.CaseResult{
		"polling/z-post": {of("polling/a", "distinguishes sessions by their sid", post), of("polling/b", "accepts a pong by POST", post), of("polling/z-post", "answers a POST with 200 and ok", post)},
		"polling/z-poll": {of("polling/a", "answers a POST with 200 and ok", poll), of("polling/z-poll", "answers polls, with 200", poll)},
		"polling/a":      {of("polling/a", "has posture", post), of("polling/z", "is composed", post)},
	} {
		if causes := result.Causes(cases, undrawn); len(causes) != 1 || causes[0].Witness != want {
			t.Errorf("want %s, got %+v", want, causes)
		}
	}
}

// Causes with a common rule may be one. Cases that could not be judged because of a cause belong to it, even through several
// steps.
func TestCausesAreLinked(t *testing.T) {
	a, b, c := broken(silence("a pong"), nil), broken(silence("a noop"), nil), broken(silence("a close"), nil)
	a.ID, b.ID, c.ID = "events/a", "events/b", "events/c"
	a.Rules, b.Rules, c.Rules = []string{"engine.io/1"}, []string{"engine.io/1"}, []string{"engine.io/2"}
	waits := func(id, on string) result.CaseResult {
		return result.CaseResult{ID: id, Level: result.Required, Outcome: result.Unverified, Because: &result.Because{Cause: result.CauseRule, Case: on}}
	}
	causes := result.Causes([]result.CaseResult{a, b, c, waits("events/d", "events/a"), waits("events/e", "events/d"), waits("events/f", "events/f")}, undrawn)
	if len(causes) != 3 {
		t.Fatalf("%+v", causes)
	}
	for _, one := range causes {
		var maybe, unjudged int
		switch one.Witness {
		case "events/a":
			maybe, unjudged = 1, 2
		case "events/b":
			maybe = 1
		}
		if len(one.Maybe) != maybe || len(one.Unjudged) != unjudged {
			t.Errorf("%+v", one)
		}
	}
}

// Everything that stays open although it had to end may have one cause, and so may everything that comes twice.
func TestCausesOfTheSameFormAreLinked(t *testing.T) {
	open := func(subject string) result.Failure {
		return result.Failure{Kind: result.Absence, Subject: subject, Expected: result.Expectation{Relation: result.Ends}, Received: result.Value{Form: result.Open}}
	}
	list := func(texts ...string) result.Value {
		v := result.Value{Form: result.List}
		for _, text := range texts {
			v.Items = append(v.Items, result.Value{Form: result.Text, Text: text})
		}
		return v
	}
	double := func(subject, value string) result.Failure {
		want := list(value)
		return result.Failure{Kind: result.Content, Subject: subject, Expected: result.Expectation{Relation: result.Equals, Value: &want}, Received: list(value, value)}
	}
	heartbeat := func(text string) result.Failure {
		return result.Failure{Kind: result.SessionLost, Subject: "the session", Expected: result.Expectation{Relation: result.Is, Words: "ended by the server"}, Received: result.Value{Form: result.End, Text: text}}
	}
	for name, test := range map[string]struct {
		a, b   result.Failure
		causes int
		link   bool
	}{
		"open":                {open("the session"), open("the WebSocket connection"), 2, true},
		"twice":               {double("the header of a poll", "x"), double("the header of a POST", "y"), 2, true},
		"open and twice":      {open("the session"), double("the header", "x"), 2, false},
		"absent":              {silence("a pong"), silence("a noop"), 2, false},
		"ended after so long": {heartbeat("no pong was sent for 600 ms"), heartbeat("no pong was sent for 512 ms"), 1, false},
	} {
		a, b := broken(test.a, nil), broken(test.b, nil)
		a.ID, b.ID = "events/a", "events/b"
		causes := result.Causes([]result.CaseResult{a, b}, undrawn)
		if len(causes) != test.causes || len(causes[0].Maybe) == 1 != test.link {
			t.Errorf("%s: %+v", name, causes)
		}
	}
}

// Cases that passed, were noted or could not be judged make no cause.
func TestCausesAreOfWhatWasSeenBroken(t *testing.T) {
	var cases []result.CaseResult
	for _, o := range result.Outcomes {
		c := broken(silence(string(o)), nil)
		c.ID, c.Outcome = "events/"+string(o), o
		cases = append(cases, c)
	}
	var got []result.Outcome
	for _, one := range result.Causes(cases, undrawn) {
		got = append(got, one.Outcome)
	}
	if want := []result.Outcome{result.Failed, result.Unstable, result.Warned, result.Known}; !slices.Equal(got, want) {
		t.Errorf("got causes of %v, want %v", got, want)
	}
}

package suite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// failed runs a case that must fail, without a target, and returns its evidence.
func failed(t *testing.T, run func(*T)) result.Failure {
	t.Helper()
	got := executed(t, run)
	if len(got.Evidence) != 1 {
		t.Fatalf("want one piece of evidence, got %+v", got)
	}
	return got.Evidence[0]
}

func TestKindsOfEvidence(t *testing.T) {
	soon := 20 * time.Millisecond
	kept := func(t *T) {
		t.follow(&protocol.OpenPacket{SID: "s", PingInterval: time.Hour, PingTimeout: time.Hour}, time.Now(), false, true)
	}
	late := func(t *T) {
		t.follow(&protocol.OpenPacket{SID: "s", PingInterval: time.Millisecond, PingTimeout: time.Millisecond}, time.Now().Add(-time.Hour), false, false)
	}
	response := func(session bool, status int) func(*T) {
		return func(t *T) {
			r := &Response{Status: status, Body: "b", About: []int{3, 4}}
			t.saw(seen{response: r, session: session})
			t.Expect(r.Status, "the status").To(Equal(200))
		}
	}
	is := func(v any, m types.GomegaMatcher) func(*T) {
		return func(t *T) { t.Expect(v, "it").To(m) }
	}
	both := func(all ...func(*T)) func(*T) {
		return func(t *T) {
			for _, f := range all {
				f(t)
			}
		}
	}
	for name, test := range map[string]struct {
		run  func(*T)
		want result.Kind
	}{
		"a wrong value":                         {is("a", Equal("b")), result.Content},
		"a value of another type":               {is(3, HavePrefix("b")), result.Content},
		"a duration that is too short":          {is(soon, BeNumerically(">=", time.Second)), result.Early},
		"a duration that is too long":           {is(time.Minute, BeNumerically("<", time.Second)), result.Overdue},
		"a duration outside of both bounds":     {is(time.Minute, And(BeNumerically(">", soon), BeNumerically("<", time.Second))), result.Overdue},
		"a duration that must not be so long":   {is(time.Minute, Not(BeNumerically(">", soon))), result.Overdue},
		"no records where one is owed":          {is([]Entry{}, HaveLen(1)), result.Absence},
		"two records where one is owed":         {is([]Entry{{}, {}}, HaveLen(1)), result.Content},
		"a record where none may be":            {is([]Entry{{}}, BeEmpty()), result.Content},
		"no record where some are owed":         {is([]Entry{}, Not(BeEmpty())), result.Absence},
		"messages without the wanted one":       {is([]Message{{Data: "a"}}, ContainElement(Message{Data: "b"})), result.Absence},
		"messages with one that may not be":     {is([]Message{{Data: "a"}}, Not(ContainElement(Message{Data: "a"}))), result.Content},
		"a list with a part of what is owed":    {is(Gathered([]string{"a"}), ConsistOf("a", "b")), result.Absence},
		"a list with what is not owed":          {is(Gathered([]string{"c"}), ConsistOf("a", "b")), result.Content},
		"a list without its end":                {is(Gathered([]string{"a"}), Equal([]string{"a", "b"})), result.Absence},
		"a list in another order":               {is(Gathered([]string{"b"}), Equal([]string{"a", "b"})), result.Content},
		"a list that could be either":           {is(Gathered([]string{"a"}), Or(HaveLen(3), HaveLen(0))), result.Absence},
		"a list that lacks a part, with errors": {is(Gathered([]string{"a", "x"}), And(HaveLen(3), Not(ContainElement("x")))), result.Content},
		"a map with a part of what is owed":     {is(Gathered(map[string]int{"a": 1}), Equal(map[string]int{"a": 1, "b": 1})), result.Absence},
		"a map with another value":              {is(Gathered(map[string]int{"a": 2}), Equal(map[string]int{"a": 1, "b": 1})), result.Content},
		"a count that is too small":             {is(Gathered(1), Equal(2)), result.Absence},
		"a count that is too large":             {is(Gathered(3), BeElementOf(1, 2)), result.Content},
		"a list that a case made itself":        {is([]string{}, HaveLen(1)), result.Content},
		"an answer of another status":           {response(false, 404), result.Content},
		"a refusal within a session":            {both(kept, response(true, 400)), result.State},
		"a header of a refusal of the session":  {both(kept, func(t *T) { t.saw(seen{response: &Response{Status: 400, Body: `{"code":1}`}, session: true}) }, is([]string(nil), Equal([]string{"a"}))), result.State},
		"a header of another refusal":           {both(kept, func(t *T) { t.saw(seen{response: &Response{Status: 400, Body: `{"code":3}`}, session: true}) }, is([]string(nil), Equal([]string{"a"}))), result.Content},
		"the same where a pong was late":        {both(late, response(true, 400)), result.SessionLost},
		"an answer of a proxy":                  {response(true, 503), result.Intermediary},
		"a value after a wait":                  {func(t *T) { t.Wait(0, "for nothing"); t.Expect(1, "it").To(BeZero()) }, result.State},
		"one that no timer explains":            {func(t *T) { t.Wait(0, "for nothing"); t.Expect(1, "it").OfNoTimer().To(BeZero()) }, result.Content},
		"an error of a timer":                   {func(t *T) { t.Expect("timeout", "the error").OfTimer().To(BeEmpty()) }, result.State},
		"a DISCONNECT":                          {both(kept, is(&protocol.Packet{Raw: "41/a,"}, MatchPacket(`42["a"]`))), result.State},
		"a close packet where a pong was late":  {both(late, func(t *T) { t.saw(seen{message: "1"}) }, is("1", Equal("2"))), result.SessionLost},
		"packets of a poll with a close packet": {both(kept, func(t *T) { t.saw(seen{response: &Response{Status: 200, Body: "4\x1e1"}, session: true}) }, is([]string{"4", "1"}, ContainElement("2"))), result.State},
		"a number that reads like it":           {both(late, is("1", Equal("2"))), result.Content},
		"an answer that broke off": {func(t *T) {
			t.saw(seen{response: &Response{Status: 200, Body: "4", Truncated: true}})
			t.Expect("4", "the body").To(Equal("42"))
		}, result.Intermediary},
		"a packet that never came":          {func(t *T) { t.Absent(time.Now(), "a packet") }, result.Absence},
		"a session that does not end":       {func(t *T) { t.Endless(time.Now(), "the session") }, result.Absence},
		"an end in place of a packet":       {both(kept, func(t *T) { t.over("a packet", comes, End{Code: 1000}, time.Now()) }), result.State},
		"the same where a pong may be late": {both(late, func(t *T) { t.over("a packet", comes, End{Code: 1000}, time.Now()) }), result.SessionLost},
		"no answer in time":                 {func(t *T) { t.unanswered("it", errNothing, time.Now(), false) }, result.Absence},
		"an answer cut off":                 {func(t *T) { t.unanswered("it", fmt.Errorf("x: %w", io.ErrUnexpectedEOF), time.Now(), false) }, result.Intermediary},
		"an answer that is no HTTP":         {func(t *T) { t.unanswered("it", errors.New("malformed"), time.Now(), false) }, result.Content},
		"an answer without end":             {func(t *T) { t.unanswered("it", wire.ErrFlood, time.Now(), false) }, result.Content},
		"JSON of another kind":              {func(t *T) { t.Decode([]byte(`"a"`), new(int), "a number", "it") }, result.Content},
	} {
		t.Run(name, func(t *testing.T) {
			if got := failed(t, test.run); got.Kind != test.want {
				t.Errorf("got %s, want %s", got.Kind, test.want)
			}
		})
	}
}

// A timer's bound is broken only if it is broken for every possible pair of moments.
func TestTimersAreJudgedByIntervals(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Millisecond) }
	tolerance := DefaultTolerance
	for name, test := range map[string]struct {
		actual  Elapsed
		kind    result.Kind
		outside time.Duration
	}{
		"in time":                           {Elapsed{At(at(0)), At(at(1000))}, "", 0},
		"as early as it may be":             {Elapsed{At(at(0)), At(at(1000).Add(-tolerance.Early))}, "", 0},
		"too early":                         {Elapsed{At(at(0)), At(at(900))}, result.Early, 100*time.Millisecond - tolerance.Early},
		"perhaps too early":                 {Elapsed{Between(at(0), at(200)), At(at(1000))}, "", 0},
		"too early however it was":          {Elapsed{Between(at(0), at(200)), At(at(800))}, result.Early, 200*time.Millisecond - tolerance.Early},
		"as late as it may be":              {Elapsed{At(at(0)), At(at(1000).Add(tolerance.Late))}, "", 0},
		"perhaps too late":                  {Elapsed{Between(at(0), at(200)), At(at(1300))}, "", 0},
		"too late however it was":           {Elapsed{Between(at(0), at(200)), At(at(1500))}, result.Overdue, 300*time.Millisecond - tolerance.Late},
		"too late, seen by a slow observer": {Elapsed{At(at(0)), Between(at(1100), at(1500))}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			run := func(t *T) { t.Expect(test.actual, "the time").To(t.Last(time.Second)) }
			if test.kind == "" {
				if got := executed(t, run); len(got.Evidence) > 0 {
					t.Errorf("want no evidence, got %+v", got.Evidence)
				}
				return
			}
			if got := failed(t, run); got.Kind != test.kind || got.Outside != test.outside || got.Span.From != test.actual.From.Earliest {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A failure keeps a bounded copy without types of this program.
func TestValuesAreCopied(t *testing.T) {
	word, long := "w", string(make([]rune, 4*valueLimit))
	for name, test := range map[string]struct {
		value any
		want  result.Value
	}{
		"nothing":             {nil, result.Value{Form: result.Nothing}},
		"a pointer":           {&word, result.Value{Form: result.Text, Text: "w"}},
		"a nil pointer":       {(*string)(nil), result.Value{Form: result.Nothing}},
		"a packet":            {&protocol.Packet{Raw: `451-["a"]`, Attachments: []string{"\x01\x02"}}, result.Value{Form: result.Packet, Text: `451-["a"] + 01 02`}},
		"the type of one":     {byte(protocol.Event), result.Value{Form: result.Text, Text: "2"}},
		"no packet":           {(*protocol.Packet)(nil), result.Value{Form: result.Nothing}},
		"JSON":                {json.RawMessage(`{"a":1}`), result.Value{Form: result.JSON, Text: `{"a":1}`}},
		"a number":            {400, result.Value{Form: result.JSON, Text: "400"}},
		"bytes":               {"\x01\xff", result.Value{Form: result.Bytes, Text: "01 ff"}},
		"a duration":          {time.Second, result.Value{Form: result.Duration, Took: time.Second}},
		"an error":            {errors.New("e"), result.Value{Form: result.Error, Text: "e"}},
		"a response":          {&Response{Status: 404, Body: "b"}, result.Value{Form: result.Response, Status: 404, Text: "b"}},
		"a record":            {Entry{Raw: `{"seq":1}`}, result.Value{Form: result.JSON, Text: `{"seq":1}`}},
		"an end":              {End{Code: 1000}, result.Value{Form: result.End, Text: "a close frame with code 1000"}},
		"a connection":        {&WebSocket{}, result.Value{Form: result.Open}},
		"a list of texts":     {[]string{`42["b"]`}, result.Value{Form: result.List, Items: []result.Value{{Form: result.Text, Text: `42["b"]`}}}},
		"no list":             {[]string(nil), result.Value{Form: result.Nothing}},
		"what cannot be JSON": {func() {}, result.Value{Form: result.Opaque}},
	} {
		if d := cmp.Diff(test.want, valueOf(test.value)); d != "" {
			t.Errorf("%s (-want +got)\n%s", name, d)
		}
	}
	for name, v := range map[string]any{"text": long, "a list": []string{long, long}, "a map": map[string]string{"a": long}} {
		b, err := json.Marshal(valueOf(v))
		if err != nil || len(b) > 10*valueLimit {
			t.Errorf("%s takes %d bytes: %v", name, len(b), err)
		}
	}
	many := make([]int, 1000)
	if v := valueOf(many); len(v.Items) != itemLimit || v.Size != 1000 {
		t.Errorf("kept %d of 1000 items, and the size is %d", len(v.Items), v.Size)
	}
}

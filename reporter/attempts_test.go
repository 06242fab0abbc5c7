package reporter_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/html"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
)

// asked returns a run of cases that were repeated, each for another reason.
func asked() *result.Results {
	r := sample.Run(4)
	span := result.Span{From: sample.Began, Until: sample.Began}
	attempt := func(all ...result.Failure) result.Attempt {
		return result.Attempt{Span: span, Evidence: all, Trace: sample.HTTPTrace(1)}
	}
	wrong := result.Failure{
		Kind: result.Content, Subject: "the code", Span: span, Expected: result.Expectation{Relation: result.Equals, Value: &result.Value{Form: result.JSON, Text: "0"}},
		Received: result.Value{Form: result.JSON, Text: "1"},
	}
	for i, one := range []struct {
		outcome result.Outcome
		reason  string
		history []result.Attempt
	}{
		{result.Unstable, "Bad in 1 of 4 attempts.", []result.Attempt{attempt(sample.Absence("the answer")), attempt(), attempt(), attempt()}},
		{result.Failed, "Seen in 2 of 5 attempts.", []result.Attempt{attempt(wrong), attempt(), attempt(wrong), attempt(), attempt(), {Span: span, Control: true}}},
		{result.Passed, "Not in the first attempt: something stood still for 400 ms meanwhile.", []result.Attempt{attempt(sample.Absence("a pong")), attempt()}},
		{result.Unverified, "it was bad in 1 of 2 attempts, and could not be repeated", []result.Attempt{attempt(sample.Absence("a noop")), {Span: span, Cut: "the run's time was up"}}},
	} {
		c := &r.Cases[i]
		c.Level, c.Outcome, c.Reason, c.History, c.Attempts, c.Message, c.Evidence = result.Required, one.outcome, one.reason, one.history, len(one.history), "", nil
		if one.outcome != result.Passed {
			c.Evidence = one.history[0].Evidence
		}
		for k := range c.History {
			c.History[k].Case = c.ID
		}
	}
	r.Targets[0].RoundTrip = &result.RoundTrip{PollingMs: 401.2, WebSocketMs: 200.4}
	r.Count()
	r.Judge()
	r.FindCauses()
	return r
}

func TestReportsShowAttempts(t *testing.T) {
	t.Parallel()
	r := asked()
	for name, text := range map[string]string{
		"console":  onConsole(r, 1),
		"JUnit":    sample.Written(t, func(b *bytes.Buffer) error { return reporter.JUnit(b, r) }),
		"HTML":     sample.Written(t, func(b *bytes.Buffer) error { return html.Report(b, r) }),
		"Markdown": sample.Written(t, func(b *bytes.Buffer) error { return reporter.GitHub(nil, b, r) }),
	} {
		plain := strings.Join(strings.Fields(strings.NewReplacer("\\", "", "<b>", "", "</b>", ":", "&#39;", "'").Replace(text)), " ")
		wants := []string{
			"1: expected the answer to come, got nothing within 2000 ms (absence)", "2 to 4: good", "1, 3: expected the code to be 0, got 1 (content)",
			"6: against the embedded reference: good", "2: cut short: the run's time was up", "Bad in 1 of 4 attempts",
		}
		if name != "JUnit" {
			wants = append(wants, "Passed when repeated, since the first attempt did not count: "+r.Cases[2].ID, "401 ms over polling, 200 ms over WebSocket")
		}
		if name != "Markdown" { // it lists no passed cases
			wants = append(wants, "stood still for 400 ms", "1: expected a pong to come, got nothing within 2000 ms (absence)")
		}
		for _, want := range wants {
			if !strings.Contains(plain, want) {
				t.Errorf("%s does not say %q:\n%.3000s", name, want, text)
			}
		}
	}
	if text := onConsole(r, 0); strings.Contains(text, "over polling") || !strings.Contains(text, "2 to 4: good") {
		t.Errorf("the console says:\n%s", text)
	}
	if err := validate(t, compiled(t, reporter.ResultsSchema), resultsJSON(t, r)); err != nil {
		t.Error(err)
	}
}

// TestAttemptsAreBounded gives a case more kinds of attempts than a report shows.
func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	r := asked()
	c := &r.Cases[0]
	for i := range 30 {
		c.History = append(c.History, result.Attempt{Case: c.ID, Evidence: []result.Failure{sample.Absence(strings.Repeat("x", i+1))}, Trace: sample.HTTPTrace(i)})
	}
	if text := onConsole(r, 0); !strings.Contains(text, "and 26 that saw other things") {
		t.Errorf("not bounded:\n%s", text)
	}
	if page := sample.Written(t, func(b *bytes.Buffer) error { return html.Report(b, r) }); strings.Count(page, "attempt 7") > 0 {
		t.Error("the page has the traces of all")
	}
}

// TestSchemaKnowsAllMembers compares the members of the results with those that their schema describes.
func TestSchemaKnowsAllMembers(t *testing.T) {
	t.Parallel()
	var schema struct {
		Properties map[string]json.RawMessage
		Defs       map[string]struct{ Properties map[string]json.RawMessage } `json:"$defs"`
	}
	if err := json.Unmarshal(reporter.ResultsSchema, &schema); err != nil {
		t.Fatal(err)
	}
	inner := func(raw json.RawMessage) (one struct{ Properties map[string]json.RawMessage }) {
		var list struct{ Items json.RawMessage }
		if json.Unmarshal(raw, &list) == nil && list.Items != nil {
			raw = list.Items
		}
		_ = json.Unmarshal(raw, &one)
		return one
	}
	gone := inner(schema.Properties["gone"]).Properties
	for name, test := range map[string]struct {
		value any
		known map[string]json.RawMessage
	}{
		"results":   {result.Results{}, schema.Properties},
		"a case":    {result.CaseResult{}, schema.Defs["case"].Properties},
		"a target":  {result.TargetResult{}, schema.Defs["target"].Properties},
		"a failure": {result.Failure{}, schema.Defs["failure"].Properties},
		"attempt":   {result.Attempt{}, schema.Defs["attempt"].Properties},
		"because":   {result.Because{}, inner(schema.Defs["case"].Properties["because"]).Properties},
		"seen":      {result.Rate{}, inner(schema.Defs["case"].Properties["seen"]).Properties},
		"gone":      {result.Departure{}, gone},
		"a cause":   {result.CommonCause{}, schema.Defs["commonCause"].Properties},
		"a suspect": {result.Suspect{}, inner(gone["suspects"]).Properties},
	} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(test.value)) {
			member, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if member != "" && member != "-" && test.known[member] == nil {
				t.Errorf("the schema does not describe %q of %s", member, name)
			}
		}
	}
}

package wording

import (
	"testing"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

func opened(sid string) wire.Trace {
	return wire.Trace{{Seq: 1, Connection: "http-1", HTTP: &wire.HTTPData{Direction: wire.Received, Content: wire.Content{Text: `0{"sid":"` + sid + `"}`}}}}
}

// What differs by chance does not make two groups, and everything else does.
func TestAttemptGroups(t *testing.T) {
	header := func(word string) []result.Failure {
		return []result.Failure{{
			Kind: result.Content, Subject: "the header", Expected: result.Expectation{Relation: result.Equals, Value: &result.Value{Form: result.Text, Text: word}},
			Received: result.Value{Form: result.Text, Text: word + ", " + word},
		}}
	}
	session := func(sid string) []result.Failure {
		return []result.Failure{{Kind: result.Absence, Subject: "the session " + sid, Expected: result.Expectation{Relation: result.Ends}, Received: result.Value{Form: result.Open}}}
	}
	records := func(text string) []result.Failure {
		return []result.Failure{{Kind: result.Content, Subject: "the events", Expected: result.Expectation{Relation: result.IsEmpty}, Received: result.Value{Form: result.JSON, Text: text}}}
	}
	for name, test := range map[string]struct {
		history []result.Attempt
		want    int
	}{
		"words that the run drew":         {[]result.Attempt{{Evidence: header("parcelek4k7lgtmq551")}, {Evidence: header("tulipb517oxi2g0rq1")}}, 1},
		"other words":                     {[]result.Attempt{{Evidence: header("keep-alive")}, {Evidence: header("close")}}, 2},
		"IDs that the target gave":        {[]result.Attempt{{Evidence: session("aaaaaaaaaa1"), Trace: opened("aaaaaaaaaa1")}, {Evidence: session("bbbbbbbbbb2"), Trace: opened("bbbbbbbbbb2")}}, 1},
		"numbers of records":              {[]result.Attempt{{Evidence: records(`[{"seq":7,"code":3}]`)}, {Evidence: records(`[{"seq":12,"code":3}]`)}}, 1},
		"other contents of records":       {[]result.Attempt{{Evidence: records(`[{"seq":7,"code":3}]`)}, {Evidence: records(`[{"seq":12,"code":1}]`)}}, 2},
		"at the reference":                {[]result.Attempt{{Evidence: records("[1]")}, {Evidence: records("[1]"), Control: true}}, 2},
		"a good one":                      {[]result.Attempt{{Evidence: records("[1]")}, {}}, 2},
		"good ones":                       {[]result.Attempt{{}, {}}, 1},
		"good ones with another answer":   {[]result.Attempt{{Answer: "200"}, {Answer: "400"}}, 2},
		"those that were cut, after 2 ms": {[]result.Attempt{{Cut: "gone for 2 ms"}, {Cut: "gone for 30 ms"}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if all := AttemptGroups(result.CaseResult{History: test.history}); len(all) != test.want {
				t.Errorf("want %d groups, got %+v", test.want, all)
			}
		})
	}
}

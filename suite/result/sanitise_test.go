package result

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSanitise(t *testing.T) {
	shared := []string{"a s3cr3t", "plain"}
	deep := json.RawMessage(strings.Repeat("[", 9000) + strings.Repeat("]", 9000))
	long := strings.Repeat("x", 1<<20)
	r := &Results{
		Summary: "a s3cr3t", LeftOut: shared, Verdict: "s3cr3t",
		Targets: []TargetResult{{
			Error: "\xff s3cr3t",
			Info:  &Info{Instance: long, Startup: []json.RawMessage{deep, json.RawMessage(`{"a":"s3cr3t"}`), json.RawMessage("\"\xfe\""), json.RawMessage(`"` + long + `"`), json.RawMessage(`[1]`)}},
		}},
		Cases: []CaseResult{{ID: "s3cr3t/id", Message: "a s3cr3t", KnownFailure: &KnownFailure{Case: "s3cr3t/*", Reason: "s3cr3t"}}},
	}
	Sanitise(r, func(s string) string { return strings.ReplaceAll(s, "s3cr3t", "[hidden]") })
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(text) || len(text) > 100<<10 {
		t.Errorf("got %d bytes", len(text))
	}
	for want, got := range map[string]string{
		"a [hidden]": r.Summary, "s3cr3t": string(r.Verdict), "\uFFFD [hidden]": r.Targets[0].Error, "s3cr3t/id": r.Cases[0].ID,
		"a s3cr3t": shared[0], `{"a":"[hidden]"}`: string(r.Targets[0].Info.Startup[1]), "[1]": string(r.Targets[0].Info.Startup[4]),
		`"left out: JSON that is nested deeper than 64"`: string(r.Targets[0].Info.Startup[0]), "[hidden]": r.Cases[0].KnownFailure.Reason,
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSanitiseMaps(t *testing.T) {
	part := struct {
		Texts  map[string]string
		Lists  map[Level][]string
		Counts Counts
	}{
		map[string]string{"a": "s3cr3t", "s3cr3t": "\xff"}, map[Level][]string{Required: {"s3cr3t"}}, Counts{Required: {Passed: 3}},
	}
	Sanitise(&part, func(s string) string { return strings.ReplaceAll(s, "s3cr3t", "[hidden]") })
	text, _ := json.Marshal(part)
	if want := `{"Texts":{"[hidden]":"\ufffd","a":"[hidden]"},"Lists":{"required":["[hidden]"]},"Counts":{"required":{"passed":3}}}`; string(text) != strings.ReplaceAll(want, `\ufffd`, "\uFFFD") {
		t.Error(string(text))
	}
}

func TestDepth(t *testing.T) {
	for document, want := range map[string]int{`1`: 0, `[]`: 1, `{"a":[{}]}`: 3, `"[[[["`: 0, `["\"[[",[]]`: 2, `[[`: 2} {
		if got := Depth([]byte(document)); got != want {
			t.Errorf("the depth of %s is %d, want %d", document, got, want)
		}
	}
}

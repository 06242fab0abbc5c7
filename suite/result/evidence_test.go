package result_test

import (
	"encoding/json"
	"strings"
	"testing"

	"example.test/conformance/suite/result"
)

// Every text of a failure may contain a secret.
func TestMapReachesEveryText(t *testing.T) {
	secret := func() *result.Value {
		return &result.Value{Form: result.List, Text: "secret", Items: []result.Value{{Form: result.Text, Text: "secret"}}}
	}
	f := result.Failure{
		Subject: "secret", Step: "secret", Received: *secret(),
		Expected: result.Expectation{
			Words: "secret", Value: secret(), Most: secret(),
			Of: []result.Expectation{{Words: "secret", Value: secret(), Of: []result.Expectation{{Value: secret()}}}},
		},
	}
	before, _ := json.Marshal(f)
	got, _ := json.Marshal(f.Map(func(text string) string { return strings.ReplaceAll(text, "secret", "*") }))
	if strings.Contains(string(got), "secret") || strings.Count(string(got), "*") != strings.Count(string(before), "secret") {
		t.Errorf("got %s", got)
	}
	if after, _ := json.Marshal(f); string(after) != string(before) {
		t.Errorf("the failure itself was changed: %s", after)
	}
}

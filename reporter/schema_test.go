package reporter_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
)

func TestComparisonKeepsToItsSchema(t *testing.T) {
	t.Parallel()
	schema := compiled(t, reporter.ComparisonJSONSchema)
	other := sample.Run(40)
	other.Targets = []result.TargetResult{{URL: "http://localhost:1/"}}
	regression := []*result.Results{sample.Green(30, nil), sample.Green(40, map[int]result.Outcome{1: result.Failed})}
	written := func(all ...*result.Results) string {
		return sample.Written(t, func(b *bytes.Buffer) error { return reporter.ComparisonJSON(b, sample.Compared(t, all...)) })
	}
	for name, all := range map[string][]*result.Results{
		"a regression": regression, "three runs": {sample.Run(300), other, sample.Green(10, nil)}, "hostile": {sample.Hostile(), other},
		"nothing changed": {sample.Green(10, nil), sample.Green(10, nil)}, "another implementation": {sample.Run(20), other},
	} {
		if err := validate(t, schema, []byte(written(all...))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string][2]string{
		"another schema":                           {`"conformance-comparison/1"`, `"conformance-comparison/2"`},
		"another outcome":                          {`"outcome": "failed"`, `"outcome": "red"`},
		"another level":                            {`"level": "required"`, `"level": "strong"`},
		"another verdict":                          {`"verdict": "conformant"`, `"verdict": "fine"`},
		"another change":                           {`"change": "worse"`, `"change": "other"`},
		"no regression":                            {`"regression": true,`, ``},
		"a regression of different things":         {`"sameImplementation": true`, `"sameImplementation": false`},
		"a member that nobody knows":               {`"differs": true`, `"differs": true, "colour": "red"`},
		"a number for a name":                      {`"name": "socket.io 4.8.4 (before, 2026-05-04 09:30)"`, `"name": 4`},
		"a result without an outcome":              {`"outcome": "failed"`, `"gates": true`},
		"an edition that is none":                  {`"edition": "4.8"`, `"edition": "latest"`},
		"an ID that is none":                       {`"id": "handshake/`, `"id": "/`},
		"a run that began at no time":              {`"startedAt": "2026`, `"startedAt": "in 2026`},
		"a total that no case makes":               {`"passed": 30`, `"passed": 0`},
		"a catalogue of the comparison's own make": {`"catalogue": "5c`, `"catalogue": "`},
	} {
		good := written(regression...)
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good || validate(t, schema, []byte(bad)) == nil {
			t.Errorf("%s is valid", name)
		}
	}
}

// TestSchemasKnowAllWords compares the lists of words in both schemas with those of the suite.
func TestSchemasKnowAllWords(t *testing.T) {
	t.Parallel()
	words := func(list ...string) []string { slices.Sort(list); return list }
	profiles, levels, outcomes := []string{""}, []string{}, []string{}
	for _, p := range append(slices.Clone(result.Profiles), result.ProfileBrowser) {
		profiles = append(profiles, string(p))
	}
	for _, l := range result.Levels {
		levels = append(levels, string(l))
	}
	for _, o := range result.Outcomes {
		outcomes = append(outcomes, string(o))
	}
	for name, schema := range map[string][]byte{"results": reporter.ResultsSchema, "comparison": reporter.ComparisonJSONSchema} {
		var document any
		if err := json.Unmarshal(schema, &document); err != nil {
			t.Fatal(err)
		}
		found := map[string][]string{}
		var walk func(key string, v any)
		walk = func(key string, v any) {
			object, ok := v.(map[string]any)
			if !ok {
				return
			}
			if list, ok := object["enum"].([]any); ok {
				for _, one := range list {
					found[key] = append(found[key], fmt.Sprint(one))
				}
			}
			for k, inner := range object {
				walk(k, inner)
			}
		}
		walk("", document)
		for key, want := range map[string][]string{"profile": profiles, "level": levels, "outcome": outcomes} {
			if !slices.Equal(words(found[key]...), words(want...)) {
				t.Errorf("the schema of the %s lists for %s %q, and the suite %q", name, key, found[key], want)
			}
		}
	}
}

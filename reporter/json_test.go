package reporter_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.test/conformance/reporter"
	"example.test/conformance/reporter/internal/sample"
	"example.test/conformance/suite/result"
)

func resultsJSON(t *testing.T, r *result.Results) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reporter.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func compiled(t *testing.T, schema []byte) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, schema *jsonschema.Schema, content []byte) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}

func TestJSONGolden(t *testing.T) { golden(t, "results.json", resultsJSON(t, sample.Run(18))) }

func TestJSONKeepsToItsSchema(t *testing.T) {
	t.Parallel()
	schema := compiled(t, reporter.ResultsSchema)
	unreachable := &result.Results{Schema: result.Schema, Suite: sample.Run(1).Suite, Verdict: result.Unreachable, ExitCode: 3, Targets: []result.TargetResult{{URL: "http://localhost:1/", Error: "refused"}}}
	unreachable.Count()
	for name, r := range map[string]*result.Results{"sample": sample.Run(300), "hostile": sample.Hostile(), "unreachable": unreachable} {
		if err := validate(t, schema, resultsJSON(t, r)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string][2]string{
		"another verdict":        {`"verdict": "error"`, `"verdict": "fine"`},
		"another outcome":        {`"outcome": "failed"`, `"outcome": "red"`},
		"another direction":      {`"direction": "sent"`, `"direction": "up"`},
		"an event of nothing":    {`"step": {`, `"stop": {`},
		"an event of two things": {`"opened": {`, `"step": {"text": ""}, "opened": {`},
		"another opcode":         {`"opcode": "text"`, `"opcode": "word"`},
		"no edition":             {`"edition": "4.8",`, ""},
		"no catalogue":           {`"catalogue": "5c`, `"catalogue": "no`},
		"another schema":         {`"conformance-results/2"`, `"conformance-results/1"`},
	} {
		good := string(resultsJSON(t, sample.Run(18)))
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good || validate(t, schema, []byte(bad)) == nil {
			t.Errorf("%s is valid", name)
		}
	}
}

func TestReadJSONReadsWhatJSONWrites(t *testing.T) {
	t.Parallel()
	want := sample.Run(60)
	got, err := result.Read(bytes.NewReader(resultsJSON(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(want, got); difference != "" {
		t.Error(difference)
	}
}

func TestReadJSONRefuses(t *testing.T) {
	t.Parallel()
	good := string(resultsJSON(t, sample.Run(18)))
	for want, content := range map[string]string{
		"not JSON":                                     "<testsuites/>",
		"not a results file":                           `{"cases":[]}`,
		"no member schema":                             `[1]`,
		`"conformance-results/99"`:                     strings.Replace(good, result.Schema, "conformance-results/99", 1),
		"something follows":                            good + good,
		`the unknown outcome "red"`:                    strings.Replace(good, `"outcome": "passed"`, `"outcome": "red"`, 1),
		`the unknown level "strong"`:                   strings.Replace(good, `"level": "required"`, `"level": "strong"`, 1),
		"no ID of its own":                             `{"schema":"conformance-results/2","cases":[{}]}`,
		"cannot unmarshal":                             `{"schema":"conformance-results/2","cases":7}`,
		"older format":                                 `{"schema":"conformance-results/1","cases":[]}`,
		"Run the suite again with this version":        `{"schema":"conformance-results/1"}`,
		"the version that wrote it, conformance 4.1.9": `{"schema":"conformance-results/1","suite":{"version":"4.1.9"}}`,
		`this version of conformance`:                  `{"schema":2}`,
	} {
		if _, err := result.Read(strings.NewReader(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, not about %s", err, want)
		}
	}
}

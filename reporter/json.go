package reporter

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"example.test/conformance/reporter/compare"
	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
)

// ResultsSchema is the JSON Schema of results.json.
//
//go:embed results.schema.json
var ResultsSchema []byte

// JSON writes results as results.json, which [ResultsSchema] describes.
func JSON(w io.Writer, r *result.Results) error {
	whole := *r
	whole.Targets = listed(r.Targets)
	whole.Cases = listed(r.Cases)
	return writeJSON(w, &whole)
}

// listed returns an empty list for nil, so that readers always find a list.
func listed[E any](list []E) []E {
	if list == nil {
		return []E{}
	}
	return list
}

func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// ReadJSON reads a results.json. It refuses files of another schema, and files with content that this version does not
// understand.
func ReadJSON(r io.Reader) (*result.Results, error) {
	decoder := json.NewDecoder(r)
	var content json.RawMessage
	switch err := decoder.Decode(&content); {
	case err == io.EOF:
		return nil, errors.New("it is empty")
	case err != nil:
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	if decoder.Decode(&struct{}{}) != io.EOF {
		return nil, errors.New("something follows the JSON document")
	}
	var head struct {
		Schema any `json:"schema"`
		Suite  any `json:"suite"`
	}
	if err := json.Unmarshal(content, &head); err != nil || head.Schema == nil {
		return nil, fmt.Errorf("it is not a results file: it has no member schema, which would say %q", result.Schema)
	}
	build, _ := head.Suite.(map[string]any)
	version, _ := build["version"].(string)
	if err := result.CheckSchema(fmt.Sprint(head.Schema), wording.Clip(version, 40)); err != nil {
		return nil, err
	}
	var results result.Results
	if err := json.Unmarshal(content, &results); err != nil {
		return nil, fmt.Errorf("it is not a results file: %w", err)
	}
	seen := map[string]bool{}
	for i, c := range results.Cases {
		switch {
		case c.ID == "" || seen[c.ID]:
			return nil, fmt.Errorf("case %d has no ID of its own: %q", i+1, c.ID)
		case !slices.Contains(result.Outcomes, c.Outcome):
			return nil, fmt.Errorf("the case %s has the unknown outcome %q", c.ID, c.Outcome)
		case !slices.Contains(result.Levels, c.Level):
			return nil, fmt.Errorf("the case %s has the unknown level %q", c.ID, c.Level)
		}
		seen[c.ID] = true
	}
	return &results, nil
}

// ComparisonJSONSchema is the JSON Schema of what [ComparisonJSON] writes.
//
//go:embed comparison.schema.json
var ComparisonJSONSchema []byte

// ComparisonJSON writes a comparison as JSON, which [ComparisonJSONSchema] describes.
func ComparisonJSON(w io.Writer, c *compare.Comparison) error { return writeJSON(w, c) }

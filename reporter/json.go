package reporter

import (
	_ "embed"
	"encoding/json"
	"io"

	"example.test/conformance/reporter/compare"
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

// ComparisonJSONSchema is the JSON Schema of what [ComparisonJSON] writes.
//
//go:embed comparison.schema.json
var ComparisonJSONSchema []byte

// ComparisonJSON writes a comparison as JSON, which [ComparisonJSONSchema] describes.
func ComparisonJSON(w io.Writer, c *compare.Comparison) error { return writeJSON(w, c) }

package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Read reads a results.json. It refuses files of another schema, and files with content that this version does not
// understand.
func Read(r io.Reader) (*Results, error) {
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
		return nil, fmt.Errorf("it is not a results file: it has no member schema, which would say %q", Schema)
	}
	build, _ := head.Suite.(map[string]any)
	version, _ := build["version"].(string)
	if err := CheckSchema(fmt.Sprint(head.Schema), fmt.Sprintf("%.40s", version)); err != nil {
		return nil, err
	}
	var results Results
	if err := json.Unmarshal(content, &results); err != nil {
		return nil, fmt.Errorf("it is not a results file: %w", err)
	}
	seen := map[string]bool{}
	for i, c := range results.Cases {
		switch {
		case c.ID == "" || seen[c.ID]:
			return nil, fmt.Errorf("case %d has no ID of its own: %q", i+1, c.ID)
		case !slices.Contains(Outcomes, c.Outcome):
			return nil, fmt.Errorf("the case %s has the unknown outcome %q", c.ID, c.Outcome)
		case !slices.Contains(Levels, c.Level):
			return nil, fmt.Errorf("the case %s has the unknown level %q", c.ID, c.Level)
		}
		seen[c.ID] = true
	}
	return &results, nil
}

package cases

import (
	"embed"
	"encoding/json"
	"fmt"
)

// Rule is one statement of a source document, and what became of it: it is checked by cases, left out
// for a reason, or folded into another rule.
type Rule struct {
	ID         string   `json:"id"`      // "<document>/<number>"; the numbers are those of the catalogue of statements
	Rule       string   `json:"rule"`    // in our own words
	Section    string   `json:"section"` // of the document
	Level      string   `json:"level"`   // as the document has it: MUST, SHOULD, stated, implied, or REF for the official server's behaviour
	Cases      []string `json:"cases,omitempty"`
	LeftOut    string   `json:"leftOut,omitempty"`
	FoldedInto string   `json:"foldedInto,omitempty"`
}

//go:embed rules_*.json
var ruleFiles embed.FS

// Rules lists the statements of all source documents.
func Rules() (all []Rule) {
	for _, document := range []string{"engine", "socket", "announcement"} {
		data, err := ruleFiles.ReadFile("rules_" + document + ".json")
		if err != nil {
			panic(err)
		}
		var rules []Rule
		if err := json.Unmarshal(data, &rules); err != nil {
			panic(fmt.Sprintf("cases: the rules of %s: %v", document, err))
		}
		all = append(all, rules...)
	}
	return all
}

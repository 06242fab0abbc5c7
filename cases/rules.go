package cases

import (
	"embed"
	"encoding/json"
	"fmt"
)

// Rule is a statement of a source document, in the suite's own words, and what the suite makes of
// it: exactly one of Cases, LeftOut and FoldedInto is set.
type Rule struct {
	// ID is "<source>/<number>". The sources are engine.io and socket.io, the two protocols, whose
	// statements are numbered through from 1 to 214; announcement, that of Socket.IO 4.1.0; contract,
	// the conformance application's; and robustness, what no document says of the server itself
	// and every server owes its other clients.
	ID      string `json:"id"`
	Rule    string `json:"rule"`
	Section string `json:"section"`
	// Level is how the document puts it: MUST, SHOULD or MAY where its sentence has that word, "stated"
	// where it has none, "implied" by a format or an example, "suite-only" in the official test suites
	// alone, "REF" where only the official server shows it, or a remark. It is not the level of the
	// cases, which also weighs what real servers do.
	Level string `json:"level"`
	// Official are the tests of the two official suites that touch the rule: E1 to E25 of Engine.IO's and
	// S1 to S32 of Socket.IO's, in the order of their files.
	Official []string `json:"official,omitempty"`
	// Cases are the IDs of the cases that check the rule.
	Cases []string `json:"cases,omitempty"`
	// LeftOut is the reason why none does.
	LeftOut string `json:"leftOut,omitempty"`
	// FoldedInto is the ID of the rule whose cases check this one, too.
	FoldedInto string `json:"foldedInto,omitempty"`
}

//go:embed rules_*.json
var ruleFiles embed.FS

// Rules returns the rules of all sources in the order of the documents. It panics where a file that
// is built in is broken: a mistake of the suite's author.
func Rules() (all []Rule) {
	for _, source := range []string{"engine", "socket", "announcement", "robustness"} {
		name := "rules_" + source + ".json"
		text, err := ruleFiles.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("cases: %v", err))
		}
		var rules []Rule
		if err := json.Unmarshal(text, &rules); err != nil {
			panic(fmt.Sprintf("cases: %s: %v", name, err))
		}
		all = append(all, rules...)
	}
	return all
}

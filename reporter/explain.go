package reporter

import (
	"fmt"
	"io"
	"strings"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// maxExample is the longest example of an explanation, in bytes.
const maxExample = 6 << 10

// Explanation is everything to know about a case.
type Explanation struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Level   result.Level   `json:"level"`
	Since   result.Edition `json:"since"`
	Profile result.Profile `json:"profile"`
	Needs   []string       `json:"needs"`
	Source  result.Source  `json:"source"`
	Rules   []RuleText     `json:"rules"`   // the rules of the documents that it checks
	Example wire.Trace     `json:"example"` // the case on the wire, against the reference server
	Faults  []Named        `json:"faults"`  // what servers get wrong about its rules
	Command string         `json:"command"` // to run it
}

// Named is a text with a name.
type Named struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// RuleText is a rule with the clause of its document.
type RuleText struct {
	Named
	Quote      string `json:"quote,omitempty"`
	Derivation string `json:"derivation,omitempty"` // how the rule follows from the clause, or what shows it
}

// binding says in words how binding each level is.
var binding = map[result.Level]string{
	result.Required:    "a rule of the documents that the official server keeps, too: breaking it gates",
	result.Recommended: "a SHOULD, or what the official server does where the documents are silent: breaking it gates with --strict",
	result.Observed:    "documents and official server disagree, or its versions do: the answer is recorded and never gates",
}

// Explain writes explanations as text, in colour if the console has colours.
func (c *Console) Explain(w io.Writer, all []Explanation) error {
	var b strings.Builder
	for i, e := range all {
		if i > 0 {
			b.WriteString("\n")
		}
		head := func(text string) { fmt.Fprintf(&b, "\n%s\n", c.bold(text)) }
		by := func(indent, text string) {
			b.WriteString(indent + strings.ReplaceAll(wrap(text, c.width()-len(indent), ""), "\n", "\n"+indent) + "\n")
		}
		indented := func(text string) { by("  ", text) }
		fmt.Fprintf(&b, "%s\n%s\n", c.bold(e.ID), wrap("The server "+e.Title+".", c.width(), ""))
		head("How binding")
		indented(fmt.Sprintf("%s: %s.", e.Level, binding[e.Level]))
		indented(fmt.Sprintf("Asked for since edition %s, in the profile %s.", e.Since, e.Profile))
		if len(e.Needs) > 0 {
			indented("It needs " + strings.Join(e.Needs, ", ") + ".")
		}
		head("Where it is from")
		indented(strings.Trim(e.Source.Document+", "+e.Source.Section, ", "))
		fmt.Fprintf(&b, "  %s\n", e.Source.URL)
		for _, r := range e.Rules {
			indented(fmt.Sprintf("%s: %s", r.Name, r.Text))
			if r.Quote != "" {
				by("    ", "“"+r.Quote+"”")
			}
			if r.Derivation != "" {
				by("    ", r.Derivation)
			}
		}
		head("What servers get wrong about it")
		for _, f := range e.Faults {
			indented(fmt.Sprintf("%s: %s", f.Name, f.Text))
		}
		if len(e.Example) > 0 {
			head("On the wire, against the reference server")
			b.WriteString(wording.PlainTrace(e.Example, maxExample))
		}
		head("Run it")
		fmt.Fprintf(&b, "  %s\n", e.Command)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

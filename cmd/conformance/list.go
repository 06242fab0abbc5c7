package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"example.test/conformance/cases"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// listed is a case as `list --json` shows it.
type listed struct {
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Area    string        `json:"area"`
	Level   suite.Level   `json:"level"`
	Edition suite.Edition `json:"edition"`
	Profile suite.Profile `json:"profile"`
	Source  suite.Source  `json:"source"`
	Rules   []string      `json:"rules"`
	Faults  []string      `json:"faults"` // the faults that break one of the rules
}

func listCommand(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	f := newFlags("list", "list [flags]")
	g := f.group("Flags")
	asJSON := g.Bool("json", false, "print JSON for machines")
	only := g.StringArray("only", nil, "list only the cases whose ID matches the `GLOB`")
	skip := g.StringArray("skip", nil, "leave out the cases whose ID matches the `GLOB`")
	rules := g.Bool("rules", false, "list the rules of the documents instead, and what checks each")
	f.after = `Examples:
  conformance list --only 'upgrade/*'
  conformance list --rules --json`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if *rules {
		return 0, listRules(out, *asJSON)
	}
	selected, err := runner.Select(*only, *skip)
	if err != nil {
		return 0, err
	}
	if *asJSON {
		all := []listed{}
		for _, c := range selected {
			all = append(all, listed{c.ID, c.Title, c.Area(), c.Level, c.Since, c.Profile(), c.Source, c.RuleIDs(), namesOf(fault.Breaking(c.RuleIDs()...))})
		}
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return 0, encoder.Encode(all)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tLEVEL\tEDITION\tPROFILE\tTHE SERVER …")
	for _, c := range selected {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", c.ID, c.Level, c.Since, c.Profile(), c.Title)
	}
	return 0, table.Flush()
}

// listRules prints the rules of the documents and what checks each.
func listRules(out io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(cases.Rules())
	}
	for _, r := range cases.Rules() {
		fmt.Fprintf(out, "%s (%s, %s)\n    %s\n", r.ID, r.Section, r.Basis, r.Rule)
		switch {
		case r.LeftOut != "":
			fmt.Fprintf(out, "    left out: %s\n", r.LeftOut)
		case r.FoldedInto != "":
			fmt.Fprintf(out, "    folded into %s\n", r.FoldedInto)
		}
		if len(r.Official) > 0 {
			fmt.Fprintf(out, "    touched by the official tests %s\n", strings.Join(r.Official, ", "))
		}
		for _, id := range r.Cases {
			fmt.Fprintf(out, "    checked by %s\n", id)
		}
	}
	return nil
}

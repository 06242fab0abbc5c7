package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"example.test/conformance/cases"
	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/reporter"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

func explainCommand(ctx context.Context, args []string, out, errOut io.Writer) (int, error) {
	f := newFlags("explain", "explain [flags] ID…")
	f.operands = true
	g := f.group("Flags")
	asJSON := g.Bool("json", false, "print JSON for machines")
	f.after = `Explains cases by ID, or by a glob of IDs: the rule and its source, what
servers get wrong, and what goes over the wire when the reference server keeps
it.

Examples:
  conformance explain upgrade/probe-then-upgrade
  conformance explain 'acks/*'`
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	if f.NArg() == 0 {
		return 0, usage("explain takes the IDs of cases: `conformance list` shows them")
	}
	selected, err := runner.Select(f.Args(), nil)
	if err != nil {
		return 0, err
	}
	console := progress(errOut)
	console.Waits("running the cases against the reference server")
	examples, err := shown(ctx, selected)
	console.Done()
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return 0, err
	}
	var all []reporter.Explanation
	for _, c := range selected {
		e := explanation(c)
		if i := slices.IndexFunc(examples.Cases, func(r suite.CaseResult) bool { return r.ID == c.ID && r.Outcome == suite.Passed }); i >= 0 {
			e.Example = examples.Cases[i].Trace
		}
		all = append(all, e)
	}
	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return 0, encoder.Encode(all)
	}
	return 0, (&reportFlags{}).console(out).Explain(out, all)
}

// shown runs cases against a reference cluster that is large enough for them.
func shown(ctx context.Context, selected []*suite.Case) (*suite.Results, error) {
	instances, ids := 2, []string{}
	for _, c := range selected {
		instances = max(instances, c.Needs.Targets)
		ids = append(ids, c.ID)
	}
	options := embedded.Fitting(application.Options{Instances: instances})
	config, stop, err := embedded.Start(ctx, func() application.Options { return options })
	if err != nil {
		return nil, err
	}
	defer stop()
	config.Only, config.Profile = ids, suite.ProfileCluster
	return runner.RunDirectly(ctx, config)
}

func explanation(c *suite.Case) reporter.Explanation {
	e := reporter.Explanation{
		ID: c.ID, Title: c.Title, Level: c.Level, Since: c.Since, Profile: c.Profile(), Source: c.Source,
		Needs: needed(c.Needs), Rules: []reporter.RuleText{}, Faults: []reporter.Named{}, Command: "conformance -t URL --only " + c.ID,
	}
	for range c.Needs.Targets - 1 {
		e.Command = "conformance -t URL" + e.Command[len("conformance"):]
	}
	for _, r := range cases.Rules() {
		if slices.Contains(r.Cases, c.ID) {
			e.Rules = append(e.Rules, reporter.RuleText{Named: reporter.Named{Name: r.ID, Text: r.Rule}, Quote: r.Quote, Derivation: r.Derivation})
		}
	}
	for _, one := range fault.Breaking(c.RuleIDs()...) {
		e.Faults = append(e.Faults, reporter.Named{Name: one.Name, Text: one.Sentence})
	}
	return e
}

// needed says in words what a case needs.
func needed(n suite.Needs) (all []string) {
	if n.Echo {
		all = append(all, "the echo application of the official test suites")
	}
	if n.Application || len(n.Features) > 0 {
		all = append(all, "the conformance application (fixtures/CONTRACT.md)")
	}
	for _, feature := range n.Features {
		all = append(all, "its feature "+feature)
	}
	if n.Targets > 1 {
		all = append(all, fmt.Sprintf("%d instances of one cluster", n.Targets))
	}
	if n.Restarts {
		all = append(all, "instances that can be stopped and started (--stop-cmd, --start-cmd)")
	}
	return all
}

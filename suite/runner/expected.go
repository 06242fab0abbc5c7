package runner

import (
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Expected returns the cases that all parts of a run must contain together, without outcomes.
func Expected(r *suite.Results) (all []suite.CaseResult, err error) {
	selected, err := Select(r.Only, r.Skip)
	if err != nil {
		return nil, err
	}
	config := settings{Config: Config{Edition: suite.Edition(r.Edition)}}
	if config.required, err = requirements(r.Requirements); err != nil {
		return nil, err
	}
	for _, c := range selected {
		all = append(all, config.result(c))
	}
	return all, nil
}

// Planned returns the cases that a complete run must contain if it has the profile, edition, requirements and targets of
// those results, and leaves out the same names. Results do not say whether instances could be stopped.
func Planned(r *suite.Results) (all []result.OwedCase, err error) {
	config := settings{Config: Config{
		Profile: r.Profile, Edition: suite.Edition(r.Edition), Without: r.Without, Targets: make([]*wire.Target, len(r.Targets)), Second: &Config{},
	}}
	if config.required, err = requirements(r.Requirements); err != nil {
		return nil, err
	}
	shown := &suite.Capabilities{Echo: true, Targets: r.Targets} // otherwise the run was incomplete
	for _, t := range r.Targets {
		shown.Info = append(shown.Info, t.Info)
	}
	for _, c := range suite.Cases() {
		p := result.OwedCase{CaseResult: config.result(c), Restarts: c.Needs.Restarts}
		p.Outcome, p.Reason = applicable(c, config, shown)
		all = append(all, p)
	}
	return all, nil
}

// result returns the result of a case in the run, without an outcome.
func (c settings) result(it *suite.Case) suite.CaseResult {
	return suite.CaseResult{
		ID: it.ID, Title: it.Title, Area: it.Area(), Level: c.level(it), Newer: c.newer(it), Since: string(it.Since), Profile: it.Profile(), Source: it.Source, Rules: it.RuleIDs(),
	}
}

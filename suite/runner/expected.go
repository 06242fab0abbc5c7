package runner

import (
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// Expected are the cases that a run and the other parts of it must hold together, without outcomes.
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

// Planned are the cases of the catalogue as a whole run must hold them that had the profile, edition, requirements and
// targets of those results, and left out the same by name. Whether instances could be stopped is not known of results.
func Planned(r *suite.Results) (all []result.OwedCase, err error) {
	config := settings{Config: Config{
		Profile: r.Profile, Edition: suite.Edition(r.Edition), Without: r.Without, Targets: make([]*wire.Target, len(r.Targets)), Second: &Config{},
	}}
	if config.required, err = requirements(r.Requirements); err != nil {
		return nil, err
	}
	shown := &suite.Capabilities{Echo: true, Targets: r.Targets} // or the run was not whole
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

// result of a case in the run, without what came of it.
func (c settings) result(it *suite.Case) suite.CaseResult {
	return suite.CaseResult{
		ID: it.ID, Title: it.Title, Area: it.Area(), Level: c.level(it), Newer: c.newer(it), Since: string(it.Since), Profile: it.Profile(), Source: it.Source, Rules: it.RuleIDs(),
	}
}

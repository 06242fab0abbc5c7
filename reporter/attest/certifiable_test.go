package attest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	_ "example.test/conformance/cases"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/reporter/attest"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// A set with very few cases.
var _ = suite.AddRequirements(fstest.MapFS{"0.0.1/4.1.txt": {Data: []byte("required\nhandshake/sid-is-text\n")}}, nil)

var own = suite.SuiteBuild{Version: "1.2.3", Commit: "0a1b2c3", Sources: "5e5e"}

// auditor returns this suite as an auditor, with the name of a build.
func auditor(build suite.SuiteBuild) *attest.Auditor {
	return &attest.Auditor{
		Build: build, Catalogue: suite.CatalogueDigest(), RequirementSets: suite.RequirementNames(), RequirementDigest: suite.RequirementDigest,
		Owed: runner.Planned, LeftOut: func(name string) string { return suite.LeavesOut([]string{name}, name) },
	}
}

// runSuite makes a conformant run of the suite against the reference, with a fault if one is named.
func runSuite(t *testing.T, config runner.Config, instances int, faults ...string) *suite.Results {
	t.Helper()
	options := application.Options{Instances: instances}
	for _, name := range faults {
		one, found := fault.Find(name)
		if !found {
			t.Fatalf("there is no fault %s", name)
		}
		one.Apply(&options)
	}
	config.Build = own
	return copied(t, calmed(t, runWith(t, config, options))) // as a reader of results.json has them
}

// calmed returns results as a calm machine would have made them. These tests are about the record of a run. A machine that
// stands still leaves cases unverified, which other tests cover.
func calmed(t *testing.T, r *suite.Results) *suite.Results {
	t.Helper()
	for i := range r.Cases {
		c := &r.Cases[i]
		if c.Outcome != suite.Unstable && c.Outcome != suite.Unverified {
			continue
		}
		t.Logf("taken for passed on a machine that is not calm: %s, %s: %s", c.ID, c.Outcome, c.Reason)
		c.Outcome, c.Reason, c.Because, c.Seen, c.Evidence, c.History, c.Attempts = suite.Passed, "", nil, nil, nil, nil, 1
		if c.Rounds != nil {
			c.Rounds = map[suite.Outcome]int{suite.Passed: rounds(c)}
		}
	}
	r.Count()
	r.Judge()
	return r
}

// rounds returns how often a case was run.
func rounds(c *suite.CaseResult) (n int) {
	for _, some := range c.Rounds {
		n += some
	}
	return n
}

func runWith(t *testing.T, config runner.Config, options application.Options) *suite.Results {
	t.Helper()
	cluster, err := application.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cluster.Close(context.Background()) }()
	for _, url := range cluster.URLs() {
		target, err := wire.ParseTarget(url)
		if err != nil {
			t.Fatal(err)
		}
		config.Targets = append(config.Targets, target)
	}
	results, err := runner.RunDirectly(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// slim returns results with short traces, which are most of them. A certificate asks for no more than that each case has one,
// and that targets introduce themselves by their names.
func slim(r *suite.Results) *suite.Results {
	less := *r
	less.Cases = slices.Clone(r.Cases)
	for i := range less.Cases {
		c := &less.Cases[i]
		first := true
		c.Example, c.Trace = nil, slices.DeleteFunc(slices.Clone(c.Trace), func(e wire.Event) bool {
			kept := first || e.Record != nil && e.Record.Name == "info"
			first = false
			return !kept
		})
	}
	return &less
}

func copied(t *testing.T, r *suite.Results) *suite.Results {
	t.Helper()
	text, err := json.Marshal(slim(r))
	if err != nil {
		t.Fatal(err)
	}
	var again suite.Results
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&again); err != nil {
		t.Fatal(err)
	}
	return &again
}

func TestAuditAcceptsWholeRuns(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config runner.Config
		faults []string
	}{
		"strict, of an older edition":       {config: runner.Config{Profile: suite.Profile410, Edition: "4.1", Strict: true}},
		"repeated, a recommendation broken": {config: runner.Config{Profile: suite.ProfileWire, Repeat: 2}, faults: []string{"handshake/extra-key"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := runSuite(t, test.config, 1, test.faults...)
			if warned := r.Counts[suite.Recommended][suite.Warned]; (warned > 0) != (test.faults != nil) {
				t.Errorf("%d recommended rules were broken", warned)
			}
			if err := auditor(own).Certifiable(r, false); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAuditRefuses(t *testing.T) {
	t.Parallel()
	whole := runSuite(t, runner.Config{}, 2)
	if err := auditor(own).Certifiable(whole, false); err != nil {
		t.Fatal(err)
	}
	settle := func(r *suite.Results) { r.Count(); r.Judge() }
	first := func(r *suite.Results, o suite.Outcome, l suite.Level) *suite.CaseResult {
		i := slices.IndexFunc(r.Cases, func(c suite.CaseResult) bool { return c.Outcome == o && c.Level == l })
		if i < 0 {
			t.Fatalf("no case is %s and %s", o, l)
		}
		return &r.Cases[i]
	}
	required := func(r *suite.Results) *suite.CaseResult { return first(r, suite.Passed, suite.Required) }
	for name, test := range map[string]struct {
		edit func(r *suite.Results)
		want string
	}{
		"another schema":    {func(r *suite.Results) { r.Schema = "conformance-results/0" }, "schema"},
		"another version":   {func(r *suite.Results) { r.Suite.Version, r.Suite.Catalogue = "9.9.9", strings.Repeat("0", 64) }, "the run is of suite 9.9.9"},
		"another catalogue": {func(r *suite.Results) { r.Suite.Catalogue = strings.Repeat("0", 64) }, "both call themselves 1.2.3"},
		"no catalogue":      {func(r *suite.Results) { r.Suite.Catalogue = "" }, "do not say of which catalogue"},

		"an unknown source":  {func(r *suite.Results) { r.Suite.Commit = "unknown" }, "source of the suite that ran is unknown"},
		"changed sources":    {func(r *suite.Results) { r.Suite.Commit += attest.ModifiedBuild }, "was changed beside its commit"},
		"an unknown set":     {func(r *suite.Results) { r.Requirements = "9.9.9" }, "unknown requirement set \"9.9.9\""},
		"another set":        {func(r *suite.Results) { r.Requirements = "0.0.1" }, "requirement set 0.0.1: false, and the results say true"},
		"a case of no set":   {func(r *suite.Results) { required(r).Newer = true; settle(r) }, "requirement set latest: true, and the results say false"},
		"no sources":         {func(r *suite.Results) { r.Suite.Sources = "" }, "do not say of which sources"},
		"other sources":      {func(r *suite.Results) { r.Suite.Sources = "6f6f" }, "both call themselves commit 0a1b2c3: one of them was changed"},
		"a reduced run":      {func(r *suite.Results) { r.Without = []string{"cors"}; settle(r) }, "left out cors by name: --reduced"},
		"an unstable run":    {func(r *suite.Results) { required(r).Outcome = result.Unstable; settle(r) }, "were unstable, bad once"},
		"a shard":            {func(r *suite.Results) { r.Shard = "1/2" }, "part 1/2"},
		"a selection":        {func(r *suite.Results) { r.Only = []string{"errors"} }, "--only or --skip"},
		"cases left out":     {func(r *suite.Results) { r.Skip = []string{"errors"} }, "--only or --skip"},
		"an unknown profile": {func(r *suite.Results) { r.Profile = "all" }, "unknown profile"},
		"an unknown edition": {func(r *suite.Results) { r.Edition = "5.0" }, "unknown edition"},
		"no target":          {func(r *suite.Results) { r.Targets = nil }, "no target"},
		"no beginning":       {func(r *suite.Results) { r.StartedAt = time.Time{} }, "when the run began"},

		"a failing run":      {func(r *suite.Results) { required(r).Outcome = suite.Failed; settle(r) }, `"not conformant"`},
		"an incomplete run":  {func(r *suite.Results) { required(r).Outcome = suite.Unverified; settle(r) }, `"incomplete"`},
		"a suite that broke": {func(r *suite.Results) { required(r).Outcome = suite.Errored; settle(r) }, `"error"`},
		"an interrupted run": {func(r *suite.Results) { r.Verdict = suite.Interrupted }, `"interrupted"`},
		"no target reached":  {func(r *suite.Results) { r.Verdict = suite.Unreachable }, `"unreachable"`},
		"known failures":     {func(r *suite.Results) { required(r).Outcome = suite.Known; settle(r) }, "accepted known failures: handshake/"},

		"a case removed":             {func(r *suite.Results) { r.Cases = r.Cases[1:] }, "lack 1 of the catalogue's cases: " + whole.Cases[0].ID},
		"a case removed and counted": {func(r *suite.Results) { r.Cases = r.Cases[1:]; settle(r) }, "lack 1 of the catalogue's cases"},
		"a case twice":               {func(r *suite.Results) { r.Cases[1] = r.Cases[0] }, "twice"},
		"a case invented": {func(r *suite.Results) {
			one := r.Cases[0]
			one.ID = "handshake/invented"
			r.Cases = append(r.Cases, one)
			settle(r)
		}, "not a case of the catalogue"},

		"an outcome for the worse": {func(r *suite.Results) { required(r).Outcome = suite.Failed }, "they count"},
		"the counts":               {func(r *suite.Results) { r.Counts[suite.Required][suite.Passed]++ }, "they count"},
		"another level counted":    {func(r *suite.Results) { r.Counts["optional"] = map[suite.Outcome]int{suite.Passed: 1} }, "levels that do not exist"},
		"the verdict":              {func(r *suite.Results) { required(r).Outcome = suite.Failed; r.Count() }, "they state the verdict"},
		"the exit code":            {func(r *suite.Results) { r.ExitCode = 1 }, "exit code"},
		"the summary":              {func(r *suite.Results) { r.Summary = "All is well." }, "summary"},
		"strict afterwards": {func(r *suite.Results) {
			first(r, suite.Passed, suite.Recommended).Outcome = suite.Warned
			settle(r)
			r.Strict = true
		}, `make it "not conformant"`},
		"a larger edition":           {func(r *suite.Results) { r.Edition = "4.1"; settle(r) }, "does not apply"},
		"a larger profile":           {func(r *suite.Results) { r.Profile = suite.ProfileWire; settle(r) }, "does not apply"},
		"fewer targets":              {func(r *suite.Results) { r.Targets = r.Targets[:1]; settle(r) }, "does not apply"},
		"no application":             {func(r *suite.Results) { r.Targets[0].Info = nil }, "could not be judged"},
		"a feature not declared":     {func(r *suite.Results) { r.Targets[1].Info.Features = nil }, "could not be judged: target 2 does not declare"},
		"a target that was away":     {func(r *suite.Results) { r.Targets[1].Error = "refused" }, "reached all its targets"},
		"another name":               {func(r *suite.Results) { r.Targets[1].Info.Implementation.Name = "my-server" }, `calls itself "conformance-reference"`},
		"another version of it":      {func(r *suite.Results) { r.Targets[0].Info.Implementation.Version = "9.9.9" }, "that target 1 calls itself"},
		"another day":                {func(r *suite.Results) { r.StartedAt = r.StartedAt.AddDate(0, 0, 1) }, "outside of the run"},
		"another level":              {func(r *suite.Results) { required(r).Level = suite.Observed; settle(r) }, "in the catalogue"},
		"another edition of a case":  {func(r *suite.Results) { required(r).Since = "4.9" }, "in the catalogue"},
		"an excuse":                  {func(r *suite.Results) { required(r).KnownFailure = &suite.KnownFailure{Case: "errors", Reason: "none"} }, "list of known failures"},
		"a failure made a pass":      {func(r *suite.Results) { required(r).Message = "Expected 1 to equal 2" }, "says what was wrong"},
		"a pass without evidence":    {func(r *suite.Results) { required(r).Trace = nil }, "nothing shows that it ran"},
		"a failure made a warning":   {func(r *suite.Results) { c := required(r); c.Outcome, c.Message = suite.Warned, "m"; settle(r) }, "warned, and required"},
		"a warning of nothing":       {func(r *suite.Results) { first(r, suite.Passed, suite.Recommended).Outcome = suite.Warned; settle(r) }, "does not say of what"},
		"a failure that is out":      {func(r *suite.Results) { c := required(r); c.Outcome, c.Message = suite.Inapplicable, "m"; settle(r) }, "says what was wrong"},
		"a failure that is left out": {func(r *suite.Results) { c := required(r); c.Outcome, c.Trace = suite.Inapplicable, nil; settle(r) }, "nothing shows that it ran"},
		"out for no reason":          {func(r *suite.Results) { c := required(r); c.Outcome, c.Reason = suite.Inapplicable, ""; settle(r) }, "does not say why"},
		"rounds that were not":       {func(r *suite.Results) { r.Rounds = 3 }, "0 times in a run of 3 rounds"},
		"rounds that failed": {func(r *suite.Results) {
			r.Rounds = 3
			for i := range r.Cases {
				r.Cases[i].Rounds = map[suite.Outcome]int{r.Cases[i].Outcome: 3}
			}
			required(r).Rounds = map[suite.Outcome]int{suite.Passed: 2, suite.Failed: 1}
		}, "was failed in 1 rounds"},
	} {
		r := copied(t, whole)
		test.edit(r)
		if err := auditor(own).Certifiable(r, false); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: the error is %v, not about %s", name, err, test.want)
		}
	}
}

func TestCatalogueDigestIsThatOfTheCases(t *testing.T) {
	t.Parallel()
	digest := suite.CatalogueDigest()
	if len(digest) != 64 || digest != suite.CatalogueDigest() {
		t.Errorf("it is %q, and then %q", digest, suite.CatalogueDigest())
	}
	one := suite.Cases()[0]
	for name, change := range map[string]func(c *suite.Case){
		"level": func(c *suite.Case) { c.Level = suite.Observed }, "edition": func(c *suite.Case) { c.Since = suite.Latest },
		"needs": func(c *suite.Case) { c.Needs.Features = append(c.Needs.Features, suite.Headers) }, "targets": func(c *suite.Case) { c.Needs.Targets = 7 },
	} {
		before := *one
		change(one)
		if suite.CatalogueDigest() == digest {
			t.Errorf("another %s makes no other catalogue", name)
		}
		*one = before
	}
	one.Title += "!"
	defer func() { one.Title = strings.TrimSuffix(one.Title, "!") }()
	if suite.CatalogueDigest() != digest {
		t.Error("another title makes another catalogue")
	}
}

func TestAuditAcceptsReducedRunsByName(t *testing.T) {
	t.Parallel()
	r := runSuite(t, runner.Config{Profile: suite.Profile410, Without: []string{suite.CORSAbility}}, 1)
	if err := auditor(own).Certifiable(r, true); err != nil {
		t.Error(err)
	}
	if !strings.Contains(r.Summary, "profile 4.1.0 without cors") {
		t.Errorf("it says %q", r.Summary)
	}
	if err := auditor(own).Certifiable(r, false); err == nil {
		t.Error("it passes for a whole run")
	}
}

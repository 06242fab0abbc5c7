package runner_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// brokenCase fails on a server with brokenBy.
const (
	brokenCase = "handshake/websocket-upgrades"
	brokenBy   = "handshake/upgrades-offered-over-websocket"
)

// Sets that were frozen before the case existed, before it was required, and after.
var _ = suite.AddRequirements(fstest.MapFS{
	"0.0.1/4.1.txt": {Data: []byte("required\nhandshake/sid-is-text\n")},
	"0.0.2/4.1.txt": {Data: []byte("required\nhandshake/sid-is-text\nrecommended\n" + brokenCase + "\n")},
	"0.0.3/4.1.txt": {Data: []byte("required\nhandshake/sid-is-text\nhandshake/called-once\n")},
	"0.0.4/4.8.txt": {Data: []byte("required\n" + brokenCase + "\n")},
}, map[string]string{"handshake/called-once": brokenCase})

func TestRequirementSetsGate(t *testing.T) {
	for name, test := range map[string]struct {
		set     string
		edition suite.Edition
		strict  bool
		outcome suite.Outcome
		level   suite.Level
		newer   bool
		code    int
	}{
		"the latest":                  {set: suite.LatestRequirements, outcome: suite.Failed, level: suite.Required, code: 1},
		"newer than the set":          {set: "0.0.1", outcome: suite.Failed, level: suite.Required, newer: true},
		"recommended in the set":      {set: "0.0.2", outcome: suite.Warned, level: suite.Recommended},
		"recommended, and strict":     {set: "0.0.2", strict: true, outcome: suite.Warned, level: suite.Recommended, code: 1},
		"of the set by another ID":    {set: "0.0.3", outcome: suite.Failed, level: suite.Required, code: 1},
		"of the edition":              {set: "0.0.4", edition: "4.8", outcome: suite.Failed, level: suite.Required, code: 1},
		"of a later edition, in them": {set: "0.0.4", edition: "4.7", outcome: suite.Failed, level: suite.Required, newer: true},
	} {
		t.Run(name, func(t *testing.T) {
			one, found := fault.Find(brokenBy)
			if !found {
				t.Fatalf("the fault %s does not exist", brokenBy)
			}
			var options application.Options
			one.Apply(&options)
			cluster, err := application.Start(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cluster.Close(context.Background()) }()
			r, err := runner.RunDirectly(t.Context(), runner.Config{Targets: []*wire.Target{target(t, cluster.URLs()[0])}, Profile: suite.ProfileWire, Edition: test.edition, Strict: test.strict, Requirements: test.set,
				Only: []string{"handshake/sid-is-text", brokenCase}})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range r.Cases {
				if c.ID == brokenCase && (c.Outcome != test.outcome || c.Level != test.level || c.Newer != test.newer) {
					t.Errorf("got %s, %s, newer %t; want %s, %s, %t", c.Outcome, c.Level, c.Newer, test.outcome, test.level, test.newer)
				}
			}
			if r.ExitCode != test.code || r.Requirements != test.set {
				t.Errorf("got exit code %d with %s: %s", r.ExitCode, r.Requirements, r.Summary)
			}
			said := strings.Contains(strings.Join(r.LeftOut, " "), "newer than the requirement set")
			if want := test.newer || test.set == "0.0.4"; said != want {
				t.Errorf("got left out %q", r.LeftOut)
			}
		})
	}
}

func TestUnknownRequirementSet(t *testing.T) {
	_, err := runner.RunDirectly(t.Context(), runner.Config{Requirements: "0.0.5"})
	if err == nil || !strings.Contains(err.Error(), `"0.0.5" is none of 0.0.1, 0.0.2`) {
		t.Error(err)
	}
}

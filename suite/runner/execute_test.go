package runner_test

import (
	"context"
	"slices"
	"testing"

	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// A case runs by itself, outside a run.
func TestExecuteRunsOneCase(t *testing.T) {
	cluster, err := application.Start(t.Context(), application.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cluster.Close(context.Background()) }()
	target, err := wire.ParseTarget(cluster.URLs()[0])
	if err != nil {
		t.Fatal(err)
	}
	env, done, err := runner.NewEnvironment(t.Context(), runner.Config{Targets: []*wire.Target{target}})
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	all := suite.Cases()
	at := slices.IndexFunc(all, func(c *suite.Case) bool { return c.Shows == suite.ConnectsToMain })
	a := suite.Execute(t.Context(), env, all[at])
	if a.Case != all[at].ID || a.Failed() || a.Crash+a.Cut+a.Unverified+a.Missed+a.Inapplicable != "" {
		t.Errorf("%+v", a)
	}
	if len(a.Trace) == 0 || a.Span.Length() == 0 {
		t.Errorf("got %d events in %v", len(a.Trace), a.Span.Length())
	}
	silent := suite.Case{ID: "events/silence", Level: suite.Required, Run: func(t *suite.T) {
		c := t.Client(suite.OverWebSocket)
		c.Join("/")
		c.Expect(`42["nothing"]`)
	}}
	env.Tolerance.Patience = 200_000_000
	a = suite.Execute(t.Context(), env, &silent)
	if len(a.Evidence) != 1 || a.Evidence[0].Kind != result.Absence {
		t.Errorf("%+v", a.Evidence)
	}
}

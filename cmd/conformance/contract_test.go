package main

import (
	"context"
	"testing"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// An application without the features that contract 2 names, and with parsed parameters instead of URLs, turns nothing red:
// cases that need them are not judged.
func TestApplicationsMayLackWhatTheirAPILacks(t *testing.T) {
	if raceDetector {
		t.Skip("left out under the race detector: TestReferenceConforms runs the same there")
	}
	t.Parallel()
	options := embedded.Fitting(application.Options{Instances: 2, Parsed: true, Without: suite.Features[7:]})
	config, stop, err := embedded.Start(t.Context(), func() application.Options { return options })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	config.Parallel, config.Control = 64, control(2)
	results, err := runner.RunDirectly(context.WithoutCancel(t.Context()), config)
	if err != nil {
		t.Fatal(err)
	}
	if passed := results.Counts.Total(suite.Passed); passed < 200 {
		t.Errorf("only %d cases passed", passed)
	}
	for _, c := range results.Cases {
		switch c.Outcome {
		case suite.Failed, suite.Warned, suite.Errored:
			t.Errorf("%s %s %s: %s", c.Level, c.Outcome, c.ID, evidence(c))
		}
	}
}

package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/cmd/conformance/prove"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/reporter"
	"example.test/conformance/suite/runner"
)

// cluster starts a reference cluster of three with a fault, or without one if it is nil, and a second cluster.
func cluster(ctx context.Context, broken *fault.Fault) (runner.Config, func(), error) {
	fitting := embedded.Fitting(application.Options{Instances: 3}) // called once: it takes time
	return embedded.Start(ctx, func() application.Options {
		options := fitting
		if broken != nil {
			broken.Apply(&options)
		}
		return options
	})
}

// TestProofShowsItsProgress waits for an answer that never comes because of the fault.
func TestProofShowsItsProgress(t *testing.T) {
	one, _ := fault.Find("acks/id-zero-unanswered")
	selected, err := runner.Select([]string{"acks/id-zero"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	console := &reporter.Console{Out: &shown, Terminal: true}
	p, err := prove.Prove(t.Context(), prove.Options{Cases: selected, Faults: []fault.Fault{one}, AtOnce: 1, SomeFaults: true, Progress: console})
	console.Done()
	if err != nil || len(p.Catches) != 1 && !embedded.Busy() { // a busy machine may leave the case open
		t.Fatalf("%+v, error %v", p, err)
	}
	if !strings.Contains(shown.String(), "0 of 1 fault done, 1 under way") || !strings.HasSuffix(shown.String(), "\x1b[J") {
		t.Errorf("got %q on the terminal", shown.String())
	}
}

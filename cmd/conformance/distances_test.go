//go:build distances || loaded

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// TestDistances judges socket.io at several distances and with several timers, and prints a row for each.
// `.ci/distances` runs it.
func TestDistances(t *testing.T) {
	for _, timers := range []struct {
		name   string
		args   []string
		enough func(roundTrip time.Duration) bool // for a client at that distance
	}{
		{"short", nil, func(d time.Duration) bool { return d < 50*time.Millisecond }},
		{"medium", mediumTimers, func(time.Duration) bool { return true }},
		{"default", []string{"--defaults"}, func(time.Duration) bool { return true }},
	} {
		for _, ms := range []time.Duration{0, 50, 100, 200, 400, 800} {
			roundTrip := ms * time.Millisecond
			t.Run(fmt.Sprintf("%s timers at %d ms", timers.name, ms), func(t *testing.T) {
				start := time.Now()
				results, err := runner.RunDirectly(t.Context(), runner.Config{Targets: targetsOf(t, farCluster(t, roundTrip, timers.args...))})
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("exit code %d, %s, %v", results.ExitCode, time.Since(start).Round(100*time.Millisecond), results.Counts)
				want := 5
				if timers.enough(roundTrip) {
					want = 0
				}
				if results.ExitCode != want {
					t.Errorf("expected exit code %d:\n%s", want, unwell(results))
				}
			})
		}
	}
}

// unwell returns the cases of a run that did not pass, one per line.
func unwell(results *suite.Results) string {
	var lines []string
	for _, c := range results.Cases {
		switch c.Outcome {
		case suite.Passed, suite.Inapplicable, suite.Noted:
		default:
			lines = append(lines, fmt.Sprintf("%s is %s: %s %s", c.ID, c.Outcome, c.Reason, wording.Headline(c)))
		}
	}
	return strings.Join(lines, "\n")
}

//go:build rare

package main

import (
	"fmt"
	"strings"
	"testing"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// rareRuns is how often each fault is judged.
const rareRuns = 20

// TestRare judges the reference with each fault of rare/, those that act now and then at three rates, and prints in how many
// of twenty runs the cases of the broken rule turned red. A whole run has more cases, which may see the fault, too.
// `.ci/rare` runs it.
func TestRare(t *testing.T) {
	fmt.Printf("| %-40s | %-12s | %-8s |\n", "fault", "acts", "detected")
	judged := map[string]bool{}
	for _, broken := range fault.Rare(1) {
		judged[broken.Name] = true
	}
	for _, rate := range []int{20, 50, 200} {
		acts := fmt.Sprintf("one in %d", rate)
		t.Run(acts, func(t *testing.T) {
			for _, broken := range fault.Rare(rate) {
				detected(t, broken, acts)
			}
		})
	}
	t.Run("late", func(t *testing.T) {
		for _, broken := range fault.All() {
			if strings.HasPrefix(broken.Name, "rare/") && !judged[broken.Name] {
				detected(t, broken, "see its name")
			}
		}
	})
}

// detected prints how often a fault is detected.
func detected(t *testing.T, broken fault.Fault, acts string) {
	t.Helper()
	n := 0
	for range rareRuns {
		config, stop, err := embedded.Start(t.Context(), func() application.Options {
			options := application.Options{Instances: 2}
			broken.Apply(&options)
			return options
		})
		if err != nil {
			t.Fatal(err)
		}
		config.Only, config.Once = casesOf(broken), true // whether a fault is seen at all, without repetition
		results, err := runner.RunDirectly(t.Context(), config)
		stop()
		if err != nil {
			t.Fatal(err)
		}
		if results.Counts.Total(suite.Failed) > 0 {
			n++
		}
	}
	fmt.Printf("| %-40s | %-12s | %2d of %d |\n", broken.Name, acts, n, rareRuns)
}

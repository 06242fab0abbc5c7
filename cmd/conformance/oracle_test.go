package main

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"example.test/conformance/suite"
)

// officialOutcomes is the file of the outcomes seen with each version of the official server, by version and case.
const officialOutcomes = "../../cases/testdata/oracle/official.txt"

// outcomesBefore reads the column of a version.
func outcomesBefore(t *testing.T, version string) map[string]string {
	t.Helper()
	file, err := os.Open(officialOutcomes)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, column := map[string]string{}, -1
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		switch {
		case fields[0] == "#":
		case column < 0:
			if column = slices.Index(fields, version); column < 0 {
				t.Fatalf("%s has no column for %s", officialOutcomes, version)
			}
		default:
			all[fields[0]] = fields[column]
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s has no outcomes", officialOutcomes)
	}
	return all
}

// sameAsBefore fails the test if a case has an outcome other than the one seen before with that version. Cases that the run
// did not select are not compared.
func sameAsBefore(t *testing.T, version string, results *suite.Results) {
	t.Helper()
	before := outcomesBefore(t, version)
	for _, c := range results.Cases {
		want, there := before[c.ID]
		if got := letter(c); there && !slices.Contains(strings.Split(want, "|"), got) {
			t.Errorf("%s of %s: was %q, got %q: %s%s", c.ID, version, want, got, c.Reason, c.Message)
		}
	}
}

// letter returns the letter of an outcome in the file. A known failure counts as a failure, a stale one does not.
func letter(c suite.CaseResult) string {
	switch c.Outcome {
	case suite.Passed, suite.Stale:
		return "p"
	case suite.Inapplicable:
		return "i"
	case suite.Noted:
		return "n"
	case suite.Failed, suite.Warned, suite.Known:
		switch c.Level {
		case suite.Required:
			return "f"
		case suite.Recommended:
			return "w"
		}
		return "n"
	}
	return string(c.Outcome)
}

// A new case has no row: it has no earlier outcome.
func TestOutcomesBeforeAreOfTheseCases(t *testing.T) {
	for id := range outcomesBefore(t, "4.8.4") {
		if !slices.ContainsFunc(suite.Cases(), func(c *suite.Case) bool { return c.ID == id }) {
			t.Errorf("%s is in %s but is no longer a case", id, officialOutcomes)
		}
	}
}

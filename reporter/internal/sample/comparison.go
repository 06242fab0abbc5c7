package sample

import (
	"testing"

	"example.test/conformance/reporter"
	"example.test/conformance/suite/result"
)

// Compared is the comparison of some runs.
func Compared(t *testing.T, all ...*result.Results) *reporter.Comparison {
	t.Helper()
	var runs []reporter.Run
	for i, r := range all {
		runs = append(runs, reporter.Run{From: []string{"before", "after"}[min(i, 1)], Results: r})
	}
	c, err := reporter.Compare(runs)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// HostileComparison is of two runs against targets that put text of theirs wherever they can.
func HostileComparison(t *testing.T) *reporter.Comparison {
	t.Helper()
	a, b := Hostile(), Hostile()
	b.Targets[0].Info.Implementation.Name = "other" + HostileText
	for _, r := range []*result.Results{a, b} {
		r.Summary, r.Edition, r.Suite.Version = HostileText, HostileText, HostileText
		r.Cases[0].Title, r.Cases[0].Source.Document, r.Cases[0].ID = HostileText, HostileText, HostileText
	}
	b.Cases[0].Outcome = result.Errored
	return Compared(t, a, b)
}

package sample

import (
	"testing"

	"example.test/conformance/reporter/compare"
	"example.test/conformance/suite/result"
)

// Compared returns the comparison of some runs.
func Compared(t *testing.T, all ...*result.Results) *compare.Comparison {
	t.Helper()
	var runs []compare.Run
	for i, r := range all {
		runs = append(runs, compare.Run{From: []string{"before", "after"}[min(i, 1)], Results: r})
	}
	c, err := compare.Runs(runs)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// HostileComparison returns a comparison of two runs against targets that put hostile text wherever they can.
func HostileComparison(t *testing.T) *compare.Comparison {
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

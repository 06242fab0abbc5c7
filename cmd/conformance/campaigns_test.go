//go:build rare || trials

package main

import (
	"slices"

	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
)

// casesOf returns the cases of the rule that a fault breaks.
func casesOf(broken fault.Fault) (ids []string) {
	for _, c := range suite.Cases() {
		if slices.Contains(c.RuleIDs(), broken.Breaks) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

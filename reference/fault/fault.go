// Package fault names deliberate departures of the reference server from the rules, one rule each, of the kinds that
// real servers get wrong. A suite that stays green with one of them does not check that rule.
package fault

import (
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/reference/application"
)

// Fault is one departure.
type Fault struct {
	Name    string // "<area>/<slug>"
	Summary string // what the broken server does, one clause
	// Apply breaks the servers that are started with the options. A fault that remembers things does so for the
	// servers of one call.
	Apply func(*application.Options)
}

var registry = map[string]Fault{}

// register adds faults at start-up. It panics where a name is taken or has no area.
func register(faults ...Fault) {
	for _, fault := range faults {
		if _, taken := registry[fault.Name]; taken || !strings.Contains(fault.Name, "/") || fault.Apply == nil || fault.Summary == "" {
			panic(fmt.Sprintf("fault %q: taken or incomplete", fault.Name))
		}
		registry[fault.Name] = fault
	}
}

// All gives the faults sorted by name.
func All() []Fault {
	faults := make([]Fault, 0, len(registry))
	for _, fault := range registry {
		faults = append(faults, fault)
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Name, b.Name) })
	return faults
}

// Find gives the fault of that name.
func Find(name string) (Fault, bool) {
	fault, ok := registry[name]
	return fault, ok
}

// Package fault breaks the rules of the reference server, one at a time, as real servers do. If a suite passes with one of
// the faults, it does not check the rule that the fault breaks.
//
// Each area has its own files. A fault has a name, the rule that it breaks, one sentence, and a function that changes the
// servers. Most faults override one method of the rules in [engineio.Rules], [reference.Rules] and [application.Rules].
package fault

import (
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/reference/application"
)

// Fault is one way to break a rule.
type Fault struct {
	Name string // "<area>/<slug>"
	// Breaks is the ID of the rule that the fault breaks, such as "socket.io/151".
	Breaks   string
	Sentence string // what the broken server does, a whole sentence
	// Apply breaks the servers that are started with the options. If a fault keeps state, it does so for the servers of one
	// call.
	Apply func(*application.Options)
}

var registry = map[string]Fault{}

// register adds faults at start-up. It panics if a name is taken, or if a fault has no area, no sentence or no change.
func register(faults ...Fault) {
	for _, fault := range faults {
		if _, taken := registry[fault.Name]; taken || !strings.Contains(fault.Name, "/") || fault.Apply == nil || fault.Sentence == "" {
			panic(fmt.Sprintf("fault %q: taken or incomplete", fault.Name))
		}
		registry[fault.Name] = fault
	}
}

// All returns the faults sorted by name.
func All() []Fault { return sorted(func(Fault) bool { return true }) }

// Breaking returns the faults that break one of the rules with the given IDs, sorted by name.
func Breaking(rules ...string) []Fault {
	return sorted(func(f Fault) bool { return slices.Contains(rules, f.Breaks) })
}

func sorted(chosen func(Fault) bool) (faults []Fault) {
	for _, fault := range registry {
		if chosen(fault) {
			faults = append(faults, fault)
		}
	}
	slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Name, b.Name) })
	return faults
}

// Find returns the fault of that name.
func Find(name string) (Fault, bool) {
	fault, ok := registry[name]
	return fault, ok
}

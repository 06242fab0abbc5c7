// Package fault breaks the rules of the reference server, one at a time, as real servers do. A suite that stays green with
// one of the faults does not check the rule that it breaks.
//
// The faults of an area are in its file. Each has a name, the rule that it breaks, one sentence, and what it does to the
// servers: most override one method of the rules that [engineio.Rules], [reference.Rules] and [application.Rules] hold.
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
	// Apply breaks the servers that are started with the options. A fault that remembers things does so for the
	// servers of one call.
	Apply func(*application.Options)
}

var registry = map[string]Fault{}

// register adds faults at start-up. It panics where a name is taken or has no area.
func register(faults ...Fault) {
	for _, fault := range faults {
		if _, taken := registry[fault.Name]; taken || !strings.Contains(fault.Name, "/") || fault.Apply == nil || fault.Sentence == "" {
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

// Breaking gives the faults that break one of the rules with those IDs, sorted by name.
func Breaking(rules ...string) []Fault {
	return slices.DeleteFunc(All(), func(f Fault) bool { return !slices.Contains(rules, f.Breaks) })
}

// Find gives the fault of that name.
func Find(name string) (Fault, bool) {
	fault, ok := registry[name]
	return fault, ok
}

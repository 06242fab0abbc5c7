// Package variant lists ways in which a correct server may differ from the reference server: what the documents leave open,
// and what an operator may choose. A suite that fails on one of them demands more than the documents do.
package variant

import (
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/reference/application"
)

// Variant is one permitted difference.
type Variant struct {
	Name    string // "<area>/<slug>"
	Summary string // what the server does, one clause
	// Permitted is the sentence of a document that permits it, or says where the documents are silent.
	Permitted string
	// Apply changes the servers that are started with the options.
	Apply func(*application.Options)
	// Unnamed is how many instances the cluster has besides those that a run is told about.
	Unnamed int
}

var registry = map[string]Variant{}

// register adds variants at start-up. It panics if a name is taken or a variant is incomplete.
func register(variants ...Variant) {
	for _, v := range variants {
		if _, taken := registry[v.Name]; taken || !strings.Contains(v.Name, "/") || v.Summary == "" || v.Permitted == "" || v.Apply == nil {
			panic(fmt.Sprintf("variant %q: taken or incomplete", v.Name))
		}
		registry[v.Name] = v
	}
}

// All returns the variants sorted by name.
func All() []Variant {
	var all []Variant
	for _, v := range registry {
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b Variant) int { return strings.Compare(a.Name, b.Name) })
	return all
}

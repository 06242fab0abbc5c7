package result

import (
	"fmt"
	"strings"
)

// Witness says what a case's outcome rests on.
type Witness string

const (
	OnWire Witness = "wire"               // only on what came over the wire
	OnBoth Witness = "two witnesses"      // on the application's records, each confirmed by something else
	OnWord Witness = "application's word" // on what the application said, with nothing to confirm it
)

// Witnesses lists the witnesses in the order of the reports.
var Witnesses = []Witness{OnWire, OnBoth, OnWord}

// Rests says in one sentence what the outcomes rest on; empty if no case was judged.
func (r *Results) Rests() string {
	if len(r.Witnesses) == 0 {
		return ""
	}
	var parts []string
	for _, one := range []struct {
		of    Witness
		words string
	}{{OnWire, "on the wire"}, {OnBoth, "on two witnesses"}, {OnWord, "on the application's word alone"}} {
		if n := r.Witnesses[one.of]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, one.words))
		}
	}
	return "Of the verdicts, " + strings.Join(parts, ", ") + "."
}

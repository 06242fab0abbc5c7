package result

import (
	"fmt"
	"strings"
)

// Witness says on whose word a case's outcome rests.
type Witness string

const (
	OnWire Witness = "wire"               // on what came over the wire alone
	OnBoth Witness = "two witnesses"      // on the application's records, and something else told the same of each
	OnWord Witness = "application's word" // on what the application told, and nothing else shows
)

// Witnesses in the order in which reports list them.
var Witnesses = []Witness{OnWire, OnBoth, OnWord}

// Rests says on whose word the outcomes rest, in one sentence; empty where no case was judged.
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

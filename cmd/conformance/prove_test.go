package main

import (
	"slices"
	"sync"
	"testing"

	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
)

// TestEachCaseCatchesTheFaultsThatItNames runs, for each fault, the cases that name it. That they pass without a fault
// is TestReferenceConforms. All cases against each fault is `conformance prove`.
func TestEachCaseCatchesTheFaultsThatItNames(t *testing.T) {
	claims := map[string][]string{}
	for _, c := range suite.Cases() {
		if len(c.Faults) == 0 {
			t.Errorf("%s names no fault", c.ID)
		}
		for _, name := range c.Faults {
			claims[name] = append(claims[name], c.ID)
		}
	}
	for name := range claims {
		if _, found := fault.Find(name); !found {
			t.Errorf("%v name the fault %s, which does not exist", claims[name], name)
		}
	}
	if raceDetector {
		t.Skip("left out under the race detector, which slows the faults of timing: the plain run proves each pair")
	}
	known, err := capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slots := make(chan struct{}, 20)
	var group sync.WaitGroup
	for _, one := range fault.All() {
		ids := claims[one.Name]
		if len(ids) == 0 {
			t.Errorf("no case names the fault %s", one.Name)
			continue
		}
		if one.InBrowser() { // those are proven by TestBrowserCasesCatchTheFaultsThatTheyName
			continue
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			missed := ids
			for try := 0; try < claimTries && len(missed) > 0; try++ {
				// What cases take for granted is judged with them, as in a whole run.
				results, err := fly(t.Context(), &one, slices.Concat(missed, suite.Prerequisites), known)
				if err != nil {
					t.Errorf("%s: %v", one.Name, err)
					return
				}
				caught := red(results)
				missed = slices.DeleteFunc(slices.Clone(missed), func(id string) bool { return slices.Contains(caught, id) })
			}
			for _, id := range missed {
				t.Errorf("%s does not turn %s red", one.Name, id)
			}
		})
	}
	group.Wait()
}

package main

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.test/conformance/reference/fault"
	"example.test/conformance/reporter"
	"example.test/conformance/suite"
)

// TestProofShowsItsProgress waits, with the fault, for the answer that never comes.
func TestProofShowsItsProgress(t *testing.T) {
	selected, err := suite.Select([]string{"acks/id-zero"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := fault.Find("acks/id-zero-unanswered")
	var shown bytes.Buffer
	console := &reporter.Console{Out: &shown, Terminal: true}
	p, err := prove(t.Context(), selected, []fault.Fault{one}, 1, console)
	console.Done()
	if err != nil || len(p.Faults[0].CaughtBy) != 1 {
		t.Fatalf("%+v, error %v", p, err)
	}
	if !strings.Contains(shown.String(), "0 of 1 fault done, 1 under way") || !strings.HasSuffix(shown.String(), "\x1b[J") {
		t.Errorf("the terminal got %q", shown.String())
	}
}

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

package suite

import (
	"slices"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"example.test/conformance/suite/result"
)

// executed runs a case without a target and returns the attempt.
func executed(t *testing.T, run func(*T)) result.Attempt {
	t.Helper()
	c := &Case{ID: "robustness/a", Level: Required, Run: run}
	return Execute(t.Context(), &Environment{Capabilities: &Capabilities{Timings: DefaultTimings}, Tolerance: DefaultTolerance}, c)
}

// One goroutine's step does not excuse the failure of another.
func TestAStepIsGrantedToItsOwnGoroutineAlone(t *testing.T) {
	inside, outside := make(chan struct{}), make(chan struct{})
	got := executed(t, func(t *T) {
		t.Together(2, func(t *T, i int) {
			if i == 0 {
				t.Given(Upgrades, func(t *T) {
					close(inside)
					<-outside
					t.Expect(1, "the granted").To(Equal(2))
				})
			}
			<-inside
			defer close(outside)
			t.Expect(1, "the case's own").To(Equal(2))
		})
	}).Evidence
	want := map[string]string{"the granted": Upgrades, "the case's own": ""}
	if len(got) != 2 || got[0].Given != want[got[0].Subject] || got[1].Given != want[got[1].Subject] {
		t.Errorf("the evidence is %+v", got)
	}
}

func TestTogetherKeepsTheEvidenceOfAll(t *testing.T) {
	var mu sync.Mutex
	var finished []int
	got := executed(t, func(t *T) {
		t.Together(4, func(t *T, i int) {
			switch i {
			case 0:
				t.absent("a packet", comes, nothing, time.Now())
			case 1:
				time.Sleep(20 * time.Millisecond) // after the absence
				t.Expect("a", "a word").To(Equal("b"))
			case 2:
				t.Inapplicable("for a reason")
			}
			mu.Lock()
			defer mu.Unlock()
			finished = append(finished, i)
		})
		panic("the case goes on")
	})
	if kinds := []result.Kind{got.Evidence[0].Kind, got.Evidence[1].Kind}; !slices.Equal(kinds, []result.Kind{result.Content, result.Absence}) {
		t.Errorf("got evidence of the kinds %q, in that order", kinds)
	}
	if !slices.Equal(finished, []int{3}) || got.Crash != "" || got.Inapplicable != "for a reason" {
		t.Errorf("%v finished, and the case ended with %+v", finished, got)
	}
}

func TestStepsAreThoseOfTheirGoroutine(t *testing.T) {
	second := make(chan struct{})
	got := executed(t, func(t *T) {
		t.Step("begins")
		t.Together(2, func(t *T, i int) {
			if i == 1 {
				t.Step("does something else")
				close(second)
				return
			}
			<-second
			t.Expect(1, "a number").To(Equal(2))
		})
	}).Evidence
	if len(got) != 1 || got[0].Step != "begins" {
		t.Errorf("the evidence is %+v", got)
	}
}

// The findings of a goroutine that outlives its case are ignored.
func TestACaseThatWasLeftBehindIsNotHeard(t *testing.T) {
	e := newT(&Environment{}, &Case{}).execution
	e.seal()
	e.record(func(f *failure) { f.crash = "too late" })
	if e.failure != nil {
		t.Errorf("got %+v", e.failure)
	}
}

// A failure names the event of its own step, even if two steps have the same words.
func TestAFailureNamesItsStep(t *testing.T) {
	got := executed(t, func(t *T) {
		for i := range 2 {
			t.Step("asks again")
			t.Expect(i, "the answer").To(Equal(0))
		}
	})
	if f := got.Evidence[0]; f.Step != "asks again" || f.StepSeq != 2 || got.Trace[1].Step == nil {
		t.Errorf("got %+v", f)
	}
}

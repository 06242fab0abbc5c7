package prove

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "example.test/conformance/cases"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

// quiet is a Progress that prints nothing.
type quiet struct{}

func (quiet) Waits(string)       {}
func (quiet) Counts(int, string) {}
func (quiet) Begun(string)       {}
func (quiet) Ended(string)       {}

// A small world: two rules, one case for each and one for both, and three faults.
var (
	ruleA, ruleB = &suite.Rule{ID: "engine.io/1"}, &suite.Rule{ID: "engine.io/2"}
	caseA        = &suite.Case{ID: "acks/a", Rules: []*suite.Rule{ruleA}}
	caseB        = &suite.Case{ID: "acks/b", Rules: []*suite.Rule{ruleB}}
	caseAB       = &suite.Case{ID: "acks/both", Rules: []*suite.Rule{ruleA, ruleB}}
	faultA       = fault.Fault{Name: "f/a", Breaks: "engine.io/1"}
	faultA2      = fault.Fault{Name: "f/a2", Breaks: "engine.io/1"}
	faultB       = fault.Fault{Name: "f/b", Breaks: "engine.io/2"}

	passed      = Seen{Outcome: result.Passed}
	failed      = Seen{Outcome: result.Failed, By: &result.Failure{Kind: result.Content, Site: "cases/x.go:1"}, Words: "expected 1, got 2"}
	preparatory = Seen{Outcome: result.Failed, By: &result.Failure{Kind: result.Absence, Given: "engine.io/61"}}
)

// world holds what is seen of a pair in successive tries; the last value repeats. "" stands for no fault.
type world map[Pair][]Seen

func (w world) part(mu *sync.Mutex, cases []*suite.Case, faults []fault.Fault) part {
	run := func(_ context.Context, broken *fault.Fault, ids []string, _ func(string, Seen) bool) (map[string]Seen, error) {
		mu.Lock()
		defer mu.Unlock()
		all := map[string]Seen{}
		for _, id := range ids {
			pair := Pair{"", id}
			if broken != nil {
				pair.Fault = broken.Name
			}
			all[id] = passed
			if left := w[pair]; len(left) > 0 {
				if all[id] = left[0]; len(left) > 1 {
					w[pair] = left[1:]
				}
			}
		}
		return all, nil
	}
	return part{cases: cases, faults: faults, run: run, atOnce: 1, noun: "fault"}
}

func (w world) proof(t *testing.T, o Options) *Proof {
	t.Helper()
	p := &Proof{busy: o.Busy, cases: o.Cases, faults: o.Faults, someFaults: o.SomeFaults, someCases: o.SomeCases, seen: map[Pair]Seen{}}
	o.Progress = quiet{}
	of := w.part(&sync.Mutex{}, o.Cases, o.Faults)
	of.whole = o.Whole
	if err := p.prove(t.Context(), of, o); err != nil {
		t.Fatal(err)
	}
	p.conclude()
	return p
}

func TestProveFindsGaps(t *testing.T) {
	whole := func() world {
		return world{{"f/a", "acks/a"}: {failed}, {"f/a2", "acks/both"}: {failed}, {"f/b", "acks/b"}: {failed}}
	}
	all := []*suite.Case{caseA, caseB, caseAB}
	faults := []fault.Fault{faultA, faultA2, faultB}
	for name, test := range map[string]struct {
		change func(world)
		cases  []*suite.Case
		faults []fault.Fault
		want   []string
	}{
		"nothing":                      {func(world) {}, all, faults, nil},
		"a fault that is caught late":  {func(w world) { w[Pair{"f/a", "acks/a"}] = []Seen{passed, passed, preparatory, failed} }, all, faults, nil},
		"a case that is at rest later": {func(w world) { w[Pair{"", "acks/a"}] = []Seen{failed, passed} }, all, faults, nil},
		"a case that is red by itself": {func(w world) { w[Pair{"", "acks/a"}] = []Seen{failed} }, all, faults,
			[]string{"acks/a: it failed expected 1, got 2"}},
		"a case that does not apply": {func(w world) { w[Pair{"", "acks/a"}] = []Seen{{Outcome: result.Inapplicable}} }, all, faults,
			[]string{"acks/a: it was inapplicable"}},
		"a fault that nothing catches": {func(w world) { delete(w, Pair{"f/a2", "acks/both"}) }, all, faults, []string{
			"f/a2: no case of engine.io/1 catches it: acks/a passed, acks/both passed",
			"acks/both: no fault of engine.io/1, engine.io/2 turns it red: with f/a it passed, with f/a2 it passed, with f/b it passed",
		}},
		"a case that catches another rule's fault": {func(w world) { w[Pair{"f/a2", "acks/b"}] = w[Pair{"f/b", "acks/b"}]; delete(w, Pair{"f/b", "acks/b"}) }, all, faults, []string{
			"f/b: no case of engine.io/2 catches it: acks/b passed, acks/both passed",
			"acks/b: no fault of engine.io/2 turns it red: with f/b it passed",
		}},
		"a failure in a preparatory step": {func(w world) { w[Pair{"f/b", "acks/b"}] = []Seen{preparatory} }, all, faults, []string{
			"f/b: no case of engine.io/2 catches it: acks/b failed in a step that takes engine.io/61 for granted, acks/both passed",
			"acks/b: no fault of engine.io/2 turns it red: with f/b it failed in a step that takes engine.io/61 for granted",
		}},
		"a rule without a fault": {func(world) {}, all, faults[:2], []string{
			"engine.io/2: no fault breaks it; it is checked by acks/b, acks/both",
			"acks/b: no fault of engine.io/2 turns it red",
		}},
		"a fault of a rule that no case checks": {func(world) {}, []*suite.Case{caseA}, []fault.Fault{faultA, faultB},
			[]string{"f/b: no case checks engine.io/2, which it breaks"}},
		"a fault of no rule": {func(world) {}, []*suite.Case{caseA}, []fault.Fault{faultA, {Name: "f/none"}},
			[]string{"f/none: it names no rule that it breaks"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := whole()
			test.change(w)
			p := w.proof(t, Options{Cases: test.cases, Faults: test.faults})
			var got []string
			for _, gap := range slices.Concat(p.RedWithoutFault, p.RulesWithoutFault, p.UncaughtFaults, p.UnprovenCases) {
				got = append(got, gap.String())
			}
			if !slices.Equal(got, test.want) || p.Complete() != (test.want == nil) {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

func TestProofSaysWhichExpectationItWas(t *testing.T) {
	w := world{{"f/a", "acks/a"}: {failed}}
	p := w.proof(t, Options{Cases: []*suite.Case{caseA}, Faults: []fault.Fault{faultA}})
	var out strings.Builder
	p.Print(&out)
	for _, want := range []string{"f/a breaks engine.io/1", "failed acks/a, content: expected 1, got 2 (cases/x.go:1)", "1 faults, 1 of them caught"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in\n%s", want, out.String())
		}
	}
}

// A busy machine may leave a fault open, but not if all cases pass with it.
func TestBusyMachineLeavesOpen(t *testing.T) {
	unsure := Seen{Outcome: result.Unverified, Reason: "something stood still"}
	for _, busy := range []bool{false, true} {
		w := world{{"f/a", "acks/a"}: {unsure}}
		p := w.proof(t, Options{Cases: []*suite.Case{caseA, caseB}, Faults: []fault.Fault{faultA, faultB}, Busy: busy})
		open, gaps := len(p.LeftOpen), len(p.UncaughtFaults)+len(p.UnprovenCases)
		if want := map[bool][2]int{false: {0, 4}, true: {2, 2}}[busy]; open != want[0] || gaps != want[1] || p.Complete() {
			t.Errorf("busy %t: left open %v, gaps %v %v", busy, p.LeftOpen, p.UncaughtFaults, p.UnprovenCases)
		}
	}
}

func TestFaultsOfAnAreaAreSpread(t *testing.T) {
	var faults []fault.Fault
	for _, name := range []string{"a/1", "a/2", "a/3", "a/4", "b/1", "b/2"} {
		faults = append(faults, fault.Fault{Name: name})
	}
	var got []string
	for _, f := range mixed(faults) {
		got = append(got, f.Name)
	}
	if want := []string{"a/1", "b/1", "a/2", "a/3", "b/2", "a/4"}; !slices.Equal(got, want) {
		t.Errorf("got the order %v", got)
	}
}

// What a busy machine leaves open is tried once more; what passes with a fault is tried as often as on a calm machine.
func TestBusyMachineTriesOpenPairsOnceMore(t *testing.T) {
	unsure := Seen{Outcome: result.Unverified, Reason: "something stood still"}
	w := world{{"f/a", "acks/a"}: {unsure, unsure, failed}, {"f/b", "acks/b"}: {passed, passed, passed, failed}}
	p := w.proof(t, Options{Cases: []*suite.Case{caseA, caseB}, Faults: []fault.Fault{faultA, faultB}, Busy: true})
	var caught []string
	for _, c := range p.Catches {
		caught = append(caught, c.Fault)
	}
	if !slices.Equal(caught, []string{"f/b"}) || len(p.LeftOpen) != 2 {
		t.Errorf("got caught %v, left open %v", caught, p.LeftOpen)
	}
}

// With only some of the faults, no rule or case is reported to lack one.
func TestPartialProof(t *testing.T) {
	p := world{{"f/a", "acks/a"}: {failed}}.proof(t, Options{Cases: []*suite.Case{caseA, caseB}, Faults: []fault.Fault{faultA}, SomeFaults: true})
	if !p.Complete() {
		t.Errorf("got gaps %v %v %v", p.RulesWithoutFault, p.UncaughtFaults, p.UnprovenCases)
	}
}

func TestWholeMatrix(t *testing.T) {
	w := world{
		{"f/a", "acks/a"}: {failed},
		{"f/a", "acks/b"}: {preparatory, preparatory, passed}, // by chance
		{"f/b", "acks/b"}: {failed},
		{"f/b", "acks/a"}: {passed, passed, failed}, // by chance
	}
	earlier := Matrix{
		"f/a": {"acks/a": Always, "acks/gone": Always},
		"f/b": {"acks/b": Always, "acks/a": Always, "acks/both": Always},
	}
	p := w.proof(t, Options{Cases: []*suite.Case{caseA, caseB, caseAB}, Faults: []fault.Fault{faultA, faultB}, Whole: true, Earlier: earlier})
	text, err := p.Matrix().MarshalText()
	if want := "f/a: acks/{a,b?}\nf/b: acks/{a?,b}\n"; err != nil || string(text) != want {
		t.Errorf("got the matrix\n%s, error %v", text, err)
	}
	if d := p.Difference; !slices.Equal(d.Missed, []Pair{{"f/b", "acks/both"}}) || len(d.Gained)+len(d.Gone)+len(d.New) > 0 {
		t.Errorf("got the difference %+v", d)
	}
}

func TestErrorsOfRunsEndTheProof(t *testing.T) {
	broken := errors.New("no port")
	of := part{cases: []*suite.Case{caseA}, faults: []fault.Fault{faultA}, run: func(_ context.Context, f *fault.Fault, _ []string, _ func(string, Seen) bool) (map[string]Seen, error) {
		if f != nil {
			return nil, broken
		}
		return map[string]Seen{"acks/a": passed}, nil
	}}
	p := &Proof{cases: of.cases, faults: of.faults, seen: map[Pair]Seen{}}
	if err := p.prove(t.Context(), of, Options{Progress: quiet{}}); !errors.Is(err, broken) {
		t.Errorf("got error %v", err)
	}
}

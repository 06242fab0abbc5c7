package result

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// recordedTrials returns trials that were made against the reference, its faults and the official server, while other work
// kept two cores busy: `go test -tags trials ./cmd/conformance -run TestRecordTrials` records them again.
func recordedTrials(t *testing.T) (all []Recorded) {
	t.Helper()
	data, err := os.ReadFile("testdata/trials.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for lines.Scan() {
		var one Recorded
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := lines.Err(); err != nil || len(all) == 0 {
		t.Fatalf("read %d trials: %v", len(all), err)
	}
	return all
}

func TestRecordedTrialsAreDecidedAlike(t *testing.T) {
	for n, one := range recordedTrials(t) {
		if d := one.Judge(); d.Again || d.Outcome != one.Outcome || d.Cause != one.Cause {
			t.Errorf("line %d: %s was %s (%q), but is %s (%q), again %t", n+1, one.Case, one.Outcome, one.Cause, d.Outcome, d.Cause, d.Again)
		}
	}
}

// One bad attempt decides nothing: it leads to another one.
func TestOneBadAttemptDecidesNothing(t *testing.T) {
	for n, one := range recordedTrials(t) {
		if !one.Attempts[0].Failed() || len(one.Attempts) < 2 || one.Conditions.Stopped != "" {
			continue
		}
		first := one.Trial
		first.Attempts = first.Attempts[:1]
		first.Conditions.Control = nil
		if d := first.Judge(); !d.Again {
			t.Errorf("line %d: %s is %s after its first attempt of %d", n+1, one.Case, d.Outcome, len(one.Attempts))
		}
	}
}

// Wrong content in a case's own expectation is never revoked, whatever else was seen and whatever follows.
func TestRecordedContentIsFinal(t *testing.T) {
	seen := 0
	for n, one := range recordedTrials(t) {
		own := func(f Failure) bool { return f.Kind == Content && f.Given == "" }
		wrong := slices.ContainsFunc(one.Attempts, func(a Attempt) bool { return slices.ContainsFunc(a.Evidence, own) })
		if !wrong || one.Cause == CauseRule {
			continue
		}
		seen++
		more := one.Trial
		more.Attempts = append(slices.Clone(one.Attempts), Attempt{Case: one.Case, Span: one.Attempts[0].Span}, Attempt{Case: one.Case, Unverified: "it was not seen"})
		for _, d := range []Decision{one.Judge(), more.Judge()} {
			if !d.Outcome.Red() && d.Outcome != Errored {
				t.Errorf("line %d: %s saw wrong content, but is %s (%q)", n+1, one.Case, d.Outcome, d.Cause)
			}
		}
	}
	if seen == 0 {
		t.Error("no trial saw wrong content")
	}
}

// An attempt that could not be made does not count: it does not change a red outcome.
func TestSilenceOutvotesNoRecordedRed(t *testing.T) {
	for n, one := range recordedTrials(t) {
		if !one.Outcome.Red() {
			continue
		}
		more := one.Trial
		more.Attempts = append(slices.Clone(one.Attempts), Attempt{Case: one.Case, Inapplicable: "it does not apply"})
		if d := more.Judge(); !d.Again && d.Outcome != one.Outcome {
			t.Errorf("line %d: %s was %s, but is %s after an attempt that could not be made", n+1, one.Case, one.Outcome, d.Outcome)
		}
	}
}

// The recordings cover all outcomes except an error of the suite, and each kind of evidence.
func TestRecordedTrialsAreOfAllKinds(t *testing.T) {
	kinds, outcomes := map[Kind]int{}, map[Outcome]int{}
	forgiven := 0
	for _, one := range recordedTrials(t) {
		outcomes[one.Outcome]++
		bad := false
		for _, a := range one.Attempts {
			for _, f := range a.Evidence {
				kinds[f.Kind]++
				bad = true
			}
		}
		if bad && (one.Outcome == Passed || one.Outcome == Unstable) {
			forgiven++
		}
	}
	t.Logf("outcomes %v, evidence %v, %d forgiven", outcomes, kinds, forgiven)
	for _, o := range []Outcome{Passed, Failed, Warned, Noted, Unverified, Unstable} {
		if outcomes[o] == 0 {
			t.Errorf("no trial is %s", o)
		}
	}
	for _, k := range []Kind{Content, State, Absence, SessionLost, Overdue} {
		if kinds[k] == 0 {
			t.Errorf("no trial saw %s", k)
		}
	}
	if forgiven == 0 {
		t.Error("no trial was red at first and good when it was repeated")
	}
}

package result

import "testing"

func TestReasonsCountAttempts(t *testing.T) {
	for want, d := range map[string]Decision{
		"Bad in 1 of 4 attempts.":                        {Outcome: Unstable, Bad: 1, Of: 4},
		"Bad in 1 of 4 attempts; 18 more did not count.": {Outcome: Unstable, Bad: 1, Of: 4, Void: 18},
		"Seen in 2 of 5 attempts; 1 more did not count.": {Outcome: Failed, Bad: 2, Of: 5, Void: 1},
		"": {Outcome: Failed, Bad: 1, Of: 1},
	} {
		if got := d.Reason(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Attempts that the machine disturbed are not counted, and the decision says how many there were.
func TestDecisionsCountVoidAttempts(t *testing.T) {
	late := Attempt{Evidence: []Failure{{Kind: Absence}}}
	lost := Attempt{Evidence: []Failure{{Kind: ObservationLost}}}
	d := Judge(Required, []Attempt{late, lost, {}, {}, {}}, Conditions{})
	if d.Outcome != Unstable || d.Bad != 1 || d.Of != 4 || d.Void != 1 {
		t.Errorf("got %+v", d)
	}
}

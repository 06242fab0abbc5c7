package result

// Trial is everything that the outcome of a case rests on. It can be written as JSON and judged again elsewhere.
type Trial struct {
	Case       string     `json:"case"`
	Level      Level      `json:"level"`
	Attempts   []Attempt  `json:"attempts"`
	Conditions Conditions `json:"conditions"`
}

// Recorded is a trial with its decision.
type Recorded struct {
	Trial
	Outcome Outcome `json:"outcome"`
	Cause   Cause   `json:"cause,omitempty"`
}

// Judge returns the decision about the trial's case.
func (t Trial) Judge() Decision { return Judge(t.Level, t.Attempts, t.Conditions) }

package result

// Trial is all that the outcome of a case rests on. It can be written down as JSON and judged again elsewhere.
type Trial struct {
	Case       string     `json:"case"`
	Level      Level      `json:"level"`
	Attempts   []Attempt  `json:"attempts"`
	Conditions Conditions `json:"conditions"`
}

// Recorded is a trial that was decided.
type Recorded struct {
	Trial
	Outcome Outcome `json:"outcome"`
	Cause   Cause   `json:"cause,omitempty"`
}

// Judge returns the decision about the trial's case.
func (t Trial) Judge() Decision { return Judge(t.Level, t.Attempts, t.Conditions) }

package result

// PartState says what became of looking at one part of a conformance application.
type PartState string

const (
	PartThere      PartState = "there"
	PartMissing    PartState = "missing"    // it is owed or declared, and not wired up
	PartUndeclared PartState = "undeclared" // a feature that the application does not declare
	PartSkipped    PartState = "skipped"    // it takes more to look at it, such as a second instance
	PartUnknown    PartState = "unknown"    // the time was up
)

// Part is one part of the contract of the conformance application (CONTRACT.md), and whether a target has it.
type Part struct {
	Target int       `json:"target"` // from 1
	Name   string    `json:"part"`
	State  PartState `json:"state"`
	Says   string    `json:"says"`             // what was seen
	Advice string    `json:"advice,omitempty"` // what to do, in one sentence, where it is not there
}

package result

// PartState is the result of examining one part of a conformance application.
type PartState string

const (
	PartThere      PartState = "there"
	PartMissing    PartState = "missing"    // it is required or declared, but not implemented
	PartUndeclared PartState = "undeclared" // a feature that the application does not declare
	PartSkipped    PartState = "skipped"    // examining it takes more, such as a second instance
	PartUnknown    PartState = "unknown"    // time ran out
)

// Part is one part of the contract of the conformance application (CONTRACT.md), and whether a target has it.
type Part struct {
	Target int       `json:"target"` // from 1
	Name   string    `json:"part"`
	State  PartState `json:"state"`
	Says   string    `json:"says"`             // what was seen
	Advice string    `json:"advice,omitempty"` // what to do, in one sentence, if it is not there
}

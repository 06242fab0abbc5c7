package result

import (
	"slices"
	"time"

	"example.test/conformance/suite/wire"
)

// Kind is the kind of evidence that a failed expectation gives. The judgement weighs evidence only by its kind.
type Kind string

const (
	// Content is a wrong value, an extra packet, or a client let in that had to be refused: it is valid however late the
	// suite was.
	Content Kind = "content"
	// State is a refusal, a close, a disconnect or an error that a timer of the target can cause, too. It is evidence only
	// if the suite provably kept every deadline that could have caused it.
	State Kind = "state"
	// Early and Overdue are timers that fired outside their bounds.
	Early   Kind = "early"
	Overdue Kind = "overdue"
	// Absence means that something due has not come.
	Absence Kind = "absence"
	// Intermediary is an answer that something between suite and target may have given: 429, 502, 503 or 504 if no rule
	// names them, an answer cut short, or a reset connection.
	Intermediary Kind = "intermediary"
	// SessionLost means that a session ended, and that the suite was late or the reason is unknown.
	SessionLost Kind = "session lost"
	// ObservationLost means that the control connection ended, or that its sequence has a gap.
	ObservationLost Kind = "observation lost"
)

// Kinds lists the kinds from the strongest to the weakest: if an attempt has several pieces of evidence, the strongest
// counts.
var Kinds = []Kind{Content, ObservationLost, State, Early, Overdue, Intermediary, SessionLost, Absence}

// Span is a stretch of time: of a wait, of a timer, of a standstill.
type Span struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Length returns the length of the span. It is never negative.
func (s Span) Length() time.Duration { return max(s.Until.Sub(s.From), 0) }

// Overlap returns how long two spans overlap.
func (s Span) Overlap(o Span) time.Duration {
	from, until := s.From, s.Until
	if o.From.After(from) {
		from = o.From
	}
	if o.Until.Before(until) {
		until = o.Until
	}
	return Span{from, until}.Length()
}

// Relation is the expected relation between a value and what came.
type Relation string

const (
	Equals        Relation = "equals"
	IsPacket      Relation = "is the packet"       // the head exactly, the JSON by value
	HasJSON       Relation = "has the JSON value"  // whatever the white space, key order and escapes
	HoldsJSON     Relation = "holds the JSON"      // an object with at least these members
	HasLength     Relation = "has the length"      // of a string, a list or an object
	HasPrefix     Relation = "begins with"         //
	HasSuffix     Relation = "ends with"           //
	HasSubstring  Relation = "contains the text"   //
	MatchesRegexp Relation = "matches the pattern" // a regular expression
	IsEmpty       Relation = "is empty"            //
	IsZero        Relation = "is zero"             // the zero value: nothing, 0, ""
	IsNothing     Relation = "is nothing"          //
	IsTrue        Relation = "is true"             //
	IsFalse       Relation = "is false"            //
	Contains      Relation = "contains"            // an element as in Of[0]
	Each          Relation = "each"                // element is as in Of[0]
	HasKey        Relation = "has the key"         //
	Consists      Relation = "consists of"         // the elements in Of, in any order, and no others
	Compares      Relation = "compares"            // by Comparator with Value
	IsOneOf       Relation = "is one of"           // the values in Of
	Fails         Relation = "is an error"         //
	Succeeds      Relation = "is no error"         //
	Lasts         Relation = "lasts"               // from Value to Most
	AnyOf         Relation = "any of"              // the expectations in Of
	AllOf         Relation = "all of"              // the expectations in Of
	Ends          Relation = "ends"                // a session, a connection
	StaysOpen     Relation = "stays open"          // a session, a connection
	Comes         Relation = "comes"               // a packet, an answer, an entry
	Is            Relation = "is"                  // what Words say, if no relation above does
	Unnamed       Relation = "fulfils a condition" // of a matcher without a description; a lint forbids it in cases
)

// Expectation is what was expected of a subject.
type Expectation struct {
	Not        bool          `json:"not,omitempty"`
	Relation   Relation      `json:"relation"`
	Comparator string        `json:"comparator,omitempty"` // "==", ">", ">=", "<", "<=", "~"
	Value      *Value        `json:"value,omitempty"`
	Most       *Value        `json:"most,omitempty"`  // the upper bound of [Lasts]
	Words      string        `json:"words,omitempty"` // of [Is]: "a CONNECT packet for the namespace /custom with a sid"
	Of         []Expectation `json:"of,omitempty"`    // alternatives, parts, elements
}

// Form is the form of a value.
type Form string

const (
	Nothing  Form = "nothing"  // no packet, no answer, no member
	End      Form = "end"      // the session or the connection ended; Text says how
	Open     Form = "open"     // it was still open
	Text     Form = "text"     //
	Bytes    Form = "bytes"    // Text holds them in hexadecimal
	JSON     Form = "json"     // numbers, booleans, lists and objects
	Packet   Form = "packet"   // of Engine.IO or Socket.IO, as on the wire
	Response Form = "response" // to an HTTP request: Status, and the body in Text
	Duration Form = "duration" // Took
	Error    Form = "error"    //
	List     Form = "list"     // Items
	Opaque   Form = "opaque"   // a value that cannot be shown
)

// Value is a copy of something that came or was expected: bounded, and free of Go types.
type Value struct {
	Form   Form          `json:"form"`
	Text   string        `json:"text,omitempty"`
	Status int           `json:"status,omitempty"` // of a response
	Items  []Value       `json:"items,omitempty"`  // of a list
	Size   int           `json:"size,omitempty"`   // in bytes of the whole, if Text is only its beginning; for a list the number of its items
	Took   time.Duration `json:"took,omitempty"`   // in nanoseconds
}

// Failure is one expectation that did not hold.
type Failure struct {
	Kind     Kind          `json:"kind"`
	Subject  string        `json:"subject,omitempty"` // what the value is: "the status of the answer"
	Expected Expectation   `json:"expected"`
	Received Value         `json:"received"`
	Span     Span          `json:"span"`              // of the wait or of the timer
	Outside  time.Duration `json:"outside,omitempty"` // in nanoseconds: by how much a timer missed its bounds
	Late     time.Duration `json:"late,omitempty"`    // in nanoseconds: for [SessionLost], by how much the suite itself was late with a pong
	Slack    time.Duration `json:"slack,omitempty"`   // in nanoseconds: for a state that a timer caused, what a standstill must exceed to explain it
	Calm     bool          `json:"calm,omitempty"`    // for [Absence]: nothing stood still for long enough, though the whole wait was longer
	Step     string        `json:"step,omitempty"`    // what the case was doing
	StepSeq  int           `json:"stepSeq,omitempty"` // the sequence number of that step in the trace
	Given    string        `json:"given,omitempty"`   // the ID of the rule that the step takes for granted
	Site     string        `json:"site,omitempty"`    // file and line of the expectation: "cases/socket_acks.go:53"
	// About are the sequence numbers of the trace events that the failure is about.
	About []int `json:"about,omitempty"`
}

// Map returns the failure with each of its texts replaced, for instance to remove secrets.
func (f Failure) Map(replace func(string) string) Failure {
	f.Subject, f.Step = replace(f.Subject), replace(f.Step)
	f.Expected, f.Received = f.Expected.Map(replace), f.Received.Map(replace)
	return f
}

// Map returns the expectation with each of its texts replaced.
func (e Expectation) Map(replace func(string) string) Expectation {
	e.Words = replace(e.Words)
	for _, v := range []**Value{&e.Value, &e.Most} {
		if *v != nil {
			one := (*v).Map(replace)
			*v = &one
		}
	}
	e.Of = slices.Clone(e.Of)
	for i, one := range e.Of {
		e.Of[i] = one.Map(replace)
	}
	return e
}

// Map returns the value with each of its texts replaced.
func (v Value) Map(replace func(string) string) Value {
	v.Text = replace(v.Text)
	v.Items = slices.Clone(v.Items)
	for i, one := range v.Items {
		v.Items[i] = one.Map(replace)
	}
	return v
}

// Attempt is one execution of a case.
type Attempt struct {
	Case         string     `json:"case"`
	Span         Span       `json:"span"`
	Evidence     []Failure  `json:"evidence,omitempty"` // more than one if several goroutines failed
	Inapplicable string     `json:"inapplicable,omitempty"`
	Unverified   string     `json:"unverified,omitempty"`
	Missed       string     `json:"missed,omitempty"`  // the moment that passed before the case could use it, so that it saw nothing
	Distant      string     `json:"distant,omitempty"` // why a timer of the target may have fired before an answer from so far away
	Limited      int        `json:"limited,omitempty"` // the status with which the target or something in front of it limited requests, 429 or 503: nothing that was seen counts
	Crash        string     `json:"crash,omitempty"`   // a panic of the case: a mistake of the suite
	Cut          string     `json:"cut,omitempty"`     // why it was ended from outside
	Answer       string     `json:"answer,omitempty"`  // what an observed case noted
	Trace        wire.Trace `json:"trace,omitempty"`
	Witness      Witness    `json:"witness,omitempty"` // what the attempt rests on
	Control      bool       `json:"control,omitempty"` // it was made against the embedded reference
	Alone        bool       `json:"alone,omitempty"`   // nothing else was running, because the case was a suspect: the target had gone away during it
	Ended        bool       `json:"ended,omitempty"`   // the target went away meanwhile, and only this was running: the evidence says so
	Swept        bool       `json:"swept,omitempty"`   // it is not an execution, but what the records held at the end of the run
	By           string     `json:"by,omitempty"`      // the case that saw the evidence, in a step that takes the rule for granted
}

// Failed reports whether an expectation of the attempt did not hold.
func (a *Attempt) Failed() bool { return len(a.Evidence) > 0 }

// Good reports whether the attempt was made to its end and saw that what the case asks for holds.
func (a *Attempt) Good() bool {
	return !a.Failed() && a.Cut+a.Crash+a.Inapplicable+a.Unverified+a.Missed == ""
}

// StrongestFirst sorts failures in place by the order of [Kinds], and returns them.
func StrongestFirst(all []Failure) []Failure {
	slices.SortStableFunc(all, func(a, b Failure) int {
		return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind)
	})
	return all
}

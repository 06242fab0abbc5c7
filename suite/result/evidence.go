package result

import (
	"slices"
	"time"

	"example.test/conformance/suite/wire"
)

// Kind of evidence that an expectation which did not hold is. The judgement weighs evidence by its kind alone.
type Kind string

const (
	// Content is a wrong value, a packet too many, somebody let in who had to be refused: true however late the suite was.
	Content Kind = "content"
	// State is a refusal, a close, a disconnect or an error that a timer of the target makes, too. It is evidence only
	// where the suite provably kept every deadline that could have caused it.
	State Kind = "state"
	// Early and Overdue are timers that fired outside of their bounds.
	Early   Kind = "early"
	Overdue Kind = "overdue"
	// Absence says that something owed has not come.
	Absence Kind = "absence"
	// Intermediary is an answer that something between suite and target may have given: 429, 502, 503 or 504 where no
	// rule names them, an answer cut short, a reset connection.
	Intermediary Kind = "intermediary"
	// SessionLost says that a session ended, and the suite was late or nothing says why.
	SessionLost Kind = "session lost"
	// ObservationLost says that the control connection ended, or that its sequence has a gap.
	ObservationLost Kind = "observation lost"
)

// Kinds in the order of their strength: where an attempt has several pieces of evidence, the first of these counts.
var Kinds = []Kind{Content, ObservationLost, State, Early, Overdue, Intermediary, SessionLost, Absence}

// Span is a stretch of time: of a wait, of a timer, of a standstill.
type Span struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Length of the span, never negative.
func (s Span) Length() time.Duration { return max(s.Until.Sub(s.From), 0) }

// Overlap is how long two spans have in common.
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

// Relation between what was expected and what came.
type Relation string

const (
	Equals        Relation = "equals"
	IsPacket      Relation = "is the packet"       // head to the character, JSON by value
	HasJSON       Relation = "has the JSON value"  // white space, order of keys and escapes left open
	HoldsJSON     Relation = "holds the JSON"      // an object with these members at least
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
	Is            Relation = "is"                  // what Words say, where no relation above does
	Unnamed       Relation = "fulfils a condition" // of a matcher that nobody can describe; a lint forbids it in cases
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

// Form of a value.
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
	Size   int           `json:"size,omitempty"`   // in bytes of the whole, where Text is its beginning only; of a list the number of its items
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
	Late     time.Duration `json:"late,omitempty"`    // in nanoseconds: of [SessionLost], by how much the suite itself was late with a pong
	Slack    time.Duration `json:"slack,omitempty"`   // in nanoseconds: of a state that a timer made, what a standstill must exceed to explain it
	Calm     bool          `json:"calm,omitempty"`    // of [Absence]: nothing stood still for as long as it takes, though the wait as a whole was longer
	Step     string        `json:"step,omitempty"`    // what the case was doing
	StepSeq  int           `json:"stepSeq,omitempty"` // the sequence number of that step in the trace
	Given    string        `json:"given,omitempty"`   // the ID of the rule that the step takes for granted
	Site     string        `json:"site,omitempty"`    // file and line of the expectation: "cases/socket_acks.go:53"
	// About are the sequence numbers of the events of the trace that the failure is about: the target's request or packet.
	About []int `json:"about,omitempty"`
}

// Map returns the failure with each of its texts replaced, as secrets are taken out.
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
	Evidence     []Failure  `json:"evidence,omitempty"` // more than one where goroutines failed together
	Inapplicable string     `json:"inapplicable,omitempty"`
	Unverified   string     `json:"unverified,omitempty"`
	Missed       string     `json:"missed,omitempty"`  // which moment had passed before the case could use it, so that it saw nothing
	Distant      string     `json:"distant,omitempty"` // why a timer of the target may have come before an answer from so far away
	Limited      int        `json:"limited,omitempty"` // the status by which the target or what is in front of it said that requests are limited, 429 or 503: nothing that was seen counts
	Crash        string     `json:"crash,omitempty"`   // a panic of the case: the suite's own mistake
	Cut          string     `json:"cut,omitempty"`     // why it was ended from outside
	Answer       string     `json:"answer,omitempty"`  // what an observed case noted
	Trace        wire.Trace `json:"trace,omitempty"`
	Witness      Witness    `json:"witness,omitempty"` // on whose word it rests
	Control      bool       `json:"control,omitempty"` // it was made at the embedded reference
	Alone        bool       `json:"alone,omitempty"`   // nothing else was under way, since the case was a suspect: the target had gone beside it
	Ended        bool       `json:"ended,omitempty"`   // the target went away meanwhile, and nothing but this was under way: the evidence says so
	Swept        bool       `json:"swept,omitempty"`   // it is no execution, but what the records held at the end of the run
	By           string     `json:"by,omitempty"`      // the case that saw the evidence, in a step that takes the rule for granted
}

// Failed reports whether an expectation of the attempt did not hold.
func (a *Attempt) Failed() bool { return len(a.Evidence) > 0 }

// StrongestFirst sorts failures in place by the order of [Kinds], and returns them.
func StrongestFirst(all []Failure) []Failure {
	slices.SortStableFunc(all, func(a, b Failure) int {
		return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind)
	})
	return all
}

package application

import (
	"net"
	"regexp"
	"time"
)

// Rules are the decisions of the application, by subject, like those of [reference.Rules]: each method is one decision, its
// default is what the contract asks for, and a nil field means the default. The methods are called from many goroutines at
// once.
type Rules struct {
	Records RecordRules
	Control ControlRules
	Serving ServingRules
}

// WithDefaults returns the rules with each nil field replaced by its default.
func (r Rules) WithDefaults() Rules {
	if r.Records == nil {
		r.Records = DefaultRecords{}
	}
	if r.Control == nil {
		r.Control = DefaultControl{}
	}
	if r.Serving == nil {
		r.Serving = DefaultServing{}
	}
	return r
}

// RecordRules decide what is recorded.
type RecordRules interface {
	// Record returns the records to make when the given one is due.
	Record(instance string, entry Entry) []Entry
	// Late returns the time after which a record is made; 0 means at once. Records of the same lateness keep their order.
	Late(entry Entry) time.Duration
	// Again returns the time after which a record is made again; 0 means never.
	Again(entry Entry) time.Duration
	// Number returns the number of the seq-th record of an instance, counted from 1.
	Number(seq int) int
}

// DefaultRecords records what happens, as the contract asks for.
type DefaultRecords struct{}

// Record returns each record as it is.
func (DefaultRecords) Record(_ string, entry Entry) []Entry { return []Entry{entry} }

// Late is not at all: a record is made when what it is about happens.
func (DefaultRecords) Late(Entry) time.Duration { return 0 }

// Again is never: what happens once is recorded once.
func (DefaultRecords) Again(Entry) time.Duration { return 0 }

// Number counts the records of an instance without a gap.
func (DefaultRecords) Number(seq int) int { return seq }

// ControlRules decide what the control namespace answers, and which namespaces there are.
type ControlRules interface {
	// Info may change what the application says about itself.
	Info(info map[string]any)
	// Answer returns the outcomes that a callback of serverSideEmit gets, one for each call.
	Answer(outcome Outcome) []Outcome
	// Dynamic is the pattern of the dynamic namespaces.
	Dynamic() *regexp.Regexp
}

// DefaultControl answers as the contract asks for.
type DefaultControl struct{}

// Info changes nothing.
func (DefaultControl) Info(map[string]any) {}

// Answer calls the callback once, with the outcome.
func (DefaultControl) Answer(outcome Outcome) []Outcome { return []Outcome{outcome} }

// Dynamic is the pattern of the contract.
func (DefaultControl) Dynamic() *regexp.Regexp { return dynamic }

// ServingRules decide how an instance listens, and what it serves besides Socket.IO.
type ServingRules interface {
	// Listener returns the listener to use, given the operating system's.
	Listener(l net.Listener) net.Listener
	// Client returns the client bundle to serve, given the one from the options.
	Client(bundle []byte) []byte
	// ClientType is the content type of the bundle.
	ClientType() string
}

// DefaultServing serves plain TCP, and the bundle as it is.
type DefaultServing struct{}

// Listener returns the operating system's listener.
func (DefaultServing) Listener(l net.Listener) net.Listener { return l }

// Client returns the bundle from the options.
func (DefaultServing) Client(bundle []byte) []byte { return bundle }

// ClientType is the one for JavaScript.
func (DefaultServing) ClientType() string { return "application/javascript; charset=utf-8" }

package application

import (
	"net"
	"regexp"
	"time"
)

// Rules are the decisions of the application, by subject, as those of [reference.Rules] are: each method is one decision,
// its default is what the contract asks for, and a field that is nil stands for the default. The methods are called on many
// goroutines at once.
type Rules struct {
	Records RecordRules
	Control ControlRules
	Serving ServingRules
}

// WithDefaults gives the rules with the default in place of each that is nil.
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

// RecordRules decide what is recorded of that which happens.
type RecordRules interface {
	// Record gives the records to make where one is due.
	Record(instance string, entry Entry) []Entry
	// Again is the time after which a record is made once more; 0 stands for never.
	Again(entry Entry) time.Duration
	// Number is the number of a record, the seq-th of its instance from 1.
	Number(seq int) int
}

// DefaultRecords records what happens, as the contract asks for.
type DefaultRecords struct{}

// Record makes each record as it is.
func (DefaultRecords) Record(_ string, entry Entry) []Entry { return []Entry{entry} }

// Again is never: what happens once is recorded once.
func (DefaultRecords) Again(Entry) time.Duration { return 0 }

// Number counts the records of an instance without a gap.
func (DefaultRecords) Number(seq int) int { return seq }

// ControlRules decide what the control namespace answers, and which namespaces there are.
type ControlRules interface {
	// Info sees what the application tells of itself.
	Info(info map[string]any)
	// Answer gives the outcomes that a callback of serverSideEmit sees, one for each call.
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

// ServingRules decide how an instance listens, and what it serves beside Socket.IO.
type ServingRules interface {
	// Listener gives the listener of an instance.
	Listener(l net.Listener) net.Listener
	// Client gives the bundle for browsers.
	Client(bundle []byte) []byte
	// ClientType is the content type of the bundle.
	ClientType() string
}

// DefaultServing serves plain TCP, and the bundle as it is.
type DefaultServing struct{}

// Listener is the one of the operating system.
func (DefaultServing) Listener(l net.Listener) net.Listener { return l }

// Client is the bundle of the options.
func (DefaultServing) Client(bundle []byte) []byte { return bundle }

// ClientType is that of JavaScript.
func (DefaultServing) ClientType() string { return "application/javascript; charset=utf-8" }

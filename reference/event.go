package reference

import (
	"sync/atomic"

	"example.test/conformance/reference/packet"
)

// AckRules decide how often an acknowledgement counts.
type AckRules interface {
	// AnswersOnce reports whether only the first call of [Event.Acknowledge] sends an answer.
	AnswersOnce() bool
	// TakesOnce reports whether only a client's first answer to an event reaches the code that waits for it.
	TakesOnce() bool
}

// DefaultAcks has the rules of the protocol document, section "Acknowledgement".
type DefaultAcks struct{}

// AnswersOnce is true: an event has one acknowledgement.
func (DefaultAcks) AnswersOnce() bool { return true }

// TakesOnce is true: an ID belongs to one event, and is forgotten once that event has been answered.
func (DefaultAcks) TakesOnce() bool { return true }

// Handler is called with each event of the name it was added for.
type Handler func(*Event)

// Event is an event from a client or from another server of the cluster.
type Event struct {
	Name string
	Args []Value // without the acknowledgement

	rules        AckRules
	acknowledged atomic.Bool
	answer       func([]Value)
}

// WantsAck reports whether the sender asked for an acknowledgement.
func (e *Event) WantsAck() bool { return e.answer != nil }

// Acknowledge answers the sender with args, which may be Values or anything that packet.Of takes. Only the first call has
// an effect. If no acknowledgement was asked for, none has. Another server gets only the first of args. Acknowledge may be
// called at any time and from any goroutine.
func (e *Event) Acknowledge(args ...any) error {
	values, err := valuesOf(args)
	if err != nil || e.answer == nil {
		return err
	}
	if e.acknowledged.Swap(true) && e.rules.AnswersOnce() {
		return nil
	}
	e.answer(values)
	return nil
}

// Acknowledged reports whether the event has been acknowledged.
func (e *Event) Acknowledged() bool { return e.acknowledged.Load() }

// valuesOf encodes args; the result is never nil.
func valuesOf(args []any) ([]Value, error) {
	values := make([]Value, len(args))
	for i, arg := range args {
		value, err := packet.Of(arg)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// Any converts Values to arguments for Emit and Acknowledge.
func Any(values []Value) []any {
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = value
	}
	return args
}

// handlers are the listeners of one socket or namespace by event name.
type handlers struct {
	named map[string][]Handler
	any   []Handler
}

func (h *handlers) on(event string, handler Handler) {
	if h.named == nil {
		h.named = map[string][]Handler{}
	}
	h.named[event] = append(h.named[event], handler)
}

// of returns the handlers of an event in the order in which they were added, those for any event first.
func (h *handlers) of(event string) []Handler {
	named := h.named[event]
	return append(h.any[:len(h.any):len(h.any)], named...)
}

// Package contract examines the conformance application of a server, part by part: whether it implements what the contract
// (fixtures/CONTRACT.md) asks for. It judges the application, not the server.
package contract

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// control is the namespace of the application's observers.
const control = "/conformance"

// Limit is how long an examination takes at most, unless [Options] set another limit.
const Limit = 3 * time.Second

// margin is the part of the limit left for the report.
const margin = 200 * time.Millisecond

// Options configures an examination.
type Options struct {
	Auth  string        // the data of each CONNECT, JSON; none if empty
	Limit time.Duration // [Limit] if zero
}

// Report is the result of an examination.
type Report struct {
	// Reached means that an Engine.IO server answered at every URL.
	Reached bool `json:"reached"`
	// Parts are the parts of each target, in the order of the contract.
	Parts []result.Part `json:"parts"`
}

// Missing returns the parts that are not as they should be, including those that could not be examined in time.
func (r *Report) Missing() (all []result.Part) {
	for _, p := range r.Parts {
		if p.State == result.PartMissing || p.State == result.PartUnknown {
			all = append(all, p)
		}
	}
	return all
}

// target is one instance under examination.
type target struct {
	*wire.Target
	number   int // from 1
	options  Options
	patience time.Duration // for what must come immediately
	control  *session
	info     result.Info
	reached  bool
	joined   bool
	others   []*target
	parts    []result.Part
	answers  []exchange
	mu       sync.Mutex
}

// exchange is a command and its answer.
type exchange struct{ command, argument, answer string }

// Check examines the applications of all targets. Several targets are instances of one cluster.
func Check(ctx context.Context, targets []*wire.Target, options Options) *Report {
	report, _ := check(ctx, targets, options)
	return report
}

func check(ctx context.Context, targets []*wire.Target, options Options) (*Report, []*target) {
	if options.Limit == 0 {
		options.Limit = Limit
	}
	ctx, cancel := context.WithTimeoutCause(ctx, options.Limit-margin, errLimit)
	defer cancel()
	all := make([]*target, len(targets))
	for i, one := range targets {
		all[i] = &target{Target: one, number: i + 1, options: options, patience: options.Limit / 3}
	}
	each(all, func(t *target) { t.greet(ctx) })
	for i, t := range all {
		for j, other := range all {
			if i != j && other.joined {
				t.others = append(t.others, other)
			}
		}
	}
	each(all, func(t *target) {
		if t.joined {
			t.look(ctx)
		}
	})
	report := &Report{Reached: true}
	for _, t := range all {
		report.Reached = report.Reached && t.reached
		report.Parts = append(report.Parts, t.parts...)
		if t.control != nil {
			t.control.close()
		}
	}
	return report, all
}

func each(all []*target, do func(*target)) {
	var group sync.WaitGroup
	for _, t := range all {
		group.Go(func() { do(t) })
	}
	group.Wait()
}

// errLimit means that the time for all parts is up.
var errLimit = errors.New("time ran out before everything was examined")

// greet connects to the control namespace and examines what must work before everything else.
func (t *target) greet(ctx context.Context) {
	if !t.reaches(ctx) {
		return
	}
	for _, p := range greetings {
		if !t.take(ctx, p) {
			return
		}
	}
	t.joined = true
}

// reaches reports whether an Engine.IO server answers.
func (t *target) reaches(ctx context.Context) bool {
	session, err := open(ctx, t.Target, t.options.Auth)
	if err != nil {
		t.add("server", result.PartMissing, t.Redact(err.Error()), "Start the server with its application, and give the URL that it listens at.")
		return false
	}
	t.control, t.reached = session, true
	return true
}

// look examines all other parts concurrently.
func (t *target) look(ctx context.Context) {
	found := make([]result.Part, len(parts))
	var group sync.WaitGroup
	for i, p := range parts {
		group.Go(func() {
			one := &target{Target: t.Target, number: t.number, options: t.options, patience: t.patience, control: t.control, info: t.info, others: t.others}
			one.take(ctx, p)
			found[i] = one.parts[0]
			t.mu.Lock()
			t.answers = append(t.answers, one.answers...)
			t.mu.Unlock()
		})
	}
	group.Wait()
	t.parts = append(t.parts, found...)
}

// take examines one part and reports whether it is there.
func (t *target) take(ctx context.Context, p part) bool {
	if p.feature != "" && !t.info.Declares(p.feature) {
		t.add(p.name, result.PartUndeclared, "info does not declare the feature "+p.feature+": its cases are not verified", "")
		return true
	}
	says, err := p.look(ctx, t)
	var wrong *shortcoming
	var skipped *skip
	switch {
	case err == nil:
		t.add(p.name, result.PartThere, says, "")
		return true
	case errors.As(err, &wrong):
		t.add(p.name, result.PartMissing, t.Redact(wrong.says), p.advice)
	case errors.As(err, &skipped):
		t.add(p.name, result.PartSkipped, skipped.says, "")
	case ctx.Err() == nil && !errors.Is(err, errLimit):
		t.add(p.name, result.PartMissing, t.Redact(err.Error()), p.advice)
	default:
		t.add(p.name, result.PartUnknown, "time ran out before it was seen", "Give more time with --timeout. "+p.advice)
	}
	return false
}

func (t *target) add(name string, state result.PartState, says, advice string) {
	t.parts = append(t.parts, result.Part{Target: t.number, Name: name, State: state, Says: says, Advice: advice})
}

// shortcoming is what is wrong with a part.
type shortcoming struct{ says string }

func (s *shortcoming) Error() string { return s.says }

func wrong(format string, args ...any) error { return &shortcoming{fmt.Sprintf(format, args...)} }

// skip says why a part is not examined.
type skip struct{ says string }

func (s *skip) Error() string { return s.says }

// soon limits the wait for what must come immediately. The target must then answer a flush, otherwise nothing is known.
func (t *target) soon(ctx context.Context, what string, wait func(context.Context) error) error {
	short, cancel := context.WithTimeoutCause(ctx, t.patience, errors.New("nothing came"))
	defer cancel()
	err := wait(short)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if _, alive := t.command(ctx, "flush", nil); alive != nil {
		return alive
	}
	return wrong("%s: %v within %d ms", what, err, t.patience.Milliseconds())
}

// command sends a command and returns the one value of its acknowledgement.
func (t *target) command(ctx context.Context, event string, argument any) (string, error) {
	args := []any{}
	if argument != nil {
		args = append(args, argument)
	}
	answer, err := t.control.ask(ctx, control, event, args...)
	if err != nil {
		return "", err
	}
	var values []json.RawMessage
	if json.Unmarshal([]byte(answer), &values) != nil || len(values) != 1 {
		return "", wrong("the command %s was acknowledged with %s, which is not one value", event, clip(answer))
	}
	text, _ := json.Marshal(argument)
	t.mu.Lock() // the parts of other targets use this one, too
	t.answers = append(t.answers, exchange{event, string(text), string(values[0])})
	t.mu.Unlock()
	return string(values[0]), nil
}

// record waits for a record that meets the conditions. It flushes before each look.
func (t *target) record(ctx context.Context, what string, conditions ...func(suite.Entry) bool) (suite.Entry, error) {
	deadline := time.Now().Add(t.patience)
	for {
		if _, err := t.command(ctx, "flush", nil); err != nil {
			return suite.Entry{}, err
		}
		if found := t.control.entries(conditions...); len(found) > 0 {
			return found[0], nil
		}
		if time.Now().After(deadline) {
			return suite.Entry{}, wrong("%s left no record within %d ms", what, t.patience.Milliseconds())
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return suite.Entry{}, context.Cause(ctx)
		}
	}
}

// word returns a fresh word for names and marks.
func word() string { return strings.ToLower(rand.Text()[:10]) }

func clip(s string) string {
	s = result.WithinALine(s)
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return s
}

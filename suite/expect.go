package suite

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
)

// Describer is a matcher that describes what it expects as a value.
type Describer interface {
	types.GomegaMatcher
	Expectation() result.Expectation
}

// Judging is a matcher that says what kind of evidence a mismatch is.
type Judging interface {
	types.GomegaMatcher
	Judge(actual any, f *result.Failure)
}

// Actual is a value to be checked.
type Actual struct {
	t       *T
	value   any
	subject string
	timer   bool
	slack   time.Duration // of the timer
	certain bool          // no timer explains a mismatch
}

// Expect begins an expectation about a value. The subject, a format and its arguments, is a noun phrase that says what the
// value is: "the status of the answer".
func (t *T) Expect(actual any, subject string, args ...any) Actual {
	return Actual{t: t, value: actual, subject: fmt.Sprintf(subject, args...)}
}

// OfTimer means that a timer of the target can produce such a value, too, for instance an error after a timeout. A mismatch
// is then evidence of the kind [result.State], not of content.
func (a Actual) OfTimer() Actual {
	a.timer = true
	return a
}

// OfTimerLasting is OfTimer with the timer's length. The target had most of it to spare, so only a standstill of more than a
// quarter of it explains such a value.
func (a Actual) OfTimerLasting(d time.Duration) Actual {
	a.timer, a.slack = true, d/4
	return a
}

// OfNoTimer means that no timer of the target, on time or late, can produce another value. A mismatch is evidence of content
// even if the case has let time pass with [T.Wait].
func (a Actual) OfNoTimer() Actual {
	a.certain = true
	return a
}

// To expects the value to match.
func (a Actual) To(m types.GomegaMatcher) { a.check(m, false) }

// NotTo expects the value not to match.
func (a Actual) NotTo(m types.GomegaMatcher) { a.check(m, true) }

// check ends the case if the value is not as expected. A value of a type that the matcher does not accept matches neither
// way: the target's value is judged, not the matcher.
func (a Actual) check(m types.GomegaMatcher, not bool) {
	value, span, gathered := a.gathered()
	if holds, err := m.Match(value); err == nil && holds != not {
		return
	}
	f := result.Failure{Kind: result.Content, Subject: a.subject, Expected: describe(m), Received: valueOf(value), Span: span}
	f.Expected.Not = f.Expected.Not != not
	last := a.t.lastSeen()
	if took, is := value.(time.Duration); is {
		judgeDuration(took, m, not, &f)
	} else if gathered && couldCome(m, reflect.ValueOf(value), not) {
		f.Kind = result.Absence
		a.t.waitedFor(&f)
	} else {
		a.judge(value, last, &f)
	}
	if j, is := m.(Judging); is {
		j.Judge(value, &f)
	}
	if f.About == nil {
		f.About = last.about()
	}
	if f.Kind == result.State {
		f.Slack = a.slack
	}
	a.t.fail(f, a.certain)
}

// judge decides what kind of evidence a value is that is neither a time nor a list. A refusal, an end or an error that a
// timer or a proxy can cause is not evidence of content.
func (a Actual) judge(value any, last seen, f *result.Failure) {
	if r := last.response; r != nil {
		own := brought(value, r)
		switch value.(type) {
		case int, *WebSocket:
			if own {
				f.Received = valueOf(r)
			}
		}
		switch {
		case own && (Intermediate(r.Status) || r.Truncated):
			f.Kind = result.Intermediary
			return
		case last.session && (own && r.Status >= 400 && r.Status < 500 || ofNoSession(r)):
			f.Kind = a.t.ending()
			return
		}
	}
	end := a.timer
	switch v := value.(type) {
	case string:
		end = end || v == pingTimeout || ends(v) && last.holds(v)
	case []string:
		end = end || slices.ContainsFunc(v, func(one string) bool { return ends(one) && last.holds(one) })
	case *protocol.Packet:
		end = end || v != nil && ends(v.Raw)
	case *Response:
		if v == nil { // no answer came
			f.Kind = result.Absence
			return
		}
	}
	if end {
		f.Kind = a.t.ending()
	}
}

// brought reports whether a value comes from an answer: its status, its body, that it was cut short, or that it opened no
// WebSocket.
func brought(value any, r *Response) bool {
	switch v := value.(type) {
	case int:
		return v == r.Status
	case string:
		return v == r.Body
	case bool:
		return v && r.Truncated
	case *WebSocket:
		return v == nil
	}
	return false
}

// ofNoSession reports whether an answer says that the server does not know the session (any more).
func ofNoSession(r *Response) bool {
	var refusal struct{ Code *int }
	return r.Status == 400 && json.Unmarshal([]byte(r.Body), &refusal) == nil && refusal.Code != nil && *refusal.Code == 1
}

// pingTimeout is the reason that a server or a client gives when the heartbeat ended the session.
const pingTimeout = "ping timeout"

// ends reports whether a packet ends a session or a socket.
func ends(packet string) bool {
	return packet == "1" || packet == "41" || strings.HasPrefix(packet, "41/")
}

// Intermediate reports whether a proxy may give that status by itself.
func Intermediate(status int) bool {
	return status == 429 || status == 502 || status == 503 || status == 504
}

// judgeDuration judges a time measured from outside: too short is early, too long is overdue.
func judgeDuration(took time.Duration, m types.GomegaMatcher, not bool, f *result.Failure) {
	now := time.Now()
	f.Kind, f.Span = result.Overdue, result.Span{From: now.Add(-took), Until: now}
	for {
		switch one := m.(type) {
		case *matchers.NotMatcher:
			m, not = one.Matcher, !not
			continue
		case *matchers.AndMatcher:
			for _, part := range one.Matchers {
				if ok, err := part.Match(took); err != nil || ok == not {
					m = part
					break
				}
			}
			if m != one {
				continue
			}
		case *matchers.BeNumericallyMatcher:
			bound, is := one.CompareTo[0].(time.Duration)
			if strings.HasPrefix(one.Comparator, ">") != not || one.Comparator == "==" && is && took < bound {
				f.Kind = result.Early
			}
			if is {
				f.Outside = (took - bound).Abs()
			}
		}
		return
	}
}

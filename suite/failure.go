package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"example.test/conformance/suite/protocol"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

var (
	comes   = result.Expectation{Relation: result.Comes}
	nothing = result.Value{Form: result.Nothing}
)

// evidenceLimit is how many failures of one execution are kept: thousands of goroutines may fail in the same way.
const evidenceLimit = 100

// Fail ends the case with evidence that the rule is broken. Matchers and clients call it, and cases for which there is no
// matcher.
func (t *T) Fail(f result.Failure) { t.fail(f, false) }

// fail is Fail. Certain means that content is evidence of content even after the case has let time pass.
func (t *T) fail(f result.Failure, certain bool) {
	f.Site = site()
	if f.Span == (result.Span{}) {
		f.Span = result.Span{From: t.begun, Until: time.Now()}
	}
	f.Given = t.given
	t.record(func(all *failure) {
		f.Step, f.StepSeq = t.step.text, t.step.seq
		switch {
		case f.Kind == result.Content && t.waited && !certain:
			f.Kind = result.State
		case f.Kind == result.SessionLost:
			f.Late = max(f.Late, t.late())
		}
		if len(all.evidence) < evidenceLimit {
			all.evidence = append(all.evidence, f)
		}
	})
	panic(halt{})
}

// Absent ends the case: the subject, a format and its arguments, has not come since that time.
func (t *T) Absent(since time.Time, subject string, args ...any) {
	t.absent(fmt.Sprintf(subject, args...), comes, nothing, since)
}

// Endless ends the case: the subject has not ended since that time.
func (t *T) Endless(since time.Time, subject string, args ...any) {
	t.absent(fmt.Sprintf(subject, args...), result.Expectation{Relation: result.Ends}, result.Value{Form: result.Open}, since)
}

// Decode decodes JSON that came. It ends the case if the JSON is not of the expected kind, such as "a list of strings".
func (t *T) Decode(data []byte, into any, expected, subject string, args ...any) {
	if protocol.Unmarshal(data, into) == nil {
		return
	}
	received := nothing
	if len(data) > 0 {
		received = text(result.JSON, string(data))
	}
	t.contradicted(fmt.Sprintf(subject, args...), describes("%s", expected), received)
}

// OpenPacket parses an open packet that came. It ends the case if it is not one.
func (t *T) OpenPacket(packet string) *protocol.OpenPacket {
	open, err := protocol.ParseOpen(packet)
	if err != nil {
		t.contradicted("the first packet", describes("an open packet: %v", err), text(result.Packet, packet))
	}
	return open
}

// Packet parses a Socket.IO packet that came. It ends the case if it is not one.
func (t *T) Packet(raw string) *protocol.Packet {
	p, err := protocol.ParsePacket(raw)
	if err != nil {
		t.contradicted("the packet", describes("a Socket.IO packet: %v", err), text(result.Packet, raw))
	}
	return p
}

// Contradicted ends the case: the subject, a noun phrase, is not what was expected in words, such as "a noop". If there is a
// matcher for it, prefer [T.Expect].
func (t *T) Contradicted(received any, subject, expected string) {
	t.contradicted(subject, describes("%s", expected), valueOf(received))
}

func (t *T) contradicted(subject string, expected result.Expectation, received result.Value) {
	f := result.Failure{Kind: result.Content, Subject: subject, Expected: expected, Received: received, About: t.lastSeen().about()}
	if received.Form == result.Packet && ends(received.Text) {
		f.Kind = t.ending()
	}
	t.Fail(f)
}

// absent ends the case: what has been due since a time has not come.
func (t *T) absent(subject string, expected result.Expectation, received result.Value, since time.Time) {
	t.Fail(result.Failure{
		Kind: result.Absence, Subject: subject, Expected: expected, Received: received,
		Span: result.Span{From: since, Until: time.Now()}, Calm: t.wasCalm(since),
	})
}

// waitedFor says of an absence how long the case has waited for records, if that is what it looked at last.
func (t *T) waitedFor(f *result.Failure) {
	t.mu.Lock()
	since := t.due
	t.mu.Unlock()
	if !since.IsZero() {
		f.Span.From, f.Calm = since, t.wasCalm(since)
	}
}

// refused ends the case: a request that had to be granted was not.
func (t *T) refused(subject string, expected result.Expectation, r *Response, session bool) {
	f := result.Failure{Kind: result.Content, Subject: subject, Expected: expected, Received: valueOf(r), About: t.lastSeen().about()}
	switch {
	case Intermediate(r.Status):
		f.Kind = result.Intermediary
	case session && r.Status >= 400: // 5xx, too: some servers fail on a request for a session that is gone
		f.Kind = t.ending()
	}
	t.Fail(f)
}

// over ends the case: a session or a connection ended while something else was expected of it.
func (t *T) over(subject string, expected result.Expectation, end End, since time.Time) {
	t.Fail(result.Failure{Kind: t.ending(), Subject: subject, Expected: expected, Received: valueOf(end), Span: result.Span{From: since, Until: end.At}})
}

// Unanswered ends the case: the answer named by the subject, a format and its arguments, did not come. The case has waited
// for it since that time, and the error says why there is none.
func (t *T) Unanswered(err error, since time.Time, subject string, args ...any) {
	t.unanswered(fmt.Sprintf(subject, args...), err, since, false)
}

// errNothing means that nothing came in time.
var errNothing = errors.New("nothing came in time")

// unanswered ends the case: a request got no answer, for that reason.
func (t *T) unanswered(subject string, err error, since time.Time, session bool) {
	f := result.Failure{Kind: result.Absence, Subject: subject, Expected: comes, Received: valueOf(err), Span: result.Span{From: since, Until: time.Now()}, Calm: t.wasCalm(since)}
	switch {
	case errors.Is(err, errNothing), errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		f.Received = nothing
	case errors.Is(err, wire.ErrFlood):
		f.Kind = result.Content
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		f.Kind, f.Received.Form = result.Intermediary, result.End
		if session {
			f.Kind = t.ending()
		}
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Kind, f.Received.Form = result.Intermediary, result.End
	default: // what came is not HTTP
		if _, network := errors.AsType[net.Error](err); !network {
			f.Kind = result.Content
		}
	}
	t.Fail(f)
}

// ending returns the kind of evidence for the end of a session, or for anything else that a timer of the target can cause.
// If the suite may have missed a deadline of a session, it is no evidence.
func (t *T) ending() result.Kind {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.heartbeats {
		if !p.kept(t.Timings().ConnectTimeout) {
			return result.SessionLost
		}
	}
	return result.State
}

// seen is what a client handed to the case last.
type seen struct {
	response *Response
	session  bool // the response is to a request of a session that the target had opened
	message  string
	events   []int // of the trace, if it is not a response
}

// holds reports whether a packet came with it.
func (s seen) holds(packet string) bool {
	if s.response != nil {
		return slices.Contains(protocol.ParsePayload(s.response.Body), packet)
	}
	return s.message == packet
}

// about returns the numbers of the trace events that brought it.
func (s seen) about() []int {
	if s.response != nil {
		return s.response.About
	}
	return slices.DeleteFunc(slices.Clone(s.events), func(n int) bool { return n == 0 })
}

// saw notes what a client hands to the case.
func (t *T) saw(s seen) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = s
}

func (t *T) lastSeen() seen {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

// site returns the position of the failing expectation in the cases.
func site() string {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for {
		frame, more := frames.Next()
		if i := strings.Index(frame.File, "/cases/"); i >= 0 {
			return fmt.Sprintf("%s:%d", frame.File[i+1:], frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// Package wire is the client's side of the wire: raw HTTP, WebSocket and TCP, with every byte recorded in a [Trace]. It does
// nothing on its own: one request per connection, no retries, no proxy, no decompression, no redirects.
package wire

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Limits on a recording, so that a flooding target cannot fill the memory.
const (
	MaxEventBytes = 4 << 10   // kept of the content of one event
	MaxTraceBytes = 256 << 10 // kept of the contents of one trace
	MaxEvents     = 4000
)

// Recorder records the events of one attempt until it is sealed. It is safe for concurrent use.
type Recorder struct {
	mu     sync.Mutex
	start  time.Time
	seq    int
	events Trace
	bytes  int
	lost   Event // stands for the events for which there was no room
	names  map[Kind]int
	sealed bool

	targets []*Target // whose secrets are hidden in everything other than a connection's bytes
	budget  *Budget
	weight  int64 // of the budget

	limited atomic.Int64 // the status of an answer that limits requests
}

// Limited returns the status, 429 or 503, of a recorded answer that says that requests are limited; 0 if there is none.
func (r *Recorder) Limited() int { return int(r.limited.Load()) }

// NewRecorder starts a recording at time zero. It hides the secrets of those targets and uses the budget of the first.
func NewRecorder(targets ...*Target) *Recorder {
	r := &Recorder{start: time.Now(), names: map[Kind]int{}, targets: targets}
	if len(targets) > 0 {
		r.budget = targets[0].Budget
	}
	return r
}

// shown makes a text safe to show: valid UTF-8, without secrets.
func (r *Recorder) shown(s string) string {
	for _, t := range r.targets {
		s = t.Redact(s)
	}
	return text(s)
}

// Start returns when the recording began.
func (r *Recorder) Start() time.Time { return r.start }

// Time returns when an event of the recording happened.
func (r *Recorder) Time(e Event) time.Time {
	return r.start.Add(time.Duration(e.At * float64(time.Millisecond)))
}

// Name returns the next name of its kind: "http-1", "http-2", …
func (r *Recorder) Name(kind Kind) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[kind]++
	return fmt.Sprintf("%s-%d", kind, r.names[kind])
}

// Add records an event and returns it with its number and time. The number is 0 if the recording is sealed.
func (r *Recorder) Add(e Event) Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.At = float64(time.Since(r.start).Microseconds()) / 1000
	if r.sealed {
		return e
	}
	r.seq++
	e.Seq = r.seq
	w := weight(e)
	if len(r.events) >= MaxEvents || r.bytes > MaxTraceBytes || r.lost.Lost != nil || !r.budget.trace(r.weight, w) {
		if r.lost.Lost == nil {
			r.lost = Event{Seq: e.Seq, At: e.At, Lost: &Lost{}}
		}
		r.lost.Lost.Events++
		return e
	}
	r.weight += w
	if c := e.Content(); c != nil {
		r.bytes += len(c.Text) + len(c.Bytes)
	}
	r.events = append(r.events, e)
	return e
}

// Step records what the case does next.
func (r *Recorder) Step(format string, args ...any) Event {
	return r.Add(Event{Step: &Step{Text: r.shown(fmt.Sprintf(format, args...))}})
}

// Timer records that the case lets time pass.
func (r *Recorder) Timer(d time.Duration, why string) Event {
	return r.Add(Event{Timer: &Timer{Duration: d, Why: r.shown(why)}})
}

// Record records a message to or from a target's application, or from the page in the browser.
func (r *Recorder) Record(connection string, target int, kind RecordKind, name, value string) Event {
	return r.Add(Event{Connection: connection, Target: target, Record: &RecordData{Kind: kind, Name: r.shown(name), Content: content([]byte(r.shown(value)), false)}})
}

// Last returns the number of the latest event. Later events have larger numbers.
func (r *Recorder) Last() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seq
}

// LastSent returns at most n of the last sent events up to a moment, with no more than that many bytes of each content.
// Pongs and control frames are left out.
func (r *Recorder) LastSent(n, bytes int, until time.Time) (last Trace) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.events) - 1; i >= 0 && len(last) < n; i-- {
		if e := r.events[i]; e.Direction() == Sent && !e.routine() && !r.Time(e).After(until) {
			last = append(last, e.cut(bytes))
		}
	}
	slices.Reverse(last)
	return last
}

// Unanswered returns when the first event was sent, not before a moment, after which nothing came over its connection. GETs
// do not count, since a poll may wait for long, and neither do pongs and control frames.
func (r *Recorder) Unanswered(since time.Time) (sent time.Time, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	heard := map[string]bool{}
	for _, e := range slices.Backward(r.events) {
		switch {
		case r.Time(e).Before(since):
			return sent, found
		case e.Direction() == Received:
			heard[e.Connection] = true
		case e.Direction() == Sent && !e.routine() && !heard[e.Connection] && (e.HTTP == nil || !strings.HasPrefix(e.HTTP.Text, "GET ")):
			sent, found = r.Time(e), true
		}
	}
	return sent, found
}

// Trace returns what was recorded so far.
func (r *Recorder) Trace() Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.trace()
}

// Seal ends the recording and returns it: an attempt that was left behind can add nothing more.
func (r *Recorder) Seal() Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sealed = true
	return r.trace()
}

// Shorten ends the recording and returns it shortened by [Trace.Shortened]. What is left out goes back to the budget.
func (r *Recorder) Shorten(events, bytes int, keep ...int) Trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sealed = true
	short := r.trace().Shortened(events, bytes, keep...)
	w := int64(0)
	for _, e := range short {
		w += weight(e)
	}
	if w < r.weight {
		r.budget.untrace(r.weight - w)
		r.weight = w
	}
	r.events, r.lost = short, Event{}
	return slices.Clone(short)
}

// Drop ends a recording that nobody keeps.
func (r *Recorder) Drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sealed = true
	r.budget.untrace(r.weight)
	r.weight, r.events, r.lost = 0, nil, Event{}
}

func (r *Recorder) trace() Trace {
	t := slices.Clone(r.events)
	if r.lost.Lost != nil {
		e, lost := r.lost, *r.lost.Lost
		e.Lost = &lost
		t = append(t, e)
	}
	return t
}

package result

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Side is what stood still.
type Side string

const (
	OfSuite  Side = "suite"  // the machine that the suite runs on
	OfTarget Side = "target" // its probes went unanswered
	OfClock  Side = "clock"  // wall clock and monotonic clock diverged, as when a machine is suspended
)

// Medium is the medium of a probe or a connection.
type Medium string

const (
	OverPolling   Medium = "polling"
	OverWebSocket Medium = "websocket"
	OverControl   Medium = "control"
)

// Standstill is a span in which one side did nothing.
type Standstill struct {
	Span
	Of     Side   `json:"of"`
	Target int    `json:"target,omitempty"` // of a target: its index
	Over   Medium `json:"over,omitempty"`   // of a target: the connection on which it was seen; empty means all
}

// Overload is a span in which a probe was refused with the status of an overloaded server or proxy.
type Overload struct {
	Span
	Status int    `json:"status"` // 429, 502, 503 or 504
	Target int    `json:"target,omitempty"`
	Over   Medium `json:"over,omitempty"`
}

// Away is a span in which a target was gone, starting when it was last seen.
type Away struct {
	Span
	By      time.Time `json:"by,omitzero"` // by when it was gone: what ended it had begun by then
	Target  int       `json:"target,omitempty"`
	Refused bool      `json:"refused,omitempty"` // connections were refused; otherwise they were accepted, and nothing came
	How     string    `json:"how"`               // "target 1 refused all connections for 2 s"
}

// Conditions are the circumstances in which the attempts at a case were made: what a run measures and a case cannot know.
type Conditions struct {
	Standstills []Standstill
	Overloads   []Overload
	Away        []Away
	// Broken holds the rules that their own cases saw broken or could not judge: the ID of the case by that of the rule.
	Broken map[string]string
	// Unshown holds the rules that steps take for granted and that no case of the run is about, so that a failure in such a
	// step counts against the case itself.
	Unshown map[string]bool `json:",omitempty"`
	// Controlled means that the case can run against the embedded reference, too. Control are the attempts there, each made
	// at the same time as one at the target.
	Controlled bool
	Control    []Attempt
	// Excused means that the failure is known for this target: the first one is enough.
	Excused bool
	// Count is how many attempts to make in order to count how often a deviation shows that is already certain.
	Count int
	// Patient allows further attempts at a case that could not be judged because of standstills: a busy machine has calm
	// moments.
	Patient bool
	// Returned means that a target which was gone is back, so a case that could not be judged because of that can be tried
	// again.
	Returned bool
	// Stopped says why there can be no further attempt; empty if there can.
	Stopped string
	// Lost is the target that ended the run by going away for good; nil where another thing stopped it.
	Lost *Away
}

// media returns the connections that a failure is about, as far as the trace tells.
func (a *Attempt) media(f *Failure) (all []Medium) {
	for _, e := range a.Trace {
		if !slices.Contains(f.About, e.Seq) {
			continue
		}
		switch name, _, _ := strings.Cut(e.Connection, "-"); name {
		case "http":
			all = append(all, OverPolling)
		case "websocket":
			all = append(all, OverWebSocket)
		case "observer":
			all = append(all, OverControl)
		}
	}
	return all
}

// touches reports whether something seen over one medium concerns a failure.
func touches(over Medium, of []Medium) bool {
	return over == "" || len(of) == 0 || slices.Contains(of, over)
}

// stood returns how long something stood still during the span of a failure, and whether that explains the failure: it does
// if the standstills are longer than the target's miss. If nothing was measured, half of the wait is the limit, unless the
// wait went on until there was calm enough.
func (c *Conditions) stood(a *Attempt, f *Failure) (still time.Duration, explained bool) {
	span := f.Span
	if span == (Span{}) || f.Kind == State || f.Kind == SessionLost { // what ended a session may have happened before the wait
		span = a.Span
	}
	of := a.media(f)
	var covered []Span
	for _, s := range c.Standstills {
		if s.Overlap(span) <= 0 || s.Of == OfTarget && !touches(s.Over, of) {
			continue
		}
		if s.Of == OfClock {
			return s.Length(), true
		}
		covered = append(covered, s.Span)
	}
	still = Union(covered, span)
	switch {
	case still == 0, f.Calm:
		return still, false
	case f.Outside > 0:
		return still, still > f.Outside
	case f.Slack > 0:
		return still, still > f.Slack
	case f.Kind == State || f.Kind == SessionLost: // one late pong is enough, and nobody knows how late it was
		return still, true
	}
	return still, still >= span.Length()/2
}

// Union returns how much of a span others cover.
func Union(all []Span, within Span) (d time.Duration) {
	at := within.From
	for at.Before(within.Until) {
		end, next := time.Time{}, within.Until
		for _, s := range all {
			if !s.From.After(at) && s.Until.After(at) && s.Until.After(end) {
				end = s.Until
			}
			if s.From.After(at) && s.From.Before(next) {
				next = s.From
			}
		}
		if end.IsZero() {
			at = next
			continue
		}
		d += Span{at, end}.Overlap(within)
		at = end
	}
	return d
}

// overloaded returns the status with which a probe was refused like the failure's request, or 0. A request that was answered
// 429 needs no probe: that status says so itself (RFC 6585, section 4).
func (c *Conditions) overloaded(a *Attempt, f *Failure) int {
	switch {
	case f.Kind != Intermediary:
		return 0
	case f.Received.Status == http.StatusTooManyRequests:
		return f.Received.Status
	}
	for _, o := range c.Overloads {
		if o.Overlap(f.Span) > 0 && touches(o.Over, a.media(f)) && (f.Received.Status == 0 || f.Received.Status == o.Status) {
			return o.Status
		}
	}
	return 0
}

// away returns the absence of the target that overlaps an attempt, or nil.
func (c *Conditions) away(a *Attempt) *Away {
	for i := range c.Away {
		if c.Away[i].Overlap(a.Span) > 0 {
			return &c.Away[i]
		}
	}
	return nil
}

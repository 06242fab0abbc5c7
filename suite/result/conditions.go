package result

import (
	"slices"
	"strings"
	"time"
)

// Side that stood still.
type Side string

const (
	OfSuite  Side = "suite"  // the machine that the suite runs on
	OfTarget Side = "target" // its probes went unanswered
	OfClock  Side = "clock"  // wall clock and monotonic clock came apart, as when a machine is suspended
)

// Medium of a probe and of a connection.
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
	Over   Medium `json:"over,omitempty"`   // of a target: the connection on which it was seen; empty for all
}

// Overload is a span in which a probe was refused as by a server or proxy that has too much to do.
type Overload struct {
	Span
	Status int    `json:"status"` // 429, 502, 503 or 504
	Target int    `json:"target,omitempty"`
	Over   Medium `json:"over,omitempty"`
}

// Away is a span in which a target was gone: from the moment at which it was last seen to be there.
type Away struct {
	Span
	By      time.Time `json:"by,omitzero"` // when it was gone at the latest: what ended it had begun by then
	Target  int       `json:"target,omitempty"`
	Refused bool      `json:"refused,omitempty"` // connections were refused; else they were taken, and nothing came
	How     string    `json:"how"`               // "target 1 refused all connections for 2 s"
}

// Conditions under which the attempts at a case were made: what a run measures and no case can know.
type Conditions struct {
	Standstills []Standstill
	Overloads   []Overload
	Away        []Away
	// Broken are the rules that were seen broken, or could not be judged, by cases of their own: the case by the rule's ID.
	Broken map[string]string
	// Controlled says that the case can run against the embedded reference, too; Control are the attempts at it, each
	// made at the same time as one at the target.
	Controlled bool
	Control    []Attempt
	// Excused says that a failure is known of this target: the first one is enough.
	Excused bool
	// Count is how many attempts are worth making to count how often something wrong shows that is certain already.
	Count int
	// Patient allows further attempts at a case that standstills have kept from being judged: a busy machine has calm
	// moments.
	Patient bool
	// Returned says that a target which was gone is there again, so that a case that it kept from being judged can be asked
	// once more.
	Returned bool
	// Stopped says why there can be no further attempt; empty where there can.
	Stopped string
	// Lost is the target that ended the run by going away for good; nil where another thing stopped it.
	Lost *Away
}

// media are the connections that a failure is about, as far as the trace tells.
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
	if over == "" || len(of) == 0 {
		return true
	}
	for _, m := range of {
		if m == over {
			return true
		}
	}
	return false
}

// stood is how much of a failure's span something stood still, and whether that explains the failure: the standstills
// are longer than what the target fell short by. Where nothing was measured, half of the wait is taken, but of one that went
// on until there was calm enough.
func (c *Conditions) stood(a *Attempt, f *Failure) (still time.Duration, explained bool) {
	span := f.Span
	if span == (Span{}) || f.Kind == State || f.Kind == SessionLost { // what ended a session may have been before the wait
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
	case f.Kind == State || f.Kind == SessionLost: // one pong too late is enough, and nobody knows by how much
		return still, true
	}
	return still, still >= span.Length()/2
}

// Union is how much of a span is covered by others.
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

// overloaded reports the status by which a probe was refused as the failure's request was.
func (c *Conditions) overloaded(a *Attempt, f *Failure) int {
	if f.Kind != Intermediary {
		return 0
	}
	for _, o := range c.Overloads {
		if o.Overlap(f.Span) > 0 && touches(o.Over, a.media(f)) && (f.Received.Status == 0 || f.Received.Status == o.Status) {
			return o.Status
		}
	}
	return 0
}

// away is the absence of the target that overlaps an attempt.
func (c *Conditions) away(a *Attempt) *Away {
	for i := range c.Away {
		if c.Away[i].Overlap(a.Span) > 0 {
			return &c.Away[i]
		}
	}
	return nil
}

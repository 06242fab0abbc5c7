package wording

import (
	"regexp"
	"slices"
	"strings"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// names matches the names of events and namespaces in the words of a packet: a run draws many of them at random.
var names = regexp.MustCompile(`"(?:[^"\\]|\\.)*"| in \S+`)

// shape returns what a message is, without what differs from run to run. What the suite sends is the same in each run, so its
// first word is enough. It is empty for heartbeats, which have no fixed order, and for events that are no traffic.
func shape(e *wire.Event) string {
	words := Decode(*e)
	switch {
	case e.Closed != nil && e.Closed.By == wire.ByServer:
		return "closed by the server"
	case e.Content() == nil, heartbeat(words):
		return ""
	case e.Record != nil:
		words = string(e.Record.Kind) + " " + e.Record.Name
	case e.Direction() == wire.Sent && e.Frame != nil && e.Frame.Opcode.Control():
		return ""
	case e.Direction() == wire.Sent:
		words, _, _ = strings.Cut(words, " ")
	case e.HTTP != nil:
		words = strings.TrimSuffix(words, "\naccepted") // what the body of such an answer says is a rule of its own
	}
	return string(e.Direction()) + " " + names.ReplaceAllString(words, "")
}

// heartbeat reports whether words describe a ping or a pong, over WebSocket or in a request.
func heartbeat(words string) bool {
	first, rest, _ := strings.Cut(words, "\n")
	return words == "ping" || words == "pong" || rest == "pong" && strings.HasPrefix(first, "POST ")
}

// message is an event with a shape. An answer over HTTP that came in pieces is one message.
type message struct {
	event wire.Event
	shape string
	until int // the sequence number of its last piece
	step  int // how many steps of the case began before
	place place
}

// place is where a received message stands among those of its connection. It is the same in each run of a case.
type place struct {
	opened int // how many messages the suite had sent before it opened the connection
	sent   int // how many it has sent on the connection
	came   int // how many came since the last of them
}

// isAmong reports whether the message, or a piece of it, has one of those sequence numbers.
func (m *message) isAmong(seqs []int) bool {
	return slices.ContainsFunc(seqs, func(seq int) bool { return m.event.Seq <= seq && seq <= m.until })
}

// at returns the sequence number of a message, 0 for none.
func (m *message) at() int {
	if m == nil {
		return 0
	}
	return m.event.Seq
}

// messages returns the messages of a trace in their order.
func messages(trace wire.Trace) (all []*message) {
	answer := map[string]*message{} // the answer that is still coming, by connection
	left := map[string]bool{}       // the connections that the suite itself has closed
	places := map[string]*place{}   // of the next message, by connection
	steps, sent := 0, 0
	for _, e := range trace {
		if e.Step != nil {
			steps++
		}
		if left[e.Connection] {
			continue
		}
		left[e.Connection] = e.Direction() == wire.Sent && e.Frame != nil && e.Frame.Opcode == wire.Close
		if e.HTTP != nil && e.HTTP.Direction == wire.Received {
			if m := answer[e.Connection]; m != nil {
				whole := *m.event.HTTP
				whole.Text += e.HTTP.Text
				m.event.HTTP, m.until = &whole, e.Seq
				m.shape = shape(&m.event)
				continue
			}
		}
		m := &message{event: e, shape: shape(&e), until: e.Seq, step: steps}
		if e.HTTP != nil {
			delete(answer, e.Connection)
			if e.HTTP.Direction == wire.Received {
				answer[e.Connection] = m
			}
		}
		if e.Connection == "" || m.shape == "" {
			continue
		}
		if places[e.Connection] == nil {
			places[e.Connection] = &place{opened: sent}
		}
		next := places[e.Connection]
		m.place = *next
		if e.Direction() == wire.Sent {
			sent++
			next.sent, next.came = next.sent+1, 0
		} else {
			next.came++
		}
		all = append(all, m)
	}
	return all
}

// FirstDifference finds where a trace differs from the example: what the failure is about, and what the example has in its place;
// or else what came in only one of the traces since the step that failed, or after the last message of the suite or the one
// before it. It returns sequence numbers, 0 for none.
func FirstDifference(trace, example wire.Trace, f result.Failure) (ours, theirs int) {
	mine, other := messages(trace), messages(example)
	if ours, theirs := differenceOf(f.About, mine, other); ours != 0 {
		return ours, theirs
	}
	if f.StepSeq > 0 {
		from, until := stepsSince(f.StepSeq, trace)
		a, b := during(from, until, mine), during(from, until, other)
		if one, another := lacking(a, b), lacking(b, a); one != nil || another != nil {
			return one.at(), another.at()
		}
	}
	return differenceAtTheEnd(mine, other)
}

// differenceOf returns the first of the received messages with those sequence numbers that the example has otherwise, or else the
// last of them, and what the example has in its place.
func differenceOf(about []int, mine, other []*message) (ours, theirs int) {
	for _, m := range mine {
		if !m.isAmong(about) || m.event.Direction() != wire.Received {
			continue
		}
		counterpart := inPlaceOf(m, other)
		ours, theirs = m.at(), counterpart.at()
		if counterpart == nil || counterpart.shape != m.shape {
			break
		}
	}
	return ours, theirs
}

// stepsSince returns the number of the step with that sequence number, counted from 1, and that of the last step.
func stepsSince(seq int, trace wire.Trace) (from, until int) {
	for _, e := range trace {
		if e.Step != nil {
			until++
			if e.Seq <= seq {
				from++
			}
		}
	}
	return from, until
}

// differenceAtTheEnd returns what came in only one of the traces after the last message that the suite sent in both, or after the
// one before it.
func differenceAtTheEnd(mine, other []*message) (ours, theirs int) {
	a, b := replies(mine), replies(other)
	same := 1
	for same < min(len(a), len(b)) && a[same].sent.shape == b[same].sent.shape {
		same++
	}
	for i := same - 1; i >= max(0, same-2); i-- {
		one, another := lacking(a[i].came, b[i].came), lacking(b[i].came, a[i].came)
		if one != nil || another != nil {
			return one.at(), another.at()
		}
	}
	return 0, 0
}

// during returns the messages that came during some steps of the case, without records.
func during(from, until int, all []*message) (came []*message) {
	for _, m := range all {
		ping := m.event.HTTP != nil && strings.HasSuffix(m.shape, "\nping")
		if from <= m.step && m.step <= until && m.event.Direction() != wire.Sent && m.event.Record == nil && !ping {
			came = append(came, m)
		}
	}
	return came
}

// reply is what came after a message of the suite and before the next one. The first reply of a trace comes before all messages.
// Records are not part of it: many cases share their connection.
type reply struct {
	sent *message
	came []*message
}

func replies(all []*message) []reply {
	list := []reply{{}}
	for _, m := range all {
		switch {
		case m.event.Record != nil:
			continue
		case m.event.Direction() == wire.Sent:
			list = append(list, reply{sent: m})
			continue
		}
		last := &list[len(list)-1]
		last.came = append(last.came, m)
	}
	return list
}

// lacking returns the first of some messages that has no equal among others, or nil.
func lacking(all, others []*message) *message {
	left := slices.Clone(others)
	for _, m := range all {
		i := slices.IndexFunc(left, func(o *message) bool { return o.shape == m.shape })
		if i < 0 {
			return m
		}
		left = slices.Delete(left, i, i+1)
	}
	return nil
}

// inPlaceOf returns the message of the example that stands where one stands in the trace. It returns nil if there is none, and
// for records, whose connection many cases share.
func inPlaceOf(m *message, example []*message) *message {
	for _, o := range example {
		same := o.place == m.place && o.event.Direction() != wire.Sent && (o.event.HTTP == nil) == (m.event.HTTP == nil)
		if same && m.event.Record == nil {
			return o
		}
	}
	return nil
}

// ReferenceAnswer returns what the reference server answers in the place where a case failed, in a few lines. It is empty if the
// example has no answer there, or the same one.
func ReferenceAnswer(c result.CaseResult) string {
	if len(c.Example) == 0 {
		return ""
	}
	ours, theirs := FirstDifference(c.Trace, c.Example, Decisive(c))
	if theirs == 0 {
		return ""
	}
	came, answer := shortAt(c.Trace, ours), shortAt(c.Example, theirs)
	if answer == came { // it shows nothing new
		return ""
	}
	return answer
}

// shortAt returns what came at a place in a trace, in a few lines.
func shortAt(trace wire.Trace, seq int) string {
	for _, m := range messages(trace) {
		if m.event.Seq == seq && m.event.Direction() != wire.Sent {
			return ShortEvent(m.event)
		}
	}
	return ""
}

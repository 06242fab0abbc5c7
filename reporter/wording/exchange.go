package wording

import (
	"math"
	"slices"
	"strings"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// mostAnswers is how many of the messages that came back are shown.
const mostAnswers = 4

// Exchange returns what a failure is about, or else what the case sent in the step that failed, or last. It also returns what
// came back.
func Exchange(trace wire.Trace, f result.Failure) (sent, back string) {
	all := messages(trace)
	last := -1
	var answers []string
	for i, m := range all {
		switch {
		case !m.isAmong(f.About):
		case m.event.Direction() == wire.Received:
			if len(answers) == 0 {
				last = sentBefore(all[:i], m.event.Connection)
			}
			answers = append(answers, ShortEvent(m.event))
		case len(answers) == 0:
			last = i
		}
	}
	if last < 0 && len(answers) == 0 {
		last = sentIn(all, trace, f.StepSeq)
	}
	if last < 0 && len(answers) == 0 {
		last = sentBefore(all, "")
	}
	if last < 0 {
		return "", strings.Join(answers[:min(mostAnswers, len(answers))], "\n")
	}
	connection := all[last].event.Connection
	if len(answers) == 0 {
		for _, m := range all[last+1:] {
			if m.event.Connection == connection && (m.event.Direction() == wire.Received || m.event.Closed != nil) {
				answers = append(answers, ShortEvent(m.event))
			}
		}
	}
	if len(answers) == 0 {
		answers = append(answers, "nothing on that connection"+besidesPings(trace, all[last].until, connection))
	}
	return ShortEvent(all[last].event), strings.Join(answers[:min(mostAnswers, len(answers))], "\n")
}

// sentBefore returns the index of the last message of the suite on a connection, or on any connection if its name is empty. It
// is -1 if there is none.
func sentBefore(all []*message, connection string) int {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].event.Direction() == wire.Sent && (connection == "" || all[i].event.Connection == connection) {
			return i
		}
	}
	return -1
}

// sentIn returns the index of the first message of the suite in the step of that sequence number, -1 if it has none.
func sentIn(all []*message, trace wire.Trace, step int) int {
	next := math.MaxInt
	for _, e := range trace {
		if e.Step != nil && e.Seq > step {
			next = e.Seq
			break
		}
	}
	return slices.IndexFunc(all, func(m *message) bool {
		return step > 0 && m.event.Direction() == wire.Sent && step < m.event.Seq && m.event.Seq < next
	})
}

// besidesPings says that pings came on a connection after an event of the trace. It is empty if none came.
func besidesPings(trace wire.Trace, behind int, connection string) string {
	for _, e := range trace {
		if e.Seq > behind && e.Connection == connection && e.Direction() == wire.Received && heartbeat(Decode(e)) {
			return " but pings"
		}
	}
	return ""
}

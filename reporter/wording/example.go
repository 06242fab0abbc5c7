package wording

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// names are those of events and namespaces in the words of a packet: a run draws many of them.
var names = regexp.MustCompile(`"(?:[^"\\]|\\.)*"| in \S+`)

// shape is what an event is, without what differs from run to run. What the suite sends is the same in each run, so that its
// first word is enough. It is empty for what has no order of its own, heartbeats, and for what is no traffic.
func shape(e *wire.Event) string {
	words := Decode(*e)
	switch {
	case e.Closed != nil && e.Closed.By == wire.ByServer:
		return "closed by the server"
	case e.Content() == nil, words == "ping", words == "pong":
		return ""
	case e.Record != nil:
		words = string(e.Record.Kind) + " " + e.Record.Name
	case e.Direction() == wire.Sent:
		words, _, _ = strings.Cut(words, " ")
	}
	return string(e.Direction()) + " " + names.ReplaceAllString(words, "")
}

// FirstDifference finds the first event of a trace that is not as in the example: on the same connection, in the same place,
// something else was sent or came. Where all are of the same shape it is what the failure is about, with what stands in its
// place. They are sequence numbers; 0 where there is none.
func FirstDifference(trace, example wire.Trace, about []int) (ours, theirs int) {
	_, expected := traffic(example)
	connections, carried := traffic(trace)
	namedOurs, namedTheirs := 0, 0
	earliest := math.MaxInt
	for _, connection := range connections {
		a, b := carried[connection], expected[connection]
		same := 0
		for same < min(len(a), len(b)) && a[same].shape == b[same].shape {
			if a[same].received && slices.Contains(about, a[same].seq) {
				namedOurs, namedTheirs = a[same].seq, b[same].seq
			}
			same++
		}
		at := math.MaxInt // something is missing at the end
		switch {
		case same < len(a):
			at = a[same].seq
		case same == len(b):
			continue
		}
		if at <= earliest {
			earliest, ours, theirs = at, seqAt(a, same), seqAt(b, same)
		}
	}
	if ours == 0 && theirs == 0 {
		return namedOurs, namedTheirs
	}
	return ours, theirs
}

// shaped is an event that has a shape.
type shaped struct {
	seq      int
	shape    string
	received bool
}

// seqAt is the number of an event in a list; 0 past its end.
func seqAt(all []shaped, i int) int {
	if i < len(all) {
		return all[i].seq
	}
	return 0
}

// traffic is what the connections of a trace carried that has a shape, and their names in their order.
func traffic(trace wire.Trace) (connections []string, carried map[string][]shaped) {
	carried = map[string][]shaped{}
	for i := range trace {
		e := &trace[i]
		if e.Connection == "" {
			continue
		}
		if _, known := carried[e.Connection]; !known {
			connections = append(connections, e.Connection)
			carried[e.Connection] = nil
		}
		if s := shape(e); s != "" {
			carried[e.Connection] = append(carried[e.Connection], shaped{e.Seq, s, e.Direction() == wire.Received})
		}
	}
	return connections, carried
}

// ReferenceAnswer is how the reference server answers where a case and its example differ first, in a few lines. It is empty where
// the example has no answer there.
func ReferenceAnswer(c result.CaseResult) string {
	if len(c.Example) == 0 {
		return ""
	}
	_, seq := FirstDifference(c.Trace, c.Example, Decisive(c).About)
	if e := c.Example.Find(seq); e != nil && e.Direction() == wire.Received {
		return ShortEvent(*e)
	}
	return ""
}

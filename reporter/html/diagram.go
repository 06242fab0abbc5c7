package html

import (
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/reporter/wording"
	"example.test/conformance/suite/wire"
)

// Measures of the diagram, in units of its view box, and the limits of what is shown.
const (
	laneWidth    = 210
	timesWidth   = 70
	diagramHead  = 30
	messageStep  = 24   // between two messages
	mostTimeStep = 36   // in addition, for the time that passed
	timeScale    = 0.08 // of the time that passed, for each millisecond
	slope        = 8    // of an arrow: a message arrives later than it is sent
	labelLength  = 30
	mostMessages = 60
	mostDiagrams = 10 // on a page, in the order of the cases that did not pass
)

// diagramView is a space-time diagram: a line for the suite and for each instance, with time running down, and an arrow for each
// message between them. Messages between instances are not seen on the wire.
type diagramView struct {
	Width, Height int
	Lanes         []diagramLane
	Arrows        []diagramArrow
	Left          string // how many messages it leaves out; empty if it shows all
}

type diagramLane struct {
	Name string
	X    int
}

type diagramArrow struct {
	X1, Y1, X2, Y2 int
	TextX, TextY   int
	At, Text       string
	Received       bool
}

// newDiagram draws the messages of a trace with two or more targets. It returns nil for others.
func newDiagram(trace wire.Trace) *diagramView {
	var messages wire.Trace
	var targets []int
	for _, e := range trace {
		if e.Content() == nil {
			continue
		}
		messages = append(messages, e)
		if !slices.Contains(targets, e.Target) {
			targets = append(targets, e.Target)
		}
	}
	if len(targets) < 2 {
		return nil
	}
	slices.Sort(targets)
	d := &diagramView{Width: timesWidth + len(targets)*laneWidth + laneWidth/2}
	of := map[int]int{}
	place := func(name string) int {
		lane := diagramLane{name, timesWidth + len(d.Lanes)*laneWidth + laneWidth/4}
		d.Lanes = append(d.Lanes, lane)
		return lane.X
	}
	suite := 0
	for i, target := range targets { // the suite stands between the first instances and the others
		if i == len(targets)/2 {
			suite = place("suite")
		}
		of[target] = place("instance " + wording.Instance(target))
	}
	if n := len(messages) - mostMessages; n > 0 {
		messages = messages[:mostMessages]
		d.Left = fmt.Sprintf("%s not drawn.", wording.Count(n, "further message"))
	}
	y, before := diagramHead, messages[0].At
	for _, e := range messages {
		y += messageStep + min(mostTimeStep, int((e.At-before)*timeScale))
		before = e.At
		d.Arrows = append(d.Arrows, arrow(e, suite, of[e.Target], y))
	}
	d.Height = y + messageStep
	return d
}

// arrow is an arrow from the suite to an instance, or back.
func arrow(e wire.Event, suite, instance, y int) diagramArrow {
	a := diagramArrow{X1: suite, X2: instance, Y1: y, Y2: y + slope, Received: e.Direction() == wire.Received}
	if a.Received {
		a.X1, a.X2 = a.X2, a.X1
	}
	a.TextX, a.TextY = (a.X1+a.X2)/2, y-2
	a.At = fmt.Sprintf("%.1f", e.At)
	text := wording.FirstLine(wording.RawContent(e, eventText))
	switch {
	case e.Record != nil && e.Record.Kind == wire.Entry:
		text = wording.EventLabel(e) + " " + e.Record.Name
	case e.Record != nil:
		text = wording.EventLabel(e) + " " + text
	}
	a.Text = wording.VisibleLine(wording.Truncate(strings.TrimSpace(text), labelLength))
	return a
}

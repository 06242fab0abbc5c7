package wording

import (
	"fmt"
	"slices"
	"strings"

	"example.test/conformance/suite/result"
)

// Bounds of what the reports say of targets that went away.
const (
	mostGone     = 6
	mostSuspects = 5
	mostPacket   = 160
)

// GoneTarget is what all reports say about one time in which a target was gone. Each text is one harmless line.
type GoneTarget struct {
	Title    string
	Says     []string
	Suspects []Suspect
	More     string // how many suspects are not shown
	Advice   []string

	suspects int // how many there are
}

// Suspect is a case that was under way, and what it had sent last.
type Suspect struct {
	ID   string
	Sent []string
}

// TargetGone reports whether a case could not be judged since a target was gone. Reports say that once, not with each case.
func TargetGone(c result.CaseResult) bool {
	return c.Outcome == result.Unverified && c.Because != nil && c.Because.Cause == result.CauseTargetGone
}

// DoctorCommand is the command that says what keeps clients from connecting, without the URL.
const DoctorCommand = "conformance doctor "

// Unreached reports whether a case could not be judged since a target was gone, or was never there.
func Unreached(r *result.Results, c result.CaseResult) bool {
	return TargetGone(c) || r.Verdict == result.Unreachable && c.Outcome == result.Unverified
}

// newUnreachable says that no server answered at a target, and what to do.
func newUnreachable(index int, t result.TargetResult) GoneTarget {
	url := VisibleLine(Clip(t.URL, 300))
	return GoneTarget{
		Title: fmt.Sprintf("Target %d could not be reached", index+1),
		Says:  []string{"No case could be judged. This says what answers there, and what keeps clients from connecting:"},
		Advice: []string{
			DoctorCommand + url,
			"Start the server, or give the path at which it serves: a path in the URL other than / is taken for that of Engine.IO.",
		},
	}
}

// GoneTargets says, for each time in which a target was gone, how that was seen, what was under way and what to do.
func GoneTargets(r *result.Results) (all []GoneTarget) {
	departures := slices.Clone(r.Gone)
	slices.SortStableFunc(departures, func(a, b result.Departure) int { // a departure that names the case says most
		switch {
		case a.Alone == b.Alone:
			return 0
		case a.Alone:
			return -1
		}
		return 1
	})
	for i, d := range departures {
		if i == mostGone {
			last := &all[len(all)-1]
			last.Advice = append(last.Advice, fmt.Sprintf("Targets were gone %s more: see results.json.", Count(len(r.Gone)-mostGone, "time")))
			break
		}
		all = append(all, newGone(r, d))
	}
	for i, t := range r.Targets {
		if r.Verdict == result.Unreachable && t.Error != "" && len(all) < mostGone {
			all = append(all, newUnreachable(i, t))
		}
	}
	return all
}

func newGone(r *result.Results, d result.Departure) GoneTarget {
	v := GoneTarget{Title: fmt.Sprintf("The target went away: %s", VisibleLine(Clip(d.How, 300)))}
	v.Says = append(v.Says, fmt.Sprintf("It was last seen at %s.", d.From.UTC().Format("15:04:05.000 UTC")), returned(d))
	if d.Alone && len(d.Suspects) > 0 {
		v.Says = append(v.Says, fmt.Sprintf("Only %s was under way, a suspect from the time before: it ended the target and has failed.", VisibleLine(Clip(d.Suspects[0].Case, 200))))
	}
	unjudged := 0
	for _, c := range r.Cases {
		if TargetGone(c) && c.Because.Target == d.Target {
			unjudged++
		}
	}
	if unjudged > 0 && !d.Alone {
		v.Says = append(v.Says, fmt.Sprintf("%s not be judged because of it.", Capital(Count(unjudged, "case")+" could")))
	}
	if n := len(d.Suspects); n > 0 && !d.Alone {
		v.Says = append(v.Says, fmt.Sprintf("%s under way, the most likely one first, with what it had sent last:", Capital(wereUnderWay(n))))
	}
	for i, s := range d.Suspects {
		if i == mostSuspects {
			v.More = moreSuspects(len(d.Suspects) - mostSuspects)
			break
		}
		one := Suspect{ID: VisibleLine(Clip(s.Case, 200))}
		for _, e := range s.Last {
			one.Sent = append(one.Sent, VisibleLine(OneLine(ShortEvent(e), mostPacket)))
		}
		v.Suspects = append(v.Suspects, one)
	}
	v.Advice, v.suspects = advice(r, d), len(d.Suspects)
	if d.Alone {
		v.suspects = 0
	}
	return v
}

func wereUnderWay(n int) string {
	if n == 1 {
		return "1 case was"
	}
	return fmt.Sprintf("%d cases were", n)
}

// returned says whether and how a target came back.
func returned(d result.Departure) string {
	after := Milliseconds(float64(d.Until.Sub(d.From).Microseconds()) / 1000)
	switch {
	case d.Error != "":
		return "It could not be started again: " + VisibleLine(Clip(d.Error, 500)) + "."
	case d.Until.IsZero():
		return "It did not come back, and the run ended."
	case d.Started:
		return fmt.Sprintf("It was started again, and was back after %s.", after)
	}
	return fmt.Sprintf("It came back by itself after %s.", after)
}

// advice says what to do.
func advice(r *result.Results, d result.Departure) []string {
	var all []string
	if d.Target < len(r.Targets) && d.Until.IsZero() {
		all = append(all, "See whether it answers now: conformance doctor "+VisibleLine(Clip(r.Targets[d.Target].URL, 300)))
	}
	all = append(all, "See what the server logged at that time.")
	if len(d.Suspects) == 0 || d.Alone {
		return all
	}
	if i := slices.IndexFunc(r.Cases, func(c result.CaseResult) bool { return c.ID == d.Suspects[0].Case }); i >= 0 && r.Cases[i].Rerun != "" {
		all = append(all, "Run the first suspect alone: "+VisibleLine(Clip(r.Cases[i].Rerun, 1000)))
	}
	if !d.Started && d.Error == "" {
		all = append(all, "With --start-cmd COMMAND the run starts the target again, and tries each suspect alone.")
	}
	return all
}

func moreSuspects(n int) string { return fmt.Sprintf("and %d more, which results.json names", n) }

// Brief returns it with the most likely suspect alone.
func (v GoneTarget) Brief() GoneTarget {
	if n := v.suspects; n > 1 {
		v.Suspects, v.More = v.Suspects[:1], moreSuspects(n-1)
	}
	return v
}

// Lines returns all of it as lines of text.
func (v GoneTarget) Lines() []string {
	all := slices.Concat([]string{v.Title + "."}, v.Says)
	for _, s := range v.Suspects {
		all = append(all, "  "+s.ID)
		for _, packet := range s.Sent {
			all = append(all, "      "+packet)
		}
	}
	if v.More != "" {
		all = append(all, "  "+v.More)
	}
	return append(all, v.Advice...)
}

// GoneText returns several of them as text, one paragraph each.
func GoneText(views []GoneTarget) string {
	var all []string
	for _, v := range views {
		all = append(all, strings.Join(v.Lines(), "\n"))
	}
	return strings.Join(all, "\n\n")
}

package result

import (
	"fmt"
	"time"
)

// Reason is what a decision says beside its evidence, in a sentence; empty where there is nothing to say.
func (d *Decision) Reason() string {
	passed := d.Outcome == Passed
	switch d.Cause {
	case CauseTargetGone:
		if d.Outcome == Failed {
			return "The target went away when this case alone was under way, for the second time."
		}
		if d.Bad > 0 {
			return fmt.Sprintf("it was bad in %s, and could not be repeated: %s", attempts(d.Bad, d.Of), d.Text)
		}
		return "the target was gone: " + d.Text
	case CauseCut, CauseCase:
		return d.Text
	case CauseObservationLost:
		if passed {
			return "Not in the first attempt: the control connection was lost."
		}
		return "the control connection was lost in each attempt"
	case CauseStandstill:
		if d.Decisive != nil && d.Decisive.Kind == SessionLost {
			if passed {
				return "Not in the first attempt: the heartbeat may have ended a session."
			}
			return "the heartbeat may have ended a session in each attempt: the machine of the suite or the target is slow"
		}
		stood := d.Stood.Round(time.Millisecond)
		if passed {
			return fmt.Sprintf("Not in the first attempt: something stood still for %v meanwhile.", stood)
		}
		return fmt.Sprintf("something stood still for %v meanwhile, in each attempt: the machine of the suite or the target", stood)
	case CauseOverload:
		if passed {
			return fmt.Sprintf("Not in the first attempt: the target was overloaded, and answered %d.", d.Status)
		}
		return fmt.Sprintf("the target was overloaded in each attempt, and answered %d%s", d.Status, paceMore(d.Status))
	case CauseRule:
		switch {
		case d.Booked:
			return fmt.Sprintf("it takes the rule %s for granted (%s), and saw it broken", d.Rule, d.Case)
		default:
			return fmt.Sprintf("it takes the rule %s for granted, and %s did not see it kept", d.Rule, d.Case)
		}
	case CauseControl:
		if d.Outcome == Errored {
			return "The embedded reference fails this case, too: it is an error of the suite."
		}
		return "the embedded reference failed at the same time: it is this machine"
	case CauseOnce:
		return fmt.Sprintf("it was bad in %s, and could not be repeated: %s", attempts(d.Bad, d.Of), d.Text)
	}
	switch {
	case d.Outcome == Unstable:
		return fmt.Sprintf("Bad in %s.", attempts(d.Bad, d.Of))
	case d.Of > 1 && d.Outcome.Red():
		return fmt.Sprintf("Seen in %s.", attempts(d.Bad, d.Of))
	}
	return ""
}

func attempts(bad, of int) string {
	if of <= 1 {
		return "the only attempt"
	}
	return fmt.Sprintf("%d of %d attempts", bad, of)
}

// paceMore says how to ask a target that limits requests for less at once.
func paceMore(status int) string {
	if status == 429 || status == 503 {
		return ": --max-rate lets the run open fewer connections per second"
	}
	return ""
}

package result

import (
	"fmt"
	"time"
)

// Reason returns in one sentence what a decision says besides its evidence; empty if there is nothing to say.
func (d *Decision) Reason() string {
	passed := d.Outcome == Passed
	switch d.Cause {
	case CauseTargetGone:
		if d.Outcome == Failed {
			return "The target went away for the second time while only this case was running."
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
			return "the heartbeat may have ended a session in each attempt: the suite's machine or the target is slow"
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
			return "The embedded reference fails this case, too: this is an error of the suite."
		}
		return "the embedded reference failed at the same time: this machine is the cause"
	case CauseOnce:
		return fmt.Sprintf("it was bad in %s, and could not be repeated: %s", attempts(d.Bad, d.Of), d.Text)
	}
	switch {
	case d.Outcome == Unstable:
		return fmt.Sprintf("Bad in %s%s.", attempts(d.Bad, d.Of), void(d.Void))
	case d.Of > 1 && d.Outcome.Red():
		return fmt.Sprintf("Seen in %s%s.", attempts(d.Bad, d.Of), void(d.Void))
	}
	return ""
}

func attempts(bad, of int) string {
	if of <= 1 {
		return "the only attempt"
	}
	return fmt.Sprintf("%d of %d attempts", bad, of)
}

// void says how many attempts do not count.
func void(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %d more did not count", n)
}

// paceMore says how to slow down for a target that limits requests.
func paceMore(status int) string {
	if status == 429 || status == 503 {
		return ": use --max-rate to open fewer connections per second"
	}
	return ""
}

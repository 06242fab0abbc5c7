package result

import (
	"slices"
	"time"
)

// Cause explains an outcome that the evidence alone does not explain.
type Cause string

const (
	CauseTargetGone      Cause = "target gone"
	CauseCut             Cause = "cut"
	CauseObservationLost Cause = "observation lost"
	CauseStandstill      Cause = "standstill"
	CauseOverload        Cause = "overload"
	CauseRule            Cause = "rule"          // a rule that the case takes for granted was seen broken
	CauseControl         Cause = "control group" // the embedded reference failed at the same time
	CauseOnce            Cause = "once"          // bad once, and could not be repeated
	CauseCase            Cause = "case"          // the case itself says why it cannot be judged, or does not apply
)

// Decision is the decision about a case: another attempt, or the outcome.
type Decision struct {
	Again   bool    // make another attempt
	Control bool    // and one against the embedded reference at the same time
	Outcome Outcome // with Again: what is already certain, and is repeated only to count
	Cause   Cause
	Rule    string        // of [CauseRule]: the ID of the rule; the failure counts against it if Booked is true
	Case    string        // of [CauseRule]: the case that saw it broken
	Booked  bool          // the failure was seen by this case, in a step that takes Rule for granted
	Stood   time.Duration // of [CauseStandstill]
	Status  int           // of [CauseOverload]
	Text    string        // of [CauseCase], [CauseCut], [CauseTargetGone] and of an error: what is known about it
	Target  int           // of [CauseTargetGone]: the index of the target
	// Decisive is a copy of the failure that counts, or nil. Attempt is the number of its attempt, from 0.
	Decisive *Failure
	Attempt  int
	Bad, Of  int // how many attempts saw it, of those that count
	Void     int // how many attempts do not count, for instance because the machine stood still
}

const (
	moreAttempts  = 3  // after a bad one
	calmAttempts  = 3  // after one that a condition explains, or that lost its observation
	CountAttempts = 20 // to measure how often a deviation shows
)

// vote is the result of one attempt.
type vote int

const (
	good vote = iota
	bad
	wrong     // content: nothing revokes it
	unfounded // a step took a broken rule for granted
	gone      // the target was gone
	cutShort
	blind   // the observation was lost
	distant // a timer of the target may have fired first because the target is far away
	still   // something stood still
	overloaded
	missed // a moment passed before the case could use it
	silent // inapplicable or unverified, according to the case itself
	crashed
)

// explained reports whether the circumstances of an attempt explain why it saw nothing that counts.
func (v vote) explained() bool {
	return v == still || v == overloaded || v == blind || v == distant || v == missed
}

// ballot is an attempt's vote and what it rests on.
type ballot struct {
	vote     vote
	attempt  int
	decisive *Failure
	stood    time.Duration
	status   int
	text     string
	target   int
}

// weigh judges one attempt: of everything that it saw and that happened to it, the strongest evidence counts.
func weigh(n int, a *Attempt, c *Conditions) ballot {
	b := ballot{attempt: n}
	if a.Limited != 0 && a.Crash == "" && a.Cut == "" { // a refusal because of load may look like the expected answer
		b.vote, b.status = overloaded, a.Limited
		return b
	}
	evidence := make([]*Failure, len(a.Evidence))
	for i := range a.Evidence {
		evidence[i] = &a.Evidence[i]
	}
	slices.SortStableFunc(evidence, func(f, g *Failure) int { return slices.Index(Kinds, f.Kind) - slices.Index(Kinds, g.Kind) })
	for _, f := range evidence {
		_, broken := c.Broken[f.Given]
		switch unmet := broken && f.Given != ""; {
		case f.Kind == Content && !unmet:
			b.vote, b.decisive = wrong, f
			return b
		case unmet && b.vote != unfounded:
			b.vote, b.decisive = unfounded, f
		}
	}
	if b.vote == unfounded {
		return b
	}
	if len(evidence) > 0 {
		b.decisive = evidence[0]
	}
	if a.Crash != "" {
		b.vote, b.text = crashed, a.Crash
		return b
	}
	failed := b.decisive != nil
	if away := c.away(a); away != nil && (failed || a.Cut != "") {
		b.vote, b.text, b.target = gone, away.How, away.Target
		return b
	}
	if a.Cut != "" {
		b.vote, b.text = cutShort, a.Cut
		return b
	}
	if !failed {
		if a.Missed != "" {
			b.vote, b.text = missed, a.Missed
			return b
		}
		if a.Inapplicable != "" || a.Unverified != "" {
			b.vote, b.text = silent, a.Inapplicable+a.Unverified
		}
		return b
	}
	if a.Distant != "" {
		b.vote, b.text = distant, a.Distant
		return b
	}
	if b.decisive.Kind == ObservationLost {
		b.vote = blind
		return b
	}
	if b.decisive.Kind == SessionLost && b.decisive.Late > 0 {
		b.vote, b.stood = still, b.decisive.Late
		return b
	}
	for _, f := range evidence {
		if d, explained := c.stood(a, f); explained {
			b.vote, b.decisive, b.stood = still, f, d
			return b
		}
	}
	for _, f := range evidence {
		if status := c.overloaded(a, f); status != 0 {
			b.vote, b.decisive, b.status = overloaded, f, status
			return b
		}
	}
	b.vote = bad
	return b
}

// Judge judges a case. The decision depends only on its attempts, in order, and the conditions under which they were made.
func Judge(level Level, attempts []Attempt, c Conditions) Decision {
	var ballots []ballot
	for i := range attempts {
		ballots = append(ballots, weigh(i, &attempts[i], &c))
	}
	d := decide(level, ballots, attempts, &c)
	if d.Outcome.Red() && d.Cause != CauseTargetGone && !attempts[d.Attempt].Swept && (d.Outcome != Noted || d.Decisive.Given != "") {
		return confirm(level, d, &c)
	}
	return d
}

func decide(level Level, ballots []ballot, attempts []Attempt, c *Conditions) Decision {
	of := func(votes ...vote) (all []ballot) {
		for _, b := range ballots {
			if slices.Contains(votes, b.vote) {
				all = append(all, b)
			}
		}
		return all
	}
	if all := of(unfounded); len(all) > 0 {
		d := all[0].decision(Unverified, CauseRule)
		d.Rule, d.Case = d.Decisive.Given, c.Broken[d.Decisive.Given]
		return d
	}
	if all := of(wrong); len(all) > 0 {
		d := all[0].decision(level.Broken(), "")
		d.Bad, d.Of = len(all), len(of(wrong, bad, good))
		d.Again = c.Stopped == "" && !c.Excused && level != Observed && len(attempts) < c.Count
		d.Again = d.Again && !attempts[d.Attempt].Swept // the end of a run cannot be repeated
		for _, b := range all {
			if attempts[b.attempt].Ended { // a server that a client can end is broken, whatever was asked; seeing it once more is enough
				return b.decision(Failed, CauseTargetGone)
			}
		}
		return d
	}
	if all := of(crashed); len(all) > 0 {
		return all[0].decision(Errored, "")
	}
	if all := of(gone); len(all) > 0 && all[len(all)-1].attempt == len(ballots)-1 { // nothing was seen after that
		if c.Returned && c.Stopped == "" && len(all) <= calmAttempts {
			return Decision{Again: true}
		}
		return all[len(all)-1].decision(Unverified, CauseTargetGone)
	}
	if all := of(bad); len(all) > 0 {
		return repeat(level, ballots, all, c)
	}
	return calm(ballots, attempts, c)
}

// disturbed reports whether one of the attempts saw nothing, but might in a calm moment.
func disturbed(ballots []ballot) bool {
	return slices.ContainsFunc(ballots, func(b ballot) bool { return b.vote == still || b.vote == missed })
}

// repeat decides about a case that was bad in a way that the machine or the network may explain: only repetition can tell.
func repeat(level Level, ballots, all []ballot, c *Conditions) Decision {
	first := all[0]
	if level == Observed && first.decisive.Given == "" || c.Excused {
		d := first.decision(level.Broken(), "")
		d.Bad, d.Of = 1, 1
		return d
	}
	var badMore, goodMore, unheard, mute int
	for _, b := range ballots[first.attempt+1:] {
		switch {
		case b.vote == bad:
			badMore++
		case b.vote == good:
			goodMore++
		case b.vote.explained():
			unheard++
		case b.vote == silent, b.vote == cutShort:
			mute++
		}
	}
	red := first.decision(level.Broken(), "")
	if own := slices.IndexFunc(all, func(b ballot) bool { return b.decisive.Given == "" }); own > 0 { // it says more about the case's own rule
		red = all[own].decision(level.Broken(), "")
	}
	red.Bad, red.Of = 1+badMore, 1+badMore+goodMore
	red.Void = len(ballots) - red.Of
	unstable := red
	unstable.Outcome = Unstable
	more := unheard+mute < moreAttempts || c.Patient && disturbed(ballots[first.attempt+1:])
	switch {
	case badMore >= 2:
		return red
	case badMore+goodMore >= moreAttempts, goodMore > 0 && !more:
		return unstable
	case c.Stopped != "":
		d := first.decision(Unverified, CauseOnce)
		d.Text, d.Bad, d.Of = c.Stopped, red.Bad, red.Of
		if c.Lost != nil {
			d.Cause, d.Target = CauseTargetGone, c.Lost.Target
		}
		return d
	case more:
		return Decision{Again: true, Control: c.Controlled, Decisive: red.Decisive, Attempt: red.Attempt, Bad: red.Bad, Of: red.Of}
	case badMore > 0 || mute > 0: // attempts that say nothing do not outvote what was seen
		return red
	}
	d := first.decision(Unverified, CauseOnce)
	for _, b := range ballots {
		if b.vote.explained() {
			d = b.decision(Unverified, b.cause())
		}
	}
	d.Bad, d.Of = red.Bad, red.Of
	return d
}

// calm decides about a case if none of its attempts says anything against the target.
func calm(ballots []ballot, attempts []Attempt, c *Conditions) Decision {
	var well, explained, mute []ballot
	var cut *ballot
	for i, b := range ballots {
		switch {
		case b.vote == good:
			well = append(well, b)
		case b.vote.explained():
			explained = append(explained, b)
		case b.vote == silent:
			mute = append(mute, b)
		case b.vote == cutShort:
			cut = &ballots[i]
		}
	}
	switch {
	case len(well) > 0 && len(explained) > 0 && explained[0].cause() == CauseCase:
		return Decision{Outcome: Passed}
	case len(well) > 0 && len(explained) > 0: // with a note
		return explained[0].decision(Passed, explained[0].cause())
	case len(well) > 0:
		return Decision{Outcome: Passed}
	case cut != nil:
		return cut.decision(Unverified, CauseCut)
	case len(explained) == 0 && len(mute) > 0:
		d := mute[0].decision(Unverified, CauseCase)
		if attempts[mute[0].attempt].Unverified == "" {
			d.Outcome = Inapplicable
		}
		return d
	case (len(explained)+len(mute) <= calmAttempts || c.Patient && disturbed(ballots)) && c.Stopped == "":
		return Decision{Again: true}
	case len(explained) > 0: // a standstill or an overload never makes a case inapplicable
		last := explained[len(explained)-1]
		return last.decision(Unverified, last.cause())
	}
	return Decision{Outcome: Unverified, Cause: CauseCut, Text: c.Stopped} // nothing was tried
}

// confirm compares a red outcome with the control group: if the embedded reference fails, too, the target is not at fault.
// An attempt there that saw nothing of what the case is about is repeated.
func confirm(level Level, d Decision, c *Conditions) Decision {
	content := d.Decisive.Kind == Content
	group := c.ofControl()
	var well, failed, unheard int
	wrongThere, text := false, ""
	for i := range c.Control {
		switch b := weigh(i, &c.Control[i], group); b.vote {
		case wrong, crashed:
			wrongThere, text = true, text+b.text
		case bad:
			failed++
		case still, blind, distant, missed:
			unheard++
		case cutShort:
			if c.Control[i].Failed() {
				unheard++
			}
		case good:
			well++
		}
	}
	more := len(c.Control) < moreAttempts && c.Controlled && c.Stopped == "" && !c.Excused
	switch {
	case wrongThere:
		d.Again, d.Outcome, d.Cause, d.Text = false, Errored, CauseControl, text
	case failed > 0 && !content: // wrong content of the target is true on any machine
		d.Again, d.Outcome, d.Cause = false, Unverified, CauseControl
	case well+failed == 0 && more:
		d.Again, d.Control = true, true
	case well == 0 && unheard > 0 && !content: // the machine cannot keep a connection to itself
		d.Again, d.Outcome, d.Cause = false, Unverified, CauseControl
	case d.Again:
		d.Control = false
	case d.Decisive.Given != "" && (level == Observed || !c.Unshown[d.Decisive.Given]):
		// An observed case may ask for something that no server has to do, so a later step shows nothing about a rule.
		d.Outcome, d.Cause, d.Rule, d.Booked = Unverified, CauseRule, d.Decisive.Given, level != Observed
	}
	return d
}

// ofControl returns the conditions of the attempts against the embedded reference: this machine's, but not the target's.
func (c *Conditions) ofControl() *Conditions {
	own := &Conditions{}
	for _, s := range c.Standstills {
		if s.Of != OfTarget {
			own.Standstills = append(own.Standstills, s)
		}
	}
	return own
}

func (b ballot) decision(o Outcome, cause Cause) Decision {
	d := Decision{Outcome: o, Cause: cause, Stood: b.stood, Status: b.status, Text: b.text, Target: b.target, Attempt: b.attempt}
	if b.decisive != nil {
		f := *b.decisive
		d.Decisive = &f
	}
	return d
}

func (b ballot) cause() Cause {
	switch b.vote {
	case blind:
		return CauseObservationLost
	case distant, missed:
		return CauseCase
	case overloaded:
		return CauseOverload
	}
	return CauseStandstill
}

// Broken returns the outcome of a case of that level whose rule was seen broken.
func (l Level) Broken() Outcome {
	switch l {
	case Recommended:
		return Warned
	case Observed:
		return Noted
	}
	return Failed
}

// Red reports whether the outcome means that a rule was seen broken.
func (o Outcome) Red() bool { return o == Failed || o == Warned || o == Noted }

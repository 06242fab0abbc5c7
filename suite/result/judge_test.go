package result

import (
	"testing"
	"time"

	"example.test/conformance/suite/wire"
)

var begin = time.Now()

// at returns a span in milliseconds.
func at(from, until int) Span {
	return Span{begin.Add(time.Duration(from) * time.Millisecond), begin.Add(time.Duration(until) * time.Millisecond)}
}

// saw returns an attempt that saw those failures.
func saw(all ...Failure) Attempt {
	for i := range all {
		if all[i].Span == (Span{}) {
			all[i].Span = at(0, 1000)
		}
	}
	return Attempt{Span: at(0, 1000), Evidence: all}
}

func of(kinds ...Kind) Attempt {
	var all []Failure
	for _, k := range kinds {
		all = append(all, Failure{Kind: k})
	}
	return saw(all...)
}

func stood(side Side, from, until int) Conditions {
	return Conditions{Standstills: []Standstill{{Span: at(from, until), Of: side}}}
}

// again stands for another attempt.
const again Outcome = "again"

type row struct {
	attempts []Attempt
	c        Conditions
	level    Level // required if empty
	want     Outcome
	cause    Cause
	bad, of  int
	control  bool // the control group is asked
}

func (r row) check(t *testing.T) {
	t.Helper()
	if r.level == "" {
		r.level = Required
	}
	d := Judge(r.level, r.attempts, r.c)
	got := d.Outcome
	if d.Again && got == "" {
		got = again
	}
	if got != r.want || d.Cause != r.cause || r.of > 0 && (d.Bad != r.bad || d.Of != r.of) || d.Control != r.control {
		t.Errorf("got %+v\nwant %s, cause %q, %d of %d, control %t", d, r.want, r.cause, r.bad, r.of, r.control)
	}
}

func rows(t *testing.T, all map[string]row) {
	for name, r := range all {
		t.Run(name, r.check)
	}
}

var (
	fine      = Attempt{Span: at(0, 1000)}
	absent    = of(Absence)
	content   = of(Content)
	lost      = of(SessionLost)
	late      = saw(Failure{Kind: SessionLost, Late: 30 * time.Millisecond})
	unseen    = of(ObservationLost)
	cut       = Attempt{Span: at(0, 1000), Cut: "time was up"}
	not       = Attempt{Span: at(0, 1000), Inapplicable: "no such feature"}
	unsure    = Attempt{Span: at(0, 1000), Unverified: "the instance could not be stopped"}
	tardy     = Attempt{Span: at(0, 1000), Missed: "the upgrade took longer than was left of pingInterval"}
	broke     = Attempt{Span: at(0, 1000), Crash: "panic"}
	overdue   = saw(Failure{Kind: Overdue, Outside: 200 * time.Millisecond})
	early     = saw(Failure{Kind: Early, Outside: 200 * time.Millisecond})
	slow      = saw(Failure{Kind: State, Slack: 400 * time.Millisecond})
	refused   = saw(Failure{Kind: Intermediary, Received: Value{Form: Response, Status: 503}})
	limited   = saw(Failure{Kind: Intermediary, Received: Value{Form: Response, Status: 429}})
	given     = saw(Failure{Kind: Absence, Given: "open/1"})
	givenOnly = saw(Failure{Kind: Content, Given: "open/1"})
	stopped   = Conditions{Stopped: "the run's time was up"}
)

func during(a Attempt, why string) Attempt {
	a.Cut = why
	return a
}

func TestJudgeDistance(t *testing.T) {
	away := of(SessionLost)
	away.Distant = "the target ends such a session before an answer is there"
	rows(t, map[string]row{
		"is asked again":              {attempts: []Attempt{away, fine}, want: Passed},
		"is unverified in the end":    {attempts: []Attempt{away, away, away, away}, want: Unverified, cause: CauseCase},
		"does not hide what is wrong": {attempts: []Attempt{away, content}, want: Failed},
		"is no vote against others":   {attempts: []Attempt{away, absent, absent, absent}, want: Failed},
	})
}

func TestJudgeMissedMoment(t *testing.T) {
	busy := Conditions{Patient: true}
	rows(t, map[string]row{
		"is asked again":             {attempts: []Attempt{tardy}, want: again},
		"and passes without a note":  {attempts: []Attempt{tardy, fine}, want: Passed},
		"is unverified in the end":   {attempts: []Attempt{tardy, tardy, tardy, tardy}, want: Unverified, cause: CauseCase},
		"later in a patient run":     {attempts: []Attempt{tardy, tardy, tardy, tardy}, c: busy, want: again},
		"never becomes inapplicable": {attempts: []Attempt{not, tardy, tardy, tardy}, want: Unverified, cause: CauseCase},
		"does not hide a failure":    {attempts: []Attempt{tardy, absent, tardy, absent, absent}, want: Failed},
	})
}

// A busy machine has calm moments: what it disturbed is tried again if the run can afford it.
func TestJudgeIsPatientWithABusyMachine(t *testing.T) {
	busy := Conditions{Patient: true}
	rows(t, map[string]row{
		"four disturbed attempts":          {attempts: []Attempt{late, late, late, late}, want: Unverified, cause: CauseStandstill},
		"are not enough for a patient run": {attempts: []Attempt{late, late, late, late}, c: busy, want: again},
		"until one is calm":                {attempts: []Attempt{late, late, late, late, fine}, c: busy, want: Passed, cause: CauseStandstill},
		"or sees what is wrong":            {attempts: []Attempt{late, late, late, late, content}, c: busy, want: Failed},
		"after a bad one":                  {attempts: []Attempt{absent, late, late, late}, c: busy, want: again},
		"which is seen again":              {attempts: []Attempt{absent, late, late, late, absent, absent}, c: busy, want: Failed},
		"lost observations are another":    {attempts: []Attempt{unseen, unseen, unseen, unseen}, c: busy, want: Unverified, cause: CauseObservationLost},
		"the run's end ends it":            {attempts: []Attempt{late, late, late, late}, c: Conditions{Patient: true, Stopped: "time was up"}, want: Unverified, cause: CauseStandstill},
	})
}

func TestJudgeContent(t *testing.T) {
	counting := Conditions{Count: 21}
	rows(t, map[string]row{
		"is final":                            {attempts: []Attempt{content}, want: Failed, bad: 1, of: 1},
		"of a recommended rule":               {attempts: []Attempt{content}, level: Recommended, want: Warned},
		"of an observed question":             {attempts: []Attempt{content}, level: Observed, c: counting, want: Noted},
		"is final in a repetition":            {attempts: []Attempt{absent, fine, content}, want: Failed, bad: 1, of: 3},
		"is not outvoted":                     {attempts: []Attempt{content, fine, fine, fine, fine}, want: Failed, bad: 1, of: 5},
		"is counted":                          {attempts: []Attempt{fine, content, fine, content, fine}, want: Failed, bad: 2, of: 5},
		"counts where it was cut":             {attempts: []Attempt{during(content, "time was up")}, c: stopped, want: Failed},
		"counts where the target went":        {attempts: []Attempt{content}, c: Conditions{Away: []Away{{Span: at(500, 900)}}}, want: Failed},
		"counts in a standstill":              {attempts: []Attempt{content}, c: stood(OfSuite, 0, 1000), want: Failed},
		"counts beside an absence":            {attempts: []Attempt{of(Absence, Content)}, want: Failed},
		"counts beside a lost observation":    {attempts: []Attempt{of(ObservationLost, Content)}, want: Failed},
		"counts beside a crash":               {attempts: []Attempt{{Evidence: content.Evidence, Crash: "panic"}}, want: Failed},
		"counts after a lost observation":     {attempts: []Attempt{unseen, content}, want: Failed},
		"is not forgiven by an inapplicable":  {attempts: []Attempt{content, not}, want: Failed},
		"is not forgiven by an unverified":    {attempts: []Attempt{content, unsure}, want: Failed},
		"is not forgiven by one cut short":    {attempts: []Attempt{content, cut}, c: stopped, want: Failed},
		"after any number of calm ones":       {attempts: []Attempt{fine, fine, fine, content}, want: Failed, bad: 1, of: 4},
		"one that is known is not counted":    {attempts: []Attempt{content}, c: Conditions{Excused: true, Count: 21}, want: Failed},
		"an attempt that failed in a message": {attempts: []Attempt{content, absent}, want: Failed, bad: 1, of: 2},
	})
	d := Judge(Required, []Attempt{content}, counting)
	if !d.Again || d.Outcome != Failed {
		t.Errorf("want a repetition to count what is certain, got %+v", d)
	}
	var all []Attempt
	for range 21 {
		all = append(all, fine)
	}
	all[0], all[5], all[20] = content, content, content
	if d := Judge(Required, all, counting); d.Again || d.Bad != 3 || d.Of != 21 {
		t.Errorf("3 of 21: %+v", d)
	}
}

func TestJudgeAbsence(t *testing.T) {
	for kind, bad := range map[string]Attempt{
		"absence": absent, "overdue": overdue, "early": early, "state": of(State), "session lost": lost, "intermediary": refused,
	} {
		t.Run(kind, func(t *testing.T) {
			rows(t, map[string]row{
				"is asked again":                         {attempts: []Attempt{bad}, want: again},
				"three times":                            {attempts: []Attempt{bad, fine, fine}, want: again},
				"even if it was there once":              {attempts: []Attempt{bad, bad, fine}, want: again},
				"two more of three":                      {attempts: []Attempt{bad, fine, bad, bad}, want: Failed, bad: 3, of: 4},
				"two more at once":                       {attempts: []Attempt{bad, bad, bad}, want: Failed, bad: 3, of: 3},
				"of a recommended rule":                  {attempts: []Attempt{bad, bad, bad}, level: Recommended, want: Warned},
				"one more of three":                      {attempts: []Attempt{bad, fine, bad, fine}, want: Unstable, bad: 2, of: 4},
				"none of three":                          {attempts: []Attempt{bad, fine, fine, fine}, want: Unstable, bad: 1, of: 4},
				"of an observed question":                {attempts: []Attempt{bad}, level: Observed, want: Noted},
				"that is known":                          {attempts: []Attempt{bad}, c: Conditions{Excused: true}, want: Failed},
				"an inapplicable attempt is no vote":     {attempts: []Attempt{bad, not, fine, fine}, want: again},
				"an unverified attempt is no vote":       {attempts: []Attempt{bad, unsure, fine, fine}, want: again},
				"a lost observation is no vote":          {attempts: []Attempt{bad, unseen, fine, fine}, want: again},
				"silence does not outvote it":            {attempts: []Attempt{bad, not, not, not}, want: Failed, bad: 1, of: 1},
				"silence does not outvote two":           {attempts: []Attempt{bad, bad, unsure, unsure, not}, want: Failed, bad: 2, of: 2},
				"nor does it make one good of it":        {attempts: []Attempt{bad, fine, not, not, not}, want: Unstable, bad: 1, of: 2},
				"where nothing more could be observed":   {attempts: []Attempt{bad, unseen, unseen, unseen}, want: Unverified, cause: CauseObservationLost},
				"and the run is over":                    {attempts: []Attempt{bad, cut}, c: stopped, want: Unverified, cause: CauseOnce},
				"twice, and the run is over":             {attempts: []Attempt{bad, bad, cut}, c: stopped, want: Unverified, cause: CauseOnce, bad: 2, of: 2},
				"three times, and the run is over":       {attempts: []Attempt{bad, bad, bad}, c: stopped, want: Failed},
				"in the attempt that was cut":            {attempts: []Attempt{during(bad, "time was up")}, c: stopped, want: Unverified, cause: CauseCut},
				"seen after good ones":                   {attempts: []Attempt{fine, fine, fine, bad}, want: again},
				"seen after good ones, and not repeated": {attempts: []Attempt{fine, bad, fine, fine, fine}, want: Unstable, bad: 1, of: 4},
			})
		})
	}
	rows(t, map[string]row{"kinds may differ": {attempts: []Attempt{absent, of(State), lost}, want: Failed, bad: 3, of: 3}})
}

func TestJudgeConditions(t *testing.T) {
	suite := stood(OfSuite, 0, 900)
	about := func(connection string) Attempt {
		a := saw(Failure{Kind: Absence, About: []int{7}})
		a.Trace = wire.Trace{{Seq: 1, Connection: "tcp-1"}, {Seq: 7, Connection: connection}}
		return a
	}
	probe := func(over Medium) Conditions {
		return Conditions{Standstills: []Standstill{{Span: at(0, 900), Of: OfTarget, Over: over}}}
	}
	busy := func(status int) Conditions {
		return Conditions{Overloads: []Overload{{Span: at(0, 900), Status: status, Over: OverPolling}}}
	}
	away := Conditions{Away: []Away{{Span: at(900, 3000), How: "connections were refused for 2 s"}}}
	rows(t, map[string]row{
		"a standstill is asked again":            {attempts: []Attempt{absent}, c: suite, want: again},
		"until it is calm":                       {attempts: []Attempt{absent, absent, absent}, c: suite, want: again},
		"three times":                            {attempts: []Attempt{absent, absent, absent, absent}, c: suite, want: Unverified, cause: CauseStandstill},
		"good then":                              {attempts: []Attempt{absent, fine}, c: suite, want: Passed, cause: CauseStandstill},
		"too many requests, by its own word":     {attempts: []Attempt{limited, fine}, want: Passed, cause: CauseOverload},
		"too many requests, and nothing more":    {attempts: []Attempt{limited, not, not, not}, want: Unverified, cause: CauseOverload},
		"inapplicable then":                      {attempts: []Attempt{absent, not, not, not}, c: suite, want: Unverified, cause: CauseStandstill},
		"no more time":                           {attempts: []Attempt{absent}, c: Conditions{Standstills: suite.Standstills, Stopped: "x"}, want: Unverified, cause: CauseStandstill},
		"one elsewhere explains nothing":         {attempts: []Attempt{absent, absent, absent}, c: stood(OfSuite, 2000, 2900), want: Failed},
		"one of less than half the wait":         {attempts: []Attempt{absent, absent, absent}, c: stood(OfSuite, 0, 400), want: Failed},
		"one longer than the shortfall":          {attempts: []Attempt{overdue, fine}, c: stood(OfSuite, 0, 250), want: Passed, cause: CauseStandstill},
		"one within what a long timer leaves":    {attempts: []Attempt{slow, slow, slow}, c: stood(OfSuite, 0, 300), want: Failed},
		"one beyond what a long timer leaves":    {attempts: []Attempt{slow, fine}, c: stood(OfSuite, 0, 500), want: Passed, cause: CauseStandstill},
		"one shorter than the shortfall":         {attempts: []Attempt{overdue, overdue, overdue}, c: stood(OfSuite, 0, 150), want: Failed},
		"a pong of the suite's own was late":     {attempts: []Attempt{late}, want: again},
		"it was late, and in time then":          {attempts: []Attempt{late, fine}, want: Passed, cause: CauseStandstill},
		"it was late each time":                  {attempts: []Attempt{late, late, late, late}, want: Unverified, cause: CauseStandstill},
		"late pongs hide no content":             {attempts: []Attempt{late, content}, want: Failed},
		"any, where a session was lost":          {attempts: []Attempt{lost}, c: stood(OfSuite, 300, 340), want: again},
		"any, where a timer makes a state":       {attempts: []Attempt{of(State), fine}, c: stood(OfSuite, 300, 340), want: Passed, cause: CauseStandstill},
		"a step of the clock":                    {attempts: []Attempt{overdue, fine}, c: stood(OfClock, 500, 501), want: Passed, cause: CauseStandstill},
		"the target on that connection":          {attempts: []Attempt{about("websocket-1"), fine}, c: probe(OverWebSocket), want: Passed, cause: CauseStandstill},
		"the target on another connection":       {attempts: []Attempt{about("websocket-1"), about("websocket-1"), about("websocket-1")}, c: probe(OverPolling), want: Failed},
		"the target over polling":                {attempts: []Attempt{about("http-3"), fine}, c: probe(OverPolling), want: Passed, cause: CauseStandstill},
		"the control connection":                 {attempts: []Attempt{about("observer-1"), fine}, c: probe(OverControl), want: Passed, cause: CauseStandstill},
		"a failure that names no connection":     {attempts: []Attempt{absent, fine}, c: probe(OverPolling), want: Passed, cause: CauseStandstill},
		"calm ones count beside it":              {attempts: []Attempt{absent, saw(Failure{Kind: Absence, Span: at(2000, 3000)})}, c: suite, want: again},
		"a lost observation is asked again":      {attempts: []Attempt{unseen}, want: again},
		"and again":                              {attempts: []Attempt{unseen, unseen, unseen}, want: again},
		"and never evidence":                     {attempts: []Attempt{unseen, unseen, unseen, unseen}, want: Unverified, cause: CauseObservationLost},
		"observed the second time":               {attempts: []Attempt{unseen, fine}, want: Passed, cause: CauseObservationLost},
		"an overload is asked again":             {attempts: []Attempt{refused}, c: busy(503), want: again},
		"good when it is over":                   {attempts: []Attempt{refused, fine}, c: busy(503), want: Passed, cause: CauseOverload},
		"an overload that lasts":                 {attempts: []Attempt{refused, refused, refused, refused}, c: busy(503), want: Unverified, cause: CauseOverload},
		"a refusal that no probe got":            {attempts: []Attempt{refused, refused, refused}, c: busy(429), want: Failed},
		"an overload makes nothing else":         {attempts: []Attempt{absent, absent, absent}, c: busy(503), want: Failed},
		"the target went":                        {attempts: []Attempt{absent}, c: away, want: Unverified, cause: CauseTargetGone},
		"the target went after it was bad":       {attempts: []Attempt{saw(Failure{Kind: Absence}), {Span: at(1500, 2000), Evidence: lost.Evidence}}, c: away, want: Unverified, cause: CauseTargetGone},
		"the target went after it was good":      {attempts: []Attempt{fine}, c: away, want: Passed},
		"the target went and the case was cut":   {attempts: []Attempt{cut}, c: away, want: Unverified, cause: CauseTargetGone},
		"the target went at another time":        {attempts: []Attempt{absent}, c: Conditions{Away: []Away{{Span: at(1001, 3000)}}}, want: again},
		"cut":                                    {attempts: []Attempt{cut}, c: stopped, want: Unverified, cause: CauseCut},
		"cut before it was tried":                {c: stopped, want: Unverified, cause: CauseCut},
		"not tried yet":                          {want: again},
		"good":                                   {attempts: []Attempt{fine}, want: Passed},
		"inapplicable":                           {attempts: []Attempt{not}, want: Inapplicable, cause: CauseCase},
		"unverified by the case":                 {attempts: []Attempt{unsure}, want: Unverified, cause: CauseCase},
		"the suite broke":                        {attempts: []Attempt{broke}, want: Errored},
		"the suite broke where it was cut":       {attempts: []Attempt{during(broke, "time was up")}, c: stopped, want: Errored},
		"the suite broke after a red":            {attempts: []Attempt{absent, broke}, want: Errored},
		"inapplicable beside an absence":         {attempts: []Attempt{{Span: at(0, 1000), Evidence: absent.Evidence, Inapplicable: "x"}}, want: again},
		"the target went, in a lost observation": {attempts: []Attempt{unseen}, c: away, want: Unverified, cause: CauseTargetGone},
	})
}

// A target that was gone says nothing about a case. What was seen after it came back does.
func TestJudgeWhereTheTargetReturned(t *testing.T) {
	gone, back := Conditions{Away: []Away{{Span: at(500, 2000)}}}, Conditions{Away: []Away{{Span: at(500, 2000)}}, Returned: true}
	later := at(3000, 4000)
	well, bad := Attempt{Span: later}, Attempt{Span: later, Evidence: []Failure{{Kind: Absence, Span: later}}}
	ended := Attempt{Span: at(3000, 6000), Alone: true, Ended: true, Evidence: []Failure{{Kind: Content, Expected: Expectation{Relation: StaysOpen}}}}
	stopped := back
	stopped.Stopped = "the run's time was up"
	counting := back
	counting.Count, counting.Controlled = 21, true
	rows(t, map[string]row{
		"it is not back":                   {attempts: []Attempt{lost}, c: gone, want: Unverified, cause: CauseTargetGone},
		"it is asked again":                {attempts: []Attempt{lost}, c: back, want: again},
		"not without end":                  {attempts: []Attempt{lost, lost, lost, lost}, c: back, want: Unverified, cause: CauseTargetGone},
		"not where the run is over":        {attempts: []Attempt{lost}, c: stopped, want: Unverified, cause: CauseTargetGone},
		"good then":                        {attempts: []Attempt{lost, well}, c: back, want: Passed},
		"bad then is bad once":             {attempts: []Attempt{lost, bad}, c: back, want: again},
		"bad then, three times":            {attempts: []Attempt{lost, bad, bad, bad}, c: back, want: Failed},
		"bad then, once of four":           {attempts: []Attempt{lost, bad, well, well, well}, c: back, want: Unstable},
		"it ended the target alone":        {attempts: []Attempt{lost, ended}, c: counting, want: Failed, cause: CauseTargetGone},
		"whatever the level":               {attempts: []Attempt{lost, ended}, c: counting, level: Observed, want: Failed, cause: CauseTargetGone},
		"bad before it went for good":      {attempts: []Attempt{bad}, c: Conditions{Stopped: "it refused all", Lost: &Away{}}, want: Unverified, cause: CauseTargetGone},
		"wrong before it went for good":    {attempts: []Attempt{content}, c: Conditions{Stopped: "it refused all", Lost: &Away{}}, want: Failed},
		"wrong before the target was gone": {attempts: []Attempt{content, well}, c: gone, want: Failed},
	})
}

func TestJudgeOrderOfEvidence(t *testing.T) {
	all := Conditions{
		Away:        []Away{{Span: at(0, 1000)}},
		Standstills: []Standstill{{Span: at(0, 1000), Of: OfSuite}},
		Overloads:   []Overload{{Span: at(0, 1000), Status: 503}},
	}
	a := saw(Failure{Kind: Absence}, Failure{Kind: SessionLost}, Failure{Kind: State}, refused.Evidence[0], Failure{Kind: ObservationLost}, Failure{Kind: Content})
	a.Cut = "time was up"
	expect := func(what string, want vote, kind Kind) {
		t.Helper()
		if b := weigh(0, &a, &all); b.vote != want || b.decisive.Kind != kind {
			t.Errorf("%s: got vote %d on %s, want %d", what, b.vote, b.decisive.Kind, want)
		}
	}
	drop := func() { a.Evidence = a.Evidence[:len(a.Evidence)-1] }
	expect("content comes first", wrong, Content)
	drop()
	expect("then the target that is gone", gone, ObservationLost)
	all.Away = nil
	expect("then the cut", cutShort, ObservationLost)
	a.Cut = ""
	expect("then the lost observation", blind, ObservationLost)
	drop()
	expect("then the standstill", still, State)
	all.Standstills = nil
	expect("then the overload", overloaded, Intermediary)
	all.Overloads = nil
	expect("then the state", bad, State)
	a.Evidence = a.Evidence[:2]
	expect("then the lost session", bad, SessionLost)
	a.Evidence = a.Evidence[:1]
	expect("then the absence", bad, Absence)
}

func TestJudgeGrantedSteps(t *testing.T) {
	broken := Conditions{Broken: map[string]string{"open/1": "handshake/polling-open-packet"}}
	own := saw(Failure{Kind: Absence})
	rows(t, map[string]row{
		"a rule that is broken":                {attempts: []Attempt{given}, c: broken, want: Unverified, cause: CauseRule},
		"a rule that is broken, by content":    {attempts: []Attempt{givenOnly}, c: broken, want: Unverified, cause: CauseRule},
		"content of its own beside it":         {attempts: []Attempt{saw(given.Evidence[0], Failure{Kind: Content})}, c: broken, want: Failed},
		"a rule that held elsewhere":           {attempts: []Attempt{given}, want: again},
		"is booked where it is seen broken":    {attempts: []Attempt{given, given, given}, want: Unverified, cause: CauseRule},
		"is booked at once by content":         {attempts: []Attempt{givenOnly}, want: Unverified, cause: CauseRule},
		"its own evidence goes before":         {attempts: []Attempt{given, own, own}, want: Failed, bad: 3, of: 3},
		"once only is unstable":                {attempts: []Attempt{given, fine, fine, fine}, want: Unstable},
		"is no answer to an observed question": {attempts: []Attempt{given}, level: Observed, want: again},
		"leaves an observed case unverified":   {attempts: []Attempt{given, given, given}, level: Observed, want: Unverified, cause: CauseRule},
		"by content, of an observed case":      {attempts: []Attempt{givenOnly}, level: Observed, want: Unverified, cause: CauseRule},
	})
	d := Judge(Required, []Attempt{given}, broken)
	if d.Booked || d.Rule != "open/1" || d.Case != "handshake/polling-open-packet" {
		t.Errorf("the link to the case that saw the rule broken: %+v", d)
	}
	if d = Judge(Observed, []Attempt{givenOnly}, Conditions{}); d.Booked || d.Outcome != Unverified {
		t.Errorf("what an observed case asks is no evidence of another rule: %+v", d)
	}
	alone := Conditions{Unshown: map[string]bool{"open/1": true}} // no case of the run is about the rule
	if d = Judge(Required, []Attempt{givenOnly}, alone); d.Booked || d.Outcome != Failed {
		t.Errorf("where nothing else shows the rule: %+v", d)
	}
	if d = Judge(Required, []Attempt{givenOnly}, Conditions{}); !d.Booked || d.Rule != "open/1" || d.Decisive.Kind != Content {
		t.Errorf("what is booked on the rule: %+v", d)
	}
}

func TestJudgeControlGroup(t *testing.T) {
	group := func(all ...Attempt) Conditions { return Conditions{Controlled: true, Control: all} }
	three := []Attempt{absent, absent, absent}
	lately := func(side Side, all ...Attempt) Conditions { // a standstill at a time other than that of the attempts at the target
		c := stood(side, 5000, 6000)
		c.Controlled = true
		for _, a := range all {
			if a.Failed() {
				a = saw(Failure{Kind: a.Evidence[0].Kind, Span: at(5000, 6000)})
				a.Span = at(5000, 6000)
			}
			c.Control = append(c.Control, a)
		}
		return c
	}
	over := group()
	over.Stopped = "the run's time was up"
	rows(t, map[string]row{
		"is asked beside the repetition":        {attempts: []Attempt{absent}, c: group(), want: again, control: true},
		"is asked before a red is final":        {attempts: three, c: group(), want: Failed, control: true},
		"is asked before content is final":      {attempts: []Attempt{content}, c: group(), want: Failed, control: true},
		"good there":                            {attempts: three, c: group(fine, fine), want: Failed},
		"content, good there":                   {attempts: []Attempt{content, content}, c: group(fine), want: Failed},
		"blind there":                           {attempts: three, c: group(unseen), want: Failed, control: true},
		"blind there, then green":               {attempts: three, c: group(unseen, fine), want: Failed},
		"blind there, then red":                 {attempts: three, c: group(unseen, absent), want: Unverified, cause: CauseControl},
		"blind there each time":                 {attempts: three, c: group(unseen, unseen, unseen), want: Unverified, cause: CauseControl},
		"cut there after a failure, each time":  {attempts: three, c: group(during(absent, "time was up"), during(absent, "time was up"), during(absent, "time was up")), want: Unverified, cause: CauseControl},
		"content, blind there each time":        {attempts: []Attempt{content}, c: group(unseen, unseen, unseen), want: Failed},
		"a standstill there":                    {attempts: three, c: lately(OfSuite, absent), want: Failed, control: true},
		"a standstill there, then green":        {attempts: three, c: lately(OfSuite, absent, fine), want: Failed},
		"red there, and the target stood still": {attempts: three, c: lately(OfTarget, absent), want: Unverified, cause: CauseControl},
		"red there by absence":                  {attempts: three, c: group(fine, absent), want: Unverified, cause: CauseControl},
		"red there by content":                  {attempts: three, c: group(fine, content), want: Errored, cause: CauseControl},
		"content, red there by content":         {attempts: []Attempt{content, content}, c: group(content), want: Errored, cause: CauseControl},
		"content, red there by absence":         {attempts: []Attempt{content, content}, c: group(absent), want: Failed},
		"a crash there":                         {attempts: three, c: group(broke), want: Errored, cause: CauseControl},
		"nothing to be said there":              {attempts: three, c: group(not, not, not), want: Failed},
		"no further attempt":                    {attempts: []Attempt{content}, c: over, want: Failed},
		"not for an observed question":          {attempts: []Attempt{content}, level: Observed, c: group(), want: Noted},
		"not for a case that is good":           {attempts: []Attempt{fine}, c: group(), want: Passed},
		"not for a standstill":                  {attempts: []Attempt{absent}, c: Conditions{Controlled: true, Standstills: stood(OfSuite, 0, 1000).Standstills}, want: again},
		"a recommended rule, red there, too":    {attempts: three, level: Recommended, c: group(absent), want: Unverified, cause: CauseControl},
		"unstable, and good there":              {attempts: []Attempt{absent, fine, fine, fine}, c: group(fine), want: Unstable},
		"a failure that is known asks for none": {attempts: []Attempt{content}, c: Conditions{Controlled: true, Excused: true}, want: Failed},
	})
}

func TestUnionOfSpansCountsNothingTwice(t *testing.T) {
	for name, test := range map[string]struct {
		all  []Span
		want int
	}{
		"none":            {nil, 0},
		"one":             {[]Span{at(100, 200)}, 100},
		"two apart":       {[]Span{at(700, 800), at(100, 200)}, 200},
		"two that touch":  {[]Span{at(100, 200), at(200, 300)}, 200},
		"two that share":  {[]Span{at(100, 250), at(200, 300)}, 200},
		"one in another":  {[]Span{at(100, 400), at(200, 300)}, 300},
		"longer than all": {[]Span{at(-100, 4000)}, 1000},
		"the same twice":  {[]Span{at(0, 100), at(0, 100)}, 100},
		"outside":         {[]Span{at(-100, -50), at(2000, 3000)}, 0},
	} {
		if got := Union(test.all, at(0, 1000)); got != time.Duration(test.want)*time.Millisecond {
			t.Errorf("%s: %v, want %d ms", name, got, test.want)
		}
	}
}

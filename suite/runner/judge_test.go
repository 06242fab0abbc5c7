package runner

import (
	"sync/atomic"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
)

const ms = time.Millisecond

// fails makes an attempt of a case under test end with that failure.
func fails(t *suite.T, f result.Failure) {
	if f.Kind != "" {
		t.Fail(f)
	}
}

// aScheduler returns a scheduler for one case, without a target.
func aScheduler(t *testing.T, c *suite.Case) *scheduler {
	return newScheduler(t.Context(), Config{}.withDefaults(), &suite.Capabilities{Timings: suite.DefaultTimings}, nil, []planned{{Case: c}})
}

func runCase(f *scheduler, c *suite.Case) *suite.CaseResult {
	f.unfinished.Add(1)
	a, others := f.attempt(c, nil)
	f.judge(c, a, others)
	return f.results[c.ID]
}

// Each attempt at a case goes as the table says; further attempts go like the last one.
func TestCasesAreAskedAgain(t *testing.T) {
	content, absent, lost, unseen, good := result.Failure{Kind: result.Content}, result.Failure{Kind: result.Absence},
		result.Failure{Kind: result.SessionLost}, result.Failure{Kind: result.ObservationLost}, result.Failure{}
	for name, test := range map[string]struct {
		level    suite.Level
		ways     []result.Failure
		want     suite.Outcome
		attempts int
		seen     *result.Rate
	}{
		"good":                          {suite.Required, []result.Failure{good}, suite.Passed, 1, nil},
		"wrong once in twenty-one":      {suite.Required, []result.Failure{content, good}, suite.Failed, 21, &result.Rate{Bad: 1, Of: 21}},
		"wrong":                         {suite.Required, []result.Failure{content}, suite.Failed, 21, &result.Rate{Bad: 21, Of: 21}},
		"wrong, recommended":            {suite.Recommended, []result.Failure{content}, suite.Warned, 21, &result.Rate{Bad: 21, Of: 21}},
		"wrong, observed":               {suite.Observed, []result.Failure{content}, suite.Noted, 1, nil},
		"absent once":                   {suite.Required, []result.Failure{absent, good}, suite.Unstable, 4, &result.Rate{Bad: 1, Of: 4}},
		"absent":                        {suite.Required, []result.Failure{absent}, suite.Failed, 3, &result.Rate{Bad: 3, Of: 3}},
		"absent, observed":              {suite.Observed, []result.Failure{absent}, suite.Noted, 1, nil},
		"absent, then wrong":            {suite.Required, []result.Failure{absent, good, content, good}, suite.Failed, 21, &result.Rate{Bad: 1, Of: 21}},
		"the session lost":              {suite.Required, []result.Failure{lost}, suite.Failed, 3, &result.Rate{Bad: 3, Of: 3}},
		"the observation lost once":     {suite.Required, []result.Failure{unseen, good}, suite.Passed, 2, nil},
		"the observation lost":          {suite.Required, []result.Failure{unseen}, suite.Unverified, 4, nil},
		"the observation lost, absent":  {suite.Required, []result.Failure{unseen, absent, absent, good, absent}, suite.Failed, 5, &result.Rate{Bad: 3, Of: 4}},
		"absent in each second attempt": {suite.Required, []result.Failure{absent, good, absent, good}, suite.Unstable, 4, &result.Rate{Bad: 2, Of: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			made := 0
			c := &suite.Case{ID: "robustness/a", Level: test.level, Run: func(t *suite.T) {
				made++
				fails(t, test.ways[min(made, len(test.ways))-1])
			}}
			r := runCase(aScheduler(t, c), c)
			if r.Outcome != test.want || r.Attempts != test.attempts || made != test.attempts {
				t.Errorf("got %s after %d attempts, %d made; want %s after %d: %s", r.Outcome, r.Attempts, made, test.want, test.attempts, r.Reason)
			}
			if (r.Seen == nil) != (test.seen == nil) || r.Seen != nil && *r.Seen != *test.seen {
				t.Errorf("got seen in %+v, want %+v", r.Seen, test.seen)
			}
			if red := r.Outcome.Red() || r.Outcome == suite.Unstable; red != (len(r.Evidence) > 0) && r.Outcome != suite.Unverified {
				t.Errorf("got %s with evidence %v", r.Outcome, r.Evidence)
			}
			if (len(r.History) > 0) != (r.Attempts > 1) || r.Attempts > 1 && len(r.History) != r.Attempts {
				t.Errorf("kept %d attempts of %d", len(r.History), r.Attempts)
			}
		})
	}
}

func TestStandstillsOfThisMachineAreNoVerdict(t *testing.T) {
	for name, test := range map[string]struct {
		kind  result.Kind
		stood time.Duration // in each attempt's last 100 ms
		want  suite.Outcome
	}{
		"a lost session":              {result.SessionLost, 40 * ms, suite.Unverified},
		"an absence, half of it":      {result.Absence, 60 * ms, suite.Unverified},
		"an absence, a small part":    {result.Absence, 20 * ms, suite.Failed},
		"content":                     {result.Content, 90 * ms, suite.Failed},
		"a lost session in calm":      {result.SessionLost, 0, suite.Failed},
		"a lost observation, as ever": {result.ObservationLost, 90 * ms, suite.Unverified},
	} {
		t.Run(name, func(t *testing.T) {
			var f *scheduler
			c := &suite.Case{ID: "robustness/a", Level: suite.Required, Run: func(t *suite.T) {
				time.Sleep(time.Millisecond) // otherwise the attempt is too short for the standstill to cover
				until := time.Now()
				if test.stood > 0 {
					f.env.Stalls.Note(until.Add(-test.stood), until)
				}
				t.Fail(result.Failure{Kind: test.kind, Span: result.Span{From: until.Add(-100 * ms), Until: until}})
			}}
			f = aScheduler(t, c)
			if r := runCase(f, c); r.Outcome != test.want {
				t.Errorf("got %s: %s; want %s", r.Outcome, r.Reason, test.want)
			} else if test.want == suite.Unverified && test.kind != result.ObservationLost && (r.Because == nil || r.Because.Cause != result.CauseStandstill || r.Because.StoodMs == 0) {
				t.Errorf("got because %+v", r.Because)
			}
		})
	}
}

// What fails against the embedded reference, too, says nothing about the target.
func TestControlGroup(t *testing.T) {
	for name, test := range map[string]struct {
		there, here result.Kind
		want        suite.Outcome
	}{
		"good there, wrong here":    {"", result.Content, suite.Failed},
		"good there, absent here":   {"", result.Absence, suite.Failed},
		"absent there, absent here": {result.Absence, result.Absence, suite.Unverified},
		"absent there, wrong here":  {result.Absence, result.Content, suite.Failed},
		"wrong there, wrong here":   {result.Content, result.Content, suite.Errored},
		"wrong there, absent here":  {result.Content, result.Absence, suite.Errored},
	} {
		t.Run(name, func(t *testing.T) {
			c := &suite.Case{ID: "robustness/a", Level: suite.Required, Run: func(t *suite.T) {
				kind := test.here
				if t.Edition() == suite.Latest { // the reference
					kind = test.there
				}
				fails(t, result.Failure{Kind: kind})
			}}
			f := aScheduler(t, c)
			reference := aScheduler(t, c)
			reference.config.Profile, reference.config.Edition, reference.env.Edition = suite.ProfileCluster, suite.Latest, suite.Latest
			f.group = &controlGroup{scheduler: reference}
			f.group.once.Do(func() {})
			r := runCase(f, c)
			if r.Outcome != test.want {
				t.Errorf("got %s: %s; want %s", r.Outcome, r.Reason, test.want)
			}
			control := 0
			for _, a := range r.History {
				if a.Control {
					control++
				}
			}
			if control == 0 {
				t.Error("no attempt against the reference was kept")
			}
		})
	}
}

// A failure in a step that takes a rule for granted counts against the case of that rule.
func TestFailuresInGrantedStepsAreBooked(t *testing.T) {
	for name, test := range map[string]struct {
		own         result.Kind // what the rule's own case saw
		kind        result.Kind
		want, other suite.Outcome
	}{
		"the rule held":       {"", result.Content, suite.Failed, suite.Unverified},
		"the rule was broken": {result.Content, result.Absence, suite.Failed, suite.Unverified},
		"in no second step":   {"", "", suite.Passed, suite.Passed},
	} {
		t.Run(name, func(t *testing.T) {
			own := &suite.Case{ID: "handshake/a", Shows: suite.OpensOverPolling, Level: suite.Required, Run: func(t *suite.T) { fails(t, result.Failure{Kind: test.own}) }}
			other := &suite.Case{ID: "polling/a", Level: suite.Required, Run: func(t *suite.T) {
				t.Given(suite.OpensOverPolling, func(t *suite.T) { fails(t, result.Failure{Kind: test.kind}) })
			}}
			f := newScheduler(t.Context(), Config{}.withDefaults(), &suite.Capabilities{Timings: suite.DefaultTimings}, nil, []planned{{Case: own}, {Case: other}})
			f.startCases()
			f.wait()
			a, b := f.results[own.ID], f.results[other.ID]
			if a.Outcome != test.want || b.Outcome != test.other {
				t.Errorf("%s is %s, and %s is %s: %s", a.ID, a.Outcome, b.ID, b.Outcome, b.Reason)
			}
			if doubted := f.doubted(suite.OpensOverPolling); doubted != (test.own != "") {
				t.Errorf("whether other cases doubt the rule: %v", doubted)
			}
			if b.Outcome == suite.Unverified && (b.Because == nil || b.Because.Rule != suite.OpensOverPolling || b.Because.Case != own.ID) {
				t.Errorf("no link to the rule: %+v", b.Because)
			}
		})
	}
}

// Only a few of many bad attempts keep long traces.
func TestHistoriesAreBounded(t *testing.T) {
	c := &suite.Case{ID: "events/a", Level: suite.Required, Run: func(t *suite.T) {
		for range 150 {
			t.Step("does something")
		}
		t.Fail(result.Failure{Kind: result.Content})
	}}
	f := aScheduler(t, c)
	long := 0
	r := runCase(f, c)
	for _, a := range r.History {
		if len(a.Trace) > briefEvents+1 {
			long++
		}
	}
	if len(r.History) != 21 || long != historyTraces || len(r.Trace) < 150 {
		t.Errorf("%d of %d attempts have long traces, and the one shown has %d events", long, len(r.History), len(r.Trace))
	}
}

// Retries run alongside as many other cases as before.
func TestFurtherAttemptsHaveCompany(t *testing.T) {
	var guests, bad, beside atomic.Int32
	guest := &suite.Case{ID: "events/a", Level: suite.Required, Run: func(t *suite.T) {
		guests.Add(1)
		t.Wait(5*ms, "for company")
	}}
	var f *scheduler
	c := &suite.Case{ID: "events/b", Level: suite.Required, Run: func(t *suite.T) {
		t.Wait(20*ms, "for company")
		beside.Store(max(beside.Load(), int32(f.underWay.Load())))
		if bad.Add(1) == 1 {
			t.Fail(result.Failure{Kind: result.Absence})
		}
	}}
	f = newScheduler(t.Context(), Config{}.withDefaults(), &suite.Capabilities{Timings: suite.DefaultTimings}, nil, []planned{{Case: guest}, {Case: c}})
	f.unfinished.Add(2)
	a, _ := f.attempt(guest, nil)
	f.judge(guest, a, 0)
	a, _ = f.attempt(c, nil)
	f.judge(c, a, 5)
	if r := f.results[c.ID]; r.Outcome != suite.Unstable || guests.Load() < 6 || beside.Load() < 4 {
		t.Errorf("got %s, alongside %d of %d guests", r.Outcome, beside.Load(), guests.Load())
	}
}

// Wrong content counts even if a case sees it while it runs only to make load.
func TestCompanyIsJudgedByContent(t *testing.T) {
	guest := &suite.Case{ID: "events/a", Level: suite.Required, Run: func(*suite.T) {}}
	f := aScheduler(t, guest)
	if r := runCase(f, guest); r.Outcome != suite.Passed {
		t.Fatal(r.Outcome)
	}
	f.reopen(guest.ID, result.Attempt{Evidence: []result.Failure{{Kind: result.Content}}})
	if r := f.results[guest.ID]; r.Outcome != suite.Failed || len(r.Evidence) != 1 {
		t.Errorf("%s: %+v", r.Outcome, r.Evidence)
	}
}

// If a target is gone, running cases end.
func TestTargetsThatAreGoneEndWhatIsUnderWay(t *testing.T) {
	c := &suite.Case{ID: "events/a", Level: suite.Required, Run: func(t *suite.T) { t.Wait(time.Minute, "for nothing") }}
	f := aScheduler(t, c)
	p := &probes{away: map[int]*result.Away{}, heard: func(int) time.Time { return time.Time{} }}
	p.add(0, result.OverPolling, nil)
	f.ask(p)
	f.config.AwayLimit = 100 * ms
	time.AfterFunc(50*ms, func() {
		one := f.probes.all[0]
		one.mu.Lock()
		one.refused, one.refusedBy = time.Now().Add(-3*time.Second), time.Now()
		one.mu.Unlock()
		f.probes.look(time.Now())
	})
	r := runCase(f, c)
	if r.Outcome != suite.Unverified || r.Because == nil || r.Because.Cause != result.CauseTargetGone {
		t.Errorf("%s: %s", r.Outcome, r.Reason)
	}
	if all := f.departed(); len(all) != 1 || len(all[0].Suspects) != 1 || all[0].Suspects[0].Case != c.ID {
		t.Errorf("%+v", all)
	}
}

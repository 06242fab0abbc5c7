package suite

import (
	"errors"
	"testing"
	"time"
)

const ms = time.Millisecond

var quick = Timings{PingInterval: 300 * ms, PingTimeout: 200 * ms}

func TestPulseKnowsWhetherAPongWasLate(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(0, 0).Add(time.Duration(n) * ms) }
	for name, test := range map[string]struct {
		beats [][2]int
		end   int
		want  time.Duration
	}{
		"none at all":          {nil, 700, -200 * ms},
		"an early end":         {nil, 400, 100 * ms},
		"all in time":          {[][2]int{{300, 301}, {600, 601}}, 900, 199 * ms},
		"one late":             {[][2]int{{300, 301}, {820, 830}}, 900, -30 * ms},
		"one slowly written":   {[][2]int{{300, 520}}, 600, -20 * ms},
		"late before the end":  {[][2]int{{300, 301}}, 900, -100 * ms},
		"beats after the end":  {[][2]int{{300, 301}, {2000, 2001}}, 400, 199 * ms},
		"a pong after the end": {[][2]int{{450, 451}}, 440, 60 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			p := &pulse{limit: 500 * ms, last: at(0)}
			for _, beat := range test.beats {
				if beat[0] > test.end {
					p.end(at(test.end))
				}
				p.beat(at(beat[0]), at(beat[1]))
			}
			p.end(at(test.end))
			if got, over := p.spare(); got != test.want || !over {
				t.Errorf("%v to spare, over %t; want %v", got, over, test.want)
			}
		})
	}
}

func TestMachinesFaultIsNoVerdict(t *testing.T) {
	lost := func(spare time.Duration) *failure { return &failure{message: "x", lost: true, spare: spare} }
	for name, test := range map[string]struct {
		timing  bool
		attempt attempt
		want    bool
	}{
		"a session that a late pong ended":        {false, attempt{failure: lost(-50 * ms), stalled: 41 * ms}, true},
		"the same where nothing stood still":      {false, attempt{failure: lost(-50 * ms)}, false},
		"one that ended in good time":             {false, attempt{failure: lost(190 * ms)}, false},
		"the same where the machine stood still":  {false, attempt{failure: lost(190 * ms), stalled: 180 * ms}, true},
		"a short standstill":                      {false, attempt{failure: lost(60 * ms), stalled: 90 * ms}, false},
		"a standstill, but no session that ended": {false, attempt{failure: &failure{message: "x"}, stalled: time.Second}, false},
		"a rule about time":                       {true, attempt{failure: &failure{message: "x"}}, false},
		"a timer that the tolerance had forgiven": {true, attempt{failure: &failure{message: "x"}, stalled: 150 * ms}, false},
		"a timer that a standstill made late":     {true, attempt{failure: &failure{message: "x"}, stalled: 151 * ms}, true},
		"one that was cut short":                  {true, attempt{failure: &failure{message: "x"}, stalled: time.Second, cut: errors.New("x")}, false},
		"no failure":                              {true, attempt{stalled: time.Second}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := &flight{config: Config{}.withDefaults(), capabilities: &Capabilities{Timings: quick}}
			if got := f.strained(&Case{Timing: test.timing}, &test.attempt); got != test.want {
				t.Errorf("it may be the machine's fault: %t", got)
			}
		})
	}
}

// A case that fails in each attempt because its pongs come late is unverified; one whose session ends in good time failed.
func TestLatePongsLeaveACaseUnverified(t *testing.T) {
	for name, test := range map[string]struct {
		level    Level
		alive    time.Duration // of its session, whose pongs must come within 500 ms
		want     Outcome
		attempts int
	}{
		"late":                {Required, 600 * ms, Unverified, maxAttempts},
		"late, recommended":   {Recommended, 600 * ms, Unverified, maxAttempts},
		"late, observed":      {Observed, 600 * ms, Warned, maxAttempts},
		"in time":             {Required, 100 * ms, Failed, 2},
		"in time, observed":   {Observed, 100 * ms, Warned, 2},
		"no session that was": {Required, 0, Failed, 2},
	} {
		t.Run(name, func(t *testing.T) {
			flown := 0
			c := &Case{ID: "robustness/a", Level: test.level, Run: func(t *T) {
				flown++
				if test.alive > 0 {
					now := time.Now()
					t.follow(&OpenPacket{PingInterval: 300 * ms, PingTimeout: 200 * ms}, now, false).end(now.Add(test.alive))
				}
				t.Fail("the session is over")
			}}
			config := Config{Rerun: func(string) string { return "" }}.withDefaults()
			f := newFlight(t.Context(), config, &Capabilities{Timings: Timings{PingInterval: time.Hour, PingTimeout: time.Hour}}, nil, []planned{{Case: c}})
			for at := time.Now().Add(-time.Second); at.Before(time.Now().Add(time.Minute)); at = at.Add(90 * ms) {
				f.stalls.all = append(f.stalls.all, stall{at, at.Add(90 * ms)})
			}
			f.landing.Add(1)
			f.judge(c, f.attempt(c))
			if r := f.results[c.ID]; r.Outcome != test.want || r.Attempts != test.attempts || flown != test.attempts {
				t.Errorf("%s after %d attempts, %d flown; want %s after %d: %s", r.Outcome, r.Attempts, flown, test.want, test.attempts, r.Reason)
			}
		})
	}
}

// What waits long for a timer makes no load, and further attempts do not wait for it.
func TestLongWaitsMakeNoLoad(t *testing.T) {
	f := &flight{config: Config{}.withDefaults(), capabilities: &Capabilities{Timings: DefaultTimings}}
	for name, test := range map[string]struct {
		waits Wait
		want  bool
	}{
		"none":            {nil, true},
		"longer":          {PingIntervals(1), false},
		"no longer":       {func(Timings) time.Duration { return DefaultTolerance.Patience }, true},
		"a little longer": {func(Timings) time.Duration { return DefaultTolerance.Patience + 1 }, false},
	} {
		if got := f.loads(&Case{Waits: test.waits}); got != test.want {
			t.Errorf("%s: it makes load: %t", name, got)
		}
		for level, want := range map[Level]int{Required: maxAttempts, Observed: map[bool]int{true: maxAttempts, false: 2}[test.want]} {
			if got := f.attempts(&Case{Level: level, Waits: test.waits}); got != want {
				t.Errorf("%s, %s: %d attempts at most, not %d", name, level, got, want)
			}
		}
	}
}

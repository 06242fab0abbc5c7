package suite

import (
	"testing"
	"time"
)

// That a session ended is evidence of a rule only while its pongs came in time.
func TestAnEndByTheHeartbeatIsNoEvidence(t *testing.T) {
	open := &OpenPacket{PingInterval: 300 * ms, PingTimeout: 200 * ms}
	for name, test := range map[string]struct {
		ended time.Duration // since the last pong
		quiet bool
		want  Outcome
	}{
		"in time":                        {499 * ms, false, Passed},
		"late":                           {500 * ms, false, Failed},
		"late, with pings unanswered":    {900 * ms, true, Passed},
		"in time, with pings unanswered": {100 * ms, true, Passed},
	} {
		t.Run(name, func(t *testing.T) {
			c := &Case{ID: "robustness/a", Level: Required, Run: func(t *T) {
				now := time.Now()
				p := t.follow(open, now, test.quiet)
				p.end(now.Add(test.ended))
				t.notByHeartbeat(p)
			}}
			f := newFlight(t.Context(), Config{}.withDefaults(), &Capabilities{Timings: DefaultTimings}, nil, []planned{{Case: c}})
			f.landing.Add(1)
			f.judge(c, f.attempt(c))
			if r := f.results[c.ID]; r.Outcome != test.want {
				t.Errorf("the case %s: %s %s", r.Outcome, r.Reason, r.Message)
			}
		})
	}
}

package suite

import (
	"testing"
	"time"

	"example.test/conformance/suite/result"
)

// What a session that joins no namespace saw after connectTimeout is evidence at a short distance, but not at a long one.
func TestSessionThatOutlastsConnectTimeout(t *testing.T) {
	for name, test := range map[string]struct {
		exchange, age time.Duration
		joined, far   bool
	}{
		"far away":               {400 * time.Millisecond, 3 * time.Second, false, true},
		"far away, and young":    {400 * time.Millisecond, time.Second, false, false},
		"far away, and joined":   {400 * time.Millisecond, 3 * time.Second, true, false},
		"near by":                {4 * time.Millisecond, 3 * time.Second, false, false},
		"at no known distance":   {0, 3 * time.Second, false, false},
		"in the last quarter":    {400 * time.Millisecond, 2300 * time.Millisecond, false, true},
		"beyond connectTimeout":  {400 * time.Millisecond, time.Hour, false, true},
		"so far and just begun":  {4 * time.Second, 0, false, false},
		"so far and at the edge": {4 * time.Second, 3 * time.Second, false, true},
	} {
		c := &Capabilities{Timings: Timings{ConnectTimeout: 3 * time.Second}, Targets: []TargetResult{{}}}
		if test.exchange > 0 {
			c.Targets[0].RoundTrip = &result.RoundTrip{PollingMs: float64(test.exchange.Milliseconds())}
		}
		it := &T{execution: &execution{env: &Environment{Capabilities: c}, it: &Case{ID: "polling/a"}}}
		it.heartbeats = []*heartbeat{{asked: time.Now().Add(-test.age), joined: test.joined}}
		if why := it.outlasted(); (why != "") != test.far {
			t.Errorf("%s: outlasted returned %q", name, why)
		}
	}
}

// A session that sent no pong for too long proves nothing if the target is so far away that the case had no time for one.
func TestSessionThatSendsNoPong(t *testing.T) {
	const limit = 7 * time.Second
	for name, test := range map[string]struct {
		exchange, silent time.Duration
		over, far        bool
	}{
		"far away, and over":           {1600 * time.Millisecond, 8 * time.Second, true, true},
		"far away, and not known":      {1600 * time.Millisecond, 8 * time.Second, false, true},
		"far away, and ended too soon": {1600 * time.Millisecond, 6 * time.Second, true, false},
		"near by":                      {2 * time.Millisecond, 8 * time.Second, true, false},
		"at no known distance":         {0, 8 * time.Second, true, false},
	} {
		c := &Capabilities{Targets: []TargetResult{{RoundTrip: &result.RoundTrip{PollingMs: float64(test.exchange.Milliseconds())}}}}
		it := &T{execution: &execution{env: &Environment{Capabilities: c}, it: &Case{ID: "polling/a"}}}
		p := &heartbeat{limit: limit, last: time.Now().Add(-test.silent)}
		if test.over {
			p.end(time.Now())
		}
		it.heartbeats = []*heartbeat{p}
		if why := it.outlasted(); (why != "") != test.far {
			t.Errorf("%s: outlasted returned %q", name, why)
		}
	}
}

package runner

import (
	"strings"
	"testing"
	"time"

	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

func TestTimersBeyondTenMinutesAreNotWaitedFor(t *testing.T) {
	it := &suite.Case{ID: "heartbeat/x", Waits: suite.PingIntervals(2), Since: "4.1"}
	for _, test := range []struct {
		interval, timeout time.Duration
		want              suite.Outcome
	}{
		{25 * time.Second, 0, ""}, {5 * time.Minute, 0, ""}, {5*time.Minute + 1, 0, suite.Unverified},
		{time.Hour, time.Hour, suite.Unverified}, {time.Hour, 3 * time.Hour, ""}, {10 * 365 * 24 * time.Hour, 0, suite.Unverified},
	} {
		config := settings{Config: Config{Profile: suite.ProfileWire, Edition: suite.Latest, Timeout: test.timeout, Targets: []*wire.Target{{}}}}
		outcome, reason := applicable(it, config, &suite.Capabilities{Timings: suite.Timings{PingInterval: test.interval}})
		if outcome != test.want || outcome != "" && !strings.Contains(reason, "--timeout") {
			t.Errorf("a ping every %s, --timeout %s: %q, %s", test.interval, test.timeout, outcome, reason)
		}
	}
}

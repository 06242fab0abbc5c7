package cases_test

import (
	"testing"
	"time"

	_ "example.test/conformance/cases"
	"example.test/conformance/suite"
)

// A run with a server's default timers takes about as long as its longest wait.
func TestNoCaseWaitsMuchLongerThanTheHeartbeatAtDefaultTimers(t *testing.T) {
	timings := suite.DefaultTimings
	for _, c := range suite.Cases() {
		if c.Waits == nil {
			continue
		}
		if d := c.Waits(timings); d > 2*timings.PingInterval+time.Second {
			t.Errorf("%s waits %s at default timers", c.ID, d)
		}
	}
}

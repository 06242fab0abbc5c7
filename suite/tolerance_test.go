package suite_test

import (
	"testing"
	"time"

	"example.test/conformance/suite"
)

func TestPingsThatAreWaitedFor(t *testing.T) {
	for _, test := range []struct {
		interval time.Duration
		asked    int
		want     int
	}{
		{300 * time.Millisecond, 5, 5},
		{2 * time.Second, 5, 5},
		{5 * time.Second, 5, 2},
		{25 * time.Second, 4, 2},
		{time.Hour, 3, 2},
		{4 * time.Second, 1, 1},
	} {
		if got := (suite.Timings{PingInterval: test.interval}).Pings(test.asked); got != test.want {
			t.Errorf("%d pings, one every %s: waits for %d, want %d", test.asked, test.interval, got, test.want)
		}
	}
}

func TestBeyondATimer(t *testing.T) {
	for timer, want := range map[time.Duration]time.Duration{
		300 * time.Millisecond: 500 * time.Millisecond,
		4 * time.Second:        5 * time.Second,
		45 * time.Second:       47 * time.Second,
	} {
		if got := suite.Beyond(timer); got != want {
			t.Errorf("beyond %s: %s, want %s", timer, got, want)
		}
	}
}

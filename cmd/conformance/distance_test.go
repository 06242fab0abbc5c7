package main

import (
	"strings"
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// mediumTimers leave time for any distance on this planet.
var mediumTimers = []string{"--ping-interval", "2000", "--ping-timeout", "5000", "--connect-timeout", "3000"}

// farCluster starts two instances of socket.io behind delays and returns their URLs.
func farCluster(t *testing.T, roundTrip time.Duration, timers ...string) (urls []string) {
	t.Helper()
	for _, url := range fixtures.NodeCluster(t, fixtures.NodeOptions{Instances: 2, Adapter: "cluster", Args: timers}) {
		urls = append(urls, fixtures.Far(t, url, roundTrip))
	}
	return urls
}

func TestServerAtADistanceConforms(t *testing.T) {
	thorough(t)
	if testing.Short() {
		t.Skip("takes 15 s")
	}
	results := judge(t, runner.Config{Only: []string{"heartbeat", "polling", "upgrade", "connect"}}, farCluster(t, 100*time.Millisecond, mediumTimers...)...)
	if results.ExitCode != 0 {
		t.Errorf("exit code %d: %s", results.ExitCode, results.Summary)
	}
}

// A server with short timers cannot be judged at a distance, and nothing is red because of it. At the larger one a session
// ends before anything can come back to it.
func TestServerThatIsTooFarAwayForItsTimersIsUnverified(t *testing.T) {
	thorough(t)
	if testing.Short() {
		t.Skip("takes 20 s")
	}
	for _, roundTrip := range []time.Duration{150 * time.Millisecond, 800 * time.Millisecond} {
		t.Run(roundTrip.String(), func(t *testing.T) {
			t.Parallel()
			targets := targetsOf(t, farCluster(t, roundTrip))
			results, err := runner.RunDirectly(t.Context(), runner.Config{Targets: targets, Only: []string{"heartbeat", "polling", "upgrade", "websocket"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range results.Cases {
				if c.Outcome == suite.Failed || c.Outcome == suite.Warned {
					t.Errorf("%s is %s: %s", c.ID, c.Outcome, c.Reason)
				}
			}
			if results.ExitCode != 5 {
				t.Errorf("exit code %d: %s", results.ExitCode, results.Summary)
			}
			if text := strings.Join(results.Notices, "\n"); !strings.Contains(text, "too far away for its timers") {
				t.Errorf("want a notice that the timers are too short, got %q", text)
			}
		})
	}
}

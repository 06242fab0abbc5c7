package main

import (
	"fmt"
	"testing"
	"time"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/fixtures"
	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// timers are the timers of a server. The documents set no limits for them, nor for how they compare.
type timers struct{ pingInterval, pingTimeout, connectTimeout time.Duration }

func (x timers) String() string {
	return fmt.Sprintf("%d-%d-%d", x.pingInterval.Milliseconds(), x.pingTimeout.Milliseconds(), x.connectTimeout.Milliseconds())
}

// makes are the servers whose timers the tests set.
var makes = map[string]func(*testing.T, timers) runner.Config{
	"reference": func(t *testing.T, x timers) runner.Config {
		config, stop, err := embedded.Start(t.Context(), func() application.Options {
			return application.Options{Instances: 2, PingInterval: x.pingInterval, PingTimeout: x.pingTimeout, ConnectTimeout: x.connectTimeout}
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		return config
	},
	"socket.io": func(t *testing.T, x timers) runner.Config {
		ms := func(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }
		return runner.Config{Targets: targetsOf(t, fixtures.NodeCluster(t, fixtures.NodeOptions{Instances: 2, Adapter: "cluster", Args: []string{
			"--ping-interval", ms(x.pingInterval), "--ping-timeout", ms(x.pingTimeout), "--connect-timeout", ms(x.connectTimeout),
		}}))}
	},
}

// judge fails the test if a correct server with those timers is called broken, or if a case is unverified without a reason.
func (x timers) judge(t *testing.T, server string, only ...string) *suite.Results {
	t.Helper()
	config := makes[server](t, x)
	config.Profile, config.Only = suite.ProfileCluster, only
	results, err := runner.RunDirectly(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if results.ExitCode != 0 && results.ExitCode != suite.Incomplete.ExitCode() {
		t.Errorf("exit code %d: %s", results.ExitCode, results.Summary)
	}
	unverified := map[string][]string{}
	for _, c := range results.Cases {
		switch c.Outcome {
		case suite.Failed, suite.Errored, suite.Unstable, suite.Warned:
			t.Errorf("%s is %s: %s %s", c.ID, c.Outcome, c.Reason, evidence(c))
		case suite.Unverified:
			unverified[c.Reason] = append(unverified[c.Reason], c.ID)
		}
	}
	for reason, ids := range unverified {
		if reason == "" {
			t.Errorf("unverified without a reason: %q", ids)
		}
		t.Logf("%d unverified, %s among them: %s", len(ids), ids[0], reason)
	}
	return results
}

// Two cells of the matrix of timers: connectTimeout ends before the first ping, and pingTimeout is shorter or longer than
// pingInterval. `.ci/timers` has the others.
func TestServersOfUnequalTimersAreNotRed(t *testing.T) {
	thorough(t)
	const short, medium, long = 300 * time.Millisecond, time.Second, 5 * time.Second
	for server, x := range map[string]timers{"reference": {long, medium, short}, "socket.io": {medium, long, short}} {
		t.Run(server+" "+x.String(), func(t *testing.T) {
			t.Parallel()
			x.judge(t, server, "heartbeat", "connect", "disconnect", "polling", "upgrade")
		})
	}
}

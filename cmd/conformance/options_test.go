package main

import (
	"slices"
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
)

// others are options of the official server that an operator may set: what a case says of a server that has them is
// still right.
var others = []struct {
	name, options string
	// inapplicable are cases whose rules do not apply then.
	inapplicable []string
}{
	{name: "clients of protocol version 3", options: `{"allowEIO3":true}`, inapplicable: []string{
		"handshake/version-3", "handshake/version-5", "handshake/version-missing", "errors/newer-protocol", "errors/older-protocol-event",
		"errors/websocket-older-protocol", "errors/websocket-missing-protocol-event", "websocket/version-missing",
	}},
	{name: "no upgrades, and its path without a slash", options: `{"allowUpgrades":false,"addTrailingSlash":false}`, inapplicable: []string{"handshake/polling-upgrades"}},
	{name: "recovery of connections", options: `{"connectionStateRecovery":{}}`},
	{name: "small payloads", options: `{"maxHttpBufferSize":3000}`},
	{name: "no other origin", options: `{"cors":null}`, inapplicable: cors},
	{name: "some other origins", options: `{"cors":{"origin":["https://a.example","https://b.example"],"credentials":true}}`, inapplicable: cors},
}

var cors = []string{
	"handshake/cors", "handshake/cors-preflight", "headers/cors-on-each-answer", "headers/cors-on-refusals", "headers/cors-on-websocket-handshake",
	"headers/cors-beside-the-hooks", "headers/cors-allows-what-is-asked-for", "headers/cors-preflight-is-not-checked", "headers/cors-credentials-of-a-named-origin",
}

func TestRealServerWithOtherOptionsConforms(t *testing.T) {
	thorough(t)
	for _, one := range others {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			results := judgeStrictly(t, append([]string{"--options", one.options}, patient...)...)
			for _, c := range results.Cases {
				if slices.Contains(one.inapplicable, c.ID) && c.Outcome != suite.Inapplicable {
					t.Errorf("%s is %s", c.ID, c.Outcome)
				}
			}
		})
	}
}

// With pings every 25 s this takes about two minutes, as long as its longest case: it waits for five of them.
func TestRealServerWithItsOwnTimesConforms(t *testing.T) {
	thorough(t)
	t.Parallel()
	results := judgeStrictly(t, "--defaults")
	for _, c := range results.Cases {
		if c.Level != suite.Observed && c.Outcome != suite.Passed && c.Outcome != suite.Inapplicable {
			t.Errorf("%s is %s", c.ID, c.Outcome)
		}
	}
	t.Logf("it took %.0f s", results.DurationMs/1000)
}

// judgeStrictly judges a server of npm that was started with those flags.
func judgeStrictly(t *testing.T, args ...string) *suite.Results {
	t.Helper()
	config := suite.Config{Strict: true, Tolerance: suite.DefaultTolerance}
	config.Tolerance.Late = time.Second
	results := judge(t, config, fixtures.NodeCluster(t, fixtures.NodeOptions{Args: args})...)
	if results.ExitCode != 0 || results.Profile != suite.Profile410 {
		t.Errorf("exit code %d, profile %s", results.ExitCode, results.Profile)
	}
	return results
}

package main

import (
	"slices"
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// others are options of the official server that an operator may set: what a case says about such a server must still be
// right.
var others = []struct {
	name, options string
	without       []string // what the operator has turned off, in terms of --without
	// inapplicable are cases whose rules then do not apply.
	inapplicable []string
}{
	{name: "clients of protocol version 3", options: `{"allowEIO3":true}`, inapplicable: []string{
		"handshake/version-3", "handshake/version-5", "handshake/version-missing", "errors/newer-protocol", "errors/older-protocol-event",
		"errors/websocket-older-protocol", "errors/websocket-missing-protocol-event", "websocket/version-missing",
	}},
	{name: "no upgrades, and its path without a slash", options: `{"allowUpgrades":false,"addTrailingSlash":false}`, without: []string{"upgrade"}, inapplicable: []string{"handshake/polling-upgrades"}},
	{name: "recovery of connections", options: `{"connectionStateRecovery":{}}`},
	{name: "small payloads", options: `{"maxHttpBufferSize":3000}`},
	{name: "no other origin", options: `{"cors":null}`, without: []string{"cors"}, inapplicable: cors},
	{name: "some other origins", options: `{"cors":{"origin":["https://a.example","https://b.example"],"credentials":true}}`, without: []string{"cors"}, inapplicable: cors},
}

var cors = []string{
	"handshake/cors", "handshake/cors-preflight", "headers/cors-on-each-answer", "headers/cors-on-refusals", "headers/cors-on-websocket-handshake",
	"headers/cors-beside-the-hooks", "headers/cors-allows-what-is-asked-for", "headers/cors-preflight-is-not-checked", "headers/cors-credentials-of-a-named-origin",
}

func TestRealServerWithOtherOptionsConforms(t *testing.T) {
	thorough(t)
	for _, one := range others {
		t.Run(one.name, func(t *testing.T) {

			results := judgeStrictly(t, one.without, append([]string{"--options", one.options}, patient...)...)
			for _, c := range results.Cases {
				if slices.Contains(one.inapplicable, c.ID) && c.Outcome != suite.Inapplicable {
					t.Errorf("%s is %s", c.ID, c.Outcome)
				}
			}
		})
	}
}

// With pings every 25 s, this takes about a minute, as long as the longest case.
func TestRealServerWithItsOwnTimesConforms(t *testing.T) {
	thorough(t)
	t.Parallel() // it waits nearly all the time
	results := judgeStrictly(t, nil, "--defaults")
	for _, c := range results.Cases {
		if c.Level != suite.Observed && c.Outcome != suite.Passed && c.Outcome != suite.Inapplicable {
			t.Errorf("%s is %s", c.ID, c.Outcome)
		}
	}
	t.Logf("it took %.0f s", results.DurationMs/1000)
}

// judgeStrictly judges an npm server started with those flags, without what it does not offer.
func judgeStrictly(t *testing.T, without []string, args ...string) *suite.Results {
	t.Helper()
	config := runner.Config{Strict: true, Without: without, Tolerance: suite.DefaultTolerance}
	config.Tolerance.Late = time.Second
	results := judge(t, config, fixtures.NodeCluster(t, fixtures.NodeOptions{Args: args})...)
	if results.ExitCode != 0 || results.Profile != suite.Profile410 {
		t.Errorf("exit code %d, profile %s", results.ExitCode, results.Profile)
	}
	return results
}

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
			urls := fixtures.NodeCluster(t, fixtures.NodeOptions{Args: append([]string{"--options", one.options}, patient...)})
			config := suite.Config{Strict: true, Tolerance: suite.DefaultTolerance}
			config.Tolerance.Late = time.Second
			results := judge(t, config, urls...)
			if results.ExitCode != 0 || results.Profile != suite.Profile410 {
				t.Errorf("exit code %d, profile %s", results.ExitCode, results.Profile)
			}
			for _, c := range results.Cases {
				if slices.Contains(one.inapplicable, c.ID) && c.Outcome != suite.Inapplicable {
					t.Errorf("%s is %s", c.ID, c.Outcome)
				}
			}
		})
	}
}

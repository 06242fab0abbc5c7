package main

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
)

// endProcess are cases that end the process of a server which breaks their rule, and with it whatever else is tested at
// that time. Where they are known to fail they fly alone.
var endProcess = []string{
	"robustness/event-named-error",
	"upgrade/to-an-unknown-transport",
	"websocket/transport-named-like-an-object-member",
}

// patient are the flags of servers that bear a machine which stands still for a while.
var patient = []string{"--ping-timeout", "1500"}

// byItsEdition is how a version of the official server is judged beside what ends its process: by the rules of its own
// edition, with its file in fixtures/expected.
func byItsEdition(t *testing.T, version string) suite.Config {
	t.Helper()
	edition, ok := suite.ParseEdition(version)
	if !ok {
		t.Fatalf("%s is of no edition", version)
	}
	list, err := knownFailures(filepath.Join("../../fixtures/expected", version+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	config := suite.Config{Edition: edition, Profile: suite.ProfileCluster, Strict: true, KnownFailures: list, Tolerance: suite.DefaultTolerance}
	config.Tolerance.Late = time.Second
	for _, id := range endProcess {
		if slices.ContainsFunc(list, func(k suite.KnownFailure) bool { return k.Case == id }) {
			config.Skip = append(config.Skip, id)
		}
	}
	return config
}

// TestOfficialVersionsFailAsExpected compares each version of the official server with the list of what it gets wrong,
// in both directions: a failure that is not listed gates, and so does a case that is listed and passes.
func TestOfficialVersionsFailAsExpected(t *testing.T) {
	thorough(t)
	for _, version := range fixtures.NodeVersions(t) {
		t.Run(version, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			config := byItsEdition(t, version)
			results := judge(t, config, fixtures.NodeCluster(t, fixtures.NodeOptions{Version: version, Instances: 2, Args: patient})...)
			if results.ExitCode != 0 {
				t.Errorf("exit code %d", results.ExitCode)
			}
			if info := results.Targets[0].Info; info == nil || info.Implementation.Version != version {
				t.Errorf("the server says that it is %+v", info)
			}
			if len(config.Skip) > 0 {
				endsProcess(t, version, config)
			}
		})
	}
}

// endsProcess sees each case that the run left out fail, because the process of the server ends.
func endsProcess(t *testing.T, version string, config suite.Config) {
	t.Helper()
	server := fixtures.RunNodeCluster(t, fixtures.NodeOptions{Version: version})
	for i, id := range config.Skip {
		if i > 0 {
			server.Start(0)
		}
		results := flown(t, suite.Config{Edition: config.Edition, Strict: true, Only: []string{id}, Targets: targetsOf(t, server.URLs)})
		if results.Verdict != suite.NotConformant {
			t.Errorf("%s is expected to fail: %s", id, results.Summary)
		}
		server.AwaitEnd(0)
	}
}

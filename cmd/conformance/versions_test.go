package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// endProcess are cases that end the process of a server that breaks their rule, and so disturb everything else that is
// tested at that time. If they are known to fail, they run alone.
var endProcess = []string{
	"robustness/broken-frame-right-behind-the-handshake",
	"robustness/event-named-error",
	"upgrade/to-an-unknown-transport",
	"websocket/transport-named-like-an-object-member",
}

// patient are the flags of servers that tolerate a machine that stands still for a while.
var patient = []string{"--ping-timeout", "1500"}

// byItsEdition returns how a version of the official server is judged, apart from what ends its process: by the rules of its
// own edition, with its file in fixtures/expected.
func byItsEdition(t *testing.T, version string) runner.Config {
	t.Helper()
	edition, ok := suite.ParseEdition(version)
	if !ok {
		t.Fatalf("%s has no edition", version)
	}
	list, err := knownFailures(filepath.Join("../../fixtures/expected", version+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	config := runner.Config{Edition: edition, Profile: suite.ProfileCluster, Strict: true, KnownFailures: list, Tolerance: suite.DefaultTolerance}
	config.Tolerance.Late = time.Second
	for _, id := range endProcess {
		if slices.ContainsFunc(list, func(k suite.KnownFailure) bool { return k.Case == id }) {
			config.Skip = append(config.Skip, id)
		}
	}
	return config
}

// TestOfficialVersionsFailAsExpected compares each version of the official server with the list of its known failures, in
// both directions: a failure that is not listed gates, and so does a listed case that passes.
func TestOfficialVersionsFailAsExpected(t *testing.T) {
	thorough(t)
	for _, version := range fixtures.NodeVersions(t) {
		t.Run(version, func(t *testing.T) {
			config := byItsEdition(t, version)
			results := judge(t, config, fixtures.NodeCluster(t, fixtures.NodeOptions{Version: version, Instances: 2, Args: patient})...)
			if results.ExitCode != 0 {
				t.Errorf("exit code %d", results.ExitCode)
			}
			sameAsBefore(t, version, results)
			if info := results.Targets[0].Info; info == nil || info.Implementation.Version != version || !strings.HasPrefix(info.Implementation.Engine, "engine.io ") {
				t.Errorf("got the server's info %+v", info)
			}
			if len(config.Skip) > 0 {
				endsProcess(t, version, config)
			}
		})
	}
}

// endsProcess checks that each case which the run left out ends the process of the server: it is the only suspect, or has
// failed.
func endsProcess(t *testing.T, version string, config runner.Config) {
	t.Helper()
	server := fixtures.RunNodeCluster(t, fixtures.NodeOptions{Version: version})
	for i, id := range config.Skip {
		if i > 0 {
			server.Start(0)
		}
		results := runSuite(t, runner.Config{Edition: config.Edition, Strict: true, Only: []string{id}, AwayLimit: time.Second, Targets: targetsOf(t, server.URLs)})
		suspected := len(results.Gone) == 1 && len(results.Gone[0].Suspects) == 1 && results.Gone[0].Suspects[0].Case == id
		if results.Verdict != suite.NotConformant && !suspected {
			t.Errorf("want %s to end the server, got %s, %+v", id, results.Summary, results.Gone)
		}
		server.AwaitEnd(0)
	}
}

package main

import (
	"path/filepath"
	"slices"
	"testing"

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

// TestOfficialVersionsFailAsExpected judges each version of the official server by the rules of its own edition. What
// it gets wrong is in its file in fixtures/expected, all of it and nothing else: a failure that is not listed gates,
// and so does one that is listed but is none.
func TestOfficialVersionsFailAsExpected(t *testing.T) {
	if raceDetector {
		t.Skip("left out under the race detector, which adds nothing: the plain run judges each version")
	}
	for _, version := range fixtures.NodeVersions(t) {
		t.Run(version, func(t *testing.T) {
			list, err := knownFailures(filepath.Join("../../fixtures/expected", version+".yaml"))
			if err != nil {
				t.Fatal(err)
			}
			edition, ok := suite.ParseEdition(version)
			if !ok {
				t.Fatalf("%s is of no edition", version)
			}
			var fatal []string
			for _, id := range endProcess {
				if slices.ContainsFunc(list, func(k suite.KnownFailure) bool { return k.Case == id }) {
					fatal = append(fatal, id)
				}
			}
			config := suite.Config{Edition: edition, Profile: suite.ProfileCluster, Strict: true, KnownFailures: list, Skip: fatal}
			results := judge(t, config, fixtures.NodeCluster(t, fixtures.NodeOptions{Version: version, Instances: 2})...)
			if results.ExitCode != 0 {
				t.Errorf("exit code %d", results.ExitCode)
			}
			if info := results.Targets[0].Info; info == nil || info.Implementation.Version != version {
				t.Errorf("the server says that it is %+v", info)
			}
			if len(fatal) > 0 {
				endsProcess(t, version, edition, fatal)
			}
		})
	}
}

// endsProcess sees each case fail because the process of the server ends.
func endsProcess(t *testing.T, version string, edition suite.Edition, fatal []string) {
	server := fixtures.RunNodeCluster(t, fixtures.NodeOptions{Version: version})
	for i, id := range fatal {
		if i > 0 {
			server.Start(0)
		}
		results := flown(t, suite.Config{Edition: edition, Only: []string{id}, Strict: true, Targets: targetsOf(t, server.URLs)})
		if c := results.Cases[slices.IndexFunc(results.Cases, func(c suite.CaseResult) bool { return c.ID == id })]; !results.Gates(c) || c.Outcome == suite.Unverified {
			t.Errorf("%s is %s, though it is expected to fail: %s", id, c.Outcome, c.Reason)
		}
		server.AwaitEnd(0)
	}
}

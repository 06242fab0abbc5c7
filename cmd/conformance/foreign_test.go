package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/fixtures"
	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// foreign is a server other than the official one on Node that is judged by the required rules.
type foreign struct {
	name, run string // as in the table of fixtures/README.md
	start     func(t *testing.T) (version string, targets []*wire.Target)
	expected  string // its file in fixtures/expected; empty if nothing may fail
	profile   suite.Profile
	without   []string
}

var foreigners = []foreign{
	onRuntime("Bun"),
	onRuntime("Deno"),
	{
		name: "socket.io through NestJS", run: "one instance", profile: suite.Profile410,
		without: []string{suite.NewNamespace, suite.ServerSideEmit, suite.ServerSideEmitAck, suite.Variadic},
		start: func(t *testing.T) (string, []*wire.Target) {
			url, version := fixtures.NestJSServer(t, patient...)
			return version, targetsOf(t, []string{url})
		},
	},
	{
		name: "socket.io on @socket.io/bun-engine", run: "one instance", profile: suite.Profile410, expected: "bun-engine-0.1.2",
		without: []string{suite.ServerSideEmit, suite.ServerSideEmitAck, suite.AllowRequestDefault},
		start: func(t *testing.T) (string, []*wire.Target) {
			return fixtures.BunEngineVersion, targetsOf(t, []string{fixtures.BunEngineServer(t, patient...)})
		},
	},
	{
		name: "zishang520/socket.io", run: "two instances over Redis", profile: suite.ProfileCluster,
		without: []string{suite.AllowRequestDefault}, expected: "zishang520-3.0.2",
		start: func(t *testing.T) (string, []*wire.Target) {
			return fixtures.Zishang520Version, targetsOf(t, fixtures.Zishang520Cluster(t, "", 2, patient...))
		},
	},
	onPython("aiohttp"),
	onPython("uvicorn"),
}

func onRuntime(runtime string) foreign {
	return foreign{
		name: "socket.io on " + runtime, run: "one instance", profile: suite.Profile410,
		without: []string{suite.ServerSideEmit, suite.ServerSideEmitAck},
		start: func(t *testing.T) (string, []*wire.Target) {
			url := fixtures.RuntimeServer(t, strings.ToLower(runtime), patient...)
			return fixtures.NewestVersion(t), targetsOf(t, []string{url})
		},
	}
}

func onPython(http string) foreign {
	return foreign{
		name: "python-socketio on " + http, run: "one instance", profile: suite.Profile410, expected: "python-socketio-5.7.2-" + http,
		without: slices.DeleteFunc(slices.Clone(suite.Features), func(name string) bool { return name == suite.Ask || name == suite.Variadic }),
		start: func(t *testing.T) (string, []*wire.Target) {
			url, version := fixtures.PythonServer(t, http, patient...)
			return version, targetsOf(t, []string{url})
		},
	}
}

// TestForeignServersFailAsExpected compares each server with the list of its known failures.
func TestForeignServersFailAsExpected(t *testing.T) {
	thorough(t)
	for _, one := range foreigners {
		t.Run(one.name, func(t *testing.T) { failsAsExpected(t, one) })
	}
}

// failsAsExpected judges a server by the required rules and compares its failures with its list: every failure must be
// listed, and listed cases must not pass unless the list allows it. Cases that the machine kept from being judged do not
// count.
func failsAsExpected(t *testing.T, one foreign) (version string, results *suite.Results) {
	t.Helper()
	path := ""
	if one.expected != "" {
		path = filepath.Join("../../fixtures/expected", one.expected+".yaml")
	}
	list, err := knownFailures(path)
	if err != nil {
		t.Fatal(err)
	}
	version, targets := one.start(t)
	if one.expected != "" && !strings.Contains(one.expected, "-"+version) {
		t.Fatalf("fixtures/expected lists the failures of %s, not of %s", one.expected, version)
	}
	config := runner.Config{
		Profile: one.profile, Without: one.without, Requirements: suite.LatestRequirements, KnownFailures: list, Targets: targets,
		Tolerance: suite.DefaultTolerance,
	}
	config.Tolerance.Late = time.Second
	results = runPatiently(t, config)
	t.Logf("%s %s: %s, in %.1f s", one.name, version, results.Summary, results.DurationMs/1000)
	failed, passed := 0, 0
	for _, c := range results.Cases {
		switch {
		case c.Outcome == suite.Known:
			failed++
		case c.Level == suite.Required && c.Outcome == suite.Passed:
			passed++
		case c.Level == suite.Required && (c.Outcome == suite.Failed || c.Outcome == suite.Stale):
			t.Errorf("%s failed and is not listed, or is listed and passed: %s %v", c.ID, c.Reason, c.Evidence)
		}
	}
	if failed < len(list)/2 || passed < 200 {
		t.Errorf("saw %d of %d known failures, and %d required cases passed", failed, len(list), passed)
	}
	return version, results
}

// TestMixedClustersWithZishang520FailAsExpected judges clusters of zishang520/socket.io and other servers over Redis by the
// cluster cases, in either order: the failures must be those of zishang520/socket.io alone.
func TestMixedClustersWithZishang520FailAsExpected(t *testing.T) {
	thorough(t)
	others := map[string]func(t *testing.T, broker string) []string{
		"Node": func(t *testing.T, broker string) []string {
			args := append([]string{"--instance", "node"}, patient...)
			return fixtures.NodeCluster(t, fixtures.NodeOptions{Adapter: "redis", RedisURL: broker, Args: args})
		},
		"reference": func(t *testing.T, broker string) []string {
			ours, err := application.Start(t.Context(), application.Options{RedisURL: broker, Names: []string{"reference"}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = embedded.Close(ours) })
			return ours.URLs()
		},
	}
	for _, with := range [][]string{{"Node"}, {"reference"}, {"Node", "reference"}} {
		t.Run(strings.Join(with, " and "), func(t *testing.T) {
			t.Parallel()
			broker := fixtures.RedisServer(t)
			urls := fixtures.Zishang520Cluster(t, broker, 1, append([]string{"--instance", "zishang520"}, patient...)...)
			for _, name := range with {
				urls = append(urls, others[name](t, broker)...)
			}
			fixtures.AwaitCluster(t, urls...)
			for range 2 {
				mixedFailsAsExpected(t, urls)
				slices.Reverse(urls)
			}
		})
	}
}

// mixedFailsAsExpected reports failures in a mixed cluster that are not listed for zishang520/socket.io. Listed cases may
// pass: the answer depends on which server is asked.
func mixedFailsAsExpected(t *testing.T, urls []string) {
	t.Helper()
	list, err := knownFailures("../../fixtures/expected/zishang520-" + fixtures.Zishang520Version + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].Intermittent = true
	}
	config := runner.Config{
		Profile: suite.ProfileCluster, Only: []string{"cluster"}, Skip: []string{"cluster/matrix-*"}, Without: []string{suite.AllowRequestDefault},
		Requirements: suite.LatestRequirements, KnownFailures: list, Targets: targetsOf(t, urls), Tolerance: suite.DefaultTolerance,
	}
	config.Tolerance.Late = time.Second
	results := runSuite(t, config)
	for _, c := range results.Cases {
		if c.Level == suite.Required && c.Outcome == suite.Failed {
			t.Errorf("%s failed and is not listed: %s %v", c.ID, c.Reason, c.Evidence)
		}
	}
	known, passed := results.Counts.Total(suite.Known), results.Counts.Total(suite.Passed)
	t.Logf("%d passed, %d known failures, in %.1f s", passed, known, results.DurationMs/1000)
	if known < 5 || passed < 10 {
		t.Errorf("saw %d known failures, and %d cases passed: %s", known, passed, results.Summary)
	}
}

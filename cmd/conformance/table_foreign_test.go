//go:build table

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
	"example.test/conformance/suite/wire"
)

// TestForeignTable judges the servers other than the official one on Node, and the official one behind proxies, and writes
// the results into their table in fixtures/README.md. `.ci/table foreign` runs it.
func TestForeignTable(t *testing.T) {
	var rows []string
	all := slices.Concat(foreigners[:3], []foreign{proxied("nginx", fixtures.Nginx), proxied("HAProxy", fixtures.HAProxy)}, foreigners[3:])
	for _, one := range all {
		t.Run(one.name, func(t *testing.T) {
			version, results := failsAsExpected(t, one)
			rows = append(rows, foreignRow(one, version, results))
		})
	}
	if t.Failed() || len(rows) < len(all) {
		t.Fatalf("the table was not written: %d of %d servers were judged", len(rows), len(all))
	}
	writeTable(t, "foreign", "| server | version | run | required cases that passed, by area | known failures | verdict | wall time |\n|---|---|---|---|---|---|---|\n", rows)
}

func proxied(name, proxy string) foreign {
	return foreign{
		name: "socket.io behind " + name, run: "two instances, with TLS", profile: suite.ProfileCluster,
		start: func(t *testing.T) (string, []*wire.Target) {
			instances := fixtures.NodeCluster(t, fixtures.NodeOptions{Instances: 2, Args: patient})
			at := fixtures.Behind(t, proxy, instances)
			all, err := targets(at.URLs, nil, false, at.Certificate)
			if err != nil {
				t.Fatal(err)
			}
			return fixtures.NewestVersion(t), all
		},
	}
}

func foreignRow(one foreign, version string, results *suite.Results) string {
	var areas []string
	for _, area := range suite.Areas {
		passed, judged := 0, 0
		for _, c := range results.Cases {
			if c.Level != suite.Required || !strings.HasPrefix(c.ID, area+"/") || c.Outcome == suite.Inapplicable {
				continue
			}
			judged++
			if c.Outcome == suite.Passed {
				passed++
			}
		}
		switch {
		case judged == 0:
		case passed == judged:
			areas = append(areas, fmt.Sprintf("%s %d", area, passed))
		default:
			areas = append(areas, fmt.Sprintf("%s %d of %d", area, passed, judged))
		}
	}
	causes, unverified := map[string]bool{}, 0
	for _, c := range results.Cases {
		if c.Outcome == suite.Known {
			causes[c.KnownFailure.Reason] = true
		}
		if c.Outcome == suite.Unverified || c.Outcome == suite.Unstable {
			unverified++
		}
	}
	known := fmt.Sprint(results.Counts.Total(suite.Known))
	if len(causes) > 0 {
		known += fmt.Sprintf(" of %d causes", len(causes))
	}
	verdict := string(results.Verdict)
	if unverified > 0 && results.Counts.Total(suite.Failed) == 0 {
		verdict = fmt.Sprintf("nothing else failed; not judged as the machine stood still: %d", unverified)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %.1f s |\n",
		one.name, version, one.run, strings.Join(areas, ", "), known, verdict, results.DurationMs/1000)
}

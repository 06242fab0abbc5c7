//go:build table

package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
)

const tableFile = "../../fixtures/README.md"

// TestTable judges each version of the official server in clusters of several sizes, the newest over each adapter, and
// writes the results into the table of fixtures/README.md. `.ci/table` runs it.
func TestTable(t *testing.T) {
	var rows []string
	expected := 0
	versions := fixtures.NodeVersions(t)
	for i, version := range versions {
		adapters, newest := []string{"redis"}, i == len(versions)-1
		if newest {
			adapters = append(adapters, "sharded", "streams", "cluster", "postgres")
		}
		for _, adapter := range adapters {
			for _, instances := range []int{2, 3, 8} {
				expected++
				t.Run(fmt.Sprintf("%s %s %d", version, adapter, instances), func(t *testing.T) {
					rows = append(rows, tableRow(t, version, adapter, instances, newest))
				})
			}
		}
	}
	if len(rows) < expected {
		t.Fatalf("the table was not written: it has %d rows, and %d were judged", expected, len(rows))
	}
	writeTable(t, "table", "| socket.io | edition | adapter | instances | cases | known failures | verdict | wall time |\n|---|---|---|---|---|---|---|---|\n", rows)
}

// writeTable writes rows into the named place in the page.
func writeTable(t *testing.T, place, head string, rows []string) {
	t.Helper()
	text, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?s)(<!-- ` + place + ` -->\n).*(<!-- /` + place + ` -->)`)
	if !lines.Match(text) {
		t.Fatalf("%s has no place for the table %s", tableFile, place)
	}
	table := fmt.Sprintf("On %d cores:\n\n", runtime.NumCPU()) + head + strings.Join(rows, "")
	text = lines.ReplaceAll(text, []byte("${1}"+table+"${2}"))
	if err := os.WriteFile(tableFile, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func tableRow(t *testing.T, version, adapter string, instances int, restarts bool) string {
	nodes := fixtures.RunNodeCluster(t, fixtures.NodeOptions{Version: version, Adapter: adapter, Instances: instances, Args: patient})
	config := byItsEdition(t, version)
	if restarts {
		config.Lifecycle = controlledNode{nodes}
	}
	r := judge(t, config, nodes.URLs...)
	known := r.Counts.Total(suite.Known)
	judged := known + r.Counts.Total(suite.Passed) + r.Counts.Total(suite.Warned) + r.Counts.Total(suite.Noted) + r.Counts.Total(suite.Unstable) + r.Counts.Total(suite.Failed) + r.Counts.Total(suite.Stale)
	return fmt.Sprintf("| %s | %s | %s | %d | %d | %d | %s | %.1f s |\n",
		version, r.Edition, adapter, instances, judged, known, r.Verdict, r.DurationMs/1000)
}

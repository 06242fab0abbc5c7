//go:build loaded

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
)

// loops is how many busy loops run beside a run.
const loops = 24

// TestLoaded judges the embedded reference, and socket.io over Redis with TLS behind each proxy, beside busy loops, and prints
// a row for each run. The three run at the same time. `.ci/loaded` runs it. The timers of socket.io are not as short as in
// other tests: beside so many loops an exchange over TLS takes a tenth of a second, and with short timers a server is right
// to end sessions.
func TestLoaded(t *testing.T) {
	times := 30
	if n, err := strconv.Atoi(os.Getenv("CONFORMANCE_RUNS")); err == nil {
		times = n
	}
	of := map[string][]string{"reference": nil}
	for _, proxy := range []string{fixtures.Nginx, fixtures.HAProxy} {
		behind := fixtures.Behind(t, proxy, fixtures.NodeCluster(t, fixtures.NodeOptions{
			Instances: 2, Adapter: "redis", RedisURL: fixtures.RedisServer(t), Args: mediumTimers,
		}))
		of["socket.io behind "+proxy] = []string{"-t", behind.URLs[0], "-t", behind.URLs[1], "--ca", behind.Certificate}
	}
	for range loops {
		busy := exec.Command("sh", "-c", "while :; do :; done")
		if err := busy.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = busy.Process.Kill()
			_ = busy.Wait()
		})
	}
	t.Run("all", func(t *testing.T) {
		for name, args := range of {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				loaded(t, name, times, args)
			})
		}
	})
}

func loaded(t *testing.T, name string, times int, args []string) {
	dir := t.TempDir()
	for i := range times {
		begun := time.Now()
		out, err := asCommand(t, append([]string{"run", "--quiet", "-o", dir}, args...)...).CombinedOutput()
		took := time.Since(begun).Seconds()
		var results suite.Results
		text, readErr := os.ReadFile(filepath.Join(dir, "results.json"))
		if readErr != nil || json.Unmarshal(text, &results) != nil {
			t.Errorf("no results: %v %v\n%s", err, readErr, out)
			continue
		}
		unstable := results.Counts.Total(suite.Unstable)
		t.Logf("| %s, run %d | exit code %d | %d unstable | %.0f s |", name, i+1, results.ExitCode, unstable, took)
		if err != nil || unstable > 2 {
			t.Error(fmt.Sprint(err), "\n", unwell(&results))
		}
	}
}

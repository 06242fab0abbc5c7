package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"example.test/conformance/fixtures"
)

// Two builds of a release give the same bytes, its binary knows its commit, and its npm packages run without a network.
func TestRelease(t *testing.T) {
	thorough(t)
	t.Parallel()
	fixtures.Require(t, "git", "npm", "npx")
	run := func(folder, name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir(), "npm_config_offline=true", "npm_config_cache="+t.TempDir())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	one, two := t.TempDir(), t.TempDir()
	for _, folder := range []string{one, two} {
		run("../..", ".ci/release", "HEAD", folder, platform)
	}
	sums, err := os.ReadFile(filepath.Join(one, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(filepath.Join(two, "SHA256SUMS")); string(again) != string(sums) || strings.Count(string(sums), "\n") != 3 {
		t.Errorf("two builds differ, or do not have three files:\n%s\n%s", sums, again)
	}
	run(one, "sha256sum", "--check", "SHA256SUMS")
	project := t.TempDir()
	if err := os.WriteFile(filepath.Join(project, "package.json"), []byte(`{"private": true}`), 0o644); err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob(filepath.Join(one, "*.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	run(project, "npm", append([]string{"install", "--no-audit", "--no-fund"}, archives...)...)
	commit := strings.TrimSpace(run("../..", "git", "rev-parse", "HEAD"))
	if said := run(project, "npx", "conformance", "version"); !strings.Contains(said, "\ncommit "+commit+"\n") {
		t.Errorf("the binary in the package says\n%s\nwant the commit %s", said, commit)
	}
}

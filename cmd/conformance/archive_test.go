package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A build from a git archive knows its commit, without history for Go to read, and the digest of its sources is that of the
// files.
func TestArchivesKnowTheirCommit(t *testing.T) {
	thorough(t)
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-C", "../.."}, args...)...).Output()
		if err != nil {
			t.Skipf("git %s: %v", args[0], err)
		}
		return strings.TrimSpace(string(out))
	}
	folder := t.TempDir()
	commit := git("rev-parse", "HEAD")
	git("archive", "-o", filepath.Join(folder, "source.tar"), commit)
	command := func(name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	command("tar", "xf", "source.tar")
	command("go", "build", "-trimpath", "-o", "built", "./cmd/conformance")
	said := command("./built", "version")
	if !strings.Contains(said, "\ncommit "+commit+"\n") {
		t.Errorf("built from an archive of %s, it says\n%s", commit, said)
	}
	if git("status", "--porcelain") == "" && !strings.Contains(said, "\nsources "+sourcesDigest()+"\n") {
		t.Errorf("want the sources digest %s, got:\n%s", sourcesDigest(), said)
	}
}

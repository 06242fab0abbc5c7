package main

import (
	"io/fs"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
)

func TestSourcesDigestIsThatOfTheFiles(t *testing.T) {
	find := exec.Command("sh", "-c", `find cases suite -name '*.go' | LC_ALL=C sort | xargs sha256sum | sha256sum`)
	find.Dir = "../.."
	out, err := find.Output()
	if err != nil {
		t.Skipf("no shell computes the digest: %v", err)
	}
	if want, _, _ := strings.Cut(string(out), " "); sourcesDigest() != want {
		t.Errorf("got the digest %s, want that of the files, %s", sourcesDigest(), want)
	}
}

func TestDigestTellsChanges(t *testing.T) {
	seen := map[string]string{}
	for name, files := range map[string]fstest.MapFS{
		"a file":         {"a.go": {Data: []byte("a")}},
		"other content":  {"a.go": {Data: []byte("b")}},
		"another name":   {"b.go": {Data: []byte("a")}},
		"one file more":  {"a.go": {Data: []byte("a")}, "b.go": {Data: []byte("")}},
		"another folder": {"a/a.go": {Data: []byte("a")}},
	} {
		got := digest(map[string]fs.FS{"suite": files})
		if other := seen[got]; other != "" {
			t.Errorf("%s and %s have the same digest", name, other)
		}
		seen[got] = name
	}
}

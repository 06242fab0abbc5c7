package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	_ "embed"

	"example.test/conformance/reporter/attest"
	"example.test/conformance/suite"
)

// exportedCommit is the commit of an archive that git made. Such an archive has no history for Go to read.
//
//go:embed COMMIT
var exportedCommit string

// The version of the suite, and its commit if Go does not know it. Releases set them when linking.
var (
	version = "0.1.0"
	commit  = "unknown"
)

// build says which suite this is.
func build() suite.SuiteBuild {
	b := suite.SuiteBuild{Version: version, Commit: commit, Go: runtime.Version(), Sources: sourcesDigest()}
	if exported := strings.TrimSpace(exportedCommit); !strings.HasPrefix(exported, "$") {
		b.Commit = exported
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Sum != "" { // built from a module that a proxy served
		b.Commit = info.Main.Version
	}
	modified := ""
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				modified = attest.ModifiedBuild
			}
		}
	}
	b.Commit += modified
	return b
}

func versionCommand(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	f := newFlags("version", "version")
	if err := f.parse(args, out); err != nil {
		return 0, err
	}
	b := build()
	fmt.Fprintf(out, "conformance %s\ncommit %s\nsources %s\ncatalogue %s\nrequirements %s\n%s %s/%s\n", b.Version, b.Commit, b.Sources, suite.CatalogueDigest(), suite.NewestRequirements(), b.Go, runtime.GOOS, runtime.GOARCH)
	return 0, nil
}

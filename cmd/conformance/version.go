package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"example.test/conformance/suite"
)

// version of the suite, and its commit where Go does not know it; releases set them when they link.
var (
	version = "0.1.0"
	commit  = "unknown"
)

// build says which suite this is.
func build() suite.SuiteBuild {
	b := suite.SuiteBuild{Version: version, Commit: commit, Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	modified := ""
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				modified = " with changes"
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
	fmt.Fprintf(out, "conformance %s\ncommit %s\ncatalogue %s\n%s %s/%s\n", b.Version, b.Commit, suite.CatalogueDigest(), b.Go, runtime.GOOS, runtime.GOARCH)
	return 0, nil
}

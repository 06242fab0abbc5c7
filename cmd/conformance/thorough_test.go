package main

import (
	"os"
	"testing"
)

// thorough leaves a test out of the quick ones: it judges many servers, which takes a minute of processor
// time or more. Under the race detector it would find nothing else: the servers are other processes, or
// judged there by quicker tests.
func thorough(t *testing.T) {
	t.Helper()
	switch {
	case raceDetector:
		t.Skip("left out under the race detector: the plain run of .ci/run has it")
	case !isThorough():
		t.Skip("left out of the quick tests: .ci/run has it, and CONFORMANCE_THOROUGH=1 go test ./cmd/conformance")
	}
}

// isThorough reports whether more than the quick tests was asked for.
func isThorough() bool { return os.Getenv("CONFORMANCE_THOROUGH") == "1" }

// someOf is what .ci/run takes of many servers of one sort: one in so many. .ci/variants and .ci/hostile take all.
func someOf[S any](t *testing.T, all []S) []S {
	t.Helper()
	if os.Getenv("CONFORMANCE_CAMPAIGN") != "" {
		return all
	}
	some := oneIn(8, all)
	t.Logf("%d of %d: .ci/variants and .ci/hostile run all", len(some), len(all))
	return some
}

// oneIn takes one in n of a list, the first one with it.
func oneIn[S any](n int, all []S) (some []S) {
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

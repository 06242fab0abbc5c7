package main

import (
	"os"
	"testing"
)

// thorough excludes a test from the quick ones: it judges many servers, which takes a minute of processor time or more.
// Under the race detector it would find nothing more: the servers are other processes, or quicker tests judge them there.
func thorough(t *testing.T) {
	t.Helper()
	switch {
	case raceDetector:
		t.Skip("left out under the race detector: the plain run of .ci/run has it")
	case !isThorough():
		t.Skip("left out of the quick tests: .ci/run has it, and CONFORMANCE_THOROUGH=1 go test ./cmd/conformance")
	}
}

// isThorough reports whether more than the quick tests were asked for.
func isThorough() bool { return os.Getenv("CONFORMANCE_THOROUGH") == "1" }

// someOf returns the sample of many similar servers that .ci/run takes: one in so many. .ci/variants and .ci/hostile take
// all.
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

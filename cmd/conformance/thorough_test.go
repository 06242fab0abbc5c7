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
	case os.Getenv("CONFORMANCE_REQUIRE_ALL") != "1":
		t.Skip("left out of the quick tests: .ci/run has it, and CONFORMANCE_REQUIRE_ALL=1 go test ./cmd/conformance")
	}
}

package runner_test

import (
	"os"
	"testing"

	"example.test/conformance/fixtures"
)

func TestMain(m *testing.M) { os.Exit(fixtures.RunAtOnce(m, 8)) }

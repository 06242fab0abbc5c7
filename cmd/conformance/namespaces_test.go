package main

import (
	"testing"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// TestDynamicNamespacesOfEveryMakeConform judges servers that create the contract's dynamic namespaces with a function
// instead of a pattern, at once or after a while, and servers that remove empty ones.
func TestDynamicNamespacesOfEveryMakeConform(t *testing.T) {
	thorough(t)
	for name, args := range map[string][]string{
		"function":                   {"--dynamic", "function"},
		"slow function":              {"--dynamic", "function", "--check-delay", "80"},
		"pattern and clean-up":       {"--clean-up"},
		"slow function and clean-up": {"--dynamic", "function", "--check-delay", "30", "--clean-up"},
	} {
		t.Run(name, func(t *testing.T) {

			args = append(args, patient...)
			config := runner.Config{Only: append([]string{"namespaces", "connect/*namespace"}, suite.Prerequisites()...), Strict: true}
			results := judge(t, config, fixtures.NodeCluster(t, fixtures.NodeOptions{Args: args})...)
			if results.Verdict != suite.Partial || results.ExitCode != 0 {
				t.Errorf("got the verdict %s: %s", results.Verdict, results.Summary)
			}
		})
	}
}

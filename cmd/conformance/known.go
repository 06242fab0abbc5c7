package main

import (
	"bytes"
	"errors"
	"io"
	"os"

	"go.yaml.in/yaml/v3"

	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// knownFailures reads a list of known failures: YAML, a list of {case, reason, until, intermittent}. Every mistake in
// it is the user's.
func knownFailures(path string) ([]suite.KnownFailure, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usage("--known-failures: %v", err)
	}
	var list []suite.KnownFailure
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return nil, usage("--known-failures: %s is not a list of {case, reason, until, intermittent}: %v", path, err)
	}
	if err := runner.CheckKnownFailures(list); err != nil {
		return nil, usage("--known-failures: %s: %v", path, err)
	}
	return list, nil
}

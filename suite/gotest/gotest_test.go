package gotest_test

import (
	"io"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/gomega"

	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/gotest"
	"example.test/conformance/suite/runner"
)

// start starts a reference server and stops it when the test ends.
func start(t testing.TB) string {
	t.Helper()
	cluster, err := application.Start(t.Context(), application.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Close(t.Context()) })
	return cluster.URLs()[0]
}

func TestReferenceConforms(t *testing.T) {
	results := gotest.Run(t, runner.Config{Only: []string{"handshake/*", "connect/main-namespace"}}, start(t))
	if results.Counts.Total(suite.Passed) == 0 {
		t.Error("no case passed")
	}
}

func TestSpecs(t *testing.T) {
	var server string
	ginkgo.BeforeSuite(func() { server = start(t) })
	if err := gotest.Describe(runner.Config{Only: []string{"handshake/*"}}, func() []string { return []string{server} }); err != nil {
		t.Fatal(err)
	}
	formatter.ColorableStdOut = io.Discard // Ginkgo prints its specs, whatever go test is told
	gomega.RegisterFailHandler(ginkgo.Fail)
	config, reporter := ginkgo.GinkgoConfiguration()
	reporter.Succinct = true
	if !ginkgo.RunSpecs(t, "Socket.IO conformance of a server in Go", config, reporter) {
		t.Error("a spec failed")
	}
}

// A Go server is judged in a test of its own package. This is the body of TestConformance(t *testing.T).
func Example() {
	var t *testing.T
	url := "http://localhost:3000" // of the server that the test started
	gotest.Run(t, runner.Config{Profile: suite.Profile410}, url)
}

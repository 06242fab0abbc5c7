package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"example.test/conformance/cmd/conformance/prove"
	"example.test/conformance/fixtures"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/browser"
	"example.test/conformance/suite/runner"
)

// inChromium returns a browser for a test.
func inChromium(t *testing.T) *browser.Chromium {
	t.Helper()
	thorough(t)
	fixtures.Require(t, fixtures.Chromium, fixtures.Node)
	browser, err := browser.NewChromium("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(browser.Close)
	return browser
}

// The clients that real servers serve do what was announced, each with the default of its version.
func TestClientsOfRealServersConform(t *testing.T) {
	browser := inChromium(t)
	for _, version := range []string{"4.1.0", "4.7.5", ""} {
		t.Run("the client of "+version, func(t *testing.T) {
			urls := fixtures.NodeCluster(t, fixtures.NodeOptions{Version: version, Args: patient})
			results := judge(t, runner.Config{Profile: suite.ProfileBrowser, Browser: browser}, urls...)
			if n := results.Counts.Total(suite.Passed); n < 9 {
				t.Errorf("got %d passed cases", n)
			}
		})
	}
}

// Each browser case fails with a fault of the client that breaks its rule, and passes with a client without faults.
func TestBrowserCasesAreProven(t *testing.T) {
	browser := inChromium(t)
	client, err := os.ReadFile(fixtures.ClientBundle(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	o := prove.Options{Pages: &prove.Pages{Browser: browser, Client: client}, Progress: progress(io.Discard)}
	for _, c := range suite.Cases() {
		if c.Needs.Browser {
			o.Cases = append(o.Cases, c)
		}
	}
	for _, f := range fault.All() {
		if f.InBrowser() {
			o.Faults = append(o.Faults, f)
		}
	}
	p, err := prove.Prove(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Complete() || p.Cases == 0 || p.Faults == 0 {
		var out strings.Builder
		p.Print(&out)
		t.Error(out.String())
	}
}

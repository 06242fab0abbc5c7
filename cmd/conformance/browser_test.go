package main

import (
	"io"
	"os"
	"slices"
	"testing"

	"example.test/conformance/fixtures"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
)

// inChromium is a browser for a test.
func inChromium(t *testing.T) *suite.Browser {
	t.Helper()
	thorough(t)
	fixtures.Require(t, fixtures.Chromium, fixtures.Node)
	browser, err := suite.NewBrowser("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(browser.Close)
	return browser
}

// The clients that real servers bring do what was announced, each with the default of its version.
func TestClientsOfRealServersConform(t *testing.T) {
	browser := inChromium(t)
	for _, version := range []string{"4.1.0", "4.7.5", ""} {
		t.Run("the client of "+version, func(t *testing.T) {
			urls := fixtures.NodeCluster(t, fixtures.NodeOptions{Version: version, Args: patient})
			results := judge(t, suite.Config{Profile: suite.ProfileBrowser, Browser: browser}, urls...)
			if n := results.Counts.Total(suite.Passed); n < 9 {
				t.Errorf("%d cases passed", n)
			}
		})
	}
}

// Each case in a browser catches the faults of the client that it names, and passes with a client that has none.
func TestBrowserCasesCatchTheFaultsThatTheyName(t *testing.T) {
	browser := inChromium(t)
	client, err := os.ReadFile(fixtures.ClientBundle(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	_, selected, _, faults := apartBrowser(suite.Cases(), fault.All())
	if len(selected) == 0 || len(faults) == 0 {
		t.Fatal("there is nothing to prove")
	}
	p := &proof{}
	if err := (&pages{browser, client}).prove(t.Context(), selected, faults, p, progress(io.Discard)); err != nil {
		t.Fatal(err)
	}
	p.conclude(selected)
	for _, list := range [][]string{p.RedWithoutFault, p.UncaughtFaults, p.UnprovenCases, p.FalseClaims} {
		for _, problem := range list {
			t.Error(problem)
		}
	}
	for _, c := range selected {
		if len(c.Faults) == 0 || slices.Contains(p.UnprovenCases, c.ID) {
			t.Errorf("%s is not proven", c.ID)
		}
	}
}

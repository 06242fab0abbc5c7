package reporter_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"example.test/conformance/reporter"
	"example.test/conformance/suite/result"
)

// A run that is not whole, stable and green has its own message and colour.
func TestBadge(t *testing.T) {
	t.Parallel()
	unstable := result.Counts{result.Required: {result.Unstable: 1}}
	known := result.Counts{result.Required: {result.Known: 1}}
	failed := result.Counts{result.Required: {result.Failed: 3}}
	green := reporter.NewBadge(&result.Results{Verdict: result.Conformant, Edition: "4.8", Profile: "cluster"})
	if green.Message != "conformant" || green.Label != "Socket.IO 4.8 cluster" {
		t.Errorf("the badge of a green run is %+v", green)
	}
	for _, test := range []struct {
		results result.Results
		message string
	}{
		{result.Results{Verdict: result.Conformant, Without: []string{"cors"}}, "conformant: without cors"},
		{result.Results{Verdict: result.Conformant, Counts: unstable}, "conformant: 1 unstable"},
		{result.Results{Verdict: result.Excused, Counts: known}, "conformant but for known failures: 1"},
		{result.Results{Verdict: result.Partial}, "partial"},
		{result.Results{Verdict: result.Incomplete}, "incomplete"},
		{result.Results{Verdict: result.NotConformant, Counts: failed}, "not conformant: 3 failed"},
		{result.Results{Verdict: result.Unreachable}, "unreachable"},
		{result.Results{Verdict: result.Interrupted}, "interrupted"},
		{result.Results{Verdict: result.Broken}, "error"},
	} {
		b := reporter.NewBadge(&test.results)
		if b.Message != test.message || b.Colour == green.Colour {
			t.Errorf("a run that was %s has the badge %+v, not %q in a colour of its own", test.results.Verdict, b, test.message)
		}
	}
}

func TestBadgeIsXML(t *testing.T) {
	t.Parallel()
	var svg strings.Builder
	if err := (reporter.Badge{Label: `<&"`, Message: "a]]>", Colour: "#123456"}).SVG(&svg); err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(strings.NewReader(svg.String()))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, svg.String())
		}
	}
}

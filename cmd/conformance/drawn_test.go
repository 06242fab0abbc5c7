package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// sentBy runs cases of several kinds and returns the first lines of the requests and the packets.
func sentBy(t *testing.T, seed int64) (all []string) {
	t.Helper()
	_, config := clusterOf(t, application.Options{}, 1)
	config.Profile, config.Seed = suite.Profile410, seed
	config.Only = []string{"errors/unknown-transport*", "errors/unknown-session*", "headers/each-called-once-a-request", "websocket/unknown-session", "acks/id-zero", "handshake/cors*"}
	config.Only = slices.DeleteFunc(config.Only, func(one string) bool {
		_, err := runner.Select([]string{one}, nil)
		return err != nil
	})
	stamp := regexp.MustCompile(`&t=[0-9a-z]+|sid=[^&]+`)
	for _, c := range runSuite(t, config).Cases {
		for _, e := range c.Trace {
			switch {
			case e.HTTP != nil && e.HTTP.Direction == wire.Sent:
				line, _, _ := strings.Cut(e.HTTP.Text, "\r\n")
				if strings.Contains(line, "mark=") || strings.Contains(line, "transport=") {
					all = append(all, c.ID+" "+stamp.ReplaceAllString(line, ""))
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// The same seed replays what a run sends. Another seed sends other words in the same cases.
func TestRequestsAreDrawnFromTheSeed(t *testing.T) {
	first, again, other := sentBy(t, 11), sentBy(t, 11), sentBy(t, 12)
	if !slices.Equal(first, again) {
		t.Errorf("one seed sent\n%s\nand then\n%s", strings.Join(first, "\n"), strings.Join(again, "\n"))
	}
	marked := 0
	for _, line := range first {
		if !strings.Contains(line, "mark=") {
			continue
		}
		if marked++; slices.Contains(other, line) {
			t.Errorf("two seeds both sent %s", line)
		}
	}
	if marked < 5 {
		t.Errorf("got %d requests with a mark", marked)
	}
	for _, line := range slices.Concat(first, other) {
		for _, known := range []string{"carrier-pigeon", "never-was", "unheard-of"} {
			if strings.Contains(line, known) {
				t.Errorf("a run sent %s", line)
			}
		}
	}
}

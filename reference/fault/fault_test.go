package fault_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.test/conformance/reference/fault"
)

var areas = []string{
	"handshake", "polling", "websocket", "heartbeat", "upgrade", "encoding", "connect", "events", "acks", "binary",
	"disconnect", "errors", "headers", "namespaces", "cluster", "robustness", "browser",
}

func TestRegistry(t *testing.T) {
	faults := fault.All()
	summaries := map[string]string{}
	for _, f := range faults {
		area, slug, _ := strings.Cut(f.Name, "/")
		if !slices.Contains(areas, area) || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(slug) {
			t.Errorf("name %q", f.Name)
		}
		if strings.Contains(f.Summary, ". ") || strings.HasSuffix(f.Summary, ".") {
			t.Errorf("%s: the summary is not one clause without a full stop: %s", f.Name, f.Summary)
		}
		if other := summaries[area+f.Summary]; other != "" {
			t.Errorf("%s and %s have the same summary", f.Name, other)
		}
		summaries[area+f.Summary] = f.Name
		if found, ok := fault.Find(f.Name); !ok || found.Name != f.Name {
			t.Errorf("%s is not found", f.Name)
		}
	}
	if !slices.IsSortedFunc(faults, func(a, b fault.Fault) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the faults are not sorted")
	}
	if _, ok := fault.Find("none/such"); ok {
		t.Error("found what is not there")
	}
}

package fault_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
)

var areas = []string{
	"handshake", "polling", "websocket", "heartbeat", "upgrade", "encoding", "connect", "events", "acks", "binary",
	"disconnect", "errors", "headers", "namespaces", "cluster", "robustness", "browser", "rare",
}

func TestRegistry(t *testing.T) {
	faults := fault.All()
	sentences := map[string]string{}
	for _, f := range faults {
		area, slug, _ := strings.Cut(f.Name, "/")
		if !slices.Contains(areas, area) || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(slug) {
			t.Errorf("name %q", f.Name)
		}
		if strings.Contains(f.Sentence, ". ") || !strings.HasSuffix(f.Sentence, ".") {
			t.Errorf("%s: not one whole sentence: %s", f.Name, f.Sentence)
		}
		if other := sentences[area+f.Sentence]; other != "" {
			t.Errorf("%s and %s have the same sentence", f.Name, other)
		}
		sentences[area+f.Sentence] = f.Name
		if found, ok := fault.Find(f.Name); !ok || found.Name != f.Name {
			t.Errorf("%s is not found", f.Name)
		}
	}
	if !slices.IsSortedFunc(faults, func(a, b fault.Fault) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the faults are not sorted")
	}
	if _, ok := fault.Find("none/such"); ok {
		t.Error("found a fault that does not exist")
	}
}

// TestFaultsCompose applies two faults of one interface, in both orders, and checks that both are there.
func TestFaultsCompose(t *testing.T) {
	names := []string{"heartbeat/polls-count-as-pongs", "heartbeat/pauses-while-probing"}
	for range 2 {
		var o application.Options
		for _, name := range names {
			f, ok := fault.Find(name)
			if !ok {
				t.Fatalf("%s is not found", name)
			}
			f.Apply(&o)
		}
		if rules := o.Engine.Heartbeat; !rules.PollAnswers() || rules.Pings(false, true) || !rules.Pings(true, false) {
			t.Errorf("%s hides the other", names[1])
		}
		slices.Reverse(names)
	}
}

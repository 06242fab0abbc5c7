//go:build trials

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/fixtures"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
)

// recorded is the file of the trials that the judgement's test replays.
const recorded = "../../suite/result/testdata/trials.jsonl"

// perKind is how many trials with the same decision are kept, and eventsKept how many events of a trace.
const (
	perKind    = 2
	eventsKept = 12
	bytesKept  = 600 // of each event
	tracesKept = 3   // of the attempts after the first
	// faultsPerArea is how many faults of an area are recorded.
	faultsPerArea = 2
	faultsFor     = 3 * time.Minute
)

// trials keeps a few of each kind.
type trials struct {
	mu   sync.Mutex
	kept map[string][]result.Trial
}

// add keeps a trial if there are few like it: with the same outcome, cause, number of attempts and kinds of evidence.
func (k *trials) add(t result.Trial) {
	d := t.Judge()
	alike := fmt.Sprint(t.Level, d.Outcome, d.Cause, len(t.Attempts), d.Bad, len(t.Conditions.Standstills) > 0, len(t.Conditions.Control))
	for _, a := range t.Attempts {
		for _, f := range a.Evidence {
			alike += fmt.Sprint(" ", f.Kind, f.Given != "")
		}
		alike += ";"
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.kept[alike]) >= perKind {
		return
	}
	for i := range t.Attempts {
		if i > tracesKept { // they only count how often a deviation shows
			t.Attempts[i].Trace = nil
			continue
		}
		var about []int
		for _, f := range t.Attempts[i].Evidence {
			about = append(about, f.About...)
		}
		t.Attempts[i].Trace = t.Attempts[i].Trace.Shortened(eventsKept, bytesKept, about...)
	}
	k.kept[alike] = append(k.kept[alike], t)
}

// TestRecordTrials writes the trials of runs against the reference, faults of it, the official server and a target that ends
// in the middle. It tests nothing itself: it only writes them, so run it on a machine that is busy with other work.
func TestRecordTrials(t *testing.T) {
	all := &trials{kept: map[string][]result.Trial{}}
	against := func(name string, options application.Options, change func(*runner.Config)) {
		config, stop, err := embedded.Start(t.Context(), func() application.Options { return options })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		config.Profile, config.Judged = suite.ProfileCluster, all.add
		change(&config)
		if _, err := runner.RunDirectly(t.Context(), config); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := application.Options{Instances: 2}
	for range 2 {
		against("reference", whole, func(*runner.Config) {})
	}
	against("cut", whole, func(c *runner.Config) { c.Timeout = time.Second })
	of, enough := map[string]int{}, time.Now().Add(faultsFor)
	for _, one := range fault.All() {
		if of[path.Dir(one.Name)]++; of[path.Dir(one.Name)] > faultsPerArea || time.Now().After(enough) {
			continue
		}
		options := whole
		one.Apply(&options)
		against(one.Name, options, func(c *runner.Config) { c.Only = casesOf(one) })
	}
	config := runner.Config{Judged: all.add}
	config.Targets = targetsOf(t, fixtures.NodeCluster(t, fixtures.NodeOptions{}))
	for range 2 {
		if _, err := runner.RunDirectly(context.Background(), config); err != nil {
			t.Fatal(err)
		}
	}
	var kept []result.Trial
	for _, some := range all.kept {
		kept = append(kept, some...)
	}
	slices.SortFunc(kept, func(a, b result.Trial) int { return cmp.Compare(a.Case, b.Case) })
	var lines bytes.Buffer
	for _, one := range kept {
		d := one.Judge()
		if err := json.NewEncoder(&lines).Encode(result.Recorded{Trial: one, Outcome: d.Outcome, Cause: d.Cause}); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(path.Dir(recorded), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recorded, lines.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d trials of %d kinds, %d bytes", len(kept), len(all.kept), lines.Len())
}

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"golang.org/x/sync/semaphore"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/variant"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// variantsAtOnce keeps the load low enough that timing rules can be judged.
const variantsAtOnce = 4

// TestPermittedDifferencesAreNotRed runs all cases against servers that differ from the reference in what the documents
// leave open. None may be called broken. What cannot be judged then is unverified, with a reason.
func TestPermittedDifferencesAreNotRed(t *testing.T) {
	thorough(t)
	slots := semaphore.NewWeighted(variantsAtOnce)
	for _, v := range someOf(t, variant.All()) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			if err := slots.Acquire(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			defer slots.Release(1)
			judgeVariant(t, v)
		})
	}
}

// judgeVariant reports cases that are red on a variant, or unverified without a reason.
func judgeVariant(t *testing.T, v variant.Variant) {
	config, stop, err := embedded.Start(t.Context(), func() application.Options {
		options := application.Options{Instances: 2 + v.Unnamed}
		v.Apply(&options)
		return options
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for _, cluster := range []*runner.Config{&config, config.Second} {
		cluster.Targets = cluster.Targets[:len(cluster.Targets)-v.Unnamed]
	}
	config.Profile, config.Edition, config.Control = suite.ProfileCluster, suite.Latest, control(2)
	results := runSuite(t, config)
	red, rules := failed(results), results.UnstableRules()
	if len(red)+len(rules) > 0 { // other servers are judged at the same time: only what is red or unstable again counts
		again := config
		again.Only = slices.Collect(maps.Keys(red))
		for _, c := range results.Cases {
			if c.Outcome == suite.Unstable {
				again.Only = append(again.Only, c.ID)
				t.Logf("%s: %s %s", c.ID, c.Reason, evidence(c))
			}
		}
		t.Logf("once more: %v", again.Only)
		second := runSuite(t, again)
		red, rules = failed(second), second.UnstableRules()
	}
	for id, c := range red {
		t.Errorf("on a server that %s, %s is failed: %s", v.Summary, id, evidence(c))
	}
	switch results.Verdict {
	case suite.Conformant, suite.Incomplete, suite.NotConformant: // for the last one, each case is checked above
	default:
		t.Errorf("a server that %s is %s: %s", v.Summary, results.Verdict, results.Summary)
	}
	if len(rules) > 0 {
		t.Errorf("on a server that %s, several cases of %v are unstable", v.Summary, rules)
	}
	unverified := map[string][]string{}
	for _, c := range results.Cases {
		switch {
		case c.Outcome == suite.Errored:
			t.Errorf("on a server that %s, %s is %s: %s", v.Summary, c.ID, c.Outcome, evidence(c))
		case c.Outcome == suite.Unverified && c.Reason == "":
			t.Errorf("on a server that %s, %s is unverified without a reason", v.Summary, c.ID)
		case c.Outcome == suite.Unverified:
			unverified[c.Reason] = append(unverified[c.Reason], c.ID)
		}
	}
	for reason, ids := range unverified {
		t.Logf("%d unverified, %s among them: %s", len(ids), ids[0], reason)
	}
	t.Logf("%s: %d unverified, %d warned", results.Verdict, results.Counts.Total(suite.Unverified), results.Counts.Total(suite.Warned))
}

// evidence returns the evidence of a red case, in short.
func evidence(c suite.CaseResult) string {
	text, _ := json.Marshal(c.Evidence)
	return fmt.Sprintf("%.800s", text)
}

// failed returns the IDs of the cases that failed.
func failed(r *suite.Results) map[string]suite.CaseResult {
	all := map[string]suite.CaseResult{}
	for _, c := range r.Cases {
		if c.Outcome == suite.Failed {
			all[c.ID] = c
		}
	}
	return all
}

package main

import (
	"testing"
	"time"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
)

// recordingAgain repeats records after a time.
type recordingAgain struct {
	application.DefaultRecords
	after func(application.Entry) time.Duration // nil for never
}

func (r recordingAgain) Again(entry application.Entry) time.Duration {
	if r.after == nil {
		return 0
	}
	return r.after(entry)
}

// Three events are recorded a second time long after their cases are over, when only the sweep at the end of the run looks.
func TestRecordsThatComeTwiceAreSeenAtTheEnd(t *testing.T) {
	thorough(t)
	t.Parallel()
	const delay = 3 * time.Second
	run := func(again func(application.Entry) time.Duration) *suite.Results {
		config, stop, err := embedded.Start(t.Context(), func() application.Options {
			return application.Options{
				Instances: 2, PingInterval: 4 * time.Second, PingTimeout: 4 * time.Second, // so the run takes longer than the delay
				App: application.Rules{Records: recordingAgain{after: again}},
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		config.Only = []string{
			"errors/unknown-transport-event", "namespaces/dynamic-raises-one-event", "cluster/delivers-to-the-other-instance",
			"heartbeat/ping-after-the-interval", "heartbeat/pings-recur",
		}
		return runSuite(t, config)
	}
	again := map[string]string{
		"connection_error": "errors/unknown-transport-event", "new_namespace": "namespaces/dynamic-raises-one-event", "server_side_event": "cluster/delivers-to-the-other-instance",
	}
	r := run(func(e application.Entry) time.Duration {
		if again[e.Type] != "" {
			return delay
		}
		return 0
	})
	failed := map[string]bool{}
	for _, c := range r.Cases {
		if c.Outcome != suite.Failed {
			continue
		}
		failed[c.ID] = true
		swept := 0
		for _, a := range c.History {
			if a.Swept {
				swept++
			} else if a.Failed() {
				t.Errorf("%s saw the second record by itself: %+v", c.ID, a.Evidence)
			}
		}
		if swept != 1 {
			t.Errorf("%s failed in %d sweeps: %+v", c.ID, swept, c.Evidence)
		}
	}
	for kind, id := range again {
		if !failed[id] {
			t.Errorf("the second record of %s was not caught by %s", kind, id)
		}
	}
	if len(failed) != len(again) || r.Verdict != suite.NotConformant {
		t.Errorf("%s: %v", r.Verdict, failed)
	}
	if r := run(nil); r.ExitCode != 0 {
		t.Errorf("without a fault, got %s", r.Summary)
	}
}

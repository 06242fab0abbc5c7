package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/runner"
)

// listening starts a cluster at a broker and listens there.
func listening(t *testing.T, address string, options application.Options) (*application.Cluster, broker) {
	t.Helper()
	options.Instances, options.RedisURL = 2, address
	c, err := application.Start(t.Context(), embedded.Fitting(options))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = embedded.Close(c) })
	b, err := listen(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return c, b
}

// overBroker are cases about messages between servers, each with its own marks.
var overBroker = []string{"cluster/delivers-to-the-other-instance", "cluster/listener-is-told-of-the-acknowledgement", "cluster/arguments-of-every-kind"}

func TestWhatCrossesTheBrokerAgreesWithTheRecords(t *testing.T) {
	t.Parallel()
	c, b := listening(t, "redis://"+miniredis.RunT(t).Addr(), application.Options{})
	looked := append([]string{"cluster/never-to-the-sender"}, overBroker...)
	results := runSuite(t, runner.Config{Targets: targetsOf(t, c.URLs()), Only: looked, Broker: b})
	for _, one := range results.Cases {
		if slices.Contains(looked, one.ID) && one.Outcome != suite.Passed {
			t.Errorf("%s is %s: %s", one.ID, one.Outcome, evidence(one))
		}
		if slices.Contains(overBroker, one.ID) && one.Witness != result.OnBoth {
			t.Errorf("%s rests on %q", one.ID, one.Witness)
		}
		if one.ID == "cluster/never-to-the-sender" && one.Witness != result.OnWord {
			t.Errorf("%s rests on %q, but nothing shows that a listener was not called", one.ID, one.Witness)
		}
	}
}

// Instances that exchange messages in another way report emits that never crossed their adapter's broker.
func TestMessagesBesideTheBrokerAreToldAndRed(t *testing.T) {
	t.Parallel()
	_, b := listening(t, "redis://"+miniredis.RunT(t).Addr(), application.Options{})
	other, err := application.Start(t.Context(), application.Options{Instances: 2}) // at another broker
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = embedded.Close(other) })
	config := runner.Config{Targets: targetsOf(t, other.URLs()), Only: overBroker, Broker: b, Once: true, Tolerance: suite.DefaultTolerance}
	config.Tolerance.Patience /= 5
	results := runSuite(t, config)
	for _, one := range results.Cases {
		if !slices.Contains(overBroker, one.ID) {
			continue
		}
		told := slices.ContainsFunc(one.Evidence, func(f result.Failure) bool {
			return f.Kind == result.Content && strings.Contains(f.Expected.Words, "crossed the broker")
		})
		if one.Outcome != suite.Failed || !told {
			t.Errorf("%s is %s: %s", one.ID, one.Outcome, evidence(one))
		}
	}
}

// The traffic over the broker exposes an application that leaves out records.
func TestEmitsThatNobodyRecordsAreToldAndRed(t *testing.T) {
	t.Parallel()
	c, b := listening(t, "redis://"+miniredis.RunT(t).Addr(), application.Options{App: application.Rules{Records: override.Record(application.DefaultRecords{}, func(_ string, e application.Entry) []application.Entry {
		if e.Type == "server_side_event" {
			return nil
		}
		return []application.Entry{e}
	})}})
	const id = "cluster/never-to-the-sender"
	config := runner.Config{Targets: targetsOf(t, c.URLs()), Only: []string{id}, Broker: b}
	config.Tolerance = suite.DefaultTolerance
	config.Tolerance.Patience /= 5
	var one suite.CaseResult
	for range 5 { // a busy machine may leave open whether a record is missing or late
		results := runSuite(t, config).Cases
		one = results[slices.IndexFunc(results, func(c suite.CaseResult) bool { return c.ID == id })]
		if one.Outcome != suite.Unverified {
			break
		}
	}
	if one.Outcome != suite.Failed || !strings.Contains(evidence(one), "which crossed the broker") {
		t.Errorf("%s is %s: %s", one.ID, one.Outcome, evidence(one))
	}
}

func TestBrokerOfNoClusterIsRefused(t *testing.T) {
	_, err := listen(t.Context(), "redis://user:secret@"+miniredis.RunT(t).Addr()+"/0")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got error %v", err)
	}
}

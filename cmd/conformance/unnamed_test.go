package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/reference"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// clusterOf starts a reference cluster whose first instances are the targets of the configuration.
func clusterOf(t *testing.T, options application.Options, named int) (*application.Cluster, runner.Config) {
	t.Helper()
	c, err := application.Start(t.Context(), embedded.Fitting(options))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = embedded.Close(c) })
	return c, runner.Config{Targets: targetsOf(t, c.URLs()[:named]), Profile: suite.ProfileCluster, Only: []string{"cluster"}}
}

// toldOf fails the test unless the results say that the cluster has an unnamed instance.
func toldOf(t *testing.T, results *suite.Results, name string) {
	t.Helper()
	want := fmt.Sprintf("The cluster has an instance %q that was not named; give its URL with -t.", name)
	if !slices.Contains(results.Notices, want) {
		t.Errorf("got the notices %q, want %q", results.Notices, want)
	}
}

func TestUnnamedInstanceIsToldAndNotRed(t *testing.T) {
	t.Parallel()
	_, config := clusterOf(t, application.Options{Instances: 3}, 2)
	results := runSuite(t, config)
	toldOf(t, results, "c")
	if results.Verdict != suite.Incomplete {
		t.Errorf("got the verdict %s: %s", results.Verdict, results.Summary)
	}
	for _, c := range results.Cases {
		if c.Outcome.Red() || c.Outcome == suite.Unverified && c.Reason == "" {
			t.Errorf("%s is %s: %s %s", c.ID, c.Outcome, c.Reason, evidence(c))
		}
	}
}

// joins starts an instance when some cases have finished.
type joins struct {
	cluster  *application.Cluster
	once     sync.Once
	mu       sync.Mutex
	finished int
	failed   error
}

func (*joins) Notice(string)                 {}
func (*joins) Planned(int)                   {}
func (*joins) Started(string, time.Duration) {}
func (*joins) Done()                         {}
func (j *joins) Finished(suite.CaseResult) {
	j.mu.Lock()
	j.finished++
	enough := j.finished > 12
	j.mu.Unlock()
	if enough {
		j.once.Do(func() { _, j.failed = j.cluster.StartInstance() })
	}
}

func TestUnnamedInstanceThatJoinsIsToldAndNotRed(t *testing.T) {
	t.Parallel()
	cluster, config := clusterOf(t, application.Options{Instances: 2}, 2)
	j := &joins{cluster: cluster}
	config.Watcher, config.Parallel = j, 4
	results := runSuite(t, config)
	if j.failed != nil {
		t.Fatal(j.failed)
	}
	toldOf(t, results, "c")
	for _, c := range results.Cases {
		if c.Outcome.Red() {
			t.Errorf("%s is %s: %s %s", c.ID, c.Outcome, c.Reason, evidence(c))
		}
	}
}

// If a named instance answers twice, that is the server's fault, whoever else is in the cluster.
func TestAnswersTwiceAreNotForgiven(t *testing.T) {
	const from = "cluster/acknowledgement-from-each-instance"
	for _, instances := range []int{2, 3} {
		_, config := clusterOf(t, application.Options{Instances: instances, App: application.Rules{Control: override.Outcomes(application.DefaultControl{}, func(o application.Outcome) []application.Outcome {
			o.Responses = append([]reference.Value(nil), o.Responses...)
			if len(o.Responses) > 0 {
				o.Responses = append(o.Responses, o.Responses...)
			}
			return []application.Outcome{o}
		})}}, 2)
		config.Only = []string{from}
		results := runSuite(t, config)
		i := slices.IndexFunc(results.Cases, func(c suite.CaseResult) bool { return c.ID == from })
		if c := results.Cases[i]; c.Outcome != suite.Failed {
			t.Errorf("with %d instances %s is %s: %s", instances, from, c.Outcome, c.Reason)
		}
	}
}

// askedWithout runs a case about a question to the others, on two of three instances, and returns its result. Lost says which
// answers are missing from the nth outcome of a question, by the name of the instance in JSON. The targets are asked twice
// before the cases run.
func askedWithout(t *testing.T, lost func(n int64, name string) bool) suite.CaseResult {
	t.Helper()
	const from = "cluster/acknowledgement-from-each-instance"
	var asked atomic.Int64
	_, config := clusterOf(t, application.Options{Instances: 3, App: application.Rules{Control: override.Outcomes(application.DefaultControl{}, func(o application.Outcome) []application.Outcome {
		n := asked.Add(1)
		o.Responses = slices.DeleteFunc(slices.Clone(o.Responses), func(one reference.Value) bool { return lost(n, string(one.Text(nil))) })
		return []application.Outcome{o}
	})}}, 2)
	config.Only = []string{from}
	results := runSuite(t, config)
	toldOf(t, results, "c")
	return results.Cases[slices.IndexFunc(results.Cases, func(c suite.CaseResult) bool { return c.ID == from })]
}

// An instance that had been there when the question was asked is counted by the server: its answer takes no target's place.
func TestAnswerOfAnUnnamedInstanceReplacesNone(t *testing.T) {
	c := askedWithout(t, func(n int64, name string) bool { return n > 2 && name != `"c"` }) // the suite has found the third instance by then
	if c.Outcome != suite.Failed {
		t.Errorf("%s is %s: %s", c.ID, c.Outcome, c.Reason)
	}
}

// An instance that has just joined may answer a question before the cluster counts it in the next one: the suite asks again.
func TestUnnamedInstanceIsLookedForAgain(t *testing.T) {
	// After the first question of the case, both targets are asked.
	c := askedWithout(t, func(n int64, name string) bool { return (n <= 2 || n == 4 || n == 5) && name == `"c"` })
	if c.Outcome.Red() {
		t.Errorf("%s is %s: %s %s", c.ID, c.Outcome, c.Reason, evidence(c))
	}
}

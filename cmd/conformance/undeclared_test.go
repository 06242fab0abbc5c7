package main

import (
	"slices"
	"strings"
	"testing"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/override"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

// declaring starts two instances that declare only those of their features that keep accepts, and runs discovery.
func declaring(t *testing.T, options application.Options, keep func(string) bool) *suite.Capabilities {
	t.Helper()
	options.Instances = 2
	options.App.Control = override.Info(application.DefaultControl{}, func(info map[string]any) {
		features := slices.Clone(info["features"].([]string))
		info["features"] = slices.DeleteFunc(features, func(one string) bool { return !keep(one) })
	})
	_, config := clusterOf(t, options, 2)
	return runner.Discover(t.Context(), config)
}

func TestFeaturesThatWorkUndeclaredAreTold(t *testing.T) {
	c := declaring(t, application.Options{}, func(string) bool { return false })
	for i, target := range c.Targets {
		for _, feature := range []string{
			suite.ConnectionError, suite.InitialHeaders, suite.Headers, suite.NewNamespace, suite.DynamicNamespaces,
			suite.ServerSideEmit, suite.ServerSideEmitAck, suite.AllowRequest,
		} {
			if !slices.Contains(target.Works, feature) {
				t.Errorf("target %d: want %s to work, got %q", i+1, feature, target.Works)
			}
		}
	}
}

func TestFeaturesThatAreLackingAreNotTold(t *testing.T) {
	lacking := []string{suite.ConnectionError, suite.NewNamespace, suite.InitialHeaders}
	c := declaring(t, application.Options{Without: lacking}, func(one string) bool { return one != suite.Headers })
	for i, target := range c.Targets {
		if want := []string{suite.Headers}; !slices.Equal(target.Works, want) {
			t.Errorf("target %d: got working features %q, want %q", i+1, target.Works, want)
		}
	}
}

// An emit that reaches nobody shows nothing: adapters without the function ignore the call.
func TestEmitsOfOneInstanceShowNothing(t *testing.T) {
	options := application.Options{Instances: 1, App: application.Rules{Control: override.Info(application.DefaultControl{}, func(info map[string]any) {
		info["features"] = slices.DeleteFunc(slices.Clone(info["features"].([]string)), func(one string) bool { return strings.HasPrefix(one, suite.ServerSideEmit) })
	})}}
	_, config := clusterOf(t, options, 1)
	if works := runner.Discover(t.Context(), config).Targets[0].Works; len(works) > 0 {
		t.Errorf("got working features %q", works)
	}
}

func TestUndeclaredFeatureIsANotice(t *testing.T) {
	options := application.Options{App: application.Rules{Control: override.Info(application.DefaultControl{}, func(info map[string]any) {
		info["features"] = slices.DeleteFunc(slices.Clone(info["features"].([]string)), func(one string) bool { return one == suite.Headers })
	})}}
	_, config := clusterOf(t, options, 1)
	config.Profile, config.Only = suite.Profile410, []string{"headers/each-called-once-a-request"}
	results := runSuite(t, config)
	if !strings.Contains(strings.Join(results.Notices, "\n"), "The feature headers of target 1 works but is not declared") {
		t.Errorf("got the notices %q", results.Notices)
	}
}

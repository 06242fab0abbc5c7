package main

import (
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// The official server is also conformant behind nginx and HAProxy: two instances with a URL each, with TLS, and with one URL
// that keeps a client on one of them, by its address or by the cookie that the user gives.
func TestRealServersBehindProxiesConform(t *testing.T) {
	thorough(t)
	for proxy, cookie := range map[string]string{fixtures.Nginx: "", fixtures.HAProxy: "server=b"} {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			instances := fixtures.NodeCluster(t, fixtures.NodeOptions{Instances: 2, Args: patient})
			behind := fixtures.Behind(t, proxy, instances)
			t.Run("a URL for each", func(t *testing.T) {
				all, err := targets(behind.URLs, nil, false, behind.Certificate)
				if err != nil {
					t.Fatal(err)
				}
				behindProxyConforms(t, suite.ProfileCluster, all)
			})
			t.Run("a URL for both", func(t *testing.T) {
				var headers []string
				if cookie != "" {
					headers = append(headers, "Cookie: "+cookie)
				}
				all, err := targets([]string{behind.Both}, headers, false, "")
				if err != nil {
					t.Fatal(err)
				}
				behindProxyConforms(t, suite.Profile410, all)
			})
		})
	}
}

// behindProxyConforms judges targets strictly, by the profile that discovery finds.
func behindProxyConforms(t *testing.T, profile suite.Profile, targets []*wire.Target) {
	t.Helper()
	config := runner.Config{Strict: true, Targets: targets, Tolerance: suite.DefaultTolerance}
	config.Tolerance.Late = time.Second
	results := judge(t, config)
	if results.ExitCode != 0 || results.Profile != profile {
		t.Errorf("exit code %d, profile %s", results.ExitCode, results.Profile)
	}
	t.Logf("%.1f s", results.DurationMs/1000)
}

package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
)

func TestUnusedProxyIsSaidWithoutItsValue(t *testing.T) {
	for _, name := range proxyVariables {
		t.Setenv(name, "")
		t.Setenv(strings.ToLower(name), "")
	}
	if got := unusedProxy(); got != "" {
		t.Errorf("without variables, got %q", got)
	}
	t.Setenv("HTTPS_PROXY", "http://someone:hunter2@127.0.0.1:1")
	const one = "HTTPS_PROXY is set but not used: every request goes to the target itself."
	if got := unusedProxy(); got != one {
		t.Errorf("got %q", got)
	}

	config, stop, err := cluster(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	url := config.Targets[0].URL()
	var r runFlags
	r.flags()
	r.targets = []string{url}
	c, err := r.config()
	if err != nil {
		t.Fatal(err)
	}
	c.Only, c.Profile = []string{"handshake/polling-open-packet"}, suite.ProfileWire
	results, err := runner.RunDirectly(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(results.Notices, one) || results.ExitCode != 0 {
		t.Errorf("got exit code %d and notices %q", results.ExitCode, results.Notices)
	}

	t.Setenv("all_proxy", "socks5://127.0.0.1:1")
	var out bytes.Buffer
	if _, err := doctorCommand(t.Context(), []string{url}, &out, &out); err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(text, "HTTPS_PROXY and all_proxy are set but not used") || strings.Contains(text, "hunter2") {
		t.Errorf("the doctor says %s", text)
	}
	out.Reset()
	if _, err := doctorCommand(t.Context(), []string{"http://" + nobody}, &out, &out); err != nil {
		t.Fatal(err)
	}
	if line := last(out.String()); !strings.HasSuffix(line, "In Node no, because nothing listens at "+nobody+", and the proxy of the environment is not used.") {
		t.Errorf("for an unreachable server, the doctor says %s", line)
	}
}

package main

import (
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTLS runs the command against a target behind TLS, with a certificate that is not trusted by default.
func TestTLS(t *testing.T) {
	config, stop, err := cluster(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	behind, err := url.Parse(config.Targets[0].URL())
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(forwarder(behind))
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.StartTLS()
	defer front.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	if err := os.WriteFile(authority, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flags []string
		code  int
		says  string
	}{
		{[]string{"--insecure"}, 0, ""},
		{[]string{"--ca", authority}, 0, ""},
		{nil, 3, "certificate"},
	} {
		// Ginkgo runs one suite per process, so these runs bypass it.
		var r runFlags
		if err := r.flags().parse(append([]string{"-t", front.URL, "--only", "handshake/*open-packet"}, c.flags...), io.Discard); err != nil {
			t.Fatal(err)
		}
		config, err := r.config()
		if err != nil {
			t.Fatal(err)
		}
		results := runSuite(t, config)
		if results.ExitCode != c.code || !strings.Contains(results.Summary, c.says) {
			t.Errorf("%v: exit %d, %s", c.flags, results.ExitCode, results.Summary)
		}
	}
}

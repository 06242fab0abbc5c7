package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/doctor"
	"example.test/conformance/suite/runner"
)

// guarded forwards requests that have the access token in their query, and refuses all others.
func guarded(t *testing.T, token string) string {
	t.Helper()
	cluster, err := application.Start(t.Context(), application.Options{PingTimeout: 5 * time.Second, ConnectTimeout: 20 * time.Second}) // the machine may be busy
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Close(context.Background()) })
	origin, err := url.Parse(cluster.URLs()[0])
	if err != nil {
		t.Fatal(err)
	}
	forward := forwarder(origin)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("access_token") != token {
			http.Error(w, "no token but "+r.URL.RawQuery, http.StatusUnauthorized)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

// said returns what the doctor prints, in one line, and its exit code.
func said(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	code, err := doctorCommand(t.Context(), args, &out, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), code
}

func TestDoctorTakesWhatTheClientIsGiven(t *testing.T) {
	t.Parallel()
	address := guarded(t, "s3cr3t+t0ken")
	for name, c := range map[string]struct {
		args []string
		code int
		last string
	}{
		"no token":           {[]string{address}, 3, "In Node no, because no Engine.IO server answers at /socket.io/, which is answered with 401"},
		"a token in the URL": {[]string{address + "/?access_token=s3cr3t%2Bt0ken"}, 0, "In Node yes, over WebSocket."},
		"a token by --query": {[]string{"--query", "access_token=s3cr3t+t0ken", address}, 0, "In Node yes, over WebSocket."},
		"both":               {[]string{"--query", "room=7", address + "/?access_token=s3cr3t%2Bt0ken"}, 0, "In Node yes, over WebSocket."},
		"another token":      {[]string{"--query", "access_token=t0p-s3cr3t", address}, 3, "In Node no, because"},
		"a refusal":          {[]string{"--query", "access_token=s3cr3t+t0ken", "--auth", `{"refuse":"s3cr3t-r3fusal"}`, address}, 1, "In Node no, because the server refuses it in the namespace /, with"},
		"a namespace":        {[]string{"--query", "access_token=s3cr3t+t0ken", "--namespace", "custom", address}, 0, "In Node yes, over WebSocket."},
		"a page":             {[]string{"--query", "access_token=s3cr3t+t0ken", "--origin", "https://page.example/", address}, 0, "in a browser page of https://page.example yes, over WebSocket."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, code := said(t, c.args...)
			if line := last(text); code != c.code || !strings.Contains(line, c.last) {
				t.Errorf("exit code %d: %s", code, text)
			}
			for _, secret := range []string{"s3cr3t+t0ken", "s3cr3t%2Bt0ken", "t0p-s3cr3t", "s3cr3t-r3fusal"} {
				if strings.Contains(text, secret) {
					t.Errorf("the secret %s is shown: %s", secret, text)
				}
			}
		})
	}
	t.Run("for machines", func(t *testing.T) {
		t.Parallel()
		var out, progress bytes.Buffer
		if _, err := doctorCommand(t.Context(), []string{"--json", "--origin", "https://page.example", address + "/?access_token=s3cr3t%2Bt0ken"}, &out, &progress); err != nil {
			t.Fatal(err)
		}
		var d doctor.Diagnosis
		if err := json.Unmarshal(out.Bytes(), &d); err != nil || len(d.Clients) != 2 || !d.Clients[0].Stays || d.Clients[1].Origin != "https://page.example" {
			t.Errorf("%v: %s", err, out.String())
		}
	})
}

func TestDoctorRefusesWrongUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--auth", "no JSON"}, {"--auth", `"text"`}, {"--origin", "example.org"}, {"--origin", "https://example.org/chat"}, {"--query", "token"},
		{"--query", "=x"}, {"--query", "sid=x"}, {"--namespace", "/a,b"},
	} {
		var out bytes.Buffer
		_, err := doctorCommand(t.Context(), append(args, "http://127.0.0.1:1"), &out, &out)
		if _, wrong := errors.AsType[*runner.UsageError](err); !wrong {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// A server that requires an access token in the query is judged like any other if the URL holds one.
func TestRunTakesAQuery(t *testing.T) {
	t.Parallel()
	results := judge(t, runner.Config{Only: []string{"handshake", "acks", "upgrade"}}, guarded(t, "s3cr3t")+"/?access_token=s3cr3t")
	if results.ExitCode != 0 || results.Counts.Total(suite.Passed) < 30 {
		t.Errorf("exit code %d: %s", results.ExitCode, results.Summary)
	}
}

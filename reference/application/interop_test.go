package application_test

import (
	"strings"
	"testing"
	"time"

	"example.test/conformance/fixtures"
	"example.test/conformance/reference/application"
)

// TestOfficialClient runs the client from npm against the reference: events, acknowledgements and binary both ways,
// namespaces of all kinds, refusals, over each transport and across the upgrade.
func TestOfficialClient(t *testing.T) {
	t.Parallel()
	fixtures.Require(t, fixtures.Node)
	cluster := start(t, application.Options{PingTimeout: patience, ConnectTimeout: patience})
	for _, mode := range []string{"polling", "websocket", "polling,websocket"} {
		t.Run(mode, func(t *testing.T) {
			if out := fixtures.NodeScript(t, "client.js", cluster.URLs()[0], mode); !strings.Contains(out, mode+" ok") {
				t.Errorf("the client said %s", out)
			}
		})
	}
}

// TestClusterWithNode forms a cluster of two servers from npm, with the official Redis adapter, and one reference server.
func TestClusterWithNode(t *testing.T) {
	t.Parallel()
	fixtures.Require(t, fixtures.Node, fixtures.Redis)
	redis := fixtures.RedisServer(t)
	urls := fixtures.NodeCluster(t, fixtures.NodeOptions{Instances: 2, Adapter: "redis", RedisURL: redis})
	ours := start(t, application.Options{Names: []string{"c"}, RedisURL: redis, PingTimeout: patience, ConnectTimeout: patience, ServerSideEmitTimeout: 3 * time.Second})
	a, c := observe(t, urls[0]), observe(t, ours.URLs()[0])

	// The servers from npm count a server that has not subscribed yet as missing.
	for deadline := time.Now().Add(patience); !all(emit(c, "/", "whoami", `[]`, true), `"a"`, `"b"`) || !all(emit(c, "/custom", "whoami", `[]`, true), `"a"`, `"b"`); {
		if time.Now().After(deadline) {
			t.Fatal("the cluster did not form")
		}
	}
	for _, direction := range []struct {
		name   string
		sender *observer
		others []string
	}{
		{"reference to Node", c, []string{`"a"`, `"b"`}},
		{"Node to reference", a, []string{`"b"`, `"c"`}},
	} {
		for _, namespace := range []string{"/", "/custom"} {
			if got := emit(direction.sender, namespace, "whoami", `[]`, true); !strings.HasPrefix(got, `{"error":null,`) || !all(got, direction.others...) {
				t.Errorf("%s, %s: %s", direction.name, namespace, got)
			}
			args := `[1,-1.5,"é€😀",{"a":[true,null]},[],""]`
			if got := emit(direction.sender, namespace, "echo", args, true); got != `{"error":null,"responses":[`+args+`,`+args+`]}` {
				t.Errorf("%s, %s: %s", direction.name, namespace, got)
			}
		}
		one := direction.others[1]
		if got := emit(direction.sender, "/", "only", `[[`+one+`]]`, true); got != `{"error":"timeout reached: only 1 responses received out of 2","responses":[`+one+`]}` {
			t.Errorf("%s: %s", direction.name, got)
		}
		if got := emit(direction.sender, "/", "twice", `[]`, true); got != `{"error":null,"responses":["first","first"]}` {
			t.Errorf("%s: %s", direction.name, got)
		}
		for _, o := range []*observer{a, c} {
			o.flush()
		}
		emit(direction.sender, "/custom", "hello", `[1,"2"]`, false)
		emit(direction.sender, "/custom", "ping", `[]`, true)
		for _, o := range []*observer{a, c} {
			got := strings.Join(o.flush("server_side_event"), "\n")
			if want := o != direction.sender; strings.Contains(got, `"ack":false,"args":[1,"2"],"event":"hello","namespace":"/custom"`) != want {
				t.Errorf("%s: received %v, records %s", direction.name, !want, got)
			}
		}
	}
}

func all(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

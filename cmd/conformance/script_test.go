package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"conformance": main})
}

// TestCommand runs the scripts in testdata, each a session at the command line.
func TestCommand(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"serves":   serves,
			"stranger": stranger,
		},
	})
}

// exits runs the command and compares its exit code: exits CODE ARGS…
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS…")
	}
	code := 0
	if err := ts.Exec("conformance", args[1:]...); err != nil {
		if _, scanErr := fmt.Sscanf(err.Error(), "exit status %d", &code); scanErr != nil {
			ts.Fatalf("%v", err)
		}
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("the exit code is %d, not %s", code, args[0])
	}
}

// serves starts reference instances, with a fault where one is named, and puts their URLs into
// variables: serves N [FAULT] sets $A, $B, …
func serves(ts *testscript.TestScript, neg bool, args []string) {
	options := application.Options{}
	if neg || len(args) < 1 {
		ts.Fatalf("usage: serves N [FAULT]")
	}
	_, err := fmt.Sscan(args[0], &options.Instances)
	ts.Check(err)
	if len(args) > 1 {
		one, found := fault.Find(args[1])
		if !found {
			ts.Fatalf("there is no fault %s", args[1])
		}
		one.Apply(&options)
	}
	cluster, err := application.Start(context.Background(), options)
	ts.Check(err)
	ts.Defer(func() { _ = closeCluster(cluster) })
	for i, url := range cluster.URLs() {
		ts.Setenv(string(rune('A'+i)), url)
	}
}

// stranger starts what is no Engine.IO server, or nothing at all: stranger web|closed|silent sets $STRANGER.
func stranger(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("STRANGER", "http://"+l.Addr().String())
	switch strings.Join(args, " ") {
	case "web":
		s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.NotFoundHandler()}}
		s.Start()
		ts.Defer(s.Close)
	case "silent":
		ts.Defer(func() { l.Close() })
	case "closed":
		l.Close()
	default:
		ts.Fatalf("usage: stranger web|silent|closed")
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.test/conformance/cmd/conformance/embedded"
	"example.test/conformance/fixtures"
	"example.test/conformance/reference/application"
	"example.test/conformance/reference/fault"
	"example.test/conformance/suite"
)

// How many parallel tests run at once: they mostly wait for timers.
const (
	testsAtOnce     = 7
	testsAtOnceBusy = 3
)

// tests runs the tests of this package. A script that runs the command as a separate process does not run them.
type tests struct{ *testing.M }

func (t tests) Run() int {
	atOnce := testsAtOnce
	if embedded.Busy() {
		atOnce = testsAtOnceBusy
	}
	debug.SetGCPercent(400) // whole runs allocate much and keep little
	return fixtures.RunAtOnce(t.M, atOnce)
}

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"conformance": main, "instance": instance})
}

// scripted skips scripts under the race detector, because a whole run of the command then takes two minutes. Other tests run
// the suite under it.
func scripted(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("left out under the race detector: other tests run the suite under it")
	}
}

// TestCommand runs the scripts in testdata, each of which is a session at the command line.
func TestCommand(t *testing.T) {
	t.Parallel()
	scripted(t)
	commands := map[string]func(*testscript.TestScript, bool, []string){
		"exits":    exits,
		"serves":   serves,
		"stranger": stranger,
		"listens":  listens,
		"mortal":   mortals,
	}
	maps.Copy(commands, certificateCommands)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Cmds:                commands,
		Condition: func(condition string) (bool, error) {
			if condition != "thorough" {
				return false, fmt.Errorf("there is no condition %s", condition)
			}
			return isThorough(), nil
		},
	})
}

// exits runs the command and compares its exit code: exits CODE ARGS…
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS…")
	}
	code := 0
	for range 3 {
		code = 0
		if err := ts.Exec("conformance", args[1:]...); err != nil {
			if _, scanErr := fmt.Sscanf(err.Error(), "exit status %d", &code); scanErr != nil {
				ts.Fatalf("%v", err)
			}
		}
		if args[0] != "0" || code != suite.Incomplete.ExitCode() || !embedded.Busy() { // what a busy machine leaves open is tried again
			break
		}
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("got exit code %d, want %s", code, args[0])
	}
}

// serves starts reference instances, with a fault if one is named, and puts their URLs into variables: serves N [FAULT] sets
// $A, $B, …
func serves(ts *testscript.TestScript, neg bool, args []string) {
	options := application.Options{}
	if neg || len(args) < 1 {
		ts.Fatalf("usage: serves N [FAULT]")
	}
	_, err := fmt.Sscan(args[0], &options.Instances)
	ts.Check(err)
	options = embedded.Fitting(options)
	if len(args) > 1 {
		one, found := fault.Find(args[1])
		if !found {
			ts.Fatalf("there is no fault %s", args[1])
		}
		one.Apply(&options)
	}
	cluster, err := application.Start(context.Background(), options)
	ts.Check(err)
	ts.Defer(func() { _ = embedded.Close(cluster) })
	controlled(ts, cluster)
	for i, url := range cluster.URLs() {
		ts.Setenv(string(rune('A'+i)), url)
	}
}

// controlled serves requests to stop and start a cluster's instances at $CONTROL, for the command instance.
func controlled(ts *testscript.TestScript, cluster interface {
	Stop(context.Context, int) error
	Restart(int) error
}) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var i int
		_, err := fmt.Sscan(r.URL.Query().Get("instance"), &i)
		switch {
		case err != nil:
		case r.URL.Path == "/stop":
			err = cluster.Stop(r.Context(), i-1)
		default:
			err = cluster.Restart(i - 1)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
		}
	}))
	ts.Defer(s.Close)
	ts.Setenv("CONTROL", s.URL)
}

// instance stops or starts an instance of the cluster that a script serves: instance stop|start N.
func instance() {
	response, err := http.Get(fmt.Sprintf("%s/%s?instance=%s", os.Getenv("CONTROL"), os.Args[1], os.Args[2]))
	if err != nil || response.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, "the instance does not obey")
		os.Exit(1)
	}
}

// listens runs `conformance serve` until the script ends, and puts the URLs of its instances into variables:
// listens N FLAGS… sets $A, $B, …
func listens(ts *testscript.TestScript, neg bool, args []string) {
	var n int
	if neg || len(args) < 1 {
		ts.Fatalf("usage: listens N FLAGS…")
	}
	_, err := fmt.Sscan(args[0], &n)
	ts.Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	lines, done := io.Pipe()
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, err := serveCommand(ctx, args[1:], done, io.Discard)
		done.CloseWithError(errors.Join(err, io.EOF))
	}()
	ts.Defer(func() { cancel(); <-over })
	for i := range n {
		var name, url string
		if _, err := fmt.Fscanf(lines, "ready %s %s\n", &name, &url); err != nil {
			ts.Fatalf("serve: %v", err)
		}
		ts.Setenv(string(rune('A'+i)), url)
	}
}

// stranger starts something other than an Engine.IO server, or nothing at all: stranger web|closed|silent sets $STRANGER.
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

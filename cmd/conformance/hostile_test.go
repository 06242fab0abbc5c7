package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.test/conformance/reference/application"
	"example.test/conformance/reporter"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

const secretUnderTest = "Bearer s3cr3t/t0k3n+of=this%run"

// peakLimit is how much memory a run may take, whatever its target does.
const peakLimit = 300 << 20

// listening serves a hostile server on loopback until the returned function is called.
func (h hostile) listening(t *testing.T) (address string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	var count atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			n := count.Add(1) - 1
			go func() {
				defer func() {
					c.Close()
					mu.Lock()
					delete(open, c)
					mu.Unlock()
				}()
				h.serve(c, n)
			}()
		}
	}()
	return l.Addr().String(), func() {
		l.Close()
		mu.Lock()
		defer mu.Unlock()
		for c := range open {
			reset(c)
		}
	}
}

// calmServer returns the address of a server that keeps the rules.
func calmServer(t *testing.T) string {
	t.Helper()
	c, err := application.Start(t.Context(), application.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = c.Close(ctx)
	})
	u, err := url.Parse(c.URLs()[0])
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// target starts the server and returns it as a target that is sent the secret.
func (h hostile) target(t *testing.T) (target *wire.Target, stop func(), err error) {
	t.Helper()
	host, stop := h.listening(t)
	if target, err = wire.ParseTarget("http://" + host); err == nil {
		target.SetHeader("Authorization", secretUnderTest)
	}
	return target, stop, err
}

// sampleOfCases is judged against each hostile server in the quick tests.
var sampleOfCases = []string{
	"handshake/sid-is-text", "handshake/websocket-open-packet", "handshake/sids-differ", "connect/control-namespace", "connect/main-namespace",
	"polling/post-as-large-as-allowed", "websocket/as-large-as-allowed", "acks/id-zero", "upgrade/probe-then-upgrade",
}

// TestHostileServers runs the suite against one in four hostile servers, impatiently and with a sample of the cases.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	judgeHostiles(t, oneIn(4, allHostiles(t)))
}

// TestEveryHostileServer does that with all of them.
func TestEveryHostileServer(t *testing.T) {
	thorough(t)
	judgeHostiles(t, allHostiles(t))
}

func allHostiles(t *testing.T) []hostile { return append(hostiles(calmServer(t)), mirrors()...) }

func judgeHostiles(t *testing.T, all []hostile) {
	t.Helper()
	t.Logf("%d servers", len(all))
	schema := resultsSchema(t)
	slots := make(chan struct{}, 8)
	var group sync.WaitGroup
	for _, h := range all {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			var results *suite.Results
			for _, patience := range []time.Duration{300 * time.Millisecond, 2 * time.Second, 5 * time.Second} { // the others for a busy machine
				target, stop, err := h.target(t) // restarted, because some count their connections
				defer stop()
				if err != nil {
					t.Error(err)
					return
				}
				impatient := suite.Tolerance{Patience: patience, Early: 30 * time.Millisecond, Late: 150 * time.Millisecond, Crowd: 50, Sessions: 20}
				results, err = runner.RunDirectly(t.Context(), runner.Config{
					Targets: []*wire.Target{target}, Tolerance: impatient, Only: sampleOfCases, Timeout: 30 * patience, Build: build(),
				})
				if err != nil {
					t.Errorf("%s: %v", h.name, err)
					return
				}
				if h.right(results.ExitCode) || results.Verdict == suite.Partial {
					break
				}
			}
			dir := filepath.Join(t.TempDir(), "report")
			var console bytes.Buffer
			reports := reportFlags{output: dir, verbose: true}
			files, err := reports.files()
			if err != nil {
				t.Error(err)
				return
			}
			code, err := reports.conclude(results, files, reports.console(&console), &console)
			if err != nil {
				t.Errorf("%s: %v", h.name, err)
				return
			}
			for _, problem := range h.judged(schema, code, results.Verdict == suite.Partial, dir, console.Bytes()) {
				t.Errorf("%s: %s", h.name, problem)
			}
			for _, c := range results.Cases {
				if c.Outcome == suite.Errored {
					t.Errorf("%s: %s: %s", h.name, c.ID, c.Message)
				}
			}
		})
	}
	group.Wait()
}

// right reports whether an exit code is correct.
func (h hostile) right(code int) bool {
	if h.codes == nil {
		return code == 1 || code == 3 || code == 5
	}
	return slices.Contains(h.codes, code)
}

// judged says what is wrong with the results of a run. A run of some cases may end well: they can pass against a server that
// is hostile elsewhere.
func (h hostile) judged(schema *jsonschema.Schema, code int, partial bool, dir string, console []byte) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if !h.right(code) && !partial {
		say("the exit code is %d, not one of %v: %s", code, h.codes, console[max(0, len(console)-1000):])
	}
	texts := map[string][]byte{"the console": console}
	for _, name := range []string{"results.json", "junit.xml", "report.html"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			say("%v", err)
			continue
		}
		texts[name] = text
		if !utf8.Valid(text) {
			say("%s is not UTF-8", name)
		}
		if len(text) > 64<<20 {
			say("%s has %d bytes", name, len(text))
		}
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(texts["results.json"]))
	if err == nil {
		err = schema.Validate(document)
	}
	if err != nil {
		say("results.json: %v", err)
	}
	decoder := xml.NewDecoder(bytes.NewReader(texts["junit.xml"]))
	for err = nil; err == nil; {
		_, err = decoder.Token()
	}
	if !errors.Is(err, io.EOF) {
		say("junit.xml: %v", err)
	}
	if page := texts["report.html"]; !bytes.HasSuffix(bytes.TrimSpace(page), []byte("</html>")) || bytes.Contains(page, []byte("<script>alert")) {
		say("report.html is cut, or lets markup through")
	}
	for name, text := range texts {
		for _, spelled := range spelledSecrets() {
			if at := bytes.Index(text, []byte(spelled)); at >= 0 {
				say("%s shows the secret as %q: …%s…", name, spelled, text[max(at-100, 0):min(at+100, len(text))])
				break
			}
		}
	}
	return problems
}

// spelledSecrets are unique parts of the secret, in the spellings of the mirrors.
func spelledSecrets() (all []string) {
	for _, part := range []string{"s3cr3t", "t0k3n", "cr3t/t0k"} {
		percent, escaped := "", ""
		for _, c := range []byte(part) {
			percent += fmt.Sprintf("%%%02x", c)
			escaped += fmt.Sprintf(`\u%04X`, c)
		}
		all = append(all, part, percent, strings.ToUpper(percent), escaped, strings.ReplaceAll(escaped, `\`, `\\`))
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(secretUnderTest))
	return append(all, encoded[4:16], encoded[12:28])
}

func resultsSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(reporter.ResultsSchema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("results.schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("results.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asCommand returns this test's binary under the name with which [testscript.Main] makes it the command itself.
func asCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(path)
	c.Args = append([]string{"conformance"}, args...)
	return c
}

// measured runs a command, and returns its output and its peak memory. The system's figure for a process that has ended is
// that of its parent, if the parent took more.
func measured(c *exec.Cmd) (output []byte, peak int64, err error) {
	var b bytes.Buffer
	c.Stdout, c.Stderr = &b, &b
	if err := c.Start(); err != nil {
		return nil, 0, err
	}
	over := make(chan error, 1)
	go func() { over <- c.Wait() }()
	for {
		select {
		case err = <-over:
			return b.Bytes(), peak, err
		case <-time.After(10 * time.Millisecond):
		}
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
		for line := range strings.Lines(string(status)) {
			if kilobytes, found := strings.CutPrefix(line, "VmHWM:"); found {
				var n int64
				_, _ = fmt.Sscan(kilobytes, &n)
				peak = max(peak, n<<10)
			}
		}
	}
}

// TestHostileServersWhole runs the command itself against each hostile server, with the whole catalogue, and measures it.
func TestHostileServersWhole(t *testing.T) {
	thorough(t)
	all := allHostiles(t)
	if only := os.Getenv("CONFORMANCE_HOSTILE"); only == "" {
		all = someOf(t, all)
	} else {
		all = slices.DeleteFunc(all, func(h hostile) bool { return !strings.Contains(h.name, only) })
	}
	for i := range all {
		if slices.Equal(all[i].codes, unreachable) { // its time may be up before discovery ends
			all[i].codes = []int{3, 5}
		}
	}
	schema := resultsSchema(t)
	type measure struct {
		name string
		peak int64
		took time.Duration
		code int
	}
	var mu sync.Mutex
	var measures []measure
	slots := make(chan struct{}, 6)
	var group sync.WaitGroup
	for _, h := range all {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			host, stop := h.listening(t)
			defer stop()
			dir := t.TempDir()
			command := asCommand(t, "-t", "http://"+host, "-H", "Authorization: "+secretUnderTest, "-o", dir, "--timeout", "8s", "-v")
			begun := time.Now()
			console, peak, err := measured(command)
			took := time.Since(begun)
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Errorf("%s: %v", h.name, err)
				return
			}
			code := command.ProcessState.ExitCode()
			for _, problem := range h.judged(schema, code, false, dir, console) {
				t.Errorf("%s: %s", h.name, problem)
			}
			if peak > peakLimit {
				t.Errorf("%s: the run took %d MB of memory", h.name, peak>>20)
			}
			mu.Lock()
			defer mu.Unlock()
			measures = append(measures, measure{h.name, peak, took, code})
		})
	}
	group.Wait()
	const worst = 10
	slices.SortFunc(measures, func(a, b measure) int { return cmp.Compare(b.peak, a.peak) })
	for _, m := range measures[:min(worst, len(measures))] {
		t.Logf("%4d MB, %5.1f s, exit %d: %s", m.peak>>20, m.took.Seconds(), m.code, m.name)
	}
	slices.SortFunc(measures, func(a, b measure) int { return cmp.Compare(b.took, a.took) })
	for _, m := range measures[:min(worst, len(measures))] {
		t.Logf("%5.1f s, %4d MB, exit %d: %s", m.took.Seconds(), m.peak>>20, m.code, m.name)
	}
}

// TestInterruptedRunsLeaveResults interrupts runs against targets that hang or flood: the results must be there within two
// seconds.
func TestInterruptedRunsLeaveResults(t *testing.T) {
	t.Parallel()
	for _, h := range hostiles(calmServer(t)) {
		if h.name != "turns hostile and hangs" && h.name != "WebSocket floods with small messages" && h.name != "turns hostile and drips" {
			continue
		}
		t.Run(h.name, func(t *testing.T) {
			host, stop := h.listening(t)
			defer stop()
			dir := t.TempDir()
			command := asCommand(t, "-t", "http://"+host, "-o", dir, "-q")
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second)
			if err := command.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			interrupted := time.Now()
			var text []byte
			for !json.Valid(text) && time.Since(interrupted) < time.Minute {
				time.Sleep(20 * time.Millisecond)
				text, _ = os.ReadFile(filepath.Join(dir, "results.json"))
			}
			took := time.Since(interrupted)
			_ = command.Wait()
			t.Logf("results.json was there after %s, and the run ended after %s", took, time.Since(interrupted))
			limit := 2 * time.Second
			if load, err := os.ReadFile("/proc/loadavg"); err == nil { // only on a machine that is not overloaded
				var average float64
				_, _ = fmt.Sscan(string(load), &average)
				limit += time.Duration(average / 2 * float64(time.Second))
			}
			if code := command.ProcessState.ExitCode(); code != suite.Interrupted.ExitCode() {
				t.Errorf("got exit code %d", code)
			}
			if took > limit {
				t.Errorf("it took %s", took)
			}
		})
	}
}

package runner_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"example.test/conformance/reference/application"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

var websocketUpgrader = websocket.Upgrader{}

// altered serves a reference server, altered by a function that reports whether it answered a request itself.
func altered(t *testing.T, alter func(w http.ResponseWriter, r *http.Request) bool) *wire.Target {
	t.Helper()
	cluster, err := application.Start(t.Context(), application.Options{Instances: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Close(context.Background()) })
	behind := strings.TrimPrefix(cluster.URLs()[0], "http://")
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !alter(w, r) {
			forward(t, w, r, behind)
		}
	}))
	t.Cleanup(front.Close)
	return target(t, front.URL)
}

func target(t *testing.T, url string) *wire.Target {
	t.Helper()
	one, err := wire.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	return one
}

// forward passes a request on unchanged, and whatever follows on its connection.
func forward(t *testing.T, w http.ResponseWriter, r *http.Request, to string) {
	there, err := net.Dial("tcp", to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	r.Close = r.Header.Get("Upgrade") == ""
	if err := r.Write(there); err != nil {
		t.Log(err)
	}
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	go func() {
		_, _ = bufio.NewReader(buffered).WriteTo(there)
		_ = there.Close()
	}()
	_, _ = bufio.NewReader(there).WriteTo(here)
	_ = here.Close()
}

func refuse(w http.ResponseWriter) bool {
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprint(w, `{"code":0,"message":"Transport unknown"}`)
	return true
}

func transport(r *http.Request, name string) bool { return r.URL.Query().Get("transport") == name }

// A target whose transport is broken each time offers it all the same, so a required case fails.
func TestTransportThatIsBrokenEachTime(t *testing.T) {
	hijack := func(w http.ResponseWriter, answer string) bool {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return true
		}
		_, _ = fmt.Fprint(conn, answer)
		time.AfterFunc(10*time.Second, func() { _ = conn.Close() })
		return true
	}
	handshake := func(r *http.Request, name string) bool { return transport(r, name) && !r.URL.Query().Has("sid") }
	const opened = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	accept := func(r *http.Request) string {
		return "Sec-WebSocket-Accept: " + acceptKey(r.Header.Get("Sec-WebSocket-Key")) + "\r\n\r\n"
	}
	for name, test := range map[string]struct {
		alter func(w http.ResponseWriter, r *http.Request) bool
		only  string
	}{
		"101 with a wrong key": {func(w http.ResponseWriter, r *http.Request) bool {
			return handshake(r, "websocket") && hijack(w, opened+"Sec-WebSocket-Accept: x\r\n\r\n")
		}, "handshake/websocket-open-packet"},
		"masked frames": {func(w http.ResponseWriter, r *http.Request) bool {
			return handshake(r, "websocket") && hijack(w, opened+accept(r)+"\x81\x82abcd\x00\x00")
		}, "handshake/websocket-open-packet"},
		"a close frame at once": {func(w http.ResponseWriter, r *http.Request) bool {
			return handshake(r, "websocket") && hijack(w, opened+accept(r)+"\x88\x02\x03\xe8")
		}, "handshake/websocket-open-packet"},
		"an open packet with broken JSON": {func(w http.ResponseWriter, r *http.Request) bool {
			return handshake(r, "websocket") && hijack(w, opened+accept(r)+"\x81\x020{")
		}, "handshake/websocket-open-packet"},
		"no open packet": {func(w http.ResponseWriter, r *http.Request) bool {
			return handshake(r, "websocket") && hijack(w, opened+accept(r))
		}, "handshake/websocket-open-packet"},
		"polling fails": {func(w http.ResponseWriter, r *http.Request) bool {
			if handshake(r, "polling") {
				http.Error(w, "oops", http.StatusInternalServerError)
				return true
			}
			return false
		}, "handshake/polling-open-packet"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := runner.Config{
				Targets: []*wire.Target{altered(t, test.alter)}, Only: []string{test.only}, Once: true,
				Tolerance: suite.Tolerance{Patience: time.Second, Early: 30 * time.Millisecond, Late: 150 * time.Millisecond, Crowd: 10, Sessions: 10},
			}
			r, err := runner.RunDirectly(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			if one := r.Cases[0]; one.Outcome != suite.Failed {
				t.Errorf("the case is %s: %s %s", one.Outcome, one.Reason, one.Message)
			}
		})
	}
}

// acceptKey is what a server answers to the key of a WebSocket handshake (RFC 6455, section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestWhatATargetDoesNotOffer(t *testing.T) {
	for name, test := range map[string]struct {
		alter    func(w http.ResponseWriter, r *http.Request) bool
		lacks    []string
		profile  suite.Profile
		only     []string
		without  []string
		outcome  suite.Outcome // of the case
		advice   string
		excluded suite.Outcome // of the case, with the flag
	}{
		"no polling": {
			func(w http.ResponseWriter, r *http.Request) bool { return transport(r, "polling") && refuse(w) },
			[]string{"cors", "polling", "upgrade"}, suite.Profile410, []string{"handshake/polling-open-packet"}, []string{"polling"},
			suite.Unverified, "arget 1 does not offer polling: --transports websocket leaves its cases out", suite.Inapplicable,
		},
		"no WebSocket": {
			func(w http.ResponseWriter, r *http.Request) bool { return transport(r, "websocket") && refuse(w) },
			[]string{"upgrade", "websocket"}, suite.Profile410, []string{"connect/main-namespace"}, []string{"websocket"},
			suite.Unverified, "--transports polling", suite.Inapplicable,
		},
		"no CORS": {
			func(w http.ResponseWriter, r *http.Request) bool { return r.Header.Get("Origin") != "" && refuse(w) },
			[]string{"cors"}, suite.Profile410, []string{"headers/cors-on-refusals"}, []string{"cors"},
			suite.Unverified, "--without cors", suite.Inapplicable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := runner.Config{Targets: []*wire.Target{altered(t, test.alter)}, Only: test.only}
			c := runner.Discover(t.Context(), config)
			if c.Profile != test.profile || !c.Reachable() {
				t.Errorf("got the profile %s and the targets %+v", c.Profile, c.Targets)
			}
			var lacks []string
			for ability := range c.Targets[0].Lacks {
				lacks = append(lacks, ability)
			}
			slices.Sort(lacks)
			if !slices.Equal(lacks, test.lacks) || len(c.Targets[0].Unclear) > 0 {
				t.Errorf("got lacks %q, unclear %q", c.Targets[0].Lacks, c.Targets[0].Unclear)
			}
			config.Known = c
			for _, run := range []struct {
				without []string
				want    suite.Outcome
			}{{nil, test.outcome}, {test.without, test.excluded}} {
				config.Without = run.without
				r, err := runner.RunDirectly(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				one := r.Cases[0]
				if one.Outcome != run.want || run.without == nil && !strings.Contains(one.Reason, test.advice) {
					t.Errorf("without %q: the case is %s: %s %s", run.without, one.Outcome, one.Reason, one.Message)
				}
				if said := strings.Join(r.Notices, " "); strings.Contains(said, test.advice) != (run.without == nil) {
					t.Errorf("without %q: got the notices %q", run.without, r.Notices)
				}
				if r.ExitCode != 5 { // nothing failed, and nothing was judged
					t.Errorf("got exit code %d: %s", r.ExitCode, r.Summary)
				}
			}
		})
	}
}

// Only a refusal proves that a server has no application.
func TestSilenceIsNoRefusal(t *testing.T) {
	config := runner.Config{Tolerance: suite.DefaultTolerance}
	config.Tolerance.Patience = 500 * time.Millisecond
	for name, test := range map[string]struct {
		answer  string // to whatever a client sends over WebSocket; empty for none
		profile suite.Profile
		unclear []string
	}{
		"silence":  {"", suite.Profile410, []string{"application", "echo application"}},
		"refusals": {`44/conformance,{"message":"Invalid namespace"}`, suite.ProfileProtocol, []string{"echo application"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := config
			config.Targets = []*wire.Target{altered(t, func(w http.ResponseWriter, r *http.Request) bool {
				if !transport(r, "websocket") {
					return false
				}
				scripted(t, w, r, func(string) string { return test.answer })
				return true
			})}
			c := runner.Discover(t.Context(), config)
			var unclear []string
			for what := range c.Targets[0].Unclear {
				unclear = append(unclear, what)
			}
			slices.Sort(unclear)
			if c.Profile != test.profile || !slices.Equal(unclear, test.unclear) {
				t.Errorf("got the profile %s, unclear %q", c.Profile, c.Targets[0].Unclear)
			}
			config.Known, config.Only = c, []string{"acks/id-zero", "namespaces/*"}
			r, err := runner.RunDirectly(t.Context(), config)
			if err != nil || r.ExitCode != 5 || r.Profile != test.profile {
				t.Errorf("got exit code %d, profile %s: %v", r.ExitCode, r.Profile, err)
			}
		})
	}
}

// A server that lets nobody in without a token does not fail, and is judged with the token.
func TestARefusingMiddleware(t *testing.T) {
	alter := func(w http.ResponseWriter, r *http.Request) bool {
		if !transport(r, "websocket") {
			return false
		}
		scripted(t, w, r, func(packet string) string {
			switch {
			case strings.HasPrefix(packet, "40/"):
				return "44" + packet[2:] + `{"message":"Invalid namespace"}`
			case strings.HasPrefix(packet, "40") && strings.Contains(packet, "opensesame"):
				return `40{"sid":"y"}`
			case strings.HasPrefix(packet, "40"):
				return `44{"message":"unauthorized"}`
			}
			return ""
		})
		return true
	}
	for name, test := range map[string]struct {
		auth    string
		lacks   string
		outcome suite.Outcome
		advice  string
	}{
		"without a token":    {"", `44{"message":"unauthorized"}`, suite.Unverified, "give --auth with what its clients send"},
		"with another token": {`{"token":"1234"}`, `44{"message":"unauthorized"}`, suite.Unverified, "give --auth"},
		"with the token":     {`{"token":"opensesame"}`, "", suite.Passed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := runner.Config{Targets: []*wire.Target{altered(t, alter)}, Auth: test.auth, Only: []string{"polling/answer-content-type"}}
			c := runner.Discover(t.Context(), config)
			if lacks := c.Targets[0].Lacks["connect"]; lacks != test.lacks || c.Profile != suite.ProfileWire {
				t.Errorf("got lacks %q, profile %s, unclear %q", lacks, c.Profile, c.Targets[0].Unclear)
			}
			config.Known = c
			r, err := runner.RunDirectly(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			if one := r.Cases[0]; one.Outcome != test.outcome || !strings.Contains(one.Reason, test.advice) {
				t.Errorf("the case is %s: %s %s", one.Outcome, one.Reason, one.Message)
			}
		})
	}
}

// told is a watcher that records its notifications in order.
type told struct {
	mu  sync.Mutex
	all []string
}

func (w *told) add(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, s)
}

func (w *told) Notice(sentence string)        { w.add(sentence) }
func (w *told) Planned(int)                   { w.add("planned") }
func (w *told) Started(string, time.Duration) {}
func (w *told) Finished(suite.CaseResult)     {}
func (w *told) Done()                         {}

// The notice that a target is too far away for its timers comes before the cases run.
func TestTheDistanceIsToldFirst(t *testing.T) {
	watcher := &told{}
	config := runner.Config{Targets: []*wire.Target{altered(t, func(http.ResponseWriter, *http.Request) bool { return false })}, Only: []string{"polling/answer-content-type"}, Watcher: watcher}
	c := runner.Discover(t.Context(), config)
	c.Targets[0].TooFar = map[string]string{suite.PollingTransport: "the target is too far away for its timers over polling"}
	config.Known = c
	if _, err := runner.RunDirectly(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	if len(watcher.all) != 2 || !strings.Contains(watcher.all[0], "too far away for its timers over polling") || watcher.all[1] != "planned" {
		t.Errorf("the watcher got %q", watcher.all)
	}
}

// A machine that was busy during a measurement is no distance; a link is one each time.
func TestASlowMomentIsNoDistance(t *testing.T) {
	for name, test := range map[string]struct {
		slow []time.Duration // the time that handshakes over polling take, one after another; none when they are used up
		far  bool
	}{
		"two slow moments":  {[]time.Duration{400 * time.Millisecond, 200 * time.Millisecond}, false},
		"a link":            {slices.Repeat([]time.Duration{150 * time.Millisecond}, 20), true},
		"more slow moments": {[]time.Duration{500 * time.Millisecond, 400 * time.Millisecond, 300 * time.Millisecond, 200 * time.Millisecond}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			far := altered(t, func(_ http.ResponseWriter, r *http.Request) bool {
				if transport(r, "polling") && r.Method == http.MethodGet && !r.URL.Query().Has("sid") {
					if i := int(asked.Add(1)) - 1; i < len(test.slow) {
						time.Sleep(test.slow[i])
					}
				}
				return false
			})
			c := runner.Discover(t.Context(), runner.Config{Targets: []*wire.Target{far}})
			if why := c.Targets[0].TooFar[suite.PollingTransport]; (why != "") != test.far {
				t.Errorf("%d handshakes; too far: %q", asked.Load(), why)
			}
		})
	}
}

// scripted opens a WebSocket and answers each packet as a script says. An empty answer means no answer.
func scripted(t *testing.T, w http.ResponseWriter, r *http.Request, answer func(packet string) string) {
	socket, err := websocketUpgrader.Upgrade(w, r, nil)
	if err != nil {
		t.Log(err)
		return
	}
	defer socket.Close()
	_ = socket.WriteMessage(1, []byte(`0{"sid":"x","upgrades":[],"pingInterval":30000,"pingTimeout":20000,"maxPayload":1000000}`))
	for {
		_, packet, err := socket.ReadMessage()
		if err != nil {
			return
		}
		if text := answer(string(packet)); text != "" {
			_ = socket.WriteMessage(1, []byte(text))
		}
	}
}

func TestSeveralTargetsAskForACluster(t *testing.T) {
	t.Parallel()
	bare := altered(t, func(w http.ResponseWriter, r *http.Request) bool { return false })
	stranger := altered(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !transport(r, "websocket") {
			return false
		}
		scripted(t, w, r, func(string) string { return `44/conformance,{"message":"Invalid namespace"}` })
		return true
	})
	c := runner.Discover(t.Context(), runner.Config{Targets: []*wire.Target{bare, stranger}})
	if c.Profile != suite.ProfileCluster || len(c.Problems) != 1 || !strings.Contains(c.Problems[0], "the targets differ: of 2, target 2 runs no conformance application") {
		t.Errorf("got the profile %s, problems %q", c.Profile, c.Problems)
	}
}

package suite

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"

	"example.test/conformance/suite/wire"
)

// control is a server with the control namespace alone. It ends its connection behind the answer to a "drop" and in place
// of one to a "break", and acknowledges all other commands.
func control(t *testing.T) *wire.Target {
	command := regexp.MustCompile(`^42/conformance,(\d+)(.*)`)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		say := func(text string) { _ = c.WriteMessage(websocket.TextMessage, []byte(text)) }
		say(`0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
		for {
			_, data, err := c.ReadMessage()
			if err != nil {
				return
			}
			if string(data) == "40/conformance," {
				say(`40/conformance,{"sid":"y"}`)
			}
			m := command.FindStringSubmatch(string(data))
			if m == nil {
				continue
			}
			if strings.Contains(m[2], "break") {
				return
			}
			say("43/conformance," + m[1] + `[{"seq":0}]`)
			if strings.Contains(m[2], "drop") {
				return
			}
		}
	}))
	t.Cleanup(s.Close)
	target, err := wire.ParseTarget(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// What was recorded while nobody was connected has come to nobody. A case that finds no record must not
// take that for silence.
func TestLostSightIsNoSilence(t *testing.T) {
	for name, test := range map[string]struct {
		command  string
		times    int32 // attempts with that command
		level    Level
		outcome  Outcome
		attempts int
	}{
		"never":                      {"drop", 0, Required, Passed, 1},
		"once":                       {"drop", 1, Required, Passed, 2},
		"always":                     {"drop", maxAttempts, Required, Unverified, 1},
		"once in place of an answer": {"break", 1, Observed, Passed, 2},
		"with every such command":    {"break", maxAttempts, Required, Failed, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var flown atomic.Int32
			c := &Case{ID: "errors/silence", Level: test.level, Run: func(t *T) {
				o := t.Observe(0)
				if flown.Add(1) <= test.times {
					o.Command(test.command, nil)
					<-o.shared.over
				}
				if len(o.Entries()) > 0 {
					t.Fail("there are records")
				}
			}}
			registry[c.ID] = c
			defer delete(registry, c.ID)
			config := Config{Targets: []*wire.Target{control(t)}}.withDefaults()
			observers := newObservers(config.Targets)
			defer closeObservers(observers)
			f := newFlight(t.Context(), config, &Capabilities{Timings: DefaultTimings}, observers, []planned{{Case: c}})
			f.launch()
			f.wait()
			r := f.results[c.ID]
			if r.Outcome != test.outcome || r.Attempts != test.attempts {
				t.Errorf("the case %s after %d attempts: %s %s", r.Outcome, r.Attempts, r.Reason, r.Message)
			}
		})
	}
}

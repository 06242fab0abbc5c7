package runner

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	. "github.com/onsi/gomega"

	"example.test/conformance/suite"
	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// control is a server with only the control namespace. It ends its connection after the answer to a "drop" and instead of an
// answer to a "break", and acknowledges all other commands. After a "drop" with "record" it makes a record that nobody
// receives, and after a "late" with times it makes a record each time after the answer.
func control(t *testing.T) *wire.Target {
	command := regexp.MustCompile(`^42/conformance,(\d+)(.*)`)
	late := regexp.MustCompile(`\d+ms`)
	var seq atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		var mu sync.Mutex
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
			mu.Lock()
			say(fmt.Sprintf(`43/conformance,%s[{"seq":%d}]`, m[1], seq.Load()))
			mu.Unlock()
			for _, after := range late.FindAllString(m[2], -1) {
				d, _ := time.ParseDuration(after)
				time.AfterFunc(d, func() {
					mu.Lock()
					defer mu.Unlock()
					say(fmt.Sprintf(`42/conformance,["entry",{"seq":%d,"instance":"x","type":"headers"}]`, seq.Add(1)))
				})
			}
			if strings.Contains(m[2], "drop") {
				if strings.Contains(m[2], "record") {
					seq.Add(1)
				}
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

// Nobody receives what is recorded while nobody is connected. A case that finds no record must not mistake that for silence.
func TestLostSightIsNoSilence(t *testing.T) {
	for name, test := range map[string]struct {
		command  string
		arg      any
		flushed  bool  // a flush came before, so it is known what had been recorded
		times    int32 // attempts with that command
		level    suite.Level
		outcome  suite.Outcome
		attempts int
	}{
		"never":                      {"drop", nil, false, 0, suite.Required, suite.Passed, 1},
		"nothing was missed":         {"drop", nil, true, 4, suite.Required, suite.Passed, 1},
		"something was missed":       {"drop", "record", true, 1, suite.Required, suite.Passed, 2},
		"something, each time":       {"drop", "record", true, 4, suite.Required, suite.Unverified, 4},
		"once, and not known":        {"drop", nil, false, 1, suite.Required, suite.Passed, 2},
		"each time, then known":      {"drop", nil, false, 4, suite.Required, suite.Passed, 2},
		"once in place of an answer": {"break", nil, false, 1, suite.Observed, suite.Passed, 2},
		"with every such command":    {"break", nil, false, 4, suite.Required, suite.Unverified, 4},
	} {
		t.Run(name, func(t *testing.T) {
			var made atomic.Int32
			var controls []*suite.Control
			c := &suite.Case{ID: "errors/silence", Level: test.level, Run: func(t *suite.T) {
				o := t.Observe(0)
				if test.flushed {
					o.Flush()
				}
				if made.Add(1) <= test.times {
					o.Command(test.command, test.arg)
					<-controls[0].Ended()
				}
				if len(o.Entries()) > 0 {
					t.Contradicted(nil, "the records", "none")
				}
			}}
			config := Config{Targets: []*wire.Target{control(t)}}.withDefaults()
			controls = suite.NewControls(config.Targets, "")
			defer suite.CloseControls(controls)
			f := newScheduler(t.Context(), config, &suite.Capabilities{Timings: suite.DefaultTimings}, controls, []planned{{Case: c}})
			f.startCases()
			f.wait()
			r := f.results[c.ID]
			if r.Outcome != test.outcome || r.Attempts != test.attempts {
				t.Errorf("the case is %s after %d attempts: %s %s", r.Outcome, r.Attempts, r.Reason, r.Message)
			}
		})
	}
}

// A record that a case expects may come some time after the answer that it is about. It is missing if it does not come within
// the run's patience, and one too many is seen if it is as late as the first.
func TestExpectedRecordsMayBeLate(t *testing.T) {
	for name, test := range map[string]struct {
		late    []string
		outcome suite.Outcome
		kind    result.Kind
	}{
		"at once": {[]string{"0ms"}, suite.Passed, ""},
		"late":    {[]string{"60ms"}, suite.Passed, ""},
		"twice":   {[]string{"60ms", "80ms"}, suite.Failed, result.Content},
		"never":   {nil, suite.Failed, result.Absence},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &suite.Case{ID: "headers/late", Level: suite.Required, Run: func(t *suite.T) {
				o := t.Observe(0)
				o.Command("late", test.late)
				t.Expect(o.Due(1, suite.OfType(suite.Headers)), "the records").To(HaveLen(1))
			}}
			given := Config{Targets: []*wire.Target{control(t)}, Tolerance: suite.DefaultTolerance}
			given.Tolerance.Patience = time.Second
			config := given.withDefaults()
			controls := suite.NewControls(config.Targets, "")
			defer suite.CloseControls(controls)
			f := newScheduler(t.Context(), config, &suite.Capabilities{Timings: suite.DefaultTimings}, controls, []planned{{Case: c}})
			f.startCases()
			f.wait()
			r := f.results[c.ID]
			if r.Outcome != test.outcome || test.kind != "" && (len(r.Evidence) == 0 || r.Evidence[0].Kind != test.kind) {
				t.Errorf("the case is %s: %s %s %+v", r.Outcome, r.Reason, r.Message, r.Evidence)
			}
		})
	}
}

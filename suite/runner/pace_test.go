package runner_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	_ "example.test/conformance/cases"
	"example.test/conformance/suite"
	"example.test/conformance/suite/runner"
	"example.test/conformance/suite/wire"
)

// limiter answers 429 to requests beyond a number in any second.
type limiter struct {
	most int

	mu      sync.Mutex
	served  []time.Time // in the last second
	all     int
	refused int
}

func (l *limiter) alter(w http.ResponseWriter, _ *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for len(l.served) > 0 && now.Sub(l.served[0]) > time.Second {
		l.served = l.served[1:]
	}
	l.all++
	if len(l.served) < l.most {
		l.served = append(l.served, now)
		return false
	}
	l.refused++
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusTooManyRequests)
	return true
}

// A request limit in front of a conformant server is never blamed on the server.
func TestLimitOfRequestsIsNotRed(t *testing.T) {
	t.Parallel()
	for name, maxRate := range map[string]int{"without a rate": 0, "with a rate below the limit": 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			front := &limiter{most: 40}
			results, err := runner.RunDirectly(t.Context(), runner.Config{
				Targets: []*wire.Target{altered(t, front.alter)}, MaxRate: maxRate, Tolerance: suite.DefaultTolerance, Timeout: 8 * time.Second,
				Only: []string{
					"handshake/polling-open-packet", "handshake/version-*", "handshake/sids-differ", "polling/answer-content-type",
					"events/often-echoed", "robustness/handshakes-at-once", "websocket/version-missing",
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if results.ExitCode != 0 && results.ExitCode != 5 {
				for _, c := range results.Cases {
					t.Logf("%s is %s: %s %+v", c.ID, c.Outcome, c.Reason, c.Evidence)
				}
				t.Errorf("got exit code %d", results.ExitCode)
			}
			front.mu.Lock()
			defer front.mu.Unlock()
			if maxRate > 0 && front.refused*10 > front.all || maxRate == 0 && front.refused == 0 {
				t.Errorf("%d of %d requests were refused", front.refused, front.all)
			}
			t.Logf("exit code %d, %v, %d of %d refused, %.1f s", results.ExitCode, results.Counts, front.refused, front.all, results.DurationMs/1000)
		})
	}
}

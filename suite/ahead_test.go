package suite

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"example.test/conformance/suite/result"
	"example.test/conformance/suite/wire"
)

// countedServer serves requests and counts connections.
func countedServer(t *testing.T) (target *wire.Target, opened, open func() int) {
	t.Helper()
	var mu sync.Mutex
	all, now := 0, 0
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch state {
		case http.StateNew:
			all, now = all+1, now+1
		case http.StateClosed, http.StateHijacked:
			now--
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	target, err := wire.ParseTarget(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	get := func(n *int) func() int {
		return func() int {
			mu.Lock()
			defer mu.Unlock()
			return *n
		}
	}
	return target, get(&all), get(&now)
}

// atDistance returns an environment with a target for which an exchange takes that long.
func atDistance(target *wire.Target, exchange time.Duration) *Environment {
	trip := &result.RoundTrip{PollingMs: float64(exchange.Milliseconds())}
	return &Environment{
		Targets:      []*wire.Target{target},
		Capabilities: &Capabilities{Timings: DefaultTimings, Targets: []TargetResult{{RoundTrip: trip}}},
		Tolerance:    DefaultTolerance,
	}
}

func TestConnectionsAreOpenedAheadOfFarTargetsAlone(t *testing.T) {
	for exchange, most := range map[time.Duration]int{time.Millisecond: 5, 400 * time.Millisecond: 5 + keptAhead} {
		target, opened, open := countedServer(t)
		env := atDistance(target, exchange)
		run := func(t *T) {
			for range 5 {
				t.GET("/")
			}
		}
		if a := Execute(t.Context(), env, &Case{ID: "polling/a", Level: Required, Run: run}); len(a.Evidence) > 0 {
			t.Errorf("at %v: %+v", exchange, a.Evidence)
		}
		for range 1000 { // the server sees the end of the last ones late
			if open() == 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if n := opened(); n < 5 || n > most || open() != 0 || env.ahead.Load() != 0 {
			t.Errorf("at %v: %d connections were opened for 5 requests, %d are still open, and %d count as open ahead", exchange, n, open(), env.ahead.Load())
		}
	}
}

func TestACrowdOpensFewConnectionsAhead(t *testing.T) {
	target, _, _ := countedServer(t)
	env := atDistance(target, 400*time.Millisecond)
	var mu sync.Mutex
	var most int64
	Execute(t.Context(), env, &Case{ID: "polling/a", Level: Required, Run: func(t *T) {
		t.Together(4*mostAhead, func(t *T, _ int) {
			t.GET("/")
			mu.Lock()
			defer mu.Unlock()
			most = max(most, env.ahead.Load())
		})
	}})
	if most < keptAhead || most > 5*mostAhead || env.ahead.Load() != 0 {
		t.Errorf("%d connections were open ahead at most, and %d after the case", most, env.ahead.Load())
	}
}

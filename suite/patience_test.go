package suite

import (
	"sync"
	"testing"
	"time"

	"example.test/conformance/suite/wire"
)

// waiting is a T whose idle counts.
func waiting(t *testing.T, idle func()) *T {
	return &T{execution: &execution{env: &Environment{Tolerance: DefaultTolerance}, ctx: t.Context(), recorder: wire.NewRecorder(), idle: idle}}
}

func TestLongWaitIsIdle(t *testing.T) {
	came := make(chan int)
	it := waiting(t, sync.OnceFunc(func() { close(came) })) // while the wait goes on
	if _, ok := await(it, came, time.Minute); !ok {
		t.Error("the case waited for a minute, and nobody was told that it makes no load")
	}
}

func TestClockThatIsOverStaysOver(t *testing.T) {
	it, never := waiting(t, nil), make(chan int)
	clock := it.clock(time.Millisecond)
	defer clock.stop()
	for range 2 {
		if _, ok := awaitBy(it, never, clock); ok {
			t.Error("something came")
		}
		if !clock.passed() {
			t.Error("the clock is not over after the wait")
		}
	}
}

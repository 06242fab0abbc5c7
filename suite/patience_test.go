package suite

import (
	"sync"
	"testing"
	"time"

	"example.test/conformance/suite/wire"
)

// waiting returns a T with an idle function.
func waiting(t *testing.T, idle func()) *T {
	return &T{execution: &execution{env: &Environment{Tolerance: DefaultTolerance}, ctx: t.Context(), recorder: wire.NewRecorder(), idle: idle}}
}

func TestLongWaitIsIdle(t *testing.T) {
	came := make(chan int)
	it := waiting(t, sync.OnceFunc(func() { close(came) })) // during the wait
	if _, ok := await(it, came, time.Minute); !ok {
		t.Error("the case waited for a minute, but idle was not called")
	}
}

func TestClockThatIsOverStaysOver(t *testing.T) {
	it, never := waiting(t, nil), make(chan int)
	clock := it.clock(time.Millisecond)
	defer clock.stop()
	for range 2 {
		if _, ok := awaitBy(it, never, clock); ok {
			t.Error("want nothing, but something came")
		}
		if !clock.passed() {
			t.Error("passed is false after the wait")
		}
	}
}

package suite

import "time"

// Tolerance is how precise a clock the suite demands of a target, and how patient the suite is. It holds the tolerances of
// all cases.
type Tolerance struct {
	// Patience is how long an answer that depends on no timer may take. The suite waits that long only for a target that
	// fails.
	Patience time.Duration
	// Early is how long before its due time a timer may fire: clocks are read at both ends, and timers round.
	Early time.Duration
	// Late is how long after its due time a timer may fire on a busy machine.
	Late time.Duration
	// Crowd is how many concurrent server-side emits a cluster must handle.
	Crowd int
	// Sessions is how many concurrent sessions a target must handle.
	Sessions int
}

// DefaultTolerance is the tolerance of a run.
var DefaultTolerance = Tolerance{
	Patience: 5 * time.Second,
	Early:    30 * time.Millisecond,
	Late:     150 * time.Millisecond,
	Crowd:    1000,
	Sessions: 200,
}

// Timings are the target's timers, from its open packet and its application's info. In a cluster they are those of the first
// instance, except for EmitTimeout.
type Timings struct {
	PingInterval   time.Duration
	PingTimeout    time.Duration
	ConnectTimeout time.Duration
	EmitTimeout    time.Duration // of a server-side emit's acknowledgement, the longest of all instances; see [T.EmitTimeout]
	MaxPayload     int64         // bytes; 0 if the target does not say
}

// DefaultTimings are those of socket.io, used if a target does not say.
var DefaultTimings = Timings{
	PingInterval:   25 * time.Second,
	PingTimeout:    20 * time.Second,
	ConnectTimeout: 45 * time.Second,
	EmitTimeout:    5 * time.Second,
}

// Wait is how long a case waits for the target's timers.
type Wait func(Timings) time.Duration

// PingIntervals waits for n pings.
func PingIntervals(n int) Wait {
	return func(t Timings) time.Duration { return time.Duration(n) * t.PingInterval }
}

// recurring is the longest time that a case waits for recurring pings, if two come within it.
const recurring = 10 * time.Second

// Pings returns how many of n pings a case about recurring pings waits for: as many as come within 10 s, but at least two.
// So a server whose pings are 25 s apart does not make a run last for n of them.
func (t Timings) Pings(n int) int {
	if t.PingInterval <= 0 {
		return n
	}
	return int(min(int64(n), max(2, int64(recurring/t.PingInterval))))
}

// RecurringPings waits for as many pings as [Timings.Pings] returns for n.
func RecurringPings(n int) Wait {
	return func(t Timings) time.Duration { return time.Duration(t.Pings(n)) * t.PingInterval }
}

// How long a case waits beyond a timer.
const (
	shortestBeyond = 200 * time.Millisecond
	longestBeyond  = 2 * time.Second
)

// Beyond returns a time after which a timer of that length has fired, even if late: the length plus a quarter of it, but at
// least 200 ms and at most 2 s.
func Beyond(timer time.Duration) time.Duration {
	return timer + max(shortestBeyond, min(timer/4, longestBeyond))
}

// HeartbeatDeadline waits until a connection that answers no ping is closed.
func HeartbeatDeadline(t Timings) time.Duration { return t.PingInterval + t.PingTimeout }

// ConnectDeadline waits until a connection that joins no namespace is closed.
func ConnectDeadline(t Timings) time.Duration { return t.ConnectTimeout }

// BeyondConnectDeadline waits until such a connection would have been closed.
func BeyondConnectDeadline(t Timings) time.Duration { return Beyond(t.ConnectTimeout) }

// EmitDeadline waits until a server-side emit stops waiting for acknowledgements.
func EmitDeadline(t Timings) time.Duration { return t.EmitTimeout }

// commandHead is the most bytes that a command has besides its name and its argument: 42/conformance,12345678["",].
const commandHead = 32

// fits ends a case as unverified if it has to send more at once than the target accepts. Cases about that limit itself do
// not call it.
func (t *T) fits(maxPayload int64, bytes int) {
	if maxPayload > 0 && int64(bytes) > maxPayload {
		t.Unverified("the target takes %d bytes at once (maxPayload), and the case has to send %d", maxPayload, bytes)
	}
}
